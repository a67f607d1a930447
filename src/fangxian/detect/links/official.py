"""Names whose owner is known (official.yaml)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path

from ..kinds.words import Words, read_yaml, words


@dataclass(frozen=True)
class Owner:
    """Somebody known, the domains that are theirs, and further words swindlers use for them."""

    name: Words
    domains: tuple[str, ...]
    brands: tuple[str, ...]


@dataclass(frozen=True)
class Book:
    """What official.yaml holds, by registered domain or host. `watched`: brand word -> owner;
    `common`: those of them that are
    also words or parts of other names; `lures`: words put around a brand."""

    as_of: date
    owners: dict[str, Owner]
    reserved: dict[str, Words]
    watched: dict[str, Owner]
    common: frozenset[str]
    lures: frozenset[str]
    anyone: frozenset[str]
    short: frozenset[str]


@cache
def book() -> Book:
    """The book of known names, read when first asked for."""
    raw = read_yaml(Path(__file__).with_name("official.yaml"))
    owners: dict[str, Owner] = {}
    watched: dict[str, Owner] = {}
    for entry in raw["owners"]:
        owner = Owner(
            words({"zh": entry["zh"], "en": entry["en"]}, "official.yaml"),
            tuple(map(str, entry["domains"])),
            tuple(map(str, entry.get("brands", ()))),
        )
        owners |= dict.fromkeys(owner.domains, owner)
        for word in (*owner.brands, *(domain.split(".")[0] for domain in owner.domains)):
            watched.setdefault(word.replace("-", ""), owner)
    return Book(
        as_of=raw["as_of"],
        owners=owners,
        reserved={
            key: words(name, f"official.yaml {key}") for key, name in raw["reserved"].items()
        },
        watched=watched,
        common=frozenset(map(str, raw["common"])),
        lures=frozenset(map(str, raw["lures"])),
        anyone=frozenset(raw["anyone"]),
        short=frozenset(raw["short"]),
    )


@lru_cache(maxsize=16_384)
def owner_of(host: str) -> Words | None:
    """Who owns `host` (lower case, Unicode), whoever wrote the page; None if nobody known does."""
    known = book()
    for name in _upwards(host):
        if name in known.owners:
            return known.owners[name].name
        if name in known.reserved:
            return known.reserved[name]
    return None


@lru_cache(maxsize=16_384)
def anyone_may_write(host: str) -> bool:
    """Whether the page at `host` may be anybody's, below a known owner's name."""
    return any(name in book().anyone for name in _upwards(host))


@lru_cache(maxsize=16_384)
def is_short(host: str) -> bool:
    """Whether `host` is a short-link service, which hides where it leads."""
    return any(name in book().short for name in _upwards(host))


def is_known(registered: str) -> bool:
    """Whether a registered domain stands in the book at all."""
    known = book()
    return registered in known.owners or registered in known.short


def _upwards(host: str) -> list[str]:
    """a.b.cn, b.cn, cn."""
    labels = host.split(".")[-6:]
    return [".".join(labels[i:]) for i in range(len(labels))]
