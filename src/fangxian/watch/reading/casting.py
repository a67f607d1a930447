"""Columns of any type into ours: what can be cast is cast, what cannot is told.

`PLAIN` types are those of events.COLUMNS with words as strings: pieces of a table are put together
before their words are numbered.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ..events import COLUMNS, WORD, whole

Bools = NDArray[np.bool_]
TIME = pa.timestamp("us", "UTC")
PLAIN = {c.name: pa.string() if c.type == WORD else c.type for c in COLUMNS}

_WHOLE = r"^-?[0-9]{1,19}$"
_A_NUMBER = r"^-?[0-9]{1,20}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?$"
_DATE_AND_HOUR = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?"
_A_TIME = _DATE_AND_HOUR + r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)$"
# Values for Arrow, made once: making one of Python's takes longer than a small comparison.
_NULL, _EMPTY, _YES_OR_NO = pa.scalar(None), pa.scalar(""), pa.array([0.0, 1.0, None])


class Cast(NamedTuple):
    """`array` of the wanted type, null where it could not be cast: there `failed`. `no_zone`: of
    these, times that only lack their zone. None: no such place."""

    array: pa.Array
    failed: Bools | None = None
    no_zone: Bools | None = None


def cast(given: pa.Array | pa.ChunkedArray, name: str) -> Cast:
    """The values of column `name` of any table."""
    array = whole(given) if isinstance(given, pa.ChunkedArray) else given
    wanted = PLAIN[name]
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_null(array.type):
        return Cast(pa.nulls(len(array), wanted))
    if _is_text(array.type):
        array, not_utf8 = _text(array)
        found = _from_text(array, wanted)
        return found._replace(failed=_either(found.failed, not_utf8))
    if pa.types.is_floating(array.type):
        # Tables that know no null write a missing number so.
        missing = pc.is_nan(array)
        if pc.any(missing).as_py():
            array = pc.if_else(missing, _NULL, array)
    return _from_typed(array, wanted)


def cast_each(array: pa.Array, wanted: pa.DataType) -> tuple[pa.Array, Bools | None]:
    """What can be cast, and which cannot: halved until the wrong ones stand alone."""
    try:
        return array.cast(wanted), None
    except (pa.ArrowException, ValueError):
        if len(array) == 1:
            return pa.nulls(1, wanted), np.ones(1, bool)
    half = len(array) // 2
    (one, of_one), (two, of_two) = cast_each(array[:half], wanted), cast_each(array[half:], wanted)
    of_one = np.zeros(half, bool) if of_one is None else of_one
    of_two = np.zeros(len(two), bool) if of_two is None else of_two
    return pa.concat_arrays([one, two]), np.concatenate([of_one, of_two])


def _is_text(given: pa.DataType) -> bool:
    kinds = pa.types
    texts = (kinds.is_string, kinds.is_large_string, kinds.is_string_view)
    octets = (kinds.is_binary, kinds.is_large_binary, kinds.is_binary_view)
    return any(is_it(given) for is_it in texts + octets)


def _text(array: pa.Array) -> tuple[pa.Array, Bools | None]:
    """As strings. Arrow takes it on trust that a string is UTF-8, and crashes elsewhere if not."""
    if not pa.types.is_string(array.type):
        array = array.cast(pa.large_binary())
    else:
        try:
            array.validate(full=True)
        except pa.ArrowInvalid:
            array = array.cast(pa.binary())
        else:
            return array, None
    return cast_each(array, pa.large_string())


def _from_text(array: pa.Array, wanted: pa.DataType) -> Cast:
    if pc.min(pc.binary_length(array)).as_py() == 0:
        # In a csv nothing and an empty text look the same; so they do everywhere.
        array = pc.if_else(pc.equal(array, _EMPTY), _NULL, array)
    if pa.types.is_timestamp(wanted):
        return _times(array)
    if pa.types.is_integer(wanted):
        return _only(pc.replace_substring_regex(array, r"\.0+$", ""), _WHOLE, wanted)
    if pa.types.is_floating(wanted):
        return _only(array, _A_NUMBER, wanted)
    return Cast(*cast_each(array, wanted))


def _only(array: pa.Array, pattern: str, wanted: pa.DataType) -> Cast:
    """Cast those that look like `pattern`: Arrow takes 0x1F and nan for numbers, too."""
    other = _true(pc.invert(pc.match_substring_regex(array, pattern)))
    if other.any():
        array = pc.if_else(pa.array(other), _NULL, array)
    found, failed = cast_each(array, wanted)
    return Cast(found, _either(failed, other if other.any() else None))


def _times(array: pa.Array) -> Cast:
    """RFC 3339; of a second a millionth at least counts."""
    upper = pc.ascii_upper(array)
    if (pc.max(pc.binary_length(upper)).as_py() or 0) > len("2026-03-01T08:00:00.123456Z"):
        upper = pc.replace_substring_regex(upper, r"(\.[0-9]{6})[0-9]+", r"\1")
    try:
        return Cast(upper.cast(TIME))
    except pa.ArrowException:
        found = _only(upper, _A_TIME, TIME)
    no_zone = _true(pc.match_substring_regex(upper, _DATE_AND_HOUR + "$"))
    return found._replace(no_zone=no_zone)


def _from_typed(array: pa.Array, wanted: pa.DataType) -> Cast:
    given, kinds = array.type, pa.types
    numbers = kinds.is_integer(given) or kinds.is_floating(given) or kinds.is_decimal(given)
    if given == wanted:
        return Cast(array)
    if kinds.is_timestamp(wanted) and kinds.is_timestamp(given):
        if given.tz is None:
            there = np.asarray(array.is_valid())
            return Cast(pa.nulls(len(array), wanted), there, there)
        if given.unit == "ns":
            return Cast(array.cast(wanted, safe=False))
        return Cast(*cast_each(array, wanted))
    if kinds.is_boolean(wanted) and numbers:
        plain, failed = cast_each(array, pa.float64())
        other = ~_true(pc.is_in(plain, value_set=_YES_OR_NO))
        return Cast(pc.equal(plain, _YES_OR_NO[1]), _either(failed, other))
    if numbers and (kinds.is_integer(wanted) or kinds.is_floating(wanted) or _is_text(wanted)):
        return Cast(*cast_each(array, wanted))
    there = np.asarray(array.is_valid())
    return Cast(pa.nulls(len(array), wanted), there if there.any() else None)


def _true(mask: pa.Array) -> Bools:
    return np.asarray(mask.fill_null(False).to_numpy(zero_copy_only=False), bool)


def _either(one: Bools | None, two: Bools | None) -> Bools | None:
    if one is None or two is None:
        return two if one is None else one
    return one | two
