"""Reading ahead in a thread: the next batch is made while the watch is at this one."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
_END = object()


def ahead(items: Iterable[T], room: int = 1) -> Iterator[T]:
    """The same items, `room` of them made before they are asked for. What `items` raises is raised
    here."""
    made: queue.Queue[object] = queue.Queue(room)
    left = threading.Event()

    def put(item: object) -> bool:
        while not left.is_set():
            try:
                made.put(item, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def make() -> None:
        try:
            for item in items:
                if not put(item):
                    return
            put(_END)
        except BaseException as wrong:
            put(wrong)

    threading.Thread(target=make, name="reading ahead", daemon=True).start()
    try:
        while (item := made.get()) is not _END:
            if isinstance(item, BaseException):
                raise item
            yield item  # type: ignore[misc]
    finally:
        left.set()
