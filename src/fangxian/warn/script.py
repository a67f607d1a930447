"""What to say: on the telephone, at the door, afterwards, and when nobody can be found.

The words are kept in `script.yaml`; a kind of fraud brings its own questions, advice, myths and
lesson (`detect.kinds`). A script comes out in one language with its placeholders still open;
`filled` puts in who is speaking and refuses anything it does not know, because a script read
aloud with a hole in it, to somebody already frightened, sounds exactly like a fraud.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from fangxian.detect.kinds import Kind, Stage, kind
from fangxian.detect.kinds.words import read_yaml, words

PLACEHOLDERS = frozenset({"code", "officer", "station", "station_phone", "page"})
"""code: today's spoken code; officer: who speaks; station and station_phone: as printed on the
public card; page: the public page, in words that can be said aloud."""

FOLLOW_UP_DAYS = (3, 30)

# Kept in call records, so an id is never renamed; script.yaml holds the words of each.
STOP_PAYMENT_IDS = (
    "stopped_contact",
    "rang_110",
    "rang_bank",
    "asked_stop",
    "told_platform",
    "kept_evidence",
    "changed_passwords",
    "refused_unfreeze",
    "kept_phone_on",
    "someone_beside",
    "went_to_branch",
)


class ScriptError(ValueError):
    """A placeholder that nobody can fill, or one left without a value."""


@dataclass(frozen=True)
class Step:
    """One step: `says` is read aloud sentence by sentence, `hint` is for the speaker's eyes."""

    key: str
    title: str
    hint: str
    says: tuple[str, ...]


@dataclass(frozen=True)
class Mood:
    """How the resident sounds, and the first sentences that calm."""

    key: str
    label: str
    says: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """A yes-or-no question; a "yes" means at least `implies`. `own`: the kind's own question."""

    key: str
    asks: str
    implies: Stage
    why: str
    own: bool


@dataclass(frozen=True)
class CheckItem:
    """One line to tick: what is done, how, in about how many minutes, and why."""

    key: str
    does: str
    how: str
    minutes: int
    why: str


@dataclass(frozen=True)
class CallScript:
    """The guided call, in the order in which it is spoken.

    `myths` are pairs of (what the resident may believe, what is so).
    """

    kind: str
    language: str
    verify: Step
    calm: tuple[Mood, ...]
    questions: tuple[Asked, ...]
    advice: tuple[str, ...]
    stop_payment: tuple[CheckItem, ...]
    learn: str
    myths: tuple[tuple[str, str], ...]
    closing: Step


@dataclass(frozen=True)
class VisitScript:
    """A visit: `steps` in order, the phone looked at together, and the three doors."""

    kind: str
    language: str
    steps: tuple[Step, ...]
    phone_check: tuple[CheckItem, ...]
    doors: tuple[Step, ...]
    questions: tuple[Asked, ...]
    stop_payment: tuple[CheckItem, ...]
    advice: tuple[str, ...]
    learn: str


@dataclass(frozen=True)
class Ticked:
    """A question answered by a tick: `options` are (option key, label)."""

    key: str
    asks: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class FollowUpScript:
    """The short call 3 or 30 days later."""

    day: int
    language: str
    opening: tuple[str, ...]
    questions: tuple[Ticked, ...]
    closing: tuple[str, ...]


Script = TypeVar("Script")


@cache
def call_script(kind_key: str, language: str, station_phone: bool = True) -> CallScript:
    """The guided call for a kind of fraud; `station_phone`: whether residents can check by it. Raises
    KeyError naming the known kinds."""
    fraud, call = kind(kind_key), _told(language)["call"]
    return CallScript(
        kind=kind_key,
        language=language,
        verify=_step(call["verify"], station_phone),
        calm=tuple(Mood(each["key"], each["label"], tuple(each["says"])) for each in call["calm"]),
        questions=_questions(fraud, language),
        advice=tuple(advice.of(language) for advice in fraud.advice),
        stop_payment=_stop_payment(language),
        learn=fraud.learn.of(language),
        myths=tuple((myth.belief.of(language), myth.truth.of(language)) for myth in fraud.myths),
        closing=_step(call["closing"]),
    )


@cache
def visit_script(kind_key: str, language: str, station_phone: bool = True) -> VisitScript:
    """The visit at the door for a kind of fraud; `station_phone` as in `call_script`. Raises
    KeyError naming the known kinds."""
    fraud, told = kind(kind_key), _told(language)
    visit = told["visit"]
    return VisitScript(
        kind=kind_key,
        language=language,
        steps=tuple(_step(each, station_phone) for each in visit["steps"]),
        phone_check=_checks(visit["phone_check"]),
        doors=tuple(_step(each) for each in visit["doors"]),
        questions=_questions(fraud, language),
        stop_payment=_stop_payment(language),
        advice=tuple(advice.of(language) for advice in fraud.advice),
        learn=fraud.learn.of(language),
    )


