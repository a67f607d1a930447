"""What is this link? Nothing is ever fetched: only what is written is looked at."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ..kinds.words import Words
from ..reasons import Reason
from .address import Address, read_address
from .find import addresses_in
from .lookalike import Likeness, likeness_of
from .official import anyone_may_write, is_short, owner_of
from .plain import plain_line
from .reading import ending_weight, name_weight
from .signs import form_reasons, is_package, likeness_reason, owner_reason, reason
from .suffix import RESERVED, Parts

LinkKind = Literal["official", "ordinary", "short", "ip", "package", "lookalike", "unreadable"]
# Of the links that people ask about or get from strangers, how many lead into a fraud. An
# assumption to be stated, not a measurement: weights of reasons do not depend on it.
BASE_RATE = 0.05
_LEAST_TOLD, _ENDING_TOLD = 0.3, 1.0  # less of the model's weight is not worth a sentence
# Of an ending that common sites hardly have, the ratio is known to be large, not how large.
_TIMES_TOLD = 100
_LONGEST = 10_000  # characters of one link that are looked at


@dataclass(frozen=True)
class LinkView:
    """What a link says of itself.

    `url` as it reads with its disguise undone; `host` in Unicode, lower case (numeric ones as
    dotted digits); `registered` the part somebody registered and `suffix` the public part (public suffix list), both "" for numeric hosts;
    `owner` who is known to own it, else None. `name_probability` is the character model's alone, for
    `BASE_RATE` (None where it was not asked); `probability` counts all `reasons` together.
    """

    url: str
    host: str
    registered: str
    suffix: str
    owner: Words | None
    kind: LinkKind
    name_probability: float | None
    probability: float
    reasons: tuple[Reason, ...]

    @property
    def weight(self) -> float:
        """What the link adds to the log-odds of fraud, all reasons together."""
        return sum(each.weight for each in self.reasons)


def look_at_link(url: str) -> LinkView:
    """What the link `url` is: one address, with or without http://, disguised or not.

    Spans of the reasons are places in `url`. Any text may come; one that holds no address is
    `unreadable`. Raises TypeError for what is no text.
    """
    if not isinstance(url, str):
        raise TypeError(f"链接应为文字（str），收到的是 {type(url).__name__}")
    written = url[:_LONGEST]
    found = next(addresses_in(written), None)
    if found and not written[: found[0]].strip() and not written[found[1] :].strip():
        return _view(found[2], found[3], 0, len(url))
    plain = plain_line(written).text.strip()
    address = read_address("".join(plain.split()))
    if address is None:
        if found is None:
            return LinkView(plain, "", "", "", None, "unreadable", None, BASE_RATE, ())
        return _view(found[2], found[3], found[0], found[1])
    return _view(plain, address, 0, len(url))


def links_in(text: str) -> list[tuple[int, int, LinkView]]:
    """Every link in `text`: start and end in it, in characters, and what it is; in order.

    Finds links with and without http://, with dots written [.], 。 or 点, in full-width or spaced-out
    letters. The hosts of e-mail addresses are not links, nor are file names or figures. Raises
    TypeError for what is no text.
    """
    if not isinstance(text, str):
        raise TypeError(f"应为文字（str），收到的是 {type(text).__name__}")
    return [
        (start, end, _view(plain[:_LONGEST], address, start, end))
        for start, end, plain, address in addresses_in(text)
    ]


def _view(plain: str, address: Address, start: int, end: int) -> LinkView:
    parts, host = address.parts, address.host
    owner = owner_of(host)
    anyone = anyone_may_write(host)
    like, name = None, None
    if parts and owner is None and not is_short(host):
        like = likeness_of(host, parts)
        # Names nobody can have, and names in other letters, say nothing by how they read.
        if parts.suffix not in RESERVED and parts.name.isascii():
            name = name_weight(parts.name, parts.suffix)
    reasons = tuple(
        Reason(each.key, each.says, each.weight, start, end)
        for each in _reasons(address, owner, anyone, like, name)
    )
    return LinkView(
        url=plain,
        host=host,
        registered=parts.registered if parts else "",
        suffix=parts.suffix if parts else "",
        owner=owner,
        kind=_kind(address, owner, anyone, like),
        name_probability=None if name is None else _probability(name),
        probability=_probability(sum(each.weight for each in reasons)),
        reasons=reasons,
    )


def _reasons(
    address: Address, owner: Words | None, anyone: bool, like: Likeness | None, name: float | None
) -> Iterator[Reason]:
    if owner:
        yield owner_reason("anyone" if anyone else "official", owner)
    if like and address.parts:
        yield likeness_reason(like, address.parts.registered)
    yield from form_reasons(address)
    if name is not None and address.parts and abs(name) >= _LEAST_TOLD:
        yield from _name_reasons(name, address.parts)


def _name_reasons(name: float, parts: Parts) -> Iterator[Reason]:
    """The model's weight, told as that of the ending, as far as it alone says so, and the rest."""
    ending = min(name, ending_weight(parts.suffix))
    if ending >= _ENDING_TOLD:
        times = f"{min(math.exp(ending_weight(parts.suffix)), _TIMES_TOLD):.0f}"
        rest = name - ending
        if rest < _LEAST_TOLD:
            ending, rest = name, 0.0
        yield reason("ending_fraud", ending, ending=parts.suffix, times=times)
        name = rest
    if name:
        yield reason("name_fraud" if name > 0 else "name_common", name, word=parts.registered)


def _kind(address: Address, owner: Words | None, anyone: bool, like: Likeness | None) -> LinkKind:
    if is_package(address) and (owner is None or anyone):
        return "package"
    if owner and not anyone:
        return "official"
    if address.ip:
        return "ip"
    if like:
        return "lookalike"
    return "short" if is_short(address.host) else "ordinary"


def _probability(weight: float) -> float:
    """The probability of fraud where `weight` is added to the log-odds of the base rate."""
    return 1 / (1 + math.exp(-(math.log(BASE_RATE / (1 - BASE_RATE)) + weight)))
