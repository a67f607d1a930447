"""What an action of the town may refuse."""

from __future__ import annotations


class Refused(Exception):
    """An action that cannot be done. `str()` is a sentence for the person who tried."""


class WrongPassword(Refused):
    """The password given as the present one is not."""
