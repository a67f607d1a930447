"""What is worked out of a row's columns, in groups, so that a benchmark can say what each gives.

The table holds aggregates, not calls: what a share of night calls or an entropy would say is in how
far the calls of the fullest hour or day are from an even spread over the hours or days with calls.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np
from numpy.typing import NDArray

from .columns import place

Array = NDArray[np.float64]
Of = Callable[[str], Array]
Group = dict[str, Array]


def features(values: Array, without: Collection[str] = ()) -> tuple[list[str], Array]:
    """Names and values (n, features) for `Subscribers.values`; NaN where a part is missing or a
    divisor is 0. `without`: groups to leave out (GROUPS)."""

    def of(key: str) -> Array:
        return values[:, place()[key]]

    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        made = {
            f"{name}.{key}": value
            for name, group in GROUPS.items()
            if name not in without
            for key, value in group(of).items()
        }
    table = np.column_stack(list(made.values())).astype(np.float64)
    table[~np.isfinite(table)] = np.nan
    return list(made), table


def _columns(of: Of) -> Group:
    return {key: of(key) for key in place()}


def _missing(of: Of) -> Group:
    """Which months and parts are not there; the months with a bill follow from sum and mean."""
    billed = np.round(of("arpu_sum") / of("arpu_mean"))
    gone = sum(np.isnan(of(key)).astype(float) for key in place())
    return {
        "cells": np.asarray(gone),
        "calls": np.isnan(of("opposite_count")).astype(float),
        "bills": np.isnan(of("arpu_mean")).astype(float),
        "months_billed": billed,
        "months_of_variance": of("arpu_var") / of("arpu_sem") ** 2,
        "billed_without_data": billed - of("month_ids"),
    }


def _contacts(of: Of) -> Group:
    """A caller of strangers calls many numbers once, and is called back by none."""
    calls, numbers, made = of("opposite_count"), of("opposite_unique"), of("voccalltype1")
    talk = of("call_dur_mean") * calls
    return {
        "numbers_per_call": numbers / calls,
        "made_per_number": made / numbers,
        "taken": calls - made,
        "taken_per_number": (calls - made) / numbers,
        "share_of_most_called": of("phone2opposite_max") / calls,
        "share_of_most_talked": of("phone2oppo_sum_max") / talk,
        "mean_over_median": of("phone2oppo_sum_mean") / of("phone2oppo_sum_median"),
        "mean_if_median_is_once": of("phone2opposite_mean") * (of("phone2opposite_median") == 1),
        "numbers_messages_over_calls": of("sms_nunique") / numbers,
        "numbers_per_message": of("sms_nunique") / of("sms_count"),
        "counties_per_number": of("county_name_call") / numbers,
        "counties_per_call": of("county_name_call") / calls,
        "counties_of_calls_taken": of("county_name_nunique") - of("county_name_call"),
        "counties_per_city": of("county_name_nunique") / np.maximum(of("city_name_nunique"), 1),
    }


def _pace(of: Of) -> Group:
    """How much in a day or an hour that had any."""
    calls, days = of("opposite_count"), of("voc_day_nunique")
    talk = of("call_dur_mean") * calls
    return {
        "calls_a_day": calls / days,
        "calls_an_hour": calls / of("voc_hour_nunique"),
        "talk": talk,
        "talk_a_day": talk / days,
        "call_mean_over_median": of("call_dur_mean") / of("call_dur_median"),
        "messages_a_day": of("sms_count") / of("day_nunique"),
        "messages_per_call": of("sms_count") / calls,
        "messages_sent": of("sms_count") - of("calltype_2"),
    }


def _evenness(of: Of) -> Group:
    """How far the fullest hour and day stand out."""
    out: Group = {
        "days_of_messages_over_calls": of("day_nunique") - of("voc_day_nunique"),
        "hours_of_messages_over_calls": of("hour_nunique") - of("voc_hour_nunique"),
        "hour_of_messages_over_calls": of("hour_mode") - of("voc_hour_mode"),
        "day_of_messages_over_calls": of("day_mode") - of("voc_day_mode"),
    }
    for total, prefix in (("opposite_count", "voc_"), ("sms_count", "")):
        for unit in ("hour", "day"):
            fullest, number = of(f"{prefix}{unit}_mode_count"), of(f"{prefix}{unit}_nunique")
            out[f"{prefix}{unit}_fullest"] = fullest / of(total)
            out[f"{prefix}{unit}_even"] = of(total) / (fullest * number)
            out[f"{prefix}{unit}_fullest_over_number"] = fullest / number
    return out


def _devices(of: Of) -> Group:
    """A card that goes from handset to handset."""
    return {
        "per_call": of("imeis") / of("opposite_count"),
        "per_day": of("imeis") / of("voc_day_nunique"),
    }


def _bills(of: Of) -> Group:
    """From month to month, and what the round or broken sums say of the tariff."""
    mean, median = of("arpu_mean"), of("arpu_median")
    least, most, total = of("arpu_min"), of("arpu_max"), of("arpu_sum")
    months = np.round(total / mean)
    size = np.maximum(np.abs(mean), 1)
    out: Group = {
        "range": most - least,
        "range_over_mean": (most - least) / size,
        "deviation_over_mean": np.sqrt(of("arpu_var")) / size,
        "mean_less_median": mean - median,
        "most_less_median": most - median,
        "median_less_least": median - least,
        "most_over_least": most / np.maximum(least, 0.5),
        "least_is_median": (least == median).astype(float),
        "all_but_most": total - most,
        "all_but_most_over_least": total - most - least * (months - 1),
        "skew_over_months": of("arpu_skew") / np.sqrt(months),
        "per_call": total / (of("opposite_count") + 1),
        "per_data": total / (of("flow_sum") + 1),
        "talk_over_bills": of("call_dur_mean") * of("opposite_count") / np.maximum(abs(total), 1),
    }
    for key in ("arpu_min", "arpu_median", "arpu_max", "arpu_mean"):
        out[f"{key}_broken"] = np.round(of(key) - np.floor(of(key)), 4)
    return out


def _data(of: Of) -> Group:
    """A handset that only calls moves little data."""
    total, mean, months = of("flow_sum"), of("flow_mean"), of("month_ids")
    return {
        "per_app": total / (of("busi_count") + 1),
        "apps_a_month": of("busi_count") / months,
        "share_of_most": of("flow_max") / total,
        "records": total / mean,
        "records_a_month": total / mean / months,
        "months": total / of("flow_month"),
        "deviation_over_mean": np.sqrt(of("flow_var")) / mean,
        "median_over_mean": of("flow_median") / mean,
    }


GROUPS: dict[str, Callable[[Of], Group]] = {
    "columns": _columns,
    "missing": _missing,
    "contacts": _contacts,
    "pace": _pace,
    "evenness": _evenness,
    "devices": _devices,
    "bills": _bills,
    "data": _data,
}
