"""Bad input through every door: a clear refusal, or a clear "nothing to judge", never a crash."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from detect.fuzz import properties
from detect.fuzz.nasty import FRAUD, HONEST, MONSTERS
from fangxian.detect import Call, check, check_many, check_turns
from fangxian.detect.links import links_in, look_at_link
from fangxian.detect.telephone import look_at_number, numbers_in

DOORS: dict[str, Callable[[str], None]] = {
    "text": properties.text,
    "undo": properties.undone,
    "links": properties.links,
    "numbers": properties.numbers,
    "turns": lambda text: properties.turns([("caller", text), ("callee", text), ("caller", FRAUD)]),
    "campaigns": lambda text: properties.campaign([text, FRAUD, text + "。"]),
}


@pytest.mark.parametrize("monster", MONSTERS)
@pytest.mark.parametrize("door", DOORS)
def test_monsters_are_judged_or_refused(door: str, monster: str) -> None:
    DOORS[door](MONSTERS[monster])


@pytest.mark.parametrize("empty", ["", " ", "\n", "\u3000", "\u200b\ufeff", "\ud800", "\0", "，…"])
def test_there_is_nothing_to_judge(empty: str) -> None:
    for verdict in (check(empty), *check_turns([empty]), check(turns=[empty])):
        assert verdict.nothing
        assert not verdict.flagged
        assert verdict.reasons == ()


def test_many_bad_ones_do_not_change_their_neighbours() -> None:
    texts = [FRAUD, *MONSTERS.values(), HONEST]
    many = check_many(texts)
    alone = [check_many([text]).probability[0] for text in texts]
    assert np.allclose(many.probability, alone, atol=1e-6)
    assert many.flagged[0]
    assert not many.flagged[-1]


def test_no_text_at_all_is_no_verdict() -> None:
    assert len(check_many([]).flagged) == 0
    assert check_turns([]) == []


@pytest.mark.parametrize("wrong", [5, b"text", ["text"], float("nan"), object()])
def test_what_is_no_text_is_refused_in_words(wrong: Any) -> None:
    for door in (check, look_at_link, links_in, look_at_number, numbers_in, Call().heard):
        with pytest.raises(TypeError, match=r"text|文|号码|链接"):
            door(wrong)
    with pytest.raises(TypeError, match="turn 1 is neither a text nor"):
        check_turns(["a", wrong if wrong != ["text"] else {}])
    with pytest.raises(TypeError, match=rf"text 1 .* {type(wrong).__name__}"):
        check_many(["a", wrong])


@pytest.mark.parametrize("wrong", [FRAUD, FRAUD.encode()])
def test_one_text_is_not_taken_for_many(wrong: Any) -> None:
    with pytest.raises(TypeError, match="got one text"):
        check_many(wrong)


def test_a_text_beside_a_number_must_be_one_too() -> None:
    with pytest.raises(TypeError, match="looks at a text"):
        check(b"", number="95588")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="looks at a text"):
        check(None, url="a.example")  # type: ignore[arg-type]


@pytest.mark.parametrize("who", ["other", "", None, 1])
def test_a_turn_is_the_callers_or_the_callees(who: Any) -> None:
    with pytest.raises(ValueError, match="the caller's or the callee's"):
        check_turns([(who, "你好")])


def test_arrow_arrays_of_every_sort() -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    texts = [FRAUD, None, "", "\0", HONEST]
    expected = check_many([text or "" for text in texts]).probability
    plain = pa.array(texts)
    for array in (
        plain,
        plain.cast(pa.large_string()),
        plain.dictionary_encode(),
        pa.chunked_array([plain[:2], plain[2:]]),
        pa.concat_arrays([plain, plain])[5:],
    ):
        assert np.array_equal(check_many(array).probability, expected)
    assert len(check_many(pa.array([], pa.string())).flagged) == 0
    with pytest.raises(TypeError, match=r"text 0 .* int"):
        check_many(pa.array([5, 6]))
    broken = pa.array([b"\xff"], pa.binary()).view(pa.string())
    with pytest.raises(ValueError, match="utf-8"):
        check_many(broken)


@pytest.mark.parametrize(
    "data",
    [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n" + b"\0" * 100, b"\xff\xd8\xff" * 1_000, bytes(10_000)],
)
def test_what_is_no_picture_is_refused_in_words(data: bytes) -> None:
    pytest.importorskip("PIL", reason="Pillow is not installed")
    properties.picture(data)
