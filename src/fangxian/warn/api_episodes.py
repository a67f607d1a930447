"""Episodes and cases for other systems: read only, residents masked."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Path, Query, Router, Schema

from fangxian.town.access import Ability
from fangxian.town.api import PageIn, Problem, caller, page, problems

from .models import Case, Episode, Grade, Stage
from .queries.visible import visible_cases, visible_episodes

router = Router()
GradeName = Literal["red", "orange", "yellow", "blue"]


class EpisodesIn(PageIn):
    """Episodes in one state, or in all."""

    state: Literal["", "open", "review", "closed"] = ""


class EpisodeOut(Schema):
    """An episode; the resident appears masked."""

    id: int
    grade: GradeName
    kind: str
    stage: Stage
    state: Episode.State
    outcome: Episode.Outcome | Literal[""]
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
    response={200: EpisodesOut, **problems(403)},
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
    response={200: EpisodeOut, **problems(403, 404)},
    operation_id="getEpisode",
    tags=["episodes"],
)
def episode(request: HttpRequest, number: Annotated[int, Path(ge=1, lt=2**63)]) -> dict[str, Any]:
    """One episode; 404 also for one outside the token's area."""
    token = caller(request, Ability.SEE_EPISODES)
    found = visible_episodes(token).filter(pk=number).first()
    if found is None:
        raise Problem(404, "no-such-episode", _("这把密钥的范围内没有这件警情。"))
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


@router.get(
    "/cases",
    response={200: CasesOut, **problems(403)},
    operation_id="listCases",
    tags=["cases"],
)
def cases(request: HttpRequest, wanted: Query[PageIn]) -> dict[str, Any]:
    """The register of cases in the token's area, newest entry first."""
    token = caller(request, Ability.SEE_CASES)
    rows = visible_cases(token).filter(withdrawn_at=None)
    found, following = page(request, rows, wanted)
    return {"items": [_case(c) for c in found], "next": following}
