"""Links that show the wall where nobody is signed in: made, and ended."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from fangxian.town import audit
from fangxian.town.access import Ability, access_of
from fangxian.town.models import Place, Staff
from fangxian.warn.models import WallLink

from .errors import Refused

# A screen that nobody asked for again in this long is hung up anew.
LASTS = timedelta(days=180)


def digest_of(key: UUID) -> str:
    """What is kept of a key. It has 122 random bits, so a slow hash would add nothing."""
    return hashlib.sha256(key.bytes).hexdigest()


@transaction.atomic
def hang_wall(by: Staff, place: Place, name: str) -> tuple[WallLink, UUID]:
    """A link for one screen: counts of `place` and below, nobody's name, nothing to press.

    Returns the row and the key, which is shown once. `name` says where the screen hangs, so that
    the right one is ended. Raises Refused without a name.
    """
    access_of(by).check(Ability.ASSIGN, place.code)
    if not name.strip():
        raise Refused(_("请写明大屏放在哪里，以后才知道停用哪一个。"))
    audit.hold()
    key, now = uuid4(), timezone.now()
    link = WallLink.objects.create(
        name=name.strip()[:40],
        place=place,
        digest=digest_of(key),
        made_by=by,
        made_at=now,
        expires_at=now + LASTS,
    )
    audit.record(by, "wall_hung", link, place=place.code)
    return link, key


@transaction.atomic
def take_down_wall(by: Staff, link: WallLink) -> None:
    """End a link: the screen shows nothing from its next question on. Idempotent."""
    access_of(by).check(Ability.ASSIGN, link.place.code)
    audit.hold()
    if WallLink.objects.filter(pk=link.pk, ended_at=None).update(ended_at=timezone.now()):
        audit.record(by, "wall_taken_down", link)
