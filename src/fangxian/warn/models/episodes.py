"""An episode: one resident in one danger, from the first signal until it is closed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fangxian.town.models import Department, Place, Resident, Staff
from fangxian.town.sealed import SealedField


class Grade(models.IntegerChoices):
    """How near the danger is; smaller is nearer, so that lists sort by what burns."""

    RED = 1, _("红色")
    ORANGE = 2, _("橙色")
    YELLOW = 3, _("黄色")
    BLUE = 4, _("蓝色")

    @property
    def key(self) -> str:
        return self.name.lower()


class Stage(models.TextChoices):
    """How far the gang has come with this resident; the same keys as detect.kinds.Stage."""

    UNKNOWN = "unknown", _("不清楚")
    NONE = "none", _("没有被联系")
    CONTACTED = "contacted", _("已被联系")
    TRUSTING = "trusting", _("已经相信")
    ISOLATED = "isolated", _("被隔离（保密、共享屏幕、换软件）")
    PAID = "paid", _("已转账")


class Episode(models.Model):
    """Signals about one resident, merged. At most one is not closed per resident.

    OPEN: somebody must act. REVIEW: dealt with, a second pair of eyes must look. CLOSED.
    `place` is where the resident was when it opened (access and counting); `reasons` says why the
    grade is what it is (grading.py).
    """

    class State(models.TextChoices):
        OPEN = "open", _("处置中")
        REVIEW = "review", _("待复核")
        CLOSED = "closed", _("已办结")

    class Outcome(models.TextChoices):
        DISSUADED = "dissuaded", _("已劝阻")
        # Told face to face, twice, and would not hear of it.
        REFUSED = "refused", _("不听劝")
        PAID = "paid", _("已被骗")
        FALSE_ALARM = "false_alarm", _("误报")
        NOT_FOUND = "not_found", _("查无此人")

    resident = models.ForeignKey(Resident, models.PROTECT, related_name="episodes")
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    grade = models.PositiveSmallIntegerField(_("等级"), choices=Grade.choices)
    reasons = models.JSONField(default=list)
    kind = models.CharField(_("类型"), max_length=40, default="other")
    stage = models.CharField(_("阶段"), max_length=10, choices=Stage.choices, default=Stage.UNKNOWN)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.OPEN)
    outcome = models.CharField(_("结果"), max_length=12, choices=Outcome.choices, blank=True)
    opened_at = models.DateTimeField(default=timezone.now)
    last_signal_at = models.DateTimeField(default=timezone.now)
    first_call_at = models.DateTimeField(null=True, blank=True)
    first_call_due_at = models.DateTimeField(null=True, blank=True)
    reached_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    reopened = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["grade", "-last_signal_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["resident"],
                condition=~Q(state="closed"),
                name="one_open_episode_per_resident",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False)
                | (~Q(state="closed") & Q(closed_at=None)),
                name="closed_episodes_have_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "grade", "last_signal_at"]),
            # With the place in them, pages and counts of an area are read off the index alone; with
            # the times, so are the counts of the months.
            models.Index(fields=["state", "place"]),
            models.Index(
                fields=["opened_at", "place", "first_call_at", "first_call_due_at", "reached_at"],
                name="warn_episode_months",
            ),
            models.Index(fields=["reached_at"]),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Task(models.Model):
    """One thing somebody must do by a time. "My work" is a list of these.

    `assigned_to` is who should; `claimed_by` is who is doing it now, until `claimed_until`.
    `starts_at` is when it may be done (a retry, a follow-up); `due_at` is when it must be done.
    `alarm_at` is when the clock next fires (clock.py), `level` how often it fired already; both
    begin anew with every new time, and `round` counts those. `began_at` is when whoever holds the
    claim first saw the number: from then on somebody is ringing.
    """

    class Kind(models.TextChoices):
        CALL = "call", _("电话劝阻")
        FIND = "find", _("查找此人")
        VISIT = "visit", _("上门劝阻")
        FOLLOW_UP = "follow_up", _("回访")
        REVIEW = "review", _("复核")

    class State(models.TextChoices):
        TODO = "todo", _("待办")
        DONE = "done", _("已办")
        CANCELLED = "cancelled", _("已取消")

    episode = models.ForeignKey(Episode, models.CASCADE, related_name="tasks")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # 3 and 30 for follow-ups; 0 otherwise.
    day = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.TODO)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    grade = models.PositiveSmallIntegerField(choices=Grade.choices)
    made_at = models.DateTimeField(default=timezone.now)
    starts_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    alarm_at = models.DateTimeField(null=True, blank=True)
    level = models.PositiveSmallIntegerField(default=0)
    round = models.PositiveSmallIntegerField(default=0)
    assigned_to = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="assigned_tasks"
    )
    claimed_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="claimed_tasks"
    )
    claimed_until = models.DateTimeField(null=True, blank=True)
    began_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(Staff, models.PROTECT, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["episode", "kind", "day"],
                condition=Q(state="todo"),
                name="one_open_task_of_a_kind_per_episode",
            ),
            models.CheckConstraint(
                condition=Q(claimed_by=None, claimed_until=None)
                | Q(claimed_by__isnull=False, claimed_until__isnull=False),
                name="a_claim_has_an_end",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_at"]),
            models.Index(fields=["state", "kind", "starts_at"]),
            models.Index(fields=["assigned_to", "state", "due_at"]),
            models.Index(fields=["claimed_by", "state"]),
            # Not a partial index on what is to do: SQLite cannot use one for a bound parameter.
            models.Index(fields=["state", "alarm_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"


class Escalation(models.Model):
    """The clock ran out `level` times on a task, and this is who was told.

    Written once a level; a task that got new time (the next `round`) may climb once more.
    """

    task = models.ForeignKey(Task, models.CASCADE, related_name="escalations")
    round = models.PositiveSmallIntegerField(default=0)
    level = models.PositiveSmallIntegerField()
    told = models.ForeignKey(Staff, models.PROTECT, null=True, blank=True, related_name="told_of")
    due_at = models.DateTimeField()
    fired_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-fired_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["task", "round", "level"], name="a_level_fires_once")
        ]

    def __str__(self) -> str:
        return f"{self.task_id}/{self.level}"


class Contact(models.Model):
    """That a body reached out to a resident: what the contact budget counts."""

    resident = models.ForeignKey(Resident, models.CASCADE, related_name="contacts")
    episode = models.ForeignKey(Episode, models.CASCADE, related_name="+")
    body = models.ForeignKey(Department, models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    how = models.CharField(max_length=10)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["resident", "at"])]

    def __str__(self) -> str:
        return f"{self.how} {self.at:%Y-%m-%d}"


class Note(models.Model):
    """A free remark on the timeline of an episode."""

    episode = models.ForeignKey(Episode, models.CASCADE, related_name="notes")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    text = SealedField()

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}"
