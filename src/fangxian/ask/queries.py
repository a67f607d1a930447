"""Who says which code today: for the public page, and for the list at the station's counter."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from fangxian.town.access import Ability
from fangxian.town.codes import SPEAKING_ROLES, code_of, staff_with_code
from fangxian.town.models import Duty, Role, Staff
from fangxian.town.queries import visible_staff
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
    """(colleague, code of today) of `of`'s own body and area: those whom the public page knows.

    Nobody for whom no body is written down: "without a body" is no body to share.
    """
    if of.department_id is None:
        return []
    now = timezone.now()
    speaking = Duty.objects.at(now).filter(role__in=SPEAKING_ROLES).values("staff")
    rows = visible_staff(of, Ability.SEE_DUTIES).filter(
        department=of.department_id, is_active=True, pk__in=speaking
    )
    today = timezone.localdate()
    return [(s, code_of(s, today)) for s in rows]
