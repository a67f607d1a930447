"""What every sink promises, and what may go wrong with one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from fangxian.detect.kinds import Words

from ..alerts import Alert


class Unavailable(Exception):
    """The warnings were not all taken; the same call may be made again, and should be."""


class Sink(Protocol):
    """Where warnings go. The same alerts may be sent again, after a crash or an `Unavailable` too:
    whoever reads them sees each of its states once, the last one last."""

    def send(self, alerts: Sequence[Alert]) -> None:
        """Raises Unavailable for what should be tried again."""


class Refused(NamedTuple):
    """A warning that can never be sent there. `key` for machines and counters, `says` for people;
    `answer`: what the other side said, "" if it was not asked."""

    alert: Alert
    key: str
    says: Words
    answer: str = ""


# Takes what a sink sets aside, in its call of `send`.
Aside = Callable[[Refused], None]
