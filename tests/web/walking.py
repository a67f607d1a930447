"""Somebody who tries doors, and what each answer gives away."""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from doors import Door, Form
from two_towns import CLEAR, FOREIGN_MARKS, RESIDENT_MARKS, ROLES, Side

from fangxian.town.access import ABILITIES, Ability
from fangxian.town.models import Household, Phone, Resident, Staff
from fangxian.warn.models import Case, Episode, Task
from town_of_tests import sign_in

# What keeping a session writes; anything else that a refused try writes is a leak.
BOOKKEEPING = {"django_session", "town_signin"}
# Pages whose purpose is to show a clear value to whoever has the right and says why.
CLEAR_ON_PURPOSE = {
    "town:reveal", "warn:show_number", "warn:answers_file", "warn:refused_file",
    "town:resident_list_refused",
}  # fmt: skip
# A warning about somebody of another town is taken in and forwarded to those who answer there.
FORWARDS = {"warn:intake_one"}
WRITES = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"')
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


@dataclass(frozen=True)
class Answer:
    """What came of one try: `text` is all that can be read from it, `wrote` the tables changed."""

    status: int
    text: str
    to: str
    wrote: frozenset[str]

    @property
    def let_in(self) -> bool:
        return self.status in (200, 204, 302) and "/sign-in/" not in self.to

    @property
    def changed(self) -> frozenset[str]:
        return self.wrote - BOOKKEEPING


class Visitor:
    """One member of staff (or nobody) at the doors. Nothing of a try is kept: each is undone, so
    that every door is found as it was."""

    def __init__(self, side: Side, role: str | None) -> None:
        self.staff: Staff | None = side.staff[role] if role else None
        self.abilities = ABILITIES[ROLES[role]] if role else frozenset()
        self.session = ""
        if self.staff:
            self.session = sign_in(Client(), self.staff).cookies["sessionid"].value

    def may(self, ability: Any) -> bool:
        """Whether this visitor should get in at a page with that mark: by the table of roles, not
        by the code that is on trial."""
        if ability == "public":
            return True
        if isinstance(ability, Ability):
            return ability in self.abilities
        return self.staff is not None

    def tries(
        self, method: str, address: str, data: Form | str | None = None, *, htmx: bool = False,
        looks: Callable[[], None] = lambda: None, follow: bool = False,
    ) -> Answer:  # fmt: skip
        """One request; a list that answers with a redirect to itself is followed, with `follow`
        every redirect is. `looks` is called before all is undone."""
        client = Client(raise_request_exception=False)
        if self.session:
            client.cookies["sessionid"] = self.session
        headers = {"HX-Request": "true"} if htmx else {}
        wrote: set[str] = set()

        def note(execute: Any, sql: str, *rest: Any) -> Any:
            if found := WRITES.match(sql):
                wrote.add(found[1])
            return execute(sql, *rest)

        with transaction.atomic(), connection.execute_wrapper(note):
            sent: dict[str, Any] = {"data": data or {}}
            if isinstance(data, str):
                sent["content_type"] = "application/x-www-form-urlencoded"
            got = getattr(client, method)(address, headers=headers, **sent)
            to, text = got.headers.get("Location", ""), text_of(got)
            status = got.status_code
            if to.startswith("/") and (
                follow or (method == "post" and to.split("?")[0] == address)
            ):
                shown = client.get(to)
                text, status = (
                    text + text_of(shown),
                    max(status, shown.status_code if follow else 0),
                )
            looks()
            transaction.set_rollback(True)
        return Answer(status, text, to, frozenset(wrote))


def text_of(answer: Any) -> str:
    """Everything that can be read from an answer: the files in a workbook, escaped letters."""
    raw = b"".join(answer) if answer.streaming else answer.content
    if raw.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(raw)) as book:
            raw = b"\n".join(book.read(name) for name in book.namelist())
    text = raw.decode("utf-8", "replace") + str(answer.headers)
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), html.unescape(text))


def filled(form: Form, side: Side, other: Side | None = None, swapped: str = "") -> Form:
    """A form with the things of `side`; the field `swapped` with that of the `other` town."""
    return {
        name: (other if other and name == swapped else side).of(value[1:])
        if isinstance(value, str) and value.startswith("@")
        else value
        for name, value in form.items()
    }


def named(form: Form) -> list[str]:
    """The fields of a form that hold a thing of a town, not a day or a key."""
    free = {"@day", "@tomorrow", "@form_key"}
    return [k for k, v in form.items() if isinstance(v, str) and v[:1] == "@" and v not in free]


def address_of(door: Door, side: Side, other: Side | None = None, swapped: str = "") -> str:
    return reverse(door.name, kwargs=filled(door.recipe.args, side, other, swapped))


def of_the_foreign(side: Side) -> list[Any]:
    """The rows of a town as they are; two of these differ when somebody touched them."""
    inside = side.of("village_prefix")
    rows = [
        model.objects.filter(**{f"{path}__startswith": inside}).order_by("pk")
        for model, path in (
            (Resident, "place__code"), (Phone, "resident__place__code"), (Household, "grid__code"),
            (Episode, "place__code"), (Task, "place__code"), (Case, "place__code"),
            (Case, "episode__place__code"), (Resident, "household__grid__code"),
        )
    ]  # fmt: skip
    return [list(found.values()) for found in rows]


