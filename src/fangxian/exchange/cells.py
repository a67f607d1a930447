"""What one cell of a list may hold, and how its sender sees it."""

from __future__ import annotations

from datetime import date, datetime, time

Cell = str | int | float | bool | datetime | date | time
Row = list[Cell]


def cell_text(cell: Cell) -> str:
    """A cell as its sender sees it: 12000001234.0 -> "12000001234", dates as 2026-03-05 14:30."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        # A phone or a 12-digit place code typed as a number comes back as a float.
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e21 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "seconds" if cell.second else "minutes")
    if isinstance(cell, time):
        return cell.isoformat("seconds" if cell.second else "minutes")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def is_blank(cell: Cell) -> bool:
    """Whether there is nothing to see in the cell."""
    return isinstance(cell, str) and (not cell or cell.isspace())
