"""Run by test_crashes in a process of its own: builds the town that is then killed and restarted."""

from __future__ import annotations

import hashlib
import json
import sys
from datetime import timedelta

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from fangxian.town import audit  # noqa: E402
from fangxian.town.access import Ability  # noqa: E402
from fangxian.town.models import ApiToken, Resident  # noqa: E402
from fangxian.warn.actions.intake import add_sender, confirm, hand_in  # noqa: E402
from fangxian.warn.models import Batch, Call, Episode, RowDone, Signal  # noqa: E402
from town_of_tests import build_small_town, phone_of, sign_in  # noqa: E402

TOKEN = "token of the crash test"


def prepare(rows: int) -> dict[str, object]:
    """A town, a token, an officer's session, and a confirmed list of `rows` unknown people."""
    call_command("migrate", verbosity=0)
    town = build_small_town()
    ApiToken.objects.create(
        name="crash", made_by=town.staff["security"], place=town.town,
        scopes=[Ability.TAKE_IN.value], digest=hashlib.sha256(TOKEN.encode()).hexdigest(),
        expires_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    session = sign_in(Client(), town.staff["officer"]).cookies["sessionid"].value
    lines = ["编号,手机号码,风险等级"]
    lines += [f"L{n:06d},{phone_of(100_000 + n)[3:]},低" for n in range(rows)]
    clerk = town.staff["clerk"]
    sender = add_sender(clerk, "名单")
    batch, _ = hand_in(clerk, sender, "list.csv", "\n".join(lines).encode())
    confirm(batch, clerk)
    return {"session": session, "token": TOKEN, "batch": batch.pk}


def calls_to_make(count: int) -> list[dict[str, int]]:
    """Open calls of API warnings, for the officer to work on."""
    rows = Episode.objects.filter(signals__source="api", state="open").order_by("pk")[:count]
    return [{"episode": e.pk, "task": e.tasks.get(kind="call", state="todo").pk} for e in rows]


def state(batch: int) -> dict[str, object]:
    """What is in the database, counted."""
    found = Batch.objects.get(pk=batch)
    read, findings = audit.verify()
    twice = Resident.objects.annotate(n=Count("episodes")).filter(n__gt=1).count()
    return {
        "state": found.state,
        "next_row": found.next_row,
        "rows_done": RowDone.objects.filter(batch=found).count(),
        "batch_signals": Signal.objects.filter(batch=found).count(),
        "references": list(Signal.objects.filter(source="api").values_list("reference", flat=True)),
        "calls": [str(k) for k in Call.objects.values_list("form_key", flat=True)],
        "residents_twice": twice,
        "audit_read": read,
        "audit_findings": [f.what for f in findings],
    }


if __name__ == "__main__":
    verb, *numbers = sys.argv[1:]
    does = {"prepare": prepare, "calls": calls_to_make, "state": state}[verb]
    print(json.dumps(does(*(int(n) for n in numbers))))
