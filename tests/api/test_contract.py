"""Schemathesis: whatever is sent, the API answers as its own document says.

In a town where something has happened: every operation must have succeeded at least once, and
every list must have had something in it, or the contract was not tried.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from fangxian.town.access import Ability
from fangxian.warn.actions.after import close
from fangxian.warn.actions.signals import NewSignal, take_in
from fangxian.warn.models import Case, Episode, Webhook
from town_of_tests import SmallTown, phone_of

schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
MEDIA_TYPE = "application/problem+json"
bounded = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
# Whatever is sent next is new.
numbers = count(1)


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every operation of a document by its id."""
    return {o["operationId"]: o for path in document["paths"].values() for o in path.values()}


OPERATIONS = operations(schema.raw_schema)


@dataclass
class Seen:
    """What an operation was seen to answer: statuses, and the most rows of one page."""

    statuses: Counter[int] = field(default_factory=Counter)
    rows: int = 0

    def note(self, answer: Any) -> None:
        self.statuses[answer.status_code] += 1
        if answer.status_code == 200:
            body = answer.json()
            self.rows = max(
                self.rows, len(body if isinstance(body, list) else body.get("items", ""))
            )


@pytest.fixture(scope="module")
def everything_seen() -> Iterator[dict[str, Seen]]:
    """By operation; says at the end how much was tried."""
    seen: dict[str, Seen] = {}
    yield seen
    statuses = sum((one.statuses for one in seen.values()), Counter[int]())
    told = ", ".join(f"{status}: {n}" for status, n in sorted(statuses.items()))
    print(f"\nAPI: {len(seen)} operations, {statuses.total()} requests, statuses {told}")


