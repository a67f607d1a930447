"""Signing in: password, lock-out, second factor, and how sessions end."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.core.checks import run_checks
from django.test import Client, override_settings
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from fangxian.town import actions, signin
from fangxian.town.models import AuditEntry, SignIn, Staff
from town.hailan import PASSWORD, Hailan

SIGN_IN = "/town/sign-in/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def give(client: Client, username: str, password: str = PASSWORD, to: str = SIGN_IN) -> object:
    return client.post(to, {"username": username, "password": password})


def verbs() -> list[str]:
    return list(AuditEntry.objects.order_by("seq").values_list("verb", flat=True))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Moves the clock of sessions and codes on by seconds."""
    offset = 0
    real = time.time

    def on(seconds: int) -> None:
        nonlocal offset
        offset += seconds

    monkeypatch.setattr(signin.time, "time", lambda: real() + offset)
    return on


def test_the_right_password_opens_ones_work(town: Hailan) -> None:
    client = Client(headers={"user-agent": FIREFOX})
    answer = give(client, " Officer1 ")
    assert (answer.status_code, answer["Location"]) == (302, "/work/")  # type: ignore[attr-defined]
    assert SignIn.objects.get().device == "Firefox · Linux"
    entry = AuditEntry.objects.get(verb="signed_in")
    assert entry.actor == f"staff:{town.staff['officer1'].pk}"
    assert entry.detail["from"] == "Firefox · Linux"


@pytest.mark.parametrize(
    ("target", "lands"),
    [
        ("/town/residents/", "/town/residents/"),
        ("https://evil.example/", "/work/"),
        ("//evil.example/", "/work/"),
    ],
)
def test_one_lands_where_one_wanted_to_go_on_this_site_only(
    town: Hailan, client: Client, target: str, lands: str
) -> None:
    answer = give(client, "officer1", to=f"{SIGN_IN}?next={target}")
    assert answer["Location"] == lands  # type: ignore[index]


def test_a_wrong_password_says_the_same_as_an_unknown_account(town: Hailan) -> None:
    pages = [
        give(Client(), name, "wrong").content.decode()  # type: ignore[attr-defined]
        for name in ("officer1", "nobody")
    ]
    for page in pages:
        assert "账号或密码不对" in page
    assert verbs() == ["sign_in_failed", "sign_in_failed"]
    known, unknown = AuditEntry.objects.order_by("seq")
    assert (known.thing_id, unknown.thing_id) == (str(town.staff["officer1"].pk), "")
    assert "nobody" not in str(unknown.detail)


def test_a_closed_account_does_not_open(town: Hailan, client: Client) -> None:
    Staff.objects.filter(username="officer1").update(is_active=False)
    assert "账号或密码不对" in give(client, "officer1").content.decode()  # type: ignore[attr-defined]


# --- lock-out ---------------------------------------------------------------------------------


def lock(username: str) -> None:
    for _n in range(5):
        give(Client(), username, "wrong")


def test_five_wrong_passwords_lock_the_account_and_say_for_how_long(town: Hailan) -> None:
    lock("officer1")
    answer = give(Client(), "officer1")
    assert answer.status_code == 429  # type: ignore[attr-defined]
    assert "请等 15 分钟" in answer.content.decode()  # type: ignore[attr-defined]
    assert answer["Retry-After"] == "900"  # type: ignore[index]
    assert verbs().count("locked_out") == 1
    assert verbs().count("sign_in_failed") == 5


def test_one_locked_account_locks_no_colleague(town: Hailan) -> None:
    lock("officer1")
    assert give(Client(), "officer2")["Location"] == "/work/"  # type: ignore[index]


def test_a_lock_ends_by_itself(town: Hailan) -> None:
    lock("officer1")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert give(Client(), "officer1")["Location"] == "/work/"  # type: ignore[index]


def test_the_security_administrator_ends_it_before(town: Hailan) -> None:
    lock("officer1")
    security = town.browser("security1")
    assert "officer1" in security.get("/town/sessions/").content.decode()
    security.post(f"/town/staff/{town.staff['officer1'].pk}/unlock/")
    assert give(Client(), "officer1")["Location"] == "/work/"  # type: ignore[index]


def test_a_success_forgets_the_failures_before_it(town: Hailan) -> None:
    for _n in range(4):
        give(Client(), "officer1", "wrong")
    give(Client(), "officer1")
    give(Client(), "officer1", "wrong")
    assert give(Client(), "officer1")["Location"] == "/work/"  # type: ignore[index]


def test_tries_during_a_lock_do_not_fill_the_audit_log(town: Hailan) -> None:
    lock("officer1")
    before = len(verbs())
    for _n in range(3):
        give(Client(), "officer1")
    assert len(verbs()) == before


# --- how sessions end -------------------------------------------------------------------------


def test_half_an_hour_without_activity_ends_the_session_and_says_so(
    town: Hailan, clock: Callable[[int], None]
) -> None:
    client = town.browser("officer1")
    clock(29 * 60)
    assert client.get("/town/me/").status_code == 200
    clock(29 * 60)
    assert client.get("/town/me/").status_code == 200
    clock(31 * 60)
    assert client.get("/town/me/")["Location"].startswith(SIGN_IN)
    assert "30 分钟没有操作" in client.get(SIGN_IN).content.decode()
    assert verbs()[-1] == "signed_out"


