"""Write the sample lists beside this script: python samples/make_samples.py [people.json]

Same people, same files. Without an argument the people are invented here; with one they are taken
from a JSON list of {"name", "phone", "village", "address"}, so that the lists name residents of a
town that already exists: `python samples/make_samples.py samples/people.json` names people of the
demo town, and gives the lists as they are shipped. Every mess in the lists is one that real lists have; every number is one
that no operator has given out (mobiles 120…, landlines 023-0…, ID numbers of province 99).
"""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import xlsxwriter

from fangxian.exchange.people import check_character

HERE = Path(__file__).parent
SEED = 20261103
ISSUED = datetime(2026, 11, 3, 9, 0)  # noqa: DTZ001  local time, as lists are written
VILLAGES = ("海兰村", "青石社区", "柳坝村", "白鹤村", "龙泉社区", "桃溪村")
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
GIVEN = "芳伟丽强秀英建国桂兰明德玉珍洋静敏超艳涛福长淑华文礼春梅"
KINDS = (
    "刷单返利", "虚假投资理财", "冒充电商物流客服", "冒充公检法", "虚假贷款", "冒充领导熟人", "虚假征信", "网络交友杀猪盘",
    "机票退改签", "共享屏幕（百万保障）", "养老诈骗", "游戏交易",
)  # fmt: skip
GRADES = ("高", "高", "中", "中", "中", "低")
NOTES = ("", "", "", "通话 12 分钟后收到银行验证码", "多次回拨", "家属称独居", "已加对方好友")
# Country code 210 belongs to no country; 0120… is how a spoofed mobile often shows.
SUSPECTS = ("00210 0000 {:04d}", "0120{:04d}0000", "+210-0000-{:04d}", "120{:04d}9999")


@dataclass(frozen=True)
class Person:
    """One resident as a list names them; `phone` is 11 digits, or a landline with area code."""

    name: str
    phone: str
    village: str
    address: str


def invented_people(rng: Random, count: int) -> list[Person]:
    """People who do not exist, village by village."""
    people = []
    for serial in range(count):
        village = VILLAGES[serial * len(VILLAGES) // count]
        name = rng.choice(SURNAMES) + "".join(rng.sample(GIVEN, rng.choice((1, 2, 2))))
        phone = f"120{rng.randrange(10**8):08d}"
        address = f"{village}{rng.randint(1, 9)}组{rng.randint(1, 120)}号"
        people.append(Person(name, phone, village, address))
    return people


def people_from(path: Path) -> list[Person]:
    """People of a JSON list, village by village as a county sorts them. KeyError names a field."""
    entries = json.loads(path.read_text("utf-8"))
    people = [Person(e["name"], _national(e["phone"]), e["village"], e["address"]) for e in entries]
    villages = list(dict.fromkeys(p.village for p in people))
    return sorted(people, key=lambda p: villages.index(p.village))


def _national(phone: str) -> str:
    digits = phone.removeprefix("+86")
    return digits if len(digits) == 11 and digits.startswith("1") else "0" + digits.lstrip("0")


def id_number(rng: Random) -> str:
    """An ID number of a county that does not exist, with the right check character."""
    first_17 = f"990101{rng.randint(1940, 2004)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
    first_17 += f"{rng.randrange(1000):03d}"
    return first_17 + check_character(first_17)


def grouped(phone: str) -> str:
    return f"{phone[:3]} {phone[3:7]} {phone[7:]}"


def full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in text)


# --- the county's workbook ----------------------------------------------------------------------

COUNTY_HEADER = (
    "序号", "所属村（社区）", "姓名", "联系电话", "身份证号", "现住址", "预警类型", "风险等级", "来电时间", "涉诈号码", "预警编号", "备注",
)  # fmt: skip
WHEN, PHONE, VILLAGE = 8, 3, 1


