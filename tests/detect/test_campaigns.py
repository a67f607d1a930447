"""Reported texts that are one campaign: found in any order, named for good, seen after a few."""

from __future__ import annotations

import json
import lzma
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fangxian.detect.campaigns import Campaigns, Report, load, masked, save, waves
from fangxian.detect.campaigns.likeness import sketches

DAY = timedelta(days=1)
NOW = datetime(2026, 11, 28, 8, 0, tzinfo=UTC)
FBS = Path(__file__).parents[2].parent / "shared" / "data" / "fbs_sms.jsonl.xz"

SCRIPTS = (
    "【某银行】尊敬的王先生，您的账户积分10000分今日到期，可兑换现金500元，请登录http://a.example/x兑换",
    "您好，您的快递单号SF0000123456在途中丢失，我司将三倍赔付，请添加客服QQ0001234567办理理赔手续",
    "【医保局】您的医保卡将于11月30日停用，请点击m.yb.example及时办理更新，逾期将暂停报销",
    "兼职招聘：手机在家操作，日结200-500元，不限时间地点，加微信abc_0001了解详情",
)


def report(number: int, text: str, days: float = 0) -> Report:
    return Report(f"r{number:04d}", text, NOW + days * DAY)


def groups(campaigns: Campaigns) -> dict[str, str]:
    return {report_id: str(campaigns.of(report_id)) for report_id in campaigns.ids}


@st.composite
def reports(draw: st.DrawFn, most: int = 16) -> list[Report]:
    """Cut, doubled and disguised pieces of a few scripts: alike in every degree, also in chains."""
    out = []
    for number in range(draw(st.integers(1, most))):
        text = draw(st.sampled_from(SCRIPTS))
        start, stop = draw(st.integers(0, 30)), draw(st.integers(5, len(text)))
        other = draw(st.sampled_from(("", "", "谢谢", *(script[:25] for script in SCRIPTS))))
        text = (text[start:] + other + text[:stop])[: draw(st.integers(1, 120))]
        out.append(report(number, text.strip() or "空", draw(st.integers(0, 5))))
    return out


def test_what_a_sender_fills_in_is_masked() -> None:
    assert (
        masked(
            "【某银行】王先生，您的积分将于11月30日到期，可兑现金1,500.00元，请登录http://a.example/x?y=1兑换，电话023-00001234"
        )
        == "[某银行]○先生,您的积分将于△到期,可兑现金¥,请登录↗兑换,电话#"
    )


@pytest.mark.parametrize(
    ("text", "mask"),
    [
        ("请登录 bank.example.test:8080/a 查询余额", "请登录 ↗ 查询余额"),
        ("请登录192.0.2.7:8080/a查询余额情况", "请登录↗查询余额情况"),
        ("订单号SF0000123456在途中丢失", "订单号@在途中丢失"),
        ("请联系a.b@c.example办理赔付", "请联系@办理赔付"),
        ("奖金三万元已经到账请查收", "奖金¥已经到账请查收"),
        ("奖金5万已经到账请您查收", "奖金¥已经到账请您查收"),
        ("周三下午8点30分前往社区办理", "△下午△前往社区办理"),
        ("薇亻言转账给我不要告诉家人", "微信转账给我不要告诉家人"),
    ],
)
def test_masks_one_by_one(text: str, mask: str) -> None:
    assert masked(text) == mask


def test_the_same_script_with_other_numbers_names_links_and_days_is_one_campaign() -> None:
    campaigns = Campaigns()
    names = campaigns.add_all(
        [
            report(1, SCRIPTS[0]),
            report(2, SCRIPTS[1]),
            report(3, SCRIPTS[0].replace("王", "李").replace("10000", "8800").replace("500", "320"), 1),
            report(4, SCRIPTS[0].replace("a.example/x", "b.test/q").replace("今日", "明日"), 2),
            report(5, SCRIPTS[0].replace("账户", "帳戶").replace("兑换", "兑 换"), 3),
            report(6, SCRIPTS[1].replace("快递单号", "快递，单号").replace("理赔手续", "赔付手续"), 3),
        ]
    )  # fmt: skip
    assert names == ["r0001", "r0002", "r0001", "r0001", "r0001", "r0002"]
    assert campaigns.members("r0001") == ["r0001", "r0003", "r0004", "r0005"]


