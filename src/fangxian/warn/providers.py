"""Who carries text messages: a file on this machine by default, or an HTTP gateway.

The provider of a town is named in the settings (FANGXIAN_SMS=file|http). Texts carry no link, no
number and no request to reply (messages.py); the provider sees the phone and the text only.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Protocol

import httpx
from django.conf import settings
from django.utils import timezone

from .messages import render
from .models import Message


class SendFailed(Exception):
    """The provider did not take the message; it may be tried again."""


class Provider(Protocol):
    """Carries one message. Returns the provider's own reference; raises SendFailed."""

    def send(self, message: Message) -> str: ...


class FileProvider:
    """Writes to `outbox.jsonl` what would be sent, with the number masked: for demo and trial."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def send(self, message: Message) -> str:
        line = {
            "at": timezone.now().isoformat(),
            "to": str(message.phone),
            "text": render(message.template, message.kind, message.language),
            "key": str(message.key),
        }
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
        return "file"


class HttpProvider:
    """Posts JSON to a gateway, with the message's key as Idempotency-Key and a bearer token."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token

    def send(self, message: Message) -> str:
        assert message.phone is not None  # noqa: S101  send_message looked
        try:
            answer = httpx.post(
                self.url,
                json={
                    "to": message.phone.number.clear,
                    "text": render(message.template, message.kind, message.language),
                },
                headers={
                    "Authorization": f"Bearer {self.token}",
                    "Idempotency-Key": str(message.key),
                },
                timeout=10,
            )
        except httpx.HTTPError as error:
            raise SendFailed(type(error).__name__) from error
        if answer.status_code >= 300:
            raise SendFailed(f"HTTP {answer.status_code}")
        try:
            return str(answer.json().get("id", ""))
        except ValueError:
            return ""


def provider() -> Provider:
    """The provider named in the settings."""
    if settings.MESSAGE_PROVIDER == "http":
        return HttpProvider(settings.MESSAGE_URL, settings.MESSAGE_TOKEN)
    return FileProvider(Path(settings.HOME) / "outbox.jsonl")