@dataclass
class Walk:
    """All tries of one visitor, and what leaked."""

    visitor: Visitor
    own: Side
    foreign: Side
    tried: Counter[str] = field(default_factory=Counter)
    leaks: list[str] = field(default_factory=list)

    def through(self, doors: list[Door]) -> Walk:
        self.before = of_the_foreign(self.foreign)
        for door in doors:
            if self.visitor.may(door.ability):
                self.within(door)
            else:
                self.shut_out(door)
        return self

    def shut_out(self, door: Door) -> None:
        """Read and written, as a page and as a fragment, in both towns where the address names
        a thing of one."""
        form = filled((door.recipe.forms or ({},))[0], self.own)
        sides = (self.own, self.foreign) if door.recipe.args else (self.own,)
        for n, side in enumerate(sides):
            for method, data in (("get", {}), ("post", form)):
                htmx = (method == "post") != bool(n)
                answer = self.visitor.tries(method, address_of(door, side), data, htmx=htmx)
                self.judge("shut out", door, answer, _refusal(answer, self.visitor, htmx))

    def within(self, door: Door) -> None:
        """Own things are shown; foreign ones are not, wherever one names them."""
        here = address_of(door, self.own)
        recipe = door.recipe
        for htmx in (False, True):
            if recipe.gets:
                answer = self.visitor.tries("get", here, htmx=htmx)
                self.judge("own", door, answer)
            for form in recipe.forms:
                answer = self.visitor.tries("post", here, filled(form, self.own), htmx=htmx)
                self.judge("own", door, answer)
        for name in recipe.args if not recipe.shared else ():
            there = address_of(door, self.own, self.foreign, name)
            for htmx in (False, True):
                for method, data in (("get", {}), *(("post", f) for f in recipe.forms or ({},))):
                    answer = self.visitor.tries(method, there, filled(data, self.own), htmx=htmx)
                    refused = answer.status in (
                        (404, 405, 403) if not recipe.secret else (410, 286, 405)
                    )
                    self.judge("address", door, answer, "" if refused else f"{answer.status}")
        for n, form in enumerate(recipe.forms if not recipe.shared else ()):
            for name in named(form):
                self._name_in(door, here, form, name, htmx=bool(n % 2))
        for n, name in enumerate(named(recipe.query) if recipe.gets else ()):
            data = filled(recipe.query, self.own, self.foreign, name)
            answer = self.visitor.tries("get", here, data, htmx=bool(n % 2))
            self.judge("query", door, answer, "it wrote" if answer.changed else "", data[name])
            # The same address with an own form: what it names must not be written to, either.
            for form in recipe.forms:
                address = f"{here}?{urlencode(data)}"
                sent = filled(form, self.own)
                self._send("query", door, address, sent, typed=data[name])

    def _name_in(self, door: Door, here: str, form: Form, name: str, htmx: bool) -> None:
        """A foreign thing named in a field of a form of our own."""
        data = filled(form, self.own, self.foreign, name)
        if name in door.recipe.typed:
            self._send("typed", door, here, data, htmx, data[name])
            return
        answer = self.visitor.tries("post", here, data, htmx=htmx)
        self.judge(
            "form", door, answer, f"wrote {sorted(answer.changed)}" if answer.changed else ""
        )

    def _send(
        self, where: str, door: Door, address: str, data: Form, htmx: bool = False,
        typed: Any = None,
    ) -> None:  # fmt: skip
        """A form that may write, but not in the foreign town."""
        touched: list[str] = []

        def look() -> None:
            if door.name not in FORWARDS and of_the_foreign(self.foreign) != self.before:
                touched.append("foreign rows changed")

        answer = self.visitor.tries("post", address, data, htmx=htmx, looks=look)
        self.judge(where, door, answer, "".join(touched), typed)

    def judge(
        self, where: str, door: Door, answer: Answer, wrong: str = "", typed: Any = None
    ) -> None:
        """Count the try; what it gives away is a leak. What was typed may be said back."""
        self.tried[where] += 1
        says = [wrong] if wrong else []
        if answer.status >= 500 and door.name != "web:health":
            says.append(f"{answer.status}")
        # A row's number is too short to be taken out of a page: it stands in other numbers.
        text = answer.text.replace(typed, "") if isinstance(typed, str) else answer.text
        marks = RESIDENT_MARKS if door.recipe.shared else FOREIGN_MARKS
        says += [f"shows {mark}" for mark in marks if mark in text]
        if not (where in ("own", "query") and door.name in CLEAR_ON_PURPOSE):
            says += [f"shows {name} in clear" for name in CLEAR if name in text]
        if says:
            self.leaks.append(f"{where} {door.name}: {', '.join(says)}")


def _refusal(answer: Answer, visitor: Visitor, htmx: bool) -> str:
    """An empty text where the door stayed shut."""
    if answer.changed:
        return f"wrote {sorted(answer.changed)}"
    if visitor.staff is not None or answer.status == 405:
        return "" if answer.status in (403, 405) else f"{answer.status} without the right"
    asked = answer.status == 302 and "/sign-in/" in answer.to
    asked = asked or (htmx and answer.status == 200 and "/sign-in/" in answer.text)
    return "" if asked else f"{answer.status} to nobody"