def test_a_page_that_polls_does_not_keep_a_session_alive(
    town: Hailan, clock: Callable[[int], None]
) -> None:
    client = town.browser("officer1")
    for _n in range(4):
        clock(10 * 60)
        client.get("/town/me/", headers={"HX-Request": "true"})
    assert client.get("/town/me/").status_code == 302


def test_nobody_stays_signed_in_beyond_twelve_hours(
    town: Hailan, clock: Callable[[int], None]
) -> None:
    client = town.browser("officer1")
    for _n in range(12 * 3 - 1):
        clock(20 * 60)
        assert client.get("/town/me/").status_code == 200
    clock(21 * 60)
    assert client.get("/town/me/").status_code == 302
    assert "12 小时" in client.get(SIGN_IN).content.decode()


def test_the_fourth_session_ends_the_oldest(town: Hailan) -> None:
    first, *others = [town.browser("officer1") for _n in range(4)]
    assert first.get("/town/me/").status_code == 302
    assert [c.get("/town/me/").status_code for c in others] == [200, 200, 200]


def test_signing_out_ends_the_session_for_good(town: Hailan) -> None:
    client = town.browser("officer1")
    key = client.cookies["sessionid"].value
    client.post("/town/sign-out/")
    assert not Session.objects.filter(session_key=key).exists()
    assert not SignIn.objects.exists()
    assert client.get("/town/sign-out/").status_code == 405


def test_i_end_my_session_on_another_device(town: Hailan) -> None:
    lost, here = town.browser("officer1"), town.browser("officer1")
    other = SignIn.objects.get(session_key=lost.cookies["sessionid"].value)
    here.post(f"/town/me/sessions/{other.pk}/end/")
    assert lost.get("/town/me/").status_code == 302
    assert here.get("/town/me/").status_code == 200


def test_nobody_ends_anothers_session_from_their_own_page(town: Hailan) -> None:
    victim, here = town.browser("officer1"), town.browser("officer2")
    other = SignIn.objects.get(session_key=victim.cookies["sessionid"].value)
    assert here.post(f"/town/me/sessions/{other.pk}/end/").status_code == 404
    assert victim.get("/town/me/").status_code == 200


def test_last_seen_is_written_at_most_once_a_minute(
    town: Hailan, clock: Callable[[int], None], django_assert_num_queries: object
) -> None:
    client = town.browser("officer1")
    client.get("/town/me/")
    seen = SignIn.objects.get().seen_at
    clock(30)
    client.get("/town/me/")
    assert SignIn.objects.get().seen_at == seen
    clock(61)
    client.get("/town/me/")
    assert SignIn.objects.get().seen_at > seen


# --- passwords --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        ("short", "至少"),
        ("password1234", "密码"),
        ("fangxian-is-our-line", "fangxian"),
        ("officer1 and friends", "officer1"),
        (PASSWORD, "不能与原密码相同"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused(
    town: Hailan, new: str, sentence: str
) -> None:
    answer = town.browser("officer1").post(
        "/town/me/password/", {"old": PASSWORD, "new": new, "again": new}
    )
    assert sentence in answer.content.decode()
    assert town.again("officer1").check_password(PASSWORD)


def test_a_new_password_ends_all_other_sessions_and_keeps_this_one(town: Hailan) -> None:
    other, here = town.browser("officer1"), town.browser("officer1")
    new = "seven quiet herons at dawn"
    here.post("/town/me/password/", {"old": PASSWORD, "new": new, "again": new})
    assert here.get("/town/me/").status_code == 200
    assert other.get("/town/me/").status_code == 302
    assert SignIn.objects.get().session_key == here.cookies["sessionid"].value


def test_the_present_password_is_asked_for(town: Hailan) -> None:
    new = "seven quiet herons at dawn"
    answer = town.browser("officer1").post(
        "/town/me/password/", {"old": "wrong", "new": new, "again": new}
    )
    assert "原密码不对" in answer.content.decode()


def test_a_first_password_is_changed_before_anything_else(town: Hailan) -> None:
    word = actions.reset_password(town.again("security1"), town.staff["officer1"])
    client = Client()
    give(client, "officer1", word)
    assert client.get("/town/residents/")["Location"] == "/town/me/password/"
    new = "seven quiet herons at dawn"
    client.post("/town/me/password/", {"old": word, "new": new, "again": new})
    assert client.get("/town/residents/").status_code == 200


def test_no_password_is_older_than_allowed_for_there_is_no_forced_rotation(town: Hailan) -> None:
    assert not town.again("officer1").must_change_password


# --- second factor ----------------------------------------------------------------------------


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
    assert answer["Location"] == "/town/sign-in/code/?next=%2Ftown%2Fresidents%2F"  # type: ignore[index]
    assert client.get("/town/residents/").status_code == 302
    answer = client.post(answer["Location"], {"code": code()})  # type: ignore[index]
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
    assert give(Client(), "officer1").status_code == 429  # type: ignore[attr-defined]


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


# --- demo -------------------------------------------------------------------------------------


def test_one_click_sign_in_does_not_exist_outside_the_demo() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("town:demo_sign_in")


@override_settings(MODE="production", DEMO=True)
def test_production_refuses_to_start_as_a_demo() -> None:
    assert "town.E001" in {problem.id for problem in run_checks()}


@override_settings(MODE="production", DEMO=False)
def test_production_without_demo_passes_the_check() -> None:
    assert not {p.id for p in run_checks()} & {"town.E001", "town.E002"}
