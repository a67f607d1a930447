"""Webhooks: made once, signed, and silent as soon as their token is."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.test import Client
from django.utils import timezone

from fangxian.town.access import Ability
from fangxian.town.actions import revoke_token
from fangxian.town.models import ApiToken, AuditEntry, Once
from fangxian.warn.actions import webhooks
from fangxian.warn.actions.signals import NewSignal, take_in
from fangxian.warn.actions.webhooks import PAUSES, deliver, end_webhook, may_connect
from fangxian.warn.models import Delivery, Webhook
from town_of_tests import SmallTown, phone_of, run_tasks, sign_in

NOWHERE = "http://127.0.0.1:9/x"


def happens(town: SmallTown, n: int = 1, place: Any = None) -> None:
    """Somebody else's warning opens an episode in a grid of the town."""
    new = NewSignal(place=place or town.town, phones=(phone_of(n),), reference=f"n{n}")
    take_in("system", town.sender, "api", [new])


def hook_of(api: Any, url: str = NOWHERE, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = api.post("/webhooks", {"url": url, **more}).json()
    return made


def try_again() -> Delivery:
    """The only delivery, tried once more as when its pause is over."""
    Delivery.objects.update(next_at=timezone.now())
    deliver.func(Delivery.objects.get().pk)
    return Delivery.objects.get()


# --- told, signed ----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_an_opened_episode_is_told_as_a_cloud_event_without_any_person(
    live_town, receiver, caller_of
) -> None:
    hook_of(caller_of(live_town), receiver.url, events=["episode.opened"])
    happens(live_town)
    run_tasks()
    ((headers, body),) = receiver.got
    assert headers["content-type"] == "application/cloudevents+json"
    event = json.loads(body)
    assert set(event) == {
        "specversion", "id", "source", "type", "time", "datacontenttype", "data",
    }  # fmt: skip
    assert event["specversion"] == "1.0"
    assert event["id"] == headers["webhook-id"] == str(Delivery.objects.get().event_id)
    assert event["type"] == "cn.fangxian.episode.opened"
    assert event["data"]["grade"] == "yellow"
    assert "王" not in body.decode()
    assert phone_of(1)[3:] not in body.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_example_of_the_documentation_checks_a_signature(
    live_town, receiver, caller_of, language
) -> None:
    page = Path(project.PROJECT, f"docs/{language}/how-to/connect.md").read_text("utf-8")
    (example,) = re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    names: dict[str, Any] = {}
    exec(example, names)  # noqa: S102  our own documentation
    is_ours = names["is_ours"]
    secret = hook_of(caller_of(live_town), receiver.url)["secret"]
    happens(live_town)
    run_tasks()
    ((headers, body),) = receiver.got
    assert is_ours(secret, headers, body)
    assert not is_ours(secret, headers, body + b" ")
    assert not is_ours("whsec_" + "A" * 32, headers, body)
    assert not is_ours(secret, {**headers, "webhook-id": "another"}, body)
    # What somebody recorded and sends again an hour later is not ours, though we signed it.
    old = str(int(headers["webhook-timestamp"]) - 3600)
    signed = webhooks.signature(secret, headers["webhook-id"], old, body)
    recorded = {**headers, "webhook-timestamp": old, "webhook-signature": signed}
    assert not is_ours(secret, recorded, body)


@pytest.mark.django_db(transaction=True)
def test_events_arrive_once_each_in_the_order_they_happened(live_town, receiver, caller_of) -> None:
    hook_of(caller_of(live_town), receiver.url)
    for n in (1, 2, 3):
        happens(live_town, n)
    run_tasks()
    run_tasks()
    told = [json.loads(body)["data"]["episode"] for _, body in receiver.got]
    assert told == sorted(told)
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == len(told) == 3


# --- tried again, and given up ---------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_delivery_that_failed_is_tried_again_and_received_once(
    live_town, receiver, caller_of
) -> None:
    hook_of(caller_of(live_town), receiver.url)
    receiver.answers = [500]
    happens(live_town)
    run_tasks()
    delivery = Delivery.objects.get()
    assert (delivery.attempts, delivery.delivered_at) == (1, None)
    assert delivery.next_at > timezone.now()
    # A worker died after it had written down the try: its task is run again, too early.
    deliver.func(delivery.pk)
    assert len(receiver.got) == 1
    assert try_again().delivered_at is not None
    deliver.func(delivery.pk)
    assert [h["webhook-id"] for h, _ in receiver.got] == [str(delivery.event_id)] * 2


