"""Signing in: password, lock-out, second factor, and how sessions end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.core.checks import run_checks
from django.test import Client, override_settings
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from fangxian.town import actions
from fangxian.town.models import AuditEntry, SignIn, Staff
from town.hailan import PASSWORD, SIGN_IN, Hailan, give

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def verbs() -> list[str]:
    return list(AuditEntry.objects.order_by("seq").values_list("verb", flat=True))


def test_the_right_password_opens_ones_work(town: Hailan) -> None:
    client = Client(headers={"user-agent": FIREFOX})
    answer = give(client, " Officer1 ")
    assert (answer.status_code, answer["Location"]) == (302, "/work/")
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
    assert answer["Location"] == lands


def test_a_wrong_password_says_the_same_as_an_unknown_account(town: Hailan) -> None:
    pages = [give(Client(), name, "wrong").content.decode() for name in ("officer1", "nobody")]
    for page in pages:
        assert "账号或密码不对" in page
    assert verbs() == ["sign_in_failed", "sign_in_failed"]
    known, unknown = AuditEntry.objects.order_by("seq")
    assert (known.thing_id, unknown.thing_id) == (str(town.staff["officer1"].pk), "")
    assert "nobody" not in str(unknown.detail)


def test_a_closed_account_does_not_open(town: Hailan, client: Client) -> None:
    Staff.objects.filter(username="officer1").update(is_active=False)
    assert "账号或密码不对" in give(client, "officer1").content.decode()


# --- lock-out ---------------------------------------------------------------------------------


def lock(username: str) -> None:
    for _n in range(5):
        give(Client(), username, "wrong")


def test_five_wrong_passwords_lock_the_account_and_say_for_how_long(town: Hailan) -> None:
    lock("officer1")
    answer = give(Client(), "officer1")
    assert answer.status_code == 429
    assert "请等 15 分钟" in answer.content.decode()
    assert answer["Retry-After"] == "900"
    assert verbs().count("locked_out") == 1
    assert verbs().count("sign_in_failed") == 5


def test_one_locked_account_locks_no_colleague(town: Hailan) -> None:
    lock("officer1")
    assert give(Client(), "officer2")["Location"] == "/work/"


def test_a_lock_ends_by_itself(town: Hailan) -> None:
    lock("officer1")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert give(Client(), "officer1")["Location"] == "/work/"


def test_the_security_administrator_ends_it_before(town: Hailan) -> None:
    lock("officer1")
    security = town.browser("security1")
    assert "officer1" in security.get("/town/sessions/").content.decode()
    security.post(f"/town/staff/{town.staff['officer1'].pk}/unlock/")
    assert give(Client(), "officer1")["Location"] == "/work/"


def test_a_success_forgets_the_failures_before_it(town: Hailan) -> None:
    for _n in range(4):
        give(Client(), "officer1", "wrong")
    give(Client(), "officer1")
    give(Client(), "officer1", "wrong")
    assert give(Client(), "officer1")["Location"] == "/work/"


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
