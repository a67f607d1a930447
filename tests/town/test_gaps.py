"""Gaps and overlaps of the duty tree, said in sentences."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from fangxian.town.models import Absence, Duty, Place, Role
from fangxian.town.queries import duty_tree, gaps, overlaps
from town.hailan import Hailan

LOCAL = ZoneInfo("Asia/Shanghai")
START = datetime(2027, 3, 1, tzinfo=LOCAL)
END = START + timedelta(days=28)


def day(n: int) -> datetime:
    """Local midnight of a day of March 2027; the first is a Monday."""
    return datetime(2027, 3, n, tzinfo=LOCAL)


def sentences(town: Hailan, who: str = "head") -> list[str]:
    return [g.sentence for g in gaps(START, END, town.again(who))]


def overlap_sentences(town: Hailan, who: str = "head") -> list[str]:
    return [o.sentence for o in overlaps(START, END, town.again(who))]


def end(town: Hailan, who: str, at: datetime) -> None:
    Duty.objects.filter(pk=town.duties[who].pk).update(ends_at=at)


def test_a_whole_tree_has_no_gap_and_no_overlap(town: Hailan) -> None:
    assert sentences(town) == []
    assert overlap_sentences(town) == []


def test_a_grid_that_has_no_one_from_friday_is_said_so(town: Hailan) -> None:
    end(town, "grid2", day(5))
    assert sentences(town) == ["海兰村2号网格从3月5日（星期五）起没有网格员。"]


def test_the_same_in_english(town: Hailan) -> None:
    end(town, "grid2", day(5))
    with translation.override("en"):
        (sentence,) = sentences(town)
    assert "Fri" in sentence
    assert "grid worker" in sentence


def test_a_gap_between_two_duties_names_both_ends(town: Hailan) -> None:
    end(town, "grid2", day(5))
    Duty.objects.create(
        staff=town.staff["grid1"], role=Role.GRID, place=town.places["hailan2"], starts_at=day(8)
    )
    assert sentences(town) == ["海兰村2号网格3月5日（星期五）至3月8日（星期一）没有网格员。"]


def test_an_absence_without_stand_in_is_a_gap_with_its_reason(town: Hailan) -> None:
    Absence.objects.create(staff=town.staff["grid1"], starts_at=day(2), ends_at=day(4))
    assert sentences(town) == [
        "海兰村1号网格3月2日（星期二）至3月4日（星期四）没有网格员（员grid1请假，无人替班）。"
    ]


def test_a_stand_in_closes_the_gap_until_away_too(town: Hailan) -> None:
    Absence.objects.create(
        staff=town.staff["grid1"], stand_in=town.staff["grid2"], starts_at=day(2), ends_at=day(6)
    )
    assert sentences(town) == []
    Absence.objects.create(
        staff=town.staff["grid2"], stand_in=town.staff["grid3"], starts_at=day(4), ends_at=day(9)
    )
    assert sentences(town) == [
        "海兰村1号网格3月4日（星期四）至3月6日（星期六）没有网格员（员grid1请假，无人替班）。"
    ]


def test_the_town_clerk_covers_the_villages_but_not_for_ever(town: Hailan) -> None:
    end(town, "clerk1", START - timedelta(days=1))
    assert sentences(town) == []
    end(town, "clerk2", day(9))
    found = sentences(town)
    assert "海兰村从3月9日（星期二）起没有科室干部。" in found
    assert "青石社区从3月9日（星期二）起没有科室干部。" in found


def test_a_department_without_leader_and_a_town_without_head_are_gaps(town: Hailan) -> None:
    end(town, "leader2", day(3))
    end(town, "head", day(10))
    assert sentences(town) == [
        "金峰镇从3月10日（星期三）起没有领导。",
        "派出所从3月3日（星期三）起没有分管领导。",
    ]


def test_hours_are_said_when_a_gap_does_not_begin_at_midnight(town: Hailan) -> None:
    end(town, "grid2", day(5) + timedelta(hours=17, minutes=30))
    assert sentences(town) == ["海兰村2号网格从3月5日（星期五）17:30起没有网格员。"]


def test_a_village_sees_its_own_gaps_only(town: Hailan) -> None:
    end(town, "grid2", day(5))
    end(town, "grid3", day(5))
    assert len(sentences(town)) == 2
    assert sentences(town, "village2") == ["青石社区1号网格从3月5日（星期五）起没有网格员。"]


def test_two_grid_workers_in_one_grid_are_an_overlap(town: Hailan) -> None:
    Duty.objects.create(
        staff=town.staff["grid2"],
        role=Role.GRID,
        place=town.places["hailan1"],
        starts_at=day(3),
        ends_at=day(7),
    )
    assert overlap_sentences(town) == [
        "海兰村1号网格3月3日（星期三）至3月7日（星期日）同时有 2 名网格员：员grid1、员grid2。"
    ]


def test_two_officers_in_one_village_are_no_overlap(town: Hailan) -> None:
    Duty.objects.create(
        staff=town.staff["officer2"],
        role=Role.OFFICER,
        place=town.places["hailan"],
        starts_at=START,
    )
    assert overlap_sentences(town) == []


def test_clerks_of_two_departments_in_one_village_are_an_overlap(town: Hailan) -> None:
    Duty.objects.create(
        staff=town.staff["officer2"], role=Role.CLERK, place=town.places["hailan"], starts_at=day(2)
    )
    (sentence,) = overlap_sentences(town)
    assert sentence.startswith("海兰村从3月2日（星期二）起同时有 2 名科室干部：")


def test_the_same_duty_twice_is_an_overlap(town: Hailan) -> None:
    Duty.objects.create(
        staff=town.staff["officer1"],
        role=Role.OFFICER,
        place=town.places["hailan"],
        starts_at=day(2),
    )
    assert overlap_sentences(town) == [
        "员officer1在海兰村的民警职责从3月2日（星期二）起登记了两次。"
    ]


def test_duties_that_follow_one_another_do_not_overlap(town: Hailan) -> None:
    end(town, "grid1", day(5))
    Duty.objects.create(
        staff=town.staff["grid3"], role=Role.GRID, place=town.places["hailan1"], starts_at=day(5)
    )
    assert overlap_sentences(town) == []
    assert sentences(town) == []


# --- the picture ------------------------------------------------------------------------------


def paths(node: dict[str, object], above: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """Every way from the root to a leaf, as names."""
    here = (*above, str(node["name"]))
    children = node["children"]
    assert isinstance(children, list)
    return set().union(*(paths(c, here) for c in children)) if children else {here}


def test_the_picture_leads_from_leader_to_department_to_village_to_grid_to_person(
    town: Hailan,
) -> None:
    found = paths(duty_tree(START, town.again("head")))
    assert ("金峰镇", "员head") in found
    assert ("金峰镇", "员leader1", "平安办", "海兰村", "1号网格", "员grid1") in found
    assert ("金峰镇", "员leader1", "平安办", "海兰村", "员village1") in found
    assert ("金峰镇", "员leader1", "平安办", "青石社区", "1号网格", "员grid3") in found
    assert ("金峰镇", "员leader2", "派出所", "海兰村") in found
    assert ("金峰镇", "员leader2", "派出所", "员officer2") in found


def test_every_grid_stands_in_the_picture_once(town: Hailan) -> None:
    def count(node: dict[str, object]) -> int:
        children = node["children"]
        assert isinstance(children, list)
        return (node["kind"] == "grid") + sum(count(c) for c in children)

    assert count(duty_tree(START, town.again("head"))) == 3
    Duty.objects.filter(role=Role.CLERK).delete()
    assert count(duty_tree(START, town.again("head"))) == 3


def test_the_picture_shows_gaps_where_they_are(town: Hailan) -> None:
    end(town, "grid2", START - timedelta(days=1))
    end(town, "head", START - timedelta(days=1))
    found = paths(duty_tree(START, town.again("leader1")))
    assert ("金峰镇", "没有主要领导") in found
    assert ("金峰镇", "员leader1", "平安办", "海兰村", "2号网格", "没有网格员") in found


def test_the_picture_names_whom_a_stand_in_stands_in_for(town: Hailan) -> None:
    Absence.objects.create(
        staff=town.staff["grid1"], stand_in=town.staff["grid2"], starts_at=day(2), ends_at=day(6)
    )
    found = paths(duty_tree(day(3), town.again("head")))
    leaves = {path[-1] for path in found}
    assert "员grid2（代员grid1）" in leaves


def test_a_villages_picture_holds_its_own_village_only(town: Hailan) -> None:
    found = paths(duty_tree(START, town.again("village2")))
    names = {name for path in found for name in path}
    assert "青石社区" in names
    assert "海兰村" not in names


@pytest.mark.parametrize("name", ["gaps", "overlaps"])
def test_the_check_costs_few_queries_however_large_the_town(
    town: Hailan, name: str, django_assert_max_num_queries: object
) -> None:
    parent = town.places["hailan"]
    Place.objects.bulk_create(
        Place(code=f"{parent.code}{n:03d}", name=f"{n}号网格", level="grid", parent=parent)
        for n in range(3, 60)
    )
    who = town.again("head")
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        found = {"gaps": gaps, "overlaps": overlaps}[name](START, END, who)
    assert len(found) == (57 if name == "gaps" else 0)
