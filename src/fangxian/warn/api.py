"""The first line for other systems: warnings in, results out.

Episodes and cases are in api_episodes.py, webhooks in api_webhooks.py.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from fangxian.detect.kinds import KINDS, kind_name
from fangxian.exchange.phones import parse_phones
from fangxian.town.access import Ability, visible_places
from fangxian.town.api import BODY, CLEAN, Key, PageIn, Problem, caller, once, page, problems
from fangxian.town.models import ApiToken, Place

from .actions.after import answer_sender
from .actions.intake import add_sender
from .actions.signals import NewSignal, take_in
from .api_episodes import GradeName
from .models import Episode, Grade, Signal
from .queries.after import result_of
from .queries.intake import number_of, sender_named
from .queries.visible import visible_signals

router = Router()
# Begins with a letter; no five digits in a row: whatever tells one resident from another has no
# place in the name of a signal.
_SIGNAL = r"^[^\W\d_]([0-9]{0,4}([^\W\d]|[.-]))*[0-9]{0,4}$"


def _signal_name(name: str) -> str:
    if len(name) > 60 or not re.fullmatch(_SIGNAL, name):
        raise PydanticCustomError("signal_name", "not the name of a signal")
    return name


Text = Annotated[str, Field(max_length=200, pattern=CLEAN)]


class ResultsIn(PageIn):
    """Results of one sender, or of all."""

    sender: Text = ""


class RestsOnIn(Schema):
    """A signal that the warning rests on: its name in the sender's book and its version.

    Names and versions only, so that what officers find can be told of each signal; never anything
    about a person.
    """

    # Checked by ourselves, to say in words what was expected; the document says it as a pattern.
    name: Annotated[
        str,
        AfterValidator(_signal_name),
        Field(json_schema_extra={"maxLength": 60, "pattern": _SIGNAL}),
    ]
    version: Annotated[int, Field(ge=1, le=1_000_000)] = 1


class WarningIn(Schema):
    """One warning. At least one phone; `area` is a place code (12 digits) or empty."""

    phones: list[Annotated[str, Field(max_length=40, pattern=CLEAN)]] = Field(
        min_length=1, max_length=5
    )
    name: Annotated[str, Field(max_length=40, pattern=CLEAN)] = ""
    address: Text = ""
    area: Annotated[str, Field(pattern=r"^([0-9]{12}|[0-9]{15})?$")] = ""
    kind: Annotated[str, Field(max_length=40, pattern=CLEAN)] = "other"
    grade: GradeName = "yellow"
    reference: Annotated[str, Field(max_length=80, pattern=CLEAN)] = ""
    occurred_at: datetime | None = None
    risk_number: Annotated[str, Field(max_length=40, pattern=CLEAN)] = ""
    note: Annotated[str, Field(max_length=1000, pattern=CLEAN)] = ""
    signals: list[RestsOnIn] = Field(default=[], max_length=100)


class WarningsIn(Schema):
    """Warnings of one sender, at most 200 in one call; all are taken in, or none."""

    sender: Annotated[str, Field(min_length=1, max_length=60, pattern=CLEAN)]
    warnings: list[WarningIn] = Field(min_length=1, max_length=200)


class TakenOut(Schema):
    """What became of one warning: new, merged, reopened or known_before."""

    signal: int
    episode: int
    became: Literal["new", "merged", "reopened", "known_before"]


class WarningsOut(Schema):
    taken: list[TakenOut]


@router.post(
    "/warnings",
    response={201: WarningsOut, **problems(403, *BODY)},
    operation_id="takeInWarnings",
    tags=["warnings"],
)
def take_in_warnings(request: HttpRequest, data: WarningsIn, key: Key) -> Status[Any]:
    """Take in warnings. Repeat with the same Idempotency-Key after a lost answer: the answer is
    the same and nothing happens twice."""
    token = caller(request, Ability.TAKE_IN)

    def act() -> tuple[int, dict[str, Any]]:
        name = sender_named(data.sender)
        if not name:
            raise Problem(422, "bad-sender", "sender: " + _("请写明来文单位。"))
        arriving = _read(token, data)
        taken = take_in(token, add_sender(token, name), Signal.Source.API, arriving)
        rows = [
            {"signal": t.signal.pk, "episode": t.signal.episode_id, "became": t.became}
            for t in taken
        ]
        return 201, {"taken": rows}

    return Status(*once(token, key, data.dict(), act))


def _read(token: ApiToken, data: WarningsIn) -> list[NewSignal]:
    """The warnings as the actions take them. Raises a 422 problem that names the place in the
    request, a 403 problem for an area that is not the token's."""
    codes = {w.area for w in data.warnings if w.area}
    known = {p.code: p for p in visible_places(token, Ability.TAKE_IN).filter(code__in=codes)}
    arriving = []
    for n, warning in enumerate(data.warnings):
        where = f"warnings[{n}]"
        phones: list[str] = []
        for text in warning.phones:
            parsed = parse_phones(text, settings.DEFAULT_AREA_CODE)
            if not parsed.phones:
                raise Problem(422, "bad-phone", f"{where}.phones: " + _("不是居民的电话号码。"))
            phones += [p.e164 for p in parsed.phones]
        if warning.area and warning.area not in known:
            raise Problem(403, "foreign-area", f"{where}.area: " + _("不在这把密钥的范围内。"))
        if warning.kind not in KINDS:
            raise Problem(
                422, "unknown-kind", f"{where}.kind: " + _("没有这种骗局，见 GET /kinds。")
            )
        if warning.occurred_at and not 2000 <= warning.occurred_at.year <= timezone.now().year + 1:
            raise Problem(422, "bad-time", f"{where}.occurred_at: " + _("年份不对。"))
        place: Place = known[warning.area] if warning.area else token.place
        arriving.append(
            NewSignal(
                place=place,
                phones=tuple(dict.fromkeys(phones)),
                name=warning.name.strip(),
                address=warning.address.strip(),
                kind=warning.kind,
                grade=Grade[warning.grade.upper()],
                reference=warning.reference.strip(),
                occurred_at=_aware(warning.occurred_at),
                risk_number=number_of(warning.risk_number) or warning.risk_number.strip(),
                note=warning.note.strip(),
                rests_on=tuple(dict.fromkeys((s.name, s.version) for s in warning.signals)),
            )
        )
    return arriving


