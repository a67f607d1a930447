"""Places and the households in them."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..sealed import SealedField

# How many leading digits of a code say which place it is; what follows is zeros.
DIGITS = {"province": 2, "city": 4, "county": 6, "town": 9, "village": 12, "grid": 15}


class Level(models.TextChoices):
    PROVINCE = "province", _("省级")
    CITY = "city", _("市级")
    COUNTY = "county", _("区县")
    TOWN = "town", _("乡镇街道")
    VILLAGE = "village", _("村社区")
    GRID = "grid", _("网格")


def prefix_of(code: str, level: str) -> str:
    """The digits shared by a place and all below it: 500112101000 (town) -> 500112101."""
    return code[: DIGITS[level]]


class PlaceQuerySet(models.QuerySet["Place"]):
    def at(self, day: date) -> PlaceQuerySet:
        """Places that exist on a day: begun by then, and not closed."""
        return self.filter(valid_from__lte=day).exclude(valid_to__lte=day)

    def not_closed(self, day: date) -> PlaceQuerySet:
        """Places that exist on a day or are planned to exist later."""
        return self.exclude(valid_to__lte=day)


class Place(models.Model):
    """A node of the tree of places.

    `code` has 12 digits: 2 province + 2 city + 2 county (GB/T 2260) + 3 town + 3 village. A grid
    has no national code; its code is its village's 12 digits and 3 more, so that every place's
    code begins with the digits of the places above it and an area is one range of codes.
    `valid_to` is the first day on which the place no longer exists; a day to come plans it. On
    every day a code means at most one place (actions/places.py looks, under the writers' lock).
    """

    code = models.CharField(_("代码"), max_length=15)
    name = models.CharField(_("名称"), max_length=60)
    level = models.CharField(_("层级"), max_length=10, choices=Level.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    valid_from = models.DateField(_("启用"), default=date(2000, 1, 1))
    valid_to = models.DateField(_("停用"), null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    lon = models.FloatField(null=True, blank=True)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=Q(valid_to=None), name="one_current_place_per_code"
            ),
            models.UniqueConstraint(
                fields=["code", "valid_from"], name="one_place_per_code_and_first_day"
            ),
            models.CheckConstraint(
                condition=Q(code__regex=r"^([0-9]{12}|[0-9]{15})$"), name="place_code_12_or_15"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=models.F("valid_from")),
                name="place_valid_from_before_to",
            ),
        ]
        indexes = [models.Index(fields=["level", "code"])]

    def __str__(self) -> str:
        return self.name

    @property
    def prefix(self) -> str:
        return prefix_of(self.code, self.level)


class Household(models.Model):
    """People under one roof. `grid` is where it is visited from.

    It has no coordinates: beside a sealed address they would say in clear where the door is.
    Distances are between a member of staff and a place.
    """

    grid = models.ForeignKey(Place, models.PROTECT, related_name="households")
    address = SealedField(mask="address")

    def __str__(self) -> str:
        return f"{self.grid} {self.address}"
