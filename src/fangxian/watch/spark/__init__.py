"""The watch on Apache Spark: the same warnings as the local runner's, by as many machines as there
are."""

from .lines import LinesFolder
from .running import run
from .session import session
from .sources import Files, Kafka

__all__ = ["Files", "Kafka", "LinesFolder", "run", "session"]
