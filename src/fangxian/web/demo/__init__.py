"""The demo town: 12 villages, 60 grids, 8,000 households, about 22,000 residents, 45 staff and 18
months of history, the same for the same seed and day. Built only in demo and test mode."""

from __future__ import annotations

from random import Random

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from fangxian.town import audit

from .cases import build_cases
from .history import EPISODES, build_history
from .present import build_present
from .town import HOUSEHOLDS, Progress, Town, build_people, build_places, build_staff
from .watched import build_watched

SEED = 20231030


def build(
    say: Progress = lambda _what, _share: None,
    households: int = HOUSEHOLDS,
    episodes: int = EPISODES,
) -> Town:
    """Build the demo town in an empty database. `say(what, share)` hears of progress, 0 to 1.

    Raises RuntimeError outside demo and test mode, so that it never meets real people.
    """
    if settings.MODE == "production":
        raise RuntimeError("the demo town is not built in production")
    rng, now = Random(SEED), timezone.now()  # noqa: S311  invented people, not secrets
    with transaction.atomic():
        town = build_places(rng)
        build_staff(town, rng, now)
        say("地点与人员", 0.05)
        build_people(town, rng, say, households)
        build_history(town, rng, now, say, episodes)
        build_cases(town, rng, now)
        build_watched(town, now)
        audit.record(audit.SYSTEM, "demo_built", None, residents=len(town.residents))
        say("案件", 0.92)
        # In the same transaction: a building that was interrupted leaves nothing half done.
        build_present(town, rng, now)
    say("完成", 1.0)
    return town
