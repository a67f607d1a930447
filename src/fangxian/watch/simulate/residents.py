"""Who lives there: ages, families, habits, and whom they know.

Kept as arrays by resident (0 up to `count`); people outside follow in the same list. Whom one knows
is computed from a hash, so that a province costs no table of friendships.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from . import figures as f
from .numbers import Ints, mixed, mobile

MINOR, YOUNG, MIDDLE, ELDER = range(4)
FAMILY = 4
# How often each resident stands in the list from which callers are picked.
_WHEEL = 4
_HOUSEHOLDS = (
    0.22,
    0.30,
    0.22,
    0.15,
    0.11,
)  # one to five in a household: mean 2.6 (census of 2020)

People = NDArray[np.int64]


class Residents:
    """`count` residents, the same for the same seed."""

    def __init__(self, count: int, seed: int) -> None:
        rng = np.random.default_rng((seed, 1))
        self.count, self.seed = count, seed
        self.outside = max(50, int(count * f.OUTSIDE))
        shares = np.array([f.MINORS, f.YOUNG, f.MIDDLE, f.ELDERS])
        self.age = rng.choice(4, count, p=shares / shares.sum()).astype(np.int8)
        self.by_age = [np.flatnonzero(self.age == age) for age in range(4)]
        self.named = rng.random(count) < f.FAMILY_NAMED
        self.number = mobile(np.arange(count))
        working = ((self.age == YOUNG) | (self.age == MIDDLE)) & (rng.random(count) < f.AT_WORK)
        self.workers = np.flatnonzero(working)
        # Asked for in every window.
        self._groups: dict[int, tuple[int, People]] = {}
        self._aged: dict[tuple[int, ...], People] = {}
        self._families(rng)
        self._habits(rng)

    def _families(self, rng: np.random.Generator) -> None:
        """Two to four each: who lives in the same household first, then relatives anywhere."""
        sizes = rng.choice(np.arange(1, 6), self.count, p=_HOUSEHOLDS)
        first = np.concatenate([[0], np.cumsum(sizes)])
        first = first[first < self.count]
        house = np.searchsorted(first, np.arange(self.count), side="right") - 1
        begin = first[house]
        size = np.append(first, self.count)[house + 1] - begin
        self.kin = rng.integers(2, FAMILY + 1, self.count)
        me = np.arange(self.count)
        self.family = np.empty((self.count, FAMILY), np.int32)
        for slot in range(FAMILY):
            fellow = begin + (me - begin + slot + 1) % size
            relative = self._somebody(mixed(self.seed, 2, me, slot), me)
            self.family[:, slot] = np.where(slot < size - 1, fellow, relative)

    def _habits(self, rng: np.random.Generator) -> None:
        by_age = np.array([0.5, 1.1, 1.15, f.ELDER_HABIT])
        rings = rng.lognormal(0, f.HABIT_SPREAD, self.count) * by_age[self.age]
        spokes = (np.arange(_WHEEL * self.count) + 0.5) / (_WHEEL * self.count)
        self.wheel = np.searchsorted(np.cumsum(rings) / rings.sum(), spokes).astype(np.int32)
        self.wheel.clip(0, self.count - 1, out=self.wheel)

    def _somebody(self, key: NDArray[np.uint64], me: People) -> People:
        """Somebody in the town (three in five) or outside it, never oneself."""
        key = (key >> np.uint64(1)).astype(np.int64)
        inside = (me + 1 + (key >> 3) % max(1, self.count - 1)) % self.count
        return np.where(key % 5 < 3, inside, self.count + (key >> 3) % self.outside)

    def active(self, rng: np.random.Generator, how_many: int) -> People:
        """Residents, each as often as they use the telephone."""
        return self.wheel[rng.integers(0, len(self.wheel), how_many)].astype(np.int64)

    def anyone(self, rng: np.random.Generator, how_many: int) -> People:
        return rng.integers(0, self.count, how_many)

    def relative_of(self, rng: np.random.Generator, who: People) -> People:
        return self.family[who, rng.integers(0, self.kin[who])].astype(np.int64)

    def friend_of(self, rng: np.random.Generator, who: People) -> People:
        """One of the circle; the nearest of it most often."""
        place = (f.CIRCLE * rng.random(len(who)) ** 2).astype(np.int64)
        return self._somebody(mixed(self.seed, 3, who, place), who)

    def aged(self, ages: tuple[int, ...]) -> People:
        """Everybody of these age groups."""
        if ages not in self._aged:
            self._aged[ages] = np.concatenate([self.by_age[age] for age in ages])
        return self._aged[ages]

    def some(self, share: float, key: int, period: int) -> People:
        """Who is of a group that changes every period: the same for the same key and period."""
        before, group = self._groups.get(key, (None, None))
        if before != period or group is None:
            drawn = mixed(self.seed, key, period, np.arange(self.count)) >> np.uint64(11)
            group = np.flatnonzero(drawn.astype(np.float64) / 2**53 < share)
            self._groups[key] = period, group
        return group

    def is_family(self, who: People, other: People) -> NDArray[np.bool_]:
        """Whether `who` named `other` as family."""
        slots = np.arange(FAMILY) < self.kin[who][:, None]
        found: NDArray[np.bool_] = ((self.family[who] == other[:, None]) & slots).any(axis=1)
        return found & self.named[who]


def account(person: object) -> Ints:
    """The account at which a person is paid."""
    return np.asarray(person, np.int64) + 1_000_000_000
