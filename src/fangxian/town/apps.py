from django.apps import AppConfig


class TownConfig(AppConfig):
    name = "fangxian.town"
    label = "town"

    def ready(self) -> None:
        # Loaded for what they register: words of the audit page, checks, receivers, retention rules.
        from . import audit_words, checks, retention_rules, signin  # noqa: F401
