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
            if name != "other":
                words = FACTS[name].words
                facts[name][i] = words.index(value) if words else float(value)
    types = np.array([EVENT_NAMES[name] for name, _, _ in events])
    asked = [(types == event.type) & event.among(facts, len(events)) for event in book.events]
    seen = [
        Seen(
            int(minute * MINUTE), f"e{i}", "test", sum(1 << b for b, a in enumerate(asked) if a[i]),
            name, known.get("other", "x"),
        )
        for i, (name, minute, known) in enumerate(events)
    ]  # fmt: skip
    return {firing.signal.name for firing in firings(book, sorted(seen), settled)}


RISKY = {"caller_risk": 0.7}
LONG_RISKY = {"caller_risk": 0.7, "seconds": 600}
BANK_CODE: Told = ("sms", 20, {"code": "bank", "text_score": 0.0})
TRANSFER = {"new_payee": True, "amount": 100_000}
HOLDS: dict[str, tuple[list[Told], list[Told]]] = {
    "risky_call_answered": (
        [("call", 0, RISKY | {"seconds": 20})],
        [("call", 0, RISKY | {"seconds": 0})],
    ),
    "long_risky_talk": (
        [("call", 0, RISKY | {"seconds": 300})],
        [("call", 0, {"caller_risk": 0.3, "seconds": 3000})],
    ),
    "hidden_number_long_talk": (
        [("call", 0, {"other_kind": "overseas", "seconds": 480, "family": False})],
        [("call", 0, {"other_kind": "overseas", "seconds": 480, "family": True})],
    ),
    "forged_number_answered": (
        [("call", 0, {"other_kind": "forged", "seconds": 10})],
        [("call", 0, {"other_kind": "service", "seconds": 10})],
    ),
    "fraud_text": ([("sms", 0, {"text_score": 0.96})], [("sms", 0, {"text_score": 0.9})]),
    "fraud_text_then_link": (
        [("sms", 0, {"text_score": 0.95}), ("link", 300, {"link_score": 0.4})],
        [("sms", 300, {"text_score": 0.95}), ("link", 0, {"link_score": 0.4})],
    ),
    "risky_link": ([("link", 0, {"link_score": 0.9})], [("link", 0, {"link_score": 0.5})]),
    "risky_talk_then_remote_app": (
        [("call", 0, LONG_RISKY), ("app", 100, {"app": "remote"})],
        [("call", 0, LONG_RISKY), ("app", 200, {"app": "remote"})],
    ),
    "risky_talk_then_unknown_app": (
        [("call", 0, LONG_RISKY), ("app", 300, {"app": "unknown_source"})],
        [("call", 0, LONG_RISKY), ("app", 300, {"app": "store"})],
    ),
    "unknown_app_after_text_or_link": (
        [("link", 0, {"link_score": 0.3}), ("app", 60, {"app": "unknown_source"})],
        [("link", 0, {"link_score": 0.1}), ("app", 60, {"app": "unknown_source"})],
    ),
    "talked_then_bank_code": (
        [("call", 0, LONG_RISKY), BANK_CODE],
        [("call", 0, LONG_RISKY), ("sms", 20, {"code": "other"})],
    ),
    "talked_then_bank_code_without_family": (
        [("call", 0, LONG_RISKY), BANK_CODE],
        [("call", 0, LONG_RISKY), BANK_CODE, ("call", 45, {"family": True, "seconds": 60})],
    ),
    "remote_app_then_bank_code": (
        [("app", 0, {"app": "remote"}), BANK_CODE],
        [BANK_CODE, ("app", 60, {"app": "remote"})],
    ),
    "talked_then_transfer": (
        [("call", 0, LONG_RISKY), ("transfer", 90, TRANSFER)],
        [("call", 0, LONG_RISKY), ("transfer", 90, {"new_payee": False, "amount": 100_000})],
    ),
    "small_then_larger_transfers": (
        [("transfer", n, TRANSFER | {"other": f"p{n}"}) for n in (0, 600, 1200)],
        [("transfer", n, TRANSFER | {"other": "p"}) for n in (0, 600, 1200)],
    ),
    "fraud_text_then_transfer": (
        [("sms", 0, {"text_score": 0.95}), ("transfer", 600, TRANSFER)],
        [("sms", 0, {"text_score": 0.95}), ("transfer", 600, TRANSFER | {"amount": 40_000})],
    ),
    "many_risky_calls": (
        [("call", n, RISKY | {"seconds": 0, "other": f"p{n}"}) for n in (0, 600, 1439)],
        [("call", n, RISKY | {"seconds": 0, "other": f"p{n}"}) for n in (0, 600, 1440)],
    ),
    "stranger_long_talk": (
        [("call", 0, {"stranger": True, "seconds": 480})],
        [("call", 0, {"stranger": False, "seconds": 480})],
    ),
    "stranger_from_abroad_talk": (
        [("call", 0, {"stranger": True, "other_kind": "overseas", "seconds": 120})],
        [("call", 0, {"stranger": False, "other_kind": "overseas", "seconds": 120})],
    ),
    "stranger_rings_again": (
        [("call", n, {"stranger": True, "seconds": 200}) for n in (0, 300)],
        [("call", n, {"stranger": True, "seconds": 200, "other": f"p{n}"}) for n in (0, 300)],
    ),
    "stranger_then_bank_code": (
        [("call", 0, {"stranger": True, "seconds": 200}), BANK_CODE],
        [("call", 30, {"stranger": True, "seconds": 200}), BANK_CODE],
    ),
    "stranger_then_remote_app": (
        [("call", 0, {"stranger": True, "seconds": 60}), ("app", 170, {"app": "remote"})],
        [("call", 0, {"stranger": True, "seconds": 60}), ("app", 190, {"app": "remote"})],
    ),
    "stranger_then_transfer": (
        [("call", 0, {"stranger": True, "seconds": 200}), ("transfer", 170, TRANSFER)],
        [("call", 0, {"stranger": True, "seconds": 100}), ("transfer", 170, TRANSFER)],
    ),
    "link_then_bank_code": (
        [("link", 0, {"link_score": 0.2}), BANK_CODE],
        [("link", 0, {"link_score": 0.1}), BANK_CODE],
    ),
    "unknown_app_then_transfer": (
        [("app", 0, {"app": "unknown_source"}), ("transfer", 1400, TRANSFER)],
        [("app", 0, {"app": "unknown_source"}), ("transfer", 1500, TRANSFER)],
    ),
    "reported_it": ([("report", 0, {"text_score": 0.7})], [("report", 0, {"text_score": 0.5})]),
}


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
    name = "talked_then_bank_code_without_family"
    events: list[Told] = [("call", 0, LONG_RISKY), BANK_CODE]
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
        ("{call: {}, times: 3}", "pay", 1, "times is a number above 1 with over"),
        ("{call: {}}", "later", 1, "stage is one of contact, trust, isolate, pay, got 'later'"),
        ("{call: {}}", "pay", "much", "weight is a number, got 'much'"),
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
