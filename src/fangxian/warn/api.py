"""The first line for other systems: warnings in, results out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import uuid5

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Header, Path, Query, Router, Schema, Status

from fangxian.detect.kinds import KINDS, kind_name
from fangxian.exchange.phones import parse_phones
from fangxian.town.access import Ability, access_of, visible_places
from fangxian.town.api import CLEAN, PageIn, Problem, ProblemOut, caller, once, page
from fangxian.town.models import ApiToken, Place

from .actions.after import answer_sender
from .actions.signals import NewSignal, take_in
from .actions.webhooks import NAMESPACE, add_webhook, end_webhook
from .models import Case, Episode, Grade, Sender, Signal, Webhook
from .queries.visible import visible_cases, visible_episodes, visible_signals

router = Router()
ERRORS = {400: ProblemOut, 401: ProblemOut, 403: ProblemOut, 422: ProblemOut}
Text = Annotated[str, Field(max_length=200, pattern=CLEAN)]
Key = Annotated[
    str, Header(alias="Idempotency-Key", min_length=8, max_length=100, pattern=r"^[\x21-\x7e]+$")
]
GRADES = "^(red|orange|yellow|blue)$"


class ResultsIn(PageIn):
    """Results of one sender, or of all."""

    sender: Text = ""


class EpisodesIn(PageIn):
    """Episodes in one state, or in all."""

    state: Annotated[str, Field(pattern="^(|open|review|closed)$")] = ""


class WarningIn(Schema):
    """One warning. At least one phone; `area` is a place code (12 digits) or empty."""

    phones: list[Annotated[str, Field(max_length=40, pattern=CLEAN)]] = Field(
        min_length=1, max_length=5
    )
    name: Annotated[str, Field(max_length=40, pattern=CLEAN)] = ""
    address: Text = ""
    area: Annotated[str, Field(pattern=r"^([0-9]{12}|[0-9]{15})?$")] = ""
    kind: Annotated[str, Field(max_length=40, pattern=CLEAN)] = "other"
    grade: Annotated[str, Field(pattern=GRADES)] = "yellow"
    reference: Annotated[str, Field(max_length=80, pattern=CLEAN)] = ""
    occurred_at: datetime | None = None
    risk_number: Annotated[str, Field(max_length=40, pattern=CLEAN)] = ""
    note: Annotated[str, Field(max_length=1000, pattern=CLEAN)] = ""


class WarningsIn(Schema):
    """Warnings of one sender, at most 200 in one call; all are taken in, or none."""

    sender: Annotated[str, Field(min_length=1, max_length=60, pattern=CLEAN)]
    warnings: list[WarningIn] = Field(min_length=1, max_length=200)


class TakenOut(Schema):
    """What became of one warning: new, merged, reopened or known_before."""

    signal: int
    episode: int
    became: str


class WarningsOut(Schema):
    taken: list[TakenOut]


@router.post(
    "/warnings",
    response={201: WarningsOut, **ERRORS},
    operation_id="takeInWarnings",
    tags=["warnings"],
)
def take_in_warnings(request: HttpRequest, data: WarningsIn, key: Key) -> Status[Any]:
    """Take in warnings. Repeat with the same Idempotency-Key after a lost answer: the answer is
    the same and nothing happens twice."""
    token = caller(request, Ability.TAKE_IN)

    def act() -> tuple[int, dict[str, Any]]:
        arriving = _read(token, data)
        sender, _ = Sender.objects.get_or_create(name=data.sender)
        taken = take_in(token, sender, Signal.Source.API, arriving)
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
            parsed = parse_phones(text)
            if not parsed.phones:
                raise Problem(422, "bad-phone", f"{where}.phones: not a phone number.")
            phones += [p.e164 for p in parsed.phones]
        if warning.area and warning.area not in known:
            raise Problem(403, "foreign-area", f"{where}.area: not in this token's area.")
        if warning.kind not in KINDS:
            raise Problem(422, "unknown-kind", f"{where}.kind: see GET /kinds.")
        if warning.occurred_at and not 2000 <= warning.occurred_at.year <= timezone.now().year + 1:
            raise Problem(422, "bad-time", f"{where}.occurred_at: the year cannot be right.")
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
                risk_number=warning.risk_number.strip(),
                note=warning.note.strip(),
            )
        )
    return arriving


def _aware(moment: datetime | None) -> datetime | None:
    """A time without zone is the town's own time."""
    if moment is None or timezone.is_aware(moment):
        return moment
    return timezone.make_aware(moment)


