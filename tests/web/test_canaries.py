"""A thousand canaries: names, phones and addresses that must stand nowhere in clear - not in the
database file, its WAL, the logs, the outbox, the task queue, nor in a backup; and the backup,
restored, opens again."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import tarfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from fangxian.town.models import Household, Phone, Resident
from fangxian.town.sealed import blind_index
from fangxian.warn.models import Batch, Episode
from fangxian.web import backup as room
from town_of_tests import SmallTown, run_tasks, sign_in

COUNT = 1000
# Syllables that no other text of the system holds next to each other.
NAME = "鴝鵒{:04d}"
ADDRESS = "鷦鷯里{:04d}号"


def phone(n: int) -> str:
    return f"+861209{n:07d}"


def canaries() -> list[str]:
    return [
        *(NAME.format(n) for n in range(COUNT)),
        *(ADDRESS.format(n) for n in range(COUNT)),
        *(phone(n)[3:] for n in range(COUNT)),
    ]


def put_in(town: SmallTown, client: Any) -> None:
    """Half as residents of the register, half by a list; some of them rung and written about."""
    half = COUNT // 2
    for n in range(half):
        home = Household.objects.create(grid=town.grids[0], address=ADDRESS.format(n))
        resident = Resident.objects.create(
            name=NAME.format(n), place=town.grids[0], household=home,
            last_known_area=ADDRESS.format(n),
        )  # fmt: skip
        Phone.objects.create(resident=resident, number=phone(n), index=blind_index(phone(n)))
    lines = ["姓名,手机号码,地址,备注,可疑号码"]
    lines += [
        f"{NAME.format(n)},{phone(n)[3:]},{ADDRESS.format(n)},{NAME.format(n)}很害怕,{phone(n)[3:]}"
        for n in range(COUNT)
    ]
    file = SimpleUploadedFile(f"{NAME.format(7)}.csv", "\n".join(lines).encode())
    client.post("/work/intake/", {"sender": "+", "new_sender": "县中心", "file": file})
    batch = Batch.objects.get()
    client.post(f"/work/intake/{batch.pk}/confirm/")
    run_tasks()
    batch.refresh_from_db()
    assert batch.made == COUNT
    officer = sign_in(type(client)(), town.staff["officer"])
    for episode in Episode.objects.order_by("pk")[:20]:
        task = episode.tasks.get(kind="call")
        officer.post(f"/work/tasks/{task.pk}/claim/")
        officer.post(f"/work/tasks/{task.pk}/number/", {"phone": episode.resident.phones.get().pk})
        officer.post(f"/work/tasks/{task.pk}/call/", {
            "form_key": str(uuid4()), "started_at": "2026-11-24T12:00:00+08:00",
            "outcome": "unreachable", "notes": str(episode.resident.name.clear),
        })  # fmt: skip
        officer.get(f"/work/episodes/{episode.pk}/?q={episode.resident.name.clear}")
    # What goes wrong must not tell, either.
    officer.post("/work/tasks/1/number/", {"phone": NAME.format(3)})
    client.post("/work/intake/one/", {"phone": phone(3), "name": NAME.format(3)})
    client.get(f"/nowhere/{phone(5)[3:]}/")


def found_in(data: bytes) -> list[str]:
    texts = {c.encode(e) for c in canaries() for e in ("utf-8", "utf-16-le", "gb18030")}
    return [t.decode("utf-8", "replace") for t in texts if t in data]


@pytest.fixture
def log(caplog: Any) -> io.StringIO:
    """Everything any logger says, at the most talkative level, but the test's own SQL."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    root.addHandler(handler)
    caplog.set_level(logging.DEBUG)
    logging.getLogger("django.db.backends").setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)


def whole_database(folder: Path) -> bytes:
    """Every byte the database keeps on disk; for PostgreSQL a plain dump of all rows."""
    where = connection.settings_dict
    if connection.vendor == "sqlite":
        name = Path(where["NAME"])
        return b"".join(p.read_bytes() for p in name.parent.glob(name.name + "*"))
    dump = folder / "plain.sql"
    room._postgres("pg_dump", "--format=plain", f"--file={dump}")
    return dump.read_bytes()


@pytest.mark.django_db(transaction=True)
def test_a_thousand_canaries_stand_nowhere_in_clear(live_town, client, log, tmp_path) -> None:
    put_in(live_town, sign_in(client, live_town.staff["clerk"]))
    logging.getLogger("fangxian").warning("the log is read")
    file = tmp_path / "town.tar"
    room.backup(file)
    places = {
        "database": whole_database(tmp_path),
        "log": log.getvalue().encode(),
        "outbox": b"".join(p.read_bytes() for p in Path(settings.HOME).glob("outbox*")),
        "backup": file.read_bytes(),
    }
    found = {place: found_in(data) for place, data in places.items()}
    print(f"\n{COUNT} canaries: " + ", ".join(f"{p} {len(f)}" for p, f in found.items()))
    assert found == {place: [] for place in places}
    # The search would notice: the clear text is really in there, sealed.
    assert found_in(Resident.objects.latest("pk").name.clear.encode())
    assert len(places["database"]) > 100_000
    assert b"the log is read" in places["log"]


@pytest.mark.django_db(transaction=True)
def test_a_backup_brings_the_town_back(live_town: SmallTown, tmp_path: Path) -> None:
    """The drill: back up, lose everything, restore, read."""
    file = tmp_path / "town.tar"
    made = room.backup(file)
    with tarfile.open(file) as tar:
        manifest = json.loads(tar.extractfile("manifest.json").read())
    assert manifest["rows"]["town.Resident"] == 7
    assert "FANGXIAN" not in json.dumps(manifest)
    with pytest.raises(room.BackupError, match="--replace"):
        room.restore(file)
    Phone.objects.all().delete()
    Resident.objects.all().delete()
    restored = room.restore(file, replace=True)
    assert restored == made
    assert room.row_counts() == made.rows
    names = {r.name.clear for r in Resident.objects.all()}
    assert "王秀英" in names


@pytest.mark.django_db(transaction=True)
def test_a_damaged_backup_is_refused_before_anything_is_touched(live_town, tmp_path) -> None:
    file = tmp_path / "town.tar"
    room.backup(file)
    data = bytearray(file.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 64] = b"x" * 64
    file.write_bytes(data)
    before = room.row_counts()
    with pytest.raises((room.BackupError, tarfile.TarError)):
        room.restore(file, replace=True)
    assert room.row_counts() == before


def test_the_command_line_makes_keys_that_work(tmp_path: Path) -> None:
    import sys

    run = [sys.executable, "-m", "fangxian.cli"]
    for algorithm in ("aes", "sm4"):
        out = subprocess.run(
            [*run, "keys", "new", "--algorithm", algorithm],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        names = [line.split("=")[0] for line in out.splitlines()]
        assert names == [
            "FANGXIAN_SECRET_KEY", "FANGXIAN_DATA_KEYS", "FANGXIAN_INDEX_KEY", "FANGXIAN_AUDIT_KEY"
        ]  # fmt: skip
        assert f"k1:{algorithm}:" in out
