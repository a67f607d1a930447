"""Passwords: what a guesser tries early is refused, what nobody guesses is not."""

from __future__ import annotations

import random
import string

import pytest
from django.contrib.auth.password_validation import CommonPasswordValidator, validate_password
from django.core.exceptions import ValidationError

from fangxian.town.actions.staff import first_password
from fangxian.town.guessing import guess_bits
from fangxian.town.passwords import ENOUGH_BITS
from town.hailan import Hailan

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
    for word in random.Random(3).sample(common, 2000):
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
