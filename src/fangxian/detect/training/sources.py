"""What the model may learn from, and what it is only measured on.

Public data lies outside the project in a folder the user names; our own corpus is always there.
Every set is split into the part that trains and the part on which the threshold is set. What may
not train is refused here and nowhere else: `training_examples` is the only way to the learner.
"""

from __future__ import annotations

import csv
import json
import lzma
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from zlib import crc32

from ..corpus import read_corpus
from ..kinds.names import known_keys

Part = Literal["train", "dev"]


@dataclass(frozen=True)
class Labelled:
    """One text with what it is. `what`: a kind of fraud or a genre, "" where not known; `stage` of a
    fraud, else ""; `group`: author, campaign or file: what must not stand on both sides."""

    text: str
    fraud: bool
    source: str
    group: str
    what: str = ""
    stage: str = ""
    part: Part = "train"


class MayNotTrain(ValueError):
    """A set that is for measuring only was handed to the learner."""


# Free to measure on, not to learn from (no licence, or for research only).
MEASURE_ONLY = frozenset({"fbs", "telecom5", "held"})
# Weight of a source against the others in learning: our own texts count each as one.
SHARE = {"nus": 1500.0, "teleantifraud": 1500.0, "english": 800.0}


def own_texts(seed: int = 0) -> list[Labelled]:
    """Our own corpus; the authors held back are source "held"."""
    return [
        Labelled(
            text=e.text,
            fraud=e.is_fraud,
            source="held" if e.author.startswith("held-") else "own",
            group=e.author,
            what=e.what,
            stage=e.stage,
            part="dev" if e.author.startswith("held-") else "train",
        )
        for e in read_corpus(seed)
    ]


def public_sets(folder: Path) -> dict[str, list[Labelled]]:
    """The public sets that lie in `folder`, by source; those that are not there are left out."""
    found = {}
    for source, (name, reader) in _READERS.items():
        path = folder / name
        if path.exists():
            with lzma.open(path, "rt", encoding="utf-8") as file:
                found[source] = [reader(json.loads(line)) for line in file]
    return found


def _teleantifraud(row: dict[str, Any]) -> Labelled:
    text = f"{row['left']}\n{row['right']}"
    return Labelled(
        text, bool(row["is_fraud"]), "teleantifraud", str(row["label"]), part=row["split"]
    )


def _nus(row: dict[str, Any]) -> Labelled:
    # No split of its own: one in five sets the threshold.
    part: Part = "dev" if crc32(row["id"].encode()) % 5 == 0 else "train"
    return Labelled(row["text"], False, "nus", row["id"], "personal_chat", part=part)


def _english(row: dict[str, Any]) -> Labelled:
    group = str(row["cluster"])
    return Labelled(row["text"], bool(row["is_fraud"]), "english", group, part=row["split"])


def _fbs(row: dict[str, Any]) -> Labelled:
    fine = str(row["fine"])
    return Labelled(row["text"], bool(row["is_fraud"]), "fbs", str(row["cluster"]), fine, "", "dev")


def _telecom5(row: dict[str, Any]) -> Labelled:
    what = str(row["label"])
    return Labelled(row["text"], bool(row["is_fraud"]), "telecom5", what, what, "", "dev")


_READERS: dict[str, tuple[str, Callable[[dict[str, Any]], Labelled]]] = {
    "nus": ("nus_sms_zh_benign.jsonl.xz", _nus),
    "teleantifraud": ("teleantifraud_dialogues.jsonl.xz", _teleantifraud),
    "english": ("en_sms_phishing.jsonl.xz", _english),
    "fbs": ("fbs_sms.jsonl.xz", _fbs),
    "telecom5": ("telecom5.jsonl.xz", _telecom5),
}


def added_texts(path: Path) -> list[Labelled]:
    """A town's own reports: csv with the columns text, fraud (1 or 0), and kind where known.

    Raises ValueError naming the row and what was expected.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        missing = {"text", "fraud"} - set(rows.fieldnames or ())
        if missing:
            raise ValueError(f"{path.name}: no column {', '.join(sorted(missing))}")
        return list(_added(path.name, rows))


def _added(name: str, rows: Iterable[dict[str, str]]) -> Iterator[Labelled]:
    for number, row in enumerate(rows, 2):
        fraud, kind = (row["fraud"] or "").strip(), (row.get("kind") or "").strip()
        if fraud not in ("0", "1"):
            raise ValueError(f"{name} line {number}, fraud: {fraud!r}, expected 1 or 0")
        if kind and fraud == "1" and kind not in known_keys():
            known = ", ".join(known_keys())
            raise ValueError(f"{name} line {number}, kind: {kind!r}, expected one of {known}")
        if (row["text"] or "").strip():
            yield Labelled(row["text"], fraud == "1", "added", name, kind)


def training_examples(sets: Iterable[Iterable[Labelled]]) -> list[Labelled]:
    """What may train, of these sets. Raises MayNotTrain if a set is for measuring only: nobody
    should have to notice that from the figures."""
    chosen = []
    for rows in sets:
        for row in rows:
            if row.source in MEASURE_ONLY:
                raise MayNotTrain(f"{row.source} is for measuring only")
            if row.part == "train":
                chosen.append(row)
    return chosen
