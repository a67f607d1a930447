"""Schemathesis: whatever is sent, the API answers as its own document says."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import positive_data_acceptance

from fangxian.town.access import Ability
from fangxian.town.models import ApiToken
from town_of_tests import SmallTown

TOKEN = "contract-token-of-the-tests"
schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())


@pytest.fixture
def token(small_town: SmallTown) -> ApiToken:
    return ApiToken.objects.create(
        name="contract",
        made_by=small_town.staff["security"],
        place=small_town.town,
        scopes=[a.value for a in Ability],
        digest=hashlib.sha256(TOKEN.encode()).hexdigest(),
        expires_at=timezone.now() + timedelta(days=1),
    )


@pytest.fixture(autouse=True)
def keep_the_connection() -> Iterator[None]:
    """A request over WSGI closes old connections; the test's transaction needs its own kept."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@schema.parametrize()
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_every_operation_keeps_its_contract(case: schemathesis.Case, token: ApiToken) -> None:
    excluded = []
    if case.operation.definition.raw["operationId"] == "takeInWarnings":
        # A phone, kind or area can be well formed and still be none: no schema can say so.
        excluded.append(positive_data_acceptance)
    case.call_and_validate(headers={"Authorization": f"Bearer {TOKEN}"}, excluded_checks=excluded)


def test_the_checks_would_notice_a_server_error() -> None:
    """The check above can fail: this is the check it runs."""
    assert not_a_server_error in schemathesis.checks.CHECKS.get_all()
