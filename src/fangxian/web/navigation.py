"""The way around the house: only doors that this person may open."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fangxian.town.access import Ability, Access


@dataclass(frozen=True)
class Door:
    """An entry of the navigation. `ability` None: every member of staff."""

    url: str
    label: str | Promise
    icon: str
    ability: Ability | None

    @property
    def address(self) -> str:
        """Where it leads. A door to a page that is not there fails at once, not behind a tap."""
        return reverse(self.url)


DOORS = (
    Door("warn:my_work", _("我的工作"), "list-check", None),
    Door("warn:board", _("值班台"), "broadcast", Ability.SEE_EPISODES),
    Door("warn:intake", _("名单导入"), "inbox", Ability.TAKE_IN),
    Door("warn:episodes", _("警情"), "exclamation-triangle", Ability.SEE_EPISODES),
    Door("warn:reviews", pgettext_lazy("导航", "复核"), "eye", Ability.REVIEW),
    Door("warn:answers", _("反馈"), "reply", Ability.EXPORT),
    Door("warn:cases", _("案件"), "folder", Ability.SEE_CASES),
    Door("report:board", _("统计"), "bar-chart", Ability.SEE_BOARD),
    Door("town:residents", pgettext_lazy("导航", "居民"), "people", Ability.SEE_RESIDENTS),
    Door("town:duty_tree", _("责任树"), "diagram-3", Ability.SEE_DUTIES),
    Door("town:places", pgettext_lazy("导航", "地点"), "geo-alt", Ability.SEE_PLACES),
    Door("town:staff", _("人员"), "person-badge", Ability.EDIT_STAFF),
    Door("town:tokens", _("系统接口"), "plug", Ability.TOKENS),
    Door("warn:settings", _("设置"), "gear", Ability.CONFIGURE),
    Door("town:audit", _("审计"), "journal-check", Ability.AUDIT),
    Door("town:retention", _("留存"), "hourglass", Ability.SEE_RETENTION),
)
# As many as fit under a thumb.
MOST_TABS = 4


def navigation(access: Access) -> list[Door]:
    """The doors open to `access`, in the order of the day's work."""
    return [d for d in DOORS if d.ability is None or access.may(d.ability)]


def behind(doors: list[Door], path: str) -> str:
    """The address of the door behind which the page at `path` lies; "" where behind none.

    The longest address that `path` begins with: one episode lies behind 警情, a call behind 我的工作.
    """
    return max((d.address for d in doors if path.startswith(d.address)), key=len, default="")
