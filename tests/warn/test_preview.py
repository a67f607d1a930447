"""The preview of a list: where its people live, and that it foretells what the import does."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from fangxian.exchange.problems import Problem
from fangxian.warn.actions import importing
from fangxian.warn.models import Batch, Episode, Signal
from fangxian.warn.queries.intake import Preview
from town_of_tests import phone_of, run_tasks
from warn.test_intake import a_list, clerk, hand_in, row

__all__ = ["clerk"]


# --- where people live ---------------------------------------------------------------------------


def with_addresses(*addresses: str, phones: bool = True) -> SimpleUploadedFile:
    rows = [[f"王{n}", phone_of(200 + n)[3:] if phones else "", a] for n, a in enumerate(addresses)]
    return a_list(*rows, header=["姓名", "手机号码", "住址"])


def becomes(clerk: Any) -> list[tuple[str, list[str], list[str]]]:
    """What the last preview says of each row: fate, problems, remarks."""
    preview = Preview.load(Batch.objects.latest("id").preview.clear)
    return [
        (
            r["becomes"],
            [Problem.from_json(p).say("zh") for p in r["problems"]],
            [Problem.from_json(p).say("zh") for p in r["remarks"]],
        )
        for r in preview.rows
    ]


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("外乡镇外村3组", "外乡镇"),
        ("外乡镇海兰村3组", "外乡镇"),
        ("成都市武侯区玉林路2号", "成都市武侯区"),
        ("四川省", "四川省"),
    ],
)
def test_an_address_elsewhere_is_refused_and_named(small_town, clerk, address, named) -> None:
    hand_in(clerk, with_addresses(address))
    ((fate, problems, _),) = becomes(clerk)
    assert fate == "refused"
    assert f"写的是{named}，不在金峰镇范围内" in problems[0]


@pytest.mark.parametrize(
    "address",
    ["海兰村3组", "示范县金峰镇海兰村3组", "旧乡海兰村3组", "金峰镇", "3组12号", "阳光小区3栋"],
)
def test_an_address_that_may_be_ours_is_taken_in(small_town, clerk, address) -> None:
    hand_in(clerk, with_addresses(address))
    assert becomes(clerk) == [("unknown", [], [])]


def test_a_county_that_may_be_ours_is_a_remark(small_town, clerk) -> None:
    hand_in(clerk, with_addresses("示范县", "示范县老街5号"))
    assert [fate for fate, _, _ in becomes(clerk)] == ["unknown", "unknown"]
    assert becomes(clerk)[0][2] == ["示范县 不是认得的村（社区）"]


def test_a_village_misspelt_is_a_remark_with_the_likely_one(small_town, clerk) -> None:
    hand_in(clerk, a_list(row(88, village="海蓝村"), row(89, village="没有村")))
    (first, second) = becomes(clerk)
    assert first[:2] == second[:2] == ("unknown", [])
    assert "海蓝村 不是认得的村（社区），可能是海兰村，请核对" in first[2]
    assert "没有村 不是认得的村（社区）" in second[2]


def test_without_phone_a_village_nobody_knows_cannot_be_used(small_town, clerk) -> None:
    hand_in(clerk, a_list(row(1, "", name="王芳", village="没有村")))
    assert becomes(clerk)[0][0] == "refused"


# --- the preview is what happens ----------------------------------------------------------------


def imported() -> dict[str, int]:
    """What the last import counted, against which its preview is held."""
    batch = Batch.objects.latest("id")
    return {"made": batch.made, "merged": batch.merged, "known_before": batch.known_before}


def foretold() -> dict[str, int]:
    counts = Preview.load(Batch.objects.latest("id").preview.clear).counts
    return {
        "made": counts["new"] + counts["unknown"],
        "merged": counts["merged"] + counts["reopened"],
        "known_before": counts["known_before"],
    }


def test_the_preview_counts_what_the_import_will_count(small_town, clerk, monkeypatch) -> None:
    monkeypatch.setattr("fangxian.warn.queries.intake._PIECE", 2)
    pace = importing.Pace(rows=3, largest=3)
    monkeypatch.setattr(importing, "Pace", lambda: pace)
    same = row(1)
    nobody = ["王二", "", "海兰村5组", ""]
    header = ["姓名", "手机号码", "住址", "编号"]
    lists = [
        a_list(same, same, row(2), row(77), row(77), row(78, name="王芳")),
        a_list(same, ["YJ9001", *same[1:]], row(3), row(88), ["YJ9002", *row(88)[1:]]),
        a_list(nobody, [*nobody[:3], "YJ2"], [*nobody[:3], "YJ3"], header=header),
    ]
    for file in lists:
        hand_in(clerk, file)
        told = foretold()
        clerk.post(f"/work/intake/{Batch.objects.latest('id').pk}/confirm/")
        run_tasks()
        assert imported() == told


def test_an_episode_that_will_be_reopened_is_shown_as_reopened(small_town, clerk) -> None:
    hand_in(clerk, a_list(row(1)))
    clerk.post(f"/work/intake/{Batch.objects.get().pk}/confirm/")
    run_tasks()
    Episode.objects.update(state="closed", closed_at=timezone.now(), outcome="dissuaded")
    page = hand_in(clerk, a_list(["YJ9999", *row(1)[1:]])).content.decode()
    assert "重新打开前几天的警情" in page
    assert becomes(clerk)[0][0] == "reopened"


def test_the_preview_shows_time_suspect_number_note_and_money(small_town, clerk) -> None:
    header = ["姓名", "手机号码", "日期", "时间", "涉诈号码", "备注", "是否转账", "被骗金额"]
    cells = [
        "王秀英",
        phone_of(1)[3:],
        "2026-11-01",
        "14:30",
        "4001234567",
        "打过12000000888",
        "是",
        "5000",
    ]
    page = hand_in(clerk, a_list(cells, cells, header=header)).content.decode()
    for text in ("11月1日 14:30", "4001234567", "打过120****0888", "已转账"):
        assert text in page
    clerk.post(f"/work/intake/{Batch.objects.get().pk}/confirm/")
    run_tasks()
    signal = Signal.objects.get()
    assert (signal.paid, signal.loss_fen) == (True, 500_000)
