"""Whom the gangs try, day by day. Most attempts end within seconds and are made all at once; each one
that becomes serious is a story."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from . import figures as f
from .gangs import Gang
from .messages import visit
from .numbers import mixed
from .residents import People, Residents
from .rhythm import DAY, HOUR, MINUTE, RHYTHMS, Times
from .rows import SILENT, Rows, blank
from .stories import Story
from .swindles import CONTACT, SWINDLES, Swindle
from .talks import calls
from .truth import HUNG_UP, IGNORED, OPEN, UNANSWERED, Truth
from .words import Words

# At most so many of the attempts become serious; above that an intensity is made of more attempts.
_MOST_SERIOUS = 0.6
# A swindle of more days than these may have begun before the simulation does.
_SLOW = 10


def more_often(swindle: Swindle, intensity: float) -> tuple[float, float]:
    """How many times as many attempts of a kind an intensity makes, and how many times as many of
    them become serious."""
    more_serious = min(intensity**0.5, _MOST_SERIOUS / swindle.serious)
    return intensity / more_serious, more_serious


class Attempts:
    """Every attempt of a simulation.

    `intensity`: so many times as many victims of every kind. Half of it comes from more attempts (its
    root), half from more of them becoming serious: a small run has victims without drowning in calls.
    """

    def __init__(
        self, residents: Residents, words: Words, truth: Truth, seed: int, intensity: float
    ) -> None:
        self._residents, self._words, self._truth = residents, words, truth
        self._seed, self._intensity = seed, intensity
        self._gangs: dict[tuple[int, int, int], Gang] = {}

    def before(self, start: int) -> Iterator[Rows]:
        """Rows of slow swindles that opened before `start`; they may go on after it."""
        for sort, swindle in enumerate(SWINDLES):
            if swindle.days > _SLOW:
                for day in range(-swindle.days, 0):
                    yield from self._of(sort, start + day * DAY, start + (day + 1) * DAY)

    def between(self, start: int, end: int) -> Iterator[Rows]:
        """Rows of every attempt that opens between two moments; they may go on long after."""
        for sort in range(len(SWINDLES)):
            yield from self._of(sort, start, end)

    def _of(self, sort: int, start: int, end: int) -> Iterator[Rows]:
        swindle = SWINDLES[sort]
        rng = np.random.default_rng((self._seed, 13, sort, start // HOUR))
        rhythm = RHYTHMS[swindle.rhythm]
        more, more_serious = more_often(swindle, self._intensity)
        rate = swindle.attempts * more * self._residents.count / 1000
        count = rng.poisson(rate * rhythm.days(start, end))
        who, at = self._targets(swindle, rng, count), rhythm.draw(rng, count, start, end)
        slot = rng.integers(0, max(1, round(rate / swindle.quota)), count)
        serious = rng.random(count) < swindle.serious * more_serious
        shares = (swindle.calls, swindle.calls + swindle.texts)
        opens = np.searchsorted(shares, rng.random(count), side="right")
        brushed_off = (self._calls, self._texts, self._chats)
        for each in np.unique(slot):
            gang = self._gang(sort, int(each), start)
            for channel, made in enumerate(brushed_off):
                mine = np.flatnonzero((slot == each) & (opens == channel) & ~serious)
                if len(mine):
                    yield made(gang, rng, at[mine], who[mine])
            for one in np.flatnonzero((slot == each) & serious):
                yield self._story(gang, rng, int(who[one]), int(at[one]), int(opens[one]))

    def _story(self, gang: Gang, rng: np.random.Generator, who: int, at: int, opens: int) -> Rows:
        number = self._truth.expect(gang, np.array([who]), OPEN)
        rows, ended, ends = Story(gang, self._residents, self._words, rng, who, at).tell(opens)
        rows["attempt"] = number
        self._truth.ends(number, ended, ends)
        return rows

    def _targets(self, swindle: Swindle, rng: np.random.Generator, count: int) -> People:
        groups = self._residents.by_age
        weights = np.array([w * len(g) for w, g in zip(swindle.ages, groups, strict=True)])
        if not weights.sum():  # a hamlet in which nobody is of the ages they look for
            return self._residents.anyone(rng, count)
        age = rng.choice(len(groups), count, p=weights / weights.sum())
        who = np.zeros(count, np.int64)
        for group, members in enumerate(groups):
            mine = age == group
            who[mine] = members[rng.integers(0, max(1, len(members)), int(mine.sum()))]
        return who

    def _gang(self, sort: int, slot: int, now: int) -> Gang:
        """Who stands in this slot on this day; gangs change on different days."""
        shift = int(mixed(self._seed, sort, slot) % np.uint64(97))
        turn, rest = divmod(now // DAY + shift, int(f.CAMPAIGN_DAYS))
        key = (sort, slot, turn)
        if key not in self._gangs:
            name = f"{SWINDLES[sort].kind}-{slot}-{turn}"
            begins = (now // DAY - rest) * DAY
            seed = (self._seed, *key)
            made = Gang(name, SWINDLES[sort], seed, begins, self._words, self._residents)
            self._gangs[key] = made
        return self._gangs[key]

    def _calls(self, gang: Gang, rng: np.random.Generator, at: Times, who: People) -> Rows:
        """Calls that are not answered, or hung up on."""
        answered = rng.random(len(at)) < f.CALLS_ANSWERED
        talked = 1 + rng.lognormal(np.log(f.HUNG_UP_SECONDS), 0.9, len(at))
        number, kinds = gang.lines(at)
        rows = calls(rng, at, who, number, kinds, np.where(answered, talked, 0))
        first = self._truth.expect(gang, who, np.where(answered, HUNG_UP, UNANSWERED))
        return self._contacts(gang, rng, rows, first)

    def _texts(self, gang: Gang, rng: np.random.Generator, at: Times, who: People) -> Rows:
        """Texts that are ignored, or whose link is opened and left."""
        rows = gang.texts(rng, at, who)
        first = self._truth.expect(gang, who, IGNORED)
        looks = np.flatnonzero(rng.random(len(at)) < f.LINK_LOOKED_AT)
        later = at[looks] + rng.integers(MINUTE, 4 * HOUR, len(looks))
        looked = visit(later, who[looks], gang.links(rows["text"][looks]))
        looked["attempt"] = first + looks
        return np.concatenate([self._contacts(gang, rng, rows, first), looked])

    def _chats(self, gang: Gang, rng: np.random.Generator, at: Times, who: People) -> Rows:
        """Words in a chat that are ignored: no event at all."""
        rows = blank(len(at), SILENT)
        rows["time"], rows["resident"], rows["stage"] = at, who, CONTACT
        rows["attempt"] = self._truth.expect(gang, who, IGNORED) + np.arange(len(at))
        return rows

    def _contacts(self, gang: Gang, rng: np.random.Generator, rows: Rows, first: int) -> Rows:
        rows["stage"], rows["attempt"] = CONTACT, first + np.arange(len(rows))
        some = rows[rng.random(len(rows)) < f.REPORTED_BRUSHED_OFF]
        later = some["time"] + rng.integers(MINUTE, 10 * HOUR, len(some))
        reports = gang.report(rng, later, some["resident"], some["other"], some["attempt"])
        return np.concatenate([rows, reports])
