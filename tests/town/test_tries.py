"""Guessing at the door: an address has a limit, a known device is not locked out by strangers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.test import Client, RequestFactory, override_settings
from django.utils import timezone

from fangxian.town import actions, tries
from fangxian.town.models import AuditEntry, Staff
from town.hailan import PASSWORD, Hailan, give


def stranger(address: str = "203.0.113.7") -> Client:
    return Client(REMOTE_ADDR=address)


def lock(username: str) -> None:
    for _n in range(5):
        give(stranger(), username, "wrong")


def known_device(username: str) -> Client:
    """A browser on which the person signed in and out again."""
    client = Client()
    give(client, username)
    client.post("/town/sign-out/")
    return client


def spray(client: Client, how_many: int) -> list[int]:
    return [give(client, f"account{n}", "wrong").status_code for n in range(how_many)]


def test_one_password_tried_with_many_accounts_ends_at_the_limit_of_the_address(
    town: Hailan,
) -> None:
    assert spray(stranger(), 44) == [200] * 30 + [429] * 14
    answer = give(stranger(), "officer1")
    assert answer.status_code == 429
    assert "从这个网络登录" in answer.content.decode()
    assert answer["Retry-After"] == "900"
    assert AuditEntry.objects.filter(verb="address_limited").count() == 1
    assert give(stranger("198.51.100.1"), "officer1")["Location"] == "/work/"


def test_it_ends_after_a_quarter_of_an_hour(town: Hailan) -> None:
    spray(stranger(), 30)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert give(stranger(), "officer1")["Location"] == "/work/"


def test_a_colleague_on_their_own_computer_is_not_kept_out_by_the_address(town: Hailan) -> None:
    mine = known_device("officer1")
    spray(Client(), 31)
    assert give(Client(), "officer1").status_code == 429
    assert give(mine, "officer1")["Location"] == "/work/"


def test_a_stranger_who_fails_on_purpose_does_not_keep_the_duty_officer_out(town: Hailan) -> None:
    mine = known_device("officer1")
    lock("officer1")
    assert give(stranger(), "officer1").status_code == 429
    assert give(mine, "officer1")["Location"] == "/work/"
    assert give(stranger(), "officer1").status_code == 429


def test_five_failures_lock_the_known_device_alone(town: Hailan) -> None:
    mine = known_device("officer1")
    for _n in range(5):
        give(mine, "officer1", "wrong")
    answer = give(mine, "officer1")
    assert answer.status_code == 429
    assert "请等 15 分钟" in answer.content.decode()
    assert "officer1" in town.browser("security1").get("/town/sessions/").content.decode()
    actions.unlock(town.again("security1"), town.staff["officer1"])
    assert give(mine, "officer1")["Location"] == "/work/"


def test_a_device_is_known_for_its_own_accounts_only(town: Hailan) -> None:
    mine = known_device("officer1")
    lock("officer2")
    assert give(mine, "officer2").status_code == 429


def test_a_shared_computer_knows_all_who_signed_in_there(town: Hailan) -> None:
    shared = known_device("officer1")
    give(shared, "officer2")
    shared.post("/town/sign-out/")
    lock("officer1")
    assert give(shared, "officer1")["Location"] == "/work/"


@pytest.mark.parametrize("change", ["forged", "password reset"])
def test_a_mark_that_is_forged_or_older_than_the_password_makes_no_device_known(
    town: Hailan, change: str
) -> None:
    mine = known_device("officer1")
    if change == "forged":
        mine.cookies[tries.COOKIE] = mine.cookies[tries.COOKIE].value[:-3] + "abc"
    else:
        staff = town.again("officer1")
        staff.set_password("seven quiet herons at dawn")
        staff.save()
    lock("officer1")
    assert give(mine, "officer1", "seven quiet herons at dawn").status_code == 429


def test_the_mark_opens_nothing_and_is_read_by_no_script(town: Hailan) -> None:
    mine = known_device("officer1")
    assert mine.get("/town/me/").status_code == 302
    assert mine.cookies[tries.COOKIE]["httponly"]
    assert PASSWORD not in mine.cookies[tries.COOKIE].value


def test_nobody_locks_a_device_by_typing_its_mark(town: Hailan) -> None:
    mine = known_device("officer1")
    for _n in range(5):
        give(stranger(), "officer1#0123456789abcdef", "wrong")
    assert give(mine, "officer1")["Location"] == "/work/"


@pytest.mark.parametrize(
    ("proxies", "meta", "address"),
    [
        (0, {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "9.9.9.9"}, "10.0.0.1"),
        (1, {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "9.9.9.9, 8.8.8.8"}, "8.8.8.8"),
        (0, {"REMOTE_ADDR": "2001:db8:1:2:aaaa::1"}, "2001:db8:1:2::"),
        (0, {"REMOTE_ADDR": ""}, None),
    ],
)
def test_an_address_is_what_our_own_proxy_saw(
    proxies: int, meta: dict[str, Any], address: str | None
) -> None:
    with override_settings(AXES_IPWARE_PROXY_COUNT=proxies):
        assert tries.address_of(RequestFactory().get("/", **meta)) == address


# --- first passwords ---------------------------------------------------------------------------


def test_a_first_password_that_nobody_used_ends_after_a_week(
    town: Hailan, monkeypatch: pytest.MonkeyPatch
) -> None:
    word = actions.reset_password(town.again("security1"), town.staff["officer1"])
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() + timedelta(days=8))
    answer = give(Client(), "officer1", word)
    assert "初始密码 7 天内有效" in answer.content.decode()
    word = actions.reset_password(town.again("security1"), town.staff["officer1"])
    assert give(Client(), "officer1", word)["Location"] == "/work/"


def test_a_password_of_ones_own_does_not_end(town: Hailan, monkeypatch: pytest.MonkeyPatch) -> None:
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() + timedelta(days=700))
    town.person("officer3", "officer", "town", "police")
    assert give(Client(), "officer3")["Location"] == "/work/"
    assert not Staff.objects.get(username="officer3").must_change_password
