"""Warnings in the demo town that came from the watch, with what officers found behind them: so the page
on the precision of signals has something to say.

How many and how many of them right is invented, and unlike from signal to signal: some are nearly always
right, some mostly wrong, of some too little is known to judge.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from fangxian.warn.models import Basis, Episode, Grade, Sender, Signal, Stage

from .history import Writer, plan_of
from .town import Town

SENDER = "监测"
# The watch has run for so long, and what it told in the last days is not closed yet.
SINCE, UNTIL = timedelta(days=300), timedelta(days=6)
_SEED = 20260301
_RIGHT = (Stage.TRUSTING, Stage.ISOLATED, Stage.CONTACTED)


class Told(NamedTuple):
    """So many `warnings` rest on the same signals of the shipped book; of ten judged about
    so many were `right`."""

    signals: tuple[str, ...]
    kind: str
    grade: Grade
    warnings: int
    right: float


TOLD = (
    Told(("new_number_talk", "virtual_number_talk", "new_number_rings_again"),
         "fake_customer_service", Grade.YELLOW, 31, 4.5),
    Told(("busy_number_talk", "forged_number_answered"), "fake_police", Grade.ORANGE, 24, 7),
    Told(("fraud_text", "text_then_bank_code"), "expired_card_sms", Grade.YELLOW, 27, 3),
    Told(("new_number_talk", "new_unknown_app", "unknown_app_after_talk"),
         "fake_loan", Grade.ORANGE, 17, 6.5),
    Told(("opened_link_of_text", "new_site_then_bank_code"),
         "points_exchange", Grade.RED, 13, 8.5),
    Told(("remote_app", "long_risky_talk", "new_number_rings_again"),
         "screen_sharing", Grade.RED, 11, 8),
    Told(("overseas_number_talk", "fraud_text"), "fake_investment", Grade.YELLOW, 15, 2),
    Told(("passed_on", "talk_then_transfer"), "fake_police", Grade.RED, 6, 8),
    Told(("several_bank_codes",), "other", Grade.YELLOW, 5, 2),
)  # fmt: skip


def build_watched(town: Town, now: datetime) -> None:
    """Episodes that a warning of the watch opened and officers closed, in the last ten months."""
    # A stream of its own: the rest of the town stays as it is.
    rng = Random(_SEED)  # noqa: S311  invented people
    sender = Sender.objects.create(name=SENDER)
    met = set(Episode.objects.values_list("resident_id", flat=True))
    free = [r for r in town.residents if r.pk not in met and r.birth_year and now.year - r.birth_year >= 18]  # fmt: skip
    told = [one for one in TOLD for _ in range(one.warnings)]
    residents = rng.sample(free, min(len(told), len(free)))
    rng.shuffle(told)
    plans = [_plan(one, rng, now) for one in told[: len(residents)]]
    signals = Writer(town, rng, now, (sender,), last=10_000_000).write(
        residents, plans, Signal.Source.API
    )
    bases = [
        Basis(signal=signal, name=name, version=1)
        for signal, one in zip(signals, told, strict=False)
        for name in one.signals
    ]
    Basis.objects.bulk_create(bases)


def _plan(told: Told, rng: Random, now: datetime) -> dict[str, Any]:
    """How one of them went."""
    opened = now - UNTIL - (SINCE - UNTIL) * rng.random() ** 1.3
    plan = plan_of(rng, opened, told.grade) | {"kind": told.kind, "stage": Stage.NONE}
    if rng.random() < 0.06:
        return plan | {
            "outcome": Episode.Outcome.NOT_FOUND,
            "visited": True,
            "stage": Stage.UNKNOWN,
        }
    if rng.random() < told.right / 10:
        stage = rng.choices(_RIGHT, (5, 1, 4))[0]
        return plan | {"outcome": Episode.Outcome.DISSUADED, "stage": stage}
    return plan | {"outcome": Episode.Outcome.FALSE_ALARM, "visited": False}
