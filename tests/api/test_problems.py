"""Whatever goes wrong below /api/ is said as problem+json (RFC 9457), in the caller's language."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from fangxian.town.models import ApiToken
from town_of_tests import phone_of

CHINESE = re.compile("[\u4e00-\u9fff]")
WARNING = {"sender": "a", "warnings": [{"phones": [phone_of(1)]}]}


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The problem of an answer, after what holds for every one of them."""
    text = answer.content.decode()
    assert (answer.status_code, answer.headers["Content-Type"]) == (
        status,
        "application/problem+json",
    ), text
    body: dict[str, Any] = json.loads(text)
    assert set(body) == {"type", "title", "status", "detail"}
    assert body["type"] == f"urn:fangxian:problem:{code}"
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert "<" not in re.sub("<(token|密钥)>", "", json.dumps(body, ensure_ascii=False))
    assert "Traceback" not in text
    assert int(answer.headers.get("Content-Length", len(answer.content))) == len(answer.content)
    return body


@pytest.mark.parametrize("path", ["/nothing", "/me/", "/episodes/1/", "/", "/episodes//1"])
def test_an_address_that_is_none(api, path) -> None:
    problem(api.get(path), 404, "not-found")
    problem(api.post(path, {}), 404, "not-found")


@pytest.mark.django_db
def test_addresses_above_the_first_version(client: Client) -> None:
    for path in ("/api", "/api/", "/api/v2/me"):
        problem(client.get(path), 404, "not-found")
    # The one address Django mends by itself.
    problem(client.get("/api/v1", follow=True), 404, "not-found")


