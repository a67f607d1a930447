"""What is this message, number, link, call? A library without web or database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .checking import Many, check, check_many
    from .verdict import Grade, Verdict

__all__ = ["Grade", "Many", "Verdict", "check", "check_many"]

_HOMES = {
    "check": "checking", "check_many": "checking", "Many": "checking",
    "Grade": "verdict", "Verdict": "verdict",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Open a room of the detector when something of it is first asked for: the kinds of fraud are
    wanted by pages that never look at a text."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
