"""What a member of staff or a token may see of the first line: where every list begins."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils import timezone

from fangxian.town.access import Ability, access_of, under
from fangxian.town.models import ApiToken, Staff
from fangxian.warn.actions.tasks import NEEDS
from fangxian.warn.models import Batch, Case, Episode, Signal, Task


def visible_episodes(
    who: Staff | ApiToken, ability: Ability = Ability.SEE_EPISODES
) -> QuerySet[Episode]:
    """Episodes in the area where `who` holds `ability`."""
    return access_of(who).within(Episode.objects.select_related("resident", "place"), ability)


def visible_tasks(who: Staff | ApiToken) -> QuerySet[Task]:
    """Tasks in the area where `who` may see episodes."""
    rows = Task.objects.select_related("episode__resident", "place", "assigned_to", "claimed_by")
    return access_of(who).within(rows, Ability.SEE_EPISODES)


def doable_tasks(who: Staff) -> QuerySet[Task]:
    """Open tasks `who` has the ability for, in the area, whose time has come."""
    access, allowed = access_of(who), Q(pk__in=[])
    for kind, ability in NEEDS.items():
        allowed |= Q(kind=kind) & under(access.prefixes(ability))
    return visible_tasks(who).filter(
        allowed, kind__in=NEEDS, state=Task.State.TODO, starts_at__lte=timezone.now()
    )


def visible_signals(who: Staff | ApiToken, ability: Ability) -> QuerySet[Signal]:
    """Signals of episodes in the area where `who` holds `ability`."""
    return access_of(who).within(Signal.objects.all(), ability, "episode__place")


def visible_batches(who: Staff | ApiToken) -> QuerySet[Batch]:
    """Lists handed in for the area where `who` takes in warnings."""
    return access_of(who).within(Batch.objects.select_related("sender", "by"), Ability.TAKE_IN)


def visible_cases(who: Staff | ApiToken, ability: Ability = Ability.SEE_CASES) -> QuerySet[Case]:
    """Cases in the area where `who` holds `ability`."""
    rows = Case.objects.select_related("place", "episode", "resident")
    return access_of(who).within(rows, ability)
