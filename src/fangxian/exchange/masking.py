"""A cell as it may stand on a page that everybody with the list open can see over a shoulder.

Enough is left to tell one column from another: 120****0001, 王*, 海兰村***, 500112**********3X.
What a column holds need not be known: whatever looks like a person is masked wherever it stands.
"""

from __future__ import annotations

import re

from fangxian.numbers.forms import mask

from .characters import tidy
from .fields import Field
from .phones import parse_number
from .shapes import LOOKS

_LONG_NUMBER = re.compile(r"(?<![\d*])(?:\d[ -]?){6,}[\dXx](?![\d*])")
_MASKED = re.compile(r"[\d*Xx+ ,、/-]*")
_SMALL_PLACE = re.compile(r"^([^\d]*(?:村|社区|居委会|镇|乡|街道|路|street|road|lane))", re.I)
_HOUSE = re.compile(r"[\d一二三四五六七八九十]+\s*(?:组|社|号|栋|幢|单元|室|楼|弄|户)")
_SHORT_HAN = re.compile(r"[\u3400-\u9fff·]{2,4}")
# Short Chinese texts in these columns are words of the trade, not names.
_WORDS = frozenset({Field.KIND, Field.GRADE, Field.AREA, Field.PAID, Field.SENDER_UNIT})
_PLAIN = frozenset({Field.KIND, Field.GRADE, Field.PAID, Field.LOSS, Field.OCCURRED_AT})
_PLAIN |= {Field.ISSUED_AT, Field.TIME_OF_DAY, Field.REFERENCE, Field.SENDER_UNIT}
_LONGEST = 16


def masked(text: str, field: Field | None = None) -> str:
    """`text` of a cell in a column of `field` (None: not known, or not used)."""
    text = tidy(text)
    if field in _PLAIN and not _LONG_NUMBER.fullmatch(text) and len(text) <= 2 * _LONGEST:
        return text
    if field is Field.NAME or (field not in _WORDS and LOOKS[Field.NAME](text)):
        return text[:1] + "*" * (len(text) - 1)
    if _HOUSE.search(text) or field is Field.ADDRESS:
        return _address(text)
    text = without_numbers(text)
    if field is None and _SHORT_HAN.fullmatch(text):
        # A name whose surname is not among the hundred commonest looks like any short word.
        return text[:1] + "*" * (len(text) - 1)
    return (
        text if len(text) <= _LONGEST or _MASKED.fullmatch(text) else f"{text[:1]}…（{len(text)}）"
    )


def without_numbers(text: str) -> str:
    """A free text with its long numbers masked."""
    return _LONG_NUMBER.sub(lambda m: _number(m.group()), text)


def _address(text: str) -> str:
    place = _SMALL_PLACE.match(text)
    return f"{place.group(1) if place else text[:2]}***"


def _number(text: str) -> str:
    """A long number by its two ends: 120****0001, 500112**********3X."""
    bare = re.sub(r"[ -]", "", text)
    phone = parse_number(bare) if len(bare) <= 12 else None
    shown = mask(phone.e164) if phone else ""
    if "*" in shown:
        return shown
    keep = 6 if len(bare) >= 15 else 3
    return bare[:keep] + "*" * (len(bare) - keep - 2) + bare[-2:]
