from django.apps import AppConfig


class WarnConfig(AppConfig):
    name = "fangxian.warn"
    label = "warn"
