"""Where a second opinion is asked: the address, the model and the key, from the environment."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from .refusals import OpinionNotConfigured

URL, MODEL, KEY = "FANGXIAN_OPINION_URL", "FANGXIAN_OPINION_MODEL", "FANGXIAN_OPINION_KEY"
# A model of seven billion parameters on a processor without accelerator writes its three lines in
# about half of this.
SECONDS = 60.0
# So much of a name or a key is more than anybody's.
_LONGEST = 2_000


@dataclass(frozen=True)
class Endpoint:
    """`url`: the base, as in http://127.0.0.1:8000/v1; `model`: its name there; `key` is sent as a
    bearer token, "" for none, and is never printed; `seconds`: one question takes no longer.

    https, but for this machine and private networks, where http will do: there a name must stand
    for private addresses only, which is looked at when it is asked. Raises OpinionNotConfigured
    for anything else.
    """

    url: str
    model: str
    key: str = field(default="", repr=False)
    seconds: float = SECONDS

    def __post_init__(self) -> None:
        for name, value in ((URL, self.url), (MODEL, self.model), (KEY, self.key)):
            if not isinstance(value, str) or len(value) > _LONGEST or not _plain(value, name):
                raise OpinionNotConfigured(
                    f"{name} 应为一行文字（网址和密钥只能是英文字符，不含空格），请检查。",
                    f"{name} must be one line of text (address and key: ASCII without blanks)",
                )
        if not self.model.strip():
            raise OpinionNotConfigured(
                f"没有指明用哪个模型，请设 {MODEL}。", f"no model is named: set {MODEL}"
            )
        if not 0 < self.seconds < float("inf"):
            raise OpinionNotConfigured("限时应为正的秒数。", "the time limit must be above zero")
        _check(self.url)

    @classmethod
    def from_environment(cls) -> Endpoint | None:
        """What FANGXIAN_OPINION_URL, _MODEL and _KEY say; None where no address is set.

        Raises OpinionNotConfigured where the address cannot be one or no model is named.
        """
        url, model, key = (os.environ.get(name, "").strip() for name in (URL, MODEL, KEY))
        return cls(url, model, key) if url else None

    @classmethod
    def required(cls) -> Endpoint:
        """The same; raises OpinionNotConfigured, saying what to set, where nothing is set."""
        endpoint = cls.from_environment()
        if endpoint is None:
            raise OpinionNotConfigured(
                f"没有设置第二意见：请设 {URL}（如 http://127.0.0.1:8000/v1）和 {MODEL}，需要密钥时再设 {KEY}。",
                f"no second opinion is set up: set {URL} (such as http://127.0.0.1:8000/v1) and "
                f"{MODEL}, and {KEY} where a key is needed",
            )
        return endpoint

    @property
    def asked_at(self) -> str:
        """The address that questions are posted to."""
        return self.url.rstrip("/") + "/chat/completions"

    @property
    def host(self) -> str:
        """The name or address of the machine, lower case."""
        return urlsplit(self.url).hostname or ""

    @property
    def is_open(self) -> bool:
        """Whether what is sent there is not encrypted on its way."""
        return urlsplit(self.url).scheme == "http"


def _plain(value: str, name: str) -> bool:
    return value.isprintable() and (name == MODEL or (value.isascii() and " " not in value))


def _check(url: str) -> None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = SplitResult("", "", "", "", ""), None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise OpinionNotConfigured(
            f"{URL} 不是网址，应像 http://127.0.0.1:8000/v1 这样写。",
            f"{URL} is no address: it should read like http://127.0.0.1:8000/v1",
        )
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise OpinionNotConfigured(
            f"{URL} 里不要写用户名、密码和参数；密钥请设 {KEY}。",
            f"{URL} must hold no user name, password or query: the key belongs in {KEY}",
        )
    address = address_of(parts.hostname)
    if parts.scheme == "http" and address is not None and not is_near(address):
        raise needs_https()


def needs_https() -> OpinionNotConfigured:
    return OpinionNotConfigured(
        f"{URL} 在本机和内网以外，必须用 https，否则内容会明文经过别人的网络。",
        f"{URL} is outside this machine and its private network: it must be https, for what is "
        "sent would pass through other networks in clear",
    )


Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def address_of(host: str) -> Address | None:
    """The address that a host is written as; None for a name."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def is_near(address: Address) -> bool:
    """Whether an address is this machine or in a private network (RFC 1918, RFC 4193)."""
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    special = address.is_link_local or address.is_unspecified or address.is_multicast
    return address.is_loopback or (address.is_private and not special)
