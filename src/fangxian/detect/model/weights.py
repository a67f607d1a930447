"""The model's file: small integers for hashed n-grams, and what turns their sum into a verdict."""

from __future__ import annotations

import io
import json
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..tokens import Grams, batch, compiled, grams
from ..tokens.bulk import PIECE, log_odds, shortened

Floats = NDArray[np.float32]
FORMAT = "fangxian-text-1"


@dataclass(frozen=True)
class Heads:
    """What a text is about: `names` in groups (kind, genre, stage), each a softmax over the sum of
    its columns of `weights` (places x names, small integers of `scale`)."""

    names: dict[str, tuple[str, ...]]
    weights: NDArray[np.int8]
    scale: float
    bias: Floats

    def best(self, texts: Grams) -> dict[str, str]:
        """The name of each group that is the most probable one for the first text."""
        sums, answer, at = self._sums(texts)[0], {}, 0
        for group, names in self.names.items():
            answer[group] = names[int(sums[at : at + len(names)].argmax())]
            at += len(names)
        return answer

    def of(self, texts: Grams) -> dict[str, Floats]:
        """Probabilities (texts x names) by group."""
        sums, answer, at = self._sums(texts), {}, 0
        for group, names in self.names.items():
            part = sums[:, at : at + len(names)]
            part = np.exp(part - part.max(axis=1, keepdims=True))
            answer[group] = (part / part.sum(axis=1, keepdims=True)).astype(np.float32)
            at += len(names)
        return answer

    def _sums(self, texts: Grams) -> Floats:
        offsets, places = texts.offsets, texts.hashes & np.uint32(len(self.weights) - 1)
        sums = np.zeros((len(offsets) - 1, self.weights.shape[1]), np.float32)
        for i in range(len(sums)):
            own = places[offsets[i] : offsets[i + 1]]
            if len(own):
                sums[i] = self.weights[own].sum(axis=0, dtype=np.int32) / np.sqrt(len(own))
        return sums * np.float32(self.scale) + self.bias


@dataclass(frozen=True)
class Model:
    """Log-odds of fraud: `bias` plus the `weights` of a text's n-grams times `scale`, by the root of
    how many there are. `curve` turns log-odds into a probability; `threshold`, `danger` and `doubt`
    are log-odds, too; `about` says how it was made."""

    weights: NDArray[np.int8]
    scale: float
    bias: float
    curve: tuple[float, float]
    threshold: float
    danger: float
    doubt: float
    heads: Heads
    about: dict[str, Any]

    def log_odds(self, texts: Grams) -> Floats:
        """Log-odds of fraud of each text; of one without a token, that of nothing at all."""
        offsets, places = texts.offsets, texts.hashes & np.uint32(len(self.weights) - 1)
        own = self.weights[places]
        if len(offsets) == 2:
            total = own.sum(dtype=np.int64, keepdims=True)
        else:
            sums = np.concatenate([[0], np.cumsum(own, dtype=np.int64)])
            total = sums[offsets[1:]] - sums[offsets[:-1]]
        number = offsets[1:] - offsets[:-1]
        found: Floats = self.bias + self.scale * total / np.sqrt(np.maximum(number, 1))
        return found.astype(np.float32)

    def log_odds_of(self, texts: Any) -> Floats:
        """The same for many texts of which nothing else is wanted: a sequence of str, or an Arrow
        array of strings; None counts as an empty text. Faster, by the kernel."""
        if compiled(len(texts)):
            return log_odds(texts, self.weights, self.scale, self.bias)
        plain = texts.to_pylist() if hasattr(texts, "to_pylist") else texts
        pieces = [plain[at : at + PIECE] for at in range(0, len(plain), PIECE)]
        found = [
            self.log_odds(grams(batch(["" if t is None else shortened(t) for t in p])))
            for p in pieces
        ]
        return np.concatenate(found) if found else np.zeros(0, np.float32)

    def probability(self, log_odds: Floats) -> Floats:
        """Calibrated: of texts given 0.8, four in five are fraud, where half of all are."""
        slope, shift = self.curve
        z = np.clip(slope * log_odds.astype(np.float64) + shift, -40, 40)
        return (1 / (1 + np.exp(-z))).astype(np.float32)


@cache
def load_model() -> Model:
    """The model that is shipped."""
    return read_model(Path(__file__).with_name("text.model"))


def read_model(path: Path) -> Model:
    """Raises ValueError saying what is wrong with the file."""
    try:
        with np.load(io.BytesIO(zlib.decompress(path.read_bytes())), allow_pickle=False) as file:
            meta = json.loads(bytes(file["meta"]))
            if meta["format"] != FORMAT:
                raise ValueError(f"format {meta['format']!r}, expected {FORMAT!r}")
            heads = Heads(
                {group: tuple(names) for group, names in meta["heads"].items()},
                file["heads"],
                meta["heads_scale"],
                file["heads_bias"],
            )
            return Model(
                file["weights"],
                heads=heads,
                curve=tuple(meta["curve"]),
                about=meta["about"],
                **{key: meta[key] for key in ("scale", "bias", "threshold", "danger", "doubt")},
            )
    except (zlib.error, KeyError, ValueError, EOFError) as wrong:
        raise ValueError(f"{path} is no model of ours: {wrong}") from wrong


def write_model(model: Model, path: Path) -> None:
    """The same model gives the same bytes."""
    meta = {
        "format": FORMAT, "scale": model.scale, "bias": model.bias, "curve": model.curve,
        "threshold": model.threshold, "danger": model.danger, "doubt": model.doubt,
        "heads": model.heads.names, "heads_scale": model.heads.scale, "about": model.about,
    }  # fmt: skip
    out = io.BytesIO()
    np.savez(
        out,
        weights=model.weights,
        heads=model.heads.weights,
        heads_bias=model.heads.bias,
        meta=np.frombuffer(json.dumps(meta, ensure_ascii=False).encode(), np.uint8),
    )
    # Nothing in it repeats, so all that packs is few bits for frequent numbers: no larger than with
    # slower ways to pack, and read in a tenth of the time.
    packer = zlib.compressobj(9, strategy=zlib.Z_HUFFMAN_ONLY)
    path.write_bytes(packer.compress(out.getvalue()) + packer.flush())