@pytest.mark.django_db(transaction=True)
def test_it_waits_longer_each_time_then_gives_up_where_everybody_sees_it(
    live_town, receiver, caller_of, signed_in
) -> None:
    api = caller_of(live_town)
    hook_of(api, receiver.url)
    receiver.answers = [500] * 20
    happens(live_town)
    waits = []
    while True:
        before = timezone.now()
        delivery = try_again()
        if delivery.next_at is None:
            break
        waits.append(round((delivery.next_at - before).total_seconds() / 60))
        assert api.get("/webhooks").json()["items"][0]["waiting"] == 1
    assert waits == list(PAUSES) == sorted(PAUSES)
    assert len(receiver.got) == len(PAUSES) + 1
    (hook,) = api.get("/webhooks").json()["items"]
    assert (hook["waiting"], hook["given_up"], hook["received_at"]) == (0, 1, None)
    page = signed_in(live_town.staff["security"]).get("/work/webhooks/").content.decode()
    assert "1 件没有送到（HTTP 500）" in page
    # It is not tried any more.
    deliver.func(delivery.pk)
    assert len(receiver.got) == len(PAUSES) + 1


@pytest.mark.django_db(transaction=True)
def test_a_try_that_another_worker_wrote_down_is_not_counted_again(
    live_town, receiver, caller_of
) -> None:
    hook_of(caller_of(live_town), receiver.url)
    happens(live_town)
    seen = Delivery.objects.get()
    assert webhooks._note(seen, "HTTP 500", False) == "HTTP 500"
    assert webhooks._note(seen, "HTTP 500", False) == "nothing to do"
    assert Delivery.objects.get().attempts == 1


@pytest.mark.django_db(transaction=True)
def test_a_webhook_that_ends_during_a_try_is_not_tried_again(
    live_town, receiver, caller_of
) -> None:
    api = caller_of(live_town)
    hook_of(api, receiver.url)
    happens(live_town)
    tried = Delivery.objects.get()
    end_webhook(api.row, Webhook.objects.get())
    webhooks._note(tried, "HTTP 500", False)
    assert Delivery.objects.get().next_at is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(live_town, receiver, caller_of, status) -> None:
    hook_of(caller_of(live_town), receiver.url)
    receiver.answers, receiver.location = [status], receiver.url + "/elsewhere"
    happens(live_town)
    run_tasks()
    assert len(receiver.got) == 1
    delivery = Delivery.objects.get()
    assert (delivery.answer, delivery.delivered_at) == (f"HTTP {status}", None)


@pytest.mark.django_db(transaction=True)
def test_a_receiver_that_dawdles_does_not_keep_the_worker(
    live_town, caller_of, monkeypatch
) -> None:
    """One byte now and then never runs into a limit for each read; the limit is for all of it."""
    monkeypatch.setattr(webhooks, "SECONDS_A_TRY", 1)
    door, over = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def dawdle() -> None:
        with door, door.accept()[0] as visitor:
            visitor.sendall(b"HTTP/1.1 200 OK\r\n")
            while not over.wait(0.2):
                try:
                    visitor.sendall(b"X: x\r\n")
                except OSError:
                    return

    thread = threading.Thread(target=dawdle, daemon=True)
    thread.start()
    hook_of(caller_of(live_town), f"http://127.0.0.1:{door.getsockname()[1]}/")
    happens(live_town)
    began = time.monotonic()
    run_tasks()
    took = time.monotonic() - began
    over.set()
    thread.join(5)
    assert 1 <= took < 5
    assert Delivery.objects.get().answer == "TimeoutError"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://no-such-host.invalid/", "gaierror"),
        (f"http://{'a' * 64}.example/", "UnicodeError"),
        (NOWHERE, "ConnectError"),
    ],
)
def test_what_cannot_be_reached_is_a_failed_try(live_town, caller_of, url, said) -> None:
    hook_of(caller_of(live_town), url)
    happens(live_town)
    run_tasks()
    delivery = Delivery.objects.get()
    assert (delivery.answer, delivery.attempts) == (said, 1)


