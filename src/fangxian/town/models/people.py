"""Residents and their phones."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..masks import without_identities
from ..sealed import BlindIndexField, SealedField
from .duties import Staff
from .places import Household, Place


class Tag(models.TextChoices):
    """What a visit should know before the door opens. Kept short on purpose."""

    LIVES_ALONE = "lives_alone", _("独居")
    ELDER_COUPLE = "elder_couple", _("老年夫妻")
    LEFT_BEHIND = "left_behind", _("留守")
    HARD_OF_HEARING = "hard_of_hearing", _("听力不便")
    STUDENT = "student", _("学生")
    SHOP_OWNER = "shop_owner", _("商户")
    ACCOUNTANT = "accountant", _("财务人员")
    WAS_VICTIM = "was_victim", _("曾受骗")


class Document(models.TextChoices):
    """Which document `id_number` is the number of."""

    ID_CARD = "id_card", _("居民身份证")
    PERMIT = "permit", _("港澳台居民证件")
    PASSPORT = "passport", _("护照")
    OTHER = "other", _("其他证件")


class Resident(models.Model):
    """A person of the town, or one a warning named whom nobody has found yet (`found` False).

    `place` is the grid where the person lives, or the smallest place known. `erased_at` is when
    the identity was replaced by a pseudonym (town/retention.py).
    """

    name = SealedField(mask="name")
    id_number = SealedField(mask="id")
    id_index = BlindIndexField(source="id_number", kind="id")
    document = models.CharField(
        _("证件种类"), max_length=10, choices=Document.choices, default=Document.ID_CARD
    )
    birth_year = models.PositiveSmallIntegerField(_("出生年份"), null=True, blank=True)
    household = models.ForeignKey(
        Household, models.SET_NULL, null=True, blank=True, related_name="residents"
    )
    place = models.ForeignKey(Place, models.PROTECT, related_name="residents")
    tags = models.JSONField(_("标签"), default=list, blank=True)
    found = models.BooleanField(default=True)
    last_known_area = SealedField(mask="address")
    created_at = models.DateTimeField(auto_now_add=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(birth_year=None) | Q(birth_year__range=(1900, 2100)),
                name="birth_year_plausible",
            ),
        ]

    def __str__(self) -> str:
        return str(self.name) or f"#{self.pk}"

    def without_names(self, text: str) -> str:
        """A text about this person fit for the audit chain: the names of those under the roof and
        long numbers masked in it."""
        roof = self.household.residents.all() if self.household else []
        return without_identities(text, self.name.clear, *(other.name.clear for other in roof))

    @property
    def tag_labels(self) -> list[str]:
        return [str(Tag(t).label) for t in self.tags if t in Tag.values]


class Phone(models.Model):
    """A number at which a resident is reached. Families share landlines, so one number may
    belong to several residents. `index` is the blind index of the E.164 number."""

    resident = models.ForeignKey(Resident, models.CASCADE, related_name="phones")
    number = SealedField(mask="phone")
    index = models.CharField(max_length=32, db_index=True)
    note = models.CharField(_("备注"), max_length=20, blank=True)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["resident", "index"], name="phone_once_per_resident")
        ]

    def __str__(self) -> str:
        return str(self.number)


class ResidentList(models.Model):
    """A register of residents (名册) that somebody hands in; kept one day, until it is imported.

    `content` is the file in base64 (a pasted table where `filename` is empty), dropped when the
    import is done; `columns` what each column was taken for; `next_row` how many of its `total`
    rows the worker has taken since `confirmed_at`; `result` the counts so far.
    """

    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    filename = SealedField()
    content = SealedField(mask="secret")
    columns = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    total = models.PositiveIntegerField(default=0)
    next_row = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"#{self.pk}"
