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
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from fangxian.town import audit, rotation
from fangxian.town.models import Place, WorkerBeat
from fangxian.town.sealed import CannotOpen, active_key

NAMES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
OURS = ("town", "warn")
# Under this name the database that was there waits until the restored one is verified.
ASIDE = "before_restore"
# A worker that beat within this time is at work in the database.
AT_WORK = timedelta(seconds=20)


class BackupError(Exception):
    """A backup that cannot be made or brought back; the text says what to do."""


@dataclass(frozen=True)
class Manifest:
    """What stands in a backup. `sum` is SHA-256 of the database file, `rows` are counted in that
    very state of the database, `anchor` is an end of the audit chain that must be in it."""

    made_at: str
    version: str
    vendor: str
    sum: str
    rows: dict[str, int]
    anchor: dict[str, Any]
    key: str

    def summary(self) -> str:
        """One line for the terminal."""
        return (
            f"{sum(self.rows.values())} rows of {len(self.rows)} tables, made {self.made_at} by "
            f"{self.version}, audit chain up to {self.anchor['seq']}; needs data key {self.key} "
            "and the index and audit keys, which are not in the file"
        )


def backup(file: Path) -> Manifest:
    """Write the database to `file` (tar, mode 0600). The town goes on working meanwhile.

    Raises BackupError when the folder is missing or the database's own tool fails.
    """
    where = file.resolve().parent
    if not where.is_dir():
        raise BackupError(f"there is no folder {where}")
    with tempfile.TemporaryDirectory(dir=where) as folder:
        dump = Path(folder) / NAMES[connection.vendor]
        anchor = audit.anchor()
        rows = _dump_sqlite(dump) if connection.vendor == "sqlite" else _dump_postgres(dump)
        manifest = Manifest(
            made_at=timezone.now().isoformat(timespec="seconds"),
            version=version("fangxian"),
            vendor=connection.vendor,
            sum=_sum(dump),
            rows=rows,
            anchor=anchor,
            key=active_key(),
        )
        paper = Path(folder) / "manifest.json"
        paper.write_text(json.dumps(asdict(manifest), indent=1))
        half = Path(folder) / "half.tar"
        half.touch(0o600)
        with tarfile.open(half, "w") as tar:
            tar.add(paper, paper.name)
            tar.add(dump, dump.name)
        # Renamed when whole: a file of the name given is always a whole backup.
        half.replace(file)
    return manifest


def restore(file: Path, replace: bool = False) -> Manifest:
    """Bring the database back from `file`, then verify rows, audit chain and keys.

    Whatever goes wrong, the database is left as it was. Refuses one that holds a town unless
    `replace`, and one in which a worker is at work. Raises BackupError.
    """
    with tempfile.TemporaryDirectory() as folder:
        manifest, dump = _unpack(file, Path(folder))
        if _holds_a_town():
            if not replace:
                raise BackupError("this database holds a town already; --replace overwrites it")
            if WorkerBeat.objects.filter(beat_at__gt=timezone.now() - AT_WORK).exists():
                raise BackupError(
                    "a worker is at work in this database; stop `fangxian serve` and "
                    "`fangxian worker`, wait half a minute, and try again"
                )
        aside = _sqlite_aside if connection.vendor == "sqlite" else _postgres_aside
        with aside():
            _load(dump)
            _verify(manifest)
        # The chain went back on purpose; the anchor beside the database follows.
        audit.renew_anchor(even_back=True)
    return manifest


def row_counts() -> dict[str, int]:
    """Rows of every table of ours, by label ("town.Resident")."""
    return {m._meta.label: m._default_manager.count() for m in _models()}


def _models() -> list[Any]:
    return [m for m in apps.get_models() if m._meta.app_label in OURS]


def _holds_a_town() -> bool:
    return Place._meta.db_table in connection.introspection.table_names() and (
        Place.objects.exists()
    )


def _unpack(file: Path, folder: Path) -> tuple[Manifest, Path]:
    """The manifest and the database file of a backup, its sum verified."""
    try:
        with tarfile.open(file) as tar:
            # Only what we put in, by name: Debian's Python 3.11 has no safe extractall yet.
            manifest = Manifest(**json.load(_member(tar, "manifest.json")))
            for name in set(NAMES.values()) & set(tar.getnames()):
                with (folder / name).open("wb") as out:
                    shutil.copyfileobj(_member(tar, name), out)
    except (tarfile.TarError, KeyError, OSError, ValueError, TypeError) as error:
        raise BackupError(f"{file.name} is not a backup of ours, or damaged: {error}") from error
    if manifest.vendor != connection.vendor:
        raise BackupError(
            f"the backup is of {manifest.vendor}, this database is {connection.vendor}"
        )
    dump = folder / NAMES[manifest.vendor]
    if not dump.exists() or _sum(dump) != manifest.sum:
        raise BackupError(f"{file.name} is damaged: its sum differs from the manifest")
    return manifest, dump


