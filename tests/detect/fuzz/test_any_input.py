"""Any input at all, by Hypothesis: what must hold at each door is in properties.py."""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detect.fuzz import properties
from detect.fuzz.nasty import FRAUD, HONEST, PIECES
from fangxian.detect import check_many
from fangxian.detect.checking import of_words
from fangxian.detect.corpus import read_corpus
from fangxian.detect.files import check_file

# Bounded by the number of examples, so that a slow machine tests the same; `make fuzz` goes on.
MANY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SOME = settings(MANY, max_examples=60)

PIECE = st.one_of(st.sampled_from(PIECES), st.characters(), st.text(max_size=6))
REPEATED = st.builds(lambda piece, times: piece * times, PIECE, st.integers(1, 200))
HONEST_OR_NOT = st.sampled_from([entry.text for entry in read_corpus()[::97]])
TEXTS = st.lists(st.one_of(PIECE, REPEATED, HONEST_OR_NOT), max_size=12).map("".join)
WHO = st.sampled_from(["caller", "callee"])
CODINGS = st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-32"])
# What a csv may hold whole: half a character is in no coding, and what is for the most part control
# characters is no text.
CELLS = TEXTS.map(lambda text: re.sub("[\ufeff\x00-\x08\x0e-\x1f\ud800-\udfff]", "", text))


@MANY
@given(TEXTS)
def test_text(text: str) -> None:
    properties.text(text)


@MANY
@given(TEXTS)
def test_undo(text: str) -> None:
    properties.undone(text)


@MANY
@given(TEXTS)
def test_links(text: str) -> None:
    properties.links(text)


@MANY
@given(TEXTS)
def test_numbers(text: str) -> None:
    properties.numbers(text)


@SOME
@given(st.lists(st.tuples(WHO, TEXTS), max_size=6))
def test_turns(turns: list[tuple[str, str]]) -> None:
    properties.turns(turns)


@SOME
@given(st.lists(TEXTS, max_size=6))
def test_campaigns(texts: list[str]) -> None:
    properties.campaign(texts)


@SOME
@given(st.lists(st.one_of(TEXTS, HONEST_OR_NOT), min_size=2, max_size=8))
def test_the_likelier_the_higher_the_grade(texts: list[str]) -> None:
    properties.grades_rise([*texts, FRAUD, HONEST])


@settings(SOME, max_examples=20)
@given(st.lists(TEXTS, min_size=1, max_size=8))
def test_the_compiled_kernel_and_numpy_say_the_same(texts: list[str]) -> None:
    """The kernel reads 200 texts or more, once it has been started any number."""
    pytest.importorskip("numba", reason="numba is not installed")
    many = check_many((texts * 200)[:200])
    alone = [of_words(text).probability for text in texts]
    assert np.allclose(many.probability[: len(texts)], alone, atol=properties.NEAR)


@SOME
@given(st.binary(max_size=2_000))
def test_bytes_called_a_csv(data: bytes) -> None:
    properties.csv_file(data)


@SOME
@given(st.binary(max_size=2_000))
def test_bytes_called_a_jsonl(data: bytes) -> None:
    properties.jsonl_file(data)


@SOME
@given(
    st.lists(st.lists(CELLS, min_size=2, max_size=3), max_size=5),
    CODINGS,
    st.sampled_from(",\t;"),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_a_csv_that_is_none_or_one(
    rows: list[list[str]], coding: str, between: str, end: str
) -> None:
    """Cells put together with nothing quoted: whatever comes of it is a table or a refusal."""
    table = end.join(between.join(row) for row in [["id", "text"], *rows])
    properties.csv_file(table.encode(coding, "surrogatepass"))
    properties.csv_file(table.encode("utf-8") + table.encode("gb18030"))


@SOME
@given(st.lists(st.tuples(CELLS, CELLS), max_size=5), CODINGS, st.sampled_from(",\t;"))
def test_every_cell_of_a_csv_comes_back(
    rows: list[tuple[str, str]], coding: str, between: str
) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=between).writerows([("text", "id"), *rows])
    with tempfile.TemporaryDirectory(prefix="fangxian-") as folder:
        path = Path(folder) / "x.csv"
        path.write_bytes(written.getvalue().encode(coding))
        told = check_file(path)
        with told.out.open(encoding="utf-8-sig", newline="") as file:
            back = [tuple(row[:2]) for row in csv.reader(file)]
    assert back == [("text", "id"), *rows]


@SOME
@given(
    st.lists(st.fixed_dictionaries({"text": TEXTS, "more": st.none() | TEXTS}), min_size=1, max_size=5),
    CODINGS,
)  # fmt: skip
def test_every_object_of_a_jsonl_comes_back(rows: list[dict[str, str]], coding: str) -> None:
    lines = "\n".join(json.dumps(row) for row in rows)
    with tempfile.TemporaryDirectory(prefix="fangxian-") as folder:
        path = Path(folder) / "x.jsonl"
        path.write_bytes(lines.encode(coding))
        told = check_file(path)
        found = [json.loads(line) for line in told.out.read_text("utf-8").split("\n")[:-1]]
    assert [{key: row[key] for key in ("text", "more")} for row in found] == rows


@SOME
@given(st.binary(max_size=500))
def test_bytes_called_a_picture(data: bytes) -> None:
    pytest.importorskip("PIL", reason="Pillow is not installed")
    properties.picture(data)
