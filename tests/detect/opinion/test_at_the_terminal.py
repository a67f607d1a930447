"""`fangxian check --opinion`: what leaves is shown, and what came back stands below the verdict."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from fangxian.cli import main

from .conftest import KEY, Server

TEXT = "我是民警，您的卡62170000000000012涉嫌洗钱，回电12001234567，把钱转到安全账户。"


@pytest.fixture
def asked(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setenv("FANGXIAN_OPINION_URL", server.url)
    monkeypatch.setenv("FANGXIAN_OPINION_MODEL", "test-model")
    monkeypatch.setenv("FANGXIAN_OPINION_KEY", KEY)
    return server


def test_what_leaves_is_shown_and_the_answer_stands_below(asked: Server) -> None:
    told = CliRunner().invoke(main, ["check", "--language", "en", "--opinion", TEXT])
    assert told.exit_code == 0, told.output
    assert "sent to test-model" in told.output
    assert "second opinion: " in told.output
    assert "It poses as the police" in told.output
    shown = told.output.split("sent to")[1]
    for secret in ("12001234567", "62170000000000012"):
        assert secret not in shown
        assert secret.encode() not in asked.asked[0]
    assert KEY not in told.output


def test_without_an_answer_the_verdict_stands(asked: Server) -> None:
    asked.status = 500
    told = CliRunner().invoke(main, ["check", "--opinion", TEXT])
    assert told.exit_code == 0
    assert "冒充公检法" in told.output
    assert "500" in told.output


def test_nothing_set_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FANGXIAN_OPINION_URL", raising=False)
    told = CliRunner().invoke(main, ["check", "--opinion", TEXT])
    assert told.exit_code == 1
    assert "FANGXIAN_OPINION_URL" in told.output


def test_nothing_to_judge_is_not_asked_about(asked: Server) -> None:
    CliRunner().invoke(main, ["check", "--opinion", " "])
    assert asked.asked == []


def test_not_for_files(asked: Server) -> None:
    told = CliRunner().invoke(main, ["check", "--opinion", "--file", __file__])
    assert told.exit_code == 2
