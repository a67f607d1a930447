"""What a register of residents says, row by row, and what importing it would do. Writes nothing."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.conf import settings
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from fangxian.exchange.cells import Cell, cell_text
from fangxian.exchange.columns import Field, guess_columns
from fangxian.exchange.people import clean_name, parse_id_number
from fangxian.exchange.phones import parse_phones
from fangxian.exchange.problems import Problem, language_of
from fangxian.exchange.tables import Table, read_pasted, read_table

from ..access import Ability, visible_places
from ..models import Level, Place, ResidentList, Staff, Tag
from .known_residents import Match, mark_known
from .places import PlaceFinder

MOST_ROWS = 10_000


class Column(models.TextChoices):
    """What a column of a register may be."""

    NAME = "name", _l("姓名")
    PHONE = "phone", _l("电话")
    ID_NUMBER = "id_number", _l("身份证号")
    BIRTH = "birth", _l("出生年份、日期或年龄")
    AREA = "area", _l("村社区")
    GRID = "grid", _l("网格或小组")
    ADDRESS = "address", _l("地址")
    TAGS = "tags", _l("标签")


_OWN_WORDS = (
    (Column.BIRTH, re.compile(r"出生|生日|年龄|岁|birth|\bage\b", re.I)),
    (Column.TAGS, re.compile(r"标签|人员类[别型]|人群|tags?\b", re.I)),
    (Column.GRID, re.compile(r"^(所[在属])?(网格|村?民?小?组|组别|grid|group)", re.I)),
)
_SAME = {
    Field.NAME: Column.NAME,
    Field.PHONE: Column.PHONE,
    Field.ID_NUMBER: Column.ID_NUMBER,
    Field.ADDRESS: Column.ADDRESS,
    Field.AREA: Column.AREA,
}


@dataclass
class ResidentRow:
    """One row. `problems` are reasons why it cannot be used; `match` says that it is registered
    already ("known") or perhaps ("unclear": somebody has to look).

    Phones are E.164. `place` is a grid or a village of the area of whoever imports.
    """

    number: int
    name: str = ""
    phones: tuple[str, ...] = ()
    id_number: str = ""
    birth_year: int | None = None
    address: str = ""
    place: Place | None = None
    tags: tuple[str, ...] = ()
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    match: Match = ""

    @property
    def becomes(self) -> str:
        """ "refused", "known", "unclear" or "new"."""
        return "refused" if self.problems else self.match or "new"


def table_of(handed: ResidentList) -> Table:
    """The table of a list, read again from its sealed content. Raises exchange.UnreadableTable."""
    raw = base64.b64decode(handed.content.clear)
    return read_table(raw, handed.filename.clear) if handed.filename else read_pasted(raw.decode())


def guess(table: Table) -> dict[str, str]:
    """What each column (by its key) probably is; "" for those that we do not use."""
    found = {i: _SAME[g.field] for i, g in guess_columns(table).items() if g.field in _SAME}
    for index, header in enumerate(table.header if table.has_header else []):
        for column, words in _OWN_WORDS:
            if words.search(header.strip()):
                found[index] = column
                break
    return {key: str(found.get(index, "")) for index, key in enumerate(table.keys)}


def read_residents(
    table: Table, columns: Mapping[str, str], who: Staff, fallback: Place, today: date
) -> list[ResidentRow]:
    """Read every row of a register as `columns` (table key -> Column) says, for `who`.

    A row needs a name and a place inside the area `who` edits: the grid or village its text names,
    or `fallback` (a grid or village) where it names none. Anything that cannot be read is a
    problem of the row, said with row, column and what was expected.
    """
    rows = read_rows(table, columns, who, fallback, today)
    mark_known(rows)
    return rows


def read_rows(
    table: Table, columns: Mapping[str, str], who: Staff, fallback: Place, today: date
) -> list[ResidentRow]:
    """`read_residents` without looking for those who are registered already."""
    places = visible_places(who, Ability.EDIT_RESIDENTS).select_related("parent")
    reader = _Reader(table, columns, PlaceFinder(places), fallback, today)
    return [reader.read(i) for i in range(len(table.rows))]


class _Reader:
    def __init__(
        self,
        table: Table,
        columns: Mapping[str, str],
        finder: PlaceFinder,
        fallback: Place,
        today: date,
    ) -> None:
        self.table, self.finder, self.fallback, self.today = table, finder, fallback, today
        self.language = language_of(get_language() or "zh")
        self.of: dict[str, list[int]] = {}
        for index, key in enumerate(table.keys):
            if columns.get(key):
                self.of.setdefault(columns[key], []).append(index)

    def read(self, index: int) -> ResidentRow:
        cells = self.table.rows[index]
        row = ResidentRow(self.table.row_numbers[index])
        row.address = self._text(cells, Column.ADDRESS)
        self._name(cells, row)
        self._phones(cells, row)
        self._birth(cells, row)
        self._place(cells, row)
        self._tags(cells, row)
        return row

    def _text(self, cells: list[Cell], column: Column) -> str:
        texts = [cell_text(cells[i]).strip() for i in self.of.get(column, [])]
        return " ".join(filter(None, texts))

    def _label(self, column: Column) -> str:
        columns = self.of.get(column)
        return self.table.keys[columns[0]] if columns else str(column.label)

    def _wrong(self, row: ResidentRow, column: Column, says: str) -> None:
        row.problems.append(
            _("第 %(row)d 行“%(column)s”：%(says)s")
            % {"row": row.number, "column": self._label(column), "says": says}
        )

    def _name(self, cells: list[Cell], row: ResidentRow) -> None:
        cleaned = clean_name(self._text(cells, Column.NAME))
        row.name = cleaned.name[:60]
        if not cleaned.name:
            self._wrong(row, Column.NAME, _("空着，应为居民姓名"))
        elif cleaned.masked:
            self._wrong(row, Column.NAME, _("姓名不完整，名册应写真实姓名"))

    def _phones(self, cells: list[Cell], row: ResidentRow) -> None:
        found: dict[str, None] = {}
        for index in self.of.get(Column.PHONE, []):
            if not cell_text(cells[index]).strip():
                continue
            parsed = parse_phones(cells[index], settings.DEFAULT_AREA_CODE, self.table.keys[index])
            found.update(dict.fromkeys(p.e164 for p in parsed.phones))
            row.problems += [p.say(self.language, row.number) for p in parsed.problems]
        row.phones = tuple(found)

    def _birth(self, cells: list[Cell], row: ResidentRow) -> None:
        for index in self.of.get(Column.ID_NUMBER, [])[:1]:
            if not cell_text(cells[index]).strip():
                continue
            parsed = parse_id_number(cells[index], self.table.keys[index], self.today)
            if isinstance(parsed, Problem):
                row.problems.append(parsed.say(self.language, row.number))
            else:
                row.id_number, row.birth_year = parsed.number, parsed.born.year
        for index in self.of.get(Column.BIRTH, [])[:1]:
            cell = cells[index]
            if row.birth_year or not cell_text(cell).strip():
                continue
            row.birth_year = birth_year(cell, self.today)
            if row.birth_year is None:
                self._wrong(
                    row,
                    Column.BIRTH,
                    _("“%(text)s”看不懂，应为 1950、1950-03-02 或 76 岁")
                    % {"text": cell_text(cell)[:12]},
                )

    def _place(self, cells: list[Cell], row: ResidentRow) -> None:
        """The grid column sharpens the village; an address alone may name both."""
        area, grid = self._text(cells, Column.AREA), self._text(cells, Column.GRID)
        if grid.isdigit() and len(grid) < 4:
            grid = f"{grid}组"
        here = area or self.fallback.name
        tried = [f"{here}{grid}"] if grid else []
        tried += [area] if area else []
        tried += [row.address] if row.address and not area else []
        found = next((p for text in tried if (p := self.finder.find(text))), None)
        if area and found is None:
            self._wrong(row, Column.AREA, _("“%(text)s”不是您辖区里的地方") % {"text": area[:20]})
            return
        row.place = found if found and found.level in (Level.VILLAGE, Level.GRID) else self.fallback
        sharper = self.finder.find(f"{row.place.name}{row.address}") if row.address else None
        if row.place.level == Level.VILLAGE and sharper and sharper.parent_id == row.place.pk:
            row.place = sharper

    def _tags(self, cells: list[Cell], row: ResidentRow) -> None:
        known = {str(word): tag.value for tag in Tag for word in (tag.label, tag.value)}
        tags = []
        for word in filter(None, re.split(r"[\s,，、;；/|]+", self._text(cells, Column.TAGS))):
            if word in known:
                tags.append(known[word])
            else:
                row.remarks.append(_("不认识标签“%(word)s”，已略过") % {"word": word[:12]})
        row.tags = tuple(dict.fromkeys(tags))


def birth_year(cell: Cell, today: date) -> int | None:
    """The year in 1950, 1950-03-02, 1950年3月 or a date; from an age (76, 76岁) the likely year."""
    if isinstance(cell, date | datetime):
        year = cell.year
    else:
        text = cell_text(cell).strip()
        if found := re.match(r"(19|20)\d\d", text):
            year = int(found[0])
        elif age := re.fullmatch(r"(\d{1,3})\s*(岁|周岁)?", text):
            year = today.year - int(age[1])
        else:
            return None
    return year if 1900 <= year <= today.year else None
