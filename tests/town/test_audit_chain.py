"""The audit chain: any change, deletion, insertion or reordering is found."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from fangxian.town import audit, retention
from fangxian.town.models import AuditEntry, AuditHead

pytestmark = pytest.mark.django_db


def write(count: int, verb: str = "tested") -> None:
    with transaction.atomic():
        audit.record_all(audit.SYSTEM, [audit.Entry(verb, None, {"n": n}) for n in range(count)])


def wrong() -> list[str]:
    return [f"{f.seq}: {f.what}" for f in audit.verify()[1]]


def test_an_untouched_chain_is_whole() -> None:
    write(5)
    assert audit.verify() == (5, [])


def test_an_empty_chain_is_whole() -> None:
    assert audit.verify() == (0, [])


def test_writing_outside_an_action_is_refused() -> None:
    with transaction.atomic():
        audit.record(audit.SYSTEM, "tested")
    connection = transaction.get_connection()
    assert connection.in_atomic_block  # the test's own; the rule is checked on a bare one
    connection.in_atomic_block = False
    try:
        with pytest.raises(transaction.TransactionManagementError):
            audit.record(audit.SYSTEM, "tested")
    finally:
        connection.in_atomic_block = True


@pytest.mark.parametrize(
    "change",
    [
        {"verb": "other"},
        {"actor": "staff:1"},
        {"thing_id": "9"},
        {"detail": {"n": 9}},
        {"at": timezone.now() - timedelta(days=1)},
    ],
)
def test_a_changed_entry_is_found(change: dict[str, object]) -> None:
    write(5)
    AuditEntry.objects.filter(seq=3).update(**change)
    assert wrong() == ["3: 内容被改动过"]


def test_a_deleted_entry_is_found() -> None:
    write(5)
    AuditEntry.objects.filter(seq=3).delete()
    assert "3: 从这里起缺 1 条" in wrong()


def test_an_end_cut_off_is_found() -> None:
    write(5)
    AuditEntry.objects.filter(seq__gt=3).delete()
    assert wrong() == ["4: 末尾缺失，最后一条应是 5"]


def test_a_beginning_cut_off_is_found() -> None:
    write(5)
    AuditEntry.objects.filter(seq__lt=3).delete()
    assert wrong() != []


def test_everything_deleted_is_found() -> None:
    write(5)
    AuditEntry.objects.all().delete()
    assert wrong() == ["1: 末尾缺失，最后一条应是 5"]


def test_a_missing_head_is_found_and_nothing_is_added_without_it() -> None:
    write(5)
    AuditHead.objects.all().delete()
    assert wrong() == ["0: 链头记录不见了"]
    with pytest.raises(RuntimeError, match="head is missing"):
        write(1)


def test_entries_deleted_and_the_head_set_to_nothing_is_found() -> None:
    write(5)
    AuditEntry.objects.all().delete()
    AuditHead.objects.update(
        first_seq=1, first_previous=audit.START, last_seq=0, last_link="0" * 64
    )
    assert wrong() == ["0: 链头记录被改动过"]
    with pytest.raises(RuntimeError, match="audit verify"):
        write(1)


def test_two_entries_swapped_are_found() -> None:
    write(5)
    AuditEntry.objects.filter(seq=2).update(seq=99)
    AuditEntry.objects.filter(seq=3).update(seq=2)
    AuditEntry.objects.filter(seq=99).update(seq=3)
    assert "2: 内容被改动过" in wrong()


def test_an_inserted_entry_is_found() -> None:
    write(5)
    last = AuditEntry.objects.get(seq=5)
    AuditEntry.objects.create(
        seq=6, at=last.at, actor="staff:1", verb="forged", previous=last.link, link="f" * 64
    )
    assert "6: 内容被改动过" in wrong()


def test_a_head_rewritten_to_fit_a_cut_is_found() -> None:
    write(5)
    AuditEntry.objects.filter(seq__gt=3).delete()
    last = AuditEntry.objects.get(seq=3)
    AuditHead.objects.update(last_seq=3, last_link=last.link)
    assert wrong() == ["3: 链头记录被改动过"]


def test_nothing_is_added_to_a_head_that_was_changed() -> None:
    write(5)
    AuditHead.objects.update(last_link="0" * 64)
    with pytest.raises(RuntimeError, match="audit verify"):
        write(1)


def test_without_the_key_a_chain_cannot_be_written_anew(settings: object) -> None:
    write(3)
    kept = settings.KEYS  # type: ignore[attr-defined]
    settings.KEYS = dataclasses.replace(kept, audit=b"another key of thirty-two bytes!")  # type: ignore[attr-defined]
    assert wrong()


def test_pruning_from_the_front_keeps_the_rest_whole_and_says_so() -> None:
    write(3, "old")
    AuditEntry.objects.all().delete()
    AuditHead.objects.all().delete()
    early = timezone.now() - timedelta(days=400)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audit.timezone, "now", lambda: early)
        write(3, "old")
    write(2, "new")
    assert audit.prune(timezone.now() - timedelta(days=365)) == 3
    read, findings = audit.verify()
    assert (read, findings) == (3, [])
    assert list(AuditEntry.objects.values_list("verb", flat=True)) == ["new", "new", "audit_pruned"]
    write(1)
    assert audit.verify() == (4, [])
    AuditEntry.objects.order_by("seq").first().delete()  # type: ignore[union-attr]
    assert wrong()


@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_any_single_tampering_is_found(data: st.DataObject) -> None:
    AuditEntry.objects.all().delete()
    AuditHead.objects.all().delete()
    length = data.draw(st.integers(2, 12))
    write(length)
    seq = data.draw(st.integers(1, length))
    kind = data.draw(st.sampled_from(["delete", "verb", "detail", "link", "previous", "swap"]))
    row = AuditEntry.objects.filter(seq=seq)
    if kind == "delete":
        row.delete()
    elif kind == "swap":
        other = seq % length + 1
        row.update(seq=1000)
        AuditEntry.objects.filter(seq=other).update(seq=seq)
        AuditEntry.objects.filter(seq=1000).update(seq=other)
    else:
        row.update(**{kind: {"n": -1} if kind == "detail" else "x" * 10})
    assert wrong()


def test_the_cause_of_a_request_is_kept_beside_each_entry() -> None:
    token = audit.origin.set("Firefox · Linux")
    try:
        write(1)
    finally:
        audit.origin.reset(token)
    assert AuditEntry.objects.get().detail == {"n": 0, "from": "Firefox · Linux"}


def test_one_entry_with_a_wrong_old_date_does_not_take_the_fresh_ones_along() -> None:
    """A clock that fell back to 400 days ago stamped one entry among fifty fresh ones."""
    year_ago = timezone.now() - timedelta(days=365)
    write(25, "fresh")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audit.timezone, "now", lambda: year_ago - timedelta(days=35))
        write(1, "stamped wrong")
    write(25, "fresh")
    assert audit.prune(year_ago) == 0
    retention.run()
    assert AuditEntry.objects.count() == 51
    assert audit.verify() == (51, [])


def test_pruning_stops_before_the_first_fresh_entry() -> None:
    year_ago = timezone.now() - timedelta(days=365)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audit.timezone, "now", lambda: year_ago - timedelta(days=35))
        write(4, "old")
        patch.undo()
        write(1, "fresh")
        patch.setattr(audit.timezone, "now", lambda: year_ago - timedelta(days=35))
        write(2, "stamped wrong")
    assert audit.prune(year_ago) == 4
    assert audit.verify() == (4, [])