def test_bare_links_are_one_campaign_only_if_they_are_equal() -> None:
    campaigns = Campaigns()
    links = ["http://a.example/1", "http://b.example/2", "http://a.example/1 ", "12000000001", "12000000002"]  # fmt: skip
    names = campaigns.add_all([report(n, text, n) for n, text in enumerate(links)])
    assert names == ["r0000", "r0001", "r0000", "r0003", "r0004"]
    assert not any("example" in text or "1200" in text for text in campaigns.wordings.texts)


@settings(max_examples=120, deadline=None)
@given(reports(), st.randoms(use_true_random=False), st.integers(1, 16))
def test_order_and_number_at_a_time_change_nothing(
    given_reports: list[Report], rng: Random, at_a_time: int
) -> None:
    one_by_one, shuffled = Campaigns(), list(given_reports)
    rng.shuffle(shuffled)
    for each in given_reports:
        one_by_one.add(each)
    at_once = Campaigns()
    for start in range(0, len(shuffled), at_a_time):
        at_once.add_all(shuffled[start : start + at_a_time])
    assert groups(one_by_one) == groups(at_once)
    assert waves(one_by_one, NOW + 5 * DAY) == waves(at_once, NOW + 5 * DAY)


@settings(max_examples=100, deadline=None)
@given(reports())
def test_what_was_together_stays_together_and_an_old_name_leads_to_the_new(
    given_reports: list[Report],
) -> None:
    campaigns = Campaigns()
    for each in given_reports:
        before = groups(campaigns)
        campaigns.add(each)
        after = groups(campaigns)
        for one, other in combinations(before, 2):
            assert before[one] != before[other] or after[one] == after[other]
        for report_id, name in before.items():
            assert campaigns.of(name) == after[report_id]


@settings(max_examples=100, deadline=None)
@given(reports(), st.booleans())
def test_a_name_changes_only_by_joining_when_reports_come_in_their_order(
    given_reports: list[Report], all_new: bool
) -> None:
    campaigns = Campaigns()
    for number, each in enumerate(sorted(given_reports, key=lambda r: (r.at, r.id))):
        before = groups(campaigns)
        campaigns.add(Report(f"{number:03d}", each.text, each.at))
        after = groups(campaigns)
        changed = {name for report_id, name in before.items() if after[report_id] != name}
        assert all(after[name] in before.values() and after[name] < name for name in changed)


@settings(max_examples=100, deadline=None)
@given(reports(), st.integers(0, 6))
def test_forgetting_leaves_the_rest_in_their_campaigns(
    given_reports: list[Report], days: int
) -> None:
    campaigns = Campaigns()
    campaigns.add_all(given_reports)
    before = groups(campaigns)
    limit = NOW + days * DAY
    gone = campaigns.forget(limit)
    after = groups(campaigns)
    assert len(before) - len(after) == gone
    late = {r.id for r in given_reports if r.at >= limit}
    assert late <= after.keys()
    assert all(report_id in late or before[report_id] == report_id for report_id in after)
    assert all(after[report_id] == before[report_id] for report_id in after)
    assert set(campaigns.wordings.texts) == {masked(r.text) for r in given_reports if r.id in after}


@settings(max_examples=60, deadline=None)
@given(reports(), reports(), st.integers(0, 6))
def test_saved_and_loaded_goes_on_as_if_nothing_had_been(
    tmp_path_factory: pytest.TempPathFactory,
    first: list[Report],
    then: list[Report],
    days: int,
) -> None:
    path = tmp_path_factory.mktemp("campaigns") / "campaigns.npz"
    then = [Report(f"then-{r.id}", r.text, r.at) for r in then]
    kept = Campaigns()
    kept.add_all(first)
    kept.forget(NOW + days * DAY)
    save(kept, path)
    loaded = load(path)
    assert groups(loaded) == groups(kept)
    assert loaded.add_all(then) == kept.add_all(then)
    assert groups(loaded) == groups(kept)


