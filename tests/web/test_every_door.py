"""Every URL and API operation, tried by every role, in the own area and in a foreign one.

A leak is an answer that shows or does something the role may not: any success where the ability is
missing, any answer but "not found" or "not yours" for a thing outside the area, and any page that
prints the foreign town's mark or a clear name or phone.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from fangxian.town.access import Ability, access_of
from fangxian.town.models import (
    Absence,
    ApiToken,
    Duty,
    Household,
    Shift,
    SignIn,
)
from fangxian.warn.actions.intake import hand_in
from fangxian.warn.actions.signals import NewSignal, take_in
from fangxian.warn.models import Case, Grade, Sender, Task, Webhook
from town_of_tests import SmallTown, phone_of, sign_in

ROLES = (
    "head", "clerk", "officer", "village", "grid", "educator", "system", "security", "auditor",
)  # fmt: skip
# The name of the foreign resident in clear, and her phone: no page of ours may print them.
FOREIGN_MARK = "外乡人"
NAMES_IN_CLEAR = ("王秀英", "李建国", "张桂兰", FOREIGN_MARK)
# Doors whose number means something that has no area: decided by their ability alone.
NO_AREA = {"warn:day_off_drop"}


def doors(
    patterns: list[URLPattern | URLResolver] | None = None, space: str = "", route: str = ""
) -> Iterator[tuple[str, URLPattern, str]]:
    """(name with namespace, pattern, whole route) of every page."""
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        whole = route + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from doors(entry.url_patterns, inner, whole)
        else:
            yield f"{space}{entry.name}", entry, whole


PAGES = [d for d in doors() if not d[2].startswith("api/")]


def things(town: SmallTown, foreign: bool) -> dict[str, dict[str, Any]]:
    """For each page with numbers in its address: numbers of things in the own or foreign area."""
    resident = town.stranger if foreign else town.residents[0]
    grid = town.foreign_grid if foreign else town.grids[0]
    clerk = town.staff["foreign_clerk" if foreign else "clerk"]
    officer = town.foreign if foreign else town.staff["officer"]
    n = 99 if foreign else 1
    new = NewSignal(
        place=grid, phones=(phone_of(n),), name=resident.name.clear, grade=Grade.RED,
        reference=f"R{n}",
    )  # fmt: skip
    episode = take_in(clerk, town.sender, "form", [new])[0].signal.episode
    call = Task.objects.get(episode=episode, kind="call")
    now = timezone.now()

    def task(kind: str, day: int = 0) -> int:
        return Task.objects.create(
            episode=episode, kind=kind, day=day, place=grid, grade=1, due_at=now, starts_at=now
        ).pk

    file = f"编号,电话\nL{n},{phone_of(200 + n)[3:]}".encode()
    batch, _ = hand_in(clerk, town.sender, "a.csv", file)
    case = Case.objects.create(
        kind="other", place=grid, happened_on=now.date(), channel="sms", by=clerk,
        resident=resident,
    )  # fmt: skip
    home = Household.objects.filter(grid=grid)[0]
    duty = Duty.objects.filter(staff=officer)[0]
    absence = Absence.objects.create(
        staff=officer, starts_at=now, ends_at=now + timezone.timedelta(days=1)
    )
    shift = Shift.objects.create(
        staff=officer, starts_at=now, ends_at=now + timezone.timedelta(hours=8)
    )
    token = ApiToken.objects.create(
        name="t", made_by=clerk, place=grid.parent.parent or grid.parent, scopes=[],
        digest=f"digest{n}", expires_at=now + timezone.timedelta(days=1),
    )  # fmt: skip
    session = SignIn.objects.create(staff=officer, session_key=f"key{n}")
    pk = {"pk": episode.pk}
    by_room: dict[str, dict[str, Any]] = {
        "warn:claim": {"pk": call.pk}, "warn:release": {"pk": call.pk}, "warn:call": {"pk": call.pk},
        "warn:show_number": {"pk": call.pk}, "warn:visit": {"pk": task("visit")},
        "warn:find": {"pk": task("find")}, "warn:follow_up": {"pk": task("follow_up", 3)},
        "warn:assign": {"pk": call.pk},
    }  # fmt: skip
    of_kind = {
        "task": call.pk, "episode": episode.pk, "batch": batch.pk, "case": case.pk,
        "resident": resident.pk, "household": home.pk, "place": grid.pk, "duty": duty.pk,
        "absence": absence.pk, "shift": shift.pk, "member": officer.pk, "token": token.pk,
        "session": session.pk, "phone": resident.phones.first().pk,
        "sender": town.sender.pk,
    }  # fmt: skip
    return {"by_name": by_room, "of_kind": of_kind, "episode": pk}


# Which thing the number in an address names, by the first words of its route that fit.
KIND_OF_ROUTE = (
    ("work/tasks/", "task"), ("work/episodes/", "episode"), ("work/reviews/", "episode"),
    ("work/answers/sender", "sender"), ("work/answers/", "batch"), ("work/intake/", "batch"),
    ("work/cases/", "case"), ("work/alarms/", "task"), ("work/board/", "task"),
    ("town/residents/", "resident"), ("town/households/", "household"), ("town/places/", "place"),
    ("town/duties/", "duty"), ("town/absences/", "absence"), ("town/shifts/", "shift"),
    ("town/staff/", "member"), ("town/tokens/", "token"), ("town/me/sessions/", "session"),
    ("town/sessions/", "session"),
)  # fmt: skip


def numbers(name: str, pattern: URLPattern, route: str, facts: dict[str, Any]) -> dict[str, Any]:
    """The arguments of an address. Fails when a new page's number is of an unknown kind."""
    found: dict[str, Any] = {}
    for key, converter in pattern.pattern.converters.items():
        if key == "phone":
            found[key] = facts["of_kind"]["phone"]
        elif type(converter).__name__ == "UUIDConverter":
            found[key] = uuid4()
        elif key == "pk" and name in facts["by_name"]:
            found[key] = facts["by_name"][name]["pk"]
        else:
            kind = next((k for start, k in KIND_OF_ROUTE if route.startswith(start)), None)
            assert kind, f"{name} ({route}): say in KIND_OF_ROUTE what its <{key}> names"
            value = facts["of_kind"][kind]
            found[key] = value if type(converter).__name__ == "IntConverter" else str(value)
    return found


