"""The second factor: a code of the authenticator, used once, or a recovery code."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.test import Client, override_settings

from fangxian.town import actions
from fangxian.town.models import AuditEntry, Staff
from town.hailan import PASSWORD, SIGN_IN, Hailan, give

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


def proof(**other: str) -> dict[str, str]:
    """What officer1 proves themselves with, unless told otherwise."""
    return {"password": PASSWORD, "code": code(), **other}


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
    codes = actions.enrol_second_factor(staff, PASSWORD, SECRET, code())
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
    wrong = client.post("/town/me/second-factor/", {"password": PASSWORD, "code": "000000"})
    assert "验证码不对" in wrong.content.decode()
    done = client.post(
        "/town/me/second-factor/", {"password": PASSWORD, "code": pyotp.TOTP(secret).now()}
    )
    assert done.content.decode().count("<li><code>") == 10
    assert town.again("officer1").totp_secret.clear == secret


def test_sessions_begun_without_the_factor_end_when_it_is_tied(town: Hailan) -> None:
    other, here = town.browser("officer1"), town.browser("officer1")
    page = here.get("/town/me/second-factor/").content.decode()
    secret = page.split('<code class="fs-5">')[1].split("<")[0].replace(" ", "")
    here.post("/town/me/second-factor/", {"password": PASSWORD, "code": pyotp.TOTP(secret).now()})
    assert here.get("/town/me/").status_code == 200
    assert other.get("/town/me/").status_code == 302


def test_an_open_session_alone_does_not_replace_the_second_factor(
    town: Hailan, enrolled: Staff
) -> None:
    client = town.browser("officer1")
    assert client.get("/town/me/second-factor/")["Location"] == "/town/me/"
    for facts in ({"code": code()}, proof(code="000000"), proof(password="wrong")):
        client.post("/town/me/second-factor/drop/", facts)
        assert town.again("officer1").totp_secret
    client.post("/town/me/second-factor/drop/", proof())
    assert not town.again("officer1").totp_secret


def test_an_open_session_alone_does_not_get_recovery_codes(town: Hailan, enrolled: Staff) -> None:
    client, address = town.browser("officer1"), "/town/me/recovery-codes/"
    for facts in ({}, {"code": code()}, proof(password="wrong"), proof(code="000000")):
        assert client.post(address, facts).status_code == 302
    assert not enrolled.recovery_codes.exists()
    assert client.post(address, proof()).content.decode().count("<li><code>") == 10


def test_nor_ties_its_own_authenticator_to_an_account_without_one(town: Hailan) -> None:
    client = town.browser("officer1")
    page = client.get("/town/me/second-factor/").content.decode()
    secret = page.split('<code class="fs-5">')[1].split("<")[0].replace(" ", "")
    right = pyotp.TOTP(secret).now()
    answer = client.post("/town/me/second-factor/", {"password": "wrong", "code": right})
    assert "密码不对" in answer.content.decode()
    assert not town.again("officer1").totp_secret


@pytest.mark.parametrize(
    ("address", "facts"),
    [
        ("/town/me/recovery-codes/", {"password": PASSWORD, "code": "000000"}),
        ("/town/me/recovery-codes/", {"password": "wrong", "code": "000000"}),
        ("/town/me/second-factor/drop/", {"password": PASSWORD, "code": "wrong-code-12"}),
        ("/town/me/password/", {"old": "wrong", "new": "a b c", "again": "a b c"}),
    ],
)
def test_wrong_tries_in_a_session_count_lock_end_it_and_are_audited(
    town: Hailan, enrolled: Staff, address: str, facts: dict[str, str]
) -> None:
    client, again = town.browser("officer1"), town.browser("officer1")
    answers = [client.post(address, facts) for _n in range(5)]
    assert answers[-1].status_code == 429
    assert client.get("/town/me/")["Location"].startswith(SIGN_IN)
    assert give(Client(), "officer1").status_code == 429
    tried = AuditEntry.objects.filter(verb="proof_failed", actor=f"staff:{enrolled.pk}")
    assert tried.count() == 5
    assert AuditEntry.objects.filter(verb="locked_out").count() == 1
    # During the lock the right ones pass no more than the wrong ones.
    assert again.post("/town/me/second-factor/drop/", proof()).status_code == 429
    assert town.again("officer1").totp_secret


def test_nothing_that_was_typed_as_proof_is_kept_with_a_failure(
    town: Hailan, enrolled: Staff
) -> None:
    client = town.browser("officer1")
    new = "seven quiet herons"
    client.post("/town/me/password/", {"old": "nearly right", "new": new, "again": new})
    client.post("/town/me/recovery-codes/", proof(code="abcd-efgh-jkmm"))
    kept = "".join(AccessAttempt.objects.values_list("post_data", flat=True))
    for secret in ("nearly right", new, "abcd", PASSWORD):
        assert secret not in kept


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


@pytest.mark.parametrize("first", ["password", "second factor"])
def test_password_and_second_factor_of_one_account_are_reset_by_two_people(
    town: Hailan, first: str
) -> None:
    one, auditor = town.again("security1"), town.again("auditor1")
    other = Staff.objects.create_user("security2", PASSWORD, name="员security2")
    actions.give_duty("system", other, "security", town.places["town"])
    resets = [actions.reset_password, actions.reset_second_factor]
    if first != "password":
        resets.reverse()
    resets[0](one, auditor)
    with pytest.raises(actions.Refused, match="两位不同的安全管理员"):
        resets[1](one, auditor)
    resets[0](one, auditor)
    resets[1](other, auditor)
    assert {e.actor for e in AuditEntry.objects.filter(thing_id=str(auditor.pk))} == {
        f"staff:{one.pk}",
        f"staff:{other.pk}",
    }


def test_after_a_week_one_person_may_reset_the_other(
    town: Hailan, monkeypatch: pytest.MonkeyPatch
) -> None:
    security, officer = town.again("security1"), town.again("officer1")
    actions.reset_password(security, officer)
    monkeypatch.setattr(actions.staff, "BOTH_KEYS_APART", timedelta(0))
    actions.reset_second_factor(security, officer)
