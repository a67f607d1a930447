"""Cases of the demo town: money that was lost in spite of all."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from django.utils import timezone

from fangxian.town.models import Resident, Role
from fangxian.warn.models import Case, Episode

from .history import KIND_WEIGHTS
from .town import Town


def build_cases(town: Town, rng: Random, now: datetime) -> None:
    """Cases of six quarters: the last whole quarter has 1, the one before 5.

    The board must say of this fall by 80 % that it proves little.
    """
    today = timezone.localtime(now).date()
    this_quarter = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    clerk = town.staff[Role.CLERK][0]
    warned = list(Episode.objects.select_related("resident", "place").order_by("opened_at"))
    quarter = this_quarter
    cases: list[Case] = []
    for count in (1, 1, 5, 4, 6, 3, 4):
        last = min(today, _next_quarter(quarter) - timedelta(days=1))
        days = max(1, (last - quarter).days)
        for k in range(count if days > 40 or quarter != this_quarter else 0):
            day = quarter + timedelta(days=rng.randrange(days))
            episode = rng.choice(warned) if k == 0 else None
            if episode is not None:
                opened = timezone.localtime(episode.opened_at).date()
                episode = episode if 0 <= (day - opened).days <= 90 else None
            resident: Resident = episode.resident if episode else rng.choice(town.residents)
            cases.append(
                Case(
                    number=f"JF{day:%Y%m%d}{len(cases):02d}",
                    kind=rng.choices(list(KIND_WEIGHTS), list(KIND_WEIGHTS.values()))[0],
                    loss_fen=int(rng.lognormvariate(10.2, 1.0)) * 100,
                    stopped_fen=rng.choice((0, 0, 500_000, 1_200_000)),
                    place=resident.place,
                    happened_on=day,
                    channel=rng.choice(("phone", "sms", "chat", "video", "app")),
                    episode=episode,
                    resident=resident,
                    by=clerk,
                )
            )
        quarter = (quarter - timedelta(days=1)).replace(day=1)
        quarter = date(quarter.year, (quarter.month - 1) // 3 * 3 + 1, 1)
    Case.objects.bulk_create(cases)


def _next_quarter(first: date) -> date:
    month = first.month + 3
    return date(first.year + month // 13, month if month <= 12 else 1, 1)
