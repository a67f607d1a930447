"""What was done: calls, visits, stopped payments, messages, follow-ups, reviews.

Each has a `form_key`: the random key of the form it came from. A form sent twice (a double tap,
a lost answer) writes once.
"""

from __future__ import annotations

import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fangxian.town.models import Department, Phone, Staff
from fangxian.town.sealed import SealedField

from .episodes import Episode, Stage, Task

_WORRY = [MinValueValidator(1), MaxValueValidator(5)]


class CallOutcome(models.TextChoices):
    DISSUADED = "dissuaded", _("接通，已劝阻")
    PAID = "paid", _("已经转账")
    REFUSED = "refused", _("不听劝")
    WRONG_PERSON = "wrong_person", _("不是本人")
    FALSE_ALARM = "false_alarm", _("误报")
    UNREACHABLE = "unreachable", _("没打通")


class Call(models.Model):
    """One call to the resident. Worry is what the resident says, 1 (calm) to 5 (very afraid)."""

    episode = models.ForeignKey(Episode, models.CASCADE, related_name="calls")
    task = models.ForeignKey(Task, models.SET_NULL, null=True, related_name="+")
    form_key = models.UUIDField(default=uuid.uuid4, unique=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="calls")
    body = models.ForeignKey(Department, models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=12, choices=CallOutcome.choices)
    stage = models.CharField(max_length=10, choices=Stage.choices, default=Stage.UNKNOWN)
    worry_before = models.PositiveSmallIntegerField(null=True, blank=True, validators=_WORRY)
    worry_after = models.PositiveSmallIntegerField(null=True, blank=True, validators=_WORRY)
    answers = models.JSONField(default=dict, blank=True)
    notes = SealedField()

    class Meta:
        ordering = ["ended_at"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(worry_before=None) | Q(worry_before__range=(1, 5)))
                & (Q(worry_after=None) | Q(worry_after__range=(1, 5))),
                name="call_worry_1_to_5",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} {self.ended_at:%Y-%m-%d %H:%M}"


class VisitOutcome(models.TextChoices):
    DISSUADED = "dissuaded", _("见到本人，已劝阻")
    PAID = "paid", _("已经转账")
    REFUSED = "refused", _("见到本人，不听劝")
    NOT_HOME = "not_home", _("家中无人")
    MOVED = "moved", _("不住这里")
    FALSE_ALARM = "false_alarm", _("误报")


class Visit(models.Model):
    """One visit at the door."""

    episode = models.ForeignKey(Episode, models.CASCADE, related_name="visits")
    task = models.ForeignKey(Task, models.SET_NULL, null=True, related_name="+")
    form_key = models.UUIDField(default=uuid.uuid4, unique=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="visits")
    body = models.ForeignKey(Department, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=12, choices=VisitOutcome.choices)
    stage = models.CharField(max_length=10, choices=Stage.choices, default=Stage.UNKNOWN)
    worry_before = models.PositiveSmallIntegerField(null=True, blank=True, validators=_WORRY)
    worry_after = models.PositiveSmallIntegerField(null=True, blank=True, validators=_WORRY)
    checks = models.JSONField(default=dict, blank=True)
    notes = SealedField()

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} {self.at:%Y-%m-%d %H:%M}"


class StopPayment(models.Model):
    """The race after money moved: which steps are done, and when (script.STOP_PAYMENT)."""

    episode = models.OneToOneField(Episode, models.CASCADE, related_name="stop_payment")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    started_at = models.DateTimeField(default=timezone.now)
    paid_at = models.DateTimeField(null=True, blank=True)
    # step id -> moment it was ticked (ISO 8601, UTC)
    steps = models.JSONField(default=dict)
    stopped_fen = models.PositiveBigIntegerField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"#{self.episode_id}"


class Message(models.Model):
    """A text to a resident, from a template that follows the 12381 rule (messages.py)."""

    class State(models.TextChoices):
        QUEUED = "queued", _("待发")
        SENT = "sent", _("已发")
        FAILED = "failed", _("失败")

    episode = models.ForeignKey(Episode, models.CASCADE, related_name="messages")
    phone = models.ForeignKey(Phone, models.SET_NULL, null=True, related_name="+")
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    template = models.CharField(max_length=20)
    kind = models.CharField(max_length=40)
    language = models.CharField(max_length=5, default="zh")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    answer = models.CharField(max_length=120, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["made_at"]

    def __str__(self) -> str:
        return f"{self.template} {self.get_state_display()}"


class FollowUp(models.Model):
    """A conversation 3 or 30 days later."""

    class Outcome(models.TextChoices):
        FINE = "fine", _("一切正常")
        CONTACTED_AGAIN = "contacted_again", _("又被联系")
        PAID = "paid", _("后来转账了")
        UNREACHABLE = "unreachable", _("没联系上")

    episode = models.ForeignKey(Episode, models.CASCADE, related_name="follow_ups")
    task = models.ForeignKey(Task, models.SET_NULL, null=True, related_name="+")
    form_key = models.UUIDField(default=uuid.uuid4, unique=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    day = models.PositiveSmallIntegerField()
    at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    answers = models.JSONField(default=dict, blank=True)
    worry = models.PositiveSmallIntegerField(null=True, blank=True, validators=_WORRY)
    notes = SealedField()

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.day} {self.get_outcome_display()}"


class Review(models.Model):
    """The second pair of eyes: someone who did not act on the episode."""

    class Verdict(models.TextChoices):
        AGREED = "agreed", _("同意办结")
        SENT_BACK = "sent_back", _("退回重办")

    episode = models.ForeignKey(Episode, models.CASCADE, related_name="reviews")
    form_key = models.UUIDField(default=uuid.uuid4, unique=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    notes = SealedField()

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}"
