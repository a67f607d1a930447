"""The text model: a table of weights for n-grams, and what it says of texts."""

from .weights import Heads, Model, load_model, read_model, write_model

__all__ = ["Heads", "Model", "load_model", "read_model", "write_model"]
