"""What comes after the danger: episodes up for review, and what senders are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Case, Count, Prefetch, Q, QuerySet, When
from django.utils import timezone
from django.utils.translation import gettext as _

from fangxian.exchange.cells import Cell, cell_text, is_blank
from fangxian.exchange.columns import Field, mapping_from
from fangxian.exchange.tables import Table
from fangxian.town.access import Ability, access_of
from fangxian.town.models import Phone, Staff
from fangxian.town.sealed import MASKS
from fangxian.warn.grading import Reason
from fangxian.warn.models import (
    Batch,
    Call,
    Episode,
    FollowUp,
    RefusedRow,
    RowDone,
    Signal,
    Stage,
    StopPayment,
    Task,
    Visit,
)

from .desk import person
from .episodes import fraud_name
from .eyes import who_acted
from .visible import visible_episodes, visible_signals

Deed = Call | Visit | FollowUp


def phones_of(episode: Episode) -> list[Phone]:
    """The resident's phones, the first registered first."""
    return list(Phone.objects.filter(resident=episode.resident_id).order_by("pk"))


# --- reviews ---------------------------------------------------------------------------------------


def up_for_review(who: Staff) -> QuerySet[Episode]:
    """Episodes that wait for a second pair of eyes where `who` reviews, nearest danger first."""
    rows = visible_episodes(who, Ability.REVIEW).select_related("place__parent")
    return rows.filter(state=Episode.State.REVIEW).order_by("grade", "last_signal_at", "pk")


def with_deeds(rows: QuerySet[Episode]) -> QuerySet[Episode]:
    """With who did what on each, the race to stop a payment and the open review task. Five queries,
    however many."""
    return rows.select_related("stop_payment").prefetch_related(
        Prefetch("calls", Call.objects.select_related("by").order_by("ended_at")),
        Prefetch("visits", Visit.objects.select_related("by").order_by("at")),
        Prefetch("follow_ups", FollowUp.objects.select_related("by").order_by("at")),
        Prefetch(
            "tasks",
            Task.objects.filter(kind=Task.Kind.REVIEW, state=Task.State.TODO),
            to_attr="review_tasks",
        ),
    )


@dataclass(frozen=True)
class ToReview:
    """One episode from `with_deeds`, as the reader `who` sees it. `acted`: the reader had a hand in
    it (queries/eyes.py), and so may not review it."""

    episode: Episode
    who: Staff
    acted: bool = False

    @property
    def person(self) -> str:
        return person(self.episode.resident)

    @property
    def fraud(self) -> str:
        return fraud_name(self.episode)

    @property
    def reasons(self) -> list[str]:
        return [Reason.say(reason) for reason in self.episode.reasons]

    @property
    def deeds(self) -> list[Deed]:
        e = self.episode
        return [*e.calls.all(), *e.visits.all(), *e.follow_ups.all()]

    @property
    def handled_by(self) -> list[Staff]:
        """Who rang, visited or followed up; each once, the first first."""
        return list({deed.by_id: deed.by for deed in self.deeds}.values())

    @property
    def since(self) -> datetime | None:
        """Since when it waits."""
        tasks: Sequence[Task] = self.episode.review_tasks  # type: ignore[attr-defined]
        return tasks[0].made_at if tasks else None

    @property
    def due(self) -> datetime | None:
        tasks: Sequence[Task] = self.episode.review_tasks  # type: ignore[attr-defined]
        return tasks[0].due_at if tasks else None


def to_review(episodes: Iterable[Episode], who: Staff) -> list[ToReview]:
    """Episodes from `with_deeds` as `who` sees them."""
    rows = list(episodes)
    acted = who_acted([episode.pk for episode in rows])
    return [ToReview(e, who, who.pk in acted.get(e.pk, ())) for e in rows]


@dataclass(frozen=True)
class ReviewSheet(ToReview):
    """All that a reviewer weighs on one page."""

    signals: Sequence[Signal] = ()
    stop: StopPayment | None = None

    @property
    def worry_before(self) -> int | None:
        """The first worry anybody heard."""
        heard = [w for d in self._spoken() for w in (d.worry_before, d.worry_after) if w]
        return heard[0] if heard else None

    @property
    def worry_after(self) -> int | None:
        """The last worry anybody heard."""
        heard = [w for d in self._spoken() for w in (d.worry_before, d.worry_after) if w]
        return heard[-1] if len(heard) > 1 else None

    def _spoken(self) -> list[Call | Visit]:
        both: list[Call | Visit] = [*self.episode.calls.all(), *self.episode.visits.all()]
        return sorted(both, key=lambda d: d.ended_at if isinstance(d, Call) else d.at)


def review_sheet(episode: Episode, who: Staff) -> ReviewSheet:
    """The sheet of an episode from `with_deeds`."""
    return ReviewSheet(
        episode,
        who,
        who.pk in who_acted([episode.pk]).get(episode.pk, ()),
        signals=list(episode.signals.select_related("sender")),
        stop=getattr(episode, "stop_payment", None),
    )


