"""Passwords: what a guesser tries early is refused, what nobody guesses is not."""

from __future__ import annotations

import random
import re
import string
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator, validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from fangxian.town.actions import reset_password
from fangxian.town.actions.staff import first_password
from fangxian.town.guessing import guess_bits
from fangxian.town.models import Staff
from fangxian.town.passwords import ENOUGH_BITS
from town.hailan import PASSWORD, SIGN_IN, Hailan

ROOT = Path(__file__).parents[2]

GUESSABLE = """
aaaaaaaaaaaa Password123! woaini1314520 zhongguo1234 P@ssw0rd2024!! drowssap1234! abcabcabcabc
wangwei19850612 wangwei19850612! zhangsan831207 liuyifei1990 xiaoming520520 tiantianxiangshang
1qaz2wsx3edc4rfv qwer1234asdf5678 q1w2e3r4t5y6 !QAZ2wsx#EDC 13812345678abc iloveyou5201314
Admin@123456 Aa123456789. chongqing@2026 Zx9!kqZx9!kq 839201746352 110101199003074514
beijing20080808 wodemima123456 wobuzhidao1234 guanliyuan888888 shengrikuaile2024
""".split()  # noqa: SIM905
UNGUESSABLE = (
    "correct horse battery staple",
    "seven quiet herons at dawn",
    "三只白鹭飞过水田去了吗今天",
    "horse battery staple",
    "khfqzmwdvbxt",
    "tVq8#pLw2!xZ",
)


@pytest.mark.parametrize("password", GUESSABLE)
def test_what_a_guesser_tries_early_is_refused(db: None, password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password)


@pytest.mark.parametrize("password", UNGUESSABLE)
def test_unrelated_words_and_random_letters_are_accepted(db: None, password: str) -> None:
    validate_password(password)


def test_no_common_password_is_accepted_however_it_is_lengthened() -> None:
    """ASVS 5.0, V6.2.4 asks for 3,000 common passwords that fit the policy."""
    common = sorted(CommonPasswordValidator().passwords)
    tried, accepted = 0, []
    for word in random.Random(3).sample(common, 1000):
        lengthened = (
            word + "1234567890",
            word + word + word,
            word.capitalize() + "@19900101",
            word.replace("a", "@").replace("o", "0") + "2024!!!!!!",
        )
        for password in lengthened:
            if len(password) >= 12:
                tried += 1
                accepted += [password] if guess_bits(password) >= ENOUGH_BITS else []
    assert tried > 3000
    assert accepted == []


def test_hardly_any_random_password_of_twelve_is_refused() -> None:
    chance = random.Random(5)
    letters = string.ascii_letters + string.digits
    made = ["".join(chance.choices(letters, k=12)) for _n in range(500)]
    assert sum(guess_bits(p) < ENOUGH_BITS for p in made) <= 2
    assert all(guess_bits(first_password()) > 60 for _n in range(50))


@pytest.mark.parametrize(
    "password", ["0fficer1 likes tea and rain", "we guard J1nfeng together", "金峰的白鹭飞过水田了"]
)
def test_names_of_the_person_and_the_town_are_refused_in_any_spelling(
    town: Hailan, password: str
) -> None:
    with pytest.raises(ValidationError):
        validate_password(password, town.again("officer1"))


def test_nobody_guesses_with_what_is_known_of_the_person() -> None:
    assert guess_bits("jp004417 jp004417 2019", ["JP004417"]) < ENOUGH_BITS


def test_a_long_password_costs_no_more_than_a_blink() -> None:
    assert guess_bits("x" * 10_000) < ENOUGH_BITS


# --- the rules of ASVS 5.0, V6.2 and V6.3, at the pages ----------------------------------------

ME = "/town/me/password/"
HERONS = "seven quiet herons at dawn"


def changed_to(town: Hailan, new: str) -> bool:
    """Whether somebody can change to this password and then sign in with it."""
    form = {"old": PASSWORD, "new": new, "again": new}
    town.browser("officer1").post(ME, form)
    return signed_in_with(new)


def signed_in_with(password: str, username: str = "officer1") -> bool:
    answer = Client().post(SIGN_IN, {"username": username, "password": password})
    return answer.status_code == 302


@pytest.mark.parametrize(
    ("new", "accepted"),
    [
        ("khfqzmwdvbx", False),
        ("khfqzmwdvbxt", True),
        ("seven quiet herons at dawn and a very long way to go by boat....", True),
        (
            "khfqzmwdvbxt" * 2 + "seven quiet herons at dawn " * 3 + "go home by boat, slowly.",
            False,
        ),
        ("三只白鹭飞过水田去了吗今天", True),
        ("  herons, quiet ones, seven  ", True),
        ("quiet 🦢 herons over seven fields", True),
    ],
)
def test_twelve_to_128_characters_of_any_kind_and_no_rule_of_composition(
    town: Hailan, new: str, accepted: bool
) -> None:
    new = new if accepted or len(new) < 12 else new.ljust(129, "v")
    assert changed_to(town, new) is accepted


