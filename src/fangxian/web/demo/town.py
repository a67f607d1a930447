"""The demo town: places, staff with duties, households and residents. Same seed, same town."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random

from django.utils import timezone

from fangxian.town.models import (
    Department,
    Duty,
    Household,
    Level,
    Phone,
    Place,
    Resident,
    Role,
    Shift,
    Staff,
)
from fangxian.town.sealed import blind_index

from .people import household_of, name_of

VILLAGES = (
    ("海兰村", 8), ("青石社区", 6), ("柳坝村", 5), ("白鹤村", 5), ("云岭村", 4), ("桃溪村", 4),
    ("龙泉社区", 6), ("石桥村", 4), ("新田村", 5), ("竹园村", 4), ("双河村", 4), ("金峰社区", 5),
)  # fmt: skip
HOUSEHOLDS = 8000
# Everybody was as old as drawn in this year: the same people whatever the day, so that the sample
# lists name residents of every demo town.
DRAWN_IN = 2026
Progress = Callable[[str, float], None]


@dataclass
class Town:
    """What was built, for the history that follows."""

    root: Place
    villages: list[Place] = field(default_factory=list)
    grids: list[Place] = field(default_factory=list)
    staff: dict[str, list[Staff]] = field(default_factory=dict)
    residents: list[Resident] = field(default_factory=list)
    phones: dict[int, list[Phone]] = field(default_factory=dict)


def build_places(rng: Random) -> Town:
    """A town of 12 villages and 60 grids in a province that does not exist (99)."""
    parent = None
    for code, name, level in (
        ("990000000000", "示范省", Level.PROVINCE),
        ("990100000000", "示范市", Level.CITY),
        ("990101000000", "示范县", Level.COUNTY),
        ("990101101000", "金峰镇", Level.TOWN),
    ):
        parent = Place.objects.create(
            code=code, name=name, level=level, parent=parent, lat=29.5, lon=106.3
        )
    assert parent is not None  # noqa: S101  the loop ran
    town = Town(root=parent)
    for number, (name, grids) in enumerate(VILLAGES, 1):
        lat, lon = 29.5 + rng.uniform(-0.06, 0.06), 106.3 + rng.uniform(-0.07, 0.07)
        code = f"990101101{200 + number:03d}"
        village = Place.objects.create(
            code=code, name=name, level=Level.VILLAGE, parent=parent, lat=lat, lon=lon
        )
        town.villages.append(village)
        town.grids += [
            Place(
                code=f"{code}{g:03d}",
                name=f"{name.removesuffix('村').removesuffix('社区')}{g}号网格",
                level=Level.GRID,
                parent=village,
                lat=lat + rng.uniform(-0.01, 0.01),
                lon=lon + rng.uniform(-0.01, 0.01),
            )
            for g in range(1, grids + 1)
        ]
    Place.objects.bulk_create(town.grids)
    return town


def build_staff(town: Town, rng: Random, now: datetime) -> None:
    """45 staff: 4 leaders, 3 clerks, 6 officers, 12 village staff, 16 grid workers, an educator
    and the three administrators. One grid of Hailan has nobody from Friday, to be seen on the
    duty tree."""
    peace = Department.objects.create(name="平安法治办公室", kind="town_hall")
    culture = Department.objects.create(name="文化服务中心", kind="town_hall")
    police = Department.objects.create(name="金峰派出所", kind="police")
    bodies = {
        v.pk: Department.objects.create(
            name=f"{v.name}{'居' if v.name.endswith('社区') else '村'}委会", kind="village"
        )
        for v in town.villages
    }
    since = now - timedelta(days=560)
    duties: list[Duty] = []

    def person(role: str, n: int, body: Department | None, at: Place) -> Staff:
        staff = Staff(
            username=f"{role}{n}",
            name=name_of(rng, rng.randint(1968, 1996)),
            badge=f"{role[:1].upper()}{n:03d}",
            department=body,
            lat=at.lat,
            lon=at.lon,
        )
        staff.set_unusable_password()
        staff.save()
        town.staff.setdefault(role, []).append(staff)
        return staff

    def duty(
        staff: Staff,
        role: str,
        place: Place,
        leads: Department | None = None,
        until: datetime | None = None,
    ) -> None:
        duties.append(
            Duty(staff=staff, role=role, place=place, leads=leads, starts_at=since, ends_at=until)
        )

    for n, led in enumerate((None, peace, police, culture), 1):
        duty(person(Role.LEADER, n, police if led == police else peace, town.root),
             Role.LEADER, town.root, led)  # fmt: skip
    for n in range(1, 4):
        clerk = person(Role.CLERK, n, peace, town.root)
        if n == 1:
            duty(clerk, Role.CLERK, town.root)
        else:
            for village in town.villages[(n - 2) * 6 : (n - 1) * 6]:
                duty(clerk, Role.CLERK, village)
    for n in range(1, 7):
        officer = person(Role.OFFICER, n, police, town.villages[n * 2 - 2])
        for village in town.villages[n * 2 - 2 : n * 2]:
            duty(officer, Role.OFFICER, village)
    # The duty room: warnings about numbers that nobody knows belong to the town as a whole.
    duty(town.staff[Role.OFFICER][-1], Role.OFFICER, town.root)
    for n, village in enumerate(town.villages, 1):
        duty(person(Role.VILLAGE, n, bodies[village.pk], village), Role.VILLAGE, village)
    friday = now + timedelta(days=(4 - now.weekday()) % 7 or 7)
    for n in range(1, 17):
        village = town.villages[(n - 1) % 12]
        worker = person(Role.GRID, n, bodies[village.pk], village)
        own = [g for g in town.grids if g.parent_id == village.pk]
        if village in town.villages[:4]:
            # The four large villages have two workers: odd grids and even ones.
            own = own[0::2] if n <= 12 else own[1::2]
        for grid in own:
            ends = friday if grid.name == "海兰7号网格" else None
            duty(worker, Role.GRID, grid, until=ends)
    duty(person(Role.EDUCATOR, 1, culture, town.root), Role.EDUCATOR, town.root)
    for role in (Role.SYSTEM, Role.SECURITY, Role.AUDITOR):
        duty(person(role, 1, peace, town.root), role, town.root)
    Duty.objects.bulk_create(duties)
    _shifts(town, now)


def _shifts(town: Town, now: datetime) -> None:
    """Officers share day and night shifts from yesterday for three weeks."""
    officers = town.staff[Role.OFFICER]
    today = timezone.localtime(now).date() - timedelta(days=1)
    zone = timezone.get_default_timezone()
    shifts = []
    for day in range(22):
        date = today + timedelta(days=day)
        for part, begin in enumerate((time(8), time(20))):
            start = datetime.combine(date, begin, tzinfo=zone)
            for k in range(3 if part == 0 else 2):
                staff = officers[(day * 5 + part * 3 + k) % len(officers)]
                shifts.append(
                    Shift(staff=staff, starts_at=start, ends_at=start + timedelta(hours=12))
                )
    Shift.objects.bulk_create(shifts)


def build_people(town: Town, rng: Random, say: Progress, households: int = HOUSEHOLDS) -> None:
    """Households and residents, written in bulk."""
    homes = []
    for serial in range(households):
        grid = town.grids[serial % len(town.grids)]
        village = str(grid.parent.name) if grid.parent else ""
        address = f"{village}{rng.randint(1, 9)}组{rng.randint(1, 260)}号"
        homes.append(Household(grid=grid, address=address))
    Household.objects.bulk_create(homes, batch_size=500)
    say("住户", 0.1)
    residents: list[Resident] = []
    numbers: list[tuple[Resident, str]] = []
    for serial, home in enumerate(homes):
        for p in household_of(rng, serial, DRAWN_IN):
            resident = Resident(
                name=p.name,
                birth_year=p.birth_year,
                household=home,
                place=home.grid,
                tags=list(p.tags),
            )
            residents.append(resident)
            numbers += [(resident, number) for number in p.phones]
    for start in range(0, len(residents), 2000):
        Resident.objects.bulk_create(residents[start : start + 2000], batch_size=500)
        say("居民", 0.1 + 0.35 * min(1, (start + 2000) / len(residents)))
    phones = [Phone(resident=r, number=n, index=blind_index(n)) for r, n in numbers]
    for start in range(0, len(phones), 3000):
        Phone.objects.bulk_create(phones[start : start + 3000], batch_size=500)
        say("电话", 0.45 + 0.25 * min(1, (start + 3000) / len(phones)))
    town.residents = residents
    for phone in phones:
        town.phones.setdefault(phone.resident_id, []).append(phone)
