"""One attempt that becomes serious, told step by step."""

from __future__ import annotations

import numpy as np

from . import figures as f
from .gangs import Gang
from .messages import REMOTE, UNKNOWN_SOURCE, code, install, visit
from .money import rounded, transfer
from .numbers import MOBILE, OFFICIAL_WARNING, POLICE, SERVICE, UNKNOWN, mobile
from .residents import Residents
from .rhythm import DAY, HOUR, MINUTE, SECOND, Times, hour_of
from .rows import SILENT, Rows, blank
from .swindles import CONTACT, PAYMENT, REQUEST, TRUST, Span, Step
from .talks import calls
from .truth import BROKE_OFF, DISSUADED, PAID
from .words import Words

OPENS = CALLS, TEXTS, CHATS = range(3)
_LONG_PAUSE = 3 * HOUR
_SEEN = {
    "call": f.TALKS_SEEN, "desk": f.TALKS_SEEN, "link": f.LINKS_SEEN,
    "remote": f.APPS_SEEN, "package": f.APPS_SEEN,
}  # fmt: skip


class Story:
    """What one gang does with one resident, from `at` on."""

    def __init__(
        self, gang: Gang, residents: Residents, words: Words, rng: np.random.Generator,
        who: int, at: int,
    ) -> None:  # fmt: skip
        self._gang, self._residents, self._words, self._rng = gang, residents, words, rng
        self._who, self._now = np.array([who]), at
        self._call: Rows | None = None
        self._rows: list[Rows] = []
        self._number = UNKNOWN  # of the one who rang or wrote last

    def tell(self, opens: int) -> tuple[Rows, int, int]:
        """All rows, how it ended and when. `opens`: by call, text or chat."""
        rng, swindle = self._rng, self._gang.swindle
        drops = rng.random(3) < (swindle.isolated, swindle.asked, swindle.paid)
        last = TRUST + int(np.argmin([*drops, False]))
        began = {CONTACT: self._now}
        self._cash = rng.random() < swindle.cash
        for step in swindle.steps:
            if step.stage <= last and (step.what == "pay" or rng.random() < step.chance):
                self._goes(step, opens)
                began.setdefault(step.stage, self._now)
        ended = PAID if last == PAYMENT else BROKE_OFF
        if last == REQUEST and rng.random() < f.DISSUADED:
            ended = DISSUADED
            self._asks_family()
        ends = self._now
        self._afterwards(ended, began.get(TRUST, self._now))
        return np.concatenate(self._rows), ended, ends

    def _goes(self, step: Step, opens: int) -> None:
        rng, stage = self._rng, min(step.stage, REQUEST)  # only money is a payment
        for _ in range(int(rng.integers(step.times[0], step.times[1], endpoint=True))):
            if step.what == "pay":
                break
            self._wait(step.after)
            what = ("call", "text", "chat")[opens] if step.what == "open" else step.what
            if rng.random() >= _SEEN.get(step.what, 1.0):
                what, self._call = "chat", None
            minutes = step.minutes if step.minutes[1] else (1.0, 4.0)
            match what:
                case "call" | "desk":
                    self._rings(stage, minutes, desk=what == "desk")
                case "text":
                    self._writes(stage)
                case "link":
                    text = self._rows[0]["text"][:1] if self._rows else np.array([-1])
                    self._keep(visit(self._at(), self._who, self._gang.links(text)), stage)
                case "remote":
                    word = rng.choice(self._words.remote)
                    self._keep(install(self._during(), self._who, REMOTE, int(word)), stage)
                case "package":
                    app = install(self._at(), self._who, UNKNOWN_SOURCE, self._gang.package)
                    self._keep(app, stage)
                case "code":
                    self._keep(code(rng, self._words, self._at(), self._who), stage)
                case _:
                    self._keep(self._unseen(), stage)
        if step.what == "pay":
            self._pays(step)

    def _wait(self, minutes: Span) -> None:
        """Let the time pass. After a long pause nobody goes on at night."""
        before = self._now
        self._now += int(self._rng.uniform(*minutes) * MINUTE)
        if self._now - before > _LONG_PAUSE and not 8 <= hour_of(self._now) < 22.5:
            morning = (8.5 - hour_of(self._now)) % 24
            self._now += int((morning + self._rng.uniform(0, 4)) * HOUR)
        if self._rows:
            self._now = max(self._now, int(self._rows[0]["time"][0]) + 1)

    def _at(self) -> Times:
        return np.array([self._now])

    def _during(self) -> Times:
        """A moment of the last call, else now."""
        if self._call is None:
            return self._at()
        back = int(self._call["seconds"][0] * self._rng.uniform(0.3, 0.95))
        return self._call["time"] - back * SECOND

    def _keep(self, rows: Rows, stage: int) -> None:
        rows["stage"] = stage
        self._rows.append(rows)

    def _unseen(self, fen: int = -1) -> Rows:
        rows = blank(1, SILENT)
        rows["time"], rows["resident"], rows["amount"] = self._now, self._who, fen
        return rows

    def _rings(self, stage: int, minutes: Span, *, desk: bool = False) -> None:
        number, kind = self._gang.lines(self._at(), desk=desk)
        seconds = self._rng.uniform(*minutes, 1) * 60
        self._call = calls(self._rng, self._at(), self._who, number, kind, seconds)
        self._number, self._now = int(number[0]), int(self._call["time"][0])
        self._keep(self._call, stage)

    def _writes(self, stage: int) -> None:
        text = self._gang.texts(self._rng, self._at(), self._who)
        self._number = int(text["other"][0])
        self._keep(text, stage)

    def _pays(self, step: Step) -> None:
        rng, swindle = self._rng, self._gang.swindle
        count = int(rng.integers(step.times[0], step.times[1], endpoint=True))
        lost = rng.lognormal(np.log(swindle.loss * 100), f.LOSS_SPREAD)
        parts = swindle.growth ** np.arange(count)
        for fen in rounded(rng, lost * parts / parts.sum()).astype(int).clip(1000).tolist():
            self._wait(step.after)
            if self._cash:
                self._keep(self._unseen(fen), PAYMENT)
                continue
            if rng.random() < swindle.coded:
                sent = self._at() - int(rng.uniform(15, 90) * SECOND)
                self._keep(code(rng, self._words, sent, self._who), 0)
            payee = self._gang.payees(rng, self._at())
            self._keep(transfer(self._at(), self._who, payee, np.array([fen]), new=True), PAYMENT)

    def _asks_family(self) -> None:
        """Rings the family, or they ring, and that is the end of it."""
        self._wait((2, 50))
        kin = self._residents.relative_of(self._rng, self._who)
        call = calls(
            self._rng, self._at(), self._who, mobile(kin), MOBILE,
            self._rng.uniform(100, 700, 1), outgoing=bool(self._rng.random() < 0.6),
            family=self._residents.is_family(self._who, kin),
        )  # fmt: skip
        self._now = int(call["time"][0])
        self._keep(call, 0)

    def _afterwards(self, ended: int, trusted: int) -> None:
        """96110 may ring on the way; reports come after the end."""
        rng, paid = self._rng, ended == PAID
        if rng.random() < f.OFFICIAL_WARNING * (0.5 if paid else 1.0):
            at = np.array([trusted + int(rng.uniform(10, 240) * MINUTE)])
            warned = np.array([OFFICIAL_WARNING])
            self._keep(calls(rng, at, self._who, warned, SERVICE, rng.uniform(40, 400, 1)), 0)
        if rng.random() < (f.REPORTED_PAID if paid else f.REPORTED_UNPAID):
            late = rng.uniform(0.5 * HOUR, DAY if paid else 10 * HOUR)
            at = np.array([self._now + int(late)])
            if paid and rng.random() < 0.6:
                police = np.array([POLICE])
                talked = rng.uniform(60, 400, 1)
                rung = calls(rng, at, self._who, police, SERVICE, talked, outgoing=True)
                self._keep(rung, 0)
            number = np.array([self._number])
            self._keep(self._gang.report(rng, at + 5 * MINUTE, self._who, number, number), 0)
