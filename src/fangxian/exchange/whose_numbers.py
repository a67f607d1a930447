"""Whose number is it? A suspect's must never be rung as if it were the resident's.

Headers such as 电话 do not say, and two columns of numbers look alike. Where a list leaves it
open, the columns become `Field.NUMBER_UNCLEAR`, which no row is read by and no list is imported
with: a person chooses. What the numbers themselves suggest is said beside the choice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .cells import Cell, cell_text, is_blank
from .fields import KNOWN_WORD, Field, bare, word_match
from .phones import Phone, parse_number
from .problems import Params
from .tables import Table

Says = Literal["resident", "kin", "suspect", "bare", "nothing"]

_LOOKED_AT = 200
_LEAST_SHARE = 0.6
_RESIDENT = re.compile(
    r"受害|被害|事主|机主|户主|被叫|居民|客户|用户|当事人|预警|被骗|victim|resident|customer|called|msisdn"
)
# 家属电话 or 座机 beside 电话: then 电话 is the main number of the same person.
_KIN = re.compile(
    r"本人|家属|亲属|家人|家庭|备用|固定|固话|座机|住宅|其他|landline|home|backup|family"
)
# A share of numbers that no resident has, above which a column is doubted whatever stands above.
_ODD = 0.3


@dataclass(frozen=True)
class Numbers:
    """What the numbers of one column are like: shares from 0 to 1."""

    odd: float  # of service numbers and numbers abroad
    repeated: float  # of numbers that stood there before
    count: int

    @property
    def percent(self) -> int:
        """How many in a hundred speak for a suspect."""
        return round(100 * max(self.odd, self.repeated if self.count >= 4 else 0.0))


@dataclass(frozen=True)
class Unclear:
    """Why a column of numbers needs a person's choice: a code of `sentences` and its parameters."""

    code: str
    params: Params


def unclear_numbers(
    table: Table, fields: Mapping[int, Field], chosen: Mapping[int, Field | None]
) -> dict[int, Unclear]:
    """The columns of which nobody can say whose numbers they hold.

    `fields` are the guesses so far; `chosen` what a person decided for this sender's last list
    (None: not used). A choice holds, unless the list has no header and the numbers contradict it:
    then 列A of this list need not be 列A of the last.
    """
    says: dict[int, Says] = {}
    for index in range(len(table.header)):
        if index in chosen and (table.has_header or not _contradicts(table, index, chosen[index])):
            if chosen[index] in (Field.PHONE, Field.RISK_NUMBER):
                says[index] = "suspect" if chosen[index] is Field.RISK_NUMBER else "kin"
        elif (said := _says(table, index, fields.get(index))) is not None:
            says[index] = said
    open_ones = [i for i, said in says.items() if said in ("bare", "nothing")]
    doubted = [i for i in open_ones if _numbers(table, i).odd >= _ODD]
    if not doubted and not _leaves_open(table, says, open_ones):
        return {}
    name = next((i for i, f in fields.items() if f is Field.NAME), None)
    return {
        i: _unclear(_numbers(table, i), name is not None and abs(name - i) == 1) for i in open_ones
    }


def _leaves_open(table: Table, says: Mapping[int, Says], open_ones: list[int]) -> bool:
    others = {said for i, said in says.items() if i not in open_ones}
    if not open_ones or len(says) == 1:
        return False
    if len(open_ones) == 1:
        # 电话 beside 涉诈号码 or 家属电话 is the resident's; beside 受害人电话 it may be anybody's.
        return not others & {"suspect", "kin"} and says[open_ones[0]] == "bare"
    return not _numbered([table.header[i] for i in open_ones])


def _numbered(labels: list[str]) -> bool:
    """电话1, 电话2: two numbers of one person."""
    stems = {re.sub(r"[\d一二三]+$", "", bare(label)) for label in labels}
    return len(stems) == 1 and len({bare(label) for label in labels}) == len(labels)


def _says(table: Table, index: int, guessed: Field | None) -> Says | None:
    """Whose numbers the header says they are; None for a column that holds no numbers to ring."""
    label = table.header[index] if table.has_header else ""
    named, sure, _ = word_match(label)
    if sure >= KNOWN_WORD:
        if named is Field.RISK_NUMBER:
            return "suspect"
        if named is not Field.PHONE:
            return None
        text = bare(label)
        return "resident" if _RESIDENT.search(text) else "kin" if _KIN.search(text) else "bare"
    if guessed not in (None, Field.PHONE, Field.RISK_NUMBER):
        return None
    cells = _filled(table, index)
    ringable = sum(_number(cell) is not None for cell in cells)
    enough = ringable >= _LEAST_SHARE * len(cells) and len(cells) * 5 >= min(
        len(table.rows), _LOOKED_AT
    )
    return "nothing" if cells and enough else None


def _contradicts(table: Table, index: int, chosen: Field | None) -> bool:
    return chosen is Field.PHONE and _numbers(table, index).odd >= _ODD


def _unclear(numbers: Numbers, beside_name: bool) -> Unclear:
    if numbers.percent >= 15:
        return Unclear("number_suspect", {"percent": numbers.percent})
    if numbers.count and beside_name:
        return Unclear("number_resident", {})
    return Unclear("number_unclear", {})


def _numbers(table: Table, index: int) -> Numbers:
    found = [p for cell in _filled(table, index) if (p := _number(cell))]
    odd = sum(p.kind in ("short_code", "overseas") for p in found)
    total = max(1, len(found))
    return Numbers(odd / total, 1 - len({p.e164 for p in found}) / total, len(found))


def _number(cell: Cell) -> Phone | None:
    """A number one could ring. Without area code: 20261103 is a day rather than a landline."""
    text = cell_text(cell)
    return parse_number(text) if 5 <= len(text) <= 60 else None


def _filled(table: Table, index: int) -> list[Cell]:
    filled = (row[index] for row in table.rows[: 5 * _LOOKED_AT] if not is_blank(row[index]))
    return [cell for cell, _ in zip(filled, range(_LOOKED_AT), strict=False)]
