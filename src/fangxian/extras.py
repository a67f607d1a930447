"""How to get what an extra of the package needs, for whoever does not have it."""

from __future__ import annotations

import sys
from pathlib import Path

# As tools/setup.py calls them.
_BY_MAKE = {"watch": "make dev", "spark": "make spark"}


def how_to_get(extra: str) -> str:
    """The command: in a clone that of its Makefile, else pip's."""
    clone = Path(__file__).parents[2]
    if (clone / "tools" / "setup.py").exists():
        return _BY_MAKE[extra]
    return f"{sys.executable} -m pip install 'fangxian[{extra}]'"