class ResultOut(Schema):
    """The answer to one warning: open while nobody has dealt with it."""

    signal: int
    reference: str
    sender: str
    received_at: datetime
    state: str
    result: str
    reached_at: datetime | None


class ResultsOut(Schema):
    items: list[ResultOut]
    next: str | None


@router.get(
    "/warnings/results",
    response={200: ResultsOut, **ERRORS},
    operation_id="listResults",
    tags=["warnings"],
)
def results(request: HttpRequest, wanted: Query[ResultsIn]) -> dict[str, Any]:
    """What became of warnings, newest first. Reading a final result counts as telling it."""
    token = caller(request, Ability.EXPORT)
    rows = visible_signals(token, Ability.EXPORT).select_related("episode", "sender")
    if wanted.sender:
        rows = rows.filter(sender__name=wanted.sender)
    found, following = page(request, rows, wanted)
    if any(s.result and s.answered_at is None for s in found):
        answer_sender(found, token)
    items = [
        {
            "signal": s.pk,
            "reference": s.reference,
            "sender": s.sender.name,
            "received_at": s.received_at,
            "state": s.episode.state,
            "result": s.result,
            "reached_at": s.episode.reached_at,
        }
        for s in found
    ]
    return {"items": items, "next": following}


class EpisodeOut(Schema):
    """An episode; the resident appears masked."""

    id: int
    grade: str
    kind: str
    stage: str
    state: str
    outcome: str
    place: str
    resident: str
    opened_at: datetime
    last_signal_at: datetime
    reached_at: datetime | None
    closed_at: datetime | None


class EpisodesOut(Schema):
    items: list[EpisodeOut]
    next: str | None


def _episode(e: Episode) -> dict[str, Any]:
    return {
        "id": e.pk,
        "grade": Grade(e.grade).key,
        "kind": e.kind,
        "stage": e.stage,
        "state": e.state,
        "outcome": e.outcome,
        "place": e.place.code,
        "resident": str(e.resident),
        "opened_at": e.opened_at,
        "last_signal_at": e.last_signal_at,
        "reached_at": e.reached_at,
        "closed_at": e.closed_at,
    }


@router.get(
    "/episodes",
    response={200: EpisodesOut, **ERRORS},
    operation_id="listEpisodes",
    tags=["episodes"],
)
def episodes(request: HttpRequest, wanted: Query[EpisodesIn]) -> dict[str, Any]:
    """Episodes in the token's area, newest first."""
    token = caller(request, Ability.SEE_EPISODES)
    rows = visible_episodes(token)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    found, following = page(request, rows, wanted)
    return {"items": [_episode(e) for e in found], "next": following}


@router.get(
    "/episodes/{number}",
    response={200: EpisodeOut, 404: ProblemOut, **ERRORS},
    operation_id="getEpisode",
    tags=["episodes"],
)
def episode(request: HttpRequest, number: Annotated[int, Path(ge=1, lt=2**63)]) -> dict[str, Any]:
    """One episode; 404 also for one outside the token's area."""
    token = caller(request, Ability.SEE_EPISODES)
    found = visible_episodes(token).filter(pk=number).first()
    if found is None:
        raise Problem(404, "no-such-episode", "No such episode in this token's area.")
    return _episode(found)


class CaseOut(Schema):
    """A case; money in fen."""

    id: int
    number: str
    kind: str
    loss_fen: int
    stopped_fen: int
    place: str
    happened_on: date
    channel: str
    episode: int | None


