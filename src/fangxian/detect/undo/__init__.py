"""Undoing the disguise of a text, with the way back to what was written."""

from .undo import Disguise, DisguiseKind, Undone, undo

__all__ = ["Disguise", "DisguiseKind", "Undone", "undo"]
