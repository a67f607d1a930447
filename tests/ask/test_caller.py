"""Is this caller really the police? Residents check a code; colleagues see their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from fangxian.ask import queries, tries
from fangxian.town import codes
from fangxian.town.access import ABILITIES, Ability
from fangxian.town.codes import SPEAKING_ROLES, code_of
from fangxian.town.models import Duty, Role, Staff
from town_of_tests import SmallTown

SignedIn = Callable[..., Client]
PAGE = "/ask/caller/"


def code(staff: Staff, days: int = 0) -> str:
    return code_of(staff, timezone.localdate() + timedelta(days=days))


def wrong(town: SmallTown) -> str:
    """A code that is nobody's today."""
    taken = {code(s, d) for s in Staff.objects.all() for d in (0, -1)}
    return next(c for c in (f"{n:06d}" for n in range(1_000_000)) if c not in taken)


def ask(client: Client, said: str, **headers: str) -> tuple[int, str]:
    answer = client.post(PAGE, {"code": said}, **headers)
    return answer.status_code, answer.content.decode()


# --- the answer ----------------------------------------------------------------------------------
def test_a_true_code_names_body_role_and_family_name_alone(
    small_town: SmallTown, client: Client
) -> None:
    officer = small_town.staff["officer"]
    Staff.objects.filter(pk=officer.pk).update(name="欧大海")
    _, text = ask(client, code(officer))
    assert "金峰派出所 · 民警 · 欧警官" in text
    assert "大海" not in text
    _, text = ask(client, code(small_town.staff["grid"]))
    assert "海兰村委会 · 网格员" in text


def test_a_false_code_says_hang_up(small_town: SmallTown, client: Client) -> None:
    status, text = ask(client, wrong(small_town))
    assert status == 200
    assert "请先挂断电话" in text
    assert "派出所 ·" not in text


def test_a_true_code_still_warns_of_what_no_officer_asks(
    small_town: SmallTown, client: Client
) -> None:
    _, text = ask(client, code(small_town.staff["officer"]))
    assert "不会让您转账、下载软件、共享屏幕" in text


@pytest.mark.parametrize("style", ["{} {}", "{}-{}", "{}　{}", "[{}{}]"])
def test_a_code_is_read_as_people_type_it(
    small_town: SmallTown, client: Client, style: str
) -> None:
    true = code(small_town.staff["officer"])
    assert "对得上。" in ask(client, style.format(true[:3], true[3:]))[1]
    wide = true.translate({ord("0") + n: ord("０") + n for n in range(10)})
    assert "对得上。" in ask(client, style.format(wide[:3], wide[3:]))[1]


@pytest.mark.parametrize("said", ["", "12345", "1234567", "我是警察", "①②③④⑤⑥", "9" * 5000])
def test_what_is_no_code_is_asked_for_again(
    small_town: SmallTown, client: Client, said: str
) -> None:
    status, text = ask(client, said)
    assert status == 422
    assert "请输入对方说的六位口令。" in text


def test_nothing_of_a_resident_is_on_any_answer(small_town: SmallTown, client: Client) -> None:
    texts = [ask(client, code(small_town.staff["officer"]))[1], ask(client, wrong(small_town))[1]]
    for resident in small_town.residents:
        for text in texts:
            assert resident.name.clear not in text
            assert str(resident.name) not in text  # not even masked
            assert small_town.phones[resident.pk].removeprefix("+86") not in text


