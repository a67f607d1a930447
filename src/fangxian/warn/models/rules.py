"""What a town may set: clocks, working hours, the review sample; and outgoing webhooks."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fangxian.town.models import ApiToken, Place, Staff
from fangxian.town.sealed import SealedField

from .episodes import Grade


class ClockRule(models.Model):
    """How long a call and a visit may take for a grade, and whether the night counts.

    `climb_minutes`: how long an unanswered alarm waits before it climbs one step further;
    `retry_minutes`: how long after a call nobody answered the next one is tried. Empty: as
    clock.DEFAULTS says.
    """

    grade = models.PositiveSmallIntegerField(choices=Grade.choices, unique=True)
    call_minutes = models.PositiveIntegerField(_("电话（分钟）"))
    door_minutes = models.PositiveIntegerField(_("上门（分钟）"))
    working_hours_only = models.BooleanField(_("只计工作时间"), default=False)
    climb_minutes = models.PositiveIntegerField(_("升级（分钟）"), null=True, blank=True)
    retry_minutes = models.PositiveIntegerField(_("再打（分钟）"), null=True, blank=True)

    class Meta:
        ordering = ["grade"]

    def __str__(self) -> str:
        return f"{self.get_grade_display()} {self.call_minutes}/{self.door_minutes}"


class WorkingHours(models.Model):
    """When the rota works, by weekday (0 Monday … 6 Sunday), local time."""

    weekday = models.PositiveSmallIntegerField(unique=True)
    opens = models.TimeField(_("开始"))
    closes = models.TimeField(_("结束"))

    class Meta:
        ordering = ["weekday"]
        verbose_name_plural = "working hours"
        constraints = [
            models.CheckConstraint(
                condition=Q(weekday__lte=6) & Q(closes__gt=models.F("opens")),
                name="working_hours_make_sense",
            )
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens}-{self.closes}"


class DayOff(models.Model):
    """A date on which working hours do not count (a public holiday)."""

    day = models.DateField(unique=True)
    name = models.CharField(_("名称"), max_length=40, blank=True)

    class Meta:
        ordering = ["day"]
        verbose_name_plural = "days off"

    def __str__(self) -> str:
        return f"{self.day}"


class WallLink(models.Model):
    """A link that shows the wall on a screen where nobody is signed in: counts, no people.

    Only the SHA-256 of its key is kept. It shows what `made_by` may still see, until `expires_at`
    or `ended_at`.
    """

    name = models.CharField(_("放在哪里"), max_length=40)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return self.name


class Webhook(models.Model):
    """An address that is told what happened, as signed CloudEvents."""

    number = models.UUIDField(default=uuid.uuid4, unique=True)
    url = models.CharField(max_length=300)
    secret = SealedField()
    events = models.JSONField(default=list)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    token = models.ForeignKey(
        ApiToken, models.CASCADE, null=True, blank=True, related_name="webhooks"
    )
    is_active = models.BooleanField(default=True)
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"#{self.pk}"


class Delivery(models.Model):
    """One event on its way to one webhook; tried again with growing pauses."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    event_id = models.UUIDField(default=uuid.uuid4)
    body = models.JSONField()
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now, null=True, db_index=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["webhook", "event_id"], name="an_event_once_per_hook")
        ]

    def __str__(self) -> str:
        return f"{self.event_id}"
