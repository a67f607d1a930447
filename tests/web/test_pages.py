"""The shell around every page: who sees which doors, both languages, policy, errors, health."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fangxian.town.models import WorkerBeat
from town_of_tests import SmallTown, red_call

PAGES = {
    "officer": ["/work/", "/work/board/", "/work/episodes/", "/work/cases/", "/board/", "/town/me/"],
    "clerk": ["/work/intake/", "/work/intake/one/", "/work/intake/senders/", "/work/cases/new/",
              "/town/residents/", "/town/places/", "/town/duties/"],
    "leader": ["/work/alarms/", "/work/reviews/", "/work/wall/", "/board/print/"],
    "security": ["/town/staff/", "/town/tokens/"],
    "system": ["/work/settings/"],
    "auditor": ["/town/audit/", "/town/retention/"],
}  # fmt: skip


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_opens_in_both_languages_within_twelve_queries(
    small_town: SmallTown, signed_in, language: str
) -> None:
    red_call(small_town)
    for who, addresses in PAGES.items():
        client = signed_in(small_town.staff[who], language)
        client.get("/town/me/")
        for address in addresses:
            small_town.staff[who].__dict__.pop("_access", None)
            with CaptureQueriesContext(connection) as asked:
                answer = client.get(address)
            assert len(asked) <= 12, (address, [q["sql"][:150] for q in asked])
            assert answer.status_code == 200, address
            text = answer.content.decode()
            assert f'lang="{"en" if language == "en" else "zh-Hans"}"' in text
            assert 'action="/language/"' in text, address


def test_the_policy_allows_no_inline_script_or_style(client: Client, db) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "http:" not in policy.replace("data:", "")


def test_no_page_holds_inline_script_style_or_a_foreign_address(small_town, signed_in) -> None:
    import re

    red_call(small_town)
    for who, addresses in PAGES.items():
        client = signed_in(small_town.staff[who])
        for address in addresses:
            text = client.get(address).content.decode()
            assert not re.search(r"\son\w+=", text), address
            assert not re.search(r"\sstyle=", text), address
            scripts = re.findall(r"<script(?![^>]*(?:src=|application/json))", text)
            assert scripts == [], address
            assert not re.search(r'(?:src|href)="(?:https?:)?//', text), address


def test_the_switch_changes_the_language_and_comes_back(client: Client, db) -> None:
    answer = client.post("/language/", {"language": "en", "next": "/ask/caller/"}, follow=True)
    assert answer.redirect_chain[-1][0] == "/ask/caller/"
    assert 'lang="en"' in answer.content.decode()


def test_the_browsers_preference_is_followed_and_chinese_is_the_default(client, db) -> None:
    assert 'lang="zh-Hans"' in client.get("/").content.decode()
    assert 'lang="zh-Hans"' in client.get("/", headers={"accept-language": "fr"}).content.decode()
    assert 'lang="en"' in client.get("/", headers={"accept-language": "en-GB"}).content.decode()


def test_errors_are_friendly_and_say_nothing_of_the_inside(client: Client, db) -> None:
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert "没有找到" in answer.content.decode()
    strict = Client(enforce_csrf_checks=True)
    refused = strict.post("/ask/caller/", {"code": "123456"})
    assert refused.status_code == 403
    assert "页面放得太久了" in refused.content.decode()


def test_elder_mode_is_one_tap_and_stays(client: Client, db) -> None:
    answer = client.post("/elder/", {"elder": "1", "next": "/ask/caller/"}, follow=True)
    assert 'class="elder"' in answer.content.decode()
    assert client.post("/elder/", {"next": "https://evil.example/"}).headers["Location"] == "/"


def test_health_says_whether_a_worker_lives(client: Client, db) -> None:
    assert client.get("/healthz").status_code == 503
    WorkerBeat.objects.create(worker_id="w", beat_at=timezone.now())
    assert client.get("/healthz").status_code == 200
    WorkerBeat.objects.update(beat_at=timezone.now() - timedelta(minutes=1))
    assert client.get("/healthz").status_code == 503


def test_the_demo_sign_in_does_not_exist_outside_the_demo(client: Client, db) -> None:
    assert client.post("/town/sign-in/demo/", {"username": "clerk"}).status_code == 404