@pytest.fixture(autouse=True)
def keep_the_connection() -> Iterator[None]:
    """A request over WSGI closes old connections; the test's transaction needs its own kept."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@dataclass
class BusyTown:
    """A town with episodes in every state, a result, a case, a webhook, a caller for all of it,
    and what the one operation that is tried in it was seen to answer."""

    town: SmallTown
    caller: Any
    operation: str = ""
    seen: Seen = field(default_factory=Seen)

    def fits(self, case: schemathesis.Case) -> bool:
        """Turn a request that keeps the document into one that fits this town, since no schema can
        say which numbers there are and what is a phone. Every third stays as it is; False then."""
        n = next(numbers)
        if not case.meta.generation.mode.is_positive or n % 3 == 0:
            return False
        if "Idempotency-Key" in (case.headers or {}):
            case.headers["Idempotency-Key"] = f"contract-{n}"
        match case.operation.definition.raw["operationId"]:
            case "getEpisode":
                case.path_parameters["number"] = Episode.objects.all()[n % 3].pk
            case "endWebhook":
                case.path_parameters["number"] = self.hook(n).pk
            case "addWebhook":
                case.body["url"] = f"https://county.example/{n}"
            case "takeInWarnings":
                case.body["sender"] = f"县中心{n % 4}"
                for warning in case.body["warnings"]:
                    warning |= {"phones": [phone_of(n % 9)], "kind": "fake_police", "area": ""}
                    warning |= {"occurred_at": None}
            case "checkMessage":
                case.body["image"] = ""
            case "checkTexts":
                pass
            case _:
                for name in ("cursor", "sender"):
                    (case.query or {}).pop(name, None)
        return True

    def hook(self, n: int) -> Webhook:
        return Webhook.objects.create(
            url=f"https://county.example/{n}", secret="s", place=self.town.town,
            token=self.caller.row,
        )  # fmt: skip


@pytest.fixture
def busy(
    small_town: SmallTown, caller_of: Callable[..., Any], everything_seen: dict[str, Seen]
) -> Iterator[BusyTown]:
    """The town; when all was tried, the operation must have succeeded, its list had rows."""
    for n in (1, 2, 3):
        new = NewSignal(place=small_town.town, phones=(phone_of(n),), reference=f"YJ{n}")
        take_in("system", small_town.sender, "file", [new])
    done, reviewed, _ = Episode.objects.order_by("pk")
    done.outcome = Episode.Outcome.DISSUADED
    close(done, "system")
    reviewed.state, reviewed.outcome = Episode.State.REVIEW, Episode.Outcome.PAID
    reviewed.save()
    Case.objects.create(
        kind="other", place=small_town.grids[0], happened_on=timezone.localdate(), channel="sms",
        by=small_town.staff["clerk"], resident=small_town.residents[0], episode=done,
    )  # fmt: skip
    town = BusyTown(small_town, caller_of(small_town, tuple(Ability)))
    town.hook(0)
    yield town
    name, seen = town.operation, town.seen
    everything_seen[name] = seen
    success = {int(status) for status in OPERATIONS[name]["responses"] if status.startswith("2")}
    assert success & set(seen.statuses), f"{name} only ever answered {dict(seen.statuses)}"
    if name.startswith("list"):
        assert seen.rows > 0, f"{name} was always empty"


def keeps_its_contract(case: schemathesis.Case, token: str = "", loose: bool = False) -> Any:
    """Send a request and hold the answer against the document. Raises what schemathesis found.

    `loose`: a request may keep the document and still be refused.
    """
    return case.call_and_validate(
        headers={"Authorization": f"Bearer {token}"},
        excluded_checks=[positive_data_acceptance] if loose else [],
    )


def contract_of(name: str) -> Any:
    """The test of one operation."""

    @schema.include(operation_id=name).parametrize()
    @bounded
    def keeps(case: schemathesis.Case, busy: BusyTown) -> None:
        fits = busy.fits(case)
        busy.operation = name
        busy.seen.note(keeps_its_contract(case, busy.caller.clear, loose=not fits))

    return keeps


# Each by a name of its own: schemathesis gives one name to the tests of all operations, and
# pytest-xdist runs one test of a name.
for name in OPERATIONS:
    globals()[f"test_{name}_keeps_its_contract"] = contract_of(name)


# --- the document ----------------------------------------------------------------------------


def test_the_document_is_openapi_3_1() -> None:
    assert schema.raw_schema["openapi"].startswith("3.1")
    schema.validate()


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_problem_an_operation_may_answer_with_is_declared(name: str) -> None:
    operation = OPERATIONS[name]
    declared = {int(s): answer for s, answer in operation["responses"].items()}
    expected = {400, 401, 500}
    if name not in ("whoAmI", "listKinds", "checkMessage", "checkTexts"):
        expected |= {403}
    if "requestBody" in operation:
        expected |= {413, 415, 422}
    if "number" in {p["name"] for p in operation.get("parameters", [])}:
        expected |= {404}
    assert expected <= set(declared)
    for status, answer in declared.items():
        if status >= 400:
            assert answer["content"] == {
                MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}
            }
        elif status != 204:
            assert set(answer["content"]) == {"application/json"}


# --- the check itself ------------------------------------------------------------------------

ONE = {
    "openapi": "3.1.0",
    "info": {"title": "liar", "version": "1"},
    "paths": {
        "/one": {
            "get": {
                "operationId": "one",
                "responses": {
                    "200": {
                        "description": "a number",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["id"],
                                    "properties": {"id": {"type": "integer"}},
                                }
                            }
                        },
                    }
                },
            }
        }
    },
}


def answering(status: str, media_type: str, body: Any) -> Any:
    """A WSGI application with the document ONE, whose one operation answers as given."""

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        asked = environ["PATH_INFO"] == "/openapi.json"
        headers = [("Content-Type", "application/json" if asked else media_type)]
        start("200 OK" if asked else status, headers)
        return [json.dumps(ONE if asked else body).encode()]

    return application


def try_one(application: Any) -> None:
    liar = schemathesis.openapi.from_wsgi("/openapi.json", application)
    (one,) = [result.ok() for result in liar.get_all_operations()]

    @given(case=one.as_strategy())
    @settings(bounded, max_examples=2)
    def tried(case: schemathesis.Case) -> None:
        keeps_its_contract(case)

    tried()


def test_an_operation_that_keeps_its_word_passes() -> None:
    try_one(answering("200 OK", "application/json", {"id": 1}))


@pytest.mark.parametrize(
    ("lie", "complaint"),
    [
        (("200 OK", "application/json", {"id": "one"}), "violates schema"),
        (("200 OK", "application/json", {}), "violates schema"),
        (("200 OK", "text/html", {"id": 1}), "Content-Type"),
        (("201 Created", "application/json", {"id": 1}), "status code"),
        (("500 Oh", "application/json", {"id": 1}), "Server error"),
    ],
)
def test_an_operation_that_lies_is_found_out(lie: tuple[str, str, Any], complaint: str) -> None:
    with pytest.raises(BaseExceptionGroup) as found:
        try_one(answering(*lie))
    assert complaint in "".join(str(e) for e in found.value.exceptions)
