"""What is past its time is ended, once, in batches, and said so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from fangxian.town import audit, retention
from fangxian.town.models import (
    Absence,
    AuditEntry,
    Deletion,
    Once,
    Resident,
    ResidentList,
    Shift,
    SignIn,
)
from town.hailan import Hailan

NOW = timezone.now()


def ended(key: str) -> int:
    """How many rows of one rule a run ends."""
    return sum(d.how_many for d in retention.run(NOW) if d.rule == key)


@pytest.fixture
def own_rule() -> Iterator[None]:
    """A rule of another room, taken out again after the test."""
    before = dict(retention._RULES)
    yield
    retention._RULES.clear()
    retention._RULES.update(before)


def test_nothing_is_ended_before_its_time(town: Hailan, wang: Resident) -> None:
    town.browser("officer1")
    assert retention.run(NOW) == []
    assert Resident.objects.get(pk=wang.pk).name.clear == "王福贵"


def test_old_sessions_attempts_keys_and_shifts_go(town: Hailan) -> None:
    staff, long_ago = town.staff["officer1"], NOW - timedelta(days=900)
    SignIn.objects.create(staff=staff, session_key="a", seen_at=NOW - timedelta(days=31))
    SignIn.objects.create(staff=staff, session_key="b", seen_at=NOW - timedelta(days=29))
    Session.objects.create(session_key="x", session_data="", expire_date=NOW - timedelta(days=2))
    Once.objects.create(who="token:1", key="k", digest="d", status=200, at=NOW - timedelta(days=31))
    Shift.objects.create(staff=staff, starts_at=long_ago, ends_at=long_ago + timedelta(hours=8))
    attempt = AccessAttempt.objects.create(
        username="x", ip_address="127.0.0.1", failures_since_start=1, get_data="", post_data=""
    )
    AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=NOW - timedelta(days=31))
    done = {d.rule: d.how_many for d in retention.run(NOW)}
    assert done == {"sign_ins": 1, "sessions": 1, "once": 1, "shifts": 1, "attempts": 1}
    assert SignIn.objects.get().session_key == "b"


def test_the_reason_of_an_absence_goes_and_the_absence_stays(town: Hailan) -> None:
    ends = NOW - timedelta(days=366)
    Absence.objects.create(
        staff=town.staff["officer1"], starts_at=ends - timedelta(days=1), ends_at=ends, reason="病"
    )
    assert ended("absence_reasons") == 1
    assert Absence.objects.get().reason == ""


def test_a_register_that_was_handed_in_is_gone_after_a_day(town: Hailan) -> None:
    handed = ResidentList.objects.create(
        by=town.staff["officer1"], place=town.places["hailan"], content="x"
    )
    ResidentList.objects.filter(pk=handed.pk).update(made_at=NOW - timedelta(days=2))
    assert ended("resident_lists") == 1


def test_the_audit_log_is_cut_at_the_front_and_still_proves_itself(
    town: Hailan, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import transaction

    monkeypatch.setattr(retention, "BATCH", 2)
    with monkeypatch.context() as patch, transaction.atomic():
        patch.setattr(audit.timezone, "now", lambda: NOW - timedelta(days=400))
        for _n in range(5):
            audit.record(audit.SYSTEM, "old")
    with transaction.atomic():
        audit.record(audit.SYSTEM, "new")
    assert ended("audit") == 5
    assert not AuditEntry.objects.filter(verb="old").exists()
    assert audit.verify()[1] == []


def test_running_twice_ends_nothing_twice(town: Hailan) -> None:
    staff = town.staff["officer1"]
    SignIn.objects.create(staff=staff, session_key="a", seen_at=NOW - timedelta(days=31))
    assert ended("sign_ins") == 1
    assert retention.run(NOW) == []
    assert Deletion.objects.count() == 1


def test_a_run_goes_batch_by_batch_and_counts_all(
    town: Hailan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    SignIn.objects.bulk_create(
        SignIn(staff=town.staff["officer1"], session_key=f"k{n}", seen_at=NOW - timedelta(days=31))
        for n in range(8)
    )
    assert ended("sign_ins") == 8
    assert Deletion.objects.get().how_many == 8
    assert AuditEntry.objects.filter(verb="retained_no_longer").count() == 3


def test_a_room_brings_its_own_rule_and_a_name_is_taken_once(
    town: Hailan, wang: Resident, own_rule: None
) -> None:
    retention.rule(
        "test_room",
        "试",
        timedelta(days=90),
        "去标识",
        "试",
        due=lambda before: Resident.objects.filter(created_at__lt=before, erased_at=None),
        end=lambda rows: rows.update(erased_at=NOW),
    )
    Resident.objects.update(created_at=NOW - timedelta(days=91))
    assert ended("test_room") == 1
    with pytest.raises(ValueError, match="registered twice"):
        retention.rule(
            "test_room",
            "",
            timedelta(),
            "",
            "",
            due=lambda _before: Resident.objects.none(),
            end=lambda _rows: 0,
        )


def test_a_rule_that_ends_nothing_of_what_is_due_is_an_error_not_an_endless_run(
    town: Hailan, wang: Resident, own_rule: None
) -> None:
    retention.rule(
        "broken",
        "",
        timedelta(),
        "",
        "",
        due=lambda _before: Resident.objects.all(),
        end=lambda _rows: 0,
    )
    with pytest.raises(RuntimeError, match="broken"):
        retention.run(NOW)


def test_the_page_says_what_goes_next_and_what_went(town: Hailan) -> None:
    staff = town.staff["officer1"]
    SignIn.objects.create(staff=staff, session_key="a", seen_at=NOW - timedelta(days=31))
    SignIn.objects.create(staff=staff, session_key="b", seen_at=NOW - timedelta(days=25))
    line = next(o for o in retention.outlook(NOW) if o.rule.key == "sign_ins")
    assert (line.due_now, line.due_in_a_week) == (1, 2)
    retention.run(NOW)
    page = town.browser("auditor1").get("/town/retention/").content.decode()
    assert "登录会话记录" in page
    assert "审计日志" in page


@pytest.mark.parametrize("who", ["officer1", "grid1", "system1", "security1", "educator1"])
def test_those_it_does_not_concern_do_not_see_the_page(town: Hailan, who: str) -> None:
    assert town.browser(who).get("/town/retention/").status_code == 403


@pytest.mark.django_db(transaction=True)
def test_the_lock_is_held_for_a_batch_and_let_go_between_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In a town with a long history the look-up alone takes seconds: the others write meanwhile."""
    monkeypatch.setattr(retention, "BATCH", 2)
    monkeypatch.setattr(retention, "BREATH", 0.01)
    turns: list[float] = []
    monkeypatch.setattr(retention.time, "sleep", turns.append)
    long_ago = NOW - timedelta(days=31)
    for n in range(5):
        Once.objects.create(who="token:1", key=str(n), digest="d", status=200, at=long_ago)
    looked_up: list[bool] = []

    def watch(execute: Any, sql: str, *rest: Any) -> Any:
        if "town_once" in sql and "LIMIT 2" in sql:
            looked_up.append(connection.in_atomic_block)
        return execute(sql, *rest)

    with connection.execute_wrapper(watch):
        assert ended("once") == 5
    assert looked_up == [False] * 4
    assert turns == [0.01, 0.01]
    assert AuditEntry.objects.filter(verb="retained_no_longer").count() == 3
