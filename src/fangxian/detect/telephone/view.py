"""What a telephone number is: the answer that is shown, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

from fangxian.numbers.short_codes import Source

from ..kinds.words import Words, read_yaml
from ..reasons import Reason

NumberKind = Literal[
    "mobile", "virtual", "landline", "overseas", "port", "short_code", "toll_free",
    "unknown", "not_a_number",
]  # fmt: skip

KIND_WORDS: dict[NumberKind, Words] = {
    "mobile": Words("手机号", "mobile number"),
    "virtual": Words("虚拟运营商手机号", "virtual operator's mobile number"),
    "landline": Words("座机", "landline"),
    "overseas": Words("境外或跨境号码", "number outside the mainland"),
    "port": Words("短信端口号", "message port"),
    "short_code": Words("服务短号", "short service number"),
    "toll_free": Words("400/800 企业热线", "400/800 company line"),
    "unknown": Words("认不出的号码", "number of no known form"),
    "not_a_number": Words("不是电话号码", "not a telephone number"),
}

# Parts of China with country codes of their own: a call from there crosses a border, not abroad.
CROSS_BORDER = {
    852: Words("中国香港", "Hong Kong, China"),
    853: Words("中国澳门", "Macao, China"),
    886: Words("中国台湾", "Taiwan, China"),
}
_NOBODY = Words("", "")
_NOWHERE = Words("国家或地区不明", "country not known")


@dataclass(frozen=True)
class NumberView:
    """One telephone number, looked at.

    `shown` is the number as it was written, digits and a leading + only. `e164` is "+86…" or
    "+852…"; a service number is its bare digits ("96110"), for it has no E.164 form; "" where it
    has neither. `holder` is who publishes the service number that it is, or that it looks like;
    `source` says where that is from and of what day. `official` is true only for a number that a
    holder published, exactly so; it can be forged all the same, and `reasons` says that.
    """

    shown: str
    e164: str
    kind: NumberKind
    holder: Words | None = None
    source: Source | None = None
    official: bool = False
    reasons: tuple[Reason, ...] = ()

    @property
    def kind_words(self) -> Words:
        return KIND_WORDS[self.kind]

    @property
    def region(self) -> Words | None:
        """Where the number was given out, not where its user is: 广东省深圳市 / Shenzhen, Guangdong;
        the country of a number from abroad; None where nobody knows. The first look opens the
        tables of `phonenumbers` (about 0.3 s)."""
        return region(self.e164) if self.e164.startswith("+") else None

    @property
    def weight(self) -> float:
        """What the number alone adds to the log-odds that this is fraud."""
        return sum(reason.weight for reason in self.reasons)


@lru_cache(maxsize=4096)
def region(e164: str) -> Words | None:
    """Where an E.164 number belongs, by Google's tables (`phonenumbers`)."""
    import phonenumbers
    from phonenumbers import geocoder

    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return None
    if number.country_code in CROSS_BORDER:
        return CROSS_BORDER[number.country_code]
    country = [geocoder.country_name_for_number(number, lang) for lang in ("zh", "en")]
    if number.country_code != 86:
        return Words(country[0], country[1]) if all(country) else None
    # Not the check for validity: it fails for numbers that are only shown, and for new prefixes.
    zh, en = (geocoder.description_for_valid_number(number, lang) for lang in ("zh", "en"))
    return Words(zh, en) if zh and en and [zh, en] != country else None


class Saying(NamedTuple):
    """What reasons.yaml holds for one key."""

    rings: float
    stands: float
    says: Words


@cache
def _sayings() -> dict[str, Saying]:
    raw = read_yaml(Path(__file__).with_name("reasons.yaml"))
    return {
        key: Saying(float(r["rings"]), float(r["stands"]), Words(r["zh"], r["en"]))
        for key, r in raw.items()
    }


def reason(
    key: str, caller: bool, number: NumberView, code: str, holder: Words | None
) -> Reason | None:
    """The reason `key` about a number, None where it does not count. `caller`: it rang. `code` is
    the service number that it is or is like, `holder` who has that."""
    said = _sayings()[key]
    weight = said.rings if caller else said.stands
    if not weight:
        return None
    where = _NOWHERE
    if key in ("overseas", "cross_border"):
        where = number.region or _NOWHERE
    zh, en = (
        form.format(shown=number.shown, code=code, holder=name, place=named)
        for form, name, named in zip(said.says, holder or _NOBODY, where, strict=True)
    )
    return Reason(f"number_{key}", Words(zh, en), weight)
