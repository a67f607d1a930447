"""A warning on its way in, and what makes two of them the same one."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from fangxian.town.models import Place
from fangxian.warn.models import Grade, Sender


@dataclass(frozen=True)
class NewSignal:
    """A warning as it comes in. Phones are E.164; times aware; `place` the smallest place known.

    `occurred_at` is when the resident was contacted, `issued_at` when the sender sent it out;
    `paid` whether the sender says that money moved, `loss_fen` how much (fen), where it says so.
    `rests_on`: name and version of each signal of the watch behind it.
    """

    place: Place
    phones: tuple[str, ...] = ()
    name: str = ""
    id_number: str = ""
    birth_year: int | None = None
    address: str = ""
    kind: str = "other"
    grade: Grade = Grade.YELLOW
    reference: str = ""
    occurred_at: datetime | None = None
    issued_at: datetime | None = None
    risk_number: str = ""
    note: str = ""
    paid: bool = False
    loss_fen: int | None = None
    row: int | None = None
    rests_on: tuple[tuple[str, int], ...] = ()

    @property
    def is_timeless(self) -> bool:
        """Whether nothing in it tells it from a second, later warning in the same words."""
        return not self.reference and self.occurred_at is None and self.issued_at is None

    def fingerprint(self, sender: Sender) -> str:
        """Same sender, same warning -> same fingerprint; keyed, since it holds a phone.

        With a reference number the sender itself says what is the same; else the person, the
        moments, the kind and the suspect number do. A timeless one is the same only as long as
        `whom.known` says so.
        """
        who = sorted(self.phones) or [self.name, self.address]
        what = (
            [self.reference]
            if self.reference
            else [
                self.occurred_at.isoformat() if self.occurred_at else "",
                self.kind,
                self.risk_number,
                *([f"@{self.issued_at.isoformat()}"] if self.issued_at else []),
            ]
        )
        return keyed("|".join([str(sender.pk), *who, "#", *what]))


def keyed(text: str) -> str:
    """A fingerprint of `text` that nobody can make without the key: 64 hexadecimal digits."""
    return hmac.new(settings.KEYS.index, text.encode(), hashlib.sha256).hexdigest()
