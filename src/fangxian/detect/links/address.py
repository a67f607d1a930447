"""An address taken apart: scheme, who it says logs in, host, port, and the rest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from .suffix import Parts, parts_of

_LONGEST = 253  # characters of a host (RFC 1035)


@dataclass(frozen=True)
class Address:
    """`host`: lower case, Unicode (xn-- read), no final dot. `ip`: the host in the plain spelling of
    an IPv4 or IPv6 address if it is one however it was spelled (`host` is the same then), else "".
    `login` is what stood before @, `port` -1 where none was said, `rest` path, query and fragment."""

    scheme: str
    login: str
    host: str
    ip: str
    port: int
    rest: str
    parts: Parts | None


_PORT = re.compile(r"(.*?):([0-9]{0,9})", re.DOTALL)
_SCHEMES = {"http", "https", "ftp"}


def read_address(plain: str) -> Address | None:
    """`plain` (one address, written plainly) taken apart; None if it holds no host at all."""
    scheme, rest = "", plain.strip(" \t\r\n.,;\"'<>")
    if found := re.match(r"([A-Za-z][A-Za-z0-9+.-]{0,15})://+", rest):
        scheme, rest = found[1].lower(), rest[found.end() :]
    if scheme and scheme not in _SCHEMES:
        return None
    authority, mark, tail = _cut(rest)
    login, _at, host = authority.rpartition("@")
    port = -1
    if (found := _PORT.fullmatch(host)) and (":" not in found[1] or found[1].endswith("]")):
        host, port = found[1], int(found[2] or -1)
    host = host.strip(".").lower()
    if not host or len(host) > _LONGEST or re.search(r"[\s,，；\"'<>()]", host):
        return None
    ip = _as_ip(host)
    shown = ip or _unicode(host)
    parts = None if ip else parts_of(shown)
    if not ip and (parts is None or not parts.registered):
        return None
    return Address(scheme, login, shown, ip, port, mark + tail, parts)


def _cut(rest: str) -> tuple[str, str, str]:
    found = re.search(r"[/?#\\]", rest)
    if found is None:
        return rest, "", ""
    return rest[: found.start()], found[0], rest[found.end() :]


@lru_cache(maxsize=4096)
def _unicode(host: str) -> str:
    """Each xn-- label read; one that cannot be read stays as it is."""
    if "xn--" not in host:
        return host
    return ".".join(_read(label) for label in host.split("."))


def _read(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        read = label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return label
    return label if re.search(r"[\s./@:?#\ud800-\udfff]", read) or not read else read.lower()


_PART = re.compile(r"0x[0-9a-f]{1,8}|[0-9]{1,11}")


def _as_ip(host: str) -> str:
    """127.0.0.1, 2130706433, 0x7f.1, 0177.0.0.1 as browsers read them (WHATWG URL, IPv4 parser);
    "" if it is a name."""
    if (
        host.startswith("[")
        and host.endswith("]")
        and re.fullmatch(r"[0-9a-f:.]{2,45}", host[1:-1])
    ):
        return host[1:-1]
    pieces = host.split(".")
    if len(pieces) > 4 or not all(_PART.fullmatch(p) for p in pieces):
        return ""
    try:
        numbers = [_number(p) for p in pieces]
    except ValueError:
        return ""
    if any(n > 255 for n in numbers[:-1]) or numbers[-1] >= 256 ** (5 - len(numbers)):
        return ""
    value = numbers[-1] + sum(n << 8 * (3 - i) for i, n in enumerate(numbers[:-1]))
    return ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))


def _number(piece: str) -> int:
    if piece.startswith("0x"):
        return int(piece, 16)
    return int(piece, 8) if piece.startswith("0") and len(piece) > 1 else int(piece)
