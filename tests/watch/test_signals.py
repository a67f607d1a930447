"""Each shipped signal on what it is meant for, and on its nearest miss."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fangxian.watch.facts import FACTS, Columns
from fangxian.watch.signals import Seen, firings, read_book, shipped_book
from fangxian.watch.signals.conditions import EVENT_NAMES

MINUTE = 60_000_000
FOREVER = 10**18
Told = tuple[str, float, dict[str, Any]]


def fired(*events: Told, settled: int = FOREVER, book: Any = None) -> set[str]:
    """The names of the signals that hold for events (name, minute, facts; "other" among them)."""
    book = book or shipped_book()
    facts = Columns({name: np.full(len(events), np.nan) for name in FACTS})
    for name, about in FACTS.items():
        if about.words:
            facts[name] = np.full(len(events), -1.0)
    for i, (_, _, known) in enumerate(events):
        for name, value in known.items():
            if name not in ("other", "leads"):
                words = FACTS[name].words
                facts[name][i] = words.index(value) if words else float(value)
    types = np.array([EVENT_NAMES[name] for name, _, _ in events])
    asked = [(types == event.type) & event.among(facts, len(events)) for event in book.events]
    seen = [
        Seen(
            int(minute * MINUTE), f"e{i}", "test", sum(1 << b for b, a in enumerate(asked) if a[i]),
            name, known.get("other", "x"), leads=known.get("leads", ""),
        )
        for i, (name, minute, known) in enumerate(events)
    ]  # fmt: skip
    return {firing.signal.name for firing in firings(book, sorted(seen), settled)}


HOUR, DAY = 3600, 86400
NEW: dict[str, Any] = {"known_for": HOUR, "outgoing": False}
TALK = NEW | {"seconds": 300}
KNOWN = {"known_for": 4 * DAY}
BANK_CODE: Told = ("sms", 20, {"code": "bank", "text_score": 0.0})
TRANSFER = {"new_payee": True, "amount": 100_000}
NEW_SITE, KNOWN_SITE = {"known_for": DAY}, {"known_for": 21 * DAY}
UNKNOWN_APP = {"app": "unknown_source", "known_for": DAY}
HOLDS: dict[str, tuple[list[Told], list[Told]]] = {
    "new_number_talk": ([("call", 0, NEW | {"seconds": 180})], [("call", 0, TALK | KNOWN)]),
    "new_number_rings_again": (
        [("call", n, NEW | {"seconds": 60}) for n in (0, 1440)],
        [("call", n, NEW | {"seconds": 60, "other": f"p{n}"}) for n in (0, 1440)],
    ),
    "passed_on": (
        [("call", n, NEW | {"seconds": 60, "other": f"p{n}"}) for n in (0, 179)],
        [("call", n, NEW | {"seconds": 60}) for n in (0, 179)],
    ),
    "virtual_number_talk": (
        [("call", 0, NEW | {"seconds": 60, "other_kind": "virtual"})],
        [("call", 0, NEW | {"seconds": 60, "other_kind": "mobile"})],
    ),
    "overseas_number_talk": (
        [("call", 0, NEW | {"seconds": 30, "other_kind": "overseas"})],
        [("call", 0, NEW | {"seconds": 29, "other_kind": "overseas"})],
    ),
    "hidden_number_long_talk": (
        [("call", 0, {"other_kind": "overseas", "seconds": 480, "family": False, "outgoing": False})],
        [("call", 0, {"other_kind": "overseas", "seconds": 480, "family": True, "outgoing": False})],
    ),
    "forged_number_answered": (
        [("call", 0, {"other_kind": "forged", "seconds": 10})],
        [("call", 0, {"other_kind": "service", "seconds": 10})],
    ),
    "long_risky_talk": (
        [("call", 0, {"caller_risk": 0.2, "seconds": 120})],
        [("call", 0, {"caller_risk": 0.1, "seconds": 3000})],
    ),
    "new_number_reaches_some": (
        [("call", 0, NEW | {"reach": 3, "seconds": 30})],
        [("call", 0, NEW | {"reach": 2, "seconds": 30})],
    ),
    "new_number_reaches_many": (
        [("call", 0, NEW | {"reach": 6, "seconds": 60})],
        [("call", 0, NEW | KNOWN | {"reach": 8, "seconds": 60})],
    ),
    "long_talk_reaches_many": (
        [("call", 0, NEW | {"reach": 6, "seconds": 240})],
        [("call", 0, NEW | {"reach": 6, "seconds": 239})],
    ),
    "reported_number_long_talk": (
        [("call", 0, {"reports": 1, "seconds": 180, "outgoing": False})],
        [("call", 0, {"reports": 0, "seconds": 180, "outgoing": False})],
    ),
    "busy_number_talk": (
        [("call", 0, {"callees_day": 5, "seconds": 90, "outgoing": False})],
        [("call", 0, {"callees_day": 5, "seconds": 90, "outgoing": True})],
    ),
    "dissuaded": (
        [("call", 0, {"dissuader": True, "seconds": 1, "outgoing": False})],
        [("call", 0, {"dissuader": True, "seconds": 0, "outgoing": False})],
    ),
    "new_bulk_sender": (
        [("sms", 0, {"known_for": 0, "callees_day": 3})],
        [("sms", 0, KNOWN | {"callees_day": 3})],
    ),
    "fraud_text": ([("sms", 0, {"text_score": 0.9})], [("sms", 0, {"text_score": 0.89})]),
    "reported_sender": ([("sms", 0, {"reports": 1})], [("sms", 0, {"reports": 0})]),
    "much_reported_sender": ([("sms", 0, {"reports": 3})], [("sms", 0, {"reports": 2})]),
    "opened_link_of_text": (
        [("sms", 0, {"text_score": 0.3, "leads": "x.example"}), ("link", 9, NEW_SITE | {"other": "x.example"})],
        [("sms", 0, {"text_score": 0.3, "leads": "y.example"}), ("link", 9, NEW_SITE | {"other": "x.example"})],
    ),
    "reported_campaign": ([("sms", 0, {"campaign_reports": 1})], [("sms", 0, {"campaign_reports": 0})]),
    "campaign_of_many_senders": (
        [("sms", 0, {"campaign_senders": 4})],
        [("sms", 0, {"campaign_senders": 3})],
    ),
    "opened_link_of_reported_campaign": (
        [("sms", 0, {"campaign_reports": 1, "leads": "x.example"}), ("link", 9, NEW_SITE | {"other": "x.example"})],
        [("sms", 0, {"campaign_reports": 1, "leads": "x.example"}), ("link", 9, NEW_SITE | {"other": "y.example"})],
    ),
    "risky_link": ([("link", 0, {"link_score": 0.9})], [("link", 0, {"link_score": 0.5})]),
    "new_unknown_app": ([("app", 0, UNKNOWN_APP)], [("app", 0, UNKNOWN_APP | {"known_for": 21 * DAY})]),
    "unknown_app_after_text": (
        [("sms", 0, {"text_score": 0.5}), ("app", 2880, UNKNOWN_APP)],
        [("sms", 0, {"text_score": 0.5}), ("app", 2881, UNKNOWN_APP)],
    ),
    "unknown_app_after_new_sender": (
        [("sms", 0, {"known_for": 0}), ("app", 300, UNKNOWN_APP)],
        [("sms", 0, KNOWN), ("app", 300, UNKNOWN_APP)],
    ),
    "unknown_app_after_new_site": (
        [("link", 0, NEW_SITE), ("app", 60, UNKNOWN_APP)],
        [("link", 0, KNOWN_SITE), ("app", 60, UNKNOWN_APP)],
    ),
    "unknown_app_after_talk": (
        [("call", 0, TALK), ("app", 300, UNKNOWN_APP)],
        [("call", 0, TALK), ("app", 300, {"app": "store"})],
    ),
    "unknown_app_after_reported_text": (
        [("sms", 0, {"reports": 1}), ("app", 2880, UNKNOWN_APP)],
        [("sms", 0, {"reports": 0}), ("app", 60, UNKNOWN_APP)],
    ),
    "remote_app": ([("app", 0, {"app": "remote"})], [("app", 0, {"app": "store"})]),
    "bank_code_without_family": (
        [("call", 0, TALK), BANK_CODE],
        [("call", 0, TALK), BANK_CODE, ("call", 45, {"family": True, "seconds": 60})],
    ),
    "bank_code_after_reported": (
        [("call", 0, {"reports": 1, "seconds": 30, "outgoing": False}), BANK_CODE],
        [("call", 0, {"reports": 1, "seconds": 30, "outgoing": True}), BANK_CODE],
    ),
    "several_bank_codes": (
        [BANK_CODE, ("sms", 49, {"code": "bank"})],
        [BANK_CODE, ("sms", 49, {"code": "other"})],
    ),
    "new_site_then_bank_code": (
        [("link", 0, NEW_SITE), BANK_CODE],
        [("link", 0, KNOWN_SITE), BANK_CODE],
    ),
    "text_then_bank_code": (
        [("sms", 0, {"text_score": 0.95}), ("sms", 240, {"code": "bank"})],
        [("sms", 0, {"text_score": 0.95}), ("sms", 241, {"code": "bank"})],
    ),
    "talk_then_transfer": (
        [("call", 0, TALK), ("transfer", 180, TRANSFER)],
        [("call", 0, TALK), ("transfer", 90, {"new_payee": False, "amount": 100_000})],
    ),
    "several_new_payees": (
        [("transfer", n, TRANSFER | {"other": f"p{n}"}) for n in (0, 600, 1200)],
        [("transfer", n, TRANSFER | {"other": "p"}) for n in (0, 600, 1200)],
    ),
    "reported_it": ([("report", 0, {"text_score": 0.7})], [("report", 0, {"text_score": 0.5})]),
}  # fmt: skip


def test_every_shipped_signal_has_its_case() -> None:
    assert set(HOLDS) == {signal.name for signal in shipped_book().signals}


@pytest.mark.parametrize("name", HOLDS)
def test_a_signal_holds_for_what_it_means_and_not_for_the_nearest_miss(name: str) -> None:
    holds, misses = HOLDS[name]
    assert name in fired(*holds)
    assert name not in fired(*misses)


def test_what_is_not_known_holds_no_condition() -> None:
    assert fired(("call", 0, {"seconds": 900}), ("sms", 1, {}), ("transfer", 2, {})) == set()


def test_an_absence_is_told_only_when_nothing_can_undo_it() -> None:
    name = "bank_code_without_family"
    events: list[Told] = [("call", 0, TALK), BANK_CODE]
    assert name not in fired(*events, settled=50 * MINUTE)
    assert name in fired(*events, settled=50 * MINUTE + 1)


def own_book(tmp_path: Path, text: str) -> Any:
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return read_book(path)


SIGNAL = """
mine:
  says: {{zh: 我的, en: mine}}
  source: a test
  when: {when}
  stage: {stage}
  weight: {weight}
