"""Why the model says what it says: what each cue of a text added to the log-odds."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray

from .cues import cues_in
from .kinds import Words
from .model import load_model
from .reasons import Reason
from .tokens import Reading, read_one
from .tokens.arrays import gram, mix

# Reasons shown, and the least log-odds of one worth a line.
MOST, LEAST = 6, 0.1
_DISGUISED = {
    "characters": Words(
        "用了看着像、其实不同的字符", "characters that only look like the usual ones"
    ),
    "converter": Words("字后面夹着拼音", "characters followed by their own pinyin"),
    "gaps": Words("把词拆开写", "a word taken apart"),
    "word": Words("用谐音、形近字躲过拦截", "a word misspelt to slip past filters"),
    "number": Words("把号码拆成汉字写", "a number spelled out in words"),
}


def reasons_of(text: str) -> tuple[Reason, ...]:
    """The cues and disguises of a text with their places in it and what they added, weightiest
    first."""
    model, reading = load_model(), read_one(text)
    count = sum(max(0, len(reading.ids) - size) for size in range(4))
    factor = model.scale * model.curve[0] / np.sqrt(max(count, 1))
    return reasons_in(reading, added_by_token(reading.ids, model.weights) * factor)


def reasons_in(reading: Reading, added: NDArray[np.float64]) -> tuple[Reason, ...]:
    """The reasons of a text that was read; `added`: what each of its tokens added to the log-odds."""
    found: dict[str, Reason] = {}
    # Sums up to each token: a text may hold thousands of cues, and each asks for a part of it.
    sums = np.concatenate([[0.0], np.cumsum(added)])

    def between(first: int, behind: int) -> float:
        return float(sums[behind] - sums[first]) if behind > first else 0.0

    for hit in cues_in(reading.undone.text):
        first = int(np.searchsorted(reading.ends, hit.start, "right"))
        weight = between(first, int(np.searchsorted(reading.starts, hit.end)))
        if abs(weight) < LEAST or (weight < 0) != hit.cue.calm:
            continue
        start, end = reading.undone.span(hit.start, hit.end)
        _keep(found, Reason(hit.cue.key, hit.cue.says, round(weight, 3), start, end))
    for disguise in reading.undone.disguises:
        # The characters it stands for, and of the tokens those that begin with one of them.
        at = [bisect_left(reading.undone.starts, end) for end in (disguise.start, disguise.end)]
        first, behind = np.searchsorted(reading.starts, at).tolist()
        weight = between(first, behind)
        key = f"disguise_{disguise.kind}"
        says = _DISGUISED[disguise.kind]
        _keep(found, Reason(key, says, round(max(weight, 0.0), 3), disguise.start, disguise.end))
    ordered = sorted(found.values(), key=lambda r: (-abs(r.weight), r.start))
    return tuple(ordered[:MOST])


def _keep(found: dict[str, Reason], reason: Reason) -> None:
    """One reason of a key: the one that counted most."""
    known = found.get(reason.key)
    if known is None or abs(reason.weight) > abs(known.weight):
        found[reason.key] = reason


def added_by_token(ids: NDArray[np.uint32], table: NDArray[np.int8]) -> NDArray[np.float64]:
    """What each token adds by the weights of `table`: that of an n-gram is shared by its tokens."""
    mask = np.uint32(len(table) - 1)
    added = np.zeros(len(ids))
    before = ids
    for size in range(4):
        if len(ids) <= size:
            break
        hashed = mix(ids) if size == 0 else gram(before[:-1], ids[size:])
        before = ids if size == 0 else hashed
        weight = table[hashed & mask] / (size + 1)
        for shift in range(size + 1):
            added[shift : shift + len(weight)] += weight
    return added
