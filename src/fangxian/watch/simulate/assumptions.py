"""Everything that a simulation is made with, as it stands in about.json."""

from __future__ import annotations

from typing import Any

from .callers import CALLERS
from .figures import figures
from .messages import MESSAGES
from .swindles import SWINDLES, paid_per_10k_and_quarter


def assumptions() -> dict[str, Any]:
    """Every figure and table row that a simulation is made with, as JSON has it."""
    return {
        "figures": {
            name: {
                "figure": float(each),
                "zh": each.says.zh,
                "en": each.says.en,
                "from": each.basis.en,
            }
            for name, each in figures().items()
        },
        "callers": [_plain(each._asdict()) for each in CALLERS],
        "messages": [_plain(each._asdict()) for each in MESSAGES],
        "swindles": [
            _plain({**each._asdict(), "steps": [step._asdict() for step in each.steps]})
            for each in SWINDLES
        ],
        "paid_per_10k_and_quarter": round(paid_per_10k_and_quarter(), 2),
    }


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    says = row.pop("says")
    return {**row, "zh": says.zh, "en": says.en}
