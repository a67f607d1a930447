"""Our own corpus of what fraud is and what it is not, and its reader."""

from .reading import Example, read_corpus

__all__ = ["Example", "read_corpus"]
