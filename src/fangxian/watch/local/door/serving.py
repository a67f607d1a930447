"""The door's process: uvicorn, the journal, and a line to the runner."""

from __future__ import annotations

import asyncio
import errno
import gc
import ipaddress
import os
import socket
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from fangxian.detect.kinds import Words

from ..journal import Journal, Place, octets_after
from ..say import CannotRun
from ..sources.bodies import OfBatch
from .app import Door
from .committing import Committer

# The token that senders show as `Authorization: Bearer …`.
TOKEN = "FANGXIAN_WATCH_TOKEN"  # noqa: S105 - its name
# Seconds that an address of a door that was killed may take to be free, and those being answered have.
FREE, GRACE = 5.0, 3


class Address(NamedTuple):
    """Where the door is; port 0: any that is free."""

    host: str = "127.0.0.1"
    port: int = 8377


def serve(
    address: Address, folder: Path, place: Place, of_batch: OfBatch, line: Connection
) -> None:
    """Until the runner hangs up. First tells it the port, or what was wrong."""
    try:
        token = os.environ.get(TOKEN)
        if not token and not _loopback(address.host):
            raise CannotRun(
                Words(
                    f"{TOKEN} 未设置：没有令牌只能监听本机",
                    f"{TOKEN} is not set: without a token only this machine is listened to",
                )
            )
        listening = asyncio.run(_bound(address))
    except CannotRun as wrong:
        line.send(wrong)
        return
    except OSError as wrong:
        line.send(CannotRun(_no_address(address, wrong)))
        return
    asyncio.run(_serve(listening, token, folder, place, of_batch, line))


async def _serve(
    listening: socket.socket,
    token: str | None,
    folder: Path,
    place: Place,
    of_batch: OfBatch,
    line: Connection,
) -> None:
    import uvicorn

    # Threads that read and write must not keep the one that answers waiting for its turn.
    sys.setswitchinterval(0.0005)
    # What was imported stays: to look through it all for garbage would take a tenth of a second.
    gc.collect()
    gc.freeze()

    journal = Journal(folder / "journal", after=place[0])
    committer = Committer(journal)
    door = Door(committer, of_batch, token, folder)
    follow = _Follow(journal.folder, place, committer)
    door.behind = follow.behind
    server = uvicorn.Server(
        uvicorn.Config(
            door, log_level="warning", access_log=False, lifespan="off", server_header=False,
            timeout_graceful_shutdown=GRACE,
        )
    )  # fmt: skip
    committing = asyncio.create_task(committer.run())
    listening_to = asyncio.create_task(asyncio.to_thread(follow.listen, line))

    def hung_up(_: asyncio.Task[None]) -> None:
        server.should_exit = True

    listening_to.add_done_callback(hung_up)
    line.send(listening.getsockname()[1])
    await server.serve(sockets=[listening])
    committing.cancel()
    journal.close()
    # The thread that listens to the runner may still wait: there is nothing to wait for.
    os._exit(0)


class _Follow:
    """How far the watch is behind the door."""

    def __init__(self, folder: Path, place: Place, committer: Committer) -> None:
        self._folder, self._committer = folder, committer
        self._since, self._behind = 0, octets_after(folder, place)

    def behind(self) -> int:
        """Bytes: what it was when the watch said where it is, and what was written since."""
        return self._behind + self._committer.octets - self._since

    def listen(self, line: Connection) -> None:
        """Until the runner hangs up."""
        while True:
            try:
                place = line.recv()
            except (EOFError, OSError):
                return
            since = self._committer.octets
            try:
                self._behind, self._since = octets_after(self._folder, place), since
            except OSError:  # a file was dropped meanwhile: at the next word
                continue


async def _bound(address: Address) -> socket.socket:
    """A door that was killed keeps its address for a moment."""
    deadline = asyncio.get_running_loop().time() + FREE
    while True:
        listening = socket.socket(socket.AF_INET6 if ":" in address.host else socket.AF_INET)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((address.host, address.port))
            listening.listen(1024)
        except OSError:
            listening.close()
            if asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(0.1)
        else:
            return listening


def _no_address(address: Address, wrong: OSError) -> Words:
    where = f"{address.host}:{address.port}"
    if wrong.errno == errno.EADDRINUSE:
        return Words(
            f"{where} 已被别的程序占用，请换一个端口",
            f"{where} is taken by another program; choose another port",
        )
    return Words(f"无法监听 {where}：{wrong}", f"cannot listen on {where}: {wrong}")


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
