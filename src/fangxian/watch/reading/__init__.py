"""Events from the world into columns: from lines, bodies of requests, tables and files.

Whatever comes, comes out as a `Read`: the events that can be used, and what was set aside, with
where it stood and why. Nothing is lost and nothing raises but the disk.
"""

from .files import event_files, read_files
from .lines import of_batch, of_lines
from .schema import schema_page
from .tables import of_table
from .writing import as_lines
from .wrong import DONE, LATE, OTHER_CONTENT, OUT_OF_ORDER, Place, Read, Reason, Wrong

__all__ = [
    "DONE",
    "LATE",
    "OTHER_CONTENT",
    "OUT_OF_ORDER",
    "Place",
    "Read",
    "Reason",
    "Wrong",
    "as_lines",
    "event_files",
    "of_batch",
    "of_lines",
    "of_table",
    "read_files",
    "schema_page",
]
