"""The first line."""

from django.apps import AppConfig


class WarnConfig(AppConfig):
    name = "fangxian.warn"
    label = "warn"

    def ready(self) -> None:
        from fangxian.town import events

        # Loaded for what they register: words of the audit page, lines of the retention table.
        from . import audit_words, retention  # noqa: F401
        from .actions import messages, town_changes, webhooks

        events.episode_opened.connect(webhooks.tell_opened, dispatch_uid="webhook_opened")
        events.episode_opened.connect(messages.warn_by_text, dispatch_uid="warn_by_text")
        events.episode_closed.connect(webhooks.tell_closed, dispatch_uid="webhook_closed")
        events.case_recorded.connect(webhooks.tell_case, dispatch_uid="webhook_case")
        for name in ("place_merged", "residents_moved", "duty_handed_over", "resident_erased"):
            event, receiver = getattr(events, name), getattr(town_changes, name)
            event.connect(receiver, dispatch_uid=f"warn_{name}")
