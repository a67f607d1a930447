"""`fangxian demo --check`: the README's walk without a browser, on the demo town.

Every step goes through the same pages that people use; the worker's part is done in between. The
walk raises WalkFailedError, naming the step, at the first thing that is not as it should be.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from fangxian.exchange.writing import write_table
from fangxian.town.models import Phone, Staff
from fangxian.warn import clock
from fangxian.warn.models import Batch, Episode, Task

Say = Callable[[str], Any]


def walk(say: Say) -> None:
    """List -> preview -> import -> claim -> call -> review -> closed -> chain verified."""
    if "testserver" not in settings.ALLOWED_HOSTS:
        settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    batch = _hand_in(_as("clerk1"), say)
    episode = _red_episode(batch)
    task = Task.objects.get(episode=episode, kind="call", state="todo")
    if task.assigned_to is None:
        raise WalkFailedError("the call was assigned to nobody")
    officer = _as(task.assigned_to.username)
    _must(officer.post(f"/work/tasks/{task.pk}/claim/"), 302, "claim")
    _must(officer.get(f"/work/tasks/{task.pk}/call/"), 200, "call page")
    form = {
        "form_key": str(uuid4()),
        "started_at": timezone.now().isoformat(),
        "outcome": "dissuaded",
        "stage": "trusting",
        "worry_before": "4",
        "worry_after": "1",
    }
    _must(officer.post(f"/work/tasks/{task.pk}/call/", form), 302, "call written down")
    episode.refresh_from_db()
    _expect(episode.state == Episode.State.REVIEW, "a red episode goes to review")
    say(f"call: episode #{episode.pk} dissuaded, waiting for review")
    review = {"form_key": str(uuid4()), "verdict": "agreed"}
    _must(_as("leader2").post(f"/work/reviews/{episode.pk}/", review), 302, "review")
    episode.refresh_from_db()
    _expect(episode.state == Episode.State.CLOSED, "the reviewed episode is closed")
    say("review: closed by a second person")
    say(f"clock: {clock.fire_due()} alarm(s) climbed")
    _look_around(say)
    page = _as("auditor1").post("/town/audit/verify/", follow=True)
    _must(page, 200, "audit verify")
    from fangxian.town import audit

    read, findings = audit.verify()
    _expect(not findings, f"audit chain: {findings[:1]}")
    say(f"audit: {read} entries, unbroken")


def _as(username: str) -> Client:
    """Signed in by one click, as in the demo."""
    client = Client()
    staff = Staff.objects.get(username=username)
    answer = client.post("/town/sign-in/demo/", {"staff": staff.pk})
    _must(answer, 302, f"sign in as {username}")
    return client


class WalkFailedError(Exception):
    """A step of the walk was not as it should be; the text says which."""


def _expect(is_so: bool, step: str) -> None:
    if not is_so:
        raise WalkFailedError(step)


def _must(answer: Any, status: int, step: str) -> None:
    found = answer.status_code
    _expect(found == status, f"{step}: HTTP {found}, expected {status}")


def _hand_in(client: Client, say: Say) -> Batch:
    """A list of three residents and one bad row, as xlsx."""
    busy = Episode.objects.exclude(state="closed").values("resident")
    phones = Phone.objects.exclude(resident__in=busy).order_by("?")[:3]
    rows = [
        [f"CHECK{n}", phone.number.clear[3:], "冒充公检法", "高"] for n, phone in enumerate(phones)
    ]
    header = ["预警编号", "手机号码", "预警类型", "风险等级"]
    data = write_table(header, [*rows, ["CHECK9", "138001", "刷单", "中"]], "名单", "xlsx")
    file = io.BytesIO(data)
    file.name = f"check-{uuid4().hex[:8]}.xlsx"
    answer = client.post("/work/intake/", {"sender": "示范县反诈中心", "file": file})
    _must(answer, 302, "hand in")
    batch = Batch.objects.latest("id")
    page = client.get(f"/work/intake/{batch.pk}/")
    _must(page, 200, "preview")
    _expect(
        bool(re.search(r"\b3\b", page.content.decode())), "the preview counts three usable rows"
    )
    _must(client.post(f"/work/intake/{batch.pk}/confirm/"), 302, "confirm")
    _work()
    batch.refresh_from_db()
    _expect((batch.state, batch.refused) == ("done", 1), f"import: {batch.state}, {batch.refused}")
    say(f"intake: {batch.made + batch.merged} rows in, {batch.refused} refused with a reason")
    _must(client.get(f"/work/intake/{batch.pk}/refused/"), 200, "refused rows as a file")
    return batch


def _work() -> None:
    """What the worker would do now."""
    while (queued := DBTaskResult.objects.ready().first()) is not None:
        queued.claim("check")
        result = queued.task_result
        queued.set_successful(queued.task.call(*result.args, **result.kwargs))


def _red_episode(batch: Batch) -> Episode:
    return Episode.objects.filter(signals__batch=batch, grade=1, state="open").order_by("pk")[0]


def _look_around(say: Say) -> None:
    """Every page a person of each role starts from opens."""
    pages = {
        "leader1": ("/work/", "/work/board/", "/work/alarms/", "/board/", "/town/duties/"),
        "village1": ("/work/", "/town/residents/"),
        "grid1": ("/work/",),
        "educator1": ("/work/", "/board/"),
        "system1": ("/work/settings/",),
        "security1": ("/town/staff/", "/town/tokens/"),
        "auditor1": ("/town/audit/", "/town/retention/"),
    }
    for username, addresses in pages.items():
        client = _as(username)
        for address in addresses:
            _must(client.get(address), 200, f"{username} opens {address}")
    say(f"pages: {sum(map(len, pages.values()))} opened as {len(pages)} roles")
