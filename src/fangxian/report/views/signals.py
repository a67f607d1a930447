"""How precise each signal of the watch was found to be: for whoever keeps the book of signals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from fangxian.exchange.problems import Language, language_of
from fangxian.exchange.writing import CONTENT_TYPE, write_table
from fangxian.measure.feedback import ENOUGH, SignalFound, Tally
from fangxian.measure.periods import Period
from fangxian.report import charts
from fangxian.report.queries import signals as found
from fangxian.town import audit
from fangxian.town.access import Ability, StaffRequest, access_of, needs


@dataclass(frozen=True)
class Row:
    """One version of a signal as the page shows it. `says` is "" for a signal of another book."""

    signal: SignalFound
    says: str
    quarters: list[tuple[str, Tally]]

    @property
    def all(self) -> Tally:
        return self.signal.all

    @property
    def title(self) -> str:
        return self.says or self.signal.name

    @property
    def precision(self) -> str:
        """In words that fit how much was judged."""
        return _precision(self.all)


@needs(Ability.SEE_BOARD)
def signals(request: StaffRequest) -> HttpResponse:
    """Each signal: warnings, judged, right, wrong, and the precision with its interval."""
    return render(request, "report/signals.html", _facts(request))


@needs(Ability.SEE_BOARD)
def document(request: StaffRequest) -> HttpResponse:
    """The same as a document to print."""
    return render(request, "report/signals_document.html", _facts(request))


@needs(Ability.EXPORT)
def export(request: StaffRequest) -> HttpResponse:
    """One row for each version of a signal and quarter, as a table to work with."""
    header = [_("信号"), _("版本"), _("季度"), _("预警"), _("已判定"), _("属实"), _("正在行骗"),
              _("未遂"), _("误报"), _("没有找到人"), _("未办结"), _("查实率"), _("区间下限"),
              _("区间上限")]  # fmt: skip
    rows = [
        (s.name, s.version, f"{quarter:%Y-%m}", t.warnings, t.judged, t.right, t.going_on, t.tried,
         t.wrong, t.not_reached, t.open, *_rounded(t))
        for s in found.found_by_signal(request.user, timezone.localdate())
        for quarter, t in s.quarters.items()
    ]  # fmt: skip
    with transaction.atomic():
        audit.record(request.user, "export", None, what="signals", rows=len(rows))
    answer = HttpResponse(write_table(header, rows, "", "csv"), content_type=CONTENT_TYPE["csv"])
    answer["Content-Disposition"] = 'attachment; filename="signals.csv"'
    return answer


def _rounded(tally: Tally) -> tuple[float | str, float, float]:
    """Precision ("" where nothing is judged) and the ends of its interval."""
    p = tally.precision
    return "" if p.value is None else round(p.value, 4), round(p.low, 4), round(p.high, 4)


def _precision(tally: Tally) -> str:
    if not tally.judged:
        return _("还没有判定")
    facts = {"right": tally.right, "judged": tally.judged, **_ends(tally)}
    if not tally.says_enough:
        return _("%(right)d / %(judged)d，条数太少（%(low)s–%(high)s）") % facts
    return f"{tally.precision.value:.0%}" + _("（%(low)s–%(high)s）") % facts


def _ends(tally: Tally) -> dict[str, str]:
    return {"low": f"{tally.precision.low:.0%}", "high": f"{tally.precision.high:.0%}"}


def _sentence(tally: Tally) -> str:
    """What may be said of all of them together, and what the unjudged could make of it."""
    if not tally.judged:
        return _("还没有一条判定过：说不出查实率。")
    facts = {"judged": tally.judged, "right": tally.right, **_ends(tally)}
    said = (
        _("已判定 %(judged)d 条，属实 %(right)d 条；真实的查实率可能在 %(low)s 到 %(high)s 之间。")
        % facts
    )
    bounds = tally.whatever_the_unjudged_are
    if not tally.unjudged or bounds is None:
        return said
    worst, best = bounds
    return said + _(
        "没有判定的 %(n)d 条若全是误报，查实率是 %(worst)s；若全属实，是 %(best)s。"
    ) % {
        "n": tally.unjudged,
        "worst": f"{worst:.0%}",
        "best": f"{best:.0%}",
    }


def _facts(request: StaffRequest) -> dict[str, Any]:
    today = timezone.localdate()
    language = language_of(get_language() or "zh")
    quarters = found.quarters(today)
    rows = _rows(request, today, quarters, language)
    whole = found.found_in_all(request.user, today)
    return {
        "rows": rows,
        "whole": whole,
        "sentence": _sentence(whole),
        "enough": ENOUGH,
        "quarters": [quarter.label(language) for quarter in quarters],
        "since": quarters[0].label(language),
        "chart": charts.precision_of_signals([(r.title, r.all) for r in rows]),
        "charted": any(r.all.judged for r in rows),
        "may_export": access_of(request.user).may(Ability.EXPORT),
    }


def _rows(
    request: StaffRequest, today: date, quarters: list[Period], language: Language
) -> list[Row]:
    says = found.shipped_words()
    return [
        Row(
            s,
            says[s.name].of(language) if s.name in says else "",
            [(q.label(language), s.quarters.get(q.start, Tally())) for q in quarters],
        )
        for s in found.found_by_signal(request.user, today)
    ]
