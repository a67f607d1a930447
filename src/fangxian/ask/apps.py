from django.apps import AppConfig


class AskConfig(AppConfig):
    name = "fangxian.ask"
    label = "ask"
