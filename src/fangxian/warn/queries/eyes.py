"""Who had a hand in an episode, and so may not be its second pair of eyes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, F, Model, Q, QuerySet, Value
from django.utils import timezone

from fangxian.town.models import Absence, AuditEntry
from fangxian.warn.models import Call, FollowUp, Note, StopPayment, Visit

# Deeds on an episode, or on its race to stop a payment, that no table of ours keeps.
_VERBS = (
    "order_visit", "found", "not_found", "joined", "stop_payment", "stop_step",
    "stop_payment_ended",
)  # fmt: skip
_MOMENTS: tuple[tuple[type[Model], str], ...] = (
    (Call, "ended_at"), (Visit, "at"), (FollowUp, "at"), (Note, "at"), (StopPayment, "started_at"),
)  # fmt: skip
_Deed = tuple[int, datetime]


def who_acted(episodes: Collection[int]) -> dict[int, set[int]]:
    """Ids of staff by episode: who rang, visited, followed up, noted, ordered, found or raced, and
    whoever stood in for one of these, or was stood in for, at that time or now. Three queries."""
    deeds = _deeds(episodes)
    people = {who for of in deeds.values() for who, _at in of}
    pairs = _stand_ins(people) if people else []
    now = timezone.now()
    acted: dict[int, set[int]] = {}
    for episode, of in deeds.items():
        own = {who for who, _at in of}
        moments = [*of, *((who, now) for who in own)]
        acted[episode] = own | {
            other
            for who, at in moments
            for one, other, begins, ends in pairs
            if one == who and begins <= at < ends
        }
    return acted


def _deeds(episodes: Collection[int]) -> dict[int, set[_Deed]]:
    found: dict[int, set[_Deed]] = defaultdict(set)
    races: dict[int, int] = {}
    for episode, who, at, race in _kept(episodes):
        found[episode].add((who, at))
        if race:
            races[race] = episode
    things = Q(thing="episode", thing_id__in=[str(pk) for pk in episodes])
    things |= Q(thing="stoppayment", thing_id__in=[str(pk) for pk in races])
    told = AuditEntry.objects.filter(things, verb__in=_VERBS)
    for thing, number, actor, at in told.values_list("thing", "thing_id", "actor", "at"):
        kind, _colon, who = actor.partition(":")
        if kind == "staff":
            key = int(number) if thing == "episode" else races[int(number)]
            found[key].add((int(who), at))
    return found


def _kept(episodes: Collection[int]) -> QuerySet[Any, Any]:
    """(episode, who, when, race) of what the tables keep, in one query. `race`: the primary key
    of a race to stop a payment, else 0."""
    none = Value(0, output_field=BigIntegerField())
    calls, *others = (
        model._default_manager.filter(episode__in=episodes)
        .order_by()
        .annotate(race=F("pk") if model is StopPayment else none)
        .values_list("episode", "by", moment, "race")
        for model, moment in _MOMENTS
    )
    both: QuerySet[Any, Any] = calls.union(*others, all=True)
    return both


def _stand_ins(people: Collection[int]) -> list[tuple[int, int, datetime, datetime]]:
    """(somebody, who shared their duties, from, to) where `people` are concerned, both ways."""
    rows = Absence.objects.filter(Q(staff__in=people) | Q(stand_in__in=people))
    rows = rows.exclude(stand_in=None).order_by()
    found: list[tuple[int, int, datetime, datetime]] = []
    for away, here, begins, ends in rows.values_list("staff", "stand_in", "starts_at", "ends_at"):
        if here is not None:
            found += [(away, here, begins, ends), (here, away, begins, ends)]
    return found