def test_64_and_128_characters_are_accepted_and_none_of_them_is_cut_off(town: Hailan) -> None:
    chance = random.Random(7)
    for length in (64, 128):
        long = "".join(chance.choices(string.ascii_lowercase, k=length))
        Staff.objects.filter(username="officer1").update(password=make_password(PASSWORD))
        assert changed_to(town, long)
        assert not signed_in_with(long[:-1])
        assert not signed_in_with(long[:-1] + "!")


def test_spaces_at_the_ends_and_large_letters_count(town: Hailan) -> None:
    assert changed_to(town, f" {HERONS} ")
    assert not signed_in_with(HERONS)
    assert not signed_in_with(f" {HERONS.upper()} ")


def test_password_fields_take_what_a_password_manager_pastes(town: Hailan) -> None:
    pages = (Client().get(SIGN_IN), town.browser("officer1").get(ME))
    fields = [
        f for page in pages for f in re.findall(r"<input[^>]*type=.password.[^>]*>", text(page))
    ]
    assert len(fields) == 4
    for field in fields:
        assert "autocomplete=" in field
        assert 'autocomplete="off"' not in field
        assert not re.search(r"onpaste|readonly|onkey|data-no-paste", field)
        assert re.search(r'maxlength="128"', field)
    scripts = (ROOT / "src/fangxian").rglob("static/**/*.js")
    ours = [path for path in scripts if "vendor" not in path.parts]
    assert ours
    assert not [path for path in ours if "paste" in path.read_text("utf-8")]


def test_a_password_that_was_known_years_ago_still_opens(town: Hailan) -> None:
    """No rotation: nothing about a password's age is even kept."""
    assert not [f.name for f in Staff._meta.get_fields() if "password_" in f.name]
    assert signed_in_with(PASSWORD)


def test_an_administrators_reset_ends_the_sessions_that_were_open(town: Hailan) -> None:
    browser = town.browser("officer1")
    assert browser.get("/town/me/").status_code == 200
    reset_password(town.again("security1"), town.staff["officer1"])
    assert browser.get("/town/me/").status_code == 302
    assert not signed_in_with(PASSWORD)


def test_the_session_has_a_new_key_after_signing_in_and_after_a_new_password(
    town: Hailan,
) -> None:
    client, keys = Client(), []
    client.get(SIGN_IN)
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    client.cookies["sessionid"] = session.session_key
    keys.append(session.session_key)
    client.post(SIGN_IN, {"username": "officer1", "password": PASSWORD})
    keys.append(client.cookies["sessionid"].value)
    client.post(ME, {"old": PASSWORD, "new": HERONS, "again": HERONS})
    keys.append(client.cookies["sessionid"].value)
    assert len(set(keys)) == 3
    for stale in keys[:2]:
        thief = Client()
        thief.cookies["sessionid"] = stale
        assert thief.get("/town/me/").status_code == 302


# --- who has an account is nobody's business -----------------------------------------------------


def text(answer: Any) -> str:
    return answer.content.decode()


def told(username: str, password: str) -> tuple[int, str]:
    """Status and page of one try, without what differs on every page anyway."""
    answer = Client().post(SIGN_IN, {"username": username, "password": password})
    differs = r'name="csrfmiddlewaretoken" value="[^"]*"|name="fx-now" content="\d+"|\d+ 分钟'
    page = re.sub(differs, "", text(answer))
    return answer.status_code, page.replace(username, "…")


@pytest.mark.parametrize("other", ["nobody", "closed"])
def test_the_answer_to_a_wrong_password_is_the_same_for_every_account(
    town: Hailan, other: str
) -> None:
    Staff.objects.create_user("closed", PASSWORD, name="离职", is_active=False)
    assert told("officer1", "wrong") == told(other, "wrong")
    assert told("officer2", "wrong") == told(other, PASSWORD)


def test_so_is_the_lock_and_it_looks_the_same_with_the_right_password(town: Hailan) -> None:
    answers = {}
    for username in ("officer1", "nobody"):
        for _n in range(5):
            told(username, "wrong")
        answers[username] = told(username, "wrong")
    assert answers["officer1"] == answers["nobody"]
    assert answers["officer1"][0] == 429
    assert told("officer1", PASSWORD) == answers["nobody"]


def test_so_is_the_work_of_hashing_that_an_answer_takes_its_time_from(
    town: Hailan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time of an answer is that of one hash; two or none would tell who has an account."""
    Staff.objects.create_user("closed", PASSWORD, name="离职", is_active=False)
    hashed: list[int] = []
    original = MD5PasswordHasher.encode

    def counting(self: Any, password: str, salt: str) -> str:
        hashed.append(1)
        return original(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    work = {}
    for username in ("officer1", "nobody", "closed"):
        hashed.clear()
        told(username, "wrong")
        work[username] = len(hashed)
    assert work == {"officer1": 1, "nobody": 1, "closed": 1}