def test_a_forgotten_campaign_begins_anew() -> None:
    campaigns = Campaigns()
    campaigns.add(report(1, SCRIPTS[0]))
    assert campaigns.forget(NOW + DAY) == 1
    assert (len(campaigns), campaigns.of("r0001"), campaigns.wordings.texts) == (0, None, [])
    assert campaigns.add(report(2, SCRIPTS[0], 2)) == "r0002"
    assert campaigns.forget(NOW) == 0


def test_many_wordings_are_found_again_after_they_have_settled() -> None:
    """More than one level of bands: the first ones are still met by the last."""
    rng = Random(3)
    texts = ["".join(chr(rng.randrange(0x4E00, 0x9000)) for _ in range(30)) for _ in range(2_600)]
    campaigns = Campaigns()
    names = campaigns.add_all([report(n, text) for n, text in enumerate(texts)])
    assert len(set(names)) == len(texts)
    again = [report(5_000 + n, "您好，" + text, 1) for n, text in enumerate(texts)]
    assert campaigns.add_all(again) == names


def test_a_wave_is_seen_at_its_third_report() -> None:
    campaigns = Campaigns()
    campaigns.add_all([report(n, text, -n) for n, text in enumerate(SCRIPTS)])
    campaigns.add(report(10, SCRIPTS[2].replace("11月30日", "12月5日")))
    assert waves(campaigns, NOW) == []
    campaigns.add(report(11, SCRIPTS[2].replace("m.yb", "w.yb2")))
    (wave,) = waves(campaigns, NOW)
    assert (wave.campaign, wave.size, wave.lately, wave.before) == ("r0002", 3, 3, 0)
    assert (wave.first, wave.last, wave.growth) == (NOW - 2 * DAY, NOW, 4.0)
    assert wave.text == "[医保局]您的医保卡将于△停用,请点击↗及时办理更新,逾期将暂停报销"
    assert "您的医保卡将于" in wave.words
    assert waves(campaigns, NOW, least=4) == []


def test_a_wave_counts_what_came_lately_and_before_and_nothing_of_tomorrow() -> None:
    campaigns = Campaigns()
    days = [-30, -9, -8, -3, -2, -1, 0, 1]
    campaigns.add_all([report(n, SCRIPTS[3], day) for n, day in enumerate(days)])
    (wave,) = waves(campaigns, NOW)
    assert (wave.size, wave.lately, wave.before, wave.last) == (7, 4, 2, NOW)
    assert waves(campaigns, NOW - 60 * DAY) == []
    assert waves(Campaigns(), NOW) == []
    with pytest.raises(ValueError, match="大于 0"):
        waves(campaigns, NOW, least=0)
    with pytest.raises(ValueError, match="没有时区"):
        waves(campaigns, NOW.replace(tzinfo=None))


def test_a_report_that_comes_twice_counts_once_and_another_under_its_id_is_refused() -> None:
    campaigns = Campaigns()
    assert campaigns.add_all([report(1, SCRIPTS[0])] * 2) == ["r0001", "r0001"]
    campaigns.add(report(1, SCRIPTS[0]))
    assert len(campaigns) == 1
    with pytest.raises(ValueError, match="第 2 条举报：编号 'r0001' 已有"):
        campaigns.add_all([report(2, SCRIPTS[1]), report(1, SCRIPTS[1])])
    with pytest.raises(ValueError, match="第 2 条举报"):
        campaigns.add_all([report(3, SCRIPTS[1]), report(3, SCRIPTS[1], 1)])
    assert campaigns.ids == ["r0001"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (Report("", "文字", NOW), "编号应为 1 至 200"),
        (Report("x" * 201, "文字", NOW), "实际 201 个"),
        (Report("a", " \n", NOW), "内容是空的"),
        (Report("a", "文字", NOW.replace(tzinfo=None)), "没有时区"),
        (Report("a", "文字", "2026-11-28"), "时间应为 datetime"),  # type: ignore[arg-type]
        (Report(7, "文字", NOW), "id 应为文字，实际是 int"),  # type: ignore[arg-type]
        (Report("a", b"x", NOW), "text 应为文字，实际是 bytes"),  # type: ignore[arg-type]
        (("a", "文字", NOW), "应为 Report，实际是 tuple"),
    ],
)
def test_what_is_no_report_is_refused_and_nothing_is_taken_in(wrong: Report, says: str) -> None:
    campaigns = Campaigns()
    with pytest.raises((TypeError, ValueError), match=f"第 2 条举报：.*{says}"):
        campaigns.add_all([report(1, SCRIPTS[0]), wrong])
    assert len(campaigns) == 0


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(st.characters(), min_size=1).filter(str.strip), min_size=1, max_size=5))
def test_any_text_at_all_may_come(texts: list[str]) -> None:
    campaigns = Campaigns()
    names = campaigns.add_all([report(n, text) for n, text in enumerate(texts)])
    assert [campaigns.of(f"r{n:04d}") for n in range(len(texts))] == names


