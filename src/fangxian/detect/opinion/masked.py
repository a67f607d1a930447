"""A text as it may leave this machine: every personal thing in it replaced by a mark that says what
it was: 加微信〔账号1〕，打〔电话1〕. What is the same stays the same, so that the sense is kept.

What is sent is the text with its disguise undone (simplified, half width, lower case), so that a
number is found however it is written, and nothing that cannot be seen goes out with it.

What this cannot find, and a person should look for before anything is sent:

- names that nothing announces (小红昨天说…), and names in other scripts; found are names with a
  title behind (王先生, 李警官), after words such as 姓名, 我叫, 收款人, Mr, and then wherever they stand again;
- places without a house number that nobody says to live at, and places of work, schools, hospitals;
- numbers and accounts put into words that are no numerals (homophones, riddles), spread over several
  sentences, or shorter than four digits without a word such as 验证码 in front;
- account names of letters alone that no word such as 微信 announces;
- what is told of a person: illness, work, family, sums of money, days. These stay, for they are what
  the fraud is about.

The masks of detect.campaigns are for comparing texts, not for hiding: names and accounts of letters
stay there, and sums do not.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..kinds.words import Words
from ..undo import Undone, undo

# What may be found: its mark in the text is 〔zh + number〕.
KINDS: Mapping[str, Words] = {
    "phone": Words("电话", "telephone number"),
    "overseas": Words("境外电话", "number from abroad"),
    "hotline": Words("400电话", "400/800 number"),
    "port": Words("短信端口", "message port"),
    "service": Words("服务短号", "short number nobody published"),
    "id": Words("身份证号", "identity number"),
    "card": Words("卡号", "card number"),
    "number": Words("号码", "other number"),
    "code": Words("验证码", "code or password"),
    "tail": Words("尾号", "last digits"),
    "account": Words("账号", "account name"),
    "wallet": Words("钱包地址", "wallet address"),
    "mail": Words("邮箱", "e-mail address"),
    "link": Words("链接", "link"),
    "plate": Words("车牌", "number plate"),
    "address": Words("住址", "address"),
    "name": Words("姓名", "name"),
    "birth": Words("出生日期", "date of birth"),
}
# Of a longer text the beginning and the end are sent; a message is never so long.
LONGEST = 6_000
# Looked at beyond the cut, so that no number is cut in two and its half not known for one.
_BEYOND = 300
# Private characters stand for what is masked while the rest is looked through; brackets are ours.
_OURS = str.maketrans({**{chr(c): " " for c in range(0xE000, 0xF900)}, "〔": "[", "〕": "]"})


# Ways to write numerals that undo does not know, which would end a number for it.
_NUMERALS = str.maketrans("叄弍弎弌", "叁贰叁壹")


@dataclass(frozen=True)
class Masked:
    """`text` as it would leave; `counts`: how many different things of each kind (KINDS) were masked;
    `shortened`: whether only the beginning and the end of a long text are in it."""

    text: str
    counts: Mapping[str, int]
    shortened: bool


def masked(text: str) -> Masked:
    """`text` as a second opinion is given it. Any text may come; raises TypeError for what is none.

    Of a text longer than 6,000 characters the first and last 3,000 are taken. Official short
    numbers (96110, 95588; fangxian.numbers), sums, days and times stay; of a link its registered
    domain stays.
    """
    if not isinstance(text, str):
        raise TypeError(f"文本应为文字（str），实际是 {type(text).__name__}")
    marks = _Marks()
    half = LONGEST // 2
    if len(text) <= LONGEST:
        out = _written(text, 0, len(text), marks)
    else:
        tail = text[-half - _BEYOND :]
        first = _written(text[: half + _BEYOND], 0, half, marks)
        out = first + "\n…\n" + _written(tail, len(tail) - half, len(tail), marks)
    return Masked(out.strip(), marks.counts, len(text) > LONGEST)


@dataclass
class _Marks:
    """The marks given so far, by kind and by what they stand for."""

    given: dict[str, dict[str, int]] = field(default_factory=dict)

    def of(self, kind: str, key: str, shown: str) -> str:
        known = self.given.setdefault(kind, {})
        number = known.setdefault(key, len(known) + 1)
        return f"〔{KINDS[kind].zh}{number}{' ' if shown else ''}{shown}〕"

    @property
    def counts(self) -> dict[str, int]:
        return {kind: len(self.given[kind]) for kind in KINDS if kind in self.given}


def _written(text: str, start: int, end: int, marks: _Marks) -> str:
    """`text[start:end]`, masked; what lies half outside is masked as a whole."""
    from .personal import personal_in

    undone = undo(text.translate(_NUMERALS))
    plain = undone.text.translate(_OURS)
    first, last = _place(undone, start, end)
    out: list[str] = []
    at = first
    for found in personal_in(plain, list(_links(text, undone))):
        if found.end <= first or found.start >= last:
            continue
        out += (plain[at : found.start], marks.of(found.kind, found.key, found.shown))
        at = found.end
    return "".join(out) + plain[at:last]


def _place(undone: Undone, start: int, end: int) -> tuple[int, int]:
    """Which part of the plain text `start` to `end` of the original became."""
    return bisect_right(undone.ends, start), bisect_left(undone.starts, end)


def _links(text: str, undone: Undone) -> Iterator[tuple[int, int, str]]:
    """The links: where they stand in the plain text, and the domain that may be shown ("" for none).

    They are looked for in what was written: a domain in look-alike letters should be seen as such.
    """
    from ..links import links_in

    for start, end, view in links_in(text):
        first, last = _place(undone, start, end)
        if first < last:
            yield first, last, view.registered
