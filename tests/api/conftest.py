"""Another system with a token of the small town, and a receiver of webhooks on this machine."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from fangxian.town.access import Ability
from fangxian.town.models import ApiToken
from town_of_tests import SmallTown

ALL = (
    Ability.TAKE_IN, Ability.SEE_EPISODES, Ability.EXPORT, Ability.SEE_CASES, Ability.SEE_PLACES
)  # fmt: skip


@dataclass
class Caller:
    """Another system: its token (row and clear text) and the language it asks for."""

    row: ApiToken
    clear: str
    language: str = "en"

    def ask(self, method: str, path: str, **more: Any) -> Any:
        """Any request, as `Client.generic` takes it; `headers` are added to our own."""
        headers = {
            "authorization": f"Bearer {self.clear}",
            "accept-language": self.language,
            **more.pop("headers", {}),
        }
        client = Client(headers=headers, raise_request_exception=False)
        return client.generic(method, f"/api/v1{path}", **more)

    def get(self, path: str) -> Any:
        return self.ask("GET", path)

    def delete(self, path: str) -> Any:
        return self.ask("DELETE", path)

    def post(self, path: str, body: Any, key: str = "") -> Any:
        return self.ask(
            "POST", path, data=json.dumps(body), content_type="application/json",
            headers={"idempotency-key": key or uuid4().hex},
        )  # fmt: skip


def make_caller(
    town: SmallTown, scopes: tuple[str, ...] = ALL, place: Any = None, **fields: Any
) -> Caller:
    clear = uuid4().hex
    row = ApiToken.objects.create(
        name="county",
        made_by=town.staff["security"],
        place=place or town.town,
        scopes=[Ability(a).value for a in scopes],
        digest=hashlib.sha256(clear.encode()).hexdigest(),
        expires_at=timezone.now() + timedelta(days=1),
        **fields,
    )
    return Caller(row, clear)


@pytest.fixture
def caller_of() -> Callable[..., Caller]:
    """`caller_of(town, scopes, place)` gives a system with a token of its own."""
    return make_caller


@pytest.fixture
def api(small_town: SmallTown) -> Caller:
    """A system with all scopes in the whole town."""
    return make_caller(small_town)


class Receiver(ThreadingHTTPServer):
    """Another system on this machine: keeps what it gets, answers what it is told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.paths: list[str] = []
        self.answers: list[int] = []
        self.location = ""
        self.url = f"http://127.0.0.1:{self.server_port}/hook"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
        self.server.paths.append(self.path)
        self.send_response(self.server.answers.pop(0) if self.server.answers else 204)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
