"""What is written and visited: texts of the corpus's held-back author, links, names of apps.

`held-x` alone, for the shipped model has not seen it. Each text stands here a few times with other
numbers in it. Rows hold the place of a text or word in these lists.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from fangxian.detect.corpus.reading import Example, read_corpus

Places = NDArray[np.int32]

HELD_BACK = "held-x"
FILLINGS = 3
# Written texts; talks on the telephone are told only in reports.
_WRITTEN = ("sms", "chat", "post", "notice")
# Longest that is sent as a text message; longer ones are in the corpus as posts and mails.
_LONGEST = 300
_CODE = re.compile(r"(?:验证码|随机密码|下载密码)\D{0,8}\d{4,6}")
_LINK = re.compile(
    r"(?:https?://)?[\w.-]+\.(?:example|test|invalid)(?:\.com|\.net)?/[\w.-]*|http://192\.0\.2\.\d+:\d+/"
)
# Where a kind has too few texts, these are the nearest.
_NEAREST = {
    "screen_sharing": ("fake_customer_service",),
    "fake_customer_service": ("screen_sharing", "flight_refund"),
    "fake_police": ("fake_credit_record",),
    "parcel_card": ("task_rebate",),
    "elder_fraud": ("fake_investment",),
    "fake_acquaintance": ("ai_impersonation",),
}
_ENOUGH = 6
_KNOWN_HOSTS = (
    "www.12306.cn", "m.jd.com", "www.icbc.com.cn", "m.ctrip.com", "www.10086.cn", "m.weibo.cn",
    "www.taobao.com", "mp.weixin.qq.com", "www.bilibili.com", "m.baidu.com", "www.gov.cn", "www.cq.gov.cn",
)  # fmt: skip
# Honest links that nobody has heard of stand under the same endings as the swindlers'.
_SMALL_SITES = 400
_REMOTE = ("向日葵", "ToDesk", "腾讯会议", "钉钉", "银联会议", "TeamViewer")
_STORE = 300
_ELSEWHERE = 60


class Words:
    """All texts and words of one simulation. `links_of[i]`: the word of the link in text i, or -1."""

    def __init__(self, seed: int) -> None:
        self.texts: list[str] = []
        self.said: list[tuple[str, str | None]] = []  # other, url
        self.links_of: list[int] = []
        self.honest: dict[str, Places] = {}
        self.fraud: dict[str, Places] = {}
        self.told: dict[str, Places] = {}
        self._read(seed)
        hosts = [(host, f"https://{host}/{n}") for host in _KNOWN_HOSTS for n in range(20)]
        small = [
            (f"{name}.{ending}", f"http://{name}.{ending}/{n % 7}")
            for n in range(_SMALL_SITES)
            for name in [f"{'abcdehklmnopstxyz'[n % 17]}{n * 7919 % 9973}"]
            for ending in [("example", "test")[n % 2]]
        ]
        self.links = self._words([*hosts, *small])
        self.remote = self._words([(name, None) for name in _REMOTE])
        self.store = self._words([(f"store-app-{n}", None) for n in range(_STORE)])
        self.elsewhere = self._words(
            [(f"package-{n * 7919 % 9973}", None) for n in range(_ELSEWHERE)]
        )

    def link(self, url: str) -> int:
        """The word of one more link."""
        host = re.sub(r"^https?://", "", url).split("/")[0].split(":")[0]
        self.said.append((host, url))
        return len(self.said) - 1

    def app(self, name: str) -> int:
        """The word of one more app."""
        self.said.append((name, None))
        return len(self.said) - 1

    def codes(self, bank: bool) -> Places:
        return self.honest["bank code" if bank else "code"]

    def _read(self, seed: int) -> None:
        honest, fraud, told = defaultdict(list), defaultdict(list), defaultdict(list)
        for example in held_back(seed):
            text, place = example.text, len(self.texts)
            short = example.channel in _WRITTEN and len(text) <= _LONGEST
            self.texts.append(text)
            found = _LINK.search(text) if example.is_fraud and short else None
            self.links_of.append(self.link(found[0]) if found else -1)
            if example.is_fraud:
                told[example.what].append(place)
                if short and "\n" not in text:
                    fraud[example.what].append(place)
            elif _CODE.search(text) and example.channel == "sms":
                honest["bank code" if example.what == "bank_notice" else "code"].append(place)
            elif short:
                honest[example.what].append(place)
                if example.channel == "sms":
                    honest[f"{example.what} sms"].append(place)
        for kind, places in list(fraud.items()):
            near = [p for other in _NEAREST.get(kind, ()) for p in fraud[other]]
            self.fraud[kind] = np.array(
                places + near[: max(0, _ENOUGH * FILLINGS - len(places))], np.int32
            )
        self.honest = {genre: np.array(places, np.int32) for genre, places in honest.items()}
        self.told = {kind: np.array(places, np.int32) for kind, places in told.items()}

    def _words(self, words: Sequence[tuple[str, str | None]]) -> Places:
        first = len(self.said)
        self.said += words
        return np.arange(first, len(self.said), dtype=np.int32)

    def as_arrow(self) -> tuple[pa.Array, pa.Array, pa.Array]:
        """Texts, and of each word what stands in `other` and in `url`."""
        others, urls = zip(*self.said, strict=True)
        return (
            pa.array(self.texts, pa.large_string()),
            pa.array(others, pa.string()),
            pa.array(urls, pa.string()),
        )


@cache
def held_back(seed: int) -> list[Example]:
    """The texts of the held-back author, each with several fillings."""
    return [
        example
        for filling in range(FILLINGS)
        for example in read_corpus(seed * FILLINGS + filling)
        if example.author == HELD_BACK
    ]
