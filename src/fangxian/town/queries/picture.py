"""The duty tree 领导带科室包社区 as a nested dict, for the picture and its table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ..access import Ability, visible_places
from ..models import Department, Duty, Level, Place, Role, Staff
from .duties import acting_duties, codes_above

Node = dict[str, Any]


def duty_tree(at: datetime, who: Staff) -> Node:
    """Who answers for what at one moment (aware), in the area `who` sees.

    A node is `{"name", "kind", "note", "code", "children"}`; `code` is that of a place; kinds: area, leader, department, village,
    grid, person, gap. Under each leader the departments led; under each department the villages
    its people took; a village's staff and grids stand under the department that took it first.
    """
    places = list(visible_places(who, Ability.SEE_DUTIES))
    codes = {code for place in places for code in codes_above(place.code)}
    duties = acting_duties(codes, at)
    towns = {p.code: p for p in Place.objects.filter(code__in=codes, level=Level.TOWN)}
    nodes = [_Town(town, places, duties).node() for _code, town in sorted(towns.items())]
    if len(nodes) == 1:
        return nodes[0]
    return _node("area", _("辖区"), children=nodes)


class _Town:
    """One town's part of the picture."""

    def __init__(self, town: Place, places: list[Place], duties: list[Duty]) -> None:
        inside = [p for p in places if p.code.startswith(town.prefix)]
        self.town = town
        self.villages = [p for p in inside if p.level == Level.VILLAGE]
        self.grids: dict[str, list[Place]] = defaultdict(list)
        for place in inside:
            if place.level == Level.GRID:
                self.grids[place.code[:12]].append(place)
        above = set(codes_above(town.code))
        self.duties = [
            d for d in duties if d.place.code.startswith(town.prefix) or d.place.code in above
        ]
        self.at_place: dict[tuple[str, str], list[Duty]] = defaultdict(list)
        for duty in self.duties:
            self.at_place[duty.place.code, duty.role].append(duty)
        self.shown: set[str] = set()

    def node(self) -> Node:
        leaders = [d for d in self.duties if d.role == Role.LEADER]
        heads = [d for d in leaders if d.leads_id is None]
        children = [_node("leader", _who(d), _("主要领导")) for d in heads]
        children = children or [_gap(_("没有主要领导"))]
        departments = self._departments()
        led: dict[int, list[Duty]] = defaultdict(list)
        for duty in leaders:
            if duty.leads is not None:
                led[duty.staff_id].append(duty)
                departments.setdefault(duty.leads, [])
        done: set[int] = set()
        for duties in led.values():
            under = [self._department(d.leads, departments[d.leads]) for d in duties if d.leads]
            done |= {d.leads_id for d in duties if d.leads_id}
            children.append(_node("leader", _who(duties[0]), _("分管领导"), under))
        unled = [self._department(d, ds) for d, ds in departments.items() if d.pk not in done]
        if unled:
            children.append(_gap(_("没有分管领导"), unled))
        untaken = [v for v in self.villages if v.code not in self.shown]
        if untaken:
            children.append(_gap(_("没有科室包片"), [self._village(v, []) for v in untaken]))
        return _node("area", self.town.name, children=children)

    def _departments(self) -> dict[Department, list[Duty]]:
        """Departments whose people took places; those of clerks first, they take the grids."""
        found: dict[Department, list[Duty]] = {}
        for role in (Role.CLERK, Role.OFFICER):
            for duty in self.duties:
                body = (duty.held_for or duty.staff).department
                if duty.role == role and body is not None:
                    found.setdefault(body, []).append(duty)
        return found

    def _department(self, department: Department, duties: list[Duty]) -> Node:
        whole = [d for d in duties if len(d.place.prefix) <= len(self.town.prefix)]
        children = [_node("person", _who(d), _role_at(d)) for d in whole]
        for village in self.villages:
            takers = [d for d in duties if d.place.code == village.code]
            if not takers and not any(d.role == Role.CLERK for d in whole):
                continue
            if takers or not self._taken(village):
                children.append(self._village(village, takers))
        return _node("department", department.name, children=children)

    def _taken(self, village: Place) -> bool:
        """Whether the village was drawn, or a clerk took it by name and will be drawn with it."""
        return village.code in self.shown or bool(self.at_place[village.code, Role.CLERK])

    def _village(self, village: Place, takers: list[Duty]) -> Node:
        note = names(_who(d) for d in takers)
        first = village.code not in self.shown and not (
            takers and all(d.role == Role.OFFICER for d in takers) and self._clerk(village)
        )
        if not first:
            return _node("village", village.name, note)
        self.shown.add(village.code)
        staff = self.at_place[village.code, Role.VILLAGE]
        children = [_node("person", _who(d), _role_at(d)) for d in staff]
        children = children or [_gap(_("没有村社区干部"))]
        for grid in self.grids[village.code]:
            people = self.at_place[grid.code, Role.GRID]
            below = [_node("person", _who(d), _role_at(d)) for d in people]
            below = below or [_gap(_("没有网格员"))]
            children.append(_node("grid", grid.name, "", below, grid.code))
        return _node("village", village.name, note, children, village.code)

    def _clerk(self, village: Place) -> bool:
        return any(self.at_place[code, Role.CLERK] for code in codes_above(village.code))


