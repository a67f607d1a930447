"""Where events come from: one small protocol, and a module for each sort of source."""

from .source import Batch, Position, Source

__all__ = ["Batch", "Position", "Source"]