"""


def test_the_same_other_side_is_asked_for_where_the_book_says_so(tmp_path: Path) -> None:
    when = "[{call: {seconds: '>= 60 s'}}, {transfer: , within: 1 h, same: true}]"
    book = own_book(tmp_path, SIGNAL.format(when=when, stage="pay", weight=1))
    call: Told = ("call", 0, {"seconds": 60, "other": "p"})
    assert fired(call, ("transfer", 9, {"other": "p"}), book=book) == {"mine"}
    assert fired(call, ("transfer", 9, {"other": "q"}), book=book) == set()


@pytest.mark.parametrize(
    ("when", "stage", "weight", "said"),
    [
        ("{letter: {}}", "pay", 1, "own.yaml, mine, step 1: 'letter' is no event"),
        ("{call: {amount: '>= 1'}}", "pay", 1, "step 1: call has no 'amount'; it has outgoing"),
        ("{call: {seconds: 8}}", "pay", 1, "seconds is compared, such as '>= 3', got 8"),
        ("{call: {seconds: '>= 8'}}", "pay", 1, "seconds: expected a number of s or"),
        ("{sms: {code: bonk}}", "pay", 1, "code is one of bank, other, got 'bonk'"),
        ("{call: {family: maybe}}", "pay", 1, "family is true or false, got 'maybe'"),
        ("{call: {}, sms: {}}", "pay", 1, "step 1: names one of call"),
        ("[{call: {}}, {sms: {}}]", "pay", 1, "step 2: says within what time"),
        (
            "{sms: {text_score: '>= 90'}}",
            "pay",
            1,
            "text_score is a share from 0 to 1, got '>= 90'",
        ),
        ("{call: {}, times: 3}", "pay", 1, "times is a number above 1 with over"),
        ("{call: {}}", "later", 1, "stage is one of contact, trust, isolate, pay, got 'later'"),
        ("{call: {}}", "pay", "much", "weight is a number from 0 on, got 'much'"),
        ("{call: {}}", "pay", -1, "weight is a number from 0 on, got -1"),
        ("[]", "pay", 1, "when has no step"),
    ],
)
def test_a_mistake_in_a_book_names_its_place_and_what_was_expected(
    tmp_path: Path, when: str, stage: str, weight: object, said: str
) -> None:
    with pytest.raises(ValueError, match=r"own\.yaml") as wrong:
        own_book(tmp_path, SIGNAL.format(when=when, stage=stage, weight=weight))
    assert said in str(wrong.value)


def test_a_book_of_ones_own_replaces_a_shipped_signal_by_its_name(tmp_path: Path) -> None:
    shipped = Path(read_book.__code__.co_filename).with_name("shipped.yaml")
    text = SIGNAL.format(when="{link: {link_score: '>= 0.99'}}", stage="contact", weight=0.1)
    own = tmp_path / "own.yaml"
    own.write_text(text.replace("mine:", "risky_link:"), encoding="utf-8")
    book = read_book(shipped, own)
    assert len(book.signals) == len(shipped_book().signals)
    assert "risky_link" not in fired(("link", 0, {"link_score": 0.9}), book=book)
