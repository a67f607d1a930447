"""Undoing the disguise of a text, with the way back to what was written."""

from .guarded import odd_characters, odd_pairs
from .undo import NUMERALS, Disguise, DisguiseKind, Undone, latin_words, odd_spellings, said, undo

__all__ = [
    "NUMERALS",
    "Disguise",
    "DisguiseKind",
    "Undone",
    "latin_words",
    "odd_characters",
    "odd_pairs",
    "odd_spellings",
    "said",
    "undo",
]
