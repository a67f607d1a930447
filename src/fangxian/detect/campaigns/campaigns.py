"""Reports one by one or many at once, each with the campaign it is part of.

What holds, and is proved by tests/detect/test_campaigns.py:

- Which reports are one campaign, and its name, depend only on the reports held: not on their order,
  and not on how many came at a time.
- Reports that were together stay together: a further report adds to a campaign or joins two.
- A campaign is named after its oldest report (time, then id). The name changes only when it is
  joined with an older campaign or when a report of an earlier time comes late; the old name is the id
  of one of its reports, so that `of(old name)` gives the new one.
- `forget` leaves every remaining report in its campaign, under the same name. What is forgotten no
  longer draws new reports in, so that here the order counts: the same reports with the same
  `forget` between them give the same campaigns.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from .masking import masked
from .wordings import Wordings

_MICROSECOND = timedelta(microseconds=1)
_START = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_ID = 200


@dataclass(frozen=True)
class Report:
    """One reported text: `id` as the caller names it (1 to 200 characters), `at` with a time zone."""

    id: str
    text: str
    at: datetime


class Campaigns:
    """Reports and their campaigns, in memory: about 0.3 KB a report and 0.9 KB for every wording
    that was not there yet (bench_campaigns). Not for several threads at once."""

    def __init__(self) -> None:
        self.wordings = Wordings()
        self.ids: list[str] = []
        self.rows: dict[str, int] = {}
        # Of each report: microseconds since 1970 UTC, and the number of its wording.
        self.times: NDArray[np.int64] = np.empty(0, np.int64)
        self.of_wording: NDArray[np.int32] = np.empty(0, np.int32)
        # Of each root of wordings: the row of the oldest report.
        self._oldest: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.ids)

    def add(self, report: Report) -> str:
        """Take in one report; gives its campaign's name. Raises as `add_all`."""
        return self.add_all([report])[0]

    def add_all(self, reports: Iterable[Report]) -> list[str]:
        """Take in reports; gives the name of each one's campaign, once all are in.

        A report that came before, with the same id, is passed over. Raises TypeError or ValueError
        saying which report is not one; then none of them is taken in.
        """
        given = list(reports)
        texts = [_checked(number, report) for number, report in enumerate(given, 1)]
        new: dict[str, tuple[str, int]] = {}
        for number, (report, text) in enumerate(zip(given, texts, strict=True), 1):
            said = (text, microseconds(report.at))
            if self._said(report.id, new) not in (None, said):
                raise ValueError(f"第 {number} 条举报：编号 {report.id!r} 已有，但内容或时间不同")
            if report.id not in self.rows:
                new[report.id] = said
        self._take_in(new)
        return [self.name(self.rows[report.id]) for report in given]

    def of(self, report_id: str) -> str | None:
        """The name of the campaign that a report is in; None if the report is not held."""
        row = self.rows.get(report_id)
        return None if row is None else self.name(row)

    def members(self, campaign: str) -> list[str]:
        """The ids of a campaign's reports, oldest first; of an old name as well. Empty if none."""
        if (row := self.rows.get(campaign)) is None:
            return []
        root = self.wordings.root(int(self.of_wording[row]))
        rows = np.flatnonzero(self.wordings.roots(self.of_wording[: len(self)]) == root)
        return [self.ids[r] for r in sorted(rows.tolist(), key=self._age)]

    def name(self, row: int) -> str:
        """The name of the campaign that the report in this row is in."""
        return self.ids[self._oldest[self.wordings.root(int(self.of_wording[row]))]]

    def forget(self, before: datetime) -> int:
        """Forget reports of earlier than `before` (with a time zone); gives how many went.

        The report that names a campaign stays while another of it stays.
        """
        if not len(self):
            return 0
        limit = microseconds(before)
        times, of_wording = self.times[: len(self)], self.of_wording[: len(self)]
        stays = times >= limit
        alive = set(np.unique(self.wordings.roots(of_wording[stays])).tolist())
        stays[[row for root, row in self._oldest.items() if root in alive]] = True
        gone = int((~stays).sum())
        if not gone:
            return 0
        kept = np.flatnonzero(stays)
        renumbered = self.wordings.keep(np.unique(of_wording[kept]))
        self.ids = [self.ids[row] for row in kept.tolist()]
        self.rows = {report_id: row for row, report_id in enumerate(self.ids)}
        self.times, self.of_wording = times[kept], renumbered[of_wording[kept]]
        self.name_all()
        return gone

    def name_all(self) -> None:
        """Find the oldest report of every campaign anew."""
        self._oldest = {}
        self._grow_older(range(len(self)))

    def _said(self, report_id: str, new: dict[str, tuple[str, int]]) -> tuple[str, int] | None:
        row = self.rows.get(report_id)
        if row is None:
            return new.get(report_id)
        return self.wordings.texts[self.of_wording[row]], int(self.times[row])

    def _take_in(self, new: dict[str, tuple[str, int]]) -> None:
        numbers, joined = self.wordings.add([text for text, _ in new.values()])
        for stays, goes in joined:
            candidates = [self._oldest.pop(r) for r in (stays, goes) if r in self._oldest]
            if candidates:
                self._oldest[stays] = min(candidates, key=self._age)
        first, count = len(self), len(self) + len(new)
        if count > len(self.times):
            more = max(1_024, count + count // 2) - len(self.times)
            self.times = np.concatenate((self.times, np.zeros(more, np.int64)))
            self.of_wording = np.concatenate((self.of_wording, np.zeros(more, np.int32)))
        self.times[first:count] = [at for _, at in new.values()]
        self.of_wording[first:count] = numbers
        self.ids += new
        self.rows.update(zip(new, range(first, count), strict=True))
        self._grow_older(range(first, count))

    def _grow_older(self, rows: Iterable[int]) -> None:
        for row in rows:
            root = self.wordings.root(int(self.of_wording[row]))
            oldest = self._oldest.get(root)
            if oldest is None or self._age(row) < self._age(oldest):
                self._oldest[root] = row

    def _age(self, row: int) -> tuple[int, str]:
        return int(self.times[row]), self.ids[row]


def microseconds(at: datetime) -> int:
    """A time as microseconds since 1970 UTC. Raises ValueError if it has no time zone."""
    if not isinstance(at, datetime):
        raise TypeError(f"时间应为 datetime，实际是 {type(at).__name__}")
    if at.utcoffset() is None:
        raise ValueError(f"时间 {at} 没有时区：应写明，例如 UTC")
    return (at - _START) // _MICROSECOND


def moment(micros: int) -> datetime:
    """The way back, in UTC."""
    return _START + micros * _MICROSECOND


def _checked(number: int, report: Report) -> str:
    """The masked text of a report; raises saying what is wrong with which."""
    where = f"第 {number} 条举报"
    if not isinstance(report, Report):
        raise TypeError(f"{where}：应为 Report，实际是 {type(report).__name__}")
    for field, value in (("id", report.id), ("text", report.text)):
        if not isinstance(value, str):
            raise TypeError(f"{where}：{field} 应为文字，实际是 {type(value).__name__}")
    if not 1 <= len(report.id) <= LONGEST_ID:
        raise ValueError(f"{where}：编号应为 1 至 {LONGEST_ID} 个字符，实际 {len(report.id)} 个")
    if not report.text.strip():
        raise ValueError(f"{where}：内容是空的")
    try:
        microseconds(report.at)
    except (TypeError, ValueError) as wrong:
        raise type(wrong)(f"{where}：{wrong}") from None
    return masked(report.text)
