"""What a cell looks like, whatever stands above it: the evidence of the content for a guess."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime

from .cells import Cell, cell_text
from .characters import one_line
from .dates import is_time_only
from .fields import Field
from .people import parse_grade

# The hundred most common surnames bear four people in five; with a length of two to four Chinese
# characters that is enough to tell names from other short words. Public statistics (2021).
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖"
    "贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷欧"
)
_HAN_NAME = re.compile(rf"[{_SURNAMES}][\u3400-\u9fff*＊×某]{{1,3}}")
_PHONE = re.compile(r"(?:\+?86[- ]?)?1\d{2}[- ]?\d{4}[- ]?\d{4}|0\d{2,3}[- ]?\d{7,8}")
_ANY_NUMBER = re.compile(r"\+?[\d][\d -]{2,17}")
_ID = re.compile(r"[1-9]\d{16}[\dXx]|\d{6}\*{4,10}[\dXx*]{4}")
_DATE = re.compile(
    r"\d{4}[年/.-]\s?\d{1,2}[月/.-]\s?\d{1,2}|20\d{2}[01]\d[0-3]\d(?!\d)|\d{1,2}月\d{1,2}[日号]"
)
_AREA = re.compile(
    r".{1,12}(?:村|社区|镇|乡|街道|居委会|村委会|派出所|网格|[一二三四五六七八九十\d]+组)|\d{12}"
)
_ADDRESS = re.compile(
    r".*(?:[村镇乡区县市路街巷道院里坊湾沟坝].*[\d一二三四五六七八九十百]+\s*(?:号|组|社|栋|幢|单元|室|楼|弄|户|-)|小区|公寓|花园)"
    r"|.*\d+ .*(?:road|street|lane|avenue)",
    re.I,
)
_KIND = re.compile(
    r"诈|刷单|返利|贷款|网贷|投资|理财|客服|冒充|征信|杀猪盘|网购|购物|退改签|裸聊|交友|公检法|共享屏幕|百万保障|虚拟币|游戏|fraud|scam|loan",
    re.I,
)
_REFERENCE = re.compile(
    r"(?=.*\d{3})[A-Za-z]{1,8}[-_/]?[\dA-Za-z][\dA-Za-z/_-]{4,30}|.{1,10}[〔\[（(]20\d{2}[〕\])）].{1,8}号?"
)


def _text(cell: Cell) -> str:
    return one_line(cell_text(cell))


def _digits(cell: Cell) -> str:
    return _text(cell).replace("'", "")


def _is_date(cell: Cell) -> bool:
    if isinstance(cell, (date, datetime)):
        return True
    if isinstance(cell, float):
        return 40_000 <= cell < 60_000
    return bool(_DATE.match(_text(cell)))


def _is_note(cell: Cell) -> bool:
    text = _text(cell)
    return len(text) >= 12 and not _PHONE.fullmatch(text) and not _is_date(cell)


LOOKS: Mapping[Field, Callable[[Cell], bool]] = {
    Field.PHONE: lambda cell: bool(_PHONE.search(_digits(cell)) and not _ID.match(_digits(cell))),
    Field.RISK_NUMBER: lambda cell: bool(_ANY_NUMBER.fullmatch(_digits(cell))),
    Field.ID_NUMBER: lambda cell: bool(_ID.fullmatch(_digits(cell).replace(" ", ""))),
    Field.NAME: lambda cell: bool(_HAN_NAME.fullmatch(_text(cell).replace(" ", ""))),
    Field.ADDRESS: lambda cell: len(_text(cell)) >= 5 and bool(_ADDRESS.match(_text(cell))),
    Field.AREA: lambda cell: bool(_AREA.fullmatch(_text(cell))),
    Field.KIND: lambda cell: len(_text(cell)) <= 25 and bool(_KIND.search(_text(cell))),
    Field.GRADE: lambda cell: parse_grade(_text(cell)) is not None,
    Field.OCCURRED_AT: _is_date,
    Field.ISSUED_AT: _is_date,
    Field.TIME_OF_DAY: is_time_only,
    Field.REFERENCE: lambda cell: bool(_REFERENCE.fullmatch(_text(cell))),
    Field.NOTE: _is_note,
}
# What may be guessed from the content alone, the most telling shape first. A number of a suspect
# looks like a number of a resident: only a header can tell them apart.
BY_CONTENT = (
    Field.ID_NUMBER,
    Field.PHONE,
    Field.OCCURRED_AT,
    Field.TIME_OF_DAY,
    Field.REFERENCE,
    Field.GRADE,
    Field.KIND,
    Field.ADDRESS,
    Field.AREA,
    Field.NAME,
    Field.NOTE,
)


def share(cells: list[Cell], field: Field) -> float | None:
    """The share (0 to 1) of filled `cells` that look like `field`; None where shape says nothing."""
    looks = LOOKS.get(field)
    if looks is None or not cells:
        return None
    return sum(map(looks, cells)) / len(cells)
