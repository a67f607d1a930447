"""Text messages keep the 12381 rule: no link, no number, no request, no name, not long."""

from __future__ import annotations

import re

import pytest

from fangxian.detect.kinds import KINDS
from fangxian.warn.messages import RULES, TEMPLATES, broken_rules, render, segments

EVERY_TEXT = [
    (template, key, language)
    for template in TEMPLATES
    for key in KINDS
    for language in ("zh", "en")
]

BAD = {
    "link": [
        "详情请看 https://fz.example.com/a",
        "详情见hxxps://fz.example/a",
        "详情见 www.fanzha.org",
        "查询网址 fanzha.gov.cn",
        "查询网址 t.cn/A6xyz",
        "查询：fanzha点com",
        "查询：fanzha。cn",
        "查询：fanzha[.]net",
        "查询：ｗｗｗ．ｆａｎｚｈａ．ｃｎ",
        "查询：fan\u200bzha.c\u200bom",
        "查询：防诈.中国",
        "有事发到 jinfeng@police.example",
        "See fanzha dot com for more",
        "See fanzha . com for more",
    ],
    "number": [
        "有疑问请问110",
        "这是96110的提醒",
        "民警的手机是12012345678",
        "民警的手机是120 1234 5678",
        "民警的手机是120-1234-5678",
        "民警的手机是１２０１２３４５６７８",
        "值班室 023-01234567",
        "值班室（023）01234567",
        "有疑问请问一一零",
        "有疑问请问幺幺零",
        "有疑问请问 九 六 一 一 〇",
        "有疑问请问壹壹零",
        "有疑问请问①①⓪",
        "有疑问请问1️⃣1️⃣0️⃣",
        "有疑问请问1·1·0",
        "有疑问请问1,1,0",
        "有疑问请问一1零",
        "银行客服是九五五八八",
        "Ask one one zero if unsure",
        "Ask nine-six-one-one-zero if unsure",
        "Ask 1 1 0 if unsure",
    ],
    "asks": [
        "收到请回复",
        "收到请回1",
        "退订回T",
        "请尽快回电",
        "请拨打派出所电话",
        "请给派出所打个电话",
        "有疑问请电话联系民警",
        "请联系我们",
        "请点击下方查看",
        "请点开链接核实",
        "请戳这里",
        "请扫码核实身份",
        "请扫描二维码进群",
        "请加民警微信，请加微信",
        "请添加好友",
        "请下载反诈软件",
        "请登录核实",
        "请填写个人信息",
        "请提供验证码",
        "不要害怕，请点击核实",
        "您的卡不能用，请点击恢复",
        "如不回复，将视为同意",
        "未及时点击的将停用账户",
        "我们要求您点击核实，以免被骗",
        "特别点击这里",
        "Please reply to confirm",
        "Reply STOP to opt out",
        "Please call us back",
        "Call the station now",
        "Click here to check",
        "Do not worry, just click here",
        "Please scan the code",
        "Please add our officer as a friend",
        "Please log in to check",
        "Please download the app",
        "Contact us at once",
        "Unless you respond, the card is stopped",
        "If you do not confirm today the account will be closed",
    ],
    "name": [
        "尊敬的王建国，您近期可能遇到诈骗",
        "王女士，您近期可能遇到诈骗",
        "张大爷您好，请小心诈骗",
        "李建国您好，请小心诈骗",
        "我是民警周明，提醒您小心诈骗",
        "请找网格员陈芳，她会帮您",
        "刘警官提醒您小心诈骗",
        "王某某您好，请小心",
        "赵**，请小心诈骗",
        "{name}，您好，请小心诈骗",
        "{{resident}}请小心诈骗",
        "您好，%s，请小心诈骗",
        "您好，[姓名]，请小心诈骗",
        "您好，<姓名>，请小心诈骗",
        "您好，____，请小心诈骗",
        "XX派出所提醒您小心诈骗",
        "Dear Mr Wen, beware of fraud",
        "Dear Zhou Ming, beware of fraud",
        "Officer Li will come by",
    ],
    "length": ["", "   ", "请不要转账。" * 24, "Please send nothing. " * 15],
}  # fmt: skip

