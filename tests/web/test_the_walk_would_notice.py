"""With a rule of access broken on purpose, the walk of test_every_door.py reports leaks."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from doors import doors
from two_towns import Side
from walking import Visitor, Walk

from fangxian.town.access import Access
from fangxian.town.models import Household
from fangxian.warn.models import Case, Episode

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="whether the walk notices is no matter of the database"
)


def leaks_of(towns: tuple[Side, Side], role: str, rooms: str = "") -> list[str]:
    own, foreign = towns
    chosen = [door for door in doors() if door.name.startswith(rooms)]
    walk = Walk(Visitor(own, role), own, foreign).through(chosen)
    print(f"\n{role}, a rule broken: {walk.tried.total()} tried / {len(walk.leaks)} leaks")
    return walk.leaks


def test_with_every_area_open_the_walk_finds_leaks_of_each_kind(
    towns: tuple[Side, Side], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Access, "within", lambda _self, rows, *_where: rows)
    found = leaks_of(towns, "clerk")
    assert {leak.split(" ")[0] for leak in found} >= {"own", "address", "form", "query", "typed"}
    assert len(found) > 100


def test_with_every_ability_held_the_walk_finds_leaks(
    towns: tuple[Side, Side], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Access, "may", lambda *_what: True)
    assert len(leaks_of(towns, "educator", "town:")) > 60


CASES, EPISODES = (
    "fangxian.warn.views.cases.visible_cases",
    "fangxian.warn.views.cases.visible_episodes",
)


@pytest.mark.parametrize(
    ("forgetful", "model", "leaks"),
    [
        (CASES, Case, {"own warn:cases", "address warn:case", "address warn:case_edit"}),
        (EPISODES, Episode, {"query warn:case_new"}),
        ("fangxian.town.views.households.visible_households", Household,
         {"own town:households", "address town:household", "address town:household_edit"}),
    ],
)  # fmt: skip
def test_one_query_that_forgets_the_area_is_found(
    towns: tuple[Side, Side], monkeypatch: pytest.MonkeyPatch,
    forgetful: str, model: Any, leaks: set[str],
) -> None:  # fmt: skip
    rooms = "warn:case" if model is not Household else "town:household"
    assert leaks_of(towns, "clerk", rooms) == []
    monkeypatch.setattr(forgetful, lambda *_: model.objects.all())
    assert {said.split(": ")[0] for said in leaks_of(towns, "clerk", rooms)} >= leaks
