"""What is on this screenshot? Its text, its QR codes, and where the reasons stand; nothing is kept.

Needs `pip install 'fangxian[pictures]'`; the libraries are opened when the first picture comes.
"""

from .box import Box
from .codes import Code
from .layout import Line
from .look import PictureReason, PictureVerdict, check_picture
from .opening import PicturesNotInstalled, UnreadablePicture

__all__ = [
    "Box",
    "Code",
    "Line",
    "PictureReason",
    "PictureVerdict",
    "PicturesNotInstalled",
    "UnreadablePicture",
    "check_picture",
]