# --- answers to senders --------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """How many warnings are answered, closed but not yet told, and still open."""

    answered: int = 0
    untold: int = 0
    open: int = 0


def _counts(path: str = "") -> dict[str, Count]:
    """The counts of `Told` over signals; `path` leads to the signal, with "__" at its end."""
    closed = Q(**{f"{path}episode__state": Episode.State.CLOSED})
    answered = Q(**{f"{path}answered_at__isnull": False})
    return {
        "answered": Count("pk", filter=answered),
        "untold": Count("pk", filter=~answered & closed),
        "open": Count("pk", filter=~answered & ~closed),
    }


def _told(row: Any) -> Told:
    return Told(row["answered"], row["untold"], row["open"])


def told_by_sender(who: Staff) -> list[tuple[str, Told]]:
    """Sender's name and counts, over the area where `who` exports. One query."""
    rows = visible_signals(who, Ability.EXPORT).order_by().values("sender", "sender__name")
    found = rows.annotate(**_counts()).order_by("sender")
    return [(row["sender__name"], _told(row)) for row in found]


def answerable_batches(who: Staff) -> QuerySet[Batch]:
    """Imported lists of the area where `who` exports; `kept` says whether the file is still there.

    The files are megabytes: neither they nor the previews are read here.
    """
    rows = Batch.objects.filter(state=Batch.State.DONE).select_related("sender", "place")
    kept = Case(When(content=b"", then=False), default=True, output_field=BooleanField())
    rows = rows.annotate(kept=kept).defer("content", "preview")
    return access_of(who).within(rows, Ability.EXPORT).order_by("-id")


def told_by_batch(who: Staff, batches: Iterable[Batch]) -> dict[int, Told]:
    """Counts by batch, also of rows whose warning had come before. One query."""
    rows = _rows_of(who).filter(batch__in=list(batches)).order_by().values("batch")
    return {row["batch"]: _told(row) for row in rows.annotate(**_counts("signal__"))}


def _rows_of(who: Staff) -> QuerySet[RowDone]:
    rows = RowDone.objects.all()
    return access_of(who).within(rows, Ability.EXPORT, "signal__episode__place")


@dataclass(frozen=True)
class Answers:
    """What is told to the sender of one list: `added` columns beside the sender's own, each as
    long as the list; `signals` are the closed ones that the file tells."""

    added: dict[str, list[str]]
    signals: list[Signal]


def answers_of(batch: Batch, table: Table, who: Staff) -> Answers:
    """The answer to each row of `table`, in the reader's language. Two queries.

    Times are local, to the minute. Rows of residents outside the reader's area stay empty.
    """
    rows = _rows_of(who).filter(batch=batch).select_related("signal__episode")
    done = {row.row: row.signal for row in rows}
    refused = set(RefusedRow.objects.filter(batch=batch).values_list("row", flat=True))
    result, stage, reached = [], [], []
    for number in table.row_numbers:
        signal = done.get(number)
        if signal is None:
            result.append(_("未导入，已退回") if number in refused else "")
            stage.append("")
            reached.append("")
            continue
        episode = signal.episode
        result.append(result_words(signal))
        stage.append(str(Stage(episode.stage).label))
        at = episode.reached_at
        reached.append(f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else "")
    told = {s.pk: s for s in done.values() if result_of(s)}
    added = {_("结果"): result, _("阶段"): stage, _("联系时间"): reached}
    return Answers(added, list(told.values()))


# What a list may show to those who may not look behind the masks; of all other columns, also of
# those nobody mapped, only that something stands there.
_SHOWN = (Field.REFERENCE, Field.AREA, Field.KIND, Field.GRADE, Field.OCCURRED_AT, Field.ISSUED_AT)
_MASKS: dict[Field, Callable[[str], str]] = {
    Field.NAME: MASKS["name"],
    Field.PHONE: MASKS["phone"],
    Field.ID_NUMBER: MASKS["id"],
    Field.ADDRESS: MASKS["address"],
}


def masked(table: Table, batch: Batch) -> Table:
    """The list as the page would show it: names, numbers and addresses behind their masks."""
    mapping = mapping_from(table, batch.columns)

    def cell(column: int, value: Cell) -> Cell:
        field = mapping.get(column)
        if field in _SHOWN or is_blank(value):
            return value
        mask = _MASKS.get(field, MASKS["secret"]) if field else MASKS["secret"]
        return mask(cell_text(value))

    rows = [[cell(n, value) for n, value in enumerate(row)] for row in table.rows]
    return replace(table, rows=rows)


def result_of(signal: Signal) -> str:
    """The outcome that its sender may be told; empty while the episode is open, or open again."""
    return signal.result if signal.episode.state == Episode.State.CLOSED else ""


def result_words(signal: Signal) -> str:
    """What became of a warning: its result once closed, else where it stands."""
    outcome = result_of(signal)
    if outcome in Episode.Outcome.values:
        return str(Episode.Outcome(outcome).label)
    return str(signal.episode.get_state_display())
