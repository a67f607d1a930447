"""Residents: made, changed, revealed with a reason, erased."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from fangxian.town import actions, audit, events
from fangxian.town.actions import Refused, RevealReason
from fangxian.town.models import AuditEntry, Household, Phone, Resident, Tag
from fangxian.town.queries import residents_by_phone, visible_households, visible_residents
from town.hailan import Hailan

NUMBER = "+8612000005678"


def last_entry() -> AuditEntry:
    entry = AuditEntry.objects.order_by("-seq").first()
    assert entry is not None
    return entry


def test_an_officer_makes_a_resident_with_phones_and_it_is_found_by_phone(town: Hailan) -> None:
    officer = town.again("officer1")
    resident = actions.add_resident(
        officer,
        town.places["hailan1"],
        " 李秀英 ",
        phones=[NUMBER, NUMBER],
        birth_year=1948,
        tags=[Tag.LIVES_ALONE],
    )
    assert resident.name.clear == "李秀英"
    assert resident.phones.count() == 1
    assert residents_by_phone(NUMBER).get() == resident
    assert (last_entry().verb, last_entry().thing_id) == ("resident_added", str(resident.pk))


def test_the_audit_chain_holds_no_name_and_no_number(town: Hailan) -> None:
    resident = actions.add_resident(
        town.again("officer1"), town.places["hailan1"], "李秀英", phones=[NUMBER]
    )
    actions.edit_resident(town.again("officer1"), resident, name="李秀兰")
    actions.add_phone(town.again("officer1"), resident, "+8612000009999", "女儿")
    printed = str([(e.actor, e.verb, e.thing_id, e.detail) for e in AuditEntry.objects.all()])
    for canary in ("李秀", "0000", "女儿"):
        assert canary not in printed


@pytest.mark.parametrize("who", ["grid1", "head", "system1", "security1", "auditor1", "educator1"])
def test_those_who_do_not_edit_residents_may_not_make_one(town: Hailan, who: str) -> None:
    with pytest.raises(PermissionDenied):
        actions.add_resident(town.again(who), town.places["hailan1"], "李秀英")
    assert not Resident.objects.exists()


def test_a_village_may_not_write_in_another_village(town: Hailan) -> None:
    with pytest.raises(PermissionDenied):
        actions.add_resident(town.again("village2"), town.places["hailan1"], "李秀英")


def test_a_household_may_not_smuggle_a_resident_into_another_village(town: Hailan) -> None:
    home = Household.objects.create(grid=town.places["qingshi1"], address="青石社区1号")
    with pytest.raises(PermissionDenied):
        actions.add_resident(
            town.again("village1"), town.places["hailan1"], "李秀英", household=home
        )


def test_a_resident_may_not_be_moved_to_a_place_out_of_reach(town: Hailan, wang: Resident) -> None:
    with pytest.raises(PermissionDenied):
        actions.edit_resident(town.again("village1"), wang, place=town.places["qingshi1"])


def test_moving_to_another_grid_leaves_the_household(town: Hailan, wang: Resident) -> None:
    actions.edit_resident(town.again("village1"), wang, place=town.places["hailan2"])
    wang.refresh_from_db()
    assert (wang.place, wang.household) == (town.places["hailan2"], None)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": "  "}, "姓名不能空着"),
        ({"birth_year": 1850}, "出生年份应在 1900 至"),
        ({"tags": ["rich"]}, "没有“rich”这个标签"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    town: Hailan, wang: Resident, changes: dict[str, object], sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        actions.edit_resident(town.again("officer1"), wang, **changes)


def test_a_number_must_be_whole(town: Hailan, wang: Resident) -> None:
    with pytest.raises(Refused, match="国家区号"):
        actions.add_phone(town.again("officer1"), wang, "12000005678")


def test_a_number_added_twice_is_there_once_and_can_be_taken_away(
    town: Hailan, wang: Resident
) -> None:
    officer = town.again("officer1")
    phone = actions.add_phone(officer, wang, NUMBER)
    assert actions.add_phone(officer, wang, NUMBER) == phone
    actions.remove_phone(officer, phone)
    assert not residents_by_phone(NUMBER).exists()


def test_families_share_a_landline(town: Hailan, wang: Resident) -> None:
    other = actions.add_resident(
        town.again("officer1"), wang.place, "王淑芬", phones=["+862300001234"]
    )
    actions.add_phone(town.again("officer1"), wang, "+862300001234")
    assert set(residents_by_phone("+862300001234")) == {wang, other}


# --- reveal -----------------------------------------------------------------------------------


def test_a_reveal_gives_the_text_and_writes_down_who_what_and_why(
    town: Hailan, wang: Resident
) -> None:
    grid_worker = town.again("grid1")
    text = actions.reveal(grid_worker, wang, "phone", RevealReason.CALL)
    assert text == "+8612000001234"
    entry = last_entry()
    assert (entry.actor, entry.verb, entry.thing_id) == (
        f"staff:{grid_worker.pk}",
        "reveal",
        str(wang.pk),
    )
    assert (entry.detail["field"], entry.detail["reason"]) == ("phone", "call")
    assert "1234" not in str(entry.detail)


@pytest.mark.parametrize(
    ("field", "text"),
    [("name", "王福贵"), ("id_number", "99010119500101001X"), ("address", "海兰村3组12号")],
)
def test_each_masked_value_can_be_revealed(
    town: Hailan, wang: Resident, field: str, text: str
) -> None:
    assert actions.reveal(town.again("officer1"), wang, field, RevealReason.CHECK) == text


@pytest.mark.parametrize(
    ("reason", "note", "sentence"),
    [
        ("", "", "请先选择查看的理由"),
        ("curious", "", "请先选择查看的理由"),
        ("other", " ", "写明理由"),
        ("other", "打 12000001234 核对", "不要写电话"),
        ("call", "身份证 990101 19500101 001X", "不要写电话"),
    ],
)
def test_a_reveal_without_a_proper_reason_is_refused_and_shows_nothing(
    town: Hailan, wang: Resident, reason: str, note: str, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        actions.reveal(town.again("officer1"), wang, "phone", reason, note)
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    "who", ["head", "village2", "grid2", "grid3", "educator1", "system1", "security1", "auditor1"]
)
def test_those_without_the_ability_here_reveal_nothing(
    town: Hailan, wang: Resident, who: str
) -> None:
    with pytest.raises(PermissionDenied):
        actions.reveal(town.again(who), wang, "phone", RevealReason.CALL)


def test_somebody_elses_phone_is_not_revealed_as_this_persons(town: Hailan, wang: Resident) -> None:
    other = actions.add_resident(
        town.again("officer2"), town.places["qingshi1"], "赵一", phones=[NUMBER]
    )
    with pytest.raises(Refused, match="不是这位居民"):
        actions.reveal(
            town.again("officer1"), wang, "phone", RevealReason.CALL, phone=other.phones.get()
        )


def test_names_of_those_under_the_roof_do_not_enter_the_chain(town: Hailan, wang: Resident) -> None:
    Resident.objects.create(name="李秀英", place=wang.place, household=wang.household)
    note = "王福贵的老伴李秀英来电，约 2026-11-24 上门"
    actions.reveal(town.again("officer1"), wang, "phone", RevealReason.OTHER, note)
    assert last_entry().detail["note"] == "王*贵的老伴李*英来电，约 2026-11-24 上门"


def test_a_long_number_in_any_free_text_of_any_room_is_masked_in_the_chain(town: Hailan) -> None:
    with transaction.atomic():
        audit.record(audit.SYSTEM, "tested", None, reason="换人：王秀英 120 0000 0001", why="1-2")
    assert last_entry().detail == {"reason": "换人：王秀英 ***", "why": "1-2"}


def test_one_person_reveals_a_limited_number_an_hour_and_a_day(
    town: Hailan, wang: Resident, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REVEALS_AN_HOUR, settings.REVEALS_A_DAY = 3, 5
    officer = town.again("officer1")
    for _n in range(3):
        actions.reveal(officer, wang, "name", RevealReason.CHECK)
    with pytest.raises(Refused, match="一小时内最多查看 3 次"):
        actions.reveal(officer, wang, "name", RevealReason.CHECK)
    assert last_entry().verb == "reveal_refused"
    assert actions.reveal(town.again("grid1"), wang, "name", RevealReason.CHECK) == "王福贵"
    later = timezone.now() + timedelta(hours=2)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    for _n in range(2):
        actions.reveal(officer, wang, "name", RevealReason.CHECK)
    with pytest.raises(Refused, match="一天内最多查看 5 次"):
        actions.reveal(officer, wang, "name", RevealReason.CHECK)
    assert AuditEntry.objects.filter(verb="reveal_refused").count() == 2


# --- erase ------------------------------------------------------------------------------------


def test_an_erased_resident_is_a_number_without_a_person(town: Hailan, wang: Resident) -> None:
    told: list[Resident] = []

    def hear(resident: Resident, **_: object) -> None:
        told.append(resident)

    events.resident_erased.connect(hear)
    try:
        actions.erase_resident(town.again("clerk1"), wang)
    finally:
        events.resident_erased.disconnect(hear)
    wang.refresh_from_db()
    assert str(wang) == f"#{wang.pk}"
    assert (wang.birth_year, wang.household, wang.tags) == (1950, None, [])
    assert not wang.id_number
    assert not Phone.objects.exists()
    assert not visible_residents(town.again("officer1")).exists()
    assert told == [wang]
    with pytest.raises(Refused, match="按规定删除"):
        actions.edit_resident(town.again("officer1"), wang, name="王福贵")


# --- households -------------------------------------------------------------------------------


def test_a_household_moves_with_all_who_live_in_it(town: Hailan, wang: Resident) -> None:
    assert wang.household
    actions.edit_household(town.again("village1"), wang.household, grid=town.places["hailan2"])
    wang.refresh_from_db()
    assert wang.place == town.places["hailan2"]


def test_a_household_belongs_to_a_grid_or_village(town: Hailan) -> None:
    with pytest.raises(Refused, match="网格或村社区"):
        actions.add_household(town.again("officer2"), town.places["town"], "某处")


def test_lists_begin_with_ones_own_area(town: Hailan, wang: Resident) -> None:
    assert wang in visible_residents(town.again("grid1"))
    assert wang not in visible_residents(town.again("grid2"))
    assert list(visible_households(town.again("village1"))) == [wang.household]
    assert not visible_households(town.again("village2")).exists()