GOOD = [
    "凡是要先垫钱、说做完再返的，都是诈骗，请不要转账。",
    "请不要点击短信里的链接，也不要回复。",
    "陌生的链接不点，陌生的码不扫。",
    "不点陌生链接，不下载不明软件，不回复就不会上当。",
    "别扫来历不明的码，别加陌生人为好友。",
    "请勿向任何人提供验证码。",
    "凡是让您扫码领奖的，都是诈骗。",
    "叫您下载软件、共享屏幕的电话，请挂断，不要照做。",
    "让您点击链接的短信，不管落款是谁，都要当心。",
    "工作人员不会要求您回复短信，也不会让您加微信。",
    "收到这条短信，您不用回复，也无需登录。",
    "转账之前先等24小时，跟家里人商量。",
    "社区工作人员近日会带工作证上门，请先看证件再开门。",
    "前3天我们聊过防骗的事，祝您平安。",
    "二三十块的小便宜，后面是大陷阱。",
    "七七八八的借口，都是为了您的钱。",
    "民警高度重视您的安全，会替您保密。",
    "孩子向您要钱，先听到本人的声音再说。",
    "高龄老人出门，请家里人多陪一陪。",
    "【金凤派出所】您近期可能遇到诈骗，请不要转账。",
    "Please do not click any link or reply to it.",
    "Never scan a code from a stranger, and never add one as a friend.",
    "Anyone who asks you to download an app is a fraud. Please hang up.",
    "You need not reply. Nothing else is needed.",
    "Real police never ask you to log in or to send money.",
    "Wait 24 hours, e.g. until your children are home. Talk it over with them.",
    "Staff of your village will come by with a work card.",
    "Dear resident, please talk with your family before you pay.",
]


@pytest.mark.parametrize(("template", "key", "language"), EVERY_TEXT)
def test_every_text_we_send_keeps_every_rule(template: str, key: str, language: str) -> None:
    assert broken_rules(render(template, key, language)) == []


@pytest.mark.parametrize(("template", "key", "language"), EVERY_TEXT)
def test_every_text_fits_one_sms_and_chinese_leaves_room_for_the_signature(
    template: str, key: str, language: str
) -> None:
    text = render(template, key, language)
    assert segments(text) == 1
    if language == "zh":
        assert len(text) <= 60


@pytest.mark.parametrize(("template", "key", "language"), EVERY_TEXT)
def test_every_text_is_in_the_language_asked_for(template: str, key: str, language: str) -> None:
    text = render(template, key, language)
    if language == "zh":
        assert not re.search(r"[a-zA-Z]", re.sub(r"ETC|AI|[Aa]pp", "", text))
    else:
        assert text.isascii()


def test_each_kind_of_fraud_has_a_warning_of_its_own() -> None:
    for language in ("zh", "en"):
        assert len({render("warned", key, language) for key in KINDS}) == len(KINDS)


@pytest.mark.parametrize("template", ["unreachable", "visit_soon", "follow_up"])
def test_what_others_may_read_over_a_shoulder_does_not_tell_the_kind(template: str) -> None:
    assert len({render(template, key, "zh") for key in KINDS}) == 1


def test_the_text_after_a_call_repeats_the_one_lesson_of_the_kind() -> None:
    assert KINDS["screen_sharing"].learn.zh in render("after_call", "screen_sharing", "zh")


def test_an_unknown_template_or_kind_is_answered_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match="visit_soon"):
        render("no_such_template", "other", "zh")
    with pytest.raises(KeyError, match="task_rebate"):
        render("warned", "no_such_kind", "zh")


@pytest.mark.parametrize(
    ("rule", "text"), [(rule, text) for rule, texts in BAD.items() for text in texts]
)
def test_a_bad_text_is_caught_for_the_right_reason(rule: str, text: str) -> None:
    assert rule in broken_rules(text)


@pytest.mark.parametrize("text", GOOD)
def test_a_good_text_is_let_through(text: str) -> None:
    assert broken_rules(text) == []


def test_broken_rules_are_named_in_one_order_and_explained_in_both_languages() -> None:
    worst = "王女士，请点击 fanzha.com 或拨打110" + "！" * 140
    assert broken_rules(worst) == list(RULES)
    assert all(rule.zh and rule.en for rule in RULES.values())


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("防" * 70, 1),
        ("防" * 71, 2),
        ("防" * 134, 2),
        ("防" * 135, 3),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 159 + "“", 3),
        ("[" * 80, 1),
        ("[" * 81, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_segments_are_counted_as_the_network_counts_them(text: str, count: int) -> None:
    assert segments(text) == count