def _aware(moment: datetime | None) -> datetime | None:
    """A time without zone is the town's own time."""
    if moment is None or timezone.is_aware(moment):
        return moment
    return timezone.make_aware(moment)


class ResultOut(Schema):
    """What became of one warning. `result` is empty until the episode is closed, and again when it
    is reopened."""

    signal: int
    reference: str
    sender: str
    received_at: datetime
    state: Episode.State
    result: Episode.Outcome | Literal[""]
    reached_at: datetime | None


class ResultsOut(Schema):
    items: list[ResultOut]
    next: str | None


@router.get(
    "/warnings/results",
    response={200: ResultsOut, **problems(403)},
    operation_id="listResults",
    tags=["warnings"],
)
def results(request: HttpRequest, wanted: Query[ResultsIn]) -> dict[str, Any]:
    """What became of warnings, newest first. Reading a final result counts as telling it."""
    token = caller(request, Ability.EXPORT)
    rows = visible_signals(token, Ability.EXPORT).select_related("episode", "sender")
    if wanted.sender:
        rows = rows.filter(sender__name=sender_named(wanted.sender))
    found, following = page(request, rows, wanted)
    told = [s for s in found if result_of(s)]
    if any(s.answered_at is None for s in told):
        answer_sender(told, token)
    items = [
        {
            "signal": s.pk,
            "reference": s.reference,
            "sender": s.sender.name,
            "received_at": s.received_at,
            "state": s.episode.state,
            "result": result_of(s),
            "reached_at": s.episode.reached_at,
        }
        for s in found
    ]
    return {"items": items, "next": following}


class KindOut(Schema):
    key: str
    zh: str
    en: str


@router.get(
    "/kinds",
    response={200: list[KindOut], **problems()},
    operation_id="listKinds",
    tags=["warnings"],
)
def kinds(request: HttpRequest) -> list[dict[str, str]]:
    """The kinds of fraud a warning may name."""
    return [{"key": k, "zh": kind_name(k).zh, "en": kind_name(k).en} for k in KINDS]
