"""What is this message, number, link, call? A library without web or database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .calls import Call, CallVerdict, check_turns
    from .checking import Many, check, check_many
    from .verdict import Grade, Verdict

__all__ = [
    "Call",
    "CallVerdict",
    "Grade",
    "Many",
    "Verdict",
    "check",
    "check_many",
    "check_turns",
]

_HOMES = {
    "check": "checking", "check_many": "checking", "Many": "checking",
    "Call": "calls", "CallVerdict": "calls", "check_turns": "calls",
    "Grade": "verdict", "Verdict": "verdict",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Open a room of the detector when something of it is first asked for: the kinds of fraud are
    wanted by pages that never look at a text."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
