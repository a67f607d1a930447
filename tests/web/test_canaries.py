"""A thousand canaries: names, phones and addresses that must stand nowhere in clear - not in the
database file, its WAL, the logs, the outbox, the task queue, the sessions, a masked export, an error
page, nor in a backup; and the backup, restored, opens again.

Everything that handles a person is really done with them first: lists, calls, visits, notes,
searches, texts, exports, errors. And a canary let loose on purpose is found, in each spelling that
programs give a text.
"""

from __future__ import annotations

import base64
import io
import json
import logging
import re
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from walking import text_of

from fangxian.town.models import Household, Phone, Resident, WorkerBeat
from fangxian.town.sealed import blind_index
from fangxian.warn.models import Batch, Episode, Message, Task
from fangxian.warn.views import episodes as episode_pages
from fangxian.web import backup as room
from town_of_tests import SmallTown, run_tasks, sign_in

COUNT = 1000
# Syllables that no other text of the system holds next to each other.
NAME = "鴝鵒{:04d}"
ADDRESS = "鷦鷯里{:04d}号"
# What all canaries of a kind begin with: whoever finds none of these found no canary at all. A
# phone as people write it: in one piece, in groups, with the country before it.
STEMS = ("鴝鵒0", "鷦鷯里0", "12090000", "120 9000 0", "120-9000-0")


def phone(n: int) -> str:
    return f"+861209{n:07d}"


