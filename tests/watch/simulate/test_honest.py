"""Honest life: plausible amounts of it, at plausible hours, and much that looks like a fraud."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fangxian.watch.simulate.residents import ELDER, Residents
from fangxian.watch.simulate.rhythm import DAY, HOUR, OFFICE, PEOPLE
from fangxian.watch.simulate.words import held_back

from .conftest import DAYS, RESIDENTS, SEED

RESIDENT_DAYS = RESIDENTS * DAYS


def _of(table: pa.Table, kind: str) -> pa.Table:
    return table.filter(pc.equal(table["type"], kind))


def test_residents_have_plausible_numbers_of_calls_and_texts(town) -> None:
    count = Counter(town.events["type"].to_pylist())
    assert 4 < count["call.ended"] / RESIDENT_DAYS < 9
    assert 1.5 < count["sms.received"] / RESIDENT_DAYS < 3.5
    assert 0.1 < count["transfer.requested"] / RESIDENT_DAYS < 0.4
    calls = _of(town.events, "call.ended")
    each = np.array(list(Counter(calls["resident"].to_pylist()).values())) / DAYS
    assert len(each) > 0.98 * RESIDENTS
    assert np.quantile(each, 0.99) < 40


def test_nights_are_quiet(town) -> None:
    local = (np.asarray(town.events["time"].cast(pa.int64())) + 8 * HOUR) % DAY / HOUR
    assert ((local > 0) & (local < 6)).mean() < 0.03


def test_elders_call_less_and_mostly_their_family() -> None:
    residents = Residents(5000, 3)
    rng = np.random.default_rng(1)
    picked = np.bincount(residents.active(rng, 200_000), minlength=5000)
    by_age = [picked[group].mean() for group in residents.by_age]
    assert by_age[ELDER] < 0.6 * max(by_age)
    assert ((residents.kin >= 2) & (residents.kin <= 4)).all()
    assert (residents.family != np.arange(5000)[:, None]).all()


def test_couriers_make_dozens_of_short_calls_a_day_to_different_people(honest) -> None:
    calls = _of(honest, "call.ended")
    mobile = calls.filter(
        pc.and_(pc.equal(calls["other_kind"], "mobile"), pc.is_null(calls["outgoing"]))
    )
    rung, lasted = defaultdict(set), defaultdict(list)
    for row in mobile.select(["other", "resident", "seconds", "time"]).to_pylist():
        key = row["other"], row["time"].date()
        rung[key].add(row["resident"])
        lasted[key].append(row["seconds"])
    busy = [key for key, people in rung.items() if len(people) >= 24]
    assert len(busy) > DAYS
    assert np.median([np.median(lasted[key]) for key in busy]) < 40


def test_call_centres_ring_many_and_few_answer(honest) -> None:
    calls = _of(honest, "call.ended")
    calls = calls.filter(pc.is_in(calls["other_kind"], pa.array(["virtual", "landline"])))
    calls = calls.filter(pc.is_null(calls["outgoing"]))
    numbers, answered = Counter(calls["other"].to_pylist()), Counter()
    for other, seconds in zip(
        calls["other"].to_pylist(), calls["seconds"].to_pylist(), strict=True
    ):
        answered[other] += seconds > 0
    most, count = numbers.most_common(1)[0]
    assert count > 100 * DAYS
    assert answered[most] / count < 0.6


def test_honest_people_do_what_looks_like_a_fraud(honest) -> None:
    names = ("type", "other", "other_kind", "family", "outgoing", "seconds", "app", "campaign")
    rows = honest.select(list(names)).to_pydict()
    kinds, types = np.array(rows["other_kind"], object), np.array(rows["type"])
    seconds = np.array([each or 0 for each in rows["seconds"]])
    outgoing = np.array([each is None for each in rows["outgoing"]])
    family = np.array([bool(each) for each in rows["family"]])
    call = (types == "call.ended") & outgoing & ~family
    assert (call & (kinds == "overseas") & (seconds > 600)).sum() > 10
    assert (call & (kinds == "mobile") & (seconds > 1800)).sum() > 50
    assert (call & (kinds == "forged")).sum() > 3
    assert (call & (np.array(rows["other"], object) == "96110")).sum() > 5
    assert Counter(rows["app"])["remote"] > 10
    assert Counter(rows["app"])["unknown_source"] > 30
    assert types.tolist().count("report.filed") > 2
    assert sum(each is not None for each in rows["campaign"]) > 1000


def test_bank_codes_are_followed_by_transfers_to_new_payees(honest) -> None:
    codes: dict[str, list] = defaultdict(list)
    for row in (
        honest.filter(pc.equal(honest["code"], "bank")).select(["resident", "time"]).to_pylist()
    ):
        codes[row["resident"]].append(row["time"])
    paid = _of(honest, "transfer.requested")
    paid = paid.filter(paid["new_payee"]).to_pylist()
    soon = [
        r
        for r in paid
        if any(0 < (r["time"] - at).total_seconds() < 600 for at in codes[r["resident"]])
    ]
    assert len(soon) > 200
    assert max(row["amount"] for row in soon) > 500_000


def test_texts_are_those_of_the_held_back_author_alone(town) -> None:
    assert {example.author for example in held_back(SEED)} == {"held-x"}
    known = {example.text for example in held_back(SEED)}
    texts = town.events["text"].to_pylist()
    said = {text for text in texts if text is not None}
    assert said <= known
    assert len(said) > 300
    messages = np.array(town.events["type"].to_pylist()) == "sms.received"
    share = sum(t is None for t, sms in zip(texts, messages, strict=True) if sms) / messages.sum()
    assert 0.08 < share < 0.14


def test_a_day_has_its_rhythm() -> None:
    monday = 4 * DAY - 8 * HOUR  # 1970-01-05 in China
    assert abs(PEOPLE.days(monday, monday + DAY) - 1) < 1e-9
    assert OFFICE.days(monday + 5 * DAY, monday + 6 * DAY) < 0.5
    at = OFFICE.draw(np.random.default_rng(1), 5000, monday + 9 * HOUR, monday + 12 * HOUR)
    assert at.min() >= monday + 9 * HOUR
    assert at.max() < monday + 12 * HOUR
