"""The watch on one machine: events from a source, warnings to sinks, nothing lost and nothing
doubled, whenever it is killed."""

from .running import Pace, run
from .sources import Batch, Source

__all__ = ["Batch", "Pace", "Source", "run"]
