"""What in a plain text is about a person, and where: the finders one after the other.

Each looks at the text with what was found before blanked out, so that nothing is found twice and
every one may be greedy. All patterns are for text as `undo` leaves it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

# Stands where something was found; personal_in is given no text that holds it.
BLANK = "\ue000"


class Found(NamedTuple):
    """One thing at `start` to `end` of the plain text; `key` is the same for the same thing, `shown`
    what of it may be seen beside its mark."""

    start: int
    end: int
    kind: str
    key: str
    shown: str = ""


Finder = Callable[[str], Iterator[Found]]


def personal_in(
    plain: str, links: Iterable[tuple[int, int, str]] = (), *, names: bool = True
) -> list[Found]:
    """All that is personal in `plain` (a text undone), in order, without overlaps. `links`: those
    found before, with their domains; `names`: whether people's names are looked for."""
    from .accounts import accounts, codes, mails, plates, words_of_letters
    from .digits import interrupted, numbers
    from .names import names_in
    from .places import births, places

    found: list[Found] = []
    line = plain
    finders: list[Finder] = [mails, lambda left: _links(left, links), _other_links]
    finders += [interrupted, plates, codes, accounts, words_of_letters, births, places, numbers]
    for finder in [*finders, names_in] if names else finders:
        new = [each for each in finder(line) if each.start < each.end]
        line = blanked(line, new)
        found += new
    return sorted(found)


def blanked(line: str, found: Iterable[Found]) -> str:
    """`line` with what was found blanked out, character for character."""
    out: list[str] = []
    at = 0
    for each in sorted(found):
        out += (line[at : each.start], BLANK * (each.end - each.start))
        at = each.end
    return "".join(out) + line[at:]


def _links(line: str, links: Iterable[tuple[int, int, str]]) -> Iterator[Found]:
    """The links given, but for those inside an e-mail address."""
    at = 0
    for start, end, domain in links:
        if start >= at and BLANK not in line[start:end]:
            shown = "" if _TELLING.search(domain) else domain
            yield Found(start, end, "link", line[start:end], shown)
            at = end


# A domain with a telephone number in its name; 95588 in it is what an impostor writes.
_TELLING = re.compile(r"(?:\d[.-]?){7}")


def _other_links(line: str) -> Iterator[Found]:
    """Links whose host is none that can be registered: their path is personal all the same."""
    for link in _ANY_LINK.finditer(line):
        yield Found(*link.span(), "link", link[0])


_ANY_LINK = re.compile(
    rf"[a-z][a-z0-9+.-]{{1,15}}://[^\s{BLANK}\u3000-\u303f\u4e00-\u9fff，！？；]+"
    rf"|(?<![a-z0-9.-])[a-z0-9-]{{1,63}}(?:\.[a-z0-9-]{{1,63}}){{0,8}}\.[a-z]{{2,24}}/[^\s{BLANK}\u3000-\u303f\u4e00-\u9fff，！？；]+"
    rf"|(?<![\d.])\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?:[:/][^\s{BLANK}\u4e00-\u9fff，]*)?(?![\d.])"
)
