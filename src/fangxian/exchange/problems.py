"""What is wrong with a cell, a row or a file: kept as data, said late, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .characters import one_line
from .sentences import SENTENCES

Language = Literal["zh", "en"]
Params = Mapping[str, str | int]
_LONG_NUMBER = re.compile(r"\d(?:[\d -]{12,}[\dXx])")
_SHOWN = 24
_UNNAMED = {"zh": "此处", "en": "The value"}


def language_of(code: str) -> Language:
    """The language to speak for a language code: `en`, `en-gb` -> `en`; any other -> `zh`."""
    return "en" if code.lower().startswith("en") else "zh"


def fill(code: str, language: Language, params: Params) -> str:
    """The sentence `code` of the table in `language`. KeyError for a code that is not there."""
    return SENTENCES[code][language].format(**params)


def shown(value: str) -> str:
    """As much of a cell as a message needs: one short line, long numbers by their last character.

    Fifteen digits and more are an ID or a card number, which no message repeats.
    """
    text = _LONG_NUMBER.sub(lambda m: "…" + m.group()[-1], one_line(value))
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, or worth a look.

    `code` is a key of `sentences.SENTENCES`; `column_label` the sender's own header; `value` the
    text at fault, already shortened by `shown`; `params` what else the sentence needs.
    """

    code: str
    column_label: str = ""
    value: str = ""
    params: Params = field(default_factory=dict, hash=False)

    def say(self, language: Language, row: int | None = None) -> str:
        """The sentence, with its place in front: 第 17 行“电话”：138001 只有 6 位，应为 …"""
        text = fill(self.code, language, {"value": self.value or _UNNAMED[language], **self.params})
        place = self._place(language, row)
        if not place:
            return text
        return f"{place}：{text}" if language == "zh" else f"{place}: {text}"

    def _place(self, language: Language, row: int | None) -> str:
        label = f"“{self.column_label}”" if self.column_label else ""
        if row is None:
            return label
        if language == "zh":
            return f"第 {row} 行{label}"
        return f"Row {row}, {label}" if label else f"Row {row}"

    def as_json(self, with_value: bool = False) -> dict[str, object]:
        """For storing. Without `with_value` the cell's text is left out; `say` works all the same."""
        data: dict[str, object] = {
            "code": self.code,
            "column": self.column_label,
            "params": dict(self.params),
        }
        return {**data, "value": self.value} if with_value else data

    @staticmethod
    def from_json(data: Mapping[str, object]) -> Problem:
        """What `as_json` gave. KeyError when `code` is missing or no longer in the table."""
        code, params = str(data["code"]), data.get("params")
        if code not in SENTENCES:
            raise KeyError(code)
        return Problem(
            code=code,
            column_label=str(data.get("column", "")),
            value=str(data.get("value", "")),
            params=dict(params) if isinstance(params, Mapping) else {},
        )


class UnreadableTable(Exception):
    """A file or pasted text that cannot be read as a table; `say` tells its sender what to do."""

    def __init__(self, code: str, **params: str | int) -> None:
        self.problem = Problem(code, params=params)
        super().__init__(self.problem.say("zh"))

    def say(self, language: Language) -> str:
        """The reason and what to do, in one language. `str(error)` is the Chinese one."""
        return self.problem.say(language)
