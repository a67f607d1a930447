"""Warnings of the watch arrive at the real intake of the first line, once each, and raises merge."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from django.test import Client
from django.utils import timezone

from fangxian.town.access import Ability
from fangxian.town.models import ApiToken
from fangxian.warn.models import Episode, Grade, Signal
from fangxian.watch.alerts import Alert, Event, Told
from fangxian.watch.signals import shipped_book
from fangxian.watch.sinks import FirstLine, Refused, Unavailable
from town_of_tests import SmallTown, phone_of

AT = 1_772_307_000_000_000
CALLER = "+8612900000007"


def call(*others: str) -> tuple[Event, ...]:
    """Calls with these, one after the other, and then a text with somebody else."""
    calls = [Event(AT + n, f"e{n}", "s", "call.ended", o, ()) for n, o in enumerate(others)]
    return (*calls, Event(AT + 9, "e9", "s", "sms.received", "+8612900000099", ()))


def alert(n: int = 1, **more: object) -> Alert:
    """A yellow warning of the n-th resident of the town."""
    told = (
        Told("forged_number_answered", 1, AT, ("e1",)),
        Told("long_risky_talk", 1, AT, ("e1",)),
        Told("of_another_book", 1, AT, ("e1",)),
    )
    plain = Alert(
        id=f"w-{n}", resident=phone_of(n), day=20_512, grade="yellow", score=-3.0, stage="trust",
        kind="fake_loan", signals=told, events=call("+8612900000001", CALLER), raised=(("yellow", AT),),
    )  # fmt: skip
    return replace(plain, **more)


def raised(warning: Alert, grade: str = "red") -> Alert:
    return replace(warning, grade=grade, raised=(*warning.raised, (grade, AT + 60_000_000)))


class Town:
    """The town's API, asked as over the network; `down`: answered by nobody."""

    def __init__(self, town: SmallTown) -> None:
        self.token = "a-token-of-the-watch"
        self.row = ApiToken.objects.create(
            name="watch", made_by=town.staff["security"], place=town.town,
            scopes=[Ability.TAKE_IN.value], expires_at=timezone.now() + timedelta(days=1),
            digest=hashlib.sha256(self.token.encode()).hexdigest(),
        )  # fmt: skip
        self.asked = 0
        self.down = False
        self.aside: list[Refused] = []

    def sink(self) -> FirstLine:
        """A new one, as after a crash."""
        through = httpx.Client(transport=httpx.MockTransport(self._answer))
        return FirstLine(
            "http://testserver/", self.token, "监测", shipped_book(), self.aside.append,
            through,
        )  # fmt: skip

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if self.down:
            return httpx.Response(502)
        client = Client(raise_request_exception=False)
        headers = {k: v for k, v in request.headers.items() if k not in ("host", "content-length")}
        answer = client.generic(
            request.method, request.url.path, data=request.content,
            content_type=headers.pop("content-type"), headers=headers,
        )  # fmt: skip
        return httpx.Response(answer.status_code, content=answer.content)


@pytest.fixture
def town(small_town: SmallTown) -> Town:
    return Town(small_town)


def test_a_warning_opens_an_episode_with_what_was_seen(small_town: SmallTown, town: Town) -> None:
    town.sink().send([alert()])
    [signal] = Signal.objects.all()
    assert signal.episode.resident == small_town.residents[0]
    assert (signal.grade, signal.kind, signal.reference) == (Grade.YELLOW, "fake_loan", "w-1:1")
    assert signal.sender.name == "监测"
    assert signal.occurred_at.isoformat() == "2026-02-28T19:30:00+00:00"
    assert signal.note.clear == "接了冒用官方号码的电话；与可疑号码长时间通话；of_another_book"
    assert signal.risk_number.clear == CALLER
    assert town.aside == []


