"""A gang at one campaign: from which numbers it rings, what it writes, where its links lead.

It has one number to ring from at a time; when that is reported or blocked it takes another.
"""

from __future__ import annotations

import numpy as np

from . import figures as f
from .messages import without_some_texts
from .money import STRANGE, STRANGERS
from .numbers import (
    FORGED,
    LANDLINE,
    MOBILE,
    OVERSEAS,
    SERVICE,
    VIRTUAL,
    Ints,
    line,
    mixed,
    mobile,
    port,
)  # fmt: skip
from .residents import People, Residents
from .rhythm import HOUR, Times
from .rows import REPORT, SMS, Rows, blank
from .swindles import Swindle
from .words import Places, Words

_KINDS = np.array([MOBILE, LANDLINE, VIRTUAL, OVERSEAS, SERVICE, FORGED])
# Numbers that last for longer than any campaign.
_NUMBERS = 200
_DESK = 1000
_ACCOUNTS = 3


class Gang:
    """One campaign; the same for the same `seed`. `name` is what the truth calls it."""

    def __init__(
        self, name: str, swindle: Swindle, seed: tuple[int, ...], begins: int,
        words: Words, residents: Residents,
    ) -> None:  # fmt: skip
        rng = np.random.default_rng((11, *seed))
        self.name, self.swindle = name, swindle
        self._words, self._outside = words, (residents.count, residents.outside)
        self._key = int(rng.integers(0, 2**40))
        lasts = rng.exponential(f.BURNT_AFTER * HOUR, _NUMBERS)
        self._burnt = begins + np.cumsum(lasts).astype(np.int64)
        texts = words.fraud[swindle.kind]
        self._texts = texts[rng.integers(0, len(texts), 2)]
        host = f"{'abcdefghkmnprstwxyz'[self._key % 19]}{self._key % 100_003}"
        ending = ("example", "test")[self._key % 2]
        self._link = words.link(f"http://{host}.{ending}/{self._key % 97}")
        self.package = words.app(f"package-{self._key % 10_007}")

    def lines(self, at: Times, *, desk: bool = False) -> tuple[Ints, Ints]:
        """The numbers in use at these times and their kinds; `desk`: the second person's."""
        used = np.searchsorted(self._burnt, at) + (_DESK if desk else 0)
        key = mixed(self._key, used)
        drawn = (key & np.uint64(0xFFFF)).astype(float) / 65536
        mix = np.cumsum(self.swindle.desk if desk else self.swindle.numbers)
        kinds = _KINDS[np.minimum(np.searchsorted(mix / mix[-1], drawn, side="right"), 5)]
        number = line(kinds, mixed(12, key.view(np.int64)), gang=True)
        whose = (key >> np.uint64(20)).astype(np.int64)
        number = np.where(kinds == SERVICE, port(whose), number)
        # A lent SIM has a past: it is the number of an acquaintance of somebody in the town.
        lent = (kinds == MOBILE) & ((whose >> 20) % 100 < 100 * f.LENT_SIM)
        count, outside = self._outside
        return np.where(lent, mobile(count + whose % outside), number), kinds

    def payees(self, rng: np.random.Generator, at: Times) -> Ints:
        """Accounts of people who lent or sold theirs: a few at a time, changed as often as numbers."""
        used = np.searchsorted(self._burnt, at)
        key = mixed(self._key, used, rng.integers(0, _ACCOUNTS, len(at)), 14)
        return STRANGERS + (key >> np.uint64(1)).astype(np.int64) % STRANGE

    def texts(self, rng: np.random.Generator, at: Times, who: People) -> Rows:
        """Text messages; landlines cannot send any, so a port does in their place."""
        rows = blank(len(at), SMS)
        number, kinds = self.lines(at)
        fixed = kinds == LANDLINE
        rows["time"], rows["resident"] = at, who
        rows["other"] = np.where(fixed, port(number), number)
        rows["kind"] = np.where(fixed, SERVICE, kinds)
        rows["text"] = self._texts[rng.integers(0, len(self._texts), len(at))]
        plain = self._words.honest["personal_chat"]
        dull = np.where(rng.random(len(at)) < 0.5, -1, plain[rng.integers(0, len(plain), len(at))])
        rows["text"] = np.where(rng.random(len(at)) < f.PLAIN_TEXTS, dull, rows["text"])
        known = rng.random(len(at)) < f.WAVE_KNOWN
        rows["wave"] = np.where(known, self._key % 2**31, -1)
        return without_some_texts(rng, rows)

    def links(self, texts: Places) -> Places:
        """The link in each text, or the gang's own where there is none."""
        found = np.array([*self._words.links_of, -1], np.int32)[texts]
        return np.where(found < 0, self._link, found).astype(np.int32)

    def report(
        self, rng: np.random.Generator, at: Times, who: People, number: Ints, attempt: Ints
    ) -> Rows:
        """Residents report `number`, half of them with what was said or written."""
        rows = blank(len(at), REPORT)
        told = self._words.told[self.swindle.kind]
        told = told[rng.integers(0, len(told), len(at))]
        rows["time"], rows["resident"], rows["other"] = at, who, number
        rows["text"] = np.where(rng.random(len(at)) < 0.5, told, -1)
        known = (rows["text"] >= 0) & (rng.random(len(at)) < f.WAVE_KNOWN)
        rows["wave"] = np.where(known, self._key % 2**31, -1)
        rows["attempt"] = attempt
        return rows
