"""Texts into tokens and hashed n-grams: what the model sees."""

from .reading import Batch, Reading, batch, grams, has_tokens, read_one

__all__ = ["Batch", "Reading", "batch", "grams", "has_tokens", "read_one"]
