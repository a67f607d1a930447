"""Scores with their reasons: which aggregates speak for or against, compared with what."""

from __future__ import annotations

import numpy as np

from ..kinds import Words
from ..reasons import Reason
from .columns import Column, aspects, columns
from .features import Array
from .model import Model, Score
from .table import Subscribers, TableError

# Rows of ordinary subscribers that take the place of an aspect, and rows worked on at once.
_REFERENCES = 4
_AT_ONCE = 256
# Less than this adds nothing that a person would weigh.
_LEAST_WEIGHT = 0.1


def score(model: Model, table: Subscribers, most_reasons: int = 4) -> list[Score]:
    """A score for every row, in their order; about ten milliseconds each.

    The weight of an aspect is how far the log-odds fall when its columns are replaced by those of
    ordinary subscribers (the mean of four from the training table); what it says is the amount of
    the aspect that is rarest among them. Weights do not add up to the score: aspects overlap.
    Raises TableError for a table of another shape.
    """
    if table.values.shape[1:] != (len(columns()),):
        raise TableError([f"应有 {len(columns())} 列，实际是 {table.values.shape}"])
    out: list[Score] = []
    for start in range(0, len(table), _AT_ONCE):
        values = table.values[start : start + _AT_ONCE]
        log_odds = model.log_odds(values)
        weights = log_odds[:, None] - _without_each_aspect(model, values)
        for row, odds, of_aspects in zip(values, log_odds, weights, strict=True):
            chance = float(1 / (1 + np.exp(-odds)))
            reasons = _reasons(model, row, of_aspects, most_reasons)
            out.append(Score(chance, chance >= 0.5, reasons))
    return out


def _without_each_aspect(model: Model, values: Array) -> Array:
    """Log-odds (rows, aspects) with one aspect of ordinary subscribers."""
    of_column = [column.aspect for column in columns()]
    at = np.linspace(0, len(model.ordinary) - 1, _REFERENCES).astype(int)
    masks = [np.array([aspect == of for of in of_column]) for aspect in aspects()]
    changed = [np.where(mine, other, values) for mine in masks for other in model.ordinary[at]]
    log_odds = model.log_odds(np.concatenate(changed))
    each: Array = log_odds.reshape(len(masks), _REFERENCES, len(values)).mean(axis=1)
    return each.T


def _reasons(model: Model, row: Array, weights: Array, most: int) -> tuple[Reason, ...]:
    order = np.argsort(-np.abs(weights), kind="stable")[:most]
    keys = list(aspects())
    return tuple(
        Reason(keys[at], _says(model, row, keys[at]), float(weights[at]))
        for at in order.tolist()
        if abs(weights[at]) >= _LEAST_WEIGHT
    )


def _says(model: Model, row: Array, aspect: str) -> Words:
    """The rarest value of an aspect, beside the ordinary subscribers."""
    told = [
        _compared(model, column, float(row[at]), at)
        for at, column in enumerate(columns())
        if column.aspect == aspect and column.is_amount
    ]
    _, says = min(told, key=lambda each: each[0])
    about = aspects()[aspect]
    return Words(f"{about.zh}：{says.zh}", f"{about.en}: {says.en}")


def _compared(model: Model, column: Column, value: float, at: int) -> tuple[float, Words]:
    """How rare a value is (share of ordinary subscribers as far out or further), and the words."""
    others = model.ordinary[:, at]
    zh, en = column.name
    known = others[~np.isnan(others)]
    if np.isnan(value):
        gaps = 1 - len(known) / len(others)
        return gaps, Words(
            f"没有“{zh}”的记录，未涉诈用户中 {gaps:.0%} 如此",
            f"no record of {en}; so are {gaps:.0%} of subscribers not involved in fraud",
        )
    if not len(known):
        return 1.0, Words(
            f"{zh} {_figure(value)}，没有可比的数据",
            f"{en} {_figure(value)}; nothing to compare it with",
        )
    below, above = float((known < value).mean()), float((known > value).mean())
    middle = _figure(float(np.median(known)))
    if below >= above:
        return 1 - below, Words(
            f"{zh} {_figure(value)}，高于 {_share(below)} 的未涉诈用户（中位数 {middle}）",
            f"{en} {_figure(value)}, above {_share(below)} of subscribers not involved in fraud"
            f" (median {middle})",
        )
    return 1 - above, Words(
        f"{zh} {_figure(value)}，低于 {_share(above)} 的未涉诈用户（中位数 {middle}）",
        f"{en} {_figure(value)}, below {_share(above)} of subscribers not involved in fraud"
        f" (median {middle})",
    )


def _share(share: float) -> str:
    """99.97 % is not all."""
    return f"{min(share, 0.999):.1%}" if share > 0.99 else f"{share:.0%}"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
