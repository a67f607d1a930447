"""A warning list row by row: typed values, what is wrong with them, and who stands there twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from .cells import Cell, Row, cell_text, is_blank
from .characters import one_line, tidy
from .columns import Field
from .dates import parse_moment
from .money import parse_fen, parse_paid
from .people import GradeKey, clean_name, parse_grade, parse_id_number
from .phones import Phone, parse_number, parse_phones
from .problems import Problem, shown
from .tables import Table

_LONGEST_NAME = 30


@dataclass(frozen=True)
class WarningRow:
    """One row, read.

    `number` is the sender's row number, `index` the position in `table.rows`. Times are UTC;
    `occurred_has_time` is False where only the day was given. `risk_number` is E.164 (bare digits
    for a service number) where it is one number, else the text as written. `paid` says that money
    was already sent, by its own column or, where that says nothing, by an amount lost; `loss_fen`
    is None where no amount is given. A row with `problems`
    cannot be used; `remarks` are worth a look. `repeats` is the number of an earlier row with the
    same phone (or the same name and place, without phone): two warnings about one person, both
    usable.
    """

    number: int
    index: int
    name: str = ""
    phones: tuple[Phone, ...] = ()
    id_number: str = ""
    birth_year: int | None = None
    address: str = ""
    area: str = ""
    kind_text: str = ""
    grade: GradeKey | None = None
    occurred_at: datetime | None = None
    occurred_has_time: bool = False
    issued_at: datetime | None = None
    reference: str = ""
    risk_number: str = ""
    note: str = ""
    sender_unit: str = ""
    paid: bool = False
    loss_fen: int | None = None
    problems: tuple[Problem, ...] = ()
    remarks: tuple[Problem, ...] = ()
    repeats: int | None = None

    @property
    def usable(self) -> bool:
        return not self.problems

    @property
    def e164s(self) -> tuple[str, ...]:
        return tuple(phone.e164 for phone in self.phones)


def read_rows(
    table: Table,
    mapping: Mapping[int, Field],
    *,
    today: date,
    default_area_code: str = "",
) -> Iterator[WarningRow]:
    """Read every row of `table` in order, as `mapping` (column position -> field) says.

    `today` is the local day, against which dates are checked and years inferred;
    `default_area_code` ("023") completes landlines written without one.

    A row is refused when nobody can be found by it: no usable phone, and no name with an address
    or village. A bad phone beside a good one, an unreadable date, a wrong ID number are remarks:
    a warning must not wait for a clerk because a column is untidy.
    """
    reader = _Reader(table, mapping, today, default_area_code)
    first_with: dict[str, int] = {}
    for index in range(len(table.rows)):
        yield reader.read(index, first_with)


class _Reader:
    """Reads the rows of one table with one mapping."""

    def __init__(
        self, table: Table, mapping: Mapping[int, Field], today: date, area_code: str
    ) -> None:
        self.table, self.today, self.area_code = table, today, area_code
        self.columns: dict[Field, list[int]] = {}
        # One gang rings many people from one number.
        self.risk_numbers: dict[str, str] = {}
        for index in sorted(mapping):
            self.columns.setdefault(mapping[index], []).append(index)

    def read(self, index: int, first_with: dict[str, int]) -> WarningRow:
        row, number = self.table.rows[index], self.table.row_numbers[index]
        remarks: list[Problem] = []
        values: dict[str, Any] = {
            "area": self._text(row, Field.AREA),
            "address": self._text(row, Field.ADDRESS),
            "kind_text": self._text(row, Field.KIND),
            "reference": self._text(row, Field.REFERENCE),
            "sender_unit": self._text(row, Field.SENDER_UNIT),
            "risk_number": self._risk_number(row),
        }
        phones, phone_problems = self._phones(row)
        values["name"], name_note = self._name(row, remarks)
        values["note"] = self._note(row, name_note)
        self._id_number(row, values, remarks)
        self._grade(row, values, remarks)
        self._times(row, values, remarks)
        self._money(row, values, remarks)
        problems: list[Problem] = []
        findable = bool(values["name"] and (values["address"] or values["area"]))
        if not phones and not findable:
            problems = phone_problems or [Problem("row_no_contact")]
        else:
            remarks = phone_problems + remarks + self._missing(phones, phone_problems, values)
        repeats = self._repeats(number, phones, values, first_with, remarks)
        return WarningRow(
            number=number,
            index=index,
            phones=phones,
            problems=tuple(problems),
            remarks=tuple(remarks),
            repeats=repeats,
            **values,
        )

    def _repeats(
        self,
        number: int,
        phones: tuple[Phone, ...],
        values: Mapping[str, Any],
        first_with: dict[str, int],
        remarks: list[Problem],
    ) -> int | None:
        """The first earlier row of the same phone or, without phone, of the same name and place."""
        place = values["address"] or values["area"]
        keys, code = [phone.e164 for phone in phones], "row_repeats"
        if not keys and values["name"] and place:
            keys, code = [f"{values['name']}\n{place}"], "row_repeats_person"
        earlier = min((first_with.setdefault(key, number) for key in keys), default=number)
        if earlier == number:
            return None
        remarks.append(Problem(code, params={"row": earlier}))
        return earlier

    def _cell(self, row: Row, field: Field) -> Cell:
        columns = self.columns.get(field)
        return row[columns[0]] if columns else ""

    def _label(self, field: Field) -> str:
        columns = self.columns.get(field)
        return self.table.keys[columns[0]] if columns else ""

    def _text(self, row: Row, field: Field) -> str:
        return tidy(cell_text(self._cell(row, field)))

    def _phones(self, row: Row) -> tuple[tuple[Phone, ...], list[Problem]]:
        found: dict[str, Phone] = {}
        problems: list[Problem] = []
        for column in self.columns.get(Field.PHONE, []):
            if is_blank(row[column]):
                continue
            parsed = parse_phones(row[column], self.area_code, self.table.keys[column])
            for phone in parsed.phones:
                found.setdefault(phone.e164, phone)
            problems += parsed.problems
        return tuple(found.values()), problems

    def _name(self, row: Row, remarks: list[Problem]) -> tuple[str, str]:
        text = self._text(row, Field.NAME)
        if not text:
            return "", ""
        label = self._label(Field.NAME)
        if sum(c.isdigit() for c in text) > 4:
            remarks.append(Problem("name_is_number", label, shown(text)))
            return "", ""
        cleaned = clean_name(text)
        if len(cleaned.name) > _LONGEST_NAME:
            remarks.append(Problem("name_long", label, shown(text)))
            return "", ""
        if cleaned.masked:
            remarks.append(Problem("name_masked", label, shown(cleaned.name)))
        return cleaned.name, cleaned.note

    def _note(self, row: Row, name_note: str) -> str:
        """The texts of all note columns and what stood beside the name."""
        texts = [tidy(cell_text(row[column])) for column in self.columns.get(Field.NOTE, [])]
        return "；".join(filter(None, [*texts, name_note]))

    def _id_number(self, row: Row, values: dict[str, Any], remarks: list[Problem]) -> None:
        cell = self._cell(row, Field.ID_NUMBER)
        if is_blank(cell) or one_line(cell_text(cell)) in ("无", "-", "/", "不详"):
            return
        parsed = parse_id_number(cell, self._label(Field.ID_NUMBER), self.today)
        if isinstance(parsed, Problem):
            remarks.append(parsed)
        else:
            values["id_number"], values["birth_year"] = parsed.number, parsed.born.year

    def _grade(self, row: Row, values: dict[str, Any], remarks: list[Problem]) -> None:
        if text := self._text(row, Field.GRADE):
            values["grade"] = parse_grade(text)
            if values["grade"] is None:
                remarks.append(Problem("grade_unknown", self._label(Field.GRADE), shown(text)))

    def _times(self, row: Row, values: dict[str, Any], remarks: list[Problem]) -> None:
        for field in (Field.OCCURRED_AT, Field.ISSUED_AT):
            cell = self._cell(row, field)
            clock = self._cell(row, Field.TIME_OF_DAY) if field is Field.OCCURRED_AT else ""
            if is_blank(cell):
                cell, clock = clock, ""
            if is_blank(cell):
                continue
            parsed = parse_moment(
                cell,
                today=self.today,
                date_1904=self.table.date_1904,
                column_label=self._label(field),
                clock=clock,
            )
            if isinstance(parsed, Problem):
                remarks.append(parsed)
                continue
            values[str(field)] = parsed.at
            if field is Field.OCCURRED_AT:
                values["occurred_has_time"] = parsed.has_time

    def _money(self, row: Row, values: dict[str, Any], remarks: list[Problem]) -> None:
        cell, label = self._cell(row, Field.LOSS), self._label(Field.LOSS)
        if not is_blank(cell):
            values["loss_fen"] = parse_fen(cell, label)
            if values["loss_fen"] is None:
                remarks.append(Problem("loss_form", label, shown(cell_text(cell))))
        said, paid = self._cell(row, Field.PAID), None
        if not is_blank(said):
            paid = parse_paid(said)
            if paid is None:
                text = shown(cell_text(said))
                remarks.append(Problem("paid_unknown", self._label(Field.PAID), text))
        values["paid"] = bool(values.get("loss_fen")) if paid is None else paid

    def _risk_number(self, row: Row) -> str:
        cell = self._cell(row, Field.RISK_NUMBER)
        if is_blank(cell):
            return ""
        text = cell_text(cell)
        if text not in self.risk_numbers:
            phone = parse_number(cell, self.area_code)
            self.risk_numbers[text] = phone.e164 if phone else tidy(text)
        return self.risk_numbers[text]

    def _missing(
        self, phones: tuple[Phone, ...], phone_problems: list[Problem], values: Mapping[str, Any]
    ) -> list[Problem]:
        missing = []
        if not phones and not phone_problems:
            missing.append(Problem("row_no_phone"))
        if not values["name"] and Field.NAME in self.columns:
            missing.append(Problem("row_no_name"))
        has_place = {Field.ADDRESS, Field.AREA} & self.columns.keys()
        if has_place and not values["address"] and not values["area"]:
            missing.append(Problem("row_no_address"))
        if values["risk_number"] in {p.e164 for p in phones}:
            missing.append(Problem("row_own_number"))
        return missing
