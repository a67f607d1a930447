"""The register of real cases: money or data was lost."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fangxian.town.models import Place, Resident, Staff
from fangxian.town.sealed import SealedField

from .episodes import Episode


class Case(models.Model):
    """One case. `loss_fen` is money in integer fen. `episode` is the earlier warning, if any:
    "was warned, paid anyway"."""

    class Channel(models.TextChoices):
        PHONE = "phone", _("电话")
        SMS = "sms", _("短信")
        CHAT = "chat", _("聊天软件")
        VIDEO = "video", _("短视频/直播")
        WEB = "web", _("网页/购物平台")
        APP = "app", _("陌生App")
        MAIL = "mail", _("快递/信件")
        IN_PERSON = "in_person", _("当面")
        OTHER = "other", _("其他")

    number = models.CharField(_("案件编号"), max_length=40, blank=True)
    form_key = models.UUIDField(default=uuid.uuid4, unique=True)
    kind = models.CharField(_("类型"), max_length=40)
    loss_fen = models.PositiveBigIntegerField(_("损失"), default=0)
    stopped_fen = models.PositiveBigIntegerField(_("止付"), default=0)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    happened_on = models.DateField(_("发案日期"))
    channel = models.CharField(_("接触渠道"), max_length=10, choices=Channel.choices)
    episode = models.ForeignKey(
        Episode, models.SET_NULL, null=True, blank=True, related_name="cases"
    )
    resident = models.ForeignKey(
        Resident, models.SET_NULL, null=True, blank=True, related_name="cases"
    )
    story = SealedField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-happened_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["number"],
                condition=~Q(number="") & Q(withdrawn_at=None),
                name="case_number_once",
            )
        ]
        indexes = [models.Index(fields=["happened_on"]), models.Index(fields=["place"])]

    def __str__(self) -> str:
        return self.number or f"#{self.pk}"
