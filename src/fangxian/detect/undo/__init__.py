"""Undoing the disguise of a text, with the way back to what was written."""

from .undo import (
    NUMERALS,
    Disguise,
    DisguiseKind,
    Undone,
    between_letters,
    guarded_pairs,
    latin_words,
    odd_spellings,
    rare_letters,
    undo,
)

__all__ = [
    "NUMERALS",
    "Disguise",
    "DisguiseKind",
    "Undone",
    "between_letters",
    "guarded_pairs",
    "latin_words",
    "odd_spellings",
    "rare_letters",
    "undo",
]
