"""A backup is whole or is not there; a restore that fails leaves everything as it was."""

from __future__ import annotations

import base64
import dataclasses
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from django.db import connection, transaction
from django.utils import timezone

from fangxian.cli import main
from fangxian.town import audit
from fangxian.town.models import AuditEntry, Place, Resident, WorkerBeat
from fangxian.web import backup as room
from town_of_tests import SmallTown

pytestmark = pytest.mark.django_db(transaction=True)


def fangxian(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def state() -> tuple[list[str], list[Any]]:
    """What must be untouched: the residents, and the audit chain."""
    residents = Resident.objects.order_by("pk")
    entries = AuditEntry.objects.order_by("seq")
    return [r.name.clear for r in residents], list(entries.values_list("seq", "detail", "link"))


def write_down(*entry: Any, **detail: Any) -> None:
    with transaction.atomic():
        audit.record(*entry, **detail)


@pytest.fixture
def town(live_town: SmallTown) -> SmallTown:
    """A town with something in its audit chain."""
    for resident in live_town.residents:
        write_down(live_town.staff["officer"], "revealed", resident, reason="call")
    return live_town


def test_the_command_writes_a_file_for_its_owner_alone_and_says_what_is_needed_to_read_it(
    town: SmallTown, tmp_path: Path
) -> None:
    done = fangxian("backup", tmp_path / "town.tar")
    assert done.exit_code == 0
    assert "needs data key t1" in done.output
    assert "not in the file" in done.output
    assert (tmp_path / "town.tar").stat().st_mode & 0o777 == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["town.tar"]


def test_a_town_is_overwritten_only_when_asked(town: SmallTown, tmp_path: Path) -> None:
    file = tmp_path / "town.tar"
    fangxian("backup", file)
    Place.objects.filter(pk=town.town.pk).update(name="改了名")
    refused = fangxian("restore", file)
    assert refused.exit_code == 1
    assert "--replace" in refused.output
    assert fangxian("restore", file, "--replace").exit_code == 0
    assert Place.objects.get(pk=town.town.pk).name == "金峰镇"


def test_what_was_written_after_the_backup_is_gone_after_the_restore(
    town: SmallTown, tmp_path: Path
) -> None:
    file, before = tmp_path / "town.tar", state()
    room.backup(file)
    write_down(audit.SYSTEM, "later", None)
    room.restore(file, replace=True)
    assert state() == before
    write_down(audit.SYSTEM, "the chain goes on", None)
    assert audit.verify()[1] == []


def test_a_changed_audit_chain_is_refused_and_the_database_stays(
    town: SmallTown, tmp_path: Path
) -> None:
    file, before = tmp_path / "town.tar", state()
    entry = AuditEntry.objects.get(seq=3)
    AuditEntry.objects.filter(seq=3).update(detail={"reason": "another"})
    room.backup(file)
    AuditEntry.objects.filter(seq=3).update(detail=entry.detail)
    with pytest.raises(room.BackupError, match="entry 3 of the audit chain"):
        room.restore(file, replace=True)
    assert state() == before
    assert audit.verify()[1] == []


def test_without_the_old_data_key_nothing_is_restored(
    town: SmallTown, tmp_path: Path, settings: Any
) -> None:
    file, before = tmp_path / "town.tar", state()
    room.backup(file)
    other = "t2:aes:" + base64.b64encode(bytes(32)).decode()
    ours = settings.KEYS
    settings.KEYS = dataclasses.replace(ours, data=other)
    with pytest.raises(room.BackupError, match="key 't1' of town"):
        room.restore(file, replace=True)
    settings.KEYS = ours
    assert state() == before


def test_a_backup_of_a_newer_version_is_refused(town: SmallTown, tmp_path: Path) -> None:
    file, before = tmp_path / "town.tar", state()
    sign = "INSERT INTO django_migrations (app, name, applied) VALUES ('town', '9999_x', %s)"
    with connection.cursor() as cursor:
        cursor.execute(sign, [timezone.now()])
        room.backup(file)
        cursor.execute("DELETE FROM django_migrations WHERE name = '9999_x'")
    with pytest.raises(room.BackupError, match="newer version"):
        room.restore(file, replace=True)
    assert state() == before


def test_nothing_is_replaced_under_a_worker_at_work(town: SmallTown, tmp_path: Path) -> None:
    file = tmp_path / "town.tar"
    room.backup(file)
    WorkerBeat.objects.create(worker_id="w", beat_at=timezone.now())
    refused = fangxian("restore", file, "--replace")
    assert refused.exit_code == 1
    assert "stop `fangxian serve`" in refused.output


@pytest.mark.parametrize("content", [b"", b"a list of names", b"x" * 20_000])
def test_another_file_is_called_what_it_is(town: SmallTown, tmp_path: Path, content: bytes) -> None:
    file, before = tmp_path / "list.csv", state()
    file.write_bytes(content)
    refused = fangxian("restore", file, "--replace")
    assert refused.exit_code == 1
    assert "list.csv is not a backup of ours" in refused.output
    assert state() == before


def test_a_folder_that_is_not_there_is_named(town: SmallTown, tmp_path: Path) -> None:
    done = fangxian("backup", tmp_path / "gone" / "town.tar")
    assert done.exit_code == 1
    assert "there is no folder" in done.output
