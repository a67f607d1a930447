"""Backup and restore: one file with the whole database, sums of it, and where its audit chain ends.

Personal data stays sealed as it is in the database; the keys are not in the file. Keep them
apart: a backup without its keys cannot be read, by a thief or by you.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from fangxian.town import audit
from fangxian.town.models import Place
from fangxian.town.sealed import active_key

NAMES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}


class BackupError(Exception):
    """A backup that cannot be made or brought back; the text says what to do."""


@dataclass(frozen=True)
class Manifest:
    """What stands in a backup. `sum` is SHA-256 of the database file, `anchor` the chain's end."""

    made_at: str
    vendor: str
    sum: str
    rows: dict[str, int]
    anchor: dict[str, Any]
    key: str

    def summary(self) -> str:
        """One line for the terminal."""
        return (
            f"{sum(self.rows.values())} rows of {len(self.rows)} tables, made {self.made_at}, "
            f"audit chain up to {self.anchor['seq']}; needs data key {self.key}"
        )


def backup(file: Path) -> Manifest:
    """Write the database to `file` (tar). The town goes on working meanwhile.

    Raises BackupError when the database's own tool fails.
    """
    with tempfile.TemporaryDirectory(dir=file.resolve().parent) as folder:
        dump = Path(folder) / NAMES[connection.vendor]
        anchor = audit.anchor()
        _dump(dump)
        manifest = Manifest(
            made_at=timezone.now().isoformat(timespec="seconds"),
            vendor=connection.vendor,
            sum=_sum(dump),
            rows=row_counts(),
            anchor=anchor,
            key=active_key(),
        )
        paper = Path(folder) / "manifest.json"
        paper.write_text(json.dumps(asdict(manifest), indent=1))
        half = Path(folder) / "half.tar"
        with tarfile.open(half, "w") as tar:
            tar.add(paper, paper.name)
            tar.add(dump, dump.name)
        half.chmod(0o600)
        # Renamed when whole: a file of the name given is always a whole backup.
        half.replace(file)
    return manifest


def restore(file: Path, replace: bool = False) -> Manifest:
    """Bring the database back from `file`, then verify the audit chain.

    Refuses a database that holds a town unless `replace`. Raises BackupError.
    """
    with tempfile.TemporaryDirectory() as folder, tarfile.open(file) as tar:
        tar.extractall(folder, filter="data")
        manifest = Manifest(**json.loads((Path(folder) / "manifest.json").read_text()))
        if manifest.vendor != connection.vendor:
            raise BackupError(
                f"the backup is of {manifest.vendor}, this database is {connection.vendor}"
            )
        dump = Path(folder) / NAMES[manifest.vendor]
        if _sum(dump) != manifest.sum:
            raise BackupError("the file was damaged: its sum differs from the manifest")
        if not replace and _holds_a_town():
            raise BackupError("this database holds a town already; use --replace to overwrite it")
        _load(dump)
    call_command("migrate", verbosity=0)
    _read, findings = audit.verify()
    findings += audit.compare(manifest.anchor)
    if findings:
        raise BackupError(f"restored, but the audit chain is broken: {findings[0].what}")
    return manifest


def row_counts() -> dict[str, int]:
    """Rows of every table of ours, by label."""
    return {
        m._meta.label: m._default_manager.count()
        for m in apps.get_models()
        if m._meta.app_label in ("town", "warn")
    }


def _holds_a_town() -> bool:
    return Place._meta.db_table in connection.introspection.table_names() and (
        Place.objects.exists()
    )


def _dump(target: Path) -> None:
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        # SQLite's own online backup: a consistent copy while others write.
        with sqlite3.connect(target) as copy:
            connection.connection.backup(copy)
        return
    _postgres("pg_dump", "--format=custom", f"--file={target}")


def _load(dump: Path) -> None:
    if connection.vendor == "sqlite":
        name = connection.settings_dict["NAME"]
        connection.close()
        for end in ("-wal", "-shm"):
            Path(f"{name}{end}").unlink(missing_ok=True)
        fresh = Path(f"{name}.restoring")
        shutil.copyfile(dump, fresh)
        fresh.replace(name)
        return
    _postgres("pg_restore", "--clean", "--if-exists", "--no-owner", str(dump), with_name=True)
    connection.close()


def _postgres(tool: str, *options: str, with_name: bool = False) -> None:
    """Run one of PostgreSQL's tools; the password goes by environment, never on the command."""
    where = connection.settings_dict
    env = {**os.environ, "PGPASSWORD": str(where.get("PASSWORD") or "")}
    command = [tool, f"--dbname={where['NAME']}"] if with_name else [tool]
    for flag, key in (("--host", "HOST"), ("--port", "PORT"), ("--username", "USER")):
        if where.get(key):
            command.append(f"{flag}={where[key]}")
    command += options
    if not with_name:
        command.append(str(where["NAME"]))
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupError(f"{tool} failed: {done.stderr.strip()[-300:]}")


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
