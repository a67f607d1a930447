"""The grade and its reasons: plain rules, each said aloud."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from fangxian.town.models import Resident
from fangxian.warn.grading import Reason, grade_of
from fangxian.warn.models import Batch, Grade, Sender, Signal

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
COUNTY, BANK = Sender(pk=1, name="县中心"), Sender(pk=2, name="银行")


def signal(grade: Grade, sender: Sender = COUNTY, kind: str = "other", hours: float = 0) -> Signal:
    return Signal(sender=sender, grade=grade, kind=kind, received_at=NOW - timedelta(hours=hours))


def replaced(one: Signal) -> Signal:
    """The same signal, come in just now."""
    return signal(Grade(one.grade), one.sender, one.kind)


def graded(signals: list[Signal], stage: str = "unknown", **resident) -> tuple[Grade, list[str]]:
    grade, reasons = grade_of(signals, Resident(**resident), stage, NOW)
    return grade, [r.code for r in reasons]


def test_the_senders_grade_is_the_beginning() -> None:
    assert graded([signal(Grade.YELLOW)]) == (Grade.YELLOW, ["sender"])


def test_the_most_urgent_sender_counts() -> None:
    assert graded([signal(Grade.BLUE, hours=40), signal(Grade.ORANGE)])[0] == Grade.ORANGE


def test_two_senders_within_a_day_raise_by_one_step() -> None:
    both = [signal(Grade.BLUE), signal(Grade.BLUE, BANK)]
    assert graded(both) == (Grade.YELLOW, ["sender", "several_senders"])
    apart = [signal(Grade.BLUE), signal(Grade.BLUE, BANK, hours=30)]
    assert graded(apart)[0] == Grade.BLUE


def test_three_signals_of_one_sender_raise_too() -> None:
    assert graded([signal(Grade.BLUE)] * 3)[1] == ["sender", "several_signals"]


def test_an_elder_living_alone_is_nearer_to_danger() -> None:
    alone = {"birth_year": 1948, "tags": ["lives_alone"]}
    assert graded([signal(Grade.YELLOW)], **alone)[0] == Grade.ORANGE
    assert graded([signal(Grade.YELLOW)], birth_year=1948, tags=[])[0] == Grade.YELLOW


def test_several_reasons_raise_by_two_steps_at_most() -> None:
    many = [signal(Grade.BLUE), signal(Grade.BLUE, BANK)]
    grade, codes = graded(many, birth_year=1940, tags=["lives_alone", "was_victim"])
    assert grade == Grade.ORANGE
    assert codes == ["sender", "several_senders", "elder_alone", "was_victim"]


signals = st.lists(
    st.builds(
        signal,
        st.sampled_from(Grade),
        st.sampled_from([COUNTY, BANK]),
        st.sampled_from(["other", "fake_police"]),
        st.floats(0, 100),
    ),
    min_size=1,
    max_size=6,
)
residents = st.fixed_dictionaries(
    {
        "birth_year": st.none() | st.integers(1930, 2010),
        "tags": st.lists(st.sampled_from(["lives_alone", "was_victim"]), unique=True),
    }
)


@given(signals, residents, st.sampled_from(["unknown", "trusting", "paid"]))
def test_whatever_is_known_only_raises_and_every_step_has_its_reason(many, resident, stage) -> None:
    grade, codes = graded(many, stage, **resident)
    asked = min(s.grade for s in many)
    assert grade <= asked
    ruled = {"fast_kind", "paid"} & set(codes)
    if not ruled:
        assert asked - grade == min(len(codes) - 1, 2, asked - Grade.RED)
    if "paid" in codes:
        assert grade == Grade.RED
    assert len(codes) == len(set(codes))


@given(signals, residents)
def test_one_more_signal_never_makes_an_episode_less_urgent(many, resident) -> None:
    """But for the day that counts: a later signal may leave an earlier one outside of it."""
    together = [replaced(s) for s in many]
    assert graded(together, **resident)[0] <= graded(together[:-1] or together, **resident)[0]


@pytest.mark.parametrize("kind", ["screen_sharing", "fake_police", "fake_customer_service"])
def test_fast_kinds_are_at_least_orange(kind: str) -> None:
    assert graded([signal(Grade.BLUE, kind=kind)])[0] == Grade.ORANGE
    assert graded([signal(Grade.RED, kind=kind)])[0] == Grade.RED


def test_money_that_moved_is_red() -> None:
    assert graded([signal(Grade.BLUE)], stage="paid")[0] == Grade.RED


@pytest.mark.parametrize(
    ("paid", "fen", "says"),
    [(True, None, "县中心说明已经转账"), (False, 123_45, "县中心说明已损失 123.45 元"),
     (True, 5_000_00, "县中心说明已损失 5,000.00 元")],
)  # fmt: skip
def test_a_sender_who_says_that_money_moved_is_believed(paid, fen, says) -> None:
    one = signal(Grade.BLUE)
    one.paid, one.loss_fen = paid, fen
    grade, reasons = grade_of([one], Resident(), "unknown", NOW)
    assert grade == Grade.RED
    assert Reason.say(reasons[-1].as_json()) == says
    assert [r.code for r in reasons].count("sender_says_paid") <= 1


@pytest.mark.django_db
def test_the_same_file_under_two_names_is_one_body_and_one_warning(small_town) -> None:
    files = [
        Batch.objects.create(
            sender=Sender.objects.create(name=name), digest=digest,
            by=small_town.staff["clerk"], place=small_town.town,
        )
        for name, digest in (("甲", "same"), ("乙", "same"), ("丙", "other"))
    ]  # fmt: skip
    came = [
        Signal(sender=f.sender, batch=f, row=2, grade=Grade.YELLOW, received_at=NOW) for f in files
    ]
    assert graded(came[:2]) == (Grade.YELLOW, ["sender"])
    assert graded(came) == (Grade.ORANGE, ["sender", "several_senders"])


def test_every_reason_can_be_said_in_both_languages() -> None:
    _, reasons = grade_of(
        [signal(Grade.BLUE, kind="fake_police"), signal(Grade.BLUE, BANK)],
        Resident(birth_year=1940, tags=["lives_alone", "was_victim"]), "paid", NOW,
    )  # fmt: skip
    county = {"sender": "county"}
    reasons += [
        Reason("sender_says_paid", county),
        Reason("sender_says_lost", {**county, "yuan": "1"}),
    ]
    chinese = [Reason.say(r.as_json()) for r in reasons]
    with translation.override("en"):
        english = [Reason.say(r.as_json()) for r in reasons]
    assert len(reasons) == 8
    assert chinese[0] == "县中心定为蓝色"
    assert all(a != b for a, b in zip(chinese, english, strict=True))
