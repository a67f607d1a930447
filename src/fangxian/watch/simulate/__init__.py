"""A living town with swindles woven in: events for trying the watch, and the truth about them.

`simulate` writes both; `shuffled` brings a table of events out of order, for tests of the watch.
"""

from .shuffling import shuffled
from .town import START, Made, simulate

__all__ = ["START", "Made", "shuffled", "simulate"]
