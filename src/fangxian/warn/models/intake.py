"""Where warnings come from: senders, their lists, and each single signal."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fangxian.town.models import Place, Staff
from fangxian.town.sealed import SealedField

from .episodes import Episode, Grade


class Sender(models.Model):
    """A body that sends warnings: the county centre, a bank, an operator, the town itself.

    `columns` is the mapping of the sender's last list: column header -> field of exchange.columns.
    """

    name = models.CharField(_("名称"), max_length=60, unique=True)
    columns = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class Batch(models.Model):
    """One list that was handed in. The file is kept, sealed, until its rows are answered.

    `next_row` is how far the import came: each chunk of rows is one transaction that also moves
    `next_row`, so a worker that dies goes on where the last whole chunk ended.
    """

    class State(models.TextChoices):
        PREVIEW = "preview", _("待确认")
        QUEUED = "queued", _("排队中")
        RUNNING = "running", _("导入中")
        DONE = "done", _("已完成")
        CANCELLED = "cancelled", _("已放弃")

    sender = models.ForeignKey(Sender, models.PROTECT, related_name="batches")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    filename = SealedField()
    content = SealedField()
    digest = models.CharField(max_length=64)
    columns = models.JSONField(default=dict)
    # What every row would do (queries.intake.Preview as JSON), until it is imported.
    preview = SealedField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PREVIEW)
    total = models.PositiveIntegerField(default=0)
    next_row = models.PositiveIntegerField(default=0)
    made = models.PositiveIntegerField(default=0)
    merged = models.PositiveIntegerField(default=0)
    known_before = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "batches"
        constraints = [
            # The same file twice is the same batch, not a second one.
            models.UniqueConstraint(
                fields=["sender", "digest"],
                condition=~Q(state="cancelled"),
                name="one_batch_per_file",
            )
        ]

    def __str__(self) -> str:
        return f"{self.sender} #{self.pk}"

    @property
    def percent(self) -> int:
        return 100 if not self.total else min(100, self.next_row * 100 // self.total)


class Signal(models.Model):
    """One warning about one resident from one sender. `fingerprint` makes it arrive only once.

    Called a signal because several may concern the same danger: they meet in one episode.
    `paid` and `loss_fen`: the sender says that money moved, and how much (fen). `forwarded`: it
    was taken in by somebody who is not responsible where the resident lives.
    """

    class Source(models.TextChoices):
        FILE = "file", _("名单")
        FORM = "form", _("手工录入")
        API = "api", _("接口")
        WATCH = "watch", _("监测")
        RESIDENT = "resident", _("居民举报")

    episode = models.ForeignKey(Episode, models.PROTECT, related_name="signals")
    sender = models.ForeignKey(Sender, models.PROTECT, related_name="signals")
    source = models.CharField(max_length=10, choices=Source.choices)
    batch = models.ForeignKey(Batch, models.SET_NULL, null=True, blank=True, related_name="signals")
    row = models.PositiveIntegerField(null=True, blank=True)
    reference = models.CharField(_("来文编号"), max_length=80, blank=True)
    fingerprint = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=40, default="other")
    grade = models.PositiveSmallIntegerField(choices=Grade.choices)
    occurred_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(default=timezone.now, db_index=True)
    risk_number = SealedField(mask="phone")
    note = SealedField()
    # The list names another person than the one we know at this phone.
    name_differs = models.BooleanField(default=False)
    paid = models.BooleanField(_("已转账"), default=False)
    loss_fen = models.PositiveBigIntegerField(null=True, blank=True)
    forwarded = models.BooleanField(default=False)
    # Feedback to the sender: what was told, when (after.py).
    result = models.CharField(max_length=20, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-received_at", "-id"]
        indexes = [models.Index(fields=["sender", "reference"])]

    def __str__(self) -> str:
        return f"{self.sender} {self.reference or self.pk}"


class Basis(models.Model):
    """A signal of the watch that a warning rests on: its name in the book and its version.

    Nothing else of it comes here: what was seen of the resident stays with whoever watches. It
    outlives the person's data, since it says nothing of anybody.
    """

    signal = models.ForeignKey(Signal, models.CASCADE, related_name="rests_on")
    name = models.CharField(max_length=60)
    version = models.PositiveIntegerField()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "bases"
        constraints = [
            models.UniqueConstraint(
                fields=["signal", "name", "version"], name="a_warning_rests_on_it_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class RefusedRow(models.Model):
    """A row of a batch that could not be used; the file of refused rows is written from these."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="refused_rows")
    row = models.PositiveIntegerField()
    # exchange's Problem as data, without the value that was wrong: said in the reader's language.
    problems = SealedField()

    class Meta:
        ordering = ["row"]
        constraints = [models.UniqueConstraint(fields=["batch", "row"], name="row_refused_once")]

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.row}"


class RowDone(models.Model):
    """Which signal a row of a batch became, also when the signal was already there."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="rows_done")
    row = models.PositiveIntegerField()
    signal = models.ForeignKey(Signal, models.CASCADE, related_name="+")

    class Meta:
        ordering = ["row"]
        constraints = [models.UniqueConstraint(fields=["batch", "row"], name="row_done_once")]

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.row}"
