"""What was done on an episode, from seven tables in one query."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    BinaryField,
    CharField,
    F,
    JSONField,
    QuerySet,
    SmallIntegerField,
    Value,
)

from fangxian.town.sealed import Sealed
from fangxian.warn.models import Call, Episode, Escalation, FollowUp, Message, Note, Review, Visit


@dataclass(frozen=True)
class Deed:
    """One row of one of the seven tables, in the columns they share.

    `what`: call, visit, follow_up, review, note, message, alarm. `result` is the outcome, verdict
    or state; `about` the stage found, the template sent, or the kind of the late task; `number`
    the day of a follow-up or the level of an alarm; `ticks` answers and checks.
    """

    what: str
    at: datetime
    who: str
    result: str
    about: str
    worry_before: int | None
    worry_after: int | None
    number: int
    ticks: dict[str, Any]
    said: Sealed


_WORDS = Value("", output_field=CharField())
_NUMBER = Value(None, output_field=SmallIntegerField())
_COLUMNS: dict[str, Any] = {
    "who": F("by__name"),
    "result": _WORDS,
    "about": _WORDS,
    "before": _NUMBER,
    "after": _NUMBER,
    "number": Value(0, output_field=SmallIntegerField()),
    "ticks": Value({}, output_field=JSONField()),
    "said": Value(None, output_field=BinaryField()),
}
# Where a text was sealed is part of its seal, and a union forgets which table a row is from.
_SEALED_AS = {
    "call": "warn.call.notes",
    "visit": "warn.visit.notes",
    "follow_up": "warn.followup.notes",
    "review": "warn.review.notes",
    "note": "warn.note.text",
}


def deeds_of(episode: Episode) -> Iterator[Deed]:
    """All deeds of `episode`, in no order. One query."""
    spoken = {
        "result": F("outcome"),
        "about": F("stage"),
        "before": F("worry_before"),
        "after": F("worry_after"),
        "said": F("notes"),
    }
    asked = {
        "result": F("outcome"),
        "after": F("worry"),
        "number": F("day"),
        "ticks": F("answers"),
        "said": F("notes"),
    }
    sent = {"who": _WORDS, "result": F("state"), "about": F("template")}
    told = {"who": F("told__name"), "about": F("task__kind"), "number": F("level")}
    own = {"episode": episode}
    # The call comes first: PostgreSQL takes the types of the columns from it.
    rows = _rows(
        Call.objects.filter(**own), "call", "ended_at", {**spoken, "ticks": F("answers")}
    ).union(
        _rows(Visit.objects.filter(**own), "visit", "at", {**spoken, "ticks": F("checks")}),
        _rows(FollowUp.objects.filter(**own), "follow_up", "at", asked),
        _rows(
            Review.objects.filter(**own),
            "review",
            "at",
            {"result": F("verdict"), "said": F("notes")},
        ),
        _rows(Note.objects.filter(**own), "note", "at", {"said": F("text")}),
        _rows(Message.objects.filter(**own), "message", "made_at", sent),
        _rows(Escalation.objects.filter(task__episode=episode), "alarm", "fired_at", told),
        all=True,
    )
    for what, at, who, result, about, before, after, number, ticks, said in rows:
        text = Sealed(_SEALED_AS[what], "none", sealed=said.stored()) if said else said
        yield Deed(what, at, who or "", result, about, before, after, number, ticks, text)


def _rows(
    rows: QuerySet[Any], what: str, at: str, columns: dict[str, Any]
) -> QuerySet[Any, tuple[Any, ...]]:
    shape = {"what": Value(what, output_field=CharField()), "moment": F(at), **_COLUMNS, **columns}
    # Prefixed, so that no column meets a field of the model of the same name.
    named = {f"deed_{name}": column for name, column in shape.items()}
    found: QuerySet[Any, tuple[Any, ...]] = rows.order_by().annotate(**named).values_list(*named)
    return found
