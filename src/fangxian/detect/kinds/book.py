"""The book of kinds: one YAML file per kind, opened only when that kind is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fangxian.detect.kinds.names import OTHER, kind_name, known_keys
from fangxian.detect.kinds.stages import Moment, Stage
from fangxian.detect.kinds.words import Words, read_yaml, words

__all__ = ["KINDS", "OTHER", "Kind", "Myth", "Question", "kind"]


@dataclass(frozen=True)
class Question:
    """One yes-or-no question that finds the stage; a "yes" means at least `implies`."""

    key: str
    asks: Words
    implies: Stage
    why: Words


@dataclass(frozen=True)
class Myth:
    """What the victim has been led to believe, and what is so."""

    belief: Words
    truth: Words


@dataclass(frozen=True)
class Kind:
    """One kind of fraud, in words that can be read aloud to the person it is aimed at."""

    key: str
    name: Words
    summary: Words
    moments: Mapping[Moment, Words]
    red_flags: tuple[Words, ...]
    targets: tuple[Words, ...]
    channels: tuple[Words, ...]
    advice: tuple[Words, ...]
    learn: Words
    questions: tuple[Question, ...]
    evidence: tuple[Words, ...]
    myths: tuple[Myth, ...]

    def at(self, stage: Stage) -> tuple[Words, ...]:
        """What the victim sees at an officer's stage; empty for NONE and UNKNOWN."""
        return tuple(self.moments[moment] for moment in stage.moments)


@cache
def kind(key: str) -> Kind:
    """The kind with this key. Raises KeyError naming the known keys if there is none."""
    if key not in known_keys():
        raise KeyError(f"没有“{key}”这一类；已有的类别：{'、'.join(known_keys())}")
    return _read(key)


class _Book(Mapping[str, Kind]):
    """All kinds by key, in the order of names.yaml; a file is read at its first look-up."""

    def __getitem__(self, key: str) -> Kind:
        return kind(key)

    def __iter__(self) -> Iterator[str]:
        return iter(known_keys())

    def __len__(self) -> int:
        return len(known_keys())


KINDS: Mapping[str, Kind] = _Book()

_FIELDS = {
    "summary", "moments", "red_flags", "targets", "channels", "advice",
    "learn", "questions", "evidence", "myths",
}  # fmt: skip


def _read(key: str) -> Kind:
    path = Path(__file__).with_name(f"{key}.yaml")
    raw = read_yaml(path)
    if set(raw) != _FIELDS:
        raise ValueError(f"{path.name}：缺少或多出 {'、'.join(sorted(set(raw) ^ _FIELDS))}")
    if list(raw["moments"]) != list(Moment):
        raise ValueError(f"{path.name}：moments 应依次写明 {'、'.join(Moment)}")

    def several(field: str) -> tuple[Words, ...]:
        return tuple(
            words(each, f"{path.name} {field} 第 {number} 条")
            for number, each in enumerate(raw[field], 1)
        )

    return Kind(
        key=key,
        name=kind_name(key),
        summary=words(raw["summary"], f"{path.name} summary"),
        moments={
            moment: words(raw["moments"][moment], f"{path.name} {moment}") for moment in Moment
        },
        red_flags=several("red_flags"),
        targets=several("targets"),
        channels=several("channels"),
        advice=several("advice"),
        learn=words(raw["learn"], f"{path.name} learn"),
        questions=tuple(question(each, path.name) for each in raw["questions"]),
        evidence=several("evidence"),
        myths=tuple(
            Myth(
                words(each["belief"], f"{path.name} belief"),
                words(each["truth"], f"{path.name} truth"),
            )
            for each in raw["myths"]
        ),
    )


def question(raw: Mapping[str, Any], where: str) -> Question:
    """One question from YAML. Raises ValueError naming `where` if it is not whole."""
    try:
        implies = Stage(raw["implies"])
        return Question(
            key=raw["key"],
            asks=words(raw["asks"], f"{where} {raw['key']}"),
            implies=implies,
            why=words(raw["why"], f"{where} {raw['key']} why"),
        )
    except KeyError as missing:
        raise ValueError(f"{where}：问题 {dict(raw)!r} 缺少 {missing}") from missing
