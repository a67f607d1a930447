"""Eighteen months of work in the demo town, and what is going on right now.

The past is written in bulk with the times it would have had; what is open now comes in through
the same actions as in a real town, so that its clocks run.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.utils import timezone

from fangxian.detect.kinds import KINDS
from fangxian.town.models import Duty, Resident, Role, Staff
from fangxian.warn.clock import DEFAULTS
from fangxian.warn.models import (
    Call,
    CallOutcome,
    Contact,
    Episode,
    FollowUp,
    Grade,
    Review,
    Sender,
    Signal,
    Stage,
    Task,
    Visit,
    VisitOutcome,
)

from .town import Progress, Town

SENDERS = ("示范县反诈中心", "示范市反诈中心", "示范银行金峰支行", "金峰派出所")
MONTHS = 18
EPISODES = 2700
_PIECE = 5000
_GRADES = (Grade.RED, Grade.ORANGE, Grade.YELLOW, Grade.BLUE)
KIND_WEIGHTS = {
    "task_rebate": 20, "fake_customer_service": 14, "fake_investment": 12, "fake_police": 10,
    "fake_loan": 9, "screen_sharing": 8, "fake_shopping": 6, "elder_fraud": 6, "romance": 4,
    "fake_acquaintance": 3, "expired_card_sms": 3, "points_exchange": 2,
}  # fmt: skip


def build_history(
    town: Town, rng: Random, now: datetime, say: Progress, count: int = EPISODES
) -> None:
    """`count` episodes that were opened and closed, with their signals, calls, visits, reviews.

    Written in pieces, so that a benchmark's 200,000 need no more memory than the demo's 2,700.
    """
    for name in SENDERS:
        Sender.objects.create(name=name)
    adults = [r for r in town.residents if r.birth_year and now.year - r.birth_year >= 16]
    chosen = rng.sample(adults, count) if count <= len(adults) else rng.choices(adults, k=count)
    writer = Writer(town, rng, now, tuple(Sender.objects.order_by("id")))
    for start in range(0, count, _PIECE):
        piece = chosen[start : start + _PIECE]
        writer.write(piece, [plan_of(rng, writer.opened()) for _ in piece])
        say("警情", 0.7 + 0.2 * min(1, (start + _PIECE) / count))


class Writer:
    """Writes pieces of the past with what they need read once. `senders`: whose the signals are, most
    of the first; `last`: number of the last signal there is."""

    def __init__(
        self, town: Town, rng: Random, now: datetime, senders: tuple[Sender, ...], last: int = 0
    ) -> None:
        self.town, self.rng, self.now, self.senders = town, rng, now, senders
        self.officers = _takers(town)
        self.workers = {d.place_id: d.staff for d in _grid_duties()}
        self.kinds = [k for k in KIND_WEIGHTS if k in KINDS]
        self.weights = [KIND_WEIGHTS[k] for k in self.kinds]
        self.serial = last

    def write(
        self,
        residents: list[Resident],
        plans: list[dict[str, Any]],
        source: Signal.Source = Signal.Source.FILE,
    ) -> list[Signal]:
        """An episode for each resident, as it was planned. Returns the signals, in the same order."""
        episodes = [self._episode(r, p) for r, p in zip(residents, plans, strict=True)]
        Episode.objects.bulk_create(episodes, batch_size=300)
        rows: dict[type[Any], list[Any]] = {
            m: [] for m in (Signal, Task, Call, Visit, Contact, FollowUp, Review)
        }
        for episode, plan in zip(episodes, plans, strict=True):
            officer = self.officers[episode.place.code[:12]]
            worker = self.workers.get(episode.place_id, officer)
            self.serial += 1
            weights = (60, 20, 14, 6)[: len(self.senders)]
            sender = self.rng.choices(self.senders, weights)[0]
            _write(rows, episode, plan, officer, worker, sender, self.town, self.rng, self.serial)
        for signal in rows[Signal]:
            signal.source = source
        for model, made in rows.items():
            model._default_manager.bulk_create(made, batch_size=400)
        return rows[Signal]

    def opened(self) -> datetime:
        """A moment of the past."""
        span = timedelta(days=30.4 * MONTHS)
        return _daytime(self.now - timedelta(days=2) - span * self.rng.random() ** 1.15, self.rng)

    def _episode(self, resident: Resident, plan: dict[str, Any]) -> Episode:
        grade, opened = plan["grade"], plan["opened"]
        return Episode(
            resident=resident,
            place=resident.place,
            grade=grade,
            kind=plan.get("kind") or self.rng.choices(self.kinds, self.weights)[0],
            reasons=[{"code": "sender", "sender": self.senders[0].name, "grade": int(grade)}],
            stage=plan["stage"],
            state=Episode.State.CLOSED,
            outcome=plan["outcome"],
            opened_at=opened,
            last_signal_at=opened,
            first_call_due_at=opened + timedelta(minutes=DEFAULTS[grade][0]),
            first_call_at=plan["call_at"],
            reached_at=plan["reached_at"],
            closed_at=plan["closed_at"],
        )


def plan_of(rng: Random, opened: datetime, grade: Grade | None = None) -> dict[str, Any]:
    """How one episode of the past went; `grade`: one that is drawn where it is None."""
    grade = grade or rng.choices(_GRADES, (6, 16, 42, 36))[0]
    minutes = DEFAULTS[grade][0]
    wait = minutes * (rng.uniform(0.15, 0.95) if rng.random() < 0.9 else rng.uniform(1.05, 3))
    call_at = opened + timedelta(minutes=wait)
    outcome = rng.choices((Episode.Outcome.DISSUADED, Episode.Outcome.FALSE_ALARM), (88, 12))[0]
    visited = rng.random() < (0.5 if grade == Grade.RED else 0.12)
    reached = call_at + timedelta(hours=rng.uniform(0.5, 3) if visited else 0.1)
    stage = rng.choices(
        (Stage.CONTACTED, Stage.TRUSTING, Stage.ISOLATED, Stage.NONE), (50, 28, 8, 14)
    )[0]
    return {
        "grade": grade,
        "opened": opened,
        "call_at": call_at,
        "outcome": outcome,
        "visited": visited,
        "reached_at": reached,
        "closed_at": reached + timedelta(hours=rng.uniform(0.2, 30)),
        "stage": stage,
        "worry": (rng.randint(2, 5), rng.randint(1, 2)),
    }


def _write(
    rows: dict[type[Any], list[Any]],
    episode: Episode,
    plan: dict[str, Any],
    officer: Staff,
    worker: Staff,
    sender: Sender,
    town: Town,
    rng: Random,
    n: int,
) -> None:
    rows[Signal].append(
        Signal(
            episode=episode, sender=sender, source=Signal.Source.FILE,
            reference=f"YJ{episode.opened_at:%Y%m%d}{n:05d}", fingerprint=f"demo{n:060d}",
            kind=episode.kind, grade=episode.grade, occurred_at=episode.opened_at,
            received_at=episode.opened_at, risk_number=f"+86100{rng.randrange(10**8):08d}",
            result=episode.outcome, answered_at=plan["closed_at"],
        )
    )  # fmt: skip
    common = {"episode": episode, "place": episode.place, "grade": episode.grade}
    rows[Task].append(
        Task(
            kind=Task.Kind.CALL, state=Task.State.DONE, made_at=episode.opened_at,
            starts_at=episode.opened_at, due_at=episode.first_call_due_at or episode.opened_at, assigned_to=officer,
            done_by=officer, done_at=plan["call_at"], **common,
        )
    )  # fmt: skip
    before, later = plan["worry"]
    visited = plan["visited"]
    rows[Call].append(
        Call(
            episode=episode, by=officer, body=officer.department, started_at=plan["call_at"],
            ended_at=plan["call_at"] + timedelta(minutes=rng.randint(2, 14)),
            outcome=CallOutcome.UNREACHABLE if visited
            else CallOutcome.FALSE_ALARM if episode.outcome == Episode.Outcome.FALSE_ALARM
            else CallOutcome.DISSUADED,
            stage=Stage.UNKNOWN if visited else episode.stage,
            worry_before=None if visited else before, worry_after=None if visited else later,
        )
    )  # fmt: skip
    rows[Contact].append(
        Contact(resident_id=episode.resident_id, episode=episode, body=officer.department,
                by=officer, how="call", at=plan["call_at"])
    )  # fmt: skip
    if visited:
        rows[Task].append(
            Task(
                kind=Task.Kind.VISIT, state=Task.State.DONE, made_at=plan["call_at"],
                starts_at=plan["call_at"], assigned_to=worker, done_by=worker,
                due_at=plan["call_at"] + timedelta(minutes=DEFAULTS[Grade(episode.grade)][1]),
                done_at=plan["reached_at"], **common,
            )
        )  # fmt: skip
        rows[Visit].append(
            Visit(
                episode=episode, by=worker, body=worker.department, at=plan["reached_at"],
                outcome=VisitOutcome.NOT_HOME if episode.outcome == Episode.Outcome.NOT_FOUND
                else VisitOutcome.DISSUADED,
                stage=episode.stage,
                worry_before=None if episode.outcome == Episode.Outcome.NOT_FOUND else before,
                worry_after=None if episode.outcome == Episode.Outcome.NOT_FOUND else later,
            )
        )  # fmt: skip
    if episode.outcome == Episode.Outcome.DISSUADED:
        for day in (3, 30):
            start = plan["closed_at"] + timedelta(days=day)
            past = start < timezone.now() - timedelta(days=1)
            rows[Task].append(
                Task(
                    kind=Task.Kind.FOLLOW_UP, day=day, made_at=plan["closed_at"],
                    state=Task.State.DONE if past else Task.State.TODO,
                    starts_at=start, due_at=start + timedelta(days=3), assigned_to=officer,
                    alarm_at=None if past else start + timedelta(days=3),
                    done_by=officer if past else None,
                    done_at=start + timedelta(hours=5) if past else None, **common,
                )
            )  # fmt: skip
            if past:
                rows[FollowUp].append(
                    FollowUp(
                        episode=episode, by=officer, day=day, at=start + timedelta(hours=5),
                        outcome=FollowUp.Outcome.FINE, worry=1,
                    )
                )  # fmt: skip
    if episode.grade == Grade.RED:
        rows[Review].append(
            Review(
                episode=episode, by=town.staff[Role.CLERK][0], at=plan["closed_at"],
                verdict=Review.Verdict.AGREED,
            )
        )  # fmt: skip


def _daytime(moment: datetime, rng: Random) -> datetime:
    """Most calls of gangs come by day."""
    local = timezone.localtime(moment)
    hour = rng.choices(range(24), [1] * 8 + [6] * 12 + [3] * 4)[0]
    return local.replace(hour=hour, minute=rng.randrange(60), second=rng.randrange(60))


def _takers(town: Town) -> dict[str, Staff]:
    found = {}
    for n, officer in enumerate(town.staff[Role.OFFICER]):
        for village in town.villages[n * 2 : n * 2 + 2]:
            found[village.code] = officer
    return found


def _grid_duties() -> list[Duty]:
    return list(Duty.objects.filter(role=Role.GRID).select_related("staff", "staff__department"))
