"""QR codes of a picture and what they open; nothing is opened or fetched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..kinds.words import Words
from ..links import LinkView, look_at_link
from ..reasons import Reason
from .box import Box, Strip
from .opening import Picture, missing

if TYPE_CHECKING:
    from PIL import Image

Opens = Literal["link", "pay", "friend", "group", "text"]
MOST = 20  # codes of one picture that are looked at
# Codes that an app's own owner gives to anybody: the address is Tencent's or Alipay's, whoever
# stands behind it. Forms: WeChat Pay's documents for merchants (weixin://wxpay/, Native payment);
# wxp://, qr.alipay.com, u.wechat.com, weixin.qq.com/g/, qm.qq.com and their kind as the apps'
# codes read in November 2026.
_OF_ANYBODY: tuple[tuple[str, Opens], ...] = (
    ("wxp://", "pay"),
    ("weixin://wxpay/", "pay"),
    ("https://qr.alipay.com/", "pay"),
    ("https://u.wechat.com/", "friend"),
    ("https://qm.qq.com/", "friend"),
    ("https://weixin.qq.com/g/", "group"),
)
_SAYS = {
    "pay": Words(
        "这是付款用的码：扫了付款，钱就到了对方手里，很难追回",
        "a code for paying: the money goes to whoever made it and is hard to get back",
    ),
    "friend": Words(
        "扫这个码会加一个人为好友，是谁要另外核实",
        "this code adds somebody as a friend: check who it is in another way",
    ),
    "group": Words(
        "扫这个码会进一个群，群里是谁要另外核实",
        "this code takes you into a group: check who is in it in another way",
    ),
}


@dataclass(frozen=True)
class Code:
    """A QR code: what is written in it, where it stands in the picture as shown, what it opens.

    `link` is what the link detector says, None where the content is no link and where the address
    is an app's own and says nothing of who stands behind it.
    """

    content: str
    box: Box
    opens: Opens
    link: LinkView | None

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Their spans are places in `content`."""
        if self.link:
            return self.link.reasons
        if self.opens in _SAYS:
            return (Reason(f"code_{self.opens}", _SAYS[self.opens], 0.0, 0, len(self.content)),)
        return ()

    @property
    def weight(self) -> float:
        """What the code adds to the log-odds of fraud."""
        return self.link.weight if self.link else 0.0


def codes_in(picture: Picture) -> tuple[Code, ...]:
    """The QR codes of a picture, from top to bottom."""
    found = [
        _code(text, place.box(picture.scale, picture.size)) for text, place in _read(picture.pixels)
    ]
    return tuple(sorted(found, key=lambda code: (code.box.top, code.box.left)))


def _read(pixels: Image.Image) -> list[tuple[str, Strip]]:
    try:
        import zxingcpp
    except ImportError as absent:
        raise missing("zxing-cpp") from absent
    wanted = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    read = zxingcpp.read_barcodes(pixels.convert("L"), formats=wanted)
    found = []
    for code in read[:MOST]:
        at = code.position
        a, b, c, d = (
            (float(corner.x), float(corner.y))
            for corner in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
        )
        found.append((code.text, Strip((a, b, c, d))))
    return [(text, place) for text, place in found if text.strip()]


def _code(content: str, box: Box) -> Code:
    plain = content.strip().lower()
    for begins, opens in _OF_ANYBODY:
        if plain.startswith(begins):
            return Code(content, box, opens, None)
    link = look_at_link(content)
    if link.kind == "unreadable":
        return Code(content, box, "text", None)
    return Code(content, box, "link", link)
