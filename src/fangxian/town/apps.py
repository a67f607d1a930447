from django.apps import AppConfig


class TownConfig(AppConfig):
    name = "fangxian.town"
    label = "town"
