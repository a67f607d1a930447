"""The parts of the site's benchmark that run inside Django: build, count queries, import."""

from __future__ import annotations

import io
import json
import sys
import time
from random import Random

import django


def prepare(households: int, episodes: int) -> dict[str, object]:
    """Build a town; returns a session, a token and numbers of things to open."""
    from django.core.management import call_command
    from django.test import Client

    from fangxian.town.access import Ability
    from fangxian.town.actions import issue_token
    from fangxian.town.models import Place, Resident, Staff
    from fangxian.warn.models import Episode
    from fangxian.web.demo import build

    call_command("migrate", verbosity=0)
    build(households=households, episodes=episodes)
    clerk = Staff.objects.get(username="clerk1")
    client = Client()
    client.force_login(clerk, "django.contrib.auth.backends.ModelBackend")
    security = Staff.objects.get(username="security1")
    scopes = [Ability.SEE_EPISODES, Ability.EXPORT, Ability.TAKE_IN, Ability.SEE_CASES]
    root = Place.objects.get(level="town")
    _, token = issue_token(security, "bench", root, [s.value for s in scopes], 1)
    return {
        "session": client.cookies["sessionid"].value,
        "token": token,
        "episode": Episode.objects.exclude(state="closed").order_by("pk")[0].pk,
        "residents": Resident.objects.count(),
        "episodes": Episode.objects.count(),
    }


def queries() -> dict[str, int]:
    """Queries of each main page, counted by Django's own client."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from bench.bench_site import pages
    from fangxian.town.actions import issue_token
    from fangxian.town.models import Place, Staff
    from fangxian.warn.models import Episode

    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client()
    client.force_login(
        Staff.objects.get(username="clerk1"), "django.contrib.auth.backends.ModelBackend"
    )
    security = Staff.objects.get(username="security1")
    scopes = ["episodes:see", "episodes:export"]
    _, token = issue_token(security, "count", Place.objects.get(level="town"), scopes, 1)
    facts = {"episode": Episode.objects.exclude(state="closed").order_by("pk")[0].pk}
    found = {}
    for name, url in pages(facts).items():
        headers = {"Authorization": f"Bearer {token}"} if "/api/" in url else {}
        client.get(url, headers=headers)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            client.get(url, headers=headers)
        # Savepoints and settings of the connection are not questions to the database.
        found[name] = sum(
            q["sql"].lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "DELETE"))
            for q in caught.captured_queries
        )
    return found


def import_rows() -> float:
    """Rows per second of the import job, on a list half of known and half of unknown people."""
    import csv

    from bench.bench_site import IMPORT_ROWS
    from fangxian.town.models import Phone, Staff
    from fangxian.warn.actions.intake import add_sender, confirm, hand_in, import_batch

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
    sender = add_sender(clerk, "bench")
    batch, _ = hand_in(clerk, sender, "bench.csv", text.getvalue().encode())
    confirm(batch, clerk)
    begin = time.perf_counter()
    import_batch.func(batch.pk)
    return IMPORT_ROWS / (time.perf_counter() - begin)


if __name__ == "__main__":
    django.setup()
    if sys.argv[1] == "prepare":
        answer: object = prepare(int(sys.argv[2]), int(sys.argv[3]))
    else:
        answer = {"queries": queries, "import": import_rows}[sys.argv[1]]()
    print(json.dumps(answer))
