"""Everything that happened to an episode, told as one line of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import CharField, Q
from django.db.models.functions import Cast
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from fangxian.detect.kinds import kind_name
from fangxian.exchange.problems import language_of
from fangxian.town.actions import RevealReason
from fangxian.town.models import AuditEntry, Phone, Staff
from fangxian.warn.models import (
    CallOutcome,
    Case,
    Episode,
    FollowUp,
    Grade,
    Message,
    Review,
    Signal,
    Stage,
    StopPayment,
    Task,
    VisitOutcome,
)
from fangxian.warn.script import call_script, follow_up_script, visit_script

from .deeds import Deed, deeds_of


@dataclass(frozen=True)
class Event:
    """One thing that happened. `what` is the kind of event (its sign); `says` one sentence.

    `text` is what a person wrote; `who` is empty where no person did it.
    """

    at: datetime
    what: str
    says: str
    who: str = ""
    details: tuple[str, ...] = ()
    text: str = ""


def timeline(
    episode: Episode, signals: Sequence[Signal], tasks: Sequence[Task], phones: Sequence[Phone]
) -> list[Event]:
    """All events of `episode`, latest first. Three queries, however many events.

    Texts that people wrote are opened here: the reader was let in to the whole episode.
    """
    events = [
        *_of_signals(signals),
        *(_of_deed(deed, episode) for deed in deeds_of(episode)),
        *_of_audit(episode, tasks, phones),
    ]
    return sorted(events, key=lambda event: event.at, reverse=True)


def _of_signals(signals: Iterable[Signal]) -> Iterator[Event]:
    for n, signal in enumerate(sorted(signals, key=lambda s: (s.received_at, s.pk))):
        said = (
            _("%(sender)s预警，%(grade)s") if n == 0 else _("%(sender)s又来预警，%(grade)s，已并入")
        )
        details = [_("来文编号 %(number)s") % {"number": signal.reference}] * bool(signal.reference)
        if signal.name_differs:
            details.append(_("名单上的姓名与登记的不同"))
        if signal.forwarded:
            details.append(_("由其他地区转来，请查找此人"))
        yield Event(
            signal.received_at,
            "signal",
            said % {"sender": signal.sender.name, "grade": Grade(signal.grade).label},
            details=tuple(details),
            text=signal.note.clear,
        )


# --- what people did --------------------------------------------------------------------------


def _of_deed(deed: Deed, episode: Episode) -> Event:
    says, details = _DEEDS[deed.what](deed, episode)
    return Event(deed.at, deed.what, says, deed.who, tuple(details), deed.said.clear)


def _call(deed: Deed, episode: Episode) -> tuple[str, list[str]]:
    asked = {q.key: q.asks for q in call_script(episode.kind, _language()).questions}
    yes = [asked[key] for key, answer in deed.ticks.items() if answer is True and key in asked]
    told = [_("回答“是”：%(question)s") % {"question": question} for question in yes]
    return _("电话：%(outcome)s") % {"outcome": CallOutcome(deed.result).label}, [
        *_found(deed),
        *told,
    ]


def _visit(deed: Deed, episode: Episode) -> tuple[str, list[str]]:
    checks = {c.key: c.does for c in visit_script(episode.kind, _language()).phone_check}
    done = [checks[key] for key, ticked in deed.ticks.items() if ticked is True and key in checks]
    told = [_("已做：%(check)s") % {"check": check} for check in done]
    return _("上门：%(outcome)s") % {"outcome": VisitOutcome(deed.result).label}, [
        *_found(deed),
        *told,
    ]


def _follow_up(deed: Deed, episode: Episode) -> tuple[str, list[str]]:
    facts = {"day": deed.number, "outcome": FollowUp.Outcome(deed.result).label}
    details = _found(deed)
    for question in follow_up_script(deed.number, _language()).questions:
        if (answer := dict(question.options).get(deed.ticks.get(question.key, ""))) is not None:
            details.append(f"{question.asks} {answer}")
    return _("第 %(day)s 天回访：%(outcome)s") % facts, details


def _found(deed: Deed) -> list[str]:
    """How far the gang had come, and the worry before and after, where asked."""
    found = []
    if deed.about not in ("", Stage.UNKNOWN):
        found.append(_("阶段：%(stage)s") % {"stage": Stage(deed.about).label})
    if deed.worry_before and deed.worry_after:
        change = {"before": deed.worry_before, "after": deed.worry_after}
        found.append(_("害怕程度 %(before)s → %(after)s（1 最安心，5 最害怕）") % change)
    elif worry := deed.worry_before or deed.worry_after:
        found.append(_("害怕程度 %(worry)s（1 最安心，5 最害怕）") % {"worry": worry})
    return found


def _review(deed: Deed, episode: Episode) -> tuple[str, list[str]]:
    return _("复核：%(verdict)s") % {"verdict": Review.Verdict(deed.result).label}, []


def _note(deed: Deed, episode: Episode) -> tuple[str, list[str]]:
    return _("备注"), []


def _message(deed: Deed, episode: Episode) -> tuple[str, list[str]]:
    names = {
        "warned": _("预警提醒短信"),
        "unreachable": _("没打通后的短信"),
        "visit_soon": _("上门前的短信"),
        "after_call": _("通话后的短信"),
        "follow_up": _("回访短信"),
    }
    facts = {
        "name": names.get(deed.about, deed.about),
        "state": Message.State(deed.result).label,
    }
    return _("%(name)s：%(state)s") % facts, []


def _alarm(deed: Deed, episode: Episode) -> tuple[str, list[str]]:
    facts = {"task": Task.Kind(deed.about).label, "level": deed.number, "who": deed.who}
    if not deed.who:
        return _("%(task)s超时，第 %(level)s 级告警没有人可通知") % facts, []
    return _("%(task)s超时，第 %(level)s 级告警通知%(who)s") % facts, []


_DEEDS = {
    "call": _call,
    "visit": _visit,
    "follow_up": _follow_up,
    "review": _review,
    "note": _note,
    "message": _message,
    "alarm": _alarm,
}


# --- what only the audit chain knows ----------------------------------------------------------

# Verbs that no table of ours tells. "graded" is told where the grade changed.
_TOLD = (
    "graded", "kind_changed", "claim", "release", "assign", "order_visit", "stop_payment", "stop_step",
    "stop_payment_ended", "joined", "found", "not_found", "close", "reveal", "case", "change_case",
    "withdraw_case",
)  # fmt: skip


def _of_audit(episode: Episode, tasks: Sequence[Task], phones: Sequence[Phone]) -> Iterator[Event]:
    task_ids = {str(task.pk): task for task in tasks}
    stop: StopPayment | None = getattr(episode, "stop_payment", None)
    things = Q(thing="episode", thing_id=str(episode.pk)) | Q(thing="task", thing_id__in=task_ids)
    if stop is not None:
        things |= Q(thing="stoppayment", thing_id=str(stop.pk))
    cases = Case.objects.filter(episode=episode).order_by()
    things |= Q(thing="case", thing_id__in=cases.values_list(Cast("pk", CharField())))
    seen = Q(thing="phone", thing_id__in=[str(phone.pk) for phone in phones])
    seen |= Q(thing="resident", thing_id=str(episode.resident_id))
    seen &= Q(verb="reveal", at__gte=episode.opened_at)
    if episode.closed_at is not None:
        seen &= Q(at__lte=episode.closed_at)
    entries = list(AuditEntry.objects.filter(things | seen, verb__in=_TOLD).order_by("seq"))
    names = _names(entries)
    grade: int | None = None
    held: tuple[str, str] | None = None
    for entry in entries:
        if entry.verb == "graded":
            was, grade = grade, entry.detail["grade"]
            if was in (None, grade):
                continue
        elif entry.verb == "claim":
            # Prolonging one's own claim is no news.
            taken = (entry.thing_id, entry.actor)
            if held == taken:
                continue
            held = taken
        elif entry.verb in ("release", "assign"):
            held = None
        says, details = _says(entry, task_ids.get(entry.thing_id), names)
        yield Event(entry.at, entry.verb, says, names.get(entry.actor, ""), tuple(details))


def _names(entries: Iterable[AuditEntry]) -> dict[str, str]:
    """Names of all staff that stand in the entries, by `staff:12`."""
    ids = {entry.actor.removeprefix("staff:") for entry in entries if ":" in entry.actor}
    ids |= {str(entry.detail["to"]) for entry in entries if entry.verb == "assign"}
    found = Staff.objects.filter(pk__in=[pk for pk in ids if pk.isdigit()])
    return {f"staff:{pk}": name for pk, name in found.values_list("pk", "name")}


def _says(entry: AuditEntry, task: Task | None, names: dict[str, str]) -> tuple[str, list[str]]:
    """One audit entry as a sentence, with details."""
    detail = entry.detail
    what = {"task": task.get_kind_display() if task else _("任务")}
    match entry.verb:
        case "graded":
            return _("等级变为%(grade)s") % {"grade": Grade(detail["grade"]).label}, []
        case "kind_changed":
            kind = kind_name(detail["kind"]).of(language_of(_language()))
            return _("类型改为%(kind)s") % {"kind": kind}, []
        case "claim":
            because = detail.get("because")
            return _("领取：%(task)s") % what, [
                _("超出联系次数，理由：%(why)s") % {"why": because}
            ] * bool(because)
        case "release":
            return _("放回：%(task)s") % what, []
        case "assign":
            to = names.get(f"staff:{detail['to']}", "")
            return _("把%(task)s派给%(to)s") % {**what, "to": to}, []
        case "order_visit":
            return _("安排上门"), []
        case "stop_payment":
            return _("已转账，开始止付"), []
        case "stop_step":
            return _stop_step(detail), []
        case "stop_payment_ended":
            fen = detail.get("stopped_fen") or 0
            return _("止付结束，拦下 %(yuan)s 元") % {"yuan": f"{fen / 100:,.2f}"}, []
        case "joined":
            return _("并入警情 #%(number)s 的全部记录") % {"number": detail["episode"]}, []
        case "found":
            return _("已找到此人"), []
        case "not_found":
            return _("查无此人"), []
        case "case":
            lost = f"{detail['loss_fen'] / 100:,.2f}"
            return _("登记案件，损失 %(yuan)s 元") % {"yuan": lost}, []
        case "change_case":
            return _("更正案件"), []
        case "withdraw_case":
            return _("撤回案件"), [_("理由：%(why)s") % {"why": detail["because"]}]
        case "close":
            labels = dict(Episode.Outcome.choices)
            return _("办结：%(outcome)s") % {"outcome": labels.get(detail["outcome"], "")}, []
    return _revealed(detail)


def _stop_step(detail: dict[str, Any]) -> str:
    steps = {s.key: s.does for s in call_script("other", _language()).stop_payment}
    step = {"step": steps.get(detail["step"], detail["step"])}
    return (_("止付：%(step)s") if detail["done"] else _("止付（撤回勾选）：%(step)s")) % step


def _revealed(detail: dict[str, Any]) -> tuple[str, list[str]]:
    fields = {
        "name": _("姓名"),
        "id_number": _("证件号码"),
        "phone": _("电话号码"),
        "number": _("电话号码"),
        "address": _("住址"),
        "last_known_area": _("大致住处"),
    }
    reasons = dict(RevealReason.choices)
    details = [_("理由：%(why)s") % {"why": reasons.get(detail["reason"], detail["reason"])}]
    return _("查看了%(field)s") % {"field": fields.get(detail["field"], detail["field"])}, details


def _language() -> str:
    return get_language() or "zh"
