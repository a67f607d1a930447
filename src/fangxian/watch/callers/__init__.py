"""What a number did in the last hour and day, as it was settled when an event needs it."""

from .acquainted import Acquaintances
from .cells import STEP, edge_of
from .profile import Profiles
from .windows import BUSY, Callers, Done

__all__ = ["BUSY", "STEP", "Acquaintances", "Callers", "Done", "Profiles", "edge_of"]
