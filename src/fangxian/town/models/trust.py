"""What makes the house trustworthy: the audit chain, sign-ins, tokens, deletions."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .duties import Staff
from .places import Place


class AuditEntry(models.Model):
    """One link of the audit chain (audit.py). `seq` counts from 1 without gaps.

    `detail` never holds personal data: ids, states, counts, reasons.
    """

    seq = models.BigIntegerField(unique=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=40)
    verb = models.CharField(max_length=40, db_index=True)
    thing = models.CharField(max_length=40, blank=True)
    thing_id = models.CharField(max_length=40, blank=True)
    detail = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    link = models.CharField(max_length=64)

    class Meta:
        ordering = ["seq"]
        verbose_name_plural = "audit entries"
        indexes = [models.Index(fields=["thing", "thing_id"]), models.Index(fields=["actor"])]

    def __str__(self) -> str:
        return f"{self.seq} {self.actor} {self.verb} {self.thing}:{self.thing_id}"


class AuditHead(models.Model):
    """The one row that every append locks: where the chain ends, and where it begins since the
    last pruning. `seal` is a MAC over the row, so that an end cut off is noticed."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    first_seq = models.BigIntegerField(default=1)
    first_previous = models.CharField(max_length=64)
    last_seq = models.BigIntegerField(default=0)
    last_link = models.CharField(max_length=64)
    seal = models.CharField(max_length=64)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_audit_head")]

    def __str__(self) -> str:
        return f"…{self.last_seq}"


class SignIn(models.Model):
    """A session of a member of staff; ending it ends the session."""

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, unique=True)
    device = models.CharField(_("设备"), max_length=80, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-seen_at"]

    def __str__(self) -> str:
        return f"{self.staff} {self.started_at:%Y-%m-%d %H:%M}"


class RecoveryCode(models.Model):
    """A way in without the telephone: ten a person, each used once. Only a keyed hash is kept."""

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.staff} {'used' if self.used_at else 'unused'}"


class ApiToken(models.Model):
    """A key for another system: scopes and an area, nothing more. Only its hash is kept."""

    name = models.CharField(_("名称"), max_length=60)
    made_by = models.ForeignKey(Staff, models.PROTECT, related_name="tokens")
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    scopes = models.JSONField(default=list)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(_("到期"))
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return self.name


class Deletion(models.Model):
    """What the retention job deleted or pseudonymised, by rule and day (no identities)."""

    rule = models.CharField(max_length=40, db_index=True)
    at = models.DateTimeField(default=timezone.now)
    how_many = models.PositiveIntegerField()
    older_than = models.DateTimeField()

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.rule} {self.how_many}"


class Once(models.Model):
    """An idempotency key that was used: the same request sent twice is answered the same.

    `digest` fingerprints the request body; another body under the same key is refused.
    """

    who = models.CharField(max_length=40)
    key = models.CharField(max_length=100)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    answer = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "once"
        constraints = [models.UniqueConstraint(fields=["who", "key"], name="a_key_is_used_once")]

    def __str__(self) -> str:
        return self.key


class WorkerBeat(models.Model):
    """A worker process that is alive. A task whose worker's beat stopped is run again."""

    worker_id = models.CharField(max_length=64, primary_key=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.worker_id
