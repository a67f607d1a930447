"""Where the name somebody registered ends and the public part begins: icbc.com.cn is `icbc` below
`com.cn`. By the public suffix list (publicsuffix.org) in the copy that `publicsuffixlist` carries."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

# RFC 2606 and 6761: nobody can register below these; samples and tests live there.
RESERVED = frozenset({"example", "test", "invalid", "localhost"})


class Parts(NamedTuple):
    """A host cut up. `registered` is "" where the host is itself a public suffix; `name` is the label
    somebody chose, `below` what its owner put before it ("" for none)."""

    suffix: str
    registered: str
    name: str
    below: str


@cache
def _list(icann: bool) -> PublicSuffixList:
    # Parsed when the first link is looked at (15 ms). Hosts are asked for in Unicode, so the
    # punycode twin of each rule, which takes five times as long to make, is not needed.
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(accept_unknown=False, accept_encoded_idn=False, only_icann=icann)


@lru_cache(maxsize=65_536)
def parts_of(host: str) -> Parts | None:
    """`host` (lower case, Unicode, no final dot) cut up; None if nobody can register such a name.

    A host that is a private suffix itself (azureedge.net) is a name that its owner registered.
    """
    suffix = _list(icann=False).publicsuffix(host)
    if suffix == host and "." in host:
        suffix = _list(icann=True).publicsuffix(host)
    if suffix is None and host.rsplit(".", 1)[-1] in RESERVED:
        suffix = host.rsplit(".", 1)[-1]
    if not suffix:
        return None
    if suffix == host:
        return Parts(suffix, "", "", "")
    below, _, name = host[: -len(suffix) - 1].rpartition(".")
    return Parts(suffix, f"{name}.{suffix}", name, below)
