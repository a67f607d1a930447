"""What is to be said about an address: one reason each, worded in signs.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from ..kinds.words import Words, read_yaml, words
from ..reasons import Reason
from .address import Address
from .lookalike import Likeness, scripts_of
from .official import is_short

_PACKAGE = re.compile(r"\.(?:apk|apk\.1|xapk|apks|ipa|mobileconfig|plist|exe|msi|dmg|hap)(?![A-Za-z0-9])", re.IGNORECASE)  # fmt: skip
# What a page is called that wants something of you; whole words of a path.
_ASKS = re.compile(
    r"(?<![a-z])(?:login|logon|signin|verify|verification|account|password|passwd|update|secure|unlock|wallet|claim|"
    r"jifen|duihuan|tixian|renzheng|yanzheng|zhuxiao|jiesuo|shenfen|bonus|redeem|refund)(?![a-z])|"
    r"积分|兑换|认证|验证|解冻|提现|退款|理赔|补贴|注销|登录|失效",
    re.IGNORECASE,
)
_USUAL_PORTS = frozenset({-1, 80, 443, 21})
_MANY_LABELS = 5
_LONG_HOST = 40  # characters; 99.9 % of common names are shorter


def reason(key: str, weight: float | None = None, **filled: str) -> Reason:
    """The reason called `key`, with its words filled in; `weight` where it is not a fixed one."""
    says, fixed = _signs()[key]
    zh, en = (_fill(text, filled) for text in says)
    return Reason(f"link_{key}", Words(zh, en), fixed if weight is None else weight)


def _fill(text: str, filled: dict[str, str]) -> str:
    # Not str.format: a host may hold braces.
    return re.sub(r"\{(\w+)\}", lambda found: filled.get(found[1], found[0]), text)


@cache
def _signs() -> dict[str, tuple[Words, float]]:
    raw = read_yaml(Path(__file__).with_name("signs.yaml"))
    return {
        key: (words({"zh": one["zh"], "en": one["en"]}, f"signs.yaml {key}"), float(one["weight"]))
        for key, one in raw.items()
    }


def is_package(address: Address) -> bool:
    """Whether opening the address downloads an app or a program."""
    return bool(_PACKAGE.search(address.rest.partition("?")[0]))


def likeness_reason(like: Likeness, host: str) -> Reason:
    """That the name is made to be taken for another."""
    says, weight = _signs()[like.how]
    filled = {"word": like.word, "host": host}
    zh = _fill(says.zh, filled | {"owner": like.owner.name.zh})
    en = _fill(says.en, filled | {"owner": like.owner.name.en})
    return Reason("link_lookalike", Words(zh, en), weight)


def owner_reason(key: str, owner: Words) -> Reason:
    """That the address is `owner`'s (`official`), or below theirs but anybody's (`anyone`)."""
    says, weight = _signs()[key]
    zh, en = _fill(says.zh, {"owner": owner.zh}), _fill(says.en, {"owner": owner.en})
    return Reason(f"link_{key}", Words(zh, en), weight)


def form_reasons(address: Address) -> Iterator[Reason]:
    """What the form of the address says, whoever owns it."""
    host = address.host
    if address.ip:
        yield reason("ip")
    if address.login:
        yield reason("login", word=address.login[:40], host=host)
    if address.port not in _USUAL_PORTS:
        yield reason("port", word=str(address.port))
    if host.count(".") > _MANY_LABELS and not address.ip and address.parts:
        yield reason("many_labels", word=address.parts.registered)
    if len(host) > _LONG_HOST:
        yield reason("long_host")
    yield from _script_reasons(address)
    if is_package(address):
        yield reason("package")
    elif found := _ASKS.search(address.rest):
        yield reason("asks", word=found[0])
    if is_short(host):
        yield reason("short")


def _script_reasons(address: Address) -> Iterator[Reason]:
    if address.host.isascii() or address.parts is None:
        return
    scripts = [scripts_of(label) for label in address.host.split(".")]
    if any(
        len(found - {"CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "LATIN"}) + ("LATIN" in found)
        > 1
        for found in scripts
    ):
        yield reason("mixed_scripts")
    elif not re.fullmatch("[\x21-\x7e\u3007\u3400-\u9fff]+", address.host):
        yield reason("other_script", word=address.host)
