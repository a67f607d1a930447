"""Translations without GNU gettext: `extract`, `check`, `compile`.

Chinese stands in the source; English in src/fangxian/<room>/locale/en/LC_MESSAGES/django.po.
`extract` renews the catalogues (keeping what is translated), `check` fails on anything missing and
on one text with two English ones, `compile` writes the .mo files.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("town", "warn", "ask", "report", "web")
KEYWORDS = {
    "_": None, "_l": None, "gettext": None, "gettext_lazy": None,
    "gettext_noop": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PLACE = re.compile(r"%\((\w+)\)[sd]|%[sd]|\{(\w*)\}")
# Words that stay Chinese in English texts: the switch to Chinese itself, and names of things.
KEPT = ("中文", "国家反诈中心", "防线", "领导带科室包社区")


def main() -> None:
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command == "extract":
        for room in ROOMS:
            renew(room)
    elif command == "check":
        wrong = [line for room in ROOMS for line in problems(room)] + list(collisions())
        for line in wrong:
            print(line)
        print(f"translations: {len(wrong)} problem(s)")
        sys.exit(1 if wrong else 0)
    elif command == "compile":
        for path in sorted(ROOT.glob("src/fangxian/*/locale/*/LC_MESSAGES/*.po")):
            with path.open("rb") as file, path.with_suffix(".mo").open("wb") as out:
                write_mo(out, read_po(file))
    else:
        sys.exit("usage: tools/messages.py extract|check|compile")


def catalogue_path(room: str) -> Path:
    return ROOT / "src/fangxian" / room / "locale/en/LC_MESSAGES/django.po"


def found_in(room: str) -> dict[tuple[str | None, str], Message]:
    """Every message of a room's Python files and templates."""
    messages: dict[tuple[str | None, str], Message] = {}
    for path in sorted((ROOT / "src/fangxian" / room).rglob("*")):
        if path.suffix == ".py" and "migrations" not in path.parts:
            text = path.read_text(encoding="utf-8")
        elif path.suffix in (".html", ".txt") and "templates" in path.parts:
            text = as_python(path.read_text(encoding="utf-8"), str(path))
        else:
            continue
        where = str(path.relative_to(ROOT))
        for message in _messages(text):
            key = (message.context, _first(message))
            kept = messages.setdefault(key, message)
            if all(where != place for place, _ in kept.locations):
                kept.locations.append((where, None))
    return messages


def as_python(template: str, origin: str) -> str:
    """A template as text that a Python extractor understands (Django's own conversion)."""
    from django.conf import settings

    if not settings.configured:
        os.environ.setdefault("FANGXIAN_MODE", "test")
        settings.configure()
    from django.utils.translation.template import templatize

    lines = (line.strip() for line in templatize(template, origin=origin).splitlines())
    # One line: what is left of the template's indentation means nothing to Python.
    return " ".join(line for line in lines if not line.startswith("#")) + "\n"


def _messages(text: str) -> Iterator[Message]:
    stream = io.BytesIO(text.encode())
    found = extract_python(stream, list(KEYWORDS), [], {"encoding": "utf-8"})
    for _line, function, strings, _comments in found:
        spec = KEYWORDS.get(function or "")
        given = list(strings) if isinstance(strings, tuple) else [strings]
        context = None
        if spec and isinstance(spec[0], tuple):
            context, given = given[0], given[1:]
        wanted = (
            given[:2] if function and function.startswith("n") and len(given) > 1 else given[:1]
        )
        if any(not isinstance(s, str) or not s for s in wanted):
            continue
        yield Message(tuple(wanted) if len(wanted) > 1 else wanted[0], context=context)


def _first(message: Message) -> str:
    return message.id[0] if isinstance(message.id, tuple) else message.id


def read(room: str) -> Catalog:
    path = catalogue_path(room)
    if not path.exists():
        return Catalog(locale="en")
    with path.open("rb") as file:
        return read_po(file, locale="en")


def renew(room: str) -> None:
    """Write the catalogue anew: what the source has, with the translations there were."""
    old = read(room)
    # A fuzzy entry is a guess of some other tool: to be translated anew.
    known = {(m.context, _first(m)): m.string for m in old if m.id and not m.fuzzy}
    new = Catalog(locale="en", header_comment="", fuzzy=False)
    for key, message in sorted(
        found_in(room).items(), key=lambda item: (item[0][1], item[0][0] or "")
    ):
        string = known.get(key, "")
        if isinstance(message.id, tuple) and not isinstance(string, tuple | list):
            string = (string, string) if string else ("", "")
        elif not isinstance(message.id, tuple) and isinstance(string, tuple | list):
            string = string[0]
        new.add(message.id, string, context=message.context,
                locations=[(place, 0) for place, _ in sorted(message.locations)])  # fmt: skip
    path = catalogue_path(room)
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    write_po(buffer, new, omit_header=True, include_lineno=False, width=100)
    header = (
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Language: en\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    )
    path.write_bytes(header.encode() + buffer.getvalue())


def _translated(string: object) -> bool:
    return all(string) if isinstance(string, tuple | list) else bool(string)


def problems(room: str) -> Iterator[str]:
    """What is missing or wrong in a room's English."""
    catalogue = {(m.context, _first(m)): m for m in read(room) if m.id}
    found = found_in(room)
    for key, message in found.items():
        entry = catalogue.get(key)
        text = key[1]
        if entry is None or entry.fuzzy or not _translated(entry.string):
            yield f"{room}: no English for {text!r} ({message.locations[0][0]})"
            continue
        strings = entry.string if isinstance(entry.string, tuple | list) else [entry.string]
        for string in strings:
            if places(string) != places(text):
                yield f"{room}: other placeholders in {string!r} than in {text!r}"
            left = string
            for word in KEPT:
                left = left.replace(word, "")
            if CHINESE.search(left):
                yield f"{room}: Chinese left in {string!r}"
    for key in catalogue.keys() - found.keys():
        yield f"{room}: no longer used: {key[1]!r} (run tools/messages.py extract)"


def collisions() -> Iterator[str]:
    """Texts with another English in another room. Django merges the rooms' catalogues, so that one
    English wins everywhere: a context keeps two meanings apart."""
    by_text: dict[tuple[str | None, str], dict[str, object]] = {}
    for room in ROOMS:
        for message in read(room):
            if message.id:
                key = (message.context, _first(message))
                by_text.setdefault(key, {})[room] = message.string
    for (_context, text), english in by_text.items():
        if len({repr(string) for string in english.values()}) > 1:
            said = ", ".join(f"{string!r} in {room}" for room, string in english.items())
            yield f"{text!r} is {said}: add a context"


def places(text: str) -> set[str]:
    return {m.group(0) for m in PLACE.finditer(text)}


if __name__ == "__main__":
    main()
