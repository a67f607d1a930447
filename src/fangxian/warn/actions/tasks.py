"""Tasks: ordered, claimed by one person at a time, handed over, finished."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from fangxian.town import audit
from fangxian.town.access import Ability, access_of
from fangxian.town.models import Phone, Staff
from fangxian.warn.assignment import Assigner
from fangxian.warn.clock import Clocks, resumed
from fangxian.warn.models import Contact, Episode, Grade, Task

from .errors import AlreadyDone, AlreadyTaken, BudgetSpent, NotYours, TooEarly

# A claim ends by itself, so that a phone that died does not keep a resident from being rung. One
# for the door lasts longer: it begins with the way there.
CLAIM_LASTS: dict[str, timedelta] = {
    Task.Kind.CALL: timedelta(minutes=20),
    Task.Kind.FIND: timedelta(hours=1),
    Task.Kind.VISIT: timedelta(hours=1),
    Task.Kind.FOLLOW_UP: timedelta(minutes=20),
    Task.Kind.REVIEW: timedelta(minutes=20),
}
# "A contact budget keeps a resident from being rung by three bodies in one day."
BODIES_A_DAY = 2
# What a nearer grade makes more urgent; a follow-up and a review keep their day.
HURRIES = (Task.Kind.CALL, Task.Kind.FIND, Task.Kind.VISIT)
# Of each of these sets only one person at a time does anything with a resident. Who rings keeps
# nobody from the door: money is moving, one talks and one runs.
TOGETHER = (
    frozenset({Task.Kind.CALL, Task.Kind.FOLLOW_UP}),
    frozenset({Task.Kind.VISIT}),
)
REACHES_OUT = (Task.Kind.CALL, Task.Kind.VISIT, Task.Kind.FOLLOW_UP)
NEEDS: dict[str, Ability] = {
    Task.Kind.CALL: Ability.CALL,
    Task.Kind.FIND: Ability.VISIT,
    Task.Kind.VISIT: Ability.VISIT,
    Task.Kind.FOLLOW_UP: Ability.VISIT,
    Task.Kind.REVIEW: Ability.REVIEW,
}


def order(
    episode: Episode,
    kind: str,
    due_at: datetime,
    *,
    starts_at: datetime | None = None,
    day: int = 0,
    to: Staff | None = None,
    assigner: Assigner | None = None,
) -> Task:
    """Make a task, or tighten the one of this kind that is open already; assign it at once.

    Runs inside the caller's action. `starts_at` and `due_at` are aware; `day` is 3 or 30 for
    follow-ups. The alarm fires when the task is due; reviews have none (nobody waits in danger).
    """
    now = timezone.now()
    task = Task.objects.filter(
        episode=episode, kind=kind, day=day, state=Task.State.TODO
    ).first() or Task(episode=episode, kind=kind, day=day, made_at=now)
    nearer = task.pk is not None and task.grade > episode.grade
    task.place, task.grade = episode.place, episode.grade
    task.starts_at = starts_at or now
    was_due = task.due_at if task.pk else None
    due = min(was_due, due_at) if was_due and starts_at is None else due_at
    # An alarm that climbs goes on climbing, unless the task got new time or a nearer grade.
    if task.level == 0 or nearer or (was_due is not None and due > was_due):
        start_clock(task, due)
    task.due_at = due
    if task.assigned_to is None:
        chosen = to or (assigner or Assigner(now)).choose(kind, episode.place)
        task.assigned_to = chosen
    task.save()
    return task


def start_clock(task: Task, due_at: datetime) -> None:
    """Give a task its time anew: the alarm fires when it is due and climbs from the first step.

    Does not save. Reviews have no alarm (nobody waits in danger).
    """
    if task.level:
        task.round, task.level = task.round + 1, 0
    task.due_at = due_at
    task.alarm_at = None if task.kind == Task.Kind.REVIEW else due_at


def tighten(episode: Episode, clocks: Clocks, now: datetime) -> list[Task]:
    """What is still to be done becomes as urgent as the episode now is; returns what changed.

    An episode that rose to a nearer grade, by whatever door (a signal, money moved), gives its
    calls, searches and visits that grade's time from `now` where that is sooner; a try planned
    for later is to be made now. Whoever was told of the old, slower clock is told anew: it burns
    more. Inside the caller's action.
    """
    grade = Grade(episode.grade)
    rows = Task.objects.filter(episode=episode, state=Task.State.TODO, kind__in=HURRIES)
    changed = list(rows.filter(grade__gt=grade).order_by("id"))
    for task in changed:
        due = (clocks.call_due if task.kind == Task.Kind.CALL else clocks.door_due)(grade, now)
        task.grade, task.starts_at = grade, now
        start_clock(task, min(task.due_at, due))
        task.save()
    return changed


def finish(task: Task, by: Staff, at: datetime | None = None) -> None:
    """Mark a task done. Runs inside the caller's action."""
    task.state, task.done_by, task.done_at = Task.State.DONE, by, at or timezone.now()
    task.alarm_at = None
    task.claimed_by = task.claimed_until = None
    task.save()