def test_every_page_says_who_may_open_it() -> None:
    unmarked = [name for name, p, _ in PAGES if not hasattr(p.callback, "ability")]
    assert unmarked == []


@pytest.mark.parametrize("role", [*ROLES, None])
def test_no_role_gets_in_where_it_may_not(small_town: SmallTown, role: str | None, request) -> None:
    own, foreign = things(small_town, False), things(small_town, True)
    tried: Counter[str] = Counter()
    leaks: list[str] = []
    for name, pattern, route in PAGES:
        ability = pattern.callback.ability
        for area, facts in (("own", own), ("foreign", foreign)):
            has_number = bool(pattern.pattern.converters)
            if area == "foreign" and (not has_number or name in NO_AREA):
                continue
            address = reverse(name, kwargs=numbers(name, pattern, route, facts))
            for method in ("get", "post"):
                # A client of its own for each try: signing out must not end the walk.
                client = Client(raise_request_exception=True)
                staff = small_town.staff[role] if role else None
                if staff is not None:
                    staff.__dict__.pop("_access", None)
                    sign_in(client, staff)
                answer = getattr(client, method)(address)
                tried[area] += 1
                leak = judge(answer, ability, staff, area)
                if leak:
                    leaks.append(f"{role} {method} {address} ({name}, {area}): {leak}")
    print(f"\n{role}: {sum(tried.values())} tried ({dict(tried)}), {len(leaks)} leaks")
    assert leaks == []
    assert tried["own"] > 100


