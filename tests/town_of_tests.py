"""The small town of the tests, and how tests act in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone


@dataclass
class SmallTown:
    """A town of two villages with three grids each, and a foreign town beside it.

    `staff[role]` serve the town or the first village/grid; `foreign` is the officer of the other
    town. `residents` live in the grids in turn; `stranger` lives in the foreign town.
    """

    town: Any
    villages: list[Any]
    grids: list[Any]
    departments: dict[str, Any]
    staff: dict[str, Any]
    residents: list[Any]
    foreign_town: Any
    foreign_grid: Any
    foreign: Any
    stranger: Any
    sender: Any
    phones: dict[int, str] = field(default_factory=dict)


def phone_of(n: int) -> str:
    """The n-th sample phone, E.164; 120 is no operator's."""
    return f"+86120{n:08d}"


def build_small_town() -> SmallTown:
    """Made of models directly, so that a test starts in milliseconds."""
    from fangxian.town.models import (
        Department,
        Duty,
        Household,
        Level,
        Phone,
        Place,
        Resident,
        Role,
        Staff,
    )
    from fangxian.town.sealed import blind_index
    from fangxian.warn.models import Sender

    def places(code: str, name: str, villages: tuple[str, ...]) -> tuple[Any, list[Any], list[Any]]:
        town = Place.objects.create(code=code, name=name, level=Level.TOWN)
        made, grids = [], []
        for v, title in enumerate(villages, 201):
            village = Place.objects.create(
                code=f"{code[:9]}{v}", name=title, level=Level.VILLAGE, parent=town,
                lat=29.5 + v / 1000, lon=106.3,
            )  # fmt: skip
            made.append(village)
            for g in range(1, 4):
                code = f"{village.code}{g:03d}"
                name = f"{title[:2]}{g}号网格"
                grid = Place.objects.create(code=code, name=name, level=Level.GRID, parent=village)
                grids.append(grid)
        return town, made, grids

    town, villages, grids = places("990101101000", "金峰镇", ("海兰村", "青石村"))
    other, _, other_grids = places("990101102000", "外乡镇", ("外村",))
    police = Department.objects.create(name="金峰派出所", kind="police")
    office = Department.objects.create(name="平安办", kind="town_hall")
    committee = Department.objects.create(name="海兰村委会", kind="village")
    away = Department.objects.create(name="外乡派出所", kind="police")
    since = timezone.now() - timedelta(days=30)
    staff: dict[str, Any] = {}

    def person(key: str, role: str, body: Any, place: Any, leads: Any = None) -> Any:
        made = Staff.objects.create_user(
            key, "correct horse battery staple", name=f"{role}甲", department=body, badge=key
        )
        Duty.objects.create(staff=made, role=role, place=place, leads=leads, starts_at=since)
        staff[key] = made
        return made

    person("head", Role.LEADER, office, town)
    person("leader", Role.LEADER, office, town, office)
    person("chief", Role.LEADER, police, town, police)
    person("clerk", Role.CLERK, office, town)
    for village in villages:
        if village != villages[0]:
            Duty.objects.create(
                staff=staff["clerk"], role=Role.CLERK, place=village, starts_at=since
            )
    person("officer", Role.OFFICER, police, town)
    person("officer2", Role.OFFICER, police, town)
    person("village", Role.VILLAGE, committee, villages[0])
    person("grid", Role.GRID, committee, grids[0])
    person("educator", Role.EDUCATOR, office, town)
    person("system", Role.SYSTEM, office, town)
    person("security", Role.SECURITY, office, town)
    person("auditor", Role.AUDITOR, office, town)
    foreign = person("foreign", Role.OFFICER, away, other)
    person("foreign_clerk", Role.CLERK, away, other)

    def resident(n: int, name: str, grid: Any, **fields: Any) -> Any:
        home = Household.objects.create(grid=grid, address=f"{grid.parent.name}{n}组{n}号")
        made = Resident.objects.create(name=name, place=grid, household=home, **fields)
        Phone.objects.create(resident=made, number=phone_of(n), index=blind_index(phone_of(n)))
        return made

    names = ("王秀英", "李建国", "张桂兰", "刘伟", "陈静", "杨子轩")
    residents = [
        resident(n, name, grids[n - 1], birth_year=1950 + n * 8) for n, name in enumerate(names, 1)
    ]
    stranger = resident(99, "外乡人", other_grids[0], birth_year=1980)
    return SmallTown(
        town=town,
        villages=villages,
        grids=grids,
        departments={"police": police, "office": office, "committee": committee},
        staff=staff,
        residents=residents,
        foreign_town=other,
        foreign_grid=other_grids[0],
        foreign=foreign,
        stranger=stranger,
        sender=Sender.objects.create(name="县反诈中心"),
        phones={r.pk: phone_of(n) for n, r in enumerate(residents, 1)},
    )


def sign_in(client: Client, staff: Any) -> Client:
    """Sign a member of staff in without a password (what signing in does is tested elsewhere)."""
    client.force_login(staff, "django.contrib.auth.backends.ModelBackend")
    return client


def run_tasks() -> None:
    """Run every queued task that is due in this process; what a task raises, the test sees."""
    from django_tasks_db.models import DBTaskResult

    while (queued := DBTaskResult.objects.ready().first()) is not None:
        queued.claim("test")
        result = queued.task_result
        queued.set_successful(queued.task.call(*result.args, **result.kwargs))


def red_call(town: SmallTown, n: int = 1) -> Any:
    """The call task of a red warning about resident n."""
    from fangxian.warn.actions.signals import NewSignal, take_in
    from fangxian.warn.models import Grade, Task

    new = NewSignal(
        place=town.town, phones=(phone_of(n),), grade=Grade.RED, reference=f"red{n}",
        kind="fake_police",
    )  # fmt: skip
    episode = take_in("system", town.sender, "form", [new])[0].signal.episode
    return Task.objects.select_related("place", "episode").get(episode=episode, kind="call")
