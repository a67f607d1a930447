"""Where the keys come from: the environment; in the demo and in tests, made on the spot."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

NAMES = ("FANGXIAN_SECRET_KEY", "FANGXIAN_DATA_KEYS", "FANGXIAN_INDEX_KEY", "FANGXIAN_AUDIT_KEY")


@dataclass(frozen=True)
class Keys:
    """All secrets of one installation.

    secret: Django's signing key. data: `id:base64`, newest first, comma separated; the first
    encrypts, all decrypt. index: key of the blind index of phones. audit: key of the audit chain.
    """

    secret: str
    data: str
    index: bytes
    audit: bytes

    @classmethod
    def load(cls, environ: Mapping[str, str], mode: str, home: Path) -> Keys:
        """Read the keys of `NAMES` from `environ`.

        Outside production, missing keys are made once and kept in `home/keys.env` (mode 0600).
        Raises ImproperlyConfigured, naming the variables, when production lacks one.
        """
        given = {name: environ[name] for name in NAMES if environ.get(name)}
        missing = [name for name in NAMES if name not in given]
        if missing and mode == "production":
            raise ImproperlyConfigured(
                f"Set {', '.join(missing)} in the environment; `fangxian keys new` prints a set."
            )
        if missing:
            given = {**_kept(home / "keys.env"), **given}
        return cls(
            secret=given["FANGXIAN_SECRET_KEY"],
            data=given["FANGXIAN_DATA_KEYS"],
            index=_bytes("FANGXIAN_INDEX_KEY", given["FANGXIAN_INDEX_KEY"]),
            audit=_bytes("FANGXIAN_AUDIT_KEY", given["FANGXIAN_AUDIT_KEY"]),
        )


def new_keys(key_id: str = "k1", algorithm: str = "aes") -> dict[str, str]:
    """A fresh set of keys as environment variables. `algorithm` is `aes` (256 bit) or `sm4`."""
    return {
        "FANGXIAN_SECRET_KEY": secrets.token_urlsafe(50),
        "FANGXIAN_DATA_KEYS": new_data_key(key_id, algorithm),
        "FANGXIAN_INDEX_KEY": base64.b64encode(os.urandom(32)).decode(),
        "FANGXIAN_AUDIT_KEY": base64.b64encode(os.urandom(32)).decode(),
    }


def new_data_key(key_id: str, algorithm: str = "aes") -> str:
    """One entry for FANGXIAN_DATA_KEYS, `id:algorithm:base64`."""
    size = 16 if algorithm == "sm4" else 32
    return f"{key_id}:{algorithm}:{base64.b64encode(os.urandom(size)).decode()}"


def _kept(path: Path) -> dict[str, str]:
    if not path.exists():
        # O_EXCL through "x": two processes starting together must not make two sets of keys.
        try:
            with open(path, "x", opener=lambda p, f: os.open(p, f, 0o600)) as file:
                file.write("".join(f"{k}={v}\n" for k, v in new_keys().items()))
        except FileExistsError:
            pass
    lines = path.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def _bytes(name: str, text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) < 32:
        raise ImproperlyConfigured(f"{name}: expected at least 32 bytes in base64")
    return key
