"""Senders write the kind of fraud in a hundred ways; each way finds the kind, and noise finds none."""

from __future__ import annotations

import pytest

from fangxian.detect.kinds import KINDS, kind_name, match_kind

AS_SENDERS_WRITE_IT = {
    "task_rebate": [
        "刷单", "刷单返利类", "刷单返利类诈骗", "疑似刷单（高危）", "FW: 刷单返利", "1.刷单返利", "SD", "返利", "兼职刷单诈骗",
        "网络兼职 做任务", "点赞任务返现", "Task rebate",
    ],
    "fake_investment": [
        "虚假网络投资理财类", "投资理财", "投资", "虚假投资", "虚假投资理财（红色预警）", "荐股群", "投资理财类 高危", "Fake investment",
    ],
    "fake_shopping": [
        "虚假购物、服务类", "购物", "虚假购物服务", "网购诈骗", "低价购物类诈骗", "GWFW", "二手交易诈骗", "shopping scam",
    ],
    "fake_customer_service": [
        "冒充电商物流客服类", "客服", "冒充客服退款", "客服类", "KF", "冒充快递理赔", "冒充京东客服", "网络诈骗-客服类-高危", "冒充 电商 物流 客服",
    ],
    "fake_loan": [
        "虚假网络贷款类", "贷款", "贷款类", "疑似贷款类诈骗（高危）", "贷款、代办信用卡类", "DK", "网贷诈骗", "Loan scam",
    ],
    "fake_credit_record": [
        "虚假征信类", "征信", "冒充京东金融客服注销白条影响征信", "注销校园贷", "虚假信用服务类", "征信修复",
    ],
    "fake_acquaintance": [
        "冒充领导、熟人类", "冒充领导", "冒充熟人诈骗", "猜猜我是谁", "熟人", "冒充班主任收费", "MCLD",
    ],
    "fake_police": [
        "冒充公检法及政府机关类", "冒充公检法", "公检法", "3.冒充公检法", "GJF", "冒充民警", "冒充社保局工作人员", "安全账户", "Fake police",
    ],
    "romance": [
        "网络婚恋、交友类", "杀猪盘", "SZP", "杀猪盘投资理财", "网恋诈骗", "婚恋", "交友类诈骗", "疑似杀猪盘-高危", "Romance scam",
    ],
    "game_trade": [
        "网络游戏产品虚假交易类", "网络游戏虚假交易", "游戏", "游戏账号买卖", "免费领皮肤", "买卖游戏装备诈骗",
    ],
    "flight_refund": ["机票退改签", "退改签", "航班取消", "机票", "冒充航空公司客服", "机票退改签类诈骗"],
    "fake_military_order": ["冒充军警采购", "冒充军警购物类", "冒充部队采购", "军警采购类", "冒充消防订货"],
    "screen_sharing": ["共享屏幕类", "百万保障", "取消百万保障", "屏幕共享诈骗", "远程控制", "冒充抖音客服 关闭会员 共享屏幕"],
    "expired_card_sms": ["ETC失效短信", "etc", "医保卡失效", "社保卡停用短信", "医保", "钓鱼短信", "社保补贴短信", "Phishing SMS"],
    "points_exchange": ["积分兑换", "积分", "积分清零短信", "伪基站积分", "话费积分兑换诈骗"],
    "elder_fraud": ["养老诈骗", "保健品", "涉老诈骗", "养老", "以房养老", "养老诈骗（保健品会销）"],
    "sextortion": ["裸聊敲诈", "裸聊", "裸聊类敲诈勒索", "敲诈", "招嫖诈骗", "sextortion"],
    "ai_impersonation": ["AI换脸", "AI换声冒充亲友", "ＡＩ拟声", "AI", "ai诈骗", "Deepfake 视频", "voice cloning"],
    "virtual_currency": ["虚拟货币", "虚拟币", "炒币", "USDT", "比特币投资", "虚拟货币类诈骗", "crypto scam"],
    "parcel_card": ["包裹内扫码卡", "包裹扫码", "快递内卡片引流", "刮刮卡", "扫码领礼品", "陌生快递"],
    "other": ["其他", "其他类", "未知", "其他诈骗", "不详", "other"],
}  # fmt: skip

NO_KIND_AT_ALL = [
    "",
    "   ",
    "—",
    "今天下午三点村委会开会",
    "请各组长上报防汛人员名单",
    "客服中心已搬迁到二楼",
    "镇政府通知：小额贴息贷款政策宣讲",
    "张三大爷想买一台电视机",
    "待核实",
    "红色",
    "FW",
    "12345",
    "幸福村二组",
    "任务已完成，请签收",
    "请把表格发给我，谢谢",
    "孩子在打游戏，没接电话",
    "老人到医院办医保报销去了",
    "Meeting at three in the village hall",
    "fetching the parcel tomorrow",
    "email me the said list",
    "下雨天路滑，走访改期",
]


@pytest.mark.parametrize(
    ("spelling", "key"),
    [(spelling, key) for key, spellings in AS_SENDERS_WRITE_IT.items() for spelling in spellings],
)
def test_a_senders_spelling_finds_its_kind(spelling: str, key: str) -> None:
    assert match_kind(spelling) == key


@pytest.mark.parametrize("text", NO_KIND_AT_ALL)
def test_text_that_names_no_kind_is_other(text: str) -> None:
    assert match_kind(text) == "other"


@pytest.mark.parametrize("key", [key for key in KINDS if key != "other"])
def test_the_official_name_finds_its_own_kind_in_both_languages(key: str) -> None:
    assert match_kind(kind_name(key).zh) == key
    assert match_kind(kind_name(key).zh + "类诈骗") == key
    assert match_kind(kind_name(key).en) == key


def test_of_two_kinds_named_the_longer_spelling_wins() -> None:
    assert match_kind("网贷诈骗，注销贷款账户") == "fake_credit_record"


def test_of_two_as_long_the_trick_wins_over_the_disguise_named_before_it() -> None:
    assert match_kind("冒充客服，让其共享屏幕") == "screen_sharing"
