"""The anchor beside the database: emptied tables and an older head with its tail cut are told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from fangxian.town import anchors, audit, retention
from fangxian.town.models import AuditEntry, AuditHead

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def file(settings: Any, tmp_path: Path) -> Path:
    settings.AUDIT_ANCHOR = tmp_path / "audit-anchor.json"
    return tmp_path / "audit-anchor.json"


def write(count: int) -> None:
    with transaction.atomic():
        audit.record_all(audit.SYSTEM, [audit.Entry("tested", None, {}) for _n in range(count)])


def wrong() -> list[str]:
    return [f"{f.seq}: {f.what}" for f in audit.verify()[1]]


def test_the_first_entry_is_remembered_outside_the_database_for_its_owner_alone(
    file: Path,
) -> None:
    write(2)
    assert json.loads(file.read_text())["seq"] == 2
    assert file.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in file.parent.iterdir()] == [file.name]


def test_both_tables_emptied_are_found_and_nothing_is_begun_anew() -> None:
    write(5)
    AuditEntry.objects.all().delete()
    AuditHead.objects.all().delete()
    assert wrong() == ["5: 锚点记下的这一条不见了"]
    with pytest.raises(RuntimeError, match="head is missing"):
        write(1)


def test_an_older_head_put_back_with_the_tail_cut_off_is_found() -> None:
    write(3)
    older = AuditHead.objects.values().get()
    write(2)
    assert wrong() == []  # the verification renews the anchor
    AuditEntry.objects.filter(seq__gt=3).delete()
    AuditHead.objects.update(**older)
    assert wrong() == ["5: 锚点记下的这一条不见了"]
    with pytest.raises(RuntimeError, match="audit verify"):
        write(1)


def test_an_older_head_with_the_newer_entries_left_behind_it_is_found() -> None:
    write(3)
    older = AuditHead.objects.values().get()
    write(2)
    AuditHead.objects.update(**older)
    assert wrong() == ["4: 链头之后还有记录"]


def test_an_anchor_written_by_hand_is_found(file: Path) -> None:
    write(3)
    file.write_text(json.dumps({"seq": 0, "link": audit.START}))
    assert wrong() == ["0: 库外保存的锚点文件被改动过"]
    with pytest.raises(anchors.AnchorDamaged):
        write(1)


def test_what_is_rolled_back_is_not_remembered(file: Path) -> None:
    write(1)
    with transaction.atomic():
        audit.record_all(
            audit.SYSTEM, [audit.Entry("tested", None, {}) for _n in range(anchors.ENTRIES_BEHIND)]
        )
        transaction.set_rollback(True)
    assert json.loads(file.read_text())["seq"] == 1
    assert wrong() == []


def test_the_anchor_follows_a_growing_chain_and_the_daily_job(file: Path) -> None:
    write(1)
    write(2)
    assert json.loads(file.read_text())["seq"] == 1  # not at every entry
    retention.run()
    assert json.loads(file.read_text())["seq"] == 3
    write(anchors.ENTRIES_BEHIND)
    assert json.loads(file.read_text())["seq"] == 3 + anchors.ENTRIES_BEHIND


def test_the_daily_job_cries_out_when_the_chain_was_cut(caplog: pytest.LogCaptureFixture) -> None:
    write(5)
    AuditEntry.objects.filter(seq=5).delete()
    retention.run()
    assert "audit chain, entry 5" in caplog.text


def test_a_paper_anchor_changed_by_a_digit_is_refused() -> None:
    write(5)
    paper = audit.anchor()
    assert audit.compare(paper) == []
    assert audit.compare({**paper, "seq": 4})[0].what == "不是本系统的锚点，或被改动过"


def test_an_entry_added_while_the_chain_is_read_is_no_false_alarm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(3)
    walk = audit._walk

    def walk_after_an_append(head: AuditHead | None) -> Any:
        write(2)
        return walk(head)

    monkeypatch.setattr(audit, "_walk", walk_after_an_append)
    assert wrong() == []
