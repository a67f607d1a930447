"""The second factor: a code of the authenticator, used once, or a recovery code."""

from __future__ import annotations

import time
from collections.abc import Callable

import pyotp
import pytest
from django.contrib.sessions.models import Session
from django.test import Client, override_settings

from fangxian.town import actions
from fangxian.town.models import Staff
from town.hailan import SIGN_IN, Hailan, give

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def enrolled(town: Hailan) -> Staff:
    """officer1 with an authenticator whose last code is long past."""
    staff = town.again("officer1")
    staff.totp_secret = SECRET
    staff.save()
    return staff


def code(seconds: int = 0) -> str:
    return pyotp.TOTP(SECRET).at(int(time.time()) + seconds)


def test_a_password_alone_opens_nothing_once_a_second_factor_is_tied(enrolled: Staff) -> None:
    client = Client()
    answer = give(client, "officer1", to=f"{SIGN_IN}?next=/town/residents/")
    assert answer["Location"] == "/town/sign-in/code/?next=%2Ftown%2Fresidents%2F"
    assert client.get("/town/residents/").status_code == 302
    answer = client.post(answer["Location"], {"code": code()})
    assert answer["Location"] == "/town/residents/"
    assert client.get("/town/residents/").status_code == 200


def test_a_code_is_used_once(enrolled: Staff) -> None:
    right = code()
    first, second = Client(), Client()
    for client in (first, second):
        give(client, "officer1")
    assert first.post("/town/sign-in/code/", {"code": right}).status_code == 302
    answer = second.post("/town/sign-in/code/", {"code": right})
    assert "验证码不对或已用过" in answer.content.decode()


@pytest.mark.parametrize(
    ("seconds", "passes"), [(-30, True), (30, True), (-90, False), (90, False)]
)
def test_a_phone_clock_may_be_half_a_minute_wrong(
    enrolled: Staff, seconds: int, passes: bool
) -> None:
    assert actions.pass_second_factor(enrolled, code(seconds)) is passes


def test_wrong_codes_lock_the_account_like_wrong_passwords(enrolled: Staff) -> None:
    for _n in range(5):
        client = Client()
        give(client, "officer1")
        client.post("/town/sign-in/code/", {"code": "000000"})
    assert give(Client(), "officer1").status_code == 429


def test_the_code_page_is_closed_without_a_password_and_after_five_minutes(
    enrolled: Staff, clock: Callable[[int], None]
) -> None:
    assert Client().get("/town/sign-in/code/")["Location"] == SIGN_IN
    client = Client()
    give(client, "officer1")
    clock(301)
    assert client.post("/town/sign-in/code/", {"code": code()})["Location"] == SIGN_IN


def test_a_recovery_code_opens_once(town: Hailan) -> None:
    staff = town.again("officer1")
    codes = actions.enrol_second_factor(staff, SECRET, code())
    assert len(set(codes)) == 10
    assert actions.pass_second_factor(staff, codes[0].upper())
    assert not actions.pass_second_factor(staff, codes[0])
    assert staff.recovery_codes.filter(used_at=None).count() == 9


def test_enrolling_asks_for_a_code_shows_recovery_codes_once_and_stores_no_secret_in_clear(
    town: Hailan,
) -> None:
    client = town.browser("officer1")
    page = client.get("/town/me/second-factor/").content.decode()
    assert "data:image/svg+xml" in page
    secret = page.split('<code class="fs-5">')[1].split("<")[0].replace(" ", "")
    stored = Session.objects.get(session_key=client.cookies["sessionid"].value)
    assert secret not in str(stored.get_decoded())
    wrong = client.post("/town/me/second-factor/", {"code": "000000"})
    assert "验证码不对" in wrong.content.decode()
    done = client.post("/town/me/second-factor/", {"code": pyotp.TOTP(secret).now()})
    assert done.content.decode().count("<li><code>") == 10
    assert town.again("officer1").totp_secret.clear == secret


def test_sessions_begun_without_the_factor_end_when_it_is_tied(town: Hailan) -> None:
    other, here = town.browser("officer1"), town.browser("officer1")
    page = here.get("/town/me/second-factor/").content.decode()
    secret = page.split('<code class="fs-5">')[1].split("<")[0].replace(" ", "")
    here.post("/town/me/second-factor/", {"code": pyotp.TOTP(secret).now()})
    assert here.get("/town/me/").status_code == 200
    assert other.get("/town/me/").status_code == 302


def test_an_open_session_alone_does_not_replace_the_second_factor(
    town: Hailan, enrolled: Staff
) -> None:
    client = town.browser("officer1")
    assert client.get("/town/me/second-factor/")["Location"] == "/town/me/"
    client.post("/town/me/second-factor/drop/", {"code": "000000"})
    assert town.again("officer1").totp_secret
    client.post("/town/me/second-factor/drop/", {"code": code()})
    assert not town.again("officer1").totp_secret


def test_a_lost_phone_is_reset_by_another_administrator_never_by_oneself(
    town: Hailan, enrolled: Staff
) -> None:
    security = town.again("security1")
    actions.reset_second_factor(security, enrolled)
    assert not town.again("officer1").totp_secret
    with pytest.raises(actions.Refused, match="不能重置自己"):
        actions.reset_second_factor(security, town.again("security1"))


def test_production_asks_everybody_to_enrol_before_the_first_page(town: Hailan) -> None:
    client = town.browser("officer1")
    with override_settings(MODE="production"):
        assert client.get("/town/residents/")["Location"] == "/town/me/second-factor/"
        assert client.get("/town/me/second-factor/").status_code == 200
    assert client.get("/town/residents/").status_code == 200
