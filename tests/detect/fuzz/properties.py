"""What holds for any input at all, one function a door: called by Hypothesis in the tests beside
this file and by the coverage-guided fuzzer (tools/fuzz.py). Each raises AssertionError, or whatever
it was that should not have been raised."""

from __future__ import annotations

import csv
import io
import json
import math
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fangxian.detect import Grade, Verdict, check, check_many, check_turns
from fangxian.detect.campaigns import Campaigns, Report, masked
from fangxian.detect.checking import of_words
from fangxian.detect.files import UnreadableFile, check_file
from fangxian.detect.links import links_in, look_at_link
from fangxian.detect.pictures.opening import UnreadablePicture, open_picture
from fangxian.detect.reasons import Reason
from fangxian.detect.telephone import look_at_number, numbers_in
from fangxian.detect.undo import undo

GRADES = list(Grade)
ADDED = ["fraud_probability", "fraud_flagged", "fraud_grade"]
# Words alone are judged twice, by one text and by many; sums are in 64 and in 32 bits.
NEAR = 1e-5
# A sentence that a clerk reads; a message of a library is quoted in some.
LONGEST_SENTENCE = 1_000


def stand_in(reasons: Sequence[Reason], lengths: dict[str, int]) -> None:
    """Reasons are sentences with finite weights, at places in what was handed in."""
    for reason in reasons:
        assert math.isfinite(reason.weight)
        assert reason.says.zh
        assert reason.says.en
        longest = lengths[reason.part]
        assert (reason.start, reason.end) == (0, 0) or 0 <= reason.start < reason.end <= longest


def is_verdict(verdict: Verdict, lengths: dict[str, int]) -> None:
    assert 0 <= verdict.probability <= 1
    assert verdict.advice
    assert verdict.flagged == (verdict.grade in (Grade.RISK, Grade.DANGER))
    assert not (verdict.kind and verdict.grade is Grade.CLEAR)
    stand_in(verdict.reasons, lengths)


def text(written: str) -> None:
    """`check`: a verdict, the same twice, as `check_many` gives it."""
    verdict, again = check(written), check(written)
    is_verdict(verdict, {"text": len(written)})
    assert (again, again.reasons) == (verdict, verdict.reasons)
    if verdict.nothing:
        assert verdict.reasons == ()
        assert verdict.grade is Grade.CLEAR
    words = of_words(written)
    # A link that is plainly wrong adds to the words, and nothing takes away.
    assert verdict.probability >= words.probability - NEAR
    many = check_many([written, written])
    assert many.probability[0] == many.probability[1]
    assert abs(float(many.probability[0]) - words.probability) <= NEAR
    assert bool(many.flagged[0]) == words.flagged


def grades_rise(written: Sequence[str]) -> None:
    """What is likelier to be fraud has no lower grade."""
    verdicts = [of_words(one) for one in written]
    rank = [(v.probability, GRADES.index(v.grade)) for v in verdicts if not v.nothing]
    for p, grade in rank:
        assert all(other >= grade for q, other in rank if q > p)


def undone(written: str) -> None:
    """`undo`: of each character of the plain text where it stood; undone twice is undone once."""
    done = undo(written)
    assert len(done.starts) == len(done.ends) == len(done.text)
    assert list(done.starts) == sorted(done.starts)
    for start, end in zip(done.starts, done.ends, strict=True):
        assert 0 <= start < end <= len(written)
    for disguise in done.disguises:
        assert 0 <= disguise.start < disguise.end <= len(written)
    assert undo(done.text).text == done.text


def links(written: str) -> None:
    """`links_in` and `look_at_link`."""
    at = 0
    for start, end, view in links_in(written):
        assert at <= start < end <= len(written)
        at = end
        assert view.host
        assert view.kind != "unreadable"
        assert 0 <= view.probability <= 1
        stand_in(view.reasons, {"text": len(written)})
    view = look_at_link(written)
    assert 0 <= view.probability <= 1
    assert (view.kind == "unreadable") == (not view.host)
    stand_in(view.reasons, {"text": len(written)})
    if written:
        is_verdict(check(url=written), {"url": len(written)})