@pytest.mark.django_db
def test_the_pages_keep_their_own_words(client: Client) -> None:
    answer = client.get("/apis/nothing")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/episodes", {"GET"}),
        ("GET", "/warnings", {"POST"}),
        ("PUT", "/webhooks", {"GET", "POST"}),
        ("POST", "/openapi.json", {"GET", "HEAD"}),
    ],
)
def test_a_method_that_is_not_offered_names_those_that_are(api, method, path, allowed) -> None:
    answer = api.ask(method, path)
    problem(answer, 405, "method-not-allowed")
    assert set(answer.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize(
    "body", ["{", "", "[1, 2", "\xff", "[" * 100_000, '{"sender": "\\ud800"}', "null", "7"]
)
def test_a_body_that_is_no_json_or_not_ours(api, body) -> None:
    answer = api.ask(
        "POST", "/warnings", data=body.encode("latin-1"), content_type="application/json",
        headers={"idempotency-key": "12345678"},
    )  # fmt: skip
    status = answer.status_code
    assert status in (400, 422)
    problem(answer, status, "bad-request" if status == 400 else "invalid")


@pytest.mark.parametrize(
    "media_type", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data", ""]
)
def test_a_body_of_another_media_type(api, media_type) -> None:
    answer = api.ask(
        "POST", "/warnings", data=json.dumps(WARNING), content_type=media_type,
        headers={"idempotency-key": "12345678"},
    )  # fmt: skip
    problem(answer, 415, "not-json")


def test_json_may_name_its_charset_or_a_profile(api) -> None:
    for n, media_type in enumerate(("application/json; charset=utf-8", "Application/JSON")):
        answer = api.ask(
            "POST", "/warnings", data=json.dumps(WARNING), content_type=media_type,
            headers={"idempotency-key": f"1234567{n}"},
        )  # fmt: skip
        assert answer.status_code == 201


def test_a_body_that_is_too_large(api, settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    body = {**WARNING, "more": "x" * 1000}
    problem(api.post("/warnings", body), 413, "too-large")


def test_who_has_no_token_is_told_how_to_show_one(client: Client, api) -> None:
    for header in ("", "Bearer ", "Bearer nobody", f"Basic {api.clear}", api.clear, "Bearer 密"):
        answer = client.get("/api/v1/me", headers={"authorization": header} if header else {})
        problem(answer, 401, "no-token")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    ApiToken.objects.update(expires_at=timezone.now())
    problem(api.get("/me"), 401, "no-token")


def test_a_host_that_is_not_ours(api) -> None:
    problem(api.ask("GET", "/me", headers={"host": "elsewhere.example"}), 400, "bad-request")


def test_a_server_error_tells_nothing_of_its_cause(api, monkeypatch, caplog) -> None:
    def fails(*_: Any) -> Any:
        raise RuntimeError("王秀英 +8612000000001")

    monkeypatch.setattr("fangxian.warn.api_episodes.visible_episodes", fails)
    body = problem(api.get("/episodes"), 500, "server-error")
    assert "王秀英" not in json.dumps(body, ensure_ascii=False)
    # Whoever looks after the machine reads the cause in its log.
    assert any(record.exc_info for record in caplog.records)


def test_what_was_wrong_is_named_by_its_place_and_never_repeated(api) -> None:
    for body, place in [
        ({"sender": "a"}, "warnings"),
        ({"sender": "a", "warnings": [{"phones": []}]}, "warnings[0].phones"),
        ({"sender": "a", "warnings": [{"phones": [120_0000_0001]}]}, "warnings[0].phones[0]"),
        ({"sender": "a", "warnings": [{"phones": ["1"], "grade": "王秀英"}]}, "warnings[0].grade"),
        ({"sender": "a", "warnings": [{"phones": ["1"], "area": "王秀英"}]}, "warnings[0].area"),
        (
            {"sender": "a", "warnings": [{"phones": ["1"], "occurred_at": "王秀英"}]},
            "warnings[0].occurred_at",
        ),
        ({"sender": "王秀英" * 30, "warnings": WARNING["warnings"]}, "sender"),
        ("王秀英", "sender"),
        ({"sender": "a", "warnings": ["王秀英"]}, "warnings[0].phones"),
    ]:
        said = problem(api.post("/warnings", body), 422, "invalid")["detail"]
        assert said.startswith(f"{place}: "), said
        assert "王秀英" not in said
        assert "12000" not in said


def test_an_address_or_header_that_is_wrong_is_a_bad_request(api) -> None:
    for path, place in [
        ("/episodes?limit=0", "limit"),
        ("/episodes?limit=x", "limit"),
        ("/episodes?state=half", "state"),
        ("/episodes/0", "number"),
        ("/episodes/x", "number"),
    ]:
        said = problem(api.get(path), 400, "invalid")["detail"]
        assert said.startswith(f"{place}: "), said
    problem(api.get("/episodes?colour=red"), 400, "unknown-filter")
    for key in ("", "short", "k" * 101, "with space"):
        answer = api.ask(
            "POST", "/warnings", data=json.dumps(WARNING), content_type="application/json",
            headers={"idempotency-key": key} if key else {},
        )  # fmt: skip
        assert "Idempotency-Key" in problem(answer, 400, "invalid")["detail"]


def everything_that_fails(api: Any) -> list[Any]:
    """One answer of each kind of failure."""
    return [
        api.get("/nothing"),
        api.ask("DELETE", "/episodes"),
        api.ask("POST", "/warnings", data="{", content_type="application/json"),
        api.ask("POST", "/warnings", data="{", content_type="text/plain"),
        api.post("/warnings", {"sender": "", "warnings": []}),
        api.post("/warnings", {"sender": " ", "warnings": WARNING["warnings"]}),
        api.post("/warnings", {"sender": "a", "warnings": [{"phones": ["x"]}]}),
        api.post(
            "/warnings", {"sender": "a", "warnings": [{"phones": [phone_of(1)], "kind": "x"}]}
        ),
        api.post(
            "/warnings",
            {"sender": "a", "warnings": [{"phones": [phone_of(1)], "area": "1" * 12}]},
        ),
        api.post(
            "/warnings",
            {"sender": "a", "warnings": [{"phones": ["x"], "occurred_at": "1900-01-01T00:00"}]},
        ),
        api.get("/episodes?cursor=x"),
        api.get("/episodes?colour=red"),
        api.get("/episodes/999999"),
        api.delete("/webhooks/999999"),
        api.post("/webhooks", {"url": "http://"}),
        api.ask("GET", "/me", headers={"host": "elsewhere.example"}),
        api.ask("GET", "/me", headers={"authorization": ""}),
    ]


def test_every_failure_speaks_the_callers_language(api) -> None:
    for language, is_chinese in (("en", False), ("zh-hans", True), ("", True), ("fr", True)):
        api.language = language
        for answer in everything_that_fails(api):
            body = answer.json()
            assert answer.status_code >= 400
            for text in (body["title"], body["detail"]):
                assert bool(CHINESE.search(text)) == is_chinese, text


def test_a_token_of_one_scope_opens_nothing_of_another(small_town, caller_of) -> None:
    operations = {
        "places:see": ("GET", "/places"),
        "warnings:take_in": ("POST", "/warnings"),
        "episodes:see": ("GET", "/episodes"),
        "episodes:export": ("GET", "/warnings/results"),
        "cases:see": ("GET", "/cases"),
    }
    for scope in operations:
        one = caller_of(small_town, (scope,))
        for needed, (method, path) in operations.items():
            answer = one.post(path, WARNING) if method == "POST" else one.get(path)
            if needed == scope:
                assert answer.status_code in (200, 201)
            else:
                assert needed in problem(answer, 403, "scope-missing")["detail"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_problem_of_the_code_is_in_the_reference(settings, language) -> None:
    source = Path(settings.PROJECT, "src/fangxian")
    files = [*source.glob("*/api*.py"), source / "web/problems.py"]
    code = "\n".join(file.read_text("utf-8") for file in files)
    raised = set(re.findall(r'\b(\d{3})(?:: \(|, )"([a-z][a-z-]+)"', code))
    # Ninja could say 429; nothing of ours does.
    raised -= {("429", "too-many")}
    assert len(raised) > 15
    page = Path(settings.PROJECT, f"docs/{language}/reference/api.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d{3}) \| ([^|]+) \|", page, re.MULTILINE)
    told = {(status, code) for status, codes in rows for code in re.findall("`([^`]+)`", codes)}
    assert raised - told == set()
    # Raised by a line that chooses between 400 and 422.
    assert told - raised == {("422", "invalid")}
