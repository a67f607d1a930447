"""`fangxian new-town`: a real town begins at the command line, and goes on in the browser."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.test import Client

from fangxian.cli import main
from fangxian.town import audit
from fangxian.town.models import AuditEntry, Duty, Place, Staff
from town_of_tests import SmallTown

CODE = "990102103000"
NAMES = ("--province", "示范省", "--city", "示范市", "--county", "东山区", "--town", "柳河镇")
PEOPLE = ("--system", "zhang:张三", "--security", "li:李四", "--auditor", "wang:王五")
PASSWORD = re.compile(r"first password ((?:[a-z2-9]{4}-){3}[a-z2-9]{4})")


def new_town(*words: str, code: str = CODE) -> Result:
    return CliRunner().invoke(main, ["new-town", code, *(words or (*NAMES, *PEOPLE))])


def test_an_empty_machine_becomes_a_town_and_saying_it_twice_changes_nothing(
    tmp_path: Path,
) -> None:
    """In processes of their own: no tables yet, production settings, fresh keys."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("FANGXIAN_", "DATABASE_URL"))}
    env |= {"FANGXIAN_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "fangxian.web.settings",
            "PYTHONUTF8": "1"}  # fmt: skip

    def fangxian(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "fangxian.cli", *words]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    env |= dict(line.split("=", 1) for line in fangxian("keys", "new").stdout.splitlines())
    env |= {"FANGXIAN_HOSTS": "town.example", "FANGXIAN_STATION_PHONE": "023-00000110"}
    first = fangxian("new-town", CODE, *NAMES, *PEOPLE)
    assert first.returncode == 0, first.stderr
    assert len(set(PASSWORD.findall(first.stdout))) == 3
    assert "added 990102103000 柳河镇" in first.stdout
    assert "Security administrator: li (李四), first password" in first.stdout
    assert "seven days" in first.stdout
    before = fangxian("audit", "verify").stdout
    again = fangxian("new-town", CODE, *NAMES, *PEOPLE)
    assert (again.returncode, again.stdout.count("was there already")) == (0, 3)
    assert PASSWORD.findall(again.stdout) == []
    assert fangxian("audit", "verify").stdout == before
    assert ", 0 findings" in before


@pytest.mark.django_db(transaction=True)
def test_each_administrator_signs_in_and_must_choose_a_password_first() -> None:
    done = new_town()
    assert done.exit_code == 0, done.output
    for username, password in zip(
        ("zhang", "li", "wang"), PASSWORD.findall(done.output), strict=True
    ):
        client = Client()
        form = {"username": username, "password": password}
        client.post("/town/sign-in/", form)
        assert client.get("/work/").headers["Location"] == "/town/me/password/"
    assert [d.role for d in Duty.objects.order_by("pk")] == ["system", "security", "auditor"]
    assert {d.place.code for d in Duty.objects.select_related("place")} == {CODE}


@pytest.mark.django_db(transaction=True)
def test_all_of_it_is_in_the_audit_chain_without_any_password() -> None:
    passwords = PASSWORD.findall(new_town().output)
    entries = AuditEntry.objects.order_by("seq")
    assert [e.verb for e in entries] == ["place_added"] * 4 + ["staff_added", "duty_given"] * 3
    assert {e.actor for e in entries} == {"system"}
    assert not any(word in str(list(entries.values())) for word in passwords)
    assert audit.verify()[1] == []


@pytest.mark.django_db(transaction=True)
def test_a_second_security_administrator_comes_with_the_same_words() -> None:
    new_town()
    more = new_town(*NAMES, *PEOPLE, "--security", "zhao:赵六")
    assert more.exit_code == 0
    assert len(PASSWORD.findall(more.output)) == 1
    assert Duty.objects.filter(role="security").count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("code", "words", "said"),
    [
        ("9901021030", PEOPLE, "is not the code of a town"),
        ("990102000000", PEOPLE, "is not the code of a town"),
        ("990102103001", PEOPLE, "is not the code of a town"),
        ("99010210３000", PEOPLE, "is not the code of a town"),
        (CODE, ("--system", "li:李四", *PEOPLE[2:]), "different people"),
        (CODE, ("--system", "zhang", *PEOPLE[2:]), "is not username:name"),
        (CODE, ("--system", "Z h:张三", *PEOPLE[2:]), "2-40"),
        (CODE, PEOPLE[2:], "--system"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_left_behind(
    code: str, words: tuple[str, ...], said: str
) -> None:
    done = new_town(*NAMES, *words, code=code)
    assert done.exit_code != 0
    assert said in done.output
    assert not Place.objects.exists()
    assert not Staff.objects.exists()
    assert not AuditEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_another_name_for_a_place_or_a_person_is_not_taken_for_the_same(
    live_town: SmallTown,
) -> None:
    places, people = Place.objects.count(), Staff.objects.count()
    other = (*NAMES[:6], "--town", "别的镇")
    refused = new_town(*other, *PEOPLE, code="990101101000")
    assert refused.exit_code == 1
    assert "990101101000" in refused.output
    assert "金峰镇" in refused.output
    stranger = new_town(*NAMES, "--system", "clerk:张三", *PEOPLE[2:])
    assert stranger.exit_code == 1
    assert "clerk" in stranger.output
    assert (Place.objects.count(), Staff.objects.count()) == (places, people)


@pytest.mark.django_db(transaction=True)
def test_a_first_password_that_was_lost_is_given_anew_on_the_machine() -> None:
    old = PASSWORD.findall(new_town().output)[1]
    done = CliRunner().invoke(main, ["new-password", "li"])
    assert done.exit_code == 0
    (new,) = PASSWORD.findall(done.output)
    staff = Staff.objects.get(username="li")
    assert staff.check_password(new)
    assert not staff.check_password(old)
    assert AuditEntry.objects.filter(verb="password_reset", actor="system").count() == 1
    assert CliRunner().invoke(main, ["new-password", "nobody"]).exit_code == 1
