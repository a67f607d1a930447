"""The parts of the site's benchmark that run inside Django: build, count queries, import."""

from __future__ import annotations

import csv
import io
import json
import sys
import time
from datetime import timedelta
from random import Random
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import F  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench.bench_site import pages  # noqa: E402
from fangxian.town import retention  # noqa: E402
from fangxian.town.access import Ability  # noqa: E402
from fangxian.town.actions import issue_token  # noqa: E402
from fangxian.town.models import AuditEntry, Phone, Place, Resident, Staff  # noqa: E402
from fangxian.warn.actions.intake import add_sender, confirm, hand_in  # noqa: E402
from fangxian.warn.actions.tasks import claim, release  # noqa: E402
from fangxian.warn.models import Batch, Episode, Task  # noqa: E402
from fangxian.web.demo import build  # noqa: E402


def prepare(households: int, episodes: int) -> dict[str, object]:
    """Build a town; returns sessions, a token and numbers of things to open."""
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    build(households=households, episodes=episodes)
    # The first night of a town with a long history: the worker would spend minutes on it.
    begin = time.perf_counter()
    retention.run()
    first_night = time.perf_counter() - begin
    task = Task.objects.filter(kind="call", state="todo", assigned_to__isnull=False)[0]
    officer = task.assigned_to
    claim(task, officer, because="bench")
    door = Task.objects.filter(kind="visit", state="todo", assigned_to__isnull=False)[0]
    claim(door, door.assigned_to, because="bench")
    security = Staff.objects.get(username="security1")
    scopes = [Ability.SEE_EPISODES, Ability.EXPORT]
    root = Place.objects.get(level="town")
    _, token = issue_token(security, "bench", root, [s.value for s in scopes], 1)
    return {
        "sessions": {
            "clerk": _session(Staff.objects.get(username="clerk1")),
            "officer": _session(officer),
            "door": _session(door.assigned_to),
        },
        "token": token,
        "call": task.pk,
        "visit": door.pk,
        "first_night_s": first_night,
        "episode": Episode.objects.exclude(state="closed").order_by("pk")[0].pk,
        "residents": Resident.objects.count(),
        "episodes": Episode.objects.count(),
    }


def _session(staff: Staff) -> str:
    client = Client()
    client.force_login(staff, "django.contrib.auth.backends.ModelBackend")
    return client.cookies["sessionid"].value


def queries(facts: dict[str, Any]) -> dict[str, int]:
    """Queries of each main page, counted by Django's own client."""
    settings.ALLOWED_HOSTS = ["testserver"]
    found = {}
    for name, page in pages(facts).items():
        client = Client()
        headers = {"Authorization": f"Bearer {facts['token']}"} if page.who == "token" else {}
        if page.who != "token":
            client.cookies["sessionid"] = facts["sessions"][page.who]
        client.get(page.url, headers=headers)
        with CaptureQueriesContext(connection) as caught:
            client.get(page.url, headers=headers)
        # Savepoints and settings of the connection are not questions to the database.
        found[name] = sum(
            q["sql"].lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "DELETE"))
            for q in caught.captured_queries
        )
    return found


def a_list(rows: int) -> bytes:
    """A csv half of known and half of unknown people."""
    rng = Random(7)  # noqa: S311
    known = [p.number.clear[3:] for p in Phone.objects.order_by("?")[: rows // 2]]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["编号", "姓名", "手机号", "风险等级", "预警类型"])
    for n in range(rows):
        phone = known[n // 2] if n % 2 and n // 2 < len(known) else f"121{n:08d}"
        grade = rng.choice(("高", "中", "低"))
        writer.writerow([f"B{n:06d}", "", phone, grade, "刷单返利"])
    return text.getvalue().encode()


def import_rows(rows: int) -> dict[str, Any]:
    """Hand a list to the worker, and meanwhile, twice a second, ask what others would feel.

    Alarms are set to fall due a second ahead, calls are claimed and given back. Returns rows per
    second and the delays (milliseconds) of alarms and claims while the import ran.
    """
    clerk = Staff.objects.get(username="clerk1")
    open_calls = Task.objects.filter(kind="call", state="todo", assigned_to__isnull=False)
    calls = list(
        open_calls.filter(claimed_by=None, starts_at__lte=timezone.now()).select_related(
            "assigned_to", "episode"
        )[:40]
    )
    begin = time.perf_counter()
    batch, _ = hand_in(clerk, add_sender(clerk, "bench"), "bench.csv", a_list(rows))
    read = time.perf_counter() - begin
    confirm(batch, clerk)
    begin = time.perf_counter()
    due: list[tuple[int, Any]] = []
    claims: list[float] = []
    while batch.state != Batch.State.DONE and time.perf_counter() - begin < 900:
        time.sleep(0.5)
        call = calls[len(claims) % len(calls)]
        at = timezone.now() + timedelta(seconds=1)
        Task.objects.filter(pk=call.pk).update(alarm_at=at, level=0, round=F("round") + 1)
        due.append((call.pk, at))
        tapped = time.perf_counter()
        claim(call, call.assigned_to, because="bench")
        claims.append((time.perf_counter() - tapped) * 1000)
        release(call, call.assigned_to)
        batch.refresh_from_db(fields=["state", "next_row"])
    took = time.perf_counter() - begin
    if batch.state != Batch.State.DONE:
        raise SystemExit("the worker did not finish the list")
    time.sleep(3)  # the last alarms
    return {
        "read_s": read,
        "rows_per_s": rows / took,
        "claim_ms": claims,
        "alarm_ms": [_late_by(pk, at) for pk, at in due],
    }


def _late_by(task: int, due: Any) -> float:
    """Milliseconds from when an alarm of a task was due to when it stood in the chain."""
    fired = AuditEntry.objects.filter(verb="clock_ran_out", thing_id=str(task), at__gte=due)
    return (fired.order_by("seq")[0].at - due).total_seconds() * 1000


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        answer: object = prepare(int(sys.argv[2]), int(sys.argv[3]))
    elif sys.argv[1] == "queries":
        answer = queries(json.loads(sys.argv[2]))
    else:
        answer = import_rows(int(sys.argv[2]))
    print(json.dumps(answer))