def numbers(written: str) -> None:
    """`numbers_in` and `look_at_number`."""
    at = 0
    for start, end, view in numbers_in(written):
        assert at <= start < end <= len(written)
        at = end
        assert view.kind != "not_a_number"
        stand_in(view.reasons, {"text": len(written)})
    for caller in (True, False):
        view = look_at_number(written, caller=caller)
        assert (view.kind == "not_a_number") == (not view.shown)
        assert view.shown.removeprefix("+").isdigit() or not view.shown
        stand_in(view.reasons, {"text": len(written)})
        assert view.kind_words.zh
        assert view.region is None or view.region.zh
    if written:
        is_verdict(check(number=written), {"number": len(written)})


def turns(said: Sequence[tuple[Any, str]]) -> None:
    """`check_turns`: a verdict a turn; a reason stands in the turn that it names."""
    verdicts = check_turns(said)
    assert len(verdicts) == len(said)
    for number, verdict in enumerate(verdicts):
        assert verdict.turn == number
        assert 0 <= verdict.probability <= 1
        assert verdict.advice
    for reason in verdicts[-1].reasons if verdicts else ():
        stand_in([reason], {"turns": len(said[reason.turn][1])})
    assert check_turns(said) == verdicts


def campaign(written: Sequence[str]) -> None:
    """`Campaigns`: each report is taken in, or refused as empty; together stays together."""
    known = Campaigns()
    for number, one in enumerate(written):
        report = Report(f"r{number}", one, datetime(2026, 11, 28, tzinfo=UTC))
        if one.strip():
            assert known.add(report) in known.ids
            assert masked(one) == masked(one)
        else:
            with suppress(ValueError):
                known.add(report)
                raise AssertionError("an empty report was taken in")


def picture(data: bytes) -> None:
    """A picture is opened in bounded size or refused in words."""
    try:
        opened = open_picture(data)
    except UnreadablePicture as refused:
        is_sentence(str(refused))
    else:
        assert opened.pixels.width <= 2560
        assert opened.pixels.width * opened.pixels.height <= 64_000_000


def csv_file(data: bytes) -> None:
    """A csv comes back as a table, each row with a verdict, or is refused and leaves nothing."""
    told, out = looked_at(data, ".csv")
    if told is None:
        return
    header, *rows = csv.reader(io.StringIO(out.decode("utf-8-sig"), newline=""))
    assert header[-3:] == ADDED
    assert len(rows) == told
    for row in rows:
        assert len(row) == len(header)
        assert 0 <= float(row[-3]) <= 1
        assert row[-1] in GRADES


def jsonl_file(data: bytes) -> None:
    """A jsonl comes back with a verdict in each object, or is refused and leaves nothing."""
    told, out = looked_at(data, ".jsonl")
    if told is None:
        return
    rows = [json.loads(line) for line in out.decode().split("\n")[:-1]]
    assert len(rows) == told > 0
    assert all(row["fraud_grade"] in GRADES for row in rows)


def looked_at(data: bytes, ending: str) -> tuple[int | None, bytes]:
    """What `check_file` made of a file: rows and the bytes of the answer; None where it refused."""
    with tempfile.TemporaryDirectory(prefix="fangxian-") as folder:
        path = Path(folder) / f"x{ending}"
        path.write_bytes(data)
        try:
            told = check_file(path)
        except UnreadableFile as refused:
            is_sentence(str(refused), path.name)
            assert [each.name for each in Path(folder).iterdir()] == [path.name]
            return None, b""
        assert path.read_bytes() == data
        assert all(note.zh and note.en for note in told.notes)
        return told.rows, told.out.read_bytes()


def is_sentence(said: str, of: str = "") -> None:
    assert 0 < len(said) <= LONGEST_SENTENCE
    assert of in said
    assert "Traceback" not in said
