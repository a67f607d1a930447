"""What a link says of itself: whose it is, and what it is made to be taken for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangxian.detect.links import BASE_RATE, look_at_link

# What addresses are put together from, and what breaks programs that take them apart.
WRITTEN = (
    "http https :// / // . .. @ : :80 :99999999 xn-- xn--p xn--fiq228c com cn .com.cn icbc [ ] [::1] 0x7f 017 "
    "256 4294967296 % ? # - _ а е 中 国 。 [.] 点 \ud800 \x00 \u200b \u202e ＠ ａ \\ \n ( { {word} *"
)
PIECES = st.sampled_from(WRITTEN.split(" "))
ANYTHING = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=25).map("".join))


@pytest.mark.parametrize(
    ("url", "owner"),
    [
        ("https://mybank.icbc.com.cn/icbc/perbank", "中国工商银行"),
        ("10086.cn", "中国移动"),
        ("https://kyfw.12306.cn:443/otn", "中国铁路 12306"),
        ("www.cq.gov.cn", "中国政府机关"),
        ("https://item.taobao.com/item.htm?id=1", "阿里巴巴"),
        ("www。ａｂｃｈｉｎａ。ｃｏｍ", "中国农业银行"),
    ],
)
def test_an_official_address_names_its_owner(url: str, owner: str) -> None:
    view = look_at_link(url)
    assert view.kind == "official"
    assert view.owner is not None
    assert view.owner.zh == owner
    assert view.probability < BASE_RATE


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("http://icbc-vip.top", "icbc"),
        ("icbc.com.cn.xyz.top/a", "icbc.com.cn"),
        ("http://www-icbc.abcd.top", "icbc"),
        ("rnicrosoft.com", "microsoft"),
        ("1cbc.top", "icbc"),
        ("wap95588.com", "95588"),
        ("10086-jf.com", "10086"),
        ("binancetrade.vip", "binance"),
        ("bimance.com", "binance"),
        ("aIipay.xyz", "alipay"),
        ("amaz0n-shop.top", "amazon"),
        ("apple-id.top", "apple"),
        ("https://аpple.com/", "apple"),
        ("http://xn--pple-43d.com", "apple"),
    ],
)
def test_a_name_made_to_be_taken_for_another_says_for_which(url: str, word: str) -> None:
    view = look_at_link(url)
    assert view.kind == "lookalike"
    assert view.owner is None
    [reason] = [each for each in view.reasons if each.key == "link_lookalike"]
    assert word in reason.says.zh
    assert word in reason.says.en
    assert reason.weight > 0
    assert (reason.start, reason.end) == (0, len(url))


@pytest.mark.parametrize(
    "url",
    ["pineapple.com", "lineage.com", "online.com", "boced.com", "chinaports.com", "visage.com",
     "hotmail.com", "jdxx.com", "100860.com"],
)  # fmt: skip
def test_a_brand_that_only_stands_in_another_word_is_no_imitation(url: str) -> None:
    assert look_at_link(url).kind == "ordinary"


@pytest.mark.parametrize(
    ("url", "ip"),
    [
        ("http://192.0.2.7/x", "192.0.2.7"),
        ("http://3221225991/x", "192.0.2.7"),
        ("http://0xc0000207/", "192.0.2.7"),
        ("http://0300.0.02.07/", "192.0.2.7"),
        ("http://[2001:db8::7]:8080/", "2001:db8::7"),
    ],
)
def test_a_numeric_host_is_seen_in_every_spelling(url: str, ip: str) -> None:
    view = look_at_link(url)
    assert view.kind == "ip"
    assert view.registered == ""
    assert "link_ip" in [each.key for each in view.reasons]
    assert view.host == ip


def test_what_stands_before_the_at_sign_is_only_for_show() -> None:
    view = look_at_link("http://icbc.com.cn@abcd.top/login")
    assert view.host == "abcd.top"
    [reason] = [each for each in view.reasons if each.key == "link_login"]
    assert "icbc.com.cn" in reason.says.zh
    assert view.probability > 0.5


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://abcd.top:8443/", "link_port"),
        ("http://a.b.c.d.e.f.abcd.top/", "link_many_labels"),
        (f"http://{'ab' * 25}.top/", "link_long_host"),
        ("http://abcd.top/app/new.apk?x=1", "link_package"),
        ("http://abcd.top/user/login.html", "link_asks"),
        ("http://abcd.top/?t=积分", "link_asks"),
        ("t.cn/A6xyz", "link_short"),
        ("docs.qq.com/form/page/x", "link_anyone"),
    ],
)
def test_each_sign_is_a_reason_in_both_languages(url: str, key: str) -> None:
    [reason] = [each for each in look_at_link(url).reasons if each.key == key]
    assert reason.says.zh
    assert reason.says.en
    assert "{" not in reason.says.zh + reason.says.en


def test_a_page_that_anybody_may_write_is_not_official() -> None:
    view = look_at_link("https://docs.qq.com/form/page/x")
    assert view.kind == "ordinary"
    assert view.owner is not None
    assert view.probability > BASE_RATE


def test_a_subdomain_of_a_hosting_service_is_a_name_of_its_own() -> None:
    view = look_at_link("https://icbc-login.github.io/")
    assert (view.suffix, view.registered) == ("github.io", "icbc-login.github.io")
    assert view.kind == "lookalike"


@pytest.mark.parametrize("url", ["", " ", "abc", "http://", "javascript:alert(1)", "http:///x", "\ud800.com"])  # fmt: skip
def test_what_is_no_address_is_unreadable_and_says_nothing(url: str) -> None:
    view = look_at_link(url)
    assert view.kind == "unreadable"
    assert view.reasons == ()
    assert view.probability == BASE_RATE


@pytest.mark.parametrize("wrong", [None, 5, b"http://abcd.top"])
def test_what_is_no_text_is_refused(wrong: object) -> None:
    with pytest.raises(TypeError, match="应为文字"):
        look_at_link(wrong)  # type: ignore[arg-type]


@given(ANYTHING)
def test_any_text_may_come(text: str) -> None:
    view = look_at_link(text)
    assert 0 < view.probability < 1
    for each in view.reasons:
        assert 0 <= each.start < each.end <= len(text)
        assert each.says.zh.strip()
        assert each.says.en.strip()
    assert view == look_at_link(text)


@pytest.mark.parametrize("long", ["a" * 1_000_000, "a." * 500_000, "http://" + "a-" * 500_000 + ".com", "@" * 1_000_000, "xn--" * 250_000])  # fmt: skip
def test_a_million_characters_take_no_long_time(long: str) -> None:
    look_at_link(long)
