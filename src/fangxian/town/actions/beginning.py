"""The beginning of a real town: its place in the tree, and the administrators who do the rest.

From here on the pages do: the security administrator appoints a leader, leaders appoint clerks,
clerks add villages and grids.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import audit
from ..access import SEPARATED
from ..models import DIGITS, Duty, Level, Place, Staff
from .duties import give_duty
from .errors import Refused
from .places import add_place
from .staff import add_staff

_ABOVE = (Level.PROVINCE, Level.CITY, Level.COUNTY, Level.TOWN)


@dataclass(frozen=True)
class Newcomer:
    """Who is to be an administrator. `role` is one of the separated three."""

    role: str
    username: str
    name: str


@dataclass
class Begun:
    """What is there now. A password is empty for whoever had an account before."""

    town: Place
    new_places: list[Place] = field(default_factory=list)
    people: list[tuple[Staff, str, str]] = field(default_factory=list)


@transaction.atomic
def begin_town(code: str, names: Sequence[str], newcomers: Sequence[Newcomer]) -> Begun:
    """Make the town with this code (12 digits) and its administrators, from the machine itself.

    `names`: of province, city, county and town. What is there already stays as it is, so that the
    same may be said twice. Raises Refused, and leaves nothing behind, for a code that is no town's,
    a place that has another name, a role that nobody takes, and one person in two of the roles
    (等保 2.0: separated administrators).
    """
    audit.hold()
    _refuse_code(code)
    _refuse_people(newcomers)
    places, new = _places(code, names)
    begun = Begun(places[-1], new)
    for one in newcomers:
        staff, password = _account(one)
        held = Duty.objects.at(timezone.now()).filter(staff=staff, role=one.role, place=begun.town)
        if not held.exists():
            give_duty(audit.SYSTEM, staff, one.role, begun.town)
        begun.people.append((staff, one.role, password))
    return begun


def _refuse_code(code: str) -> None:
    parts = re.fullmatch(r"([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{3})000", code)
    if parts is None or any(not part.strip("0") for part in parts.groups()):
        raise Refused(
            _("%(code)s 不是乡镇街道的代码：应为国家统计局的 12 位代码，末三位是 000。")
            % {"code": code}
        )


def _refuse_people(newcomers: Sequence[Newcomer]) -> None:
    for role in SEPARATED:
        if not any(one.role == role for one in newcomers):
            raise Refused(_("三个管理员都要有人担任，还缺：%(role)s。") % {"role": role.label})
    seen: dict[str, Newcomer] = {}
    for one in newcomers:
        if seen.setdefault(one.username.lower(), one).role != one.role:
            raise Refused(
                _("%(username)s 不能同时担任两个管理员：系统、安全、审计三个角色须由不同的人担任。")
                % {"username": one.username}
            )


def _places(code: str, names: Sequence[str]) -> tuple[list[Place], list[Place]]:
    """The four places from the province down, and those of them that are new."""
    chain: list[Place] = []
    new: list[Place] = []
    for level, name in zip(_ABOVE, names, strict=True):
        own = code[: DIGITS[level]].ljust(12, "0")
        found = Place.objects.at(timezone.localdate()).filter(code=own).first()
        if found is not None and found.name != name.strip():
            raise Refused(
                _("代码 %(code)s 已经是“%(there)s”，不是“%(name)s”。")
                % {"code": own, "there": found.name, "name": name.strip()}
            )
        if found is None:
            found = add_place(audit.SYSTEM, chain[-1] if chain else None, name, own)
            new.append(found)
        chain.append(found)
    return chain, new


def _account(one: Newcomer) -> tuple[Staff, str]:
    """The account and, where it is new, its first password."""
    there = Staff.objects.filter(username=one.username.strip().lower()).first()
    if there is None:
        return add_staff(audit.SYSTEM, one.username, one.name)
    if there.name != one.name.strip():
        raise Refused(
            _("账号“%(username)s”已经是“%(there)s”的，不是“%(name)s”的。")
            % {"username": there.username, "there": there.name, "name": one.name.strip()}
        )
    return there, ""
