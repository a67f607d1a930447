"""Texts into tokens and hashed n-grams: what the model sees."""

from .reading import Batch, Grams, Reading, batch, compiled, grams, read_one

__all__ = ["Batch", "Grams", "Reading", "batch", "compiled", "grams", "read_one"]
