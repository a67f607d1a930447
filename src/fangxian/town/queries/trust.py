"""Sessions, lock-outs, tokens and audit entries, for those who watch over them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Count, Max, Q, QuerySet, Sum
from django.utils import timezone

from ..access import Ability, access_of
from ..models import ApiToken, AuditEntry, SignIn, Staff
from ..tries import account_of


@dataclass(frozen=True)
class LockedAccount:
    """A username that is locked out, whose it is (None: nobody's), until when."""

    username: str
    staff: Staff | None
    until: datetime


def locked_accounts() -> list[LockedAccount]:
    """Accounts locked out now, by what axes counted."""
    cool_off = timedelta(hours=settings.AXES_COOLOFF_TIME)
    tried = (
        AccessAttempt.objects.filter(attempt_time__gte=timezone.now() - cool_off)
        .values("username")
        .annotate(failures=Sum("failures_since_start"), last=Max("attempt_time"))
        .filter(failures__gte=settings.AXES_FAILURE_LIMIT)
        .order_by("username")
    )
    until: dict[str, datetime] = {}
    for row in tried:
        # The account itself and each device of its own are counted apart.
        username = account_of(row["username"] or "")
        until[username] = max(row["last"] + cool_off, until.get(username, row["last"]))
    known = {s.username: s for s in Staff.objects.filter(username__in=until)}
    return [LockedAccount(name, known.get(name), end) for name, end in until.items()]


def sessions_of(people: QuerySet[Staff]) -> QuerySet[SignIn]:
    """Sessions of these people that have not run out by idleness."""
    alive = timezone.now() - timedelta(seconds=settings.SESSION_IDLE_SECONDS)
    return SignIn.objects.filter(staff__in=people.values("pk"), seen_at__gte=alive).select_related(
        "staff__department"
    )


def visible_tokens(who: Staff) -> QuerySet[ApiToken]:
    """Tokens for places in the area where `who` looks after tokens."""
    return access_of(who).within(
        ApiToken.objects.select_related("place", "made_by"), Ability.TOKENS
    )


@dataclass(frozen=True)
class AuditFilter:
    """What the auditor looks for. Empty fields do not narrow."""

    actor: str = ""
    verb: str = ""
    thing: str = ""
    since: date | None = None
    until: date | None = None
    before: int | None = None


def audit_entries(wanted: AuditFilter) -> QuerySet[AuditEntry]:
    """Entries that fit, newest first; `before` is the seq at which the last page ended.

    `thing` is `episode` or `episode:17`; days are local, both inclusive. The chain is the
    installation's, not a place's: whoever audits sees all of it, and it names no resident.
    """
    rows = AuditEntry.objects.order_by("-seq")
    if wanted.actor:
        rows = rows.filter(actor=wanted.actor)
    if wanted.verb:
        rows = rows.filter(verb=wanted.verb)
    if wanted.thing:
        kind, _, key = wanted.thing.partition(":")
        rows = rows.filter(thing=kind)
        rows = rows.filter(thing_id=key) if key else rows
    if wanted.since:
        rows = rows.filter(at__gte=_midnight(wanted.since))
    if wanted.until:
        rows = rows.filter(at__lt=_midnight(wanted.until + timedelta(days=1)))
    if wanted.before:
        rows = rows.filter(seq__lt=wanted.before)
    return rows


@dataclass(frozen=True)
class Looks:
    """How often one person looked at masked values in a day, and was refused beyond the limit."""

    staff: Staff
    hour: int
    day: int
    refused: int


def looks_of_the_day(now: datetime | None = None) -> list[Looks]:
    """Who looked at masked values of residents in the last 24 hours, most first."""
    moment = now or timezone.now()
    rows = AuditEntry.objects.filter(
        verb__in=("reveal", "reveal_refused"),
        thing="resident",
        at__gt=moment - timedelta(days=1),
        actor__startswith="staff:",
    )
    shown, last_hour = Q(verb="reveal"), Q(at__gt=moment - timedelta(hours=1))
    counted = rows.values("actor").annotate(
        hour=Count("pk", shown & last_hour),
        day=Count("pk", shown),
        refused=Count("pk", Q(verb="reveal_refused")),
    )
    by_actor = {int(row["actor"].removeprefix("staff:")): row for row in counted}
    people = Staff.objects.filter(pk__in=by_actor).order_by("pk")
    looks = [
        Looks(p, by_actor[p.pk]["hour"], by_actor[p.pk]["day"], by_actor[p.pk]["refused"])
        for p in people
    ]
    return sorted(looks, key=lambda row: (row.refused, row.day), reverse=True)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())
