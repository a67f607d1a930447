"""`fangxian demo --live`: a swindle played through the real watch into the board of the demo town.

    this process --HTTP--> fangxian watch run --HTTP--> the first line's intake --> the board

Nothing is handed over in memory: the watch is a process of its own with an API key made for it, and
the board is read as the page in a browser reads it.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import select
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click
import httpx

from fangxian.detect.kinds import Words
from fangxian.extras import how_to_get

if TYPE_CHECKING:
    import pyarrow as pa

# The environment variable in which `fangxian watch run` looks for its key.
KEY = "FANGXIAN_FIRST_LINE_TOKEN"
DOOR_TOKEN = "FANGXIAN_WATCH_TOKEN"  # noqa: S105 - its name
# Seconds between two steps, between looks at the board, and that a watch has to open in.
PACE, LOOK, OPENING = 3.0, 0.05, 120.0
# Seconds between two calls of the gang's number while nobody plays.
RINGS = 60.0
# Residents drawn for plays: each is swindled once, or a second warning would join the first.
DRAWN, SEED = 200, 20260301
_ROW = re.compile(r'fx-grade-(\w+).*?href="(/work/[^"?]+)"[^>]*>([^<]*)<', re.S)
_GRADES = {
    "red": Words("红色", "a red warning"), "orange": Words("橙色", "an orange warning"),
    "yellow": Words("黄色", "a yellow warning"), "blue": Words("蓝色", "a blue warning"),
}  # fmt: skip


@dataclass(frozen=True)
class Whom:
    """A resident of the demo town. `shown`: as the board shows the name."""

    number: str
    shown: str


@dataclass(frozen=True)
class Stage:
    """What a play needs: where the town and the door are, as whom to look at the board, whom to
    swindle one after the other."""

    town: str
    door: str
    leader: int
    residents: list[Whom]
    language: str

    def say(self, words: Words) -> None:
        """A line on the terminal."""
        click.echo(words.of(self.language))


@contextmanager
def live(port: int, door: int, language: str) -> Iterator[tuple[list[str], dict[str, str]]]:
    """The command and environment of the watch, to be kept running beside the town at `port`; the
    play begins when both answer. Raises ClickException where the watch's extra is not installed."""
    try:
        import numba  # noqa: F401
        import pyarrow  # noqa: F401
        import uvicorn  # noqa: F401 - whether all are there
    except ImportError as missing:
        how = how_to_get("watch")
        raise click.ClickException(
            f"这里缺 {missing.name}：请运行 {how}，再试一次\n"
            f"{missing.name} is missing: run {how} and try again"
        ) from missing
    # A line for each look at the board would hide what is to be seen.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    stage = _stage(port, door, language)
    with TemporaryDirectory(prefix="fangxian-watch-") as state:
        town = f"http://127.0.0.1:{port}"
        command = [
            sys.executable, "-m", "fangxian.cli", "watch", "run", state, "--http", str(door),
            "--first-line", town, "--sender", "监测", "--language", language,
        ]  # fmt: skip
        threading.Thread(target=_play_all, args=(stage,), daemon=True).start()
        # Its door is for this machine only, and asks nobody for a token.
        plain = {name: value for name, value in os.environ.items() if name != DOOR_TOKEN}
        yield command, plain | {KEY: _key()}


def _key() -> str:
    """For a day, and for nothing but handing in warnings."""
    from fangxian.town.access import Ability
    from fangxian.town.actions.tokens import issue_token
    from fangxian.town.models import Duty, Role

    duty = (
        Duty.objects.filter(role=Role.SECURITY).select_related("staff", "place").order_by("pk")[0]
    )
    return issue_token(duty.staff, "demo --live", duty.place, [Ability.TAKE_IN.value], days=1)[1]