def cancel_open(episode: Episode, *kinds: str) -> None:
    """Cancel the open tasks of these kinds; without kinds, all but follow-ups."""
    rows = Task.objects.filter(episode=episode, state=Task.State.TODO)
    rows = rows.filter(kind__in=kinds) if kinds else rows.exclude(kind=Task.Kind.FOLLOW_UP)
    rows.update(state=Task.State.CANCELLED, alarm_at=None, claimed_by=None, claimed_until=None)


def bodies_today(episode: Episode) -> set[int]:
    """Ids of the bodies that reached out to the resident since local midnight."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Contact.objects.filter(
        resident_id=episode.resident_id, at__gte=midnight, body__isnull=False
    )
    return set(rows.values_list("body", flat=True))


def who_reaches(task: Task, besides: Staff, now: datetime) -> Staff | None:
    """Who else is ringing (or visiting) the resident of `task`, or somebody on the same phone.

    A family shares a landline: two officers with two residents would ring one phone. Inside the
    caller's action, under the writers' lock, so that nobody claims between look and claim.
    """
    kinds = next((kinds for kinds in TOGETHER if task.kind in kinds), None)
    if kinds is None:
        return None
    resident = task.episode.resident_id
    indexes = Phone.objects.filter(resident=resident).values("index")
    same_phone = Phone.objects.filter(index__in=indexes).values("resident")
    other = (
        Task.objects.filter(kind__in=kinds, state=Task.State.TODO, claimed_until__gt=now)
        .filter(Q(episode__resident=resident) | Q(episode__resident__in=same_phone))
        .exclude(Q(pk=task.pk) | Q(claimed_by=besides))
        .select_related("claimed_by")
        .first()
    )
    return other.claimed_by if other else None


@transaction.atomic
def claim(task: Task, by: Staff, because: str = "") -> Task:
    """Take a task: from now on, for CLAIM_LASTS, nobody else can. Claiming one's own prolongs it.

    Raises AlreadyDone, TooEarly, AlreadyTaken (also when somebody rings the same resident, or the
    same phone, for another task), or BudgetSpent when two other bodies reached the resident today
    (red episodes, and anyone who writes down why, pass).
    """
    access_of(by).check(NEEDS[task.kind], task.place.code)
    audit.hold()
    now = timezone.now()
    mine = Task.objects.filter(pk=task.pk, claimed_by=by, claimed_until__gt=now).exists()
    episode = task.episode
    if task.kind in REACHES_OUT and episode.grade != Grade.RED and not mine:
        others = bodies_today(episode) - {by.department_id}
        if len(others) >= BODIES_A_DAY and not because.strip():
            raise BudgetSpent
    if not mine and (busy := who_reaches(task, by, now)):
        raise AlreadyTaken(_("%(who)s 正在联系这位居民（或共用这个号码的人）。") % {"who": busy})
    # One conditional UPDATE decides: of two who tap at once, one row count is 1, the other 0.
    taken = (
        Task.objects.filter(pk=task.pk, state=Task.State.TODO, starts_at__lte=now)
        .filter(Q(claimed_by=None) | Q(claimed_by=by) | Q(claimed_until__lte=now))
        .update(
            claimed_by=by,
            claimed_until=now + CLAIM_LASTS[task.kind],
            began_at=F("began_at") if mine else None,
        )
    )
    task.refresh_from_db()
    if not taken:
        if task.state != Task.State.TODO:
            raise AlreadyDone
        raise TooEarly if task.starts_at > now else AlreadyTaken
    if not mine:
        # Pages prolong a claim while somebody works on them; that is no new deed.
        because = because.strip() and episode.resident.without_names(because.strip())
        audit.record(by, "claim", task, because=because or None)
    return task


def let_go(task: Task) -> None:
    """End the claim without a result; a clock that waited for the talk goes on. Does not save."""
    task.alarm_at = resumed(task, timezone.now())
    task.claimed_by = task.claimed_until = task.began_at = None


@transaction.atomic
def release(task: Task, by: Staff) -> None:
    """Give a claimed task back to the list."""
    audit.hold()
    held = Task.objects.select_for_update().filter(pk=task.pk, claimed_by=by).first()
    if held is None:
        raise NotYours
    let_go(held)
    held.save()
    audit.record(by, "release", task)


@transaction.atomic
def assign(task: Task, by: Staff, to: Staff) -> Task:
    """Hand a task to somebody by hand (a leader or clerk); ends a claim by anyone else."""
    access_of(by).check(Ability.ASSIGN, task.place.code)
    access_of(to).check(NEEDS[task.kind], task.place.code)
    audit.hold()
    task = Task.objects.select_for_update().select_related("place").get(pk=task.pk)
    if task.state != Task.State.TODO:
        raise AlreadyDone
    task.assigned_to = to
    let_go(task)
    task.save()
    audit.record(by, "assign", task, to=to.pk)
    return task


def held(task: Task, by: Staff) -> Task:
    """The task, locked, when `by` holds the claim (or it is free). Raises NotYours, AlreadyDone."""
    task = (
        Task.objects.select_for_update(of=("self",))
        .select_related("place", "episode", "episode__resident", "episode__place")
        .get(pk=task.pk)
    )
    if task.state != Task.State.TODO:
        raise AlreadyDone
    other = task.claimed_by_id not in (None, by.pk)
    if other and task.claimed_until and task.claimed_until > timezone.now():
        raise NotYours
    return task
