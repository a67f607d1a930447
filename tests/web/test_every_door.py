"""Every URL and API operation, tried by every role, in the own area and in a foreign one.

A leak is an answer that shows or does something the role may not: any success where the ability is
missing; any answer but "not found" or "not yours" for a thing outside the area, whether the address,
a form or a query names it; any write by a try that was refused; any page, fragment or file that
prints a mark of the foreign town or a clear name.

That nothing leaks would also be true of a house in which nothing opens. So the rightful get in,
each at their own things; members of the foreign town read the very marks we look for; and with the
rules of access broken on purpose the same walk reports leaks (test_the_walk_would_notice.py). The
API is walked in test_every_operation.py.
"""

from __future__ import annotations

from typing import Any

import pytest
from doors import RECIPES, Door, doors, patterns
from two_towns import FOREIGN_MARKS, OWN_NAME, ROLES, Side
from walking import Answer, Visitor, Walk, address_of, filled

from fangxian.town import audit
from fangxian.town.masks import mask_name

OWN_MARKS = (mask_name(OWN_NAME), "海兰", "金峰镇", "本案", "甲")


def test_every_page_has_a_mark_and_a_recipe() -> None:
    names = [name for name, _p in patterns()]
    assert [name for name, p in patterns() if not hasattr(p.callback, "ability")] == []
    assert sorted(set(names) - set(RECIPES)) == [], "say in doors.py how the page is opened"
    assert sorted(set(RECIPES) - set(names)) == [], "a recipe for a page that is not there"


# Doors that rightly answer otherwise: no worker runs here, the key of the foreign wall is not known,
# nobody has given a password yet, and who signs out is shown the way in.
EXPECTED = {
    ("web:health", 503), ("warn:hung", 410), ("warn:hung_rows", 286),
    ("town:second_factor", 302), ("town:sign_out", 302),
}  # fmt: skip


# --- nothing leaks -----------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("role", [*ROLES, None])
def test_no_role_gets_in_where_it_may_not(towns: tuple[Side, Side], role: str | None) -> None:
    own, foreign = towns
    walk = Walk(Visitor(own, role), own, foreign).through(doors())
    print(f"\n{role}: {walk.tried.total()} tried / {len(walk.leaks)} leaks ({dict(walk.tried)})")
    assert not walk.leaks, "\n".join(walk.leaks)
    assert walk.tried.total() > 300
    assert audit.verify()[1] == []


# --- the rightful get in -----------------------------------------------------------------------


def test_the_rightful_get_in_and_read_the_marks_we_look_for(towns: tuple[Side, Side]) -> None:
    own, foreign = towns
    wrong: list[str] = []
    for side, marks in ((own, OWN_MARKS), (foreign, FOREIGN_MARKS)):
        visitors = [Visitor(side, role) for role in (*ROLES, None)]
        for door in doors():
            inside = [v for v in visitors if v.may(door.ability)]
            wrong += shut(door, side, inside, marks)
    forms = sum(len(door.recipe.forms) for door in doors())
    shown = sum(door.recipe.shows for door in doors())
    print(f"\n2 towns: {len(doors())} doors open, {forms} forms written, {shown} show the mark")
    assert not wrong, "\n".join(wrong)
    assert shown > 50


def shut(door: Door, side: Side, visitors: list[Visitor], marks: tuple[str, ...]) -> list[str]:
    """What of a door stays shut to everybody who should get in, and marks that nobody reads."""
    recipe, address = door.recipe, address_of(door, side)
    wrong, read = [], ""

    def succeeds(method: str, data: dict[str, Any], changes: bool) -> bool:
        nonlocal read
        for visitor in visitors:
            answer: Answer = visitor.tries(method, address, data)
            read += answer.text
            fine = answer.let_in or (door.name, answer.status) in EXPECTED
            if fine and (bool(answer.changed) or not changes):
                return True
        return False

    if recipe.gets and not succeeds("get", {}, changes=False):
        wrong.append(f"{door.name}: nobody can read it")
    if recipe.query and not succeeds("get", filled(recipe.query, side), changes=False):
        wrong.append(f"{door.name}: nobody can read it with its query")
    for n, form in enumerate(recipe.forms):
        # A form of nothing but what one seeks changes nothing.
        seeks = bool(form) and form.keys() <= recipe.typed
        if not succeeds("post", filled(form, side), changes=recipe.writes and not seeks):
            wrong.append(f"{door.name}: nobody can send form {n}")
    if recipe.shows and not any(mark in read for mark in marks):
        wrong.append(f"{door.name}: nobody reads a mark")
    return wrong
