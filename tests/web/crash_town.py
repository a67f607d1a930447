"""Run by test_crashes in processes of their own: builds the town that is then killed and restarted,
and looks on."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402
from django_tasks_db.models import DBTaskResult  # noqa: E402

from fangxian.town import audit  # noqa: E402
from fangxian.town.access import Ability  # noqa: E402
from fangxian.town.models import ApiToken, AuditEntry, Phone  # noqa: E402
from fangxian.warn.actions.intake import add_sender, confirm, hand_in  # noqa: E402
from fangxian.warn.models import (  # noqa: E402
    Batch,
    Call,
    Contact,
    Delivery,
    Episode,
    Message,
    RowDone,
    Signal,
    Task,
    Webhook,
)
from town_of_tests import build_small_town, phone_of, sign_in  # noqa: E402

TOKEN = "token of the crash test"


def prepare(rows: int, sink: str) -> dict[str, object]:
    """A town, a token, a webhook to `sink`, an officer's session, and a confirmed list of `rows`
    unknown people."""
    call_command("migrate", verbosity=0)
    town = build_small_town()
    ApiToken.objects.create(
        name="crash", made_by=town.staff["security"], place=town.town,
        scopes=[Ability.TAKE_IN.value], digest=hashlib.sha256(TOKEN.encode()).hexdigest(),
        expires_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    peer = ApiToken.objects.create(
        name="peer", made_by=town.staff["security"], place=town.villages[0],
        scopes=[Ability.EXPORT.value], digest="peer", expires_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    # Hears of the village that the API's warnings name, not of the list, which is of the town.
    Webhook.objects.create(
        url=sink,
        events=["episode.opened"],
        place=peer.place,
        token=peer,
        secret="whsec_" + "c2VjcmV0",
    )
    session = sign_in(Client(), town.staff["officer"]).cookies["sessionid"].value
    lines = ["编号,手机号码,风险等级"]
    lines += [f"L{n:06d},{phone_of(100_000 + n)[3:]},低" for n in range(rows)]
    clerk = town.staff["clerk"]
    sender = add_sender(clerk, "名单")
    batch, _ = hand_in(clerk, sender, "list.csv", "\n".join(lines).encode())
    confirm(batch, clerk)
    village = town.villages[0].code
    return {"session": session, "token": TOKEN, "batch": batch.pk, "village": village}


def calls_to_make(count: int) -> list[dict[str, int]]:
    """Open calls of API warnings, for the officer to work on."""
    rows = Task.objects.filter(kind="call", state="todo", episode__signals__source="api")
    return [{"episode": t.episode_id, "task": t.pk} for t in rows.order_by("pk")[:count]]


def progress(batch: int) -> dict[str, object]:
    """How far the worker came: rows of the list, and tasks that it finished."""
    found = Batch.objects.get(pk=batch)
    finished = DBTaskResult.objects.filter(status="SUCCESSFUL").count()
    waiting = Delivery.objects.filter(next_at__isnull=False).count()
    return {"state": found.state, "done": found.next_row + finished, "waiting": waiting}


def twice(rows: Iterable[object]) -> int:
    """How many of these are there more than once."""
    return sum(n > 1 for n in Counter(rows).values())


def state(batch: int) -> dict[str, object]:
    """What is in the database, counted; `doubled` by kind of row."""
    found = Batch.objects.get(pk=batch)
    read, findings = audit.verify()
    api = Signal.objects.filter(source="api").values_list("reference", flat=True)
    calls = Call.objects.values_list("form_key", flat=True)
    of_calls = AuditEntry.objects.filter(verb="call").values_list("detail", flat=True)
    episodes = Episode.objects.values_list("resident", flat=True)
    deliveries = Delivery.objects.values_list("webhook", "body", "event_id", "delivered_at")
    return {
        "state": found.state,
        "next_row": found.next_row,
        "rows_done": RowDone.objects.filter(batch=found).count(),
        "batch_signals": Signal.objects.filter(batch=found).count(),
        "references": list(api),
        "calls": [str(k) for k in calls],
        "deliveries": [str(event) for _hook, _body, event, _at in deliveries],
        "undelivered": sum(at is None for _hook, _body, _event, at in deliveries),
        "doubled": {
            "warnings": twice(api),
            "episodes": twice(episodes),
            "residents": twice(Phone.objects.values_list("index", flat=True)),
            "tasks": twice(Task.objects.values_list("episode", "kind", "day")),
            "calls": twice(Call.objects.values_list("episode", flat=True)),
            "contacts": twice(Contact.objects.values_list("episode", flat=True)),
            "messages": twice(Message.objects.values_list("episode", "template")),
            "deliveries": twice((hook, body["data"]["episode"]) for hook, body, _e, _at in deliveries),
            "audited calls": twice(detail["call"] for detail in of_calls),
        },
        "counted": {
            "calls": Call.objects.count(), "contacts": Contact.objects.count(),
            "audited calls": len(of_calls), "tasks": Task.objects.count(),
            "messages": Message.objects.count(), "audit entries": read,
        },
        "audit_findings": [f.what for f in findings],
    }  # fmt: skip


def watch(batch: int) -> None:
    """Answer each line that is asked ("progress", "calls") with a line."""
    answers = {"progress": lambda: progress(batch), "calls": lambda: calls_to_make(10)}
    for line in sys.stdin:
        print(json.dumps(answers[line.strip()]()), flush=True)


def nursery(port: str) -> None:
    """Answer each line ("web", "worker") with the number of a new process that is just that.

    Each is a copy of this one, which has read all code and done nothing: to read the code again for
    each of thirty deaths takes longer than the rest of the test.
    """
    from django.urls import get_resolver
    from gunicorn.app import wsgiapp

    from fangxian.cli import main
    from fangxian.web import worker, wsgi  # noqa: F401  for the copies

    assert get_resolver().url_patterns
    commands = {
        "web": (wsgiapp.run, ["gunicorn", "fangxian.web.wsgi:application", "-k", "gthread",
                              "--threads", "4", "-b", f"127.0.0.1:{port}",
                              "--log-level", "critical"]),
        "worker": (main, ["fangxian", "worker"]),
    }  # fmt: skip
    # The dead are buried at once.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        run, sys.argv = commands[line.strip()]
        pid = os.fork()
        # A group of its own, whoever of both says so first: master and workers die together.
        os.setpgid(pid, pid)
        if pid:
            print(pid, flush=True)
            continue
        try:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            nothing = os.open(os.devnull, os.O_RDWR)
            for number in range(3):
                os.dup2(nothing, number)
            run()
        finally:
            os._exit(1)


if __name__ == "__main__":
    verb, *words = sys.argv[1:]
    if verb == "watch":
        watch(int(words[0]))
    elif verb == "nursery":
        nursery(words[0])
    else:
        does = {"prepare": prepare, "state": state}[verb]
        print(json.dumps(does(*(int(w) if w.isdigit() else w for w in words))))
