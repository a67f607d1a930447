"""What is known of a caller's number from reports: a table on disk, decaying, with a way out.

`build` makes the table from reports, `merge` adds reports to it, `Reputation` reads it, and `clear`
upholds an appeal: from that moment no reader, in this process or another, sees the number any more.
"""

from .building import build, merge
from .form import HALF_LIFE, ReputationError
from .journal import clear
from .reports import Columns, Report
from .table import Reputation, Standing

__all__ = [
    "HALF_LIFE",
    "Columns",
    "Report",
    "Reputation",
    "ReputationError",
    "Standing",
    "build",
    "clear",
    "merge",
]
