"""`fangxian …` at the terminal: exit codes and sentences that a script or a person acts on."""

from __future__ import annotations

import base64
import dataclasses
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fangxian.cli import main
from fangxian.town import audit, rotation
from fangxian.town.models import AuditEntry, AuditHead, Resident
from town_of_tests import SmallTown


def fangxian(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_help_answers_without_loading_django_or_the_arithmetic() -> None:
    code = (
        "import sys; sys.argv = ['fangxian', '--help']\n"
        "from fangxian.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('loaded:', [m for m in ('django', 'numpy', 'scipy', 'rich') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )  # fmt: skip
    assert "Commands:" in done.stdout
    assert done.stdout.splitlines()[-1] == "loaded: []"


def test_every_command_explains_itself() -> None:
    listed = fangxian("--help").output.split("Commands:")[1].splitlines()
    names = [line.split()[0] for line in listed if line.strip()]
    assert {"serve", "worker", "demo", "manage", "keys", "audit", "backup", "restore"} <= {*names}
    assert all(len(line.split()) > 3 for line in listed if line.strip())


def test_help_of_djangos_own_commands_is_djangos() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fangxian.cli", "manage", "migrate", "--help"],
        capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
    )  # fmt: skip
    assert "--fake-initial" in done.stdout


@pytest.mark.django_db
def test_an_unbroken_chain_exits_with_0(small_town: SmallTown) -> None:
    audit.record(audit.SYSTEM, "first", None)
    done = fangxian("audit", "verify")
    assert (done.exit_code, done.output) == (0, "1 entries read, 0 findings\n")


@pytest.mark.django_db
def test_a_changed_entry_is_named_and_exits_with_1(small_town: SmallTown) -> None:
    for n in range(3):
        audit.record(audit.SYSTEM, "step", None, n=n)
    AuditEntry.objects.filter(seq=2).update(verb="other")
    done = fangxian("audit", "verify")
    assert done.exit_code == 1
    assert "entry 2:" in done.output


@pytest.mark.django_db
def test_a_database_put_back_to_yesterday_is_caught_by_todays_anchor(
    small_town: SmallTown, tmp_path: Path
) -> None:
    audit.record(audit.SYSTEM, "yesterday", None)
    head = AuditHead.objects.get()
    audit.record(audit.SYSTEM, "today", None)
    kept = tmp_path / "anchor.json"
    kept.write_text(fangxian("audit", "anchor").output)
    assert fangxian("audit", "verify", "--anchor", kept).exit_code == 0
    AuditEntry.objects.filter(seq=2).delete()
    head.save()
    assert fangxian("audit", "verify").exit_code == 0, "alone, the older chain looks whole"
    assert fangxian("audit", "verify", "--anchor", kept).exit_code == 1


@pytest.mark.django_db
def test_after_rotation_the_old_key_may_be_dropped(small_town: SmallTown, settings: Any) -> None:
    old, new = (
        settings.KEYS.data,
        fangxian("keys", "add", "t2", "--algorithm", "sm4").output.strip(),
    )
    settings.KEYS = dataclasses.replace(settings.KEYS, data=f"{new},{old}")
    done = fangxian("keys", "rotate")
    assert done.exit_code == 0, done.output
    assert "town.resident.name: 7" in done.output
    assert rotation.stale() == {}
    settings.KEYS = dataclasses.replace(settings.KEYS, data=new)
    assert Resident.objects.get(pk=small_town.residents[0].pk).name.clear == "王秀英"


@pytest.mark.django_db
def test_rotation_without_the_old_key_says_which_key_is_missing(
    small_town: SmallTown, settings: Any
) -> None:
    other = "t2:aes:" + base64.b64encode(bytes(32)).decode()
    settings.KEYS = dataclasses.replace(settings.KEYS, data=other)
    done = fangxian("keys", "rotate")
    assert done.exit_code == 1
    assert "key 't1'" in done.output
    assert "FANGXIAN_DATA_KEYS" in done.output


@pytest.mark.django_db
def test_retention_by_hand_lists_what_each_rule_did(small_town: SmallTown) -> None:
    done = fangxian("retention")
    assert done.exit_code == 0
    assert all(line.split(": ")[1].isdigit() for line in done.output.splitlines())
