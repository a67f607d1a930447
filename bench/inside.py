"""The parts of the site's benchmark that run inside Django: build, count queries, import."""

from __future__ import annotations

import csv
import io
import json
import sys
import time
from random import Random
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from bench.bench_site import IMPORT_ROWS, pages  # noqa: E402
from fangxian.town.access import Ability  # noqa: E402
from fangxian.town.actions import issue_token  # noqa: E402
from fangxian.town.models import Phone, Place, Resident, Staff  # noqa: E402
from fangxian.warn.actions.intake import add_sender, confirm, hand_in  # noqa: E402
from fangxian.warn.actions.tasks import claim  # noqa: E402
from fangxian.warn.models import Batch, Episode, Task  # noqa: E402
from fangxian.web.demo import build  # noqa: E402


def prepare(households: int, episodes: int) -> dict[str, object]:
    """Build a town; returns sessions, a token and numbers of things to open."""
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    build(households=households, episodes=episodes)
    task = Task.objects.filter(kind="call", state="todo", assigned_to__isnull=False)[0]
    officer = task.assigned_to
    claim(task, officer, because="bench")
    security = Staff.objects.get(username="security1")
    scopes = [Ability.SEE_EPISODES, Ability.EXPORT]
    root = Place.objects.get(level="town")
    _, token = issue_token(security, "bench", root, [s.value for s in scopes], 1)
    return {
        "sessions": {
            "clerk": _session(Staff.objects.get(username="clerk1")),
            "officer": _session(officer),
        },
        "token": token,
        "call": task.pk,
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


def import_rows() -> float:
    """Rows per second of the worker's import, of a list half of known and half of unknown people."""
    rng = Random(7)  # noqa: S311
    known = [p.number.clear[3:] for p in Phone.objects.order_by("?")[: IMPORT_ROWS // 2]]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["编号", "姓名", "手机号", "风险等级", "预警类型"])
    for n in range(IMPORT_ROWS):
        phone = known[n // 2] if n % 2 and n // 2 < len(known) else f"121{n:08d}"
        grade = rng.choice(("高", "中", "低"))
        writer.writerow([f"B{n:06d}", "", phone, grade, "刷单返利"])
    clerk = Staff.objects.get(username="clerk1")
    batch, _ = hand_in(clerk, add_sender(clerk, "bench"), "bench.csv", text.getvalue().encode())
    begin = time.perf_counter()
    confirm(batch, clerk)
    while time.perf_counter() - begin < 600:
        time.sleep(0.1)
        batch.refresh_from_db()
        if batch.state == Batch.State.DONE:
            return IMPORT_ROWS / (time.perf_counter() - begin)
    raise SystemExit("the worker did not finish the list")


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        answer: object = prepare(int(sys.argv[2]), int(sys.argv[3]))
    elif sys.argv[1] == "queries":
        answer = queries(json.loads(sys.argv[2]))
    else:
        answer = import_rows()
    print(json.dumps(answer))