def county_rows(rng: Random, people: Sequence[Person]) -> list[list[object]]:
    """58 tidy rows, made untidy one way or another, and three that cannot be used."""
    rows: list[list[object]] = []
    for serial, person in enumerate(people[:58]):
        when = ISSUED - timedelta(minutes=rng.randint(30, 4 * 24 * 60))
        number = SUSPECTS[serial % len(SUSPECTS)].format(rng.randrange(10000))
        rows.append(
            [
                serial + 1,
                person.village,
                person.name,
                person.phone,
                id_number(rng) if serial % 3 == 0 else "",
                person.address,
                rng.choice(KINDS),
                rng.choice(GRADES),
                when,
                number,
                f"SFX20261103{serial + 1:04d}",
                rng.choice(NOTES),
            ]
        )
    _untidy(rows, people)
    return rows


def _untidy(rows: list[list[object]], people: Sequence[Person]) -> None:
    """Each line below is a mess of its own; positions are fixed so that tests can name them."""
    phone = [person.phone for person in people]
    when = [row[WHEN] for row in rows]
    rows[1][PHONE] = float(phone[1])
    rows[2][PHONE] = f"{phone[2]}、{phone[58]}"
    rows[3][PHONE] = f"+86 {grouped(phone[3])}"
    rows[4][PHONE] = full_width(phone[4])
    rows[5][PHONE] = f"本人{phone[5]} 儿子{phone[59]}"
    rows[6][PHONE] = "023-00001206"
    rows[7][PHONE] = "（023）00001207转2"
    rows[8][PHONE] = f"0086-{phone[8]}"
    rows[9][PHONE] = "138001"
    rows[9][5] = ""
    rows[9][VILLAGE] = ""
    rows[10][PHONE] = f"{phone[10]} / 138001"
    rows[11][PHONE] = phone[11].replace("0", "O", 1)
    rows[12][PHONE] = ""
    rows[13][2], rows[13][PHONE], rows[13][5], rows[13][VILLAGE] = "", "", "", ""
    rows[14][PHONE] = "96110"
    rows[14][5], rows[14][VILLAGE] = "", ""
    rows[15][5] = ""
    rows[16][5] = ""
    # Somebody of another town, whom our register cannot know.
    rows[17][VILLAGE], rows[17][5] = "双塘镇双塘村", "双塘镇双塘村2组7号"
    rows[17][PHONE] = "12099990017"
    rows[18][2] = " ".join(people[18].name)
    rows[19][2] = f"{people[19].name}（户主）"
    rows[20][2] = people[20].name[0] + "*" + people[20].name[2:]
    rows[21][2] = f"{people[21].name}女士"
    rows[22][4] = "990101195001010000"
    rows[23][7] = "特急"
    rows[24][7] = "待定"
    for row, text in (
        (25, "2026年3月5日"), (26, "2026年11月1日 14时30分"), (27, "2026/10/31 9:05"), (28, "20261101"),
        (29, "10月30日下午2:30"), (30, "２０２６－１１－０２ ０８：１５"), (31, "2026-11-01T14:30:00+08:00"), (32, "2062-11-01"),
    ):  # fmt: skip
        rows[row][WHEN] = text
    rows[33][WHEN] = 46327.604
    rows[34][WHEN] = 46327
    # The same people again, warned by another number.
    for row, earlier in ((40, 0), (41, 3), (42, 0)):
        rows[row][2:4] = [people[earlier].name, phone[earlier]]
        rows[row][5] = people[earlier].address
        rows[row][VILLAGE] = people[earlier].village
    assert all(w is not None for w in when)  # noqa: S101


def write_county_list(rows: Sequence[Sequence[object]], path: Path) -> None:
    """Title rows, merged villages, dates as Excel keeps them, a row of totals and a footnote."""
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"created": ISSUED, "author": "", "title": "涉诈预警名单"})
        sheet = book.add_worksheet("预警名单")
        title = book.add_format({"bold": True, "align": "center", "font_size": 16})
        bold = book.add_format({"bold": True, "border": 1, "text_wrap": True})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        middle = book.add_format({"valign": "vcenter"})
        width = len(COUNTY_HEADER)
        sheet.merge_range(
            0, 0, 0, width - 1, "示范县反诈中心涉诈预警名单（2026年11月第1批）", title
        )
        sheet.merge_range(1, 0, 1, width - 1, "下发单位：示范县反诈中心　　下发时间：2026年11月3日")
        sheet.write_row(2, 0, COUNTY_HEADER, bold)
        sheet.set_column(1, width - 1, 15)
        first = 3
        for index, row in enumerate(rows):
            for column, value in enumerate(row):
                if column == VILLAGE or value == "":
                    continue
                if isinstance(value, datetime):
                    sheet.write_datetime(first + index, column, value, moment)
                elif isinstance(value, str):
                    sheet.write_string(first + index, column, value)
                else:
                    sheet.write(first + index, column, value)
        for start, end, village in _runs([str(row[VILLAGE]) for row in rows]):
            if village and end > start:
                sheet.merge_range(first + start, VILLAGE, first + end, VILLAGE, village, middle)
            elif village:
                sheet.write_string(first + start, VILLAGE, village)
        end = first + len(rows)
        sheet.write_string(end, 0, "合计")
        sheet.write_string(end, 2, f"共 {len(rows)} 人")
        note = "注：请各镇街 24 小时内反馈劝阻情况。填表人：反诈中心值班员"
        sheet.merge_range(end + 1, 0, end + 1, width - 1, note)


