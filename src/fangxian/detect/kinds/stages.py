"""How far a fraud has got, told two ways.

The victim's story has six moments (`Moment`), common to nearly all kinds: domain.md §3.
An officer on the telephone needs fewer: four stages (`Stage`), because once money has moved
the next step is the same whatever the sum - so the three moments of payment are one stage.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from fangxian.detect.kinds.words import Words


class Stage(StrEnum):
    """How far it has got, as the officer writes it down; in order, shallow to deep."""

    UNKNOWN = "unknown"  # not asked yet, or no clear answer
    NONE = "none"  # asked, and nobody has been in touch: perhaps a false alarm
    CONTACTED = "contacted"
    TRUSTING = "trusting"
    ISOLATED = "isolated"
    PAID = "paid"

    @property
    def label(self) -> Words:
        """The stage in the words of a form."""
        return _STAGE_LABELS[self]

    @property
    def moments(self) -> tuple[Moment, ...]:
        """The moments of the victim's story that belong to this stage, in order."""
        return tuple(moment for moment in Moment if moment.stage is self)

    @classmethod
    def deepest(cls, stages: Iterable[Stage]) -> Stage:
        """The deepest of `stages`; UNKNOWN when there are none.

        The questions answered "yes" are handed in, and this is the stage to write down.
        """
        order = list(cls)
        return max(stages, key=order.index, default=cls.UNKNOWN)


class Moment(StrEnum):
    """The six moments of the story as the victim lives it, in order."""

    CONTACT = "contact"
    TRUST = "trust"
    ISOLATE = "isolate"
    FIRST_PAYMENT = "first_payment"
    LARGER_PAYMENTS = "larger_payments"
    WITHDRAW_FEE = "withdraw_fee"

    @property
    def label(self) -> Words:
        """The moment in plain words."""
        return _MOMENT_LABELS[self]

    @property
    def stage(self) -> Stage:
        """The officer's stage that this moment belongs to."""
        return _STAGE_OF.get(self, Stage.PAID)


_STAGE_OF = {
    Moment.CONTACT: Stage.CONTACTED,
    Moment.TRUST: Stage.TRUSTING,
    Moment.ISOLATE: Stage.ISOLATED,
}

_STAGE_LABELS = {
    Stage.UNKNOWN: Words("还不清楚", "not clear yet"),
    Stage.NONE: Words("没有人联系过", "nobody has been in touch"),
    Stage.CONTACTED: Words("刚被联系上", "contacted"),
    Stage.TRUSTING: Words("已经相信对方", "trusting"),
    Stage.ISOLATED: Words(
        "被要求保密、换软件或共享屏幕", "isolated: secrecy, another app, shared screen"
    ),
    Stage.PAID: Words("钱或验证码已经给出去", "money or a code has been given"),
}

_MOMENT_LABELS = {
    Moment.CONTACT: Words("找上门", "contact"),
    Moment.TRUST: Words("取得信任", "a reason to trust"),
    Moment.ISOLATE: Words("隔开身边人", "isolate"),
    Moment.FIRST_PAYMENT: Words("第一笔钱", "first payment"),
    Moment.LARGER_PAYMENTS: Words("越转越多", "larger payments"),
    Moment.WITHDRAW_FEE: Words("要钱才给退钱", "a fee to get it back"),
}
