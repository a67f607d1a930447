"""Text messages on their way: to a mobile, once, tried again, and never more than the provider
needs."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from fangxian.town.models import AuditEntry, Phone
from fangxian.town.sealed import blind_index
from fangxian.warn import providers
from fangxian.warn.actions.messages import MOST_ATTEMPTS, queue_message, send_message
from fangxian.warn.messages import render
from fangxian.warn.models import CallOutcome, Message
from town_of_tests import SmallTown, phone_of, run_tasks
from warn.call_town import arrive, ring


class Gateway(BaseHTTPRequestHandler):
    """A gateway on this machine that remembers what it got and answers as it is told."""

    got: list[dict[str, Any]] = []
    status, body = 200, b'{"id": "SMS-7"}'

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"]))
        Gateway.got.append({"body": json.loads(text), "headers": dict(self.headers)})
        self.send_response(Gateway.status)
        self.end_headers()
        self.wfile.write(Gateway.body)

    def log_message(self, *args: Any) -> None:
        """Silence."""


@pytest.fixture
def gateway(settings: Any) -> Iterator[type[Gateway]]:
    server = HTTPServer(("127.0.0.1", 0), Gateway)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Gateway.got, Gateway.status, Gateway.body = [], 200, b'{"id": "SMS-7"}'
    settings.MESSAGE_PROVIDER = "http"
    settings.MESSAGE_URL = f"http://127.0.0.1:{server.server_port}/sms"
    settings.MESSAGE_TOKEN = "token-of-the-town"
    yield Gateway
    server.shutdown()
    server.server_close()


def queued(town: SmallTown) -> Message:
    message = queue_message(arrive(town, kind="fake_police"), "unreachable")
    assert message is not None
    return message


def due_in_minutes() -> float:
    """When the queued try is due."""
    result = DBTaskResult.objects.filter(status="READY").get()
    return (result.run_after - timezone.now()).total_seconds() / 60


# --- to whom -------------------------------------------------------------------------------------


def test_the_third_unreachable_call_sends_one_text_and_the_first_two_none(small_town) -> None:
    episode = arrive(small_town)
    for tries in (1, 2):
        ring(small_town, episode, CallOutcome.UNREACHABLE)
        assert Message.objects.count() == 0, tries
    ring(small_town, episode, CallOutcome.UNREACHABLE)
    assert Message.objects.get().phone == small_town.residents[0].phones.get()


@pytest.mark.parametrize("landline", ["+861000000110", "+862300000110"])
def test_no_text_goes_to_a_landline_also_not_to_one_of_beijing(
    small_town: SmallTown, landline: str
) -> None:
    phone = small_town.residents[0].phones.get()
    episode = arrive(small_town)
    Phone.objects.filter(pk=phone.pk).delete()
    Phone.objects.create(
        resident=small_town.residents[0], number=landline, index=blind_index(landline)
    )
    assert queue_message(episode, "unreachable") is None


# --- to a file (the default) -----------------------------------------------------------------------


def test_a_trial_town_writes_to_a_file_with_the_number_masked(
    small_town: SmallTown, settings: Any, tmp_path: Path
) -> None:
    settings.HOME = tmp_path
    message = queued(small_town)
    run_tasks()
    line = json.loads((tmp_path / "outbox.jsonl").read_text(encoding="utf-8"))
    assert line["to"] == "120****0001"
    assert line["text"] == render("unreachable", "fake_police", "zh")
    message.refresh_from_db()
    assert (message.state, message.attempts) == (Message.State.SENT, 1)
    assert message.sent_at


# --- to a gateway ----------------------------------------------------------------------------------


def test_the_gateway_gets_number_and_text_the_key_and_nothing_else(small_town, gateway) -> None:
    message = queued(small_town)
    run_tasks()
    (sent,) = gateway.got
    assert sent["body"] == {
        "to": phone_of(1),
        "text": render("unreachable", "fake_police", "zh"),
    }
    assert sent["headers"]["Idempotency-Key"] == str(message.key)
    assert sent["headers"]["Authorization"] == "Bearer token-of-the-town"
    message.refresh_from_db()
    assert message.answer == "SMS-7"


def test_a_message_that_was_sent_is_not_sent_again(small_town, gateway) -> None:
    message = queued(small_town)
    run_tasks()
    send_message.call(message.pk)
    assert len(gateway.got) == 1


def test_an_answer_that_is_no_json_is_a_success_without_a_reference(small_town, gateway) -> None:
    gateway.body = b"OK"
    message = queued(small_town)
    run_tasks()
    message.refresh_from_db()
    assert (message.state, message.answer) == (Message.State.SENT, "")


def test_a_refused_message_is_tried_again_with_growing_pauses_then_given_up(
    small_town: SmallTown, gateway: type[Gateway]
) -> None:
    gateway.status = 503
    message, pauses = queued(small_town), []
    for _ in range(MOST_ATTEMPTS):
        DBTaskResult.objects.update(run_after=timezone.now() - timedelta(seconds=1))
        run_tasks()
        if DBTaskResult.objects.filter(status="READY").exists():
            pauses.append(round(due_in_minutes()))
    message.refresh_from_db()
    assert pauses == [2, 4, 8, 16]
    assert (message.state, message.attempts) == (Message.State.FAILED, MOST_ATTEMPTS)
    assert message.answer == "HTTP 503"
    assert len({sent["headers"]["Idempotency-Key"] for sent in gateway.got}) == 1


def test_a_gateway_that_is_gone_is_a_failure_that_says_so(small_town, settings) -> None:
    settings.MESSAGE_PROVIDER, settings.MESSAGE_URL = "http", "http://127.0.0.1:9/sms"
    message = queued(small_town)
    with pytest.raises(providers.SendFailed, match="ConnectError"):
        providers.provider().send(message)


def test_a_person_erased_meanwhile_gets_no_text(small_town, gateway) -> None:
    message = queued(small_town)
    message.phone.delete()
    run_tasks()
    assert gateway.got == []


def test_the_audit_entry_of_a_text_holds_no_number(small_town, gateway) -> None:
    queued(small_town)
    run_tasks()
    entry = AuditEntry.objects.get(verb="message")
    assert phone_of(1)[3:] not in json.dumps(entry.detail)
    assert entry.detail["state"] == "sent"
