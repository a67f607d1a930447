"""The demo town shows how precise the signals of the watch were: an honest mixture, nothing made up
that the watch could not tell."""

from __future__ import annotations

import pytest
from django.utils import timezone

from fangxian.report.queries.signals import found_by_signal, found_in_all, shipped_words
from fangxian.town.models import Staff
from fangxian.web.demo import build
from fangxian.web.demo.watched import TOLD


@pytest.mark.django_db
def test_some_are_mostly_right_some_mostly_wrong_and_of_some_too_little_is_known() -> None:
    town = build(households=400, episodes=20)
    leader: Staff = town.staff["leader"][0]
    whole = found_in_all(leader, timezone.localdate())
    assert whole.warnings == sum(told.warnings for told in TOLD) + 2
    assert all((whole.going_on, whole.tried, whole.nothing, whole.not_reached, whole.open))
    signals = found_by_signal(leader, timezone.localdate())
    assert {s.name for s in signals} <= set(shipped_words()), "names of the shipped book"
    known = [s.all.precision.value or 0.0 for s in signals if s.all.says_enough]
    assert min(known) < 0.4 < 0.7 < max(known)
    assert any(s.all.judged and not s.all.says_enough for s in signals)
    assert len({quarter for s in signals for quarter in s.quarters}) > 2
