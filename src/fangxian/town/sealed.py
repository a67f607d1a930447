"""Personal data at rest and on screen: encrypted in the database, masked wherever it is printed.

A model field of type `SealedField` gives a `Sealed` value. Printing it (template, log line,
export, error message) gives the mask; the clear text needs `.clear`, which is written in few
places: `access.reveal`, the matching of names at intake, and the officer's own call.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from .masks import MASKS, Mask, mask_address, mask_id, mask_name

__all__ = [
    "MASKS",
    "BlindIndexField",
    "CannotOpen",
    "Mask",
    "Sealed",
    "SealedField",
    "active_key",
    "blind_index",
    "key_of",
    "mask_address",
    "mask_id",
    "mask_name",
    "seal",
    "unseal",
]
_NONCE, _TAG = 12, 16


class CannotOpen(Exception):
    """A sealed value could not be opened: the key is missing or the bytes were changed."""


class _Sm4Gcm:
    """SM4 in GCM mode (GB/T 32907, RFC 8998) with the same two methods as `AESGCM`."""

    def __init__(self, key: bytes) -> None:
        self._cipher = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated: bytes) -> bytes:
        box = Cipher(self._cipher, modes.GCM(nonce)).encryptor()
        box.authenticate_additional_data(associated)
        return box.update(data) + box.finalize() + box.tag

    def decrypt(self, nonce: bytes, data: bytes, associated: bytes) -> bytes:
        box = Cipher(self._cipher, modes.GCM(nonce, data[-_TAG:])).decryptor()
        box.authenticate_additional_data(associated)
        return box.update(data[:-_TAG]) + box.finalize()


_CIPHERS: dict[str, Callable[[bytes], AESGCM | _Sm4Gcm]] = {"aes": AESGCM, "sm4": _Sm4Gcm}
_KEY_BYTES = {"aes": 32, "sm4": 16}


@lru_cache(maxsize=8)
def _keyring(text: str) -> dict[str, AESGCM | _Sm4Gcm]:
    """`id:algorithm:base64,…`, newest first -> ciphers by id, in the same order."""
    ring: dict[str, AESGCM | _Sm4Gcm] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        try:
            key_id, algorithm, key = entry.split(":")
            raw = base64.b64decode(key, validate=True)
            if key_id in ring or len(raw) != _KEY_BYTES[algorithm]:
                raise ValueError(key_id)
            ring[key_id] = _CIPHERS[algorithm](raw)
        except (ValueError, KeyError) as error:
            raise ImproperlyConfigured(
                "FANGXIAN_DATA_KEYS: expected `id:aes:<32 bytes in base64>` or "
                "`id:sm4:<16 bytes in base64>`, comma separated, no id twice"
            ) from error
    if not ring:
        raise ImproperlyConfigured("FANGXIAN_DATA_KEYS is empty")
    return ring


def active_key() -> str:
    """The id of the key that seals new values: the first of FANGXIAN_DATA_KEYS."""
    return next(iter(_keyring(settings.KEYS.data)))


def seal(clear: str, column: str) -> bytes:
    """Encrypt. `column` ("town.resident.name") is authenticated: a value moved to another
    column does not open. Layout: length of key id, key id, nonce, ciphertext and tag."""
    key_id = active_key()
    nonce = os.urandom(_NONCE)
    box = _keyring(settings.KEYS.data)[key_id]
    label = key_id.encode()
    return bytes([len(label)]) + label + nonce + box.encrypt(nonce, clear.encode(), column.encode())


def unseal(sealed: bytes, column: str) -> str:
    """Decrypt what `seal` made. Raises CannotOpen."""
    end = 1 + sealed[0]
    key_id = sealed[1:end].decode("ascii", "replace")
    box = _keyring(settings.KEYS.data).get(key_id)
    if box is None:
        raise CannotOpen(f"key {key_id!r} of {column} is not in FANGXIAN_DATA_KEYS")
    try:
        return box.decrypt(
            sealed[end : end + _NONCE], sealed[end + _NONCE :], column.encode()
        ).decode()
    except (InvalidTag, ValueError) as error:
        raise CannotOpen(f"{column}: the stored bytes were changed") from error


def key_of(sealed: bytes) -> str:
    """The id of the key a value was sealed with (for rotation)."""
    return sealed[1 : 1 + sealed[0]].decode("ascii", "replace")


def blind_index(e164: str) -> str:
    """Keyed fingerprint of a phone number (E.164) for exact look-up without its clear text.

    HMAC-SHA-256, 128 bits kept: without the key the 10^10 possible numbers cannot be tried.
    """
    digest = hmac.new(settings.KEYS.index, e164.encode(), hashlib.sha256).hexdigest()
    return digest[:32]


class Sealed:
    """A value of a `SealedField`. `str()` is its mask; `.clear` is its text. Opens when asked."""

    __slots__ = ("_clear", "_sealed", "column", "mask")

    def __init__(
        self, column: str, mask: Mask, clear: str | None = None, sealed: bytes | None = None
    ) -> None:
        self.column, self.mask = column, mask
        self._clear, self._sealed = clear, sealed

    @property
    def clear(self) -> str:
        """The text itself. Raises CannotOpen."""
        if self._clear is None:
            assert self._sealed is not None  # noqa: S101  one of the two is always given
            self._clear = unseal(self._sealed, self.column)
        return self._clear

    @property
    def masked(self) -> str:
        """What may stand on a screen."""
        return MASKS[self.mask](self.clear)

    def moved_to(self, column: str, mask: Mask) -> Sealed:
        """The same text for another column: bytes sealed for one column open in no other."""
        return self if self.column == column else Sealed(column, mask, clear=self.clear)

    def stored(self) -> bytes:
        """The bytes for the database; a value that was only read keeps its bytes."""
        if self._sealed is None:
            self._sealed = seal(self.clear, self.column)
        return self._sealed

    def __str__(self) -> str:
        return self.masked

    def __repr__(self) -> str:
        return f"<Sealed {self.column}>"

    def __bool__(self) -> bool:
        return self._sealed is not None or bool(self._clear)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Sealed):
            return self.clear == other.clear
        return self.clear == other if isinstance(other, str) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.clear)


class SealedField(models.BinaryField):  # type: ignore[type-arg]
    """A text column that is encrypted at rest and masked when printed. Empty text stays empty."""

    def __init__(self, *args: Any, mask: Mask = "none", **kwargs: Any) -> None:
        self.mask = mask
        kwargs.setdefault("default", b"")
        kwargs["editable"] = kwargs.get("editable", True)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        if self.mask != "none":
            kwargs["mask"] = self.mask
        return name, path, args, kwargs

    @property
    def column_label(self) -> str:
        return f"{self.model._meta.label_lower}.{self.name}"

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> Sealed:
        raw = bytes(value or b"")
        if not raw:
            return Sealed(self.column_label, self.mask, clear="")
        return Sealed(self.column_label, self.mask, sealed=raw)

    def get_prep_value(self, value: Any) -> bytes:
        if isinstance(value, Sealed):
            return value.moved_to(self.column_label, self.mask).stored() if value else b""
        if isinstance(value, str):
            return seal(value, self.column_label) if value else b""
        return bytes(value or b"")

    def value_to_string(self, obj: models.Model) -> str:
        return base64.b64encode(self.get_prep_value(getattr(obj, self.attname))).decode()

    def contribute_to_class(self, cls: Any, name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, name, _Attribute(self))


class BlindIndexField(models.CharField):  # type: ignore[type-arg]
    """The blind index of a sealed column beside it (`source`), kept in step on every insert and
    save; who saves with `update_fields` names both. `kind` keeps the indexes of unlike things
    apart."""

    def __init__(self, *args: Any, source: str = "", kind: str = "", **kwargs: Any) -> None:
        self.source, self.kind = source, kind
        kwargs.update(max_length=32, blank=True, default="", editable=False, db_index=True)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "source": self.source, "kind": self.kind}

    def index_of(self, text: str) -> str:
        """The index under which a clear text is found; empty for an empty one."""
        return blind_index(f"{self.kind}:{text}") if text else ""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        value = getattr(model_instance, self.source)
        index = self.index_of(value.clear if isinstance(value, Sealed) else str(value))
        setattr(model_instance, self.attname, index)
        return index


class _Attribute:
    """Wraps plain text set on an instance, so that it prints masked before it is ever saved."""

    def __init__(self, field: SealedField) -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: type | None = None) -> Any:
        if instance is None:
            return self
        name = self.field.attname
        if name not in instance.__dict__:
            instance.refresh_from_db(fields=[name])
        return instance.__dict__[name]

    def __set__(self, instance: models.Model, value: Any) -> None:
        if isinstance(value, str):
            value = Sealed(self.field.column_label, self.field.mask, clear=value)
        elif isinstance(value, Sealed):
            value = value.moved_to(self.field.column_label, self.field.mask)
        elif isinstance(value, bytes | memoryview) or value is None:
            value = self.field.from_db_value(value, None, None)
        instance.__dict__[self.field.attname] = value
