"""Counts as ECharts options: plain data, drawn by web/static/fangxian/charts.js."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from fangxian.measure.feedback import Tally
from fangxian.measure.periods import twelve_month_sums
from fangxian.measure.rates import funnel

from .queries.board import Month, Village

DEEP, RED, PALE, OCHRE = "#0b5f6d", "#b3261e", "#9fc3c8", "#9a6a00"
# Room for the axis names beneath the legend: on a phone they would lie on each other.
_GRID = {"left": 48, "right": 48, "top": 60, "bottom": 32}


def cases_by_month(months: Sequence[Month]) -> dict[str, Any]:
    """Cases as bars, their 12-month sum as a line: the line is what can be trusted."""
    sums = twelve_month_sums([m.cases for m in months])
    return {
        "tooltip": {"trigger": "axis"},
        "legend": {"top": 0, "data": [_("案件"), _("近 12 个月合计")]},
        "grid": _GRID,
        "xAxis": {"type": "category", "data": _labels(months)},
        "yAxis": [
            {"type": "value", "minInterval": 1, "name": _("每月")},
            {"type": "value", "minInterval": 1, "name": _("合计"), "min": 0},
        ],
        "series": [
            {"name": _("案件"), "type": "bar", "data": [m.cases for m in months], "color": RED},
            {
                "name": _("近 12 个月合计"),
                "type": "line",
                "yAxisIndex": 1,
                "data": sums,
                "color": DEEP,
                "symbolSize": 8,
            },
        ],
    }


def warnings_by_month(months: Sequence[Month]) -> dict[str, Any]:
    """Warnings and visits as bars; the share of residents who were reached in time as a line."""
    in_time = [
        round(m.reached_in_time / m.calls_due * 100, 1) if m.calls_due else None for m in months
    ]
    return {
        "tooltip": {"trigger": "axis"},
        "legend": {"top": 0, "data": [_("预警"), _("走访"), _("按时联系上 %")]},
        "grid": _GRID,
        "xAxis": {"type": "category", "data": _labels(months)},
        "yAxis": [
            {"type": "value", "minInterval": 1},
            {"type": "value", "min": 0, "max": 100, "name": "%"},
        ],
        "series": [
            {"name": _("预警"), "type": "bar", "data": [m.warnings for m in months], "color": PALE},
            {"name": _("走访"), "type": "bar", "data": [m.visits for m in months], "color": OCHRE},
            {
                "name": _("按时联系上 %"),
                "type": "line",
                "yAxisIndex": 1,
                "data": in_time,
                "color": DEEP,
                "symbol": "diamond",
                "symbolSize": 9,
            },
        ],
    }


def villages_in_a_funnel(villages: Sequence[Village]) -> dict[str, Any]:
    """Each village by its size, with what chance alone does: outside is worth a look, inside says
    nothing. No order, no ranking."""
    people = sum(v.residents for v in villages)
    events = sum(v.cases for v in villages)
    top = max((v.residents for v in villages), default=0)
    sizes = [max(1, round(top * 1.1 * k / 40)) for k in range(2, 41)]
    limits = funnel(sizes, events, people)

    def line(name: str, values: list[float], dash: str) -> dict[str, Any]:
        return {
            "name": name,
            "type": "line",
            "data": [[s, round(v, 2)] for s, v in zip(sizes, values, strict=True)],
            "showSymbol": False,
            "silent": True,
            "color": PALE,
            "lineStyle": {"type": dash},
        }

    return {
        "tooltip": {"trigger": "item"},
        "legend": {"top": 0, "data": [_("村社区"), "95 %", "99.8 %"]},
        "grid": _GRID,
        "xAxis": {"type": "value", "name": pgettext("人数", "居民"), "min": 0},
        "yAxis": {"type": "value", "name": _("每万人"), "min": 0},
        "series": [
            line("95 %", [f.high95 for f in limits], "dashed"),
            line("95 %", [f.low95 for f in limits], "dashed"),
            line("99.8 %", [f.high998 for f in limits], "solid"),
            line("99.8 %", [f.low998 for f in limits], "solid"),
            {
                "name": _("村社区"),
                "type": "scatter",
                "symbolSize": 12,
                "color": DEEP,
                "data": [
                    {"name": v.name, "value": [v.residents, _rate(v)]}
                    for v in villages
                    if v.residents
                ],
                "label": {"show": True, "formatter": "{b}", "position": "top"},
                "labelLayout": {"hideOverlap": True},
            },
        ],
    }


def _rate(village: Village) -> float:
    return round(village.cases / village.residents * 10_000, 2)


def _labels(months: Sequence[Month]) -> list[str]:
    return [f"{m.first:%Y-%m}" for m in months]


# More intervals than these lie on each other on a phone.
MOST_SIGNALS_DRAWN = 8


def precision_of_signals(signals: Sequence[tuple[str, Tally]]) -> dict[str, Any]:
    """The 95 % interval of each signal's precision as a bar, what was found as a point: a wide bar
    says that little is known. Those with most judged warnings, the most on top."""
    drawn = [(name, t.precision) for name, t in signals if t.judged][:MOST_SIGNALS_DRAWN]
    low = [round(p.low * 100, 1) for _name, p in drawn]
    wide = [round((p.high - p.low) * 100, 1) for _name, p in drawn]
    value = [round((p.value or 0.0) * 100, 1) for _name, p in drawn]
    interval = _("95% 区间")
    return {
        "legend": {"top": 0, "data": [_("查实率"), interval]},
        "grid": {"left": 8, "right": 24, "top": 40, "bottom": 8, "containLabel": True},
        # Five numbers, that they stand apart on a phone.
        "xAxis": {
            "type": "value",
            "min": 0,
            "max": 100,
            "interval": 25,
            "axisLabel": {"formatter": "{value}%"},
        },
        "yAxis": {
            "type": "category",
            "inverse": True,
            "data": [name for name, _p in drawn],
            "axisTick": {"show": False},
            "axisLabel": {"width": 140, "overflow": "break", "fontSize": 12, "lineHeight": 14},
        },
        "series": [
            {
                "type": "bar",
                "stack": "interval",
                "silent": True,
                "color": "transparent",
                "data": low,
            },
            {
                "name": interval,
                "type": "bar",
                "stack": "interval",
                "barWidth": 10,
                "color": PALE,
                "data": wide,
            },
            {
                "name": _("查实率"),
                "type": "scatter",
                "symbol": "diamond",
                "symbolSize": 13,
                "color": DEEP,
                "data": value,
            },
        ],
    }