def test_a_code_dies_with_the_duty_and_with_the_day(
    small_town: SmallTown, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = small_town.staff["officer"]
    noon = timezone.localtime().replace(hour=12, minute=0)
    monkeypatch.setattr(codes, "timezone", SimpleNamespace(localtime=lambda: noon))
    assert "对不上。" in ask(client, code(officer, -1))[1]
    Duty.objects.filter(staff=officer).update(ends_at=timezone.now())
    assert "对不上。" in ask(client, code(officer))[1]


@pytest.mark.parametrize(("minute", "holds"), [(10, True), (40, False)])
def test_a_call_that_began_before_midnight_can_be_checked_after_it(
    small_town: SmallTown, monkeypatch: pytest.MonkeyPatch, minute: int, holds: bool
) -> None:
    night: datetime = timezone.localtime().replace(hour=0, minute=minute)
    monkeypatch.setattr(codes, "timezone", SimpleNamespace(localtime=lambda: night))
    officer = small_town.staff["officer"]
    yesterday = code_of(officer, night.date() - timedelta(days=1))
    assert (officer in codes.staff_with_code(yesterday)) is holds


def test_who_holds_two_duties_is_named_by_the_higher(small_town: SmallTown) -> None:
    grid = small_town.staff["grid"]
    Duty.objects.create(
        staff=grid, role=Role.OFFICER, place=small_town.town, starts_at=timezone.now()
    )
    (speaker,) = queries.speakers_of(code(grid))
    assert speaker.role == "民警"


# --- guessing ------------------------------------------------------------------------------------
def test_one_browser_may_guess_ten_times(small_town: SmallTown, client: Client) -> None:
    false = wrong(small_town)
    statuses = [ask(client, false)[0] for _ in range(12)]
    assert statuses == [200] * tries.OF_BROWSER + [429] * 2
    status, text = ask(client, code(small_town.staff["officer"]))
    assert status == 429
    assert "请过一刻钟再查" in text
    assert "对得上。" not in text


def test_a_neighbour_behind_the_same_address_may_still_ask(small_town: SmallTown) -> None:
    one, other = Client(), Client()
    for _ in range(tries.OF_BROWSER):
        ask(one, wrong(small_town))
    assert ask(one, wrong(small_town))[0] == 429
    assert "对得上。" in ask(other, code(small_town.staff["officer"]))[1]


def test_throwing_the_cookie_away_does_not_help_for_long(small_town: SmallTown) -> None:
    false = wrong(small_town)
    statuses = [ask(Client(), false)[0] for _ in range(tries.OF_ADDRESS + 1)]
    assert statuses == [200] * tries.OF_ADDRESS + [429]


def test_right_answers_are_never_counted(small_town: SmallTown, client: Client) -> None:
    true = code(small_town.staff["officer"])
    assert {ask(client, true)[0] for _ in range(tries.OF_ADDRESS + 5)} == {200}


def test_the_address_is_what_our_own_proxy_saw(rf, settings) -> None:
    def seen(**meta: str) -> str:
        return tries.address_of(rf.post(PAGE, **meta))

    claimed = {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "198.51.100.1, 203.0.113.9"}
    settings.AXES_IPWARE_PROXY_COUNT = 0
    assert seen(**claimed) == "127.0.0.1"
    settings.AXES_IPWARE_PROXY_COUNT = 1
    assert seen(**claimed) == "203.0.113.9"
    assert seen(REMOTE_ADDR="2001:db8::1") == seen(REMOTE_ADDR="2001:db8::ffff")
    assert seen(REMOTE_ADDR="2001:db8::1") != seen(REMOTE_ADDR="2001:db8:0:1::1")


# --- colleagues ----------------------------------------------------------------------------------
def test_those_who_speak_are_those_who_may_visit() -> None:
    assert {r for r, held in ABILITIES.items() if Ability.VISIT in held} == set(SPEAKING_ROLES)


@pytest.mark.parametrize(("who", "status"), [("officer", 200), ("grid", 200), ("clerk", 403)])
def test_ones_own_code_is_on_ones_own_page(
    small_town: SmallTown, signed_in: SignedIn, who: str, status: int
) -> None:
    staff = small_town.staff[who]
    answer = signed_in(staff).get("/ask/my-code/")
    assert answer.status_code == status
    assert (" ".join(code(staff)) in answer.content.decode()) is (status == 200)
    assert "no-store" in answer.headers["Cache-Control"]


def test_the_counter_knows_everybody_who_speaks_in_the_town_once(
    small_town: SmallTown, signed_in: SignedIn
) -> None:
    officer = small_town.staff["officer"]
    # One who answers for a village alone is rung up about every colleague of the town.
    Duty.objects.filter(staff=officer).update(place=small_town.villages[1])
    Duty.objects.create(
        staff=officer, role=Role.OFFICER, place=small_town.villages[0], starts_at=timezone.now()
    )
    text = signed_in(officer).get("/ask/codes/").content.decode()
    for who in ("officer", "officer2", "village", "grid"):
        assert text.count(code(small_town.staff[who])) == 1, who
    assert code(small_town.foreign) not in text
    # The chief's duty is not one that speaks: the public page would not know the code.
    assert code(small_town.staff["chief"]) not in text


def test_a_day_without_anybody_on_duty_says_whom_to_ask(
    small_town: SmallTown, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fangxian.ask.views.codes_at_the_counter", lambda _of: [])
    text = signed_in(small_town.staff["officer"]).get("/ask/codes/").content.decode()
    assert "今天没有人值勤" in text


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_rights_say_where_to_appeal_further(client: Client, db: None, language: str) -> None:
    text = client.get("/ask/rights/", headers={"accept-language": language}).content.decode()
    assert ("向人民法院起诉" if language != "en" else "go to court") in text