@cache
def follow_up_script(day: int, language: str) -> FollowUpScript:
    """The follow-up call `day` days later. Raises ValueError unless `day` is 3 or 30."""
    if day not in FOLLOW_UP_DAYS:
        raise ValueError(f"回访只有第 3 天和第 30 天两种，没有第 {day} 天")
    told = _told(language)["follow_up"][day]
    return FollowUpScript(
        day=day,
        language=language,
        opening=tuple(told["opening"]),
        questions=tuple(
            Ticked(each["key"], each["asks"], tuple(each["options"].items()))
            for each in told["questions"]
        ),
        closing=tuple(told["closing"]),
    )


@cache
def find_person(language: str) -> tuple[str, ...]:
    """How to find somebody who cannot be reached, without telling others why."""
    return tuple(_told(language)["find_person"])


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with every placeholder filled from `values`.

    Raises ScriptError on a placeholder that is not one of PLACEHOLDERS, on one without a value
    (an empty value counts as none), and on a stray brace.
    """

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name not in PLACEHOLDERS:
            known = "、".join(sorted(PLACEHOLDERS))
            raise ScriptError(f"话术里有不认识的占位符 {{{name}}}；可用的有：{known}（{text}）")
        if not values.get(name, "").strip():
            raise ScriptError(f"占位符 {{{name}}} 没有填写内容（{text}）")
        return values[name].strip()

    if re.search(r"[{}]", re.sub(r"\{[^{}]*\}", "", text)):
        raise ScriptError(f"话术里的花括号不成对：{text}")
    return re.sub(r"\{([^{}]*)\}", value, text)


def filled(script: Script, values: Mapping[str, str]) -> Script:
    """A copy of a script (or of any part of it) with every placeholder filled, as `fill` does."""
    done: Script = _filled(script, values)
    return done


def _filled(part: Any, values: Mapping[str, str]) -> Any:
    if type(part) is str:  # not a Stage, which is a str too
        return fill(part, values)
    if isinstance(part, tuple):
        return tuple(_filled(each, values) for each in part)
    if is_dataclass(part) and not isinstance(part, type):
        return replace(
            part,
            **{field.name: _filled(getattr(part, field.name), values) for field in fields(part)},
        )
    return part


@cache
def _told(language: str) -> dict[str, Any]:
    path = Path(__file__).with_name("script.yaml")
    told: dict[str, Any] = _in_language(read_yaml(path), language, path.name)
    return told


def _in_language(raw: Any, language: str, where: str) -> Any:
    """YAML content with every {zh, en} pair replaced by its words in `language`."""
    if isinstance(raw, dict):
        if raw.keys() & {"zh", "en"}:
            return words(raw, where).of(language)
        return {key: _in_language(each, language, f"{where} {key}") for key, each in raw.items()}
    if isinstance(raw, list):
        return [_in_language(each, language, where) for each in raw]
    return raw


def _step(told: Mapping[str, Any], station_phone: bool = True) -> Step:
    hint, says = told["hint"], dict(enumerate(told["says"]))
    if not station_phone and (instead := told.get("without_phone")):
        hint = instead.get("hint", hint)
        says |= instead["says"]
    return Step(told["key"], told["title"], hint, tuple(says.values()))


def _checks(told: list[dict[str, Any]]) -> tuple[CheckItem, ...]:
    return tuple(CheckItem(**each) for each in told)


def _stop_payment(language: str) -> tuple[CheckItem, ...]:
    items = _checks(_told(language)["call"]["stop_payment"])
    if tuple(item.key for item in items) != STOP_PAYMENT_IDS:
        raise ScriptError(f"script.yaml 的止付清单应依次是：{'、'.join(STOP_PAYMENT_IDS)}")
    return items


def _questions(fraud: Kind, language: str) -> tuple[Asked, ...]:
    """What is urgent first, then the kind's own questions, then two that look ahead."""
    general = _told(language)["call"]["questions"]

    def asked(told: list[dict[str, Any]]) -> tuple[Asked, ...]:
        return tuple(
            Asked(each["key"], each["asks"], Stage(each["implies"]), each["why"], own=False)
            for each in told
        )

    own = tuple(
        Asked(each.key, each.asks.of(language), each.implies, each.why.of(language), own=True)
        for each in fraud.questions
    )
    return asked(general["first"]) + own + asked(general["last"])
