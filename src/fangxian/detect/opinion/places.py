"""Where somebody lives, and when somebody was born."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .personal import BLANK, Found

_HAN = "\u4e00-\u9fff"
_NUMBER = r"(?:\d{1,5}|[零〇一二三四五六七八九十百两甲乙丙丁]{1,5}|[a-z]\d{0,3})"
_UNIT = (
    "街道办事处|街道|社区|小区|大道|胡同|花园|公寓|大厦|家园|新村|新城|佳苑|村委会|自治州|自治县"
    "|省|市|区|县|旗|镇|乡|村|屯|寨|庄|路|街|巷|弄|坊|苑|园"
)
# A chain of places: 柳河镇海兰村. Possessive, and no longer than eight: time stays linear.
_CHAIN = rf"(?:[{_HAN}]{{1,8}}?(?:{_UNIT})){{1,8}}+"
_DOORS = rf"(?: ?[-#]? ?(?:第)?{_NUMBER}(?:-{_NUMBER}){{0,3}} ?(?:号楼|号院|号|弄|巷|栋|幢|座|单元|组|室|层|楼)){{1,6}}+"
_ADDRESS = re.compile(
    rf"{_CHAIN}{_DOORS}(?: ?-?\d{{1,4}}(?:-\d{{1,4}}){{0,2}}(?![\d元块万.:年月日]))?"
)
_DOOR = re.compile(
    r"(?:[a-z]?\d{1,4}(?:栋|幢|号楼)|[a-z\d一二三四五六七八九十]{1,4}(?:栋|幢|号楼|座)(?= ?[\d一二三四五六七八九]))"
    r"(?: ?(?:\d{1,4}|[一二三四五六七八九十]{1,3})(?:单元|层|楼|室|号|户)?){0,3}"
    r"|(?<![第\d])\d{1,3}单元(?: ?\d{1,4}(?:室|号|户)?)?|[一二三四五六七八九十]单元 ?\d{1,4}(?:室|号|户)?"
    r"|(?<!\d)\d{1,3}(?:-\d{1,4}){1,3}室|(?<!\d)\d{3,4}室"
)
_LIVES = re.compile(
    rf"(?:家住|住在|现住|居住在|户籍在|老家在|我家在|你家在|住(?![院户宿房所址宅]))((?![您你本这那哪各在]){_CHAIN})"
)
_LABELLED = re.compile(
    r"(?<!钱包)(?<!网站)(?<!下载)(?<!链接)(?<![充提收]币)(?<!邮箱)(?<!ip)(?:住址|地址|门牌号?|户籍地|籍贯|居住地)(?:是|为|在|[ :]){1,3}"
    r"(?=[^\s,，。；;！？!?、]{0,39}[省市区县镇乡村路街巷弄栋幢号室楼园苑厦组])([^\s,，。；;！？!?、]{2,40})"
)
# Words before a chain that are no part of it.
_BEFORE = re.compile(
    rf"^[{_HAN}a-z0-9]{{0,7}}?(?:住在|家住|现住|送到|寄到|送至|寄往|来到|搬到|位于|地址|放入|在|到|往|至|去|住|是|为|对|的|从|由)(?=[{_HAN}])"
)
_BIRTH = re.compile(
    r"(?:出生日期|出生年月|出生于|生于|生日)(?:是|为|[\s:]){0,3}((?:\d{2,4}[年./-])?\d{1,2}[月./-]\d{1,2}日?|\d{8}|\d{4}年)"
    r"|((?:\d{2,4}年)?\d{1,2}月\d{1,2}[日号]|\d{4}年)(?:出生|生(?![产活效成日]))"
)


def places(line: str) -> Iterator[Found]:
    """Addresses with a house number, doors without an address, and where somebody says to live."""
    hits = [_cut(m) for m in _ADDRESS.finditer(line)]
    hits += [m.span() for m in _DOOR.finditer(line)]
    hits += [m.span(1) for each in (_LIVES, _LABELLED) for m in each.finditer(line)]
    start, end = -1, -1
    # What overlaps is one address; the end of the one may be the beginning of the other.
    for first, last in sorted(hits):
        if BLANK in line[first:last]:
            last = first + line[first:last].index(BLANK)
        if first <= end:
            end = max(end, last)
            continue
        if start >= 0:
            yield Found(start, end, "address", line[start:end])
        start, end = first, last
    if start >= 0:
        yield Found(start, end, "address", line[start:end])


def _cut(found: re.Match[str]) -> tuple[int, int]:
    before = _BEFORE.match(found[0])
    return found.start() + (before.end() if before else 0), found.end()


def births(line: str) -> Iterator[Found]:
    """Days of birth, with the word that says so."""
    for found in _BIRTH.finditer(line):
        span = found.span(1) if found[1] else found.span(2)
        yield Found(*span, "birth", line[slice(*span)])
