"""A town of two villages and three grids with one person in each role."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from fangxian.town import signin
from fangxian.town.models import Household, Phone, Resident
from fangxian.town.sealed import blind_index
from town.hailan import Hailan, build


@pytest.fixture
def town(db: None) -> Hailan:
    return build()


@pytest.fixture
def wang(town: Hailan) -> Resident:
    """王福贵 of Hailan, grid 1, reached at an unassignable mobile number."""
    home = Household.objects.create(grid=town.places["hailan1"], address="海兰村3组12号")
    resident = Resident.objects.create(
        name="王福贵",
        birth_year=1950,
        household=home,
        place=home.grid,
        id_number="99010119500101001X",
    )
    number = "+8612000001234"
    Phone.objects.create(resident=resident, number=number, index=blind_index(number))
    return resident


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Moves the clock of sessions and codes on by seconds."""
    offset = 0
    real = time.time

    def on(seconds: int) -> None:
        nonlocal offset
        offset += seconds

    monkeypatch.setattr(signin.time, "time", lambda: real() + offset)
    return on