class CasesOut(Schema):
    items: list[CaseOut]
    next: str | None


def _case(c: Case) -> dict[str, Any]:
    return {
        "id": c.pk,
        "number": c.number,
        "kind": c.kind,
        "loss_fen": c.loss_fen,
        "stopped_fen": c.stopped_fen,
        "place": c.place.code,
        "happened_on": c.happened_on,
        "channel": c.channel,
        "episode": c.episode_id,
    }


@router.get("/cases", response={200: CasesOut, **ERRORS}, operation_id="listCases", tags=["cases"])
def cases(request: HttpRequest, wanted: Query[PageIn]) -> dict[str, Any]:
    """The register of cases in the token's area, newest entry first."""
    token = caller(request, Ability.SEE_CASES)
    rows = visible_cases(token).filter(withdrawn_at=None)
    found, following = page(request, rows, wanted)
    return {"items": [_case(c) for c in found], "next": following}


class KindOut(Schema):
    key: str
    zh: str
    en: str


@router.get(
    "/kinds",
    response={200: list[KindOut], 401: ProblemOut},
    operation_id="listKinds",
    tags=["warnings"],
)
def kinds(request: HttpRequest) -> list[dict[str, str]]:
    """The kinds of fraud a warning may name."""
    return [{"key": k, "zh": kind_name(k).zh, "en": kind_name(k).en} for k in KINDS]


class WebhookIn(Schema):
    """Where to send CloudEvents. `events` is empty for all."""

    url: Annotated[str, Field(max_length=300, pattern=r"^https?://[!-~]+$")]
    events: list[
        Annotated[str, Field(pattern="^(episode.opened|episode.closed|case.recorded)$")]
    ] = Field(default_factory=list, max_length=10)


class WebhookOut(Schema):
    """A webhook; `secret` is shown only in the answer that made it."""

    id: int
    url: str
    events: list[str]
    secret: str = ""


class WebhooksOut(Schema):
    items: list[WebhookOut]


def _webhooks(token: ApiToken) -> Any:
    return access_of(token).within(Webhook.objects.filter(is_active=True), Ability.EXPORT)


@router.get(
    "/webhooks",
    response={200: WebhooksOut, **ERRORS},
    operation_id="listWebhooks",
    tags=["webhooks"],
)
def webhooks(request: HttpRequest) -> dict[str, Any]:
    """Active webhooks in the token's area."""
    token = caller(request, Ability.EXPORT)
    rows = _webhooks(token).order_by("id")[:200]
    return {"items": [{"id": w.pk, "url": w.url, "events": w.events} for w in rows]}


@router.post(
    "/webhooks", response={201: WebhookOut, **ERRORS}, operation_id="addWebhook", tags=["webhooks"]
)
def webhook_new(request: HttpRequest, data: WebhookIn, key: Key) -> Status[Any]:
    """Add a webhook. Deliveries are signed with the secret in the answer, which is shown once."""
    token = caller(request, Ability.EXPORT)
    number = uuid5(NAMESPACE, f"{token.pk}|{key}")
    made = add_webhook(token, data.url, sorted(set(data.events)), number)
    answer = {"id": made.pk, "url": made.url, "events": made.events}
    return Status(201, {**answer, "secret": made.secret.clear})


@router.delete(
    "/webhooks/{number}",
    response={204: None, 404: ProblemOut, **ERRORS},
    operation_id="endWebhook",
    tags=["webhooks"],
)
def webhook_end(request: HttpRequest, number: Annotated[int, Path(ge=1, lt=2**63)]) -> Status[Any]:
    """End a webhook; what is still on its way is dropped."""
    token = caller(request, Ability.EXPORT)
    found = _webhooks(token).filter(pk=number).first()
    if found is None:
        raise Problem(404, "no-such-webhook", "No such webhook in this token's area.")
    end_webhook(token, found)
    return Status(204, None)