# --- where to ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ip", "allowed"),
    [
        ("93.184.216.34", True), ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("10.1.2.3", True), ("192.168.1.9", True), ("172.16.0.1", True), ("fd12::1", True),
        ("127.0.0.1", False), ("127.9.9.9", False), ("::1", False), ("::ffff:127.0.0.1", False),
        ("0.0.0.0", False), ("::", False),  # noqa: S104
        ("169.254.169.254", False), ("fe80::1", False),
        ("100.100.100.200", False), ("224.0.0.1", False), ("ff02::1", False),
        ("255.255.255.255", False), ("::ffff:169.254.169.254", False),
    ],
)  # fmt: skip
def test_a_town_connects_to_the_internet_and_private_networks_only(settings, ip, allowed) -> None:
    settings.MODE = "production"
    assert may_connect(ip) is allowed


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_a_name_that_stands_for_this_machine_is_not_connected_to(
    live_town, receiver, caller_of, settings, name
) -> None:
    hook_of(caller_of(live_town), receiver.url.replace("127.0.0.1", name))
    happens(live_town)
    settings.MODE = "production"
    run_tasks()
    assert receiver.got == []
    assert Delivery.objects.get().answer == "AddressRefused"


@pytest.mark.django_db(transaction=True)
def test_the_name_is_what_the_receiver_hears(live_town, receiver, caller_of) -> None:
    url = receiver.url.replace("127.0.0.1", "localhost") + "?key=of-theirs"
    hook_of(caller_of(live_town), url)
    happens(live_town)
    run_tasks()
    ((headers, _),) = receiver.got
    assert headers["host"] == f"localhost:{receiver.server_port}"
    assert receiver.paths == ["/hook?key=of-theirs"]


@pytest.mark.django_db(transaction=True)
def test_a_name_whose_first_address_leads_nowhere_is_tried_at_the_next(
    live_town, receiver, caller_of, monkeypatch
) -> None:
    async def two(_url: Any) -> list[str]:
        return ["::1", "127.0.0.1"]

    monkeypatch.setattr(webhooks, "_addresses_of", two)
    hook_of(caller_of(live_town), receiver.url.replace("127.0.0.1", "county.example"))
    happens(live_town)
    run_tasks()
    ((headers, _),) = receiver.got
    assert headers["host"] == f"county.example:{receiver.server_port}"


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "http://[",
        "https://?x",
        "http://me:secret@county.example/",
        "http://:80/",
        "http://county.example:port/",
        "http://county.example:99999/",
    ],
)
def test_what_is_no_address_is_refused_at_once(api, url) -> None:
    answer = api.post("/webhooks", {"url": url})
    assert answer.status_code == 422
    assert "secret" not in answer.content.decode()
    assert Webhook.objects.count() == 0


@pytest.mark.parametrize("event", ["episode0opened", "episode.opened ", "everything"])
def test_an_event_that_does_not_exist_is_refused(api, event) -> None:
    assert api.post("/webhooks", {"url": NOWHERE, "events": [event]}).status_code == 422


# --- only while the token may hear -----------------------------------------------------------


def silence(how: str, town: SmallTown, token: ApiToken) -> None:
    match how:
        case "revoked":
            revoke_token(town.staff["security"], token)
        case "expired":
            ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now())
        case "without the scope":
            ApiToken.objects.filter(pk=token.pk).update(scopes=[Ability.TAKE_IN.value])
        case "of another area":
            ApiToken.objects.filter(pk=token.pk).update(place=town.foreign_town)


WAYS = ("revoked", "expired", "without the scope", "of another area")


@pytest.mark.parametrize("how", WAYS)
def test_nothing_is_queued_for_a_token_that_may_no_longer_hear(small_town, api, how) -> None:
    hook_of(api)
    silence(how, small_town, api.row)
    happens(small_town)
    assert Delivery.objects.count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", WAYS)
def test_what_is_on_its_way_is_dropped_when_the_token_may_no_longer_hear(
    live_town, receiver, caller_of, how
) -> None:
    api = caller_of(live_town)
    hook_of(api, receiver.url)
    happens(live_town)
    silence(how, live_town, api.row)
    run_tasks()
    assert receiver.got == []
    delivery = Delivery.objects.get()
    assert (delivery.next_at, delivery.delivered_at, delivery.attempts) == (None, None, 0)


def test_an_event_outside_the_area_of_the_token_is_not_told(small_town, caller_of) -> None:
    hook_of(caller_of(small_town, place=small_town.villages[1]))
    happens(small_town, 1)
    assert Delivery.objects.count() == 0
    happens(small_town, 4)
    assert Delivery.objects.count() == 1


def test_an_ended_webhook_hears_nothing_more(small_town, api) -> None:
    made = hook_of(api)
    assert api.delete(f"/webhooks/{made['id']}").status_code == 204
    assert api.delete(f"/webhooks/{made['id']}").status_code == 404
    happens(small_town)
    assert Delivery.objects.count() == 0
    assert AuditEntry.objects.filter(verb="webhook_ended").count() == 1


