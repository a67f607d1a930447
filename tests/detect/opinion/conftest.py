"""A server of ours on loopback that takes questions, keeps them, and answers what a test wants."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from fangxian.detect.opinion import Endpoint

KEY = "sk-test-not-a-real-key"
FRAUD = {
    "says": "fraud",
    "kind": "fake_police",
    "zh": "自称民警要求转账，是冒充公检法。",
    "en": "It poses as the police and asks for a transfer.",
}


@dataclass
class Server:
    """`content` is what the model says; `status`, `headers`, `raw` replace the usual answer;
    `wait` seconds before anything, `drip` seconds between the bytes. `asked`: bodies that came."""

    url: str = ""
    content: str = json.dumps(FRAUD, ensure_ascii=False)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    wait: float = 0
    drip: float = 0
    asked: list[bytes] = field(default_factory=list)
    heads: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def endpoint(self, **changed: Any) -> Endpoint:
        return Endpoint(**{"url": self.url, "model": "test-model", "key": KEY, **changed})

    @property
    def body(self) -> Any:
        return json.loads(self.asked[-1])

    def answer(self) -> bytes:
        if self.raw is not None:
            return self.raw
        told = {"choices": [{"message": {"role": "assistant", "content": self.content}}]}
        return json.dumps(told).encode()


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            state.asked.append(self.rfile.read(int(self.headers["Content-Length"])))
            state.heads.append(dict(self.headers))
            state.paths.append(self.path)
            time.sleep(state.wait)
            answer = state.answer()
            try:
                self.send_response(state.status)
                for name, value in state.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                for start in range(0, len(answer), 1 if state.drip else len(answer) or 1):
                    self.wfile.write(answer[start : start + 1] if state.drip else answer)
                    self.wfile.flush()
                    time.sleep(state.drip)
            except OSError:
                pass  # the client has gone, as some tests want it to

        do_GET = do_POST  # noqa: N815  http.server's name

        def log_message(self, *_args: object) -> None:
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    # Asked every 10 ms whether to stop: half a second for each test otherwise.
    thread = threading.Thread(target=httpd.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{httpd.server_address[1]}/v1"
    yield state
    httpd.shutdown()
    httpd.server_close()
