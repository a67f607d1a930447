"""Campaigns in one file: written whole or not at all."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .campaigns import Campaigns
from .likeness import BANDS, PLACES

# Counts up when masks, sketches or bands change: sketches of two versions cannot be compared.
FORM = 1
Arrays = dict[str, NDArray[Any]]


def save(campaigns: Campaigns, path: Path) -> None:
    """Write everything to `path` (NumPy's npz); what stood there stays until the new file is whole.

    Raises OSError if the folder cannot be written.
    """
    wordings, count = campaigns.wordings, len(campaigns)
    keys, who = wordings.bands.all()
    number = len(wordings.texts)
    arrays: Arrays = {
        "form": np.array([FORM]),
        "times": campaigns.times[:count],
        "of_wording": campaigns.of_wording[:count],
        "marks": wordings.marks[:number],
        "parents": wordings.roots(np.arange(number, dtype=np.int32)),
        "band_keys": keys,
        "band_who": who,
        **_packed("ids", campaigns.ids),
        **_packed("texts", wordings.texts),
    }
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
        part = Path(file.name)
        try:
            np.savez(file, allow_pickle=False, **arrays)
            file.flush()
            os.fsync(file.fileno())
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def load(path: Path) -> Campaigns:
    """What was saved. Raises FileNotFoundError, or ValueError if this is not such a file, whole."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays: Arrays = {name: file[name] for name in file.files}
        return _campaigns(arrays)
    except FileNotFoundError:
        raise
    except (KeyError, IndexError, ValueError, TypeError, EOFError, OSError) as wrong:
        raise ValueError(f"{path}：不是完整的团伙短信档案（{wrong}）") from wrong
    except zipfile.BadZipFile as wrong:
        raise ValueError(f"{path}：文件已损坏（{wrong}）") from wrong


def _campaigns(arrays: Arrays) -> Campaigns:
    if int(arrays["form"][0]) != FORM:
        raise ValueError(
            f"应为第 {FORM} 版，实际是第 {int(arrays['form'][0])} 版：请由原始举报重建"
        )
    out = Campaigns()
    out.ids, out.wordings.texts = _unpacked(arrays, "ids"), _unpacked(arrays, "texts")
    reports, number = len(out.ids), len(out.wordings.texts)
    out.times = _of(arrays, "times", np.int64, (reports,))
    out.of_wording = _of(arrays, "of_wording", np.int32, (reports,), number)
    out.wordings.marks = _of(arrays, "marks", np.uint8, (number, PLACES))
    out.wordings.parents = _of(arrays, "parents", np.int32, (number,), number)
    # Every parent is a root, or a walk up might never end.
    if not np.array_equal(out.wordings.parents[out.wordings.parents], out.wordings.parents):
        raise ValueError("parents 不是两层")
    keys = _of(arrays, "band_keys", np.uint64, arrays["band_who"].shape)
    who = _of(arrays, "band_who", np.int32, (len(keys),), number)
    if len(keys) > number * BANDS or (keys[1:] < keys[:-1]).any():
        raise ValueError("band_keys 的数目或次序不对")
    out.wordings.bands.replace(keys, who)
    out.wordings.numbers = {text: at for at, text in enumerate(out.wordings.texts)}
    out.rows = {report_id: row for row, report_id in enumerate(out.ids)}
    if len(out.rows) != reports or len(out.wordings.numbers) != number:
        raise ValueError("编号或内容有重复")
    out.name_all()
    return out


def _of(
    arrays: Arrays, name: str, kind: type[Any], shape: tuple[int, ...], below: int | None = None
) -> NDArray[Any]:
    array = arrays[name]
    if array.dtype != kind or array.shape != shape:
        raise ValueError(
            f"{name} 应为 {np.dtype(kind)} {shape}，实际是 {array.dtype} {array.shape}"
        )
    if below is not None and len(array) and not (array.min() >= 0 and array.max() < below):
        raise ValueError(f"{name} 超出范围")
    return array


def _packed(name: str, texts: Sequence[str]) -> Arrays:
    """Texts as bytes in a row, and where each ends. A text may hold lone surrogates."""
    coded = [text.encode("utf-8", "surrogatepass") for text in texts]
    ends = np.cumsum([len(each) for each in coded], dtype=np.int64)
    return {name: np.frombuffer(b"".join(coded), np.uint8), f"{name}_ends": ends}


def _unpacked(arrays: Arrays, name: str) -> list[str]:
    data = arrays[name].tobytes()
    ends = arrays[f"{name}_ends"].tolist()
    starts = [0, *ends[:-1]]
    if ends != sorted(ends) or (ends[-1] if ends else 0) != len(data) or min(ends, default=0) < 0:
        raise ValueError(f"{name} 的长度不对")
    return [
        data[a:b].decode("utf-8", "surrogatepass") for a, b in zip(starts, ends, strict=bool(ends))
    ]
