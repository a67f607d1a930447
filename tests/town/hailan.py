"""What the tests of the town stand on: a small town, by name."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from fangxian.town.models import Department, Duty, Level, Place, Role, Staff

PASSWORD = "correct horse battery staple"
SIGN_IN = "/town/sign-in/"


@dataclass
class Hailan:
    """Everything by name: `town.staff["grid1"]`, `town.places["hailan1"]`."""

    places: dict[str, Place] = field(default_factory=dict)
    departments: dict[str, Department] = field(default_factory=dict)
    staff: dict[str, Staff] = field(default_factory=dict)
    duties: dict[str, Duty] = field(default_factory=dict)

    def person(
        self, username: str, role: str, place: str, department: str, leads: str = ""
    ) -> Staff:
        staff = Staff.objects.create_user(
            username, PASSWORD, name=f"员{username}", department=self.departments[department]
        )
        self.staff[username] = staff
        self.duties[username] = Duty.objects.create(
            staff=staff,
            role=role,
            place=self.places[place],
            leads=self.departments[leads] if leads else None,
            starts_at=timezone.now() - timedelta(days=100),
        )
        return staff

    def again(self, username: str) -> Staff:
        """The person as the next request sees them (access is kept on the instance)."""
        return Staff.objects.get(username=username)

    def browser(self, username: str) -> Client:
        client = Client()
        client.force_login(self.again(username))
        return client


def build() -> Hailan:
    """Two villages, three grids, one person in each role."""
    here = Hailan()
    parent = None
    for key, code, name, level in (
        ("county", "990101000000", "示范县", Level.COUNTY),
        ("town", "990101101000", "金峰镇", Level.TOWN),
    ):
        parent = Place.objects.create(code=code, name=name, level=level, parent=parent)
        here.places[key] = parent
    for key, number, name in (("hailan", 201, "海兰村"), ("qingshi", 1, "青石社区")):
        village = Place.objects.create(
            code=f"990101101{number:03d}", name=name, level=Level.VILLAGE, parent=parent
        )
        here.places[key] = village
        for n in (1, 2) if key == "hailan" else (1,):
            here.places[f"{key}{n}"] = Place.objects.create(
                code=f"{village.code}{n:03d}", name=f"{n}号网格", level=Level.GRID, parent=village
            )
    for key, name, kind in (
        ("peace", "平安办", "town_hall"),
        ("police", "派出所", "police"),
        ("committee", "海兰村委会", "village"),
        ("committee2", "青石居委会", "village"),
    ):
        here.departments[key] = Department.objects.create(name=name, kind=kind)
    here.person("head", Role.LEADER, "town", "peace")
    here.person("leader1", Role.LEADER, "town", "peace", leads="peace")
    here.person("leader2", Role.LEADER, "town", "police", leads="police")
    here.person("clerk1", Role.CLERK, "hailan", "peace")
    here.person("clerk2", Role.CLERK, "town", "peace")
    here.person("officer1", Role.OFFICER, "hailan", "police")
    here.person("officer2", Role.OFFICER, "town", "police")
    here.person("village1", Role.VILLAGE, "hailan", "committee")
    here.person("village2", Role.VILLAGE, "qingshi", "committee2")
    here.person("grid1", Role.GRID, "hailan1", "committee")
    here.person("grid2", Role.GRID, "hailan2", "committee")
    here.person("grid3", Role.GRID, "qingshi1", "committee2")
    here.person("educator1", Role.EDUCATOR, "town", "peace")
    here.person("system1", Role.SYSTEM, "town", "peace")
    here.person("security1", Role.SECURITY, "town", "peace")
    here.person("auditor1", Role.AUDITOR, "town", "peace")
    return here


def noon(day: int) -> datetime:
    """Noon UTC (20:00 local) of a day of December 2026."""
    return datetime(2026, 12, day, 12, tzinfo=UTC)


def give(client: Client, username: str, password: str = PASSWORD, to: str = SIGN_IN) -> Any:
    """Send account and password to the sign-in page."""
    return client.post(to, {"username": username, "password": password})
