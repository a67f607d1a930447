"""`fangxian demo --check`: the README's walk without a browser, in a demo town of its own.

Every step goes through the same pages that people use, as the people offered with one click; the
worker's part is done in between. The walk raises WalkFailedError, naming the step, at the first
thing that is not as it should be.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from fangxian.town import audit
from fangxian.town.access import access_of
from fangxian.town.models import Role, Staff
from fangxian.town.views.sign_in import demo_people
from fangxian.warn import clock
from fangxian.warn.models import Batch, Episode, Grade, Task
from fangxian.web.navigation import navigation

from .history import SENDERS

SAMPLE = settings.PROJECT / "samples" / "county-list-2026-11.xlsx"
# What the README says of the sample (samples/make_samples.py).
USABLE, REFUSED = 54, 4
# What the README shows that needs no sign-in.
PUBLIC_PAGES = ("/", "/ask/caller/", "/ask/rights/", "/town/sign-in/")
Say = Callable[[str], Any]


class WalkFailedError(Exception):
    """A step of the walk was not as it should be; the text says which."""


def walk(say: Say) -> None:
    """List -> preview -> import -> claim -> call -> review -> closed -> chain verified."""
    if "testserver" not in settings.ALLOWED_HOSTS:
        settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    people = {duty.role: duty.staff for duty in demo_people()}
    batch = _hand_in(_as(people[Role.CLERK]), say)
    episode = _call(_as(people[Role.OFFICER]), batch)
    say(f"call: red episode #{episode.pk} dissuaded, waiting for review")
    _review(_as(people[Role.LEADER]), episode)
    say("review: closed by a second person")
    say(f"clock: {clock.fire_due()} alarm(s) climbed")
    _look_around(people, say)
    answer = _as(people[Role.AUDITOR]).post("/town/audit/verify/", follow=True)
    _must(answer, 200, "audit verify")
    read, findings = audit.verify()
    _expect(not findings, f"audit chain: {findings[:1]}")
    say(f"audit: {read} entries, unbroken")


def _as(staff: Staff) -> Client:
    """Signed in by one click, as in the demo."""
    client = Client()
    answer = client.post("/town/sign-in/demo/", {"staff": staff.pk})
    _must(answer, 302, f"sign in as {staff.username}")
    return client


def _expect(is_so: bool, step: str) -> None:
    if not is_so:
        raise WalkFailedError(step)


def _must(answer: Any, status: int, step: str) -> None:
    found = answer.status_code
    _expect(found == status, f"{step}: HTTP {found}, expected {status}")


def _hand_in(clerk: Client, say: Say) -> Batch:
    """The county's list as it is shipped, previewed and imported."""
    file = io.BytesIO(SAMPLE.read_bytes())
    file.name = SAMPLE.name
    answer = clerk.post("/work/intake/", {"sender": SENDERS[0], "file": file})
    _must(answer, 302, "hand in")
    batch = Batch.objects.latest("id")
    page = clerk.get(f"/work/intake/{batch.pk}/")
    _must(page, 200, "preview")
    _expect(f"确认导入 {USABLE} 行" in page.content.decode(), f"the preview counts {USABLE} rows")
    _must(clerk.post(f"/work/intake/{batch.pk}/confirm/"), 302, "confirm")
    _work()
    batch.refresh_from_db()
    taken_in = batch.made + batch.merged
    _expect(
        (batch.state, taken_in, batch.refused) == ("done", USABLE, REFUSED),
        f"import: {batch.state}, {taken_in} rows in, {batch.refused} refused",
    )
    say(f"intake: {taken_in} rows in, {batch.refused} refused with a reason")
    _must(clerk.get(f"/work/intake/{batch.pk}/refused/"), 200, "refused rows as a file")
    return batch


def _work() -> None:
    """What the worker would do now."""
    while (queued := DBTaskResult.objects.ready().first()) is not None:
        queued.claim("check")
        result = queued.task_result
        queued.set_successful(queued.task.call(*result.args, **result.kwargs))


def _call(officer: Client, batch: Batch) -> Episode:
    """A red call of the list, which waits in the officer's own work; made and written down."""
    work = officer.get("/work/").content.decode()
    red = Task.objects.filter(
        kind=Task.Kind.CALL, grade=Grade.RED, state=Task.State.TODO,
        episode__signals__batch=batch,
    )  # fmt: skip
    task = next((t for t in red if f"/work/tasks/{t.pk}/claim/" in work), None)
    if task is None:
        raise WalkFailedError("no red call of the list waits for the officer")
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
    episode = Episode.objects.get(pk=task.episode_id)
    _expect(episode.state == Episode.State.REVIEW, "a red episode goes to review")
    return episode


def _review(leader: Client, episode: Episode) -> None:
    _must(leader.get(f"/work/reviews/{episode.pk}/"), 200, "review page")
    form = {"form_key": str(uuid4()), "verdict": "agreed"}
    _must(leader.post(f"/work/reviews/{episode.pk}/", form), 302, "review")
    episode.refresh_from_db()
    _expect(episode.state == Episode.State.CLOSED, "the reviewed episode is closed")


def _look_around(people: dict[str, Staff], say: Say) -> None:
    """Every page in the navigation of every role opens, and what anybody may see."""
    visitor = Client()
    for address in PUBLIC_PAGES:
        _must(visitor.get(address), 200, f"anybody opens {address}")
    opened = len(PUBLIC_PAGES)
    for staff in people.values():
        client = _as(staff)
        for door in navigation(access_of(staff)):
            _must(client.get(door.address), 200, f"{staff.username} opens {door.address}")
            opened += 1
    say(f"pages: {opened} opened, as {len(people)} roles and as a visitor")
