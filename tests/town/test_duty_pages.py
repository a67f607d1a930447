"""The doors of the duty tree: the picture, duties, absences, the roster."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from fangxian.town.models import Absence, Duty, Role, Shift, Staff
from fangxian.town.queries.picture import tree_option
from town.hailan import PASSWORD, Hailan


def day(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def test_the_page_says_which_grid_has_no_one_from_when_and_draws_it_in_red(town: Hailan) -> None:
    until = timezone.now() + timedelta(days=3)
    Duty.objects.filter(pk=town.duties["grid2"].pk).update(ends_at=until)
    page = town.browser("leader1").get("/town/duties/").content.decode()
    assert "海兰村2号网格从" in page
    assert "没有网格员。" in page
    drawn = page.split('id="tree" type="application/json">')[1].split("</script>")[0]
    assert "将缺 1 处" in json.dumps(json.loads(drawn), ensure_ascii=False)


def test_the_picture_needs_no_code_from_the_page(town: Hailan) -> None:
    option = tree_option({"name": "x", "kind": "area", "note": "", "code": "", "children": []}, {})
    assert json.loads(json.dumps(option)) == option


def test_as_of_a_day_shows_that_day(town: Hailan) -> None:
    until = timezone.now() + timedelta(days=3)
    Duty.objects.filter(pk=town.duties["grid2"].pk).update(ends_at=until)
    client = town.browser("leader1")
    assert "缺：没有网格员" not in client.get("/town/duties/").content.decode()
    table = client.get(f"/town/duties/?on={day(5)}").content.decode()
    assert '<strong class="text-danger">没有网格员</strong>' in table
    assert client.get("/town/duties/?on=nonsense").status_code == 200


@pytest.mark.parametrize("who", ["educator1", "system1", "auditor1"])
def test_those_without_duties_to_see_do_not_see_the_tree(town: Hailan, who: str) -> None:
    for address in ("/town/duties/", "/town/duties/list/", "/town/duties/new/", "/town/shifts/"):
        assert town.browser(who).get(address).status_code == 403


def test_a_clerk_gives_hands_over_and_ends_a_duty_on_the_pages(town: Hailan) -> None:
    newcomer = Staff.objects.create_user("new1", PASSWORD, name="新来")
    client = town.browser("clerk1")
    client.post(
        "/town/duties/new/",
        {"staff": newcomer.pk, "role": "village", "place": town.places["hailan"].pk},
    )
    given = Duty.objects.get(staff=newcomer)
    assert given.role == Role.VILLAGE
    assert given.ends_at is None
    client.post(f"/town/duties/{town.duties['grid1'].pk}/", {"to": newcomer.pk, "on": day(2)})
    taken = Duty.objects.get(staff=newcomer, role=Role.GRID)
    town.duties["grid1"].refresh_from_db()
    assert taken.starts_at == town.duties["grid1"].ends_at
    client.post(f"/town/duties/{given.pk}/", {"to": "", "on": ""})
    given.refresh_from_db()
    assert given.ends_at is not None


def test_a_refusal_is_said_on_the_form(town: Hailan) -> None:
    answer = town.browser("clerk1").post(
        "/town/duties/new/",
        {
            "staff": town.staff["auditor1"].pk,
            "role": "clerk",
            "place": town.places["hailan"].pk,
        },
    )
    assert "须由不同的人专任" in answer.content.decode()


def test_the_roles_offered_are_those_one_may_give(town: Hailan) -> None:
    clerk = town.browser("clerk2").get("/town/duties/new/").content.decode()
    security = town.browser("security1").get("/town/duties/new/").content.decode()
    assert '<option value="grid">' in clerk
    assert '<option value="auditor">' not in clerk
    assert '<option value="auditor">' in security
    assert '<option value="grid">' not in security


def test_a_duty_one_may_not_change_has_no_form_and_takes_no_post(town: Hailan) -> None:
    client, duty = town.browser("grid1"), town.duties["grid1"]
    assert "交接或结束" not in client.get(f"/town/duties/{duty.pk}/").content.decode()
    assert client.post(f"/town/duties/{duty.pk}/", {"to": ""}).status_code == 403
    assert town.browser("grid1").get(f"/town/duties/{town.duties['grid3'].pk}/").status_code == 404


def test_i_note_my_absence_with_a_stand_in_and_come_back_early(town: Hailan) -> None:
    client, me = town.browser("grid1"), town.staff["grid1"]
    client.post(
        "/town/absences/",
        {
            "staff": me.pk,
            "first": day(0),
            "last": day(3),
            "stand_in": town.staff["grid2"].pk,
            "reason": "家事",
        },
    )
    absence = Absence.objects.get()
    assert absence.stand_in == town.staff["grid2"]
    assert absence.ends_at - absence.starts_at == timedelta(days=4)
    client.post(f"/town/absences/{absence.pk}/end/")
    absence.refresh_from_db()
    assert absence.ends_at <= timezone.now()


def test_a_colleagues_absence_is_no_choice_of_mine_and_ends_not_by_me(town: Hailan) -> None:
    now = timezone.now()
    absence = Absence.objects.create(
        staff=town.staff["grid2"], starts_at=now, ends_at=now + timedelta(days=1)
    )
    client = town.browser("village1")
    client.post(
        "/town/absences/", {"staff": town.staff["grid1"].pk, "first": day(0), "last": day(1)}
    )
    assert Absence.objects.count() == 1
    assert client.post(f"/town/absences/{absence.pk}/end/").status_code == 403
    assert town.browser("grid3").post(f"/town/absences/{absence.pk}/end/").status_code == 404


def test_a_week_of_shifts_overnight_too(town: Hailan) -> None:
    client, officer = town.browser("clerk2"), town.staff["officer1"]
    client.post(
        "/town/shifts/?on=2027-03-03",
        {
            "staff": officer.pk,
            "days": ["2027-03-01", "2027-03-02"],
            "begins": "20:00",
            "ends": "08:00",
        },
    )
    first, second = Shift.objects.order_by("starts_at")
    assert first.ends_at - first.starts_at == timedelta(hours=12)
    page = client.get("/town/shifts/?on=2027-03-07").content.decode()
    assert page.count("20:00–08:00") == 2
    client.post(f"/town/shifts/{first.pk}/drop/")
    assert list(Shift.objects.all()) == [second]


def test_the_roster_is_read_by_those_who_do_not_plan_it(town: Hailan) -> None:
    client = town.browser("officer1")
    assert "排上" not in client.get("/town/shifts/").content.decode()
    assert Shift.objects.count() == 0
    client.post("/town/shifts/", {"staff": town.staff["officer1"].pk, "days": [day(0)]})
    assert Shift.objects.count() == 0


def test_a_year_that_no_paper_speaks_of_is_said_in_a_sentence(town: Hailan) -> None:
    form = {"staff": town.staff["grid1"].pk, "first": "0001-01-01", "last": "9999-12-31"}
    page = town.browser("clerk1").post("/town/absences/", form).content.decode()
    assert page.count("日期应在 1949-10-01 至 2100-01-01 之间") == 2
