"""Every door of the house, and how it is opened: addresses, queries and valid forms.

The list of doors comes from the URLconf; a door without a recipe here fails the tests that walk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

Form = dict[str, Any]


@dataclass(frozen=True)
class Recipe:
    """How one page is opened. A text `@name` stands for that thing of a town (two_towns.py).

    `args`: what its address names. `query`: every parameter that the page reads. `forms`: valid
    forms, none where it takes none. `typed`: fields that hold what a person typed, a telephone
    number for instance; a foreign one is no theft, but must show and touch nothing foreign.
    `shows`: whether a member of the foreign town reads one of its marks there: that what we look
    for in our town's answers would really be found. `writes`: whether a valid form changes
    anything. `gets`: whether it may be read. `secret`: its argument is the secret, not a number.
    `shared`: what it names or shows belongs to the whole installation; still no resident.
    """

    args: dict[str, str] = field(default_factory=dict)
    query: Form = field(default_factory=dict)
    forms: tuple[Form, ...] = ()
    typed: frozenset[str] = frozenset()
    shows: bool = False
    writes: bool = True
    gets: bool = True
    secret: bool = False
    shared: bool = False


def page(*forms: Form, pk: str = "", **facts: Any) -> Recipe:
    """A page that can be read, and written where there are forms."""
    args = {"pk": pk} if pk else {}
    return Recipe(args=facts.pop("args", args), forms=forms, **facts)


def deed(*forms: Form, pk: str = "", **facts: Any) -> Recipe:
    """An address that takes forms alone."""
    return page(*(forms or ({},)), pk=pk, gets=False, **facts)


RULES = {
    **{f"{grade}_{part}": minutes for grade in ("red", "orange", "yellow", "blue")
       for part, minutes in (("call", 30), ("door", 60), ("climb", 15), ("retry", 10))},
    **{f"works_{day}": "on" for day in range(5)},
    **{f"opens_{day}": "08:30" for day in range(5)},
    **{f"closes_{day}": "17:30" for day in range(5)},
}  # fmt: skip
PASSWORD = "correct horse battery staple"
NEW_PASSWORD = "seven quiet herons at dawn"
OUTCOME = {"form_key": "@form_key", "outcome": "dissuaded"}
A_CASE = {
    "form_key": "@form_key", "kind": "other", "happened_on": "@day", "place": "@grid",
    "channel": "sms", "loss": "1", "stopped": "0", "phone": "@number",
}  # fmt: skip
FILTERS = {
    "state": "open", "grade": "1", "kind": "fake_police", "village": "@village_prefix",
    "since": "@day", "until": "@day",
}  # fmt: skip
AN_EPISODE = {"text": "@number", **FILTERS}
A_BOARD = {"village": "@village_prefix", "grade": "1", "kind": "call"}

RECIPES: dict[str, Recipe] = {
    # --- for everybody -----------------------------------------------------------------------
    "web:home": page(),
    "web:health": page(),
    "web:gallery": page(query={"page": "2"}),
    "web:elder": deed({"elder": "1", "next": "/"}, writes=False),
    "set_language": deed({"language": "en", "next": "/"}, writes=False),
    "ask:caller": page({"code": "123456"}, writes=False),
    "ask:rights": page(),
    "ask:code_list": page(shows=True),
    "ask:my_code": page(),
    "town:sign_in": page(query={"next": "/work/"}),
    "town:second_factor": page(query={"next": "/work/"}),
    "town:sign_out": deed(),
    # --- the desk ----------------------------------------------------------------------------
    "warn:still_here": deed(writes=False),
    "warn:my_work": page(query={"show": "mine", "page": "1"}, shows=True),
    "warn:my_work_rows": page(query={"show": "mine", "page": "1", "v": "x"}, shows=True),
    "warn:board": page(query=A_BOARD, shows=True),
    "warn:board_rows": page(query={**A_BOARD, "v": "x"}, shows=True),
    "warn:wall": page(shows=True),
    "warn:wall_rows": page(query={"v": "x"}, shows=True),
    "warn:walls": page({"place": "@village", "name": "一楼"}, shows=True),
    "warn:take_down_wall": deed({"link": "@wall"}),
    "warn:hung": page(args={"key": "@wall_key"}, secret=True),
    "warn:hung_rows": page(args={"key": "@wall_key"}, query={"v": "x"}, secret=True),
    "warn:alarms": page(shows=True),
    "warn:alarm_seen": deed(pk="@late"),
    # --- the intake --------------------------------------------------------------------------
    "warn:intake": page(
        {"sender": "+", "new_sender": "银行", "pasted": "电话\n12000077777"}, query={"page": "1"}
    ),
    "warn:intake_one": page(
        {"sender": "县反诈中心", "phone": "@number", "place": "@village", "kind": "other",
         "grade": "1", "name": "某某"}, typed=frozenset({"phone"}), shows=True,
    ),
    "warn:senders": page({"sender": "@sender"}, shared=True),
    "warn:batch": page(pk="@batch", query={"show": "new", "page": "1"}, shows=True),
    "warn:columns": page({"c0": "reference", "c1": "phone", "c2": "name"}, pk="@batch"),
    "warn:confirm": deed(pk="@batch"),
    "warn:cancel": deed(pk="@batch"),
    "warn:progress": page(pk="@done_batch"),
    "warn:refused_file": page(pk="@batch", query={"as": "csv"}),
    # --- episodes ----------------------------------------------------------------------------
    "warn:episodes": page(
        AN_EPISODE, query={**FILTERS, "page": "1", "sought": "1"},
        typed=frozenset({"text", "village"}), shows=True, writes=False,
    ),
    "warn:export_episodes": deed({"as": "csv"}, {"as": "xlsx", **AN_EPISODE},
                                 typed=frozenset({"text", "village"}), shows=True),
    "warn:episode": page(pk="@episode", shows=True),
    "warn:episode_print": page(pk="@episode", shows=True),
    "warn:note": deed({"text": "家属已知"}, pk="@episode"),
    "warn:order_visit": deed(pk="@episode"),
    "warn:assign": page({"to": "@second", "back": "/work/board/"}, pk="@call",
                        query={"back": "/work/board/"}, shows=True),
    "warn:claim": deed({"because": ""}, pk="@call"),
    "warn:release": deed(pk="@held"),
    "warn:call": page({**OUTCOME, "started_at": "2026-11-24T12:00:00+08:00"}, pk="@call",
                      shows=True),
    "warn:show_number": deed({"phone": "@held_phone"}, pk="@held"),
    "warn:stop_payment": page({}, pk="@episode", shows=True),
    "warn:stop_step": deed({"step": "rang_bank", "done": "1"}, pk="@race"),
    "warn:stop_end": deed({"stopped": "100"}, pk="@race"),
    "warn:visit": page(OUTCOME, pk="@visit", shows=True),
    "warn:find": page(
        {"answer": "nobody"}, {"answer": "@resident"},
        {"answer": "new", "name": "某某", "place": "@grid"}, {"phone": "@number"}, pk="@find",
        query={"village": "@village_code", "sought": "1"}, typed=frozenset({"phone"}), shows=True,
    ),
    "warn:follow_up": page({"form_key": "@form_key", "outcome": "fine"}, pk="@follow_up",
                           shows=True),
    "warn:reviews": page(query={"page": "1"}, shows=True),
    "warn:review": page({"form_key": "@form_key", "verdict": "agreed"}, pk="@review", shows=True),
    "warn:answers": page(query={"page": "1"}),
    "warn:answers_file": deed({"reason": "回复来文单位"}, pk="@done_batch", shows=True),
    # --- cases -------------------------------------------------------------------------------
    "warn:cases": page(query={"year": "2026", "kind": "other", "page": "1"}, shows=True),
    "warn:case_new": page(A_CASE, query={"episode": "@episode"}, typed=frozenset({"phone"}),
                          shows=True),
    "warn:case": page(pk="@case", shows=True),
    "warn:case_edit": page(A_CASE, pk="@case", typed=frozenset({"phone"}), shows=True),
    "warn:case_withdraw": deed({"because": "重复登记"}, pk="@case"),
    # --- settings ----------------------------------------------------------------------------
    "warn:settings": page(RULES),
    "warn:settings_preview": deed(RULES, writes=False),
    "warn:add_days_off": deed({"since": "@tomorrow", "until": "@tomorrow", "name": "休"}),
    "warn:drop_day_off": deed({"day": "@tomorrow"}, writes=False),
    "warn:webhooks": page({"hook": "@hook"}, shows=True),
    # --- one's own account -------------------------------------------------------------------
    "town:profile": page(shows=True),
    "town:change_password": page({"old": PASSWORD, "new": NEW_PASSWORD, "again": NEW_PASSWORD}),
    "town:enrol": page({"password": "wrong", "code": "000000"}),
    "town:drop_second_factor": deed({"password": "wrong", "code": "000000"}),
    "town:recovery_codes": deed({"password": "wrong", "code": "000000"}, writes=False),
    "town:end_own_session": deed(pk="@session"),
    "town:end_other_sessions": deed(),
    # --- residents ---------------------------------------------------------------------------
    "town:residents": page(
        {"q": "@number", "village": "@village_code", "tag": ""},
        query={"village": "@village_code", "tag": "student", "page": "1", "sought": "1"},
        typed=frozenset({"q", "village"}), shows=True, writes=False,
    ),
    "town:resident_new": page(
        {"name": "某某", "phones": "@number", "place": "@grid"}, query={"household": "@household"},
        typed=frozenset({"phones"}), shows=True,
    ),
    "town:resident": page(pk="@resident", shows=True),
    "town:resident_edit": page({"place": "@grid", "birth_year": "1960"}, pk="@resident",
                               shows=True),
    "town:reveal": page(
        {"field": "name", "reason": "check"},
        {"field": "phone", "phone": "@phone", "reason": "check"}, pk="@resident",
        query={"field": "phone", "phone": "@phone"}, shows=True,
    ),
    "town:phone_add": deed({"phone": "12000066666"}, pk="@resident"),
    "town:phone_remove": deed(args={"pk": "@resident", "phone": "@phone"}),
    "town:resident_erase": deed(pk="@resident"),
    "town:resident_lists": page({"place": "@grid", "pasted": "姓名\n某某"}, shows=True),
    "town:resident_list": page({"column0": "name"}, pk="@list",
                               query={"show": "new", "page": "1"}, shows=True),
    "town:resident_list_import": deed(pk="@list"),
    "town:resident_list_progress": page(pk="@list"),
    "town:resident_list_drop": deed(pk="@list"),
    "town:resident_list_refused": page(pk="@list"),
    "town:households": page(query={"grid": "@grid_code", "page": "1"}, shows=True),
    "town:household": page(pk="@household", shows=True),
    "town:household_new": page({"grid": "@grid", "address": "海兰村5组6号"}, shows=True),
    "town:household_edit": page({"grid": "@grid", "address": "海兰村5组6号"}, pk="@household",
                                shows=True),
    # --- places ------------------------------------------------------------------------------
    "town:places": page(query={"closed": "1"}, shows=True),
    "town:place": page(pk="@grid", shows=True),
    "town:place_add": deed({"name": "新网格", "valid_from": "@day"}, pk="@village"),
    "town:place_rename": deed({"name": "改名"}, pk="@grid"),
    "town:place_date": deed({"valid_from": "2020-01-01"}, pk="@empty_grid"),
    "town:place_split": page(
        {"name": "拆出", "households": "@household", "residents": "@alone"}, pk="@grid", shows=True
    ),
    "town:place_close": deed({"on": "@day"}, {"on": "@day", "into": "@other_grid"},
                             pk="@empty_grid"),
    # --- duties ------------------------------------------------------------------------------
    "town:duty_tree": page(query={"on": "@day"}, shows=True),
    "town:duties": page(query={"ended": "1", "role": "officer", "page": "1"}, shows=True),
    "town:duty_new": page(
        {"staff": "@second", "role": "officer", "place": "@village", "starts_on": "@tomorrow"},
        {"staff": "@second", "role": "grid", "place": "@grid"},
        query={"staff": "@second", "role": "officer", "place": "@village"}, shows=True,
    ),
    "town:duty": page({"to": "@second", "on": "@tomorrow"}, {"on": "@tomorrow"}, pk="@duty",
                      shows=True),
    "town:absences": page(
        {"staff": "@second", "first": "@tomorrow", "last": "@tomorrow", "stand_in": "@clerk"},
        shows=True,
    ),
    "town:absence_end": deed(pk="@absence"),
    "town:shifts": page({"staff": "@second", "days": "@day", "begins": "08:00", "ends": "20:00"},
                        query={"on": "@day"}, shows=True),
    "town:shift_drop": deed(pk="@shift"),
    # --- administrators ----------------------------------------------------------------------
    "town:staff": page({"name": "新科室", "kind": "police"}, query={"left": "1"}, shows=True),
    "town:staff_new": page({"username": "newcomer", "name": "新人"}),
    "town:member": page({"name": "改名", "badge": "7"}, pk="@officer", shows=True),
    **{f"town:member_{verb}": deed(pk="@officer")
       for verb in ("reset-password", "unlock", "reset-second-factor", "sign-out", "retire",
                    "readmit")},
    "town:sessions": page(shows=True),
    "town:audit": page(query={"actor": "staff:1", "verb": "claim", "thing": "task:1",
                              "since": "@day", "until": "@day", "before": "9"}, shared=True),
    "town:audit_verify": deed(writes=False),
    "town:retention": page(),
    "town:tokens": page({"name": "县平台", "place": "@town", "scopes": "episodes:see", "days": "9"},
                        shows=True),
    "town:token_revoke": deed(pk="@token"),
    # --- the board ---------------------------------------------------------------------------
    "report:board": page(query={"place": "@town_code", "period": "month:2026-11-01"}, shows=True),
    "report:document": page(query={"place": "@town_code", "period": "month:2026-11-01"},
                            shows=True),
    "report:export": page(query={"place": "@town_code", "period": "month:2026-11-01"}),
    "report:signals": page(shows=True),
    "report:signals_document": page(shows=True),
    "report:signals_export": page(shows=True),
}  # fmt: skip


@dataclass(frozen=True)
class Door:
    """One page of the URLconf: name with namespace, its mark (access.py), its recipe."""

    name: str
    ability: Any
    recipe: Recipe


def patterns(
    entries: list[URLPattern | URLResolver] | None = None, space: str = "", route: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """(name with namespace, pattern) of every page; the API has its own document."""
    for entry in entries if entries is not None else get_resolver().url_patterns:
        whole = route + str(entry.pattern)
        if whole.startswith("api/"):
            continue
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from patterns(entry.url_patterns, inner, whole)
        else:
            yield f"{space}{entry.name}", entry


def doors() -> list[Door]:
    """All doors that have a recipe, in the order of the URLconf."""
    return [
        Door(name, getattr(p.callback, "ability", None), RECIPES[name])
        for name, p in patterns()
        if name in RECIPES
    ]
