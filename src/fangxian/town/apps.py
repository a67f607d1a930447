from django.apps import AppConfig


class TownConfig(AppConfig):
    name = "fangxian.town"
    label = "town"

    def ready(self) -> None:
        # Loaded for what they register: checks, signal receivers, retention rules.
        from . import checks, retention_rules, signin  # noqa: F401