def _runs(texts: Sequence[str]) -> list[tuple[int, int, str]]:
    """(first, last, text) of each run of equal neighbours."""
    runs: list[tuple[int, int, str]] = []
    for index, text in enumerate(texts):
        if runs and runs[-1][2] == text:
            runs[-1] = (runs[-1][0], index, text)
        else:
            runs.append((index, index, text))
    return runs


# --- the bank's csv and the pasted list ---------------------------------------------------------


def bank_csv(rng: Random, people: Sequence[Person]) -> bytes:
    """25 rows as a bank's system exports them: semicolons, GB18030, no villages."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(
        ["预警流水号", "客户姓名", "预留手机", "联系地址", "风险类型", "风险级别", "触发时间", "报送网点", "风险描述"]
    )  # fmt: skip
    for serial, person in enumerate(people[:25]):
        when = ISSUED - timedelta(minutes=rng.randint(10, 2000))
        phone = [person.phone, grouped(person.phone), f"86{person.phone}"][serial % 3]
        address = "" if serial % 6 == 5 else f"示范县金峰镇{person.address}"
        writer.writerow(
            [
                f"BK{when:%Y%m%d}{serial + 1:05d}",
                person.name if serial % 7 else person.name[0] + "*" * (len(person.name) - 1),
                phone if serial != 11 else "1.2E+10",
                address if serial != 11 else "",
                rng.choice(("疑似刷单返利", "疑似投资理财诈骗", "疑似冒充客服", "大额转账异常")),
                rng.choice(("一级", "二级", "三级")),
                f"{when:%Y%m%d%H%M%S}" if serial % 2 else f"{when:%Y/%m/%d %H:%M}",
                "示范农商行金峰支行",
                rng.choice(("短时间多笔小额转出; 收款人陌生", "柜面办理时接听陌生来电", "")),
            ]
        )
    return out.getvalue().encode("gb18030")


def pasted_text(people: Sequence[Person]) -> str:
    """A few rows copied from a chat group's spreadsheet: tabs, no title, short headers."""
    lines = ["姓名\t手机号\t村社\t类型\t时间"]
    kinds = ("冒充客服", "刷单", "冒充公检法", "贷款", "杀猪盘", "投资理财", "百万保障", "刷单")
    for serial, person in enumerate(people[:8]):
        when = f"11月{serial % 2 + 1}日 {9 + serial}:{serial * 7:02d}"
        lines.append(f"{person.name}\t{person.phone}\t{person.village}\t{kinds[serial]}\t{when}")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write county-list-2026-11.xlsx, bank-list-gb18030.csv and pasted-list.txt."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "people", nargs="?", type=Path, help="JSON list of name, phone, village, address"
    )
    given = parser.parse_args().people
    rng = Random(SEED)  # noqa: S311  samples, not secrets
    people = people_from(given) if given else invented_people(rng, 60)
    if len(people) < 60:
        parser.error(f"{given}: {len(people)} people; 60 are needed")
    write_county_list(county_rows(rng, people), HERE / "county-list-2026-11.xlsx")
    (HERE / "bank-list-gb18030.csv").write_bytes(bank_csv(rng, people[20:]))
    (HERE / "pasted-list.txt").write_text(pasted_text(people[10:]), "utf-8")


if __name__ == "__main__":
    main()
