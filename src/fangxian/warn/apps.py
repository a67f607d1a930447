"""The first line."""

from django.apps import AppConfig


class WarnConfig(AppConfig):
    name = "fangxian.warn"
    label = "warn"

    def ready(self) -> None:
        from fangxian.town import events

        from .actions import webhooks

        events.episode_opened.connect(webhooks.tell_opened, dispatch_uid="webhook_opened")
        events.episode_closed.connect(webhooks.tell_closed, dispatch_uid="webhook_closed")
        events.case_recorded.connect(webhooks.tell_case, dispatch_uid="webhook_case")
