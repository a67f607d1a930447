"""The board: what was done and what changed, for the area one answers for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from fangxian.detect.kinds import kind_name
from fangxian.exchange.problems import language_of
from fangxian.exchange.writing import CONTENT_TYPE, write_table
from fangxian.measure.alarm import look_for_rise
from fangxian.measure.change import Change, compare_counts, events_to_be_clear
from fangxian.measure.periods import Period, comparable, months_until, period_of
from fangxian.report import charts
from fangxian.report.queries import board as queries
from fangxian.town import audit
from fangxian.town.access import Ability, access_of, needs, visible_places
from fangxian.town.days import day_of
from fangxian.town.models import Place, Staff

MONTHS_SHOWN = 24


@needs(Ability.SEE_BOARD)
def board(request: HttpRequest) -> HttpResponse:
    """Counts, the honest sentence about them, and pictures."""
    return render(request, "report/board.html", _facts(request))


@needs(Ability.SEE_BOARD)
def document(request: HttpRequest) -> HttpResponse:
    """The same as a document to print."""
    return render(request, "report/document.html", _facts(request))


@needs(Ability.EXPORT)
def export(request: HttpRequest) -> HttpResponse:
    """The months as a table to work with."""
    facts = _facts(request)
    header = [_("月份"), _("案件"), _("损失（元）"), _("预警"), _("应拨打"), _("按时拨打"),
              _("按时联系上"), _("联系上"), _("走访")]  # fmt: skip
    rows = [
        (f"{m.first:%Y-%m}", m.cases, m.loss_fen / 100, m.warnings, m.calls_due, m.called_in_time,
         m.reached_in_time, m.reached, m.visits)
        for m in facts["months"]
    ]  # fmt: skip
    with transaction.atomic():
        audit.record(_staff(request), "export", None, what="board", rows=len(rows))
    answer = HttpResponse(
        write_table(header, rows, _("统计"), "xlsx"), content_type=CONTENT_TYPE["xlsx"]
    )
    answer["Content-Disposition"] = 'attachment; filename="board.xlsx"'
    return answer


def _staff(request: HttpRequest) -> Staff:
    assert isinstance(request.user, Staff)  # noqa: S101  `needs` let no other in
    return request.user


def _facts(request: HttpRequest) -> dict[str, Any]:
    """Everything on the board for the period and place in the address."""
    staff, today = _staff(request), timezone.localdate()
    places = list(
        visible_places(staff, Ability.SEE_BOARD)
        .filter(level__in=("town", "village"))
        .order_by("code")
    )
    place = _chosen_place(request, places)
    period = _chosen_period(request, today)
    language = language_of(get_language() or "zh")
    months = months_until(today, MONTHS_SHOWN)
    # The year before last can be chosen, and is compared with the year before it.
    oldest = min(months[0], period.previous().start)
    wide = queries.Scope(staff, place, oldest, today + timedelta(days=1))
    cases = wide.cases()
    counted = queries.since_records_began(queries.by_month(wide, cases, months))
    now = replace(wide, start=period.start, end=min(period.end, today + timedelta(days=1)))
    current = queries.between(cases, now.start, now.end)
    began = counted[0].first
    kinds = queries.by_kind(now, current)
    last_year = queries.between(cases, months[-12], wide.end)
    villages = queries.by_village(wide, places, last_year)
    chosen = [m for m in counted if period.start <= m.first < period.end]
    due = sum(m.calls_due for m in chosen)
    in_time = sum(m.called_in_time for m in chosen)
    reached_in_time = sum(m.reached_in_time for m in chosen)
    return {
        "place": place,
        "places": places,
        "period": period,
        "period_label": period.label(language),
        "periods": _periods(today, language),
        "whole": period.is_whole(today),
        "sentence": _sentence(cases, period, today, language, began),
        "needed": events_to_be_clear(),
        "rise": _rise(counted),
        "months": counted,
        "cases": sum(m.cases for m in chosen),
        "loss_fen": sum(m.loss_fen for m in chosen),
        "warnings": sum(m.warnings for m in chosen),
        "reached": sum(m.reached for m in chosen),
        "visits": sum(m.visits for m in chosen),
        "in_time": in_time,
        "reached_in_time": reached_in_time,
        "due": due,
        "warned_and_paid": sum(c.told_before for c in current),
        "kinds": [(kind_name(k).of(language), w, c) for k, w, c in kinds],
        "villages": villages,
        "cases_chart": charts.cases_by_month(counted),
        "warnings_chart": charts.warnings_by_month(counted),
        "funnel_chart": charts.villages_in_a_funnel(villages),
        "may_export": access_of(staff).may(Ability.EXPORT),
    }


def _chosen_place(request: HttpRequest, places: list[Place]) -> Place | None:
    code = request.GET.get("place", "")
    if not code:
        return None
    found = next((p for p in places if p.code == code), None)
    if found is None:
        raise Http404
    return found


def _chosen_period(request: HttpRequest, today: date) -> Period:
    """The quarter, month or year in the address; else the last whole quarter, which is what a
    report is about."""
    text = request.GET.get("period", "")
    unit, _sep, first = text.partition(":")
    if unit in ("month", "quarter", "year"):
        day = day_of(first)
        if day is None:
            raise Http404
        return period_of(day, unit)  # type: ignore[arg-type]
    return period_of(today, "quarter").previous()


def _periods(today: date, language: Any) -> list[tuple[str, str]]:
    """Periods to choose from, newest first."""
    choices: list[tuple[str, str]] = []
    for unit, count in (("quarter", 6), ("month", 12), ("year", 2)):
        period = period_of(today, unit)  # type: ignore[arg-type]
        for _turn in range(count):
            choices.append((f"{unit}:{period.start}", period.label(language)))
            period = period.previous()
    return choices


def _sentence(
    cases: list[queries.CaseRow], period: Period, today: date, language: Any, began: date
) -> str:
    """The period against the one before, in words; or that there is nothing to compare it with."""
    if period.previous().start < began < period.end:
        words = _("%(before)s没有完整的记录，还不能和它比较。")
        return words % {"before": period.previous().label(language)}
    change, labels = _change(cases, period, today, language)
    return change.sentence(language, *labels)


def _change(
    cases: list[queries.CaseRow], period: Period, today: date, language: Any
) -> tuple[Change, tuple[str, str]]:
    """The period against the one before: whole against whole, or as many days of each."""
    earlier, current, whole = comparable(period, today)
    before = len(queries.between(cases, *earlier))
    after = len(queries.between(cases, *current))
    days_before = max(1, (earlier[1] - earlier[0]).days)
    days_after = max(1, (current[1] - current[0]).days)
    labels = (period.previous().label(language), period.label(language))
    if not whole:
        words = _("%(period)s前 %(n)d 天")
        labels = (
            words % {"period": labels[0], "n": days_after},
            words % {"period": labels[1], "n": days_after},
        )
    return compare_counts(before, after, days_before, days_after), labels


def _rise(months: list[queries.Month]) -> str:
    """A warning sentence when the last whole month had more cases than chance gives."""
    whole = [m.cases for m in months[:-1]]
    if not whole:
        return ""
    found = look_for_rise(whole[:-1], whole[-1])
    if not found.is_rise:
        return ""
    return _("上个月 %(n)d 起，多于偶然波动（最多 %(most)d 起）：请查原因。") % {
        "n": found.current,
        "most": found.limit or 0,
    }
