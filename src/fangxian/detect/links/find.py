"""Links in a text: where they stand, in whatever way they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .address import Address, read_address
from .official import is_known
from .plain import plain_line
from .reading import is_word

# Latin letters with their accents, Greek, Cyrillic: what a look-alike is written with.
_L = "A-Za-z0-9\u00df-\u024f\u0370-\u03ff\u0400-\u052f"
_LABEL = f"[{_L}](?:[{_L}_-]{{0,61}}[{_L}])?"
_HAN_LABEL = f"[{_L}\u4e00-\u9fff](?:[{_L}\u4e00-\u9fff_-]{{0,61}}[{_L}\u4e00-\u9fff])?"
_REST = (
    r"(?P<port>:[0-9]{1,5}(?![0-9]))?"
    r"(?P<rest>[/?#][^\s\u3000-\u303f\u4e00-\u9fff\uff00-\uffef，！？；（）、“”‘’…<>\"'`{}|\\^\[\]]*)?"
)
# One pattern for what a scheme announces, in which more is a host, and one for bare names.
_LINK = re.compile(
    rf"(?:(?P<scheme>(?:https?|ftp)://)(?P<login>[^\s/@\u4e00-\u9fff]{{1,200}}@)?"
    rf"(?P<told>{_HAN_LABEL}(?:\.{_HAN_LABEL}){{0,30}}|\[[0-9A-Fa-f:.]{{2,45}}\])\.?"
    rf"|(?<![{_L}@_.-])(?P<bare>{_LABEL}(?:\.{_LABEL}){{1,30}})(?![{_L}@])){_REST}",
    re.IGNORECASE,
)
# Suffixes that are also what files are called, and words that follow a full stop without a space.
_FILE_ENDINGS = (
    "zip mov py md sh rs ps pl so cc ai bz gz app java cat in id js css doc docs tar bin dat"
)
_FILES = frozenset(_FILE_ENDINGS.split())
_SMALL_WORDS = "am as at be by do go is it me my no so to us we in one how now new day today"
_WORDS = frozenset(_SMALL_WORDS.split())
_WORD_LENGTH = 7
# Endings that are words, but are met more often as endings.
_COMMON = (
    "com cn net org top vip xyz cc shop club online site store info icu cyou buzz pro biz tw hk"
)
_USUAL = frozenset(_COMMON.split())


def addresses_in(text: str) -> Iterator[tuple[int, int, str, Address]]:
    """Each link of `text` in order: start and end in `text`, as it reads, and taken apart.

    The host of an e-mail address is none, nor are file names, figures or abbreviations.
    """
    line = plain_line(text)
    for found in _LINK.finditer(line.text):
        whole = _cut_to_link(found)
        if whole is None:
            continue
        start, end = line.span(found.start(), found.start() + len(whole[0]))
        yield start, end, whole[0], whole[1]


def _cut_to_link(found: re.Match[str]) -> tuple[str, Address] | None:
    """The part of what was found that is a link: words that only touch its end are left off."""
    scheme, host = found["scheme"], found["told"] or found["bare"]
    before = (scheme or "") + (found["login"] or "")
    rest = (found["port"] or "") + _trimmed(found["rest"] or "")
    while host:
        address = read_address(before + host + rest)
        if address is not None and (scheme or _stands_alone(host, address)):
            return before + host + rest, address
        if address is not None and address.ip:
            return None
        # www.ab.com.cn查询, www.ab.com.Thanks: the text goes on after the link.
        stem, dot, last = host.rpartition(".")
        latin = re.match(r"[!-~]+", last)
        cut = latin[0] if latin and latin[0] != last else ""
        host = stem + dot + cut if cut else stem
        rest = ""
        if not scheme and "." not in host:
            return None
    return None


def _trimmed(rest: str) -> str:
    rest = rest.rstrip(".,;:!?*~_-")
    while rest.endswith(")") and rest.count(")") > rest.count("("):
        rest = rest[:-1].rstrip(".,;:!?")
    return rest


def _stands_alone(host: str, address: Address) -> bool:
    """Whether a host without http:// is meant as a link."""
    if address.ip:
        # 1.2.3.4 is a version as often as an address; with a port or a path it is one.
        return host.count(".") == 3 and (address.port >= 0 or len(address.rest) > 1)
    parts = address.parts
    if parts is None or not parts.registered:
        return False
    if parts.below or len(address.rest) > 1 or address.port >= 0 or is_known(parts.registered):
        return not (parts.below.replace(".", "") + parts.name).isdigit()
    name, _, last = host.rpartition(".")
    if last != last.lower() and name != name.upper():
        # "was done.In the end": a full stop and the next sentence.
        return False
    if last.lower() in _FILES:
        return False
    # "later.we", "tomorrow.call": words, and the next sentence.
    if last.lower() in _WORDS:
        return not (name.isalpha() and len(name) <= _WORD_LENGTH)
    return last.lower() in _USUAL or not (is_word(last) and is_word(name))