def test_another_token_of_the_same_area_neither_sees_nor_ends_it(
    small_town, api, caller_of
) -> None:
    made = hook_of(api)
    other = caller_of(small_town)
    assert other.get("/webhooks").json() == {"items": [], "next": None}
    assert other.delete(f"/webhooks/{made['id']}").status_code == 404
    assert [w["id"] for w in api.get("/webhooks").json()["items"]] == [made["id"]]


# --- made once -------------------------------------------------------------------------------


def test_the_secret_is_shown_in_the_first_answer_only_and_kept_nowhere_in_clear(api) -> None:
    body = {"url": NOWHERE, "events": ["episode.opened"]}
    first = api.post("/webhooks", body, key="hook-key-1")
    again = api.post("/webhooks", body, key="hook-key-1")
    assert first.status_code == again.status_code == 201
    assert first.json()["secret"].startswith("whsec_")
    assert again.json() == {**first.json(), "secret": ""}
    assert Webhook.objects.count() == 1
    assert "whsec" not in json.dumps(Once.objects.get(key="hook-key-1").answer)
    # Not even a month later, when the answer to the key is forgotten.
    Once.objects.all().delete()
    assert api.post("/webhooks", body, key="hook-key-1").json() == {**first.json(), "secret": ""}
    assert "whsec" not in api.get("/webhooks").content.decode()


@pytest.mark.parametrize(
    "other", [{"url": NOWHERE + "y"}, {"url": NOWHERE, "events": ["episode.closed"]}]
)
def test_the_same_key_with_another_body_is_refused(api, other) -> None:
    assert api.post("/webhooks", {"url": NOWHERE}, key="hook-key-1").status_code == 201
    answer = api.post("/webhooks", other, key="hook-key-1")
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("key-reused")
    assert Webhook.objects.count() == 1


def test_the_key_of_an_ended_webhook_does_not_answer_as_if_it_lived(api) -> None:
    made = api.post("/webhooks", {"url": NOWHERE}, key="hook-key-1").json()
    api.delete(f"/webhooks/{made['id']}")
    answer = api.post("/webhooks", {"url": NOWHERE}, key="hook-key-1")
    assert answer.status_code == 409
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"].endswith("webhook-ended")
    # Not even a month later, when the answer to the key is forgotten.
    Once.objects.all().delete()
    assert api.post("/webhooks", {"url": NOWHERE}, key="hook-key-1").status_code == 409


# --- the page of the security administrator --------------------------------------------------


@pytest.fixture
def page(client: Client) -> Any:
    def ask(staff: Any, **form: Any) -> Any:
        sign_in(client, staff)
        return client.post("/work/webhooks/", form) if form else client.get("/work/webhooks/")

    return ask


def test_the_security_administrator_sees_each_tokens_webhooks_and_ends_one(
    small_town, api, page
) -> None:
    made = hook_of(api, "https://county.example/hook?key=kept-back")
    security = small_town.staff["security"]
    shown = page(security).content.decode()
    assert "county" in shown
    assert "https://county.example/hook" in shown
    assert "kept-back" not in shown
    assert "whsec" not in shown
    assert page(security, hook=made["id"]).status_code == 302
    assert not Webhook.objects.get().is_active
    # A second tap, or a second administrator: nothing more happens.
    assert page(security, hook=made["id"]).status_code == 302
    entry = AuditEntry.objects.get(verb="webhook_ended")
    assert entry.actor == f"staff:{security.pk}"


def test_the_page_says_that_a_webhook_is_silent_because_its_token_is(small_town, api, page) -> None:
    hook_of(api)
    assert "密钥已失效" not in page(small_town.staff["security"]).content.decode()
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert "密钥已失效" in page(small_town.staff["security"]).content.decode()


def test_webhooks_of_a_foreign_town_are_neither_shown_nor_ended(
    small_town, caller_of, page
) -> None:
    made = hook_of(caller_of(small_town, place=small_town.foreign_town), "https://far.example/")
    security = small_town.staff["security"]
    assert "far.example" not in page(security).content.decode()
    assert page(security, hook=made["id"]).status_code == 404
    assert page(security, hook="x").status_code == 404
    assert Webhook.objects.get().is_active


@pytest.mark.parametrize("role", ["officer", "clerk", "system", "auditor"])
def test_nobody_else_opens_the_page(small_town, page, role) -> None:
    assert page(small_town.staff[role]).status_code == 403


def test_the_page_of_tokens_leads_to_the_webhooks(small_town, client) -> None:
    sign_in(client, small_town.staff["security"])
    assert 'href="/work/webhooks/"' in client.get("/town/tokens/").content.decode()
