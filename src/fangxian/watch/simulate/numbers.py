"""Numbers that nobody can have, as integers: positive E.164, negative a service number.

Private numbers begin with 12, which is given to nobody; those of virtual operators with 129 (real
ones begin with 170 and the like, and belong to somebody); landlines have a 0 after the area code,
with which none begins; overseas numbers have it after the country code.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fangxian.numbers.holders import BANKS, INSURERS, SERVICES

from ..events import OTHER_KINDS

Ints = NDArray[np.int64]

MOBILE, LANDLINE, VIRTUAL, OVERSEAS, SERVICE, FORGED = range(len(OTHER_KINDS))

_PRIVATE, _MOBILES = 8_612_000_000_000, 900_000_000
# Prime to 900 million, so that neighbours have numbers far apart and no two have the same one.
_STEP = 347_213_851
_AREAS = np.array([10, 23, 755, 571], np.int64)
_COUNTRIES = np.array([852, 1, 61, 44, 65, 81, 60, 63, 855], np.int64)
_GANG_COUNTRIES = np.array([852, 44, 95, 63, 855, 60], np.int64)
_COMPANIES = -np.array([int(code) for code in SERVICES.codes], np.int64)
_BANKS = -np.array([int(c) for held in (BANKS, INSURERS) for c in held.codes], np.int64)
# Where no number is known.
UNKNOWN = -1
OFFICIAL_WARNING = -96110
POLICE = -110
# Whom people ring in need or to ask.
HELP = np.array([-110, -110, -120, -120, -119, -122, -12345, -12345, -96110], np.int64)
# What a display shows when a service number is put on by somebody else: with 86 or 00 in front.
_PUT_ON = np.array([86110, 8696110, 8610110, 8695588, 8610086, 8612345], np.int64)
_PORTS = 10_600_000_000


def mixed(*parts: object) -> NDArray[np.uint64]:
    """A hash of integers or arrays of them, the same everywhere (splitmix64)."""
    made = np.zeros((), np.uint64)
    with np.errstate(over="ignore"):
        for part in parts:
            made = made ^ np.asarray(part, np.int64).astype(np.uint64)
            made = made + np.uint64(0x9E3779B97F4A7C15)
            made = (made ^ (made >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            made = (made ^ (made >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            made = made ^ (made >> np.uint64(31))
    return np.asarray(made)


def turns(now: int, after: int, seed: int, sort: int, places: Ints) -> Ints:
    """How often each line or sender has changed its number: `after` so many microseconds (0: never)
    again and again, each from a moment of its own. All at once, everybody new would come on one day."""
    if not after:
        return np.zeros(len(places), np.int64)
    own = mixed(seed, 400 + sort, places) % np.uint64(after)
    return (now + own.astype(np.int64)) // after


def mobile(person: object) -> Ints:
    """The number of a person by their place in the list of all people."""
    return _PRIVATE + np.asarray(person, np.int64) * _STEP % _MOBILES


def port(key: object) -> Ints:
    """A 106 port, from which texts are sent in bulk."""
    return -(_PORTS + np.asarray(key, np.int64) % 100_000_000)


def line(
    kind: NDArray[np.int8], key: NDArray[np.uint64], *, bank: bool = False, gang: bool = False
) -> Ints:
    """A number of each `kind`, picked by `key`: the same key, the same number."""
    key = (key >> np.uint64(1)).astype(np.int64)
    companies, countries = (
        (_BANKS if bank else _COMPANIES),
        (_GANG_COUNTRIES if gang else _COUNTRIES),
    )
    area = _AREAS[key % len(_AREAS)]
    return np.select(
        [kind == MOBILE, kind == LANDLINE, kind == VIRTUAL, kind == OVERSEAS, kind == SERVICE],
        [
            # Far from the residents and their acquaintances, who stand at the head of the list.
            mobile(_MOBILES // 2 + key % (_MOBILES // 2)),
            np.where(area < 100, 8600 + area, 86_000 + area) * 100_000_000 + key % 10_000_000,
            _PRIVATE + _MOBILES + key % 100_000_000,
            countries[key % len(countries)] * 1_000_000_000 + key % 100_000_000,
            companies[key % len(companies)],
        ],
        _PUT_ON[key % len(_PUT_ON)],
    )
