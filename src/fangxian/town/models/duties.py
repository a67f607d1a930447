"""Staff, departments, duties, absences and shifts: who answers for what, and when."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..sealed import SealedField
from .places import Place


class Role(models.TextChoices):
    LEADER = "leader", _("领导")
    CLERK = "clerk", _("科室干部")
    OFFICER = "officer", _("民警")
    VILLAGE = "village", _("村社区干部")
    GRID = "grid", _("网格员")
    EDUCATOR = "educator", _("宣讲员")
    # 等保 2.0: the three administrators are separate people (access.py holds them apart).
    SYSTEM = "system", _("系统管理员")
    SECURITY = "security", _("安全管理员")
    AUDITOR = "auditor", _("审计管理员")


class Department(models.Model):
    """A body with people: an office of the town hall, the police station, a village committee.

    A contact budget counts bodies, so a department is also "who rang".
    """

    class Kind(models.TextChoices):
        TOWN_HALL = "town_hall", _("镇政府科室")
        POLICE = "police", _("派出所")
        VILLAGE = "village", _("村社区")

    name = models.CharField(_("名称"), max_length=60, unique=True)
    kind = models.CharField(_("类别"), max_length=10, choices=Kind.choices)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class StaffManager(BaseUserManager["Staff"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> Staff:
        staff = self.model(username=username, **fields)
        staff.set_password(password)
        staff.save()
        return staff


class Staff(AbstractBaseUser):
    """A person who works. What they may do follows from their duties alone (access.py)."""

    username = models.CharField(_("账号"), max_length=40, unique=True)
    name = models.CharField(_("姓名"), max_length=40)
    badge = models.CharField(_("工号"), max_length=20, blank=True)
    work_phone = SealedField(mask="phone")
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="staff"
    )
    is_active = models.BooleanField(_("在用"), default=True)
    totp_secret = SealedField(mask="secret")
    totp_last_step = models.BigIntegerField(default=0)
    must_change_password = models.BooleanField(default=False)
    lat = models.FloatField(null=True, blank=True)
    lon = models.FloatField(null=True, blank=True)

    objects: ClassVar[StaffManager] = StaffManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class DutyQuerySet(models.QuerySet["Duty"]):
    def at(self, moment: datetime) -> DutyQuerySet:
        """Duties in force at a moment (starts inclusive, ends exclusive)."""
        return self.filter(starts_at__lte=moment).filter(Q(ends_at=None) | Q(ends_at__gt=moment))


class Duty(models.Model):
    """`staff` answers for `place` in `role` from `starts_at` (inclusive) to `ends_at` (exclusive).

    The tree 领导带科室包社区: a leader's duty names the department led (`leads`); a clerk or an
    officer takes villages (`place`); village staff and grid workers hold their own place. A leader
    without `leads` is the head of the whole town: the end of every chain.
    """

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="duties")
    role = models.CharField(_("角色"), max_length=10, choices=Role.choices)
    place = models.ForeignKey(Place, models.PROTECT, related_name="duties")
    leads = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="led_by"
    )
    starts_at = models.DateTimeField(_("起"), default=timezone.now)
    ends_at = models.DateTimeField(_("止"), null=True, blank=True)

    objects = DutyQuerySet.as_manager()

    # In the answers of `duty_of` and `chain_of`: whom `staff` stands in for. Not stored.
    held_for: Staff | None = None

    class Meta:
        ordering = ["place__code", "role", "id"]
        verbose_name_plural = "duties"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=models.F("starts_at")),
                name="duty_starts_before_it_ends",
            ),
            models.CheckConstraint(
                condition=Q(leads=None) | Q(role="leader"), name="only_leaders_lead"
            ),
        ]
        indexes = [models.Index(fields=["role", "place"])]

    def __str__(self) -> str:
        return f"{self.staff} · {self.get_role_display()} · {self.place}"


class Absence(models.Model):
    """`staff` is away; `stand_in` has the same duties from `starts_at` to `ends_at`."""

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="absences")
    stand_in = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="stands_in"
    )
    starts_at = models.DateTimeField(_("起"))
    ends_at = models.DateTimeField(_("止"))
    reason = models.CharField(_("事由"), max_length=60, blank=True)

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=models.F("starts_at")), name="absence_starts_before_it_ends"
            ),
            models.CheckConstraint(
                condition=Q(stand_in=None) | ~Q(stand_in=models.F("staff")),
                name="nobody_stands_in_for_themselves",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.starts_at:%Y-%m-%d}–{self.ends_at:%Y-%m-%d}"


class Shift(models.Model):
    """`staff` is on the roster (值班) from `starts_at` to `ends_at`."""

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="shifts")
    starts_at = models.DateTimeField(_("起"), db_index=True)
    ends_at = models.DateTimeField(_("止"))

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=models.F("starts_at")), name="shift_starts_before_it_ends"
            ),
            models.UniqueConstraint(fields=["staff", "starts_at"], name="one_shift_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.starts_at:%Y-%m-%d %H:%M}"