def names(people: Iterable[str]) -> str:
    """王芳、李强 (Wang Fang, Li Qiang)."""
    return pgettext("between names", "、").join(people)


def _who(duty: Duty) -> str:
    if duty.held_for is None:
        return duty.staff.name
    return _("%(name)s（代%(other)s）") % {"name": duty.staff.name, "other": duty.held_for.name}


def _role_at(duty: Duty) -> str:
    if duty.place.level in (Level.VILLAGE, Level.GRID):
        return duty.get_role_display()
    return _("%(role)s，%(place)s") % {"role": duty.get_role_display(), "place": duty.place.name}


def _gap(says: str, children: list[Node] | None = None) -> Node:
    return _node("gap", says, children=children)


def _node(
    kind: str, name: str, note: str = "", children: list[Node] | None = None, code: str = ""
) -> Node:
    return {"name": name, "kind": kind, "note": note, "code": code, "children": children or []}


# --- as an ECharts option, and as a table -------------------------------------------------------

_COLOURS = {
    "area": "#084853",
    "leader": "#0b5f6d",
    "department": "#1f4fa3",
    "village": "#4d646b",
    "grid": "#6b7f85",
    "person": "#9db2b7",
    "gap": "#b3261e",
}
_INK, _RED = "#17323a", "#b3261e"
# Leaders, departments and villages are open; grids open at a click.
OPEN_LEVELS = 3


def tree_option(tree: Node, coming: Mapping[str, str]) -> dict[str, Any]:
    """The ECharts option of the picture. A gap is red and says 缺; so is whatever hides one.

    `coming`: code of a place -> when it will have nobody, in words.
    """
    label = {
        "position": "right",
        "align": "left",
        "distance": 6,
        "fontSize": 13,
        "fontFamily": "sans-serif",
        "color": _INK,
        "backgroundColor": "#fff",
        "padding": [2, 12, 2, 4],
    }
    return {
        "series": [
            {
                "type": "tree",
                "data": [_drawn(tree, coming)],
                "left": "2%",
                "right": "22%",
                "top": 10,
                "bottom": 10,
                "edgeShape": "polyline",
                "edgeForkPosition": "80%",
                "symbol": "circle",
                "symbolSize": 11,
                "initialTreeDepth": OPEN_LEVELS,
                "expandAndCollapse": True,
                "label": label,
                "lineStyle": {"color": "#8aa0a5"},
            }
        ],
    }


def gaps_in(tree: Node) -> int:
    """How many gaps a part of the tree holds."""
    return int(tree["kind"] == "gap") + sum(gaps_in(child) for child in tree["children"])


def _coming_in(tree: Node, coming: Mapping[str, str]) -> int:
    return (tree["code"] in coming) + sum(_coming_in(child, coming) for child in tree["children"])


def _drawn(node: Node, coming: Mapping[str, str]) -> Node:
    name = node["name"] if node["kind"] != "gap" else _("缺：%(what)s") % {"what": node["name"]}
    if node["note"]:
        name = _("%(name)s（%(note)s）") % {"name": name, "note": node["note"]}
    missing = gaps_in(node) if node["kind"] in ("village", "grid", "gap") else 0
    if missing and node["kind"] != "gap":
        name = _("%(name)s · 缺 %(count)d 处") % {"name": name, "count": missing}
    elif node["code"] in coming:
        name = _("%(name)s · %(when)s缺人") % {"name": name, "when": coming[node["code"]]}
        missing = 1
    elif node["kind"] == "village" and (soon := _coming_in(node, coming)):
        name = _("%(name)s · 将缺 %(count)d 处") % {"name": name, "count": soon}
        missing = soon
    colour = _RED if missing else _COLOURS[node["kind"]]
    return {
        "name": name,
        "itemStyle": {"color": colour, "borderColor": colour},
        "label": {"color": _RED, "fontWeight": "bold"} if missing else {},
        "children": [_drawn(child, coming) for child in node["children"]],
    }


_COLUMNS = ("leader", "department", "village", "grid", "person")


def tree_rows(tree: Node) -> list[dict[str, str]]:
    """The picture as a table: one row a leaf, with leader, department, village, grid, person, gap."""
    return list(_rows(tree, {}))


def _rows(node: Node, above: dict[str, str]) -> Iterator[dict[str, str]]:
    here = dict(above)
    if node["kind"] in _COLUMNS:
        here[node["kind"]] = node["name"]
        if node["kind"] == "village" and node["note"]:
            here["taken_by"] = node["note"]
    if node["kind"] == "gap":
        here["gap"] = node["name"]
    if not node["children"]:
        yield here
    for child in node["children"]:
        yield from _rows(child, here)