def _stage(port: int, door: int, language: str) -> Stage:
    from fangxian.town.models import Duty, Phone, Resident, Role
    from fangxian.warn.models import Episode
    from fangxian.warn.queries.desk import person

    leader = Duty.objects.filter(role=Role.LEADER).order_by("pk")[0].staff_id
    known = Episode.objects.exclude(resident=None).values_list("resident_id", flat=True)
    every = Resident.objects.exclude(pk__in=known).order_by("pk").values_list("pk", flat=True)
    drawn = Random(SEED).sample(list(every), DRAWN)  # noqa: S311  invented people
    numbers = {p.resident_id: p.number.clear for p in Phone.objects.filter(resident__in=drawn)}
    people = {r.pk: person(r) for r in Resident.objects.filter(pk__in=numbers)}
    whom = [Whom(numbers[pk], people[pk]) for pk in drawn if pk in people]
    return Stage(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{door}", leader, whom, language)


class Board:
    """The board as the leader of the town sees it, asked over HTTP."""

    def __init__(self, stage: Stage) -> None:
        self._client = httpx.Client(base_url=stage.town, timeout=10)
        # A form of the sign-in page carries the token that its answer needs.
        page = self._client.get("/town/sign-in/")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        form = {"staff": str(stage.leader), "csrfmiddlewaretoken": token.group(1) if token else ""}
        answer = self._client.post("/town/sign-in/demo/", data=form)
        if not answer.is_redirect:
            answer.raise_for_status()
        self._version, self._rows = "", dict[str, tuple[str, str]]()

    def rows(self) -> dict[str, tuple[str, str]]:
        """Of each episode on it, by its address, the grade and the name shown."""
        answer = self._client.get("/work/board/rows/", params={"v": self._version})
        if answer.status_code == 200:
            version = re.search(r"[?;]v=([^\"&]+)", answer.text)
            self._version = version.group(1) if version else ""
            self._rows = {at: (grade, who) for grade, at, who in _ROW.findall(answer.text)}
        return self._rows


def _play_all(stage: Stage) -> None:
    """Once, and again at every press of Enter where somebody sits at the terminal."""
    try:
        _until(lambda: httpx.get(f"{stage.town}/healthz", timeout=3).status_code == 200)
        _until(lambda: httpx.get(f"{stage.door}/metrics", timeout=3).status_code == 200)
        board, play = Board(stage), secrets.token_hex(4)
        _set_out(stage, play)
        for n, whom in enumerate(stage.residents):
            if sys.stdin.isatty():
                _wait_for_enter(stage, f"{play}-{n}")
            _play(stage, board, whom, f"{play}-{n}")
            if not sys.stdin.isatty():
                return
    except (httpx.HTTPError, TimeoutError) as wrong:
        stage.say(Words(f"现场演示停了：{wrong}", f"the live scene has stopped: {wrong}"))


def _set_out(stage: Stage, play: str) -> None:
    """What came before, and where to look."""
    from . import swindle

    # Nothing later than what is settled when the first step comes.
    before = swindle.history(play, swindle.now() - timedelta(seconds=30))
    _post(stage, before)
    _until(lambda: f'{{as="taken"}} {len(before)}' in httpx.get(f"{stage.door}/metrics").text)
    stage.say(
        Words(
            f"\n  现场演示：一位居民正在被骗。事件一个个送进监测（{stage.door}/events），预警自己出现在值班台上。\n"
            f"  请打开 {stage.town}/work/board/ ，点“领导”一键登录，看着值班台。\n",
            f"\n  A swindle, live: events go one by one into the watch ({stage.door}/events), and its warning\n"
            f"  appears at the duty desk by itself. Open {stage.town}/work/board/, sign in as leader with one\n"
            "  click, and look at the list.\n",
        )
    )


def _play(stage: Stage, board: Board, whom: Whom, play: str) -> None:
    """Step by step; what the board shows of it, and how long after the event."""
    from fangxian.numbers.forms import mask

    from . import swindle

    before = board.rows()
    who = f"{whom.shown} {mask(whom.number)}"
    stage.say(Words(f"  居民：{who}", f"  The resident: {who}"))
    shown = ""
    for n, step in enumerate(swindle.STEPS):
        at = swindle.now()
        begun = time.monotonic()
        _post(stage, swindle.event(play, n, whom.number, at))
        stage.say(Words(f"  {at.astimezone():%H:%M:%S}  {step.says.zh}", f"  {at.astimezone():%H:%M:%S}  {step.says.en}"))  # fmt: skip
        while time.monotonic() - begun < PACE:
            grade = _grade(board, whom, before)
            if grade and grade != shown:
                shown, took = grade, time.monotonic() - begun
                says = _GRADES[grade]
                stage.say(Words(
                    f"            ▶ 值班台上：{says.zh}预警，事件发生后 {took:.2f} 秒",
                    f"            ▶ at the duty desk: {says.en}, {took:.2f} s after the event",
                ))  # fmt: skip
            time.sleep(LOOK)
    stage.say(
        Words("  演示结束。在值班台上点开这位居民，就能看到依据。\n", "  The end. Open the resident there to see why.\n")
        if shown
        else Words("  值班台上没有出现预警：见上面监测的提示。\n", "  No warning came: see what the watch says above.\n")
    )  # fmt: skip


def _grade(board: Board, whom: Whom, before: dict[str, tuple[str, str]]) -> str:
    """Of the episode that is new on the board and the resident's; "" where there is none."""
    for at, (grade, who) in board.rows().items():
        if at not in before and who == whom.shown:
            return grade
    return ""


def _wait_for_enter(stage: Stage, play: str) -> None:
    from . import swindle

    stage.say(Words("  按回车开始。", "  Press Enter to begin."))
    n = 0
    while not select.select([sys.stdin], [], [], RINGS)[0]:
        _post(stage, swindle.ring(play, n, swindle.now()))
        n += 1
    sys.stdin.readline()


def _post(stage: Stage, events: pa.Table) -> None:
    from fangxian.watch.reading import as_lines

    body, headers = b"\n".join(as_lines(events)), {"Content-Type": "application/x-ndjson"}
    httpx.post(f"{stage.door}/events", content=body, headers=headers).raise_for_status()


def _until(holds: Callable[[], bool]) -> None:
    """Waits; what does not answer yet does not hold. Raises TimeoutError."""
    deadline = time.monotonic() + OPENING
    while time.monotonic() < deadline:
        try:
            if holds():
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise TimeoutError("no answer / 没有回应")
