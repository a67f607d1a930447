"""Which column is which: guessed from header and content, corrected by a person, kept per sender."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as data_field

from .cells import Cell, is_blank
from .fields import KNOWN_WORD, Field, word_match
from .problems import Language, Params, Problem, fill
from .shapes import BY_CONTENT, share
from .tables import Table
from .whose_numbers import unclear_numbers

__all__ = [
    "MANY",
    "SHEET_KEY",
    "UNSURE",
    "Field",
    "Guess",
    "column_of",
    "field_choices",
    "guess_columns",
    "mapping_from",
]
__all__ += ["mapping_of", "mapping_problems", "remember"]

MANY = frozenset({Field.PHONE, Field.NOTE, Field.NUMBER_UNCLEAR})
# Where `remember` keeps which sheet of a workbook was read: no column has an empty key.
SHEET_KEY = ""
# A guess less sure than this should be looked at.
UNSURE = 0.6
_LOOKED_AT = 200
_LEAST_SHARE = 0.6
_HARD_SHAPES = frozenset({Field.PHONE, Field.ID_NUMBER, Field.OCCURRED_AT, Field.ISSUED_AT})


@dataclass(frozen=True)
class Guess:
    """What a column probably is, how surely (0 to 1), and why."""

    field: Field
    confidence: float
    code: str
    params: Params = data_field(default_factory=dict, hash=False)

    def say(self, language: Language) -> str:
        """Why, in one sentence."""
        return fill(self.code, language, self.params)


def field_choices(language: Language) -> list[tuple[str, str]]:
    """(value, label) of every field that may be chosen, for a form."""
    return [(str(f), f.label(language)) for f in Field if f is not Field.NUMBER_UNCLEAR]


def guess_columns(table: Table, remembered: Mapping[str, str] | None = None) -> dict[int, Guess]:
    """Guess the field of each column; columns that say nothing are left out.

    `remembered` is what `remember` gave for this sender's last list: it wins over every guess, and
    its "" keeps a column out. Otherwise the surest guess takes a field first, and each field has
    one column, except those of `MANY`. A second column of phones is guessed only by its header; and
    where the list does not say whose numbers its columns hold, they are NUMBER_UNCLEAR: a suspect
    must never be rung as if it were the resident. Without `remembered` (None) the list is one of
    residents, without suspects, and every number is theirs.
    """
    chosen = _chosen(table, remembered or {})
    taken = {
        index: Guess(field, 1.0, "guess_remembered", {"header": table.keys[index]})
        for index, field in chosen.items()
        if field
    }
    _propose(table, taken, left_out={i for i, field in chosen.items() if not field})
    if remembered is not None:
        fields = mapping_of(taken)
        for index, why in unclear_numbers(table, fields, chosen).items():
            taken[index] = Guess(Field.NUMBER_UNCLEAR, 0.3, why.code, why.params)
    return dict(sorted(taken.items()))


def _chosen(table: Table, remembered: Mapping[str, str]) -> dict[int, Field | None]:
    """What a person decided for the columns of this sender; None for a column left out."""
    known = set(Field) - {Field.NUMBER_UNCLEAR}
    found: dict[int, Field | None] = {}
    for index, key in enumerate(table.keys):
        value = remembered.get(key)
        if value in known:
            found[index] = Field(value)
        elif value == "":
            found[index] = None
    return found


def _propose(table: Table, taken: dict[int, Guess], left_out: set[int]) -> None:
    """Add to `taken` the guesses for its other columns, the surest first."""
    proposals: list[tuple[float, int, int, Guess]] = []
    for index in range(len(table.header)):
        if index in taken or index in left_out:
            continue
        for order, guess in enumerate(_proposals(table, index)):
            proposals.append((-guess.confidence, index, order, guess))
    for _, index, _, guess in sorted(proposals, key=lambda p: p[:3]):
        used = any(g.field == guess.field for g in taken.values())
        again = guess.field in MANY and guess.code != "guess_content"
        if index not in taken and (not used or again):
            taken[index] = guess


def _proposals(table: Table, index: int) -> list[Guess]:
    """What one column may be, by its header if that says anything, else by its content."""
    cells = _filled(table, index)
    label = table.header[index] if table.has_header else ""
    named, sure, word = word_match(label)
    if named is Field.OCCURRED_AT and (share(cells, Field.TIME_OF_DAY) or 0) >= _LEAST_SHARE:
        # 日期 | 时间: the second column holds the time of day alone.
        named = Field.TIME_OF_DAY
    if sure >= KNOWN_WORD:
        return [_by_header(named, sure, word, label, cells)] if named else []
    guesses = []
    for candidate in BY_CONTENT:
        like = share(cells, candidate) or 0.0
        if like >= _LEAST_SHARE and len(cells) * 5 >= min(len(table.rows), _LOOKED_AT):
            params: dict[str, str | int] = {
                "percent": round(like * 100),
                "field_zh": candidate.label("zh"),
            }
            # The order of BY_CONTENT settles what looks like two things (an address names a village).
            confidence = 0.65 * like - 0.01 * BY_CONTENT.index(candidate)
            guesses.append(Guess(candidate, round(confidence, 2), "guess_content", params))
    return guesses


def _by_header(named: Field, sure: float, word: str, label: str, cells: list[Cell]) -> Guess:
    like = share(cells, named)
    params: dict[str, str | int] = {
        "header": label,
        "word": word,
        "field_zh": named.label("zh"),
        "percent": round((like or 0.0) * 100),
    }
    if like is not None and named in _HARD_SHAPES and like < 0.3:
        return Guess(named, round(sure * 0.4, 2), "guess_against", params)
    if sure >= 0.97:
        # 来电时间 says more than 时间: of two exact labels the longer takes the field.
        confidence = round(sure - (0.03 if len(word) > 2 else 0.05), 2)
        return Guess(named, confidence, "guess_word", params)
    if like is not None and like >= _LEAST_SHARE:
        return Guess(named, round(min(0.95, sure + 0.1), 2), "guess_both", params)
    return Guess(named, sure, "guess_part", params)


def _filled(table: Table, index: int) -> list[Cell]:
    cells = []
    for row in table.rows[: 5 * _LOOKED_AT]:
        if not is_blank(row[index]):
            cells.append(row[index])
            if len(cells) == _LOOKED_AT:
                break
    return cells


def mapping_of(guesses: Mapping[int, Guess]) -> dict[int, Field]:
    """The guesses as a mapping: column position -> field."""
    return {index: guess.field for index, guess in guesses.items()}


def mapping_from(table: Table, chosen: Mapping[str, str]) -> dict[int, Field]:
    """What a person chose, {table key: field value or ""}; unknown keys and values count as ""."""
    known = set(Field)
    return {
        index: Field(chosen[key])
        for index, key in enumerate(table.keys)
        if chosen.get(key) in known
    }


def remember(table: Table, mapping: Mapping[int, Field]) -> dict[str, str]:
    """A mapping by table keys, for the sender's next list; "" for columns left out. Where the
    workbook has several sheets, the one that was read stands under SHEET_KEY."""
    sheet = {SHEET_KEY: table.sheet} if table.sheets else {}
    return sheet | {
        key: str(mapping[index]) if index in mapping else "" for index, key in enumerate(table.keys)
    }


def mapping_problems(mapping: Mapping[int, Field]) -> list[Problem]:
    """Why a mapping cannot be used; empty if it can."""
    problems = []
    for found, count in Counter(mapping.values()).items():
        if count > 1 and found not in MANY:
            params: dict[str, str | int] = {
                "count": count,
                "field_zh": found.label("zh"),
                "field_en": found.label("en"),
            }
            problems.append(Problem("map_twice", params=params))
    fields = set(mapping.values())
    if unclear := sum(f is Field.NUMBER_UNCLEAR for f in mapping.values()):
        return [*problems, Problem("map_unclear", params={"count": unclear})]
    has_place = Field.ADDRESS in fields or Field.AREA in fields
    if Field.PHONE not in fields and not (Field.NAME in fields and has_place):
        problems.append(Problem("map_no_contact"))
    return problems


def column_of(mapping: Mapping[int, Field], wanted: Field) -> int | None:
    """The first column of a field."""
    return next((index for index in sorted(mapping) if mapping[index] == wanted), None)


def label_of(table: Table, mapping: Mapping[int, Field], wanted: Field) -> str:
    """What the sender calls a field's column; "" where the list has none."""
    index = column_of(mapping, wanted)
    return "" if index is None else table.keys[index]
