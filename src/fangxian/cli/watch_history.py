"""Events of files that are read from their beginning to their end, and what is said about those that
could not be used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import pyarrow as pa

    from fangxian.watch.backtest import Outcome
    from fangxian.watch.reading import Reason, Wrong


class History:
    """The events of a folder or file. `events`: how many could be used so far; `wrong`: what could not."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.events = 0
        self.wrong: list[Wrong] = []

    def batches(self) -> Iterator[pa.Table]:
        """In the order of the files' names."""
        from fangxian.watch.reading import read_files

        self.events, self.wrong = 0, []
        for read in read_files([self._path]):
            self.events += len(read.events)
            self.wrong.extend(read.wrong)
            yield read.events

    def say_what_is_wrong(self, language: str) -> None:
        """On standard error: how many events could not be used, of each reason the first place. Raises
        ClickException where there was no event at all."""
        firsts: dict[Reason, tuple[Wrong, int]] = {}
        for wrong in self.wrong:
            first, count = firsts.get(wrong.reason, (wrong, 0))
            firsts[wrong.reason] = first, count + 1
        if firsts:
            said = {
                "zh": "{:,} 处不能用，已略过：",
                "en": "{:,} could not be used and were passed over:",
            }
            click.echo(said[language].format(len(self.wrong)), err=True)
        for first, count in firsts.values():
            place = {"zh": "  {:,} 处，如 {}：{}", "en": "  {:,}, such as {}: {}"}[language]
            click.echo(place.format(count, first.where, first.reason.says.of(language)), err=True)
        if not self.events:
            said = {"zh": "{} 里没有可用的事件{}", "en": "{} holds no event that can be used{}"}
            inner = unread(self._path, language)
            raise click.ClickException(said[language].format(self._path, inner))

    def say_what_was_left_out(self, outcome: Outcome, language: str) -> None:
        """On standard error: of the events that could be used, those that the watch left out."""
        behind = {
            "zh": "{:,} 个事件来得太迟（比已经读到的早了十分钟以上），没有计入：文件名的先后要与时间的先后一致",
            "en": "{:,} events came over ten minutes behind others and were left out: files, in the order "
            "of their names, have to be in the order of time",
        }
        twice = {
            "zh": "{:,} 个事件与前面的编号相同、内容不同，没有计入",
            "en": "{:,} events had the id of one before and another content, and were left out",
        }
        many = {
            "zh": "{:,} 个事件没有计入：同一位居民一天里值得留意的事件太多",
            "en": "{:,} events were left out: too many of one resident in a day that a signal asks for",
        }
        counts = (behind, outcome.late), (twice, outcome.others), (many, outcome.crowded)
        for said, count in counts:
            if count:
                click.echo(said[language].format(count), err=True)


def unread(path: Path, language: str) -> str:
    """That folders within a folder are not read, where it has some; else "" ."""
    inner = sorted(p.name for p in path.iterdir() if p.is_dir()) if path.is_dir() else []
    inner = [name for name in inner if not name.startswith(".")]
    if not inner:
        return ""
    said = {"zh": "（不读里面的文件夹：{}）", "en": " (folders in it are not read: {})"}[language]
    return said.format(", ".join(inner[:3]) + (" …" if len(inner) > 3 else ""))
