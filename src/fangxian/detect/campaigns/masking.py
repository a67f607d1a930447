"""What stays the same from one message of a campaign to the next: the text without what is filled in.

A sender changes the number, the link, the sum, the day and the name; a filter for equal texts then
sees a hundred texts. Each is replaced by one mark: `#` a number, `¥` a sum of money, `↗` a link, `@`
an account or mail address, `△` a day or time, `○` a surname before 先生 or 女士.
"""

from __future__ import annotations

import re
from hashlib import blake2b

from ..undo import undo

# A message of the short message service has at most 70 characters a part (3GPP TS 23.040); longer
# ones, and calls written down, are told apart by their beginning.
LONGEST = 2_000
# With fewer letters than this outside the marks, nearly any two texts would be alike.
FEWEST = 6
_NUMERAL = "零〇一二三四五六七八九十百千两壹贰叁肆伍陆柒捌玖拾佰仟"
_MASKS = {
    "link": (
        "↗",
        r"(?:https?:/{0,2}|www\.)[\x21-\x7e]+"
        r"|(?<![a-z0-9.-])(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?![a-z0-9@.-])(?:[:/?][\x21-\x7e]*)?"
        r"|(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?(?![\d.])(?:/[\x21-\x7e]*)?",
    ),
    "account": (
        "@",
        r"(?<![a-z0-9_.-])[a-z0-9_.-]{1,64}@[a-z0-9.-]{1,64}"
        r"|(?<![a-z0-9_-])(?=[a-z_-]{0,32}\d)(?=\d{0,32}[a-z_])[a-z0-9_-]{5,64}",
    ),
    "day": (
        "△",
        r"\d{4}年(?:\d{1,2}月(?:\d{1,2}[日号])?)?"
        r"|(?:\d{4}[-/.])?\d{1,2}(?:月|[-/])\d{1,2}(?:[日号]|(?![\d/-]))"
        r"|\d{1,2}月(?:份|底|初)?|\d{1,2}[日号](?=前|内|起|之|止|晚|早|上|下|到)"
        r"|(?:十[一二]?|[一二三四五六七八九])月(?:份|[一二三]?十?[一二三四五六七八九]?[日号])"
        r"|(?:周|星期|礼拜)[一二三四五六日天]|\d{1,2}(?::\d{2}){1,2}|\d{1,2}[时点](?:\d{1,2}分|半)?"
        r"|今日|今天|今晚|明日|明天|次日|昨日|昨天|后天|当日|即日"
        r"|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]{0,6}\.? ?\d{1,2}\b",
    ),
    "sum": (
        "¥",
        r"[¥$€£] ?\d[\d,]{0,15}(?:\.\d+)?[万亿千]?元?"
        rf"|(?:\d[\d,]{{0,15}}(?:\.\d+)?|[{_NUMERAL}]{{1,12}}) ?"
        r"(?:[万亿千百]{1,2}(?:多|余)?(?:元|块)?|元|块(?:钱)?|人民币|美元|港币|rmb|usdt?|yuan)",
    ),
    "name": ("○", r"[\u4e00-\u9fff*○](?=先生|女士|小姐)"),
    "number": ("#", r"[+(]?\d(?:[\d*.,() -]{0,40}\d)?\)?"),
}
_PATTERN = re.compile("|".join(f"(?P<{name}>{pattern})" for name, (_, pattern) in _MASKS.items()))
MARKS = "".join(mark for mark, _ in _MASKS.values())
_AGAIN = re.compile(f"([{MARKS}])(?:[ ,、;/~-]*\\1)+")


def masked(text: str) -> str:
    """`text` undone (detect.undo) and with a mark for whatever a sender fills in.

    Of a text longer than 2,000 characters the beginning counts. What has fewer than six letters
    outside the marks (a bare link or number) is told apart by a short hash of what was written,
    so that two bare links are the same only if they are equal.
    """
    plain = " ".join(undo(text[:LONGEST]).text.split())
    out = _AGAIN.sub(r"\1", _PATTERN.sub(_mark, plain))
    if len(letters(out)) - sum(map(out.count, MARKS)) < FEWEST and out != plain:
        return f"{out} ·{blake2b(plain.encode(), digest_size=6).hexdigest()}"
    return out


def _mark(found: re.Match[str]) -> str:
    return _MASKS[str(found.lastgroup)][0]


def letters(masked_text: str) -> str:
    """What of a masked text is compared: letters, characters and marks, no punctuation."""
    return _PUNCTUATION.sub("", masked_text)


_PUNCTUATION = re.compile(rf"[^\w{MARKS}]|_")
