"""Who says which code today: for the public page, and for the list at the station's counter."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from fangxian.town.access import Ability, access_of, under
from fangxian.town.codes import SPEAKING_ROLES, code_of, staff_with_code
from fangxian.town.models import DIGITS, Duty, Level, Role, Staff
from fangxian.town.sealed import mask_name

CODE_DIGITS = 6


def digits_of(text: str) -> str:
    """The digits in what somebody typed, as 0-9: a Chinese keyboard writes １２３ as well as 123."""
    return "".join(str(unicodedata.decimal(ch)) for ch in text if ch.isdecimal())


@dataclass(frozen=True)
class Speaker:
    """What the public page says of a colleague: body, role, and the family name alone."""

    body: str
    role: str
    name: str


def speakers_of(code: str) -> list[Speaker]:
    """Those whose code of today is `code` (six digits); empty where nobody's is."""
    found = staff_with_code(code)
    now = timezone.now()
    duties = Duty.objects.at(now).filter(staff__in=found, role__in=SPEAKING_ROLES)
    # Who holds several duties is named by the highest: an officer who helps a grid is an officer.
    roles: dict[int, Role] = {}
    for duty in sorted(duties, key=lambda d: SPEAKING_ROLES.index(Role(d.role))):
        roles.setdefault(duty.staff_id, Role(duty.role))
    return [_speaker(s, roles[s.pk]) for s in found if s.pk in roles]


def _speaker(staff: Staff, role: Role) -> Speaker:
    name = mask_name(staff.name)
    if role is Role.OFFICER:
        name = _("%(family)s警官") % {"family": staff.name[:1]}
    return Speaker(str(staff.department or ""), str(role.label), name)


def codes_at_the_counter(of: Staff) -> list[tuple[Staff, str]]:
    """(colleague, code of today) of everyone who speaks to residents in the towns that `of` rings in.

    More than `of`'s own area: whoever rings the station's printed number may have been rung by any
    colleague of the town, of whatever body.
    """
    areas = access_of(of).prefixes(Ability.CALL)
    towns = {area[: DIGITS[Level.TOWN]] for area in areas}
    speaking = Duty.objects.at(timezone.now()).filter(under(towns), role__in=SPEAKING_ROLES)
    rows = Staff.objects.filter(is_active=True, pk__in=speaking.values("staff"))
    today = timezone.localdate()
    rows = rows.select_related("department").order_by("department__name", "badge", "pk")
    return [(s, code_of(s, today)) for s in rows]
