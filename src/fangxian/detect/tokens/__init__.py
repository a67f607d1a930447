"""Texts into tokens and hashed n-grams: what the model sees."""

from .arrays import Grams
from .bulk import LONGEST, shortened
from .reading import Batch, Reading, batch, compiled, grams, grams_of_one, read_one

__all__ = [
    "LONGEST",
    "Batch",
    "Grams",
    "Reading",
    "batch",
    "compiled",
    "grams",
    "grams_of_one",
    "read_one",
    "shortened",
]