@pytest.mark.parametrize(
    "piece", ["转", "1", "a.", "a1_", "\ud800", "\0x", "一二三", "↗#", "@", "-1", "1 "]
)
def test_a_megabyte_of_anything_may_come(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    campaigns = Campaigns()
    assert campaigns.add_all([report(1, text), report(2, text, 1)]) == ["r0001", "r0001"]


def test_a_file_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "campaigns.npz"
    campaigns = Campaigns()
    campaigns.add(Report("\ud800", SCRIPTS[0] + "\ud800", NOW))
    save(campaigns, path)
    campaigns.add(report(2, SCRIPTS[1]))

    def full(*_: object, **__: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="No space"):
        save(campaigns, path)
    assert [p.name for p in tmp_path.iterdir()] == ["campaigns.npz"]
    assert load(path).ids == ["\ud800"]


def test_a_file_that_is_none_or_not_whole_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "campaigns.npz"
    with pytest.raises(FileNotFoundError):
        load(path)
    campaigns = Campaigns()
    campaigns.add_all([report(n, text) for n, text in enumerate(SCRIPTS)])
    save(campaigns, path)
    whole = path.read_bytes()
    for stop in (0, 10, 1_000, len(whole) // 2, len(whole) - 30):
        path.write_bytes(whole[:stop])
        with pytest.raises(ValueError, match=r"campaigns\.npz"):
            load(path)
    path.write_bytes(whole)
    arrays = dict(np.load(path))
    for name, value in (("form", [2]), ("of_wording", arrays["of_wording"] + 99), ("times", arrays["times"][1:]),
                        ("parents", np.roll(arrays["parents"], 1)), ("ids_ends", arrays["ids_ends"][::-1])):  # fmt: skip
        np.savez(path, **{**arrays, name: np.array(value)})
        with pytest.raises(ValueError, match=r"campaigns\.npz"):
            load(path)


@pytest.mark.slow
def test_real_campaigns_are_found_as_others_found_them() -> None:
    """Fake base station messages (CCS 2020) and the campaigns that their collectors see in them."""
    if not FBS.exists():
        pytest.skip("../shared/data/fbs_sms.jsonl.xz is not here")
    with lzma.open(FBS, "rt", encoding="utf-8") as file:
        rows = [row for row in map(json.loads, file) if row["split"] == "dev"]
    shown = {"DIGIT": "5", "CELLPHONE": "12000000000", "PHONE": "023-00000000", "URL": "http://x.example/a", "PLACE": "", "NAME": ""}  # fmt: skip
    campaigns = Campaigns()
    mine = campaigns.add_all(
        Report(row["id"], " ".join(shown.get(w, w) for w in row["text"].split()) or "空", NOW)
        for row in rows
    )
    mine = [str(campaigns.of(row["id"])) for row in rows]
    theirs = [row["cluster"] for row in rows]
    both, of_mine, of_theirs = (
        Counter(zip(mine, theirs, strict=True)),
        Counter(mine),
        Counter(theirs),
    )
    precision = sum(n * n / of_mine[a] for (a, _), n in both.items()) / len(rows)
    recall = sum(n * n / of_theirs[b] for (_, b), n in both.items()) / len(rows)
    assert precision > 0.97
    assert recall > 0.97


def test_sketches_are_the_same_for_good() -> None:
    """Saved ones are compared with new ones: change FORM in file.py with this."""
    marks, keys = sketches(["您的医保卡将于停用请及时办理更新"])
    assert marks[0, :6].tolist() == [186, 161, 221, 32, 236, 220]
    assert int(np.bitwise_xor.reduce(keys[0])) == 3631965296