def test_a_warning_says_which_signals_it_rests_on_and_nothing_more_of_them(town: Town) -> None:
    seen = (
        Told("long_risky_talk", 3, AT, ("e1",)),
        # An analyst's own words: one with a number in its name says too much to be sent.
        Told("长谈后收到验证码", 1, AT, ("e1",)),
        Told("talk_with_13800001111", 1, AT, ("e1",)),
        Told("of a book with spaces", 1, AT, ("e1",)),
        Told("of_no_version", 0, AT, ("e1",)),
    )
    town.sink().send([alert(signals=seen), alert(2, signals=())])
    first, second = Signal.objects.order_by("reference")
    kept = first.rests_on.order_by("version").values_list("name", "version")
    assert list(kept) == [("长谈后收到验证码", 1), ("long_risky_talk", 3)]
    assert second.rests_on.count() == 0
    assert town.aside == []


def test_a_raise_brings_the_signals_that_came_since(town: Town) -> None:
    town.sink().send([alert()])
    more = (*alert().signals, Told("talked_then_bank_code", 1, AT, ("e1",)))
    town.sink().send([raised(alert(signals=more))])
    counts = {s.reference: s.rests_on.count() for s in Signal.objects.all()}
    assert counts == {"w-1:1": 3, "w-1:2": 4}


def test_sent_twice_leaves_one_signal(town: Town) -> None:
    town.sink().send([alert(1), alert(2)])
    town.sink().send([alert(1), alert(2)])
    # After a crash it comes in other company, and more is known of it.
    town.sink().send([alert(2, score=-2.9, signals=alert().signals[:1]), alert(3)])
    assert Signal.objects.count() == 3
    assert Episode.objects.count() == 3


def test_a_raise_is_a_further_signal_that_merges_into_the_episode(town: Town) -> None:
    town.sink().send([alert()])
    town.sink().send([raised(alert())])
    town.sink().send([raised(alert())])
    [episode] = Episode.objects.all()
    assert sorted(episode.signals.values_list("reference", flat=True)) == ["w-1:1", "w-1:2"]
    assert episode.grade == Grade.RED


def test_a_keyed_hash_is_set_aside_and_the_others_arrive(town: Town) -> None:
    town.sink().send([alert(1, resident="k:9f86d081884c7d65"), alert(2)])
    assert [(r.alert.id, r.key) for r in town.aside] == [("w-1", "no_number")]
    assert "散列" in town.aside[0].says.zh
    assert Signal.objects.count() == 1


def test_one_that_the_first_line_refuses_costs_no_other_one(town: Town) -> None:
    # No resident has a number of no country.
    town.sink().send([alert(1), alert(2, resident="+2101234567"), alert(3), alert(4)])
    assert [(r.alert.id, r.key) for r in town.aside] == [("w-2", "not_taken")]
    assert "warnings[0].phones" in town.aside[0].answer
    assert Signal.objects.count() == 3


def test_a_kind_that_the_first_line_does_not_know_is_other(town: Town) -> None:
    town.sink().send([alert(kind="of_an_analyst")])
    assert Signal.objects.get().kind == "other"


def test_more_than_a_request_may_hold_goes_in_several(town: Town) -> None:
    many = [alert(n) for n in range(1, 251)]
    town.sink().send(many)
    assert town.asked == 2
    assert Signal.objects.count() == 250


def test_a_town_that_is_down_is_tried_again_and_loses_nothing(town: Town) -> None:
    town.down = True
    with pytest.raises(Unavailable, match="HTTP 502"):
        town.sink().send([alert()])
    town.down = False
    town.sink().send([alert()])
    assert Signal.objects.count() == 1


def test_a_token_that_has_ended_or_may_not_costs_no_warning(town: Town) -> None:
    ApiToken.objects.update(scopes=[Ability.SEE_EPISODES.value])
    with pytest.raises(Unavailable, match="HTTP 403"):
        town.sink().send([alert()])
    ApiToken.objects.update(revoked_at=timezone.now())
    with pytest.raises(
        Unavailable, match=r"HTTP 401 没有有效的密钥：请带上有效的密钥.*wrong key, or it has ended"
    ):
        town.sink().send([alert()])
    assert town.aside == []


def test_what_is_no_number_is_not_handed_on_as_the_risk_number(town: Town) -> None:
    town.sink().send([alert(events=call("k:9f86d081"))])
    assert Signal.objects.get().risk_number.clear == ""


def test_a_sender_is_named() -> None:
    with pytest.raises(ValueError, match="expected 1 to 60"):
        FirstLine("http://testserver", "t", "", shipped_book(), print)
