"""Names of the kinds, and the many spellings in which senders write them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fangxian.detect.kinds.words import Words, read_yaml, words

OTHER = "other"


@dataclass(frozen=True)
class _Name:
    name: Words
    closed_up: tuple[str, ...]  # spellings found with spaces and marks left out
    latin: tuple[re.Pattern[str], ...]  # spellings found as whole words: "etc" is not in "fetching"
    whole: frozenset[str]


@cache
def _names() -> dict[str, _Name]:
    path = Path(__file__).with_name("names.yaml")
    names = {}
    for key, raw in read_yaml(path).items():
        name = words(raw["name"], f"{path.name} {key}")
        latin = [spelling for spelling in raw["inside"] if spelling.isascii()]
        names[key] = _Name(
            name=name,
            closed_up=(
                *(_closed_up(_plain(each)) for each in name),
                *(spelling for spelling in raw["inside"] if not spelling.isascii()),
            ),
            latin=tuple(re.compile(rf"(?<![a-z]){re.escape(each)}(?![a-z])") for each in latin),
            whole=frozenset(raw["whole"]),
        )
    return names


def known_keys() -> tuple[str, ...]:
    """Every key, in the order shown to people; `other` comes last."""
    return tuple(_names())


def kind_name(key: str) -> Words:
    """The name of a kind, without opening its file. Raises KeyError naming the known keys."""
    if key not in _names():
        raise KeyError(f"没有“{key}”这一类；已有的类别：{'、'.join(known_keys())}")
    return _names()[key].name


def kind_choices(language: str) -> list[tuple[str, str]]:
    """(key, name) of every kind in `language`, in order, for a form field."""
    return [(key, name.name.of(language)) for key, name in _names().items()]


def match_kind(text: str) -> str:
    """The key of the kind that a sender's free text names, or `other`.

    `text` is what stands in a sender's column: 刷单返利类, 疑似杀猪盘（高危）, 3.冒充公检法 …
    The longest spelling found anywhere in the text wins, and of two as long the one that comes
    last, since senders name the disguise before the trick (冒充抖音客服，共享屏幕). Only when there
    is none is each piece of the text tried as a whole: short words such as 贷款 or 客服 name a
    kind when they stand alone and mean nothing in the middle of a sentence. A wrong kind reads
    the wrong advice to a frightened person, so a doubtful text is `other`.
    """
    plain = _plain(text)
    closed_up = _closed_up(plain)
    found = [
        (len(spelling), closed_up.rfind(spelling), key)
        for key, name in _names().items()
        for spelling in name.closed_up
        if spelling in closed_up
    ] or [
        (hit.end() - hit.start(), hit.start(), key)
        for key, name in _names().items()
        for spelling in name.latin
        if (hit := spelling.search(plain))
    ]
    if found:
        return max(found)[2]
    for piece in re.split(r"[^\w]+|_+", plain):
        bare = _bare(piece)
        for key, name in _names().items():
            if bare in name.whole:
                return key
    return OTHER


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _closed_up(plain: str) -> str:
    return re.sub(r"[\W_]+", "", plain)


# What senders hang on the name: its number in a list, a degree of suspicion, "type", "fraud".
_BEFORE = re.compile(r"^(?:\d+|疑似|涉嫌|涉及|可能|遭遇|高危|中危|低危|网络|电信|虚假|诈骗类型)+")
_AFTER = re.compile(r"(?:类型?|型|诈骗|欺诈|骗局|案件?|电诈|预警|风险|劝阻|受骗|被骗|\d+)+$")


def _bare(piece: str) -> str:
    return _AFTER.sub("", _BEFORE.sub("", piece))
