"""A few residents and numbers who do all the time what signals ask for: events for tests."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from fangxian.watch.events import SCHEMA

SECOND = 1_000_000
# 03:30 in Beijing, 2026-03-01: half an hour before the day is cut.
BEGIN = 1_772_307_000 * SECOND


def busy_days(
    seed: int, count: int, hours: float, residents: int = 6, numbers: int = 5
) -> pa.Table:
    """`count` events in `hours`, in order of time; the first long before, for a watch that has just
    begun calls nobody new."""
    rng = np.random.default_rng(seed)
    times = np.sort(rng.integers(0, int(hours * 3600 * SECOND), count)) + BEGIN
    times[0] = BEGIN - 8 * 86_400 * SECOND
    rows = [_event(rng, n, int(time), residents, numbers) for n, time in enumerate(times)]
    return pa.Table.from_pylist(rows, SCHEMA)


def _event(
    rng: np.random.Generator, n: int, time: int, residents: int, numbers: int
) -> dict[str, object]:
    row: dict[str, object] = {
        "id": f"e{n}", "source": "test", "time": time,
        "resident": f"+8612{rng.integers(residents):09d}",
    }  # fmt: skip
    caller = f"+8612{900 + rng.integers(numbers):09d}"
    what = rng.random()
    campaign = (None, "wave-1", "wave-2")[rng.integers(3)]
    if what < 0.6:
        family = bool(rng.random() < 0.1)
        return row | {
            "type": "call.ended", "other": caller, "family": family, "outgoing": family,
            "other_kind": ("overseas", "virtual", "mobile", None)[rng.integers(4)],
            "seconds": int(rng.choice([0, 5, 40, 400, 900])), "rings": int(rng.integers(1, 20)),
        }  # fmt: skip
    if what < 0.8:
        return row | {
            "type": "sms.received", "other": caller, "text_score": float(rng.choice([0.1, 0.97])),
            "code": (None, "bank", "other")[rng.integers(3)], "campaign": campaign,
            "text": (None, f"请看 http://site{rng.integers(4)}.example/a")[rng.integers(2)],
        }  # fmt: skip
    if what < 0.86:
        return row | {
            "type": "app.installed", "app": ("remote", "unknown_source", "store")[rng.integers(3)],
            "other": f"package-{rng.integers(4)}",
        }  # fmt: skip
    if what < 0.92:
        return row | {
            "type": "link.visited", "link_score": float(rng.choice([0.01, 0.5, 0.9])),
            "other": f"site{rng.integers(4)}.example",
        }  # fmt: skip
    if what < 0.98:
        return row | {
            "type": "transfer.requested", "other": f"payee{rng.integers(9)}",
            "amount": int(rng.choice([1_000, 100_000])), "new_payee": bool(rng.random() < 0.7),
        }  # fmt: skip
    return row | {
        "type": "report.filed", "text_score": 0.9, "other": caller, "campaign": campaign,
    }  # fmt: skip
