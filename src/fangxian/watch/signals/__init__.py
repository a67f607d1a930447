"""Signals: what an analyst calls suspicious, each a few lines of YAML."""

from .book import SHIPPED, Book, Signal, Step, read_book, shipped_book
from .matching import Firing, Seen, all_marks, firings

__all__ = [
    "SHIPPED",
    "Book",
    "Firing",
    "Seen",
    "Signal",
    "Step",
    "all_marks",
    "firings",
    "read_book",
    "shipped_book",
]
