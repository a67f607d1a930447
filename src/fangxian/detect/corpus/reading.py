"""Reading the corpus: placeholders filled with numbers and addresses that nobody can have."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

Side = Literal["fraud", "benign"]
Who = Literal["caller", "callee"]


@dataclass(frozen=True)
class Example:
    """One text with its label. `what`: a kind of fraud, or the genre of an honest text; `stage` is ""
    for honest texts. `turns` are those of a call or chat, else one of the caller; `author` is the
    file it stands in."""

    turns: tuple[tuple[Who, str], ...]
    side: Side
    what: str
    stage: str
    channel: str
    author: str

    @property
    def text(self) -> str:
        """All turns, a line each."""
        return "\n".join(said for _, said in self.turns)

    @property
    def is_fraud(self) -> bool:
        return self.side == "fraud"


def read_corpus(seed: int = 0) -> list[Example]:
    """Every text, in the order of the files. The same `seed` fills in the same numbers."""
    rng = Random(seed)  # noqa: S311  no secret: the same every time is the point
    files = sorted(Path(__file__).parent.glob("*.jsonl"))
    return [example for file in files for example in _read(file, rng)]


def _read(file: Path, rng: Random) -> Iterator[Example]:
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        turns = row.get("turns") or [["caller", row["text"]]]
        yield Example(
            turns=tuple((who, fill(said, rng)) for who, said in turns),
            side=row["side"],
            what=row["what"],
            stage=row.get("stage", ""),
            channel=row["channel"],
            author=file.stem,
        )


def fill(text: str, rng: Random) -> str:
    """`text` with every placeholder filled. Raises KeyError for one that is not known."""
    return _PLACEHOLDER.sub(lambda found: _FILLS[found[1]](rng), text)


_PLACEHOLDER = re.compile(r"\{(\w+)\}")
# Reserved for examples (RFC 2606), or of ranges that no operator assigns.
_ENDINGS = (".example", ".test", ".invalid", ".example.com", ".example.net")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _digits(rng: Random, count: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(count))


def _name(rng: Random, least: int = 4, most: int = 9) -> str:
    return "".join(rng.choice(_LETTERS) for _ in range(rng.randint(least, most)))


def _host(rng: Random) -> str:
    return rng.choice(("", "m.", "www.", f"{_name(rng)}.")) + _name(rng) + rng.choice(_ENDINGS)


_FILLS: dict[str, Callable[[Random], str]] = {
    "mobile": lambda rng: f"1200{_digits(rng, 7)}",
    "landline": lambda rng: f"0{rng.choice(('10', '23', '755', '571'))}-0{_digits(rng, 7)}",
    "hotline": lambda rng: f"400-0{_digits(rng, 2)}-{_digits(rng, 4)}",
    "url": lambda rng: rng.choice(("http://", "https://", "")) + _host(rng) + f"/{_name(rng)}",
    "shorturl": lambda rng: f"{_name(rng, 1, 3)}.example/{_name(rng, 5, 7)}",
    "ip_url": lambda rng: f"http://192.0.2.{rng.randint(1, 254)}:{rng.randint(1025, 9999)}/",
    "apk_url": lambda rng: f"http://{_host(rng)}/{_name(rng)}.apk",
    "qq": lambda rng: f"000{_digits(rng, 7)}",
    "wechat": lambda rng: f"{_name(rng, 3, 6)}_000{_digits(rng, 3)}",
    "code": lambda rng: _digits(rng, rng.choice((4, 6, 6, 6))),
    "card": lambda rng: f"0000{_digits(rng, 15)}",
    "tail": lambda rng: _digits(rng, 4),
    "id": lambda rng: f"000000{rng.randint(1940, 2010)}0000{_digits(rng, 4)}",
    "order": lambda rng: f"20{_digits(rng, 12)}",
    "plate": lambda rng: f"{rng.choice('渝川京粤')}A{_digits(rng, 5)}",
}
