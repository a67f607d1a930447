"""Serving a town: web and worker as two children that are started again when they die."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import click

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
# A child that dies at once is started again more and more slowly (seconds).
PAUSES = (0.2, 1, 2, 5, 10)
# Where the watch of the live demo takes events, or at the next free port.
DOOR = 8377


@dataclass
class Child:
    """One process we keep alive."""

    name: str
    command: list[str]
    environment: Mapping[str, str] | None = None
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0
    started: float = 0.0
    again_at: float = field(default=0.0)

    def start(self) -> None:
        # A group of its own: Ctrl+C reaches us alone, and we tell each child once.
        self.process = subprocess.Popen(self.command, env=self.environment, process_group=0)
        self.started = time.monotonic()

    def look(self) -> None:
        """Start it (again) when it is not running and its pause is over."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is None:
            return
        if self.process is not None:
            self.deaths = 0 if now - self.started > 60 else self.deaths + 1
            pause = PAUSES[min(self.deaths, len(PAUSES) - 1)]
            click.echo(
                f"{self.name} ended ({self.process.returncode}); again in {pause} s", err=True
            )
            self.again_at, self.process = now + pause, None
        if now >= self.again_at:
            self.start()


def serve(
    host: str, port: int, threads: int, with_worker: bool, beside: Sequence[Child] = ()
) -> None:
    """Bring the database up to date, then keep web and worker (and what is to run `beside` them)
    running until told to stop."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    if settings.MODE == "demo" and host not in LOOPBACK:
        raise click.ClickException("the demo is served on this machine only (127.0.0.1)")
    if settings.MODE == "demo":
        # One click signs anybody in: never over the data of real people.
        keep_off_a_real_town()
    if not _is_free(host, port):
        raise click.ClickException(f"somebody listens on {host}:{port} already; choose a --port")
    if settings.MODE == "production":
        call_command("check", deploy=True, fail_level="ERROR")
    _bring_up_to_date()
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    web = [
        sys.executable, "-m", "gunicorn", "fangxian.web.wsgi:application",
        "--bind", address, "--worker-class", "gthread", "--threads", str(threads),
        "--workers", os.environ.get("FANGXIAN_WEB_PROCESSES", "1"),
        "--log-level", "warning", "--max-requests", "20000", "--max-requests-jitter", "2000",
    ]  # fmt: skip
    children = [Child("web", web)]
    if with_worker:
        children.append(Child("worker", [sys.executable, "-m", "fangxian.cli", "worker"]))
    _keep([*children, *beside])


def _keep(children: list[Child]) -> None:
    """Keep the children running until told to stop, then end them and wait for them."""
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: told.set())
    try:
        while not told.wait(0.2):
            for child in children:
                child.look()
    finally:
        running = [c.process for c in children if c.process and c.process.poll() is None]
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


def demo(port: int, check: bool, fresh: bool, live: bool = False, language: str = "zh") -> None:
    """Build the demo town where there is none and serve it; or walk the loop and stop. `live`: with a
    watch beside it, and a swindle played through that.

    It keeps a database of its own in its home, and refuses one that holds anything but a demo. The
    walk has a town of its own, thrown away afterwards: nobody's demo is changed by a check.
    """
    if os.environ.get("DATABASE_URL"):
        raise click.ClickException(
            "DATABASE_URL names a database, and the demo keeps its own: unset it and run again"
        )
    if check:
        with tempfile.TemporaryDirectory(prefix="fangxian-check-") as home:
            os.environ["FANGXIAN_HOME"] = home
            _check()
        return
    import django

    django.setup()
    keep_off_a_real_town()
    if fresh:
        _throw_away()
    _bring_up_to_date()
    _build()
    port = _free(port)
    line = f"http://127.0.0.1:{port}/"
    click.secho(f"\n  Fangxian 防线 · {line}\n", bold=True)
    click.echo("  Ctrl+C stops it. 按 Ctrl+C 停止。\n")
    with ExitStack() as stack:
        beside = []
        if live:
            from fangxian.web.demo import live as scene

            watch = stack.enter_context(scene.live(port, _free(DOOR), language))
            beside.append(Child("watch", *watch))
        serve("127.0.0.1", port, threads=8, with_worker=True, beside=beside)


def _check() -> None:
    """Build a town and walk the README's loop in it. Raises ClickException, naming the step."""
    import django

    django.setup()
    from fangxian.web.demo.check import WalkFailedError, walk

    _bring_up_to_date()
    _build()
    try:
        walk(click.echo)
    except WalkFailedError as error:
        raise click.ClickException(str(error)) from error


def keep_off_a_real_town() -> None:
    """Raises ClickException unless the database is empty or holds what the demo built.

    The demo's mark is the entry in the audit chain of its building. Asked in plain SQL: the tables
    may be of another version, and nothing is changed before we know whose they are.
    """
    from django.db import DatabaseError, connection

    name = connection.settings_dict["NAME"]
    refusal = click.ClickException(
        f"{name} holds no demo town; nothing was done. The demo needs a home of its own: "
        "set FANGXIAN_HOME to another folder, or unset it"
    )
    try:
        with connection.cursor() as cursor:
            tables = connection.introspection.table_names(cursor)

            def any_of(table: str, where: str = "1 = 1") -> bool:
                if table not in tables:
                    return False
                cursor.execute(f"SELECT 1 FROM {table} WHERE {where} LIMIT 1")  # noqa: S608  ours
                return cursor.fetchone() is not None

            lived_in = any_of("town_place") or any_of("town_staff")
            built_by_us = any_of("town_auditentry", "verb = 'demo_built'")
    except DatabaseError as error:
        raise refusal from error
    if lived_in and not built_by_us:
        raise refusal


def _throw_away() -> None:
    """Delete the demo's database (known to be one) with what SQLite keeps beside it."""
    from django.db import connection

    name = connection.settings_dict["NAME"]
    connection.close()
    for end in ("", "-wal", "-shm"):
        Path(f"{name}{end}").unlink(missing_ok=True)


def _bring_up_to_date() -> None:
    """Tables as this version needs them, and the static files where the web process looks."""
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    static = Path(settings.STATIC_ROOT)
    static.parent.mkdir(parents=True, exist_ok=True)
    with static.with_suffix(".lock").open("w") as lock:
        # Two towns of one installation that start at a time would take each other's files away.
        fcntl.flock(lock, fcntl.LOCK_EX)
        call_command("collectstatic", interactive=False, verbosity=0)


def _build() -> None:
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from fangxian.town.models import Place
    from fangxian.web.demo import build

    if Place.objects.exists():
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns) as progress:
        bar = progress.add_task("Demo town 演示镇", total=1.0)
        build(lambda what, share: progress.update(bar, completed=share, description=what))


def _free(port: int) -> int:
    """`port`, or the next one nobody listens on."""
    for candidate in range(port, port + 50):
        if _is_free("127.0.0.1", candidate):
            return candidate
    raise click.ClickException(f"no free port from {port} to {port + 49}")


def _is_free(host: str, port: int) -> bool:
    """Whether we could listen there. Raises ClickException for a host that is not ours."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            # As gunicorn does: connections of a server that just ended are no obstacle.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return False
        raise click.ClickException(f"cannot listen on {host}:{port}: {error}") from error
    return True
