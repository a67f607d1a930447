"""What the reports tell other systems: how precise the signals of the watch were found."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from fangxian.measure.feedback import Tally
from fangxian.town.access import Ability
from fangxian.town.api import caller, problems

from .queries.signals import found_by_signal, found_in_all, found_together, quarters

router = Router(tags=["signals"])


class PrecisionOut(Schema):
    """Right of judged, and its exact 95 % interval; `value` is null where nothing is judged."""

    value: float | None
    low: float
    high: float


class TallyOut(Schema):
    """Warnings by what officers found. `right` is `going_on` (a swindle was going on) and `tried` (a
    try of one); `wrong` is no swindle; `not_reached` and `open` are not judged."""

    warnings: int
    judged: int
    right: int
    wrong: int
    going_on: int
    tried: int
    not_reached: int
    open: int
    precision: PrecisionOut


class QuarterOut(TallyOut):
    """Those whose episode opened in the quarter that begins on `start` (local date)."""

    start: date


class SignalOut(TallyOut):
    """One version of one signal."""

    name: str
    version: int
    quarters: list[QuarterOut]


class VersionOut(Schema):
    name: str
    version: int


class TogetherOut(Schema):
    """Judged warnings that rest on exactly these signals."""

    signals: list[VersionOut]
    judged: int
    right: int


class FeedbackOut(Schema):
    """From `since` (local date) to `until`, both inclusive. A warning may rest on several signals:
    the counts of `signals` do not add up to `all`."""

    since: date
    until: date
    all: TallyOut
    signals: list[SignalOut]
    together: list[TogetherOut]


@router.get(
    "/signals/feedback",
    response={200: FeedbackOut, **problems(403)},
    operation_id="getSignalFeedback",
)
def feedback(request: HttpRequest) -> dict[str, Any]:
    """What officers found of the warnings that rest on each signal, in the token's area: this quarter
    and the four before. Names, versions and counts only."""
    token = caller(request, Ability.SEE_BOARD)
    today = timezone.localdate()
    return {
        "since": quarters(today)[0].start,
        "until": today,
        "all": _tally(found_in_all(token, today)),
        "signals": [
            {
                "name": s.name,
                "version": s.version,
                **_tally(s.all),
                "quarters": [{"start": q, **_tally(t)} for q, t in s.quarters.items()],
            }
            for s in found_by_signal(token, today)
        ],
        "together": [
            {
                "signals": [{"name": n, "version": v} for n, v in t.signals],
                "judged": t.judged,
                "right": t.right,
            }
            for t in found_together(token, today)
        ],
    }


def _tally(tally: Tally) -> dict[str, Any]:
    return {
        "warnings": tally.warnings,
        "judged": tally.judged,
        "right": tally.right,
        "wrong": tally.wrong,
        "going_on": tally.going_on,
        "tried": tally.tried,
        "not_reached": tally.not_reached,
        "open": tally.open,
        "precision": vars(tally.precision),
    }
