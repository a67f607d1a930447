"""Where the audit chain ended, remembered outside the database.

Whoever can write the tables can empty them, or put back an older head with the tail cut off to fit
it; both are whole chains to look at. An anchor tells: the sequence and link of an entry that the
chain must hold, under a MAC with the audit key. One is kept in a file beside the database
(`settings.AUDIT_ANCHOR`) and renewed as the chain grows; another, on paper, is the auditor's.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings

Anchor = dict[str, Any]
# How far the file may stay behind: what a tail cut off could hide is an hour or 200 entries.
ENTRIES_BEHIND, SECONDS_BEHIND = 200, 3600


class AnchorDamaged(RuntimeError):
    """The kept file is no anchor of ours: written by hand, cut short, or made with another key."""

    def __init__(self, path: object) -> None:
        super().__init__(f"{path} is damaged or made with another FANGXIAN_AUDIT_KEY")


def sign(seq: int, link: str) -> Anchor:
    """The anchor of an entry: `seq`, `link` and the MAC over both."""
    return {"seq": seq, "link": link, "mac": _mac(seq, link)}


def is_ours(anchor: Mapping[str, Any]) -> bool:
    """Whether the MAC fits."""
    try:
        expected = _mac(int(anchor["seq"]), str(anchor["link"]))
        return hmac.compare_digest(expected, str(anchor["mac"]))
    except (KeyError, TypeError, ValueError):
        return False


def kept() -> Anchor | None:
    """The anchor in the file; None when there is none yet (or none is kept: demo, tests).

    Raises AnchorDamaged.
    """
    path = settings.AUDIT_ANCHOR
    if path is None:
        return None
    try:
        text = Path(path).read_text()
    except FileNotFoundError:
        return None
    try:
        anchor = json.loads(text)
    except ValueError as error:
        raise AnchorDamaged(path) from error
    if not isinstance(anchor, dict) or not is_ours(anchor):
        raise AnchorDamaged(path)
    return anchor


def keep(seq: int, link: str) -> None:
    """Write the file (mode 0600), whole or not at all. Does nothing where none is kept."""
    if settings.AUDIT_ANCHOR is None:
        return
    path = Path(settings.AUDIT_ANCHOR)
    half = path.with_name(f"{path.name}.{os.getpid()}-{time.monotonic_ns()}")
    with open(half, "x", opener=lambda p, f: os.open(p, f, 0o600)) as file:
        file.write(json.dumps(sign(seq, link)))
    half.replace(path)


def is_behind(anchor: Anchor | None, seq: int) -> bool:
    """Whether the file should be renewed now that the chain ends at `seq`."""
    if settings.AUDIT_ANCHOR is None:
        return False
    if anchor is None or seq - int(anchor["seq"]) >= ENTRIES_BEHIND:
        return True
    with suppress(FileNotFoundError):
        return time.time() - Path(settings.AUDIT_ANCHOR).stat().st_mtime >= SECONDS_BEHIND
    return True


def _mac(seq: int, link: str) -> str:
    text = f"anchor|{seq}|{link}"
    return hmac.new(settings.KEYS.audit, text.encode(), hashlib.sha256).hexdigest()