def judge(answer: Any, ability: Any, staff: Any, area: str) -> str:
    """What an answer gives away, or an empty text."""
    status = answer.status_code
    if status >= 500 and ability != "public":
        return f"{status}"
    text = (
        b"".join(answer).decode("utf-8", "replace")
        if answer.streaming
        else answer.content.decode("utf-8", "replace")
    )
    for clear in NAMES_IN_CLEAR:
        if clear in text:
            return f"{clear} in clear"
    if FOREIGN_MARK[0] + "**" in text:
        return "the foreign resident is listed"
    if ability == "public":
        return ""
    if staff is None:
        to_sign_in = status == 302 and "/sign-in/" in answer.headers["Location"]
        return "" if to_sign_in or status == 405 else f"{status} to nobody"
    if isinstance(ability, Ability) and not access_of(staff).may(ability):
        return "" if status in (403, 405) else f"{status} without {ability}"
    if area == "foreign" and status not in (403, 404, 405):
        return f"{status} in a foreign area"
    return ""


# --- the API -----------------------------------------------------------------------------------


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """(method, path, operation) of the whole document."""
    document = Client().get("/api/v1/openapi.json").json()
    return [
        (method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def make_token(town: SmallTown, scopes: list[str], place: Any) -> str:
    import hashlib

    clear = uuid4().hex
    ApiToken.objects.create(
        name="walk", made_by=town.staff["security"], place=place, scopes=scopes,
        digest=hashlib.sha256(clear.encode()).hexdigest(),
        expires_at=timezone.now() + timezone.timedelta(days=1),
    )  # fmt: skip
    return clear


def call(method: str, path: str, token: str | None, number: int) -> Any:
    address = re.sub(r"\{[^}]+\}", str(number), path)
    headers = {"idempotency-key": uuid4().hex}
    if token:
        headers["authorization"] = f"Bearer {token}"
    body = {"sender": "s", "warnings": [{"phones": ["12000000001"]}]}
    if "webhooks" in path:
        body = {"url": "http://127.0.0.1:9/x"}
    client = Client(headers=headers)
    if method in ("post", "put", "patch"):
        return getattr(client, method)(address, json.dumps(body), content_type="application/json")
    return getattr(client, method)(address)


def test_no_token_gets_in_where_it_may_not(small_town: SmallTown) -> None:
    foreign = things(small_town, True)
    episode = foreign["of_kind"]["episode"]
    everything = [s.value for s in Ability]
    tried, leaks = 0, []
    hook = Webhook.objects.create(
        url="http://127.0.0.1:9/", secret="s", place=small_town.foreign_town
    )
    for method, path, operation in operations():
        number = hook.pk if "webhooks" in path else episode
        nobody = call(method, path, None, number)
        none = call(method, path, make_token(small_town, [], small_town.town), number)
        whole = call(method, path, make_token(small_town, everything, small_town.town), number)
        tried += 3
        if nobody.status_code != 401:
            leaks.append(f"{method} {path}: {nobody.status_code} without a token")
        if none.status_code != 403 and operation["operationId"] not in ("whoAmI", "listKinds"):
            leaks.append(f"{method} {path}: {none.status_code} without a scope")
        if "{" in path and whole.status_code != 404:
            leaks.append(f"{method} {path}: {whole.status_code} in a foreign area")
        said = [a.content.decode() for a in (nobody, none, whole)]
        if any(clear in text for clear in NAMES_IN_CLEAR for text in said):
            leaks.append(f"{method} {path}: a clear name")
        if "{" not in path and method == "get" and "外乡" in whole.content.decode():
            leaks.append(f"{method} {path}: lists the foreign area")
    print(f"\nAPI: {tried} tried, {len(leaks)} leaks")
    assert leaks == []
    assert tried >= 30


def test_a_token_cannot_take_in_for_a_foreign_area(small_town: SmallTown) -> None:
    token = make_token(small_town, [Ability.TAKE_IN.value], small_town.town)
    answer = Client(headers={"authorization": f"Bearer {token}", "idempotency-key": "12345678"}).post(
        "/api/v1/warnings",
        json.dumps({"sender": "s", "warnings": [
            {"phones": ["12000000005"], "area": small_town.foreign_grid.code}
        ]}),
        content_type="application/json",
    )  # fmt: skip
    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert not Sender.objects.filter(name="s").exists()