def _member(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    content = tar.extractfile(name)
    if content is None:
        raise KeyError(f"{name} is not a plain file")
    return content


def _verify(manifest: Manifest) -> None:
    """The restored database: known to this version, whole, unbroken, readable with our keys."""
    loader = MigrationLoader(connection)
    newer = [m for m in loader.applied_migrations if m[0] in OURS and m not in loader.graph.nodes]
    if newer:
        raise BackupError(f"made by a newer version ({manifest.version}): update first")
    call_command("migrate", verbosity=0)
    rows = row_counts()
    for label, count in manifest.rows.items():
        if rows.get(label, count) != count:
            raise BackupError(f"{label}: {count} rows expected, {rows[label]} found")
    _read, findings = audit.verify(against_kept=False)
    findings += audit.compare(manifest.anchor)
    if findings:
        raise BackupError(
            f"entry {findings[0].seq} of the audit chain: {findings[0].what}. "
            "Changed, or FANGXIAN_AUDIT_KEY is another than when the backup was made"
        )
    try:
        for model, field in rotation.sealed_columns():
            value = model._default_manager.values_list(field.attname, flat=True).first()
            if value:
                assert value.clear is not None  # noqa: S101  opening it is the proof
    except CannotOpen as error:
        raise BackupError(str(error)) from error


# --- SQLite -----------------------------------------------------------------------------------


def _dump_sqlite(target: Path) -> dict[str, int]:
    """SQLite's own online backup: a consistent copy while others write. Rows are of the copy."""
    connection.ensure_connection()
    with closing(sqlite3.connect(target)) as copy:
        connection.connection.backup(copy)
        tables = {m._meta.label: m._meta.db_table for m in _models()}
        count = "SELECT count(*) FROM {}"
        return {
            label: copy.execute(count.format(connection.ops.quote_name(table))).fetchone()[0]
            for label, table in tables.items()
        }


@contextmanager
def _sqlite_aside() -> Iterator[None]:
    name = str(connection.settings_dict["NAME"])
    ends = ("", "-wal", "-shm")

    def move(source: str, target: str) -> None:
        connection.close()
        for end in ends:
            Path(target + end).unlink(missing_ok=True)
            if Path(source + end).exists():
                Path(source + end).replace(target + end)

    move(name, f"{name}.{ASIDE}")
    try:
        yield
    except BaseException:
        move(f"{name}.{ASIDE}", name)
        raise
    for end in ends:
        Path(f"{name}.{ASIDE}{end}").unlink(missing_ok=True)


# --- PostgreSQL -------------------------------------------------------------------------------


def _dump_postgres(target: Path) -> dict[str, int]:
    """pg_dump and the counting see one and the same snapshot."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        rows = row_counts()
        _postgres("pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={target}")
    return rows


@contextmanager
def _postgres_aside() -> Iterator[None]:
    def execute(*statements: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            # Whoever still holds a table is named by the error, rather than waited for.
            cursor.execute("SET LOCAL lock_timeout = '10s'")
            for statement in statements:
                cursor.execute(statement)

    execute(f"ALTER SCHEMA public RENAME TO {ASIDE}", "CREATE SCHEMA public")
    try:
        yield
    except BaseException:
        connection.close()
        execute("DROP SCHEMA public CASCADE", f"ALTER SCHEMA {ASIDE} RENAME TO public")
        raise
    execute(f"DROP SCHEMA {ASIDE} CASCADE")


def _load(dump: Path) -> None:
    if connection.vendor == "sqlite":
        shutil.copyfile(dump, connection.settings_dict["NAME"])
        Path(connection.settings_dict["NAME"]).chmod(0o600)
        return
    _postgres("pg_restore", "--no-owner", "--no-privileges", "--single-transaction", str(dump))
    connection.close()


def _postgres(tool: str, *options: str) -> None:
    """Run one of PostgreSQL's tools on the database in use.

    Where it is goes by environment, as libpq knows it: a password never stands on a command line.
    """
    where = connection.get_connection_params()
    known = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password",
             "PGSSLMODE": "sslmode", "PGSSLROOTCERT": "sslrootcert"}  # fmt: skip
    env = {name: str(where[key]) for name, key in known.items() if where.get(key)}
    try:
        done = subprocess.run(
            [tool, f"--dbname={where['dbname']}", *options], env={**os.environ, **env},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    except FileNotFoundError as error:
        raise BackupError(f"{tool} is missing: install PostgreSQL's client programs") from error
    if done.returncode:
        raise BackupError(f"{tool} failed: {done.stderr.strip()[-300:]}")


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