def in_base64(raw: bytes) -> list[bytes]:
    """How `raw` looks inside base64, wherever among the three bytes of a group it begins; without
    the characters that depend on its neighbours."""
    found = []
    for before in range(3):
        text = base64.b64encode(b"\0" * before + raw)
        first = -(-before * 8 // 6)
        found.append(text[first : (before + len(raw)) * 8 // 6])
    return found


def spellings(stem: str) -> dict[str, list[bytes]]:
    """A text as programs write it down."""
    utf8, hexed = stem.encode(), stem.encode().hex()
    escaped = "".join(f"\\u{ord(c):04x}" if ord(c) > 127 else c for c in stem)
    return {
        "utf-8": [utf8],
        "utf-16": [stem.encode("utf-16-le"), stem.encode("utf-16-be")],
        "gb18030": [stem.encode("gb18030")],
        "json": [escaped.encode(), escaped.upper().replace("\\U", "\\u").encode()],
        "address": [quote(stem).encode(), quote(stem).lower().encode()],
        "hex": [hexed.encode(), hexed.upper().encode()],
        "base64": in_base64(utf8),
        "base64 of gb18030": in_base64(stem.encode("gb18030")),
    }


ANY = re.compile(
    b"|".join(
        re.escape(written)
        for stem in STEMS
        for ways in spellings(stem).values()
        for written in ways
    )
)


def found_in(data: bytes) -> set[bytes]:
    """Each spelling of a canary that stands in these bytes."""
    return set(ANY.findall(data))


def put_in(town: SmallTown, client: Client) -> dict[str, bytes]:
    """Half as residents of the register, half by a list; some of them rung, visited and written
    about. Returns what must name nobody: a masked export and the page of an error."""
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
    register = "\n".join(["姓名,电话,住址", f"{NAME.format(8)},{phone(8)[3:]},{ADDRESS.format(8)}"])
    client.post("/town/residents/lists/", {"place": town.grids[0].pk, "pasted": register})
    officer = sign_in(Client(raise_request_exception=False), town.staff["officer"])
    for episode in Episode.objects.order_by("pk")[:20]:
        _ring(officer, episode)
    run_tasks()
    told = _look(client, officer, Episode.objects.order_by("pk")[30])
    return {what: text_of(answer).encode() for what, answer in told.items()}


def _ring(officer: Client, episode: Episode) -> None:
    """A call with a remark that names the person, then a visit, a text, a note."""
    task, name = episode.tasks.get(kind="call"), episode.resident.name.clear
    officer.post(f"/work/tasks/{task.pk}/claim/", {"because": name})
    officer.post(f"/work/tasks/{task.pk}/number/", {"phone": episode.resident.phones.get().pk})
    done = officer.post(f"/work/tasks/{task.pk}/call/", {
        "form_key": str(uuid4()), "started_at": "2026-11-24T12:00:00+08:00",
        "outcome": "refused" if episode.pk % 2 else "dissuaded", "notes": f"{name}不在家",
    })  # fmt: skip
    assert done.status_code == 302
    visit = Task.objects.filter(episode=episode, kind="visit", state="todo").first()
    if visit:
        Task.objects.filter(pk=visit.pk).update(starts_at=timezone.now())
        done = officer.post(f"/work/tasks/{visit.pk}/visit/", {
            "form_key": str(uuid4()), "outcome": "dissuaded", "notes": f"{name}，{ADDRESS.format(1)}",
        })  # fmt: skip
        assert done.status_code == 302
    officer.post(f"/work/episodes/{episode.pk}/note/", {"text": f"{name}的儿子知道了"})


def _look(client: Client, officer: Client, episode: Episode) -> dict[str, Any]:
    """Searches, reveals, exports, and what goes wrong: none of it must tell."""
    resident = episode.resident
    officer.get(f"/work/episodes/{episode.pk}/?q={quote(resident.name.clear)}")
    officer.post("/town/residents/", {"q": NAME.format(3)})
    officer.post(f"/town/residents/{resident.pk}/reveal/", {
        "field": "name", "reason": "other", "note": f"{resident.name.clear}要求",
    })  # fmt: skip
    # The search box says back what was typed; the rows below it are masked.
    export = client.post("/work/episodes/export/", {"as": "xlsx"})
    officer.post("/work/tasks/1/number/", {"phone": NAME.format(3)})
    client.post("/work/intake/one/", {"phone": phone(3), "name": NAME.format(3)})
    client.get(f"/nowhere/{phone(5)[3:]}/")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(episode_pages, "add_note", lambda *_: 1 / 0)
        error = officer.post(f"/work/episodes/{episode.pk}/note/", {"text": NAME.format(9)})
    assert error.status_code == 500
    return {"masked export": export, "error page": error}


@pytest.fixture
def log(caplog: Any) -> Iterator[io.StringIO]:
    """Everything any logger says, at the most talkative level, but the test's own SQL."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    caplog.set_level(logging.DEBUG)
    logging.getLogger("django.db.backends").setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)


def whole_database(folder: Path) -> dict[str, bytes]:
    """Every byte the database keeps on disk; for PostgreSQL a plain dump of all rows."""
    where = connection.settings_dict
    if connection.vendor == "sqlite":
        name = Path(where["NAME"])
        return {p.name: p.read_bytes() for p in name.parent.glob(name.name + "*")}
    dump = folder / "plain.sql"
    room._postgres("pg_dump", "--format=plain", f"--file={dump}")
    return {dump.name: dump.read_bytes()}


def whole_backup(folder: Path) -> dict[str, bytes]:
    """A backup made now, each file in it; a compressed dump as the text that it unpacks to."""
    file = folder / f"{uuid4().hex}.tar"
    room.backup(file)
    found = {file.name: file.read_bytes()}
    with tarfile.open(file) as tar:
        for member in tar.getmembers():
            found[member.name] = tar.extractfile(member).read()
            if found[member.name].startswith(b"PGDMP"):
                packed, plain = folder / member.name, folder / f"{member.name}.sql"
                packed.write_bytes(found[member.name])
                command = ["pg_restore", f"--file={plain}", str(packed)]
                subprocess.run(command, check=True, capture_output=True)
                found[plain.name] = plain.read_bytes()
    return found


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_thousand_canaries_stand_nowhere_in_clear(live_town, client, log, tmp_path) -> None:
    told = put_in(live_town, sign_in(client, live_town.staff["clerk"]))
    logging.getLogger("fangxian").warning("the log is read")
    places = {
        "database": whole_database(tmp_path),
        "log": {"log": log.getvalue().encode()},
        "outbox": {p.name: p.read_bytes() for p in Path(settings.HOME).glob("outbox*")},
        "backup": whole_backup(tmp_path),
        "pages": told,
    }
    found = {place: {n: found_in(d) for n, d in files.items()} for place, files in places.items()}
    sizes = {place: sum(map(len, files.values())) for place, files in places.items()}
    hits = sum(len(spelt) for files in found.values() for spelt in files.values())
    print(
        f"\n{COUNT} canaries: {sum(map(len, places.values()))} files, {sum(sizes.values()):,} bytes "
        f"searched ({', '.join(f'{p} {n:,}' for p, n in sizes.items())}), {hits} in clear"
    )
    loose = {
        f"{p} {n}: {b}" for p, files in found.items() for n, spelt in files.items() for b in spelt
    }
    assert not loose, loose
    # It was all really done: calls and visits written down, texts sent, an error told, rows kept.
    assert b"the log is read" in places["log"]["log"]
    assert b"Internal Server Error" in places["log"]["log"]
    assert b"\xe8\xad\xa6\xe6\x83\x85" in told["masked export"], "the header of the table: 警情"
    assert Message.objects.filter(state="sent").exists()
    assert places["outbox"]
    assert sizes["database"] > 1_000_000
    assert sizes["backup"] > 1_000_000
    # The search would notice: the clear text is really in there, sealed.
    assert found_in(Resident.objects.latest("pk").name.clear.encode())
    # And one that is let loose is found wherever we looked.
    WorkerBeat.objects.create(worker_id=NAME.format(1), beat_at=timezone.now())
    logging.getLogger("fangxian").warning(phone(1))
    assert any(found_in(data) for data in whole_database(tmp_path).values())
    assert any(found_in(data) for data in whole_backup(tmp_path).values())
    assert found_in(log.getvalue().encode())


@pytest.mark.parametrize("way", spellings(STEMS[0]))
@pytest.mark.parametrize(
    "text", [NAME.format(7), ADDRESS.format(77), phone(777), "+86 120 9000 0777"]
)
def test_a_canary_let_loose_is_found_in_each_spelling(text: str, way: str) -> None:
    """As a program writes the whole text, at every offset among other bytes."""
    for before in range(6):
        around = "ab" * before + text + "z" * 5
        escaped = json.dumps(around)
        written = {
            "utf-8": around.encode(), "utf-16": around.encode("utf-16"),
            "gb18030": around.encode("gb18030"), "json": escaped.encode(),
            "address": quote(around, safe=" ").encode(), "hex": around.encode().hex().encode(),
            "base64": base64.b64encode(b"x" * before + around.encode()),
            "base64 of gb18030": base64.b64encode(b"x" * before + around.encode("gb18030")),
        }[way]  # fmt: skip
        assert found_in(written), f"{way} at {before}"


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
