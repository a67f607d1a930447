"""E-mail addresses, one-time codes, accounts, number plates: what is known by the words before it or
by how it is made up."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fangxian.numbers.short_codes import SHORT_CODES

from .personal import BLANK, Found

_HAN = "\u4e00-\u9fff"
_MAIL = re.compile(
    r"(?<![a-z0-9._%+-])[a-z0-9._%+-]+ ?(?:@|#|艾特|[\[(] ?at ?[\])]| at ) ?"
    r"[a-z0-9-]{1,63}(?: ?(?:\.|[\[(](?:dot|点)[\])]| dot |点) ?[a-z0-9-]{1,63}){1,4}"
)
_IS = r"(?:号码|号|码|是|为|叫|改成|is|was|[\s:=\-\"'(\[*]){0,6}"
_CODE_WORDS = (
    "验证码|校验码|动态码|动态密码|取件码|提货码|提取码|取款码|激活码|邀请码|安全码|确认码|卡密|密码|口令|pin|cvv2?"
    "|passcode|password|verification code|security code|otp|code"
)
_CODE = re.compile(
    rf"(?:{_CODE_WORDS})(?![a-z]){_IS}((?=[a-z_-]{{0,12}}\d)[a-z0-9][a-z0-9_/-]{{2,15}}(?![a-z0-9])"
    r"|\d(?:[ .·-]?\d){2,11}|[零〇一二三四五六七八九幺两]{3,8}(?![百千万元块个]))"
)
# Behind it the word is near, or 10086不会向您要密码 would be a code.
_CODE_BEHIND = re.compile(
    r"(?<![a-z0-9_.-])[a-z]{0,3}-?\d(?:[ -]?\d){2,11}(?= ?(?:[(,:]|是|为|is)? ?(?:您的|你的|我的|your|the)? ?"
    rf"(?:短信|登录|支付|取件|一次性|动态|手机|login|bank)? ?(?:{_CODE_WORDS}))"
)
_TAIL = re.compile(
    r"(?:尾号|后[三四六]位|ending (?:in|with)|last (?:four|4))\D{0,5}?(\d{3,6})(?!\d)"
)
_APPS = (
    "微信|wechat|weixin|vx|wx|qq|飞机|telegram|tg|whatsapp|skype|钉钉|陌陌|探探|支付宝|抖音|快手|小红书|微博|贴吧"
    "|蝙蝠|密聊|账号|账户|帐号|帐户|用户名|昵称|登录名|(?:line|uid|user|id|群)(?=号|:|=)"
)
_ACCOUNT = re.compile(
    rf"(?<![a-z])(?:{_APPS})(?:群号|群|号码|号|账号|帐号|id|是|为|加|搜|联系|找|我|同号|也是|[\s:=+\"'(\[/,、]){{0,5}}"
    r"(?:(?<![a-z0-9])|(?<=qq|vx|wx|tg)(?=\d))(@?[a-z0-9][a-z0-9_.-]{3,})(?<![.-])"
)
# English words that follow the name of an app as words do.
_WORDS = frozenset(
    [
        "group",
        "groups",
        "account",
        "accounts",
        "official",
        "number",
        "service",
        "team",
        "code",
        "codes",
        "with",
        "from",
        "that",
        "this",
        "your",
        "have",
        "will",
        "message",
        "messages",
        "chat",
        "pay",
        "call",
        "calls",
        "link",
        "links",
        "online",
        "transfer",
        "moments",
        "user",
        "users",
        "and",
        "only",
        "when",
        "then",
        "about",
        "contact",
        "contacts",
        "video",
        "screen",
        "security",
        "support",
        "now",
        "just",
        "please",
        "asks",
        "said",
        "says",
        "told",
        "name",
        "names",
        "verified",
        "verification",
        "credit",
        "business",
        "customer",
    ]
)
_HANDLE = re.compile(
    rf"(?<![a-z0-9_.])@(?!所有人|全体|all\b)(?:[a-z0-9_.-]{{2,30}}|[{_HAN}]{{2,3}})"
)
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领][a-z][ ·.-]?(?=[a-z]{0,5}\d)[a-z0-9]{4,6}[港澳学警挂]?"
    r"(?![a-z0-9])"
)
_MIXED = re.compile(
    r"(?<![a-z0-9_])(?=[a-z_]*\d)(?=[0-9_]*[a-z])[a-z0-9_]{6,}"
    r"|(?<![a-z0-9_-])(?=[a-z_-]*[0-9_-]*\d{3})(?=[0-9_-]*[a-z])[a-z0-9][a-z0-9_-]{5,}"
)
_LONG = re.compile(r"(?<![a-z0-9_])[a-z0-9_+/=-]{24,}")
# Of letters and digits, and everybody's.
_PUBLIC = re.compile(
    r"iphone\d{1,2}[a-z]*|(?:trc|erc|bep)-?20|covid-?19|windows\d{1,2}|web3\w*|\d+(?:gb|mb|kg|km|usdt|rmb|yuan|u|w|k)"
    # Telephone and identity numbers: the next to look knows them.
    r"|(?:tel|phone|mobile|mob|ph|call|dial|text)[01]\d{9,11}|\d+x"
)
_WALLET, _MOBILE = 26, 11


def mails(line: str) -> Iterator[Found]:
    """zhang@qq.com, zhang#qq.com, zhang at qq dot com."""
    for found in _MAIL.finditer(line):
        yield Found(*found.span(), "mail", found[0])


def codes(line: str) -> Iterator[Found]:
    """One-time codes, passwords and last digits, with the word that says so before or behind."""
    taken = -1
    hits = [(m.span(1), "code") for m in _CODE.finditer(line)]
    hits += [(m.span(), "code") for m in _CODE_BEHIND.finditer(line) if m[0] not in SHORT_CODES]
    hits += [(m.span(1), "tail") for m in _TAIL.finditer(line)]
    for (start, end), kind in sorted(hits):
        if start >= taken:
            yield Found(start, end, kind, line[start:end])
            taken = end


def accounts(line: str) -> Iterator[Found]:
    """What follows 微信, QQ, 账号 …, and @ names."""
    taken = -1
    hits = [m.span(1) for m in _ACCOUNT.finditer(line) if m[1] not in _WORDS and not _is_else(m[1])]
    hits += [m.span() for m in _HANDLE.finditer(line)]
    for start, end in sorted(hits):
        if start >= taken and BLANK not in line[start:end]:
            yield Found(start, end, "account", line[start:end].lstrip("@"))
            taken = end


def _is_else(word: str) -> bool:
    """Whether it is a number of another kind: a telephone number, a card, 95588."""
    return word.isdigit() and (len(word) >= _MOBILE or word in SHORT_CODES)


def plates(line: str) -> Iterator[Found]:
    """浙A12345."""
    for found in _PLATE.finditer(line):
        yield Found(*found.span(), "plate", re.sub("[ ·.-]", "", found[0]))


def words_of_letters(line: str) -> Iterator[Found]:
    """Letters mixed with digits, which are accounts, passports, orders, wallets; and words so long
    that they are none."""
    taken = -1
    for start, end in sorted(m.span() for each in (_MIXED, _LONG) for m in each.finditer(line)):
        word = line[start:end]
        if start >= taken and not _PUBLIC.fullmatch(word):
            yield Found(start, end, "wallet" if len(word) >= _WALLET else "account", word)
            taken = end
