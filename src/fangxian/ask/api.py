"""Is this fraud? For other systems. What they send is looked at and kept nowhere."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema
from pydantic import ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from fangxian.detect.kinds import Words
from fangxian.detect.reasons import Part
from fangxian.detect.verdict import Grade
from fangxian.town.api import BODY, Problem, problems

router = Router(tags=["check"])
Said = Annotated[str, Field(max_length=20_000)]
Short = Annotated[str, Field(max_length=2_000)]


class TurnIn(Schema):
    """One turn of a call or chat; the caller is whoever made contact."""

    who: Literal["caller", "callee"] = "caller"
    said: Said


class CheckIn(Schema):
    """What is to be looked at: one of these, or several that belong together. `number` rang or sent
    the text; `image` is a picture's file in base64 (a request has 25 MB at most)."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _is_an_object(cls, given: Any) -> Any:
        # Every field may be left out: a misspelt one, or a list, must not mean "nothing to judge".
        sent = getattr(given, "_obj", given)
        if not isinstance(sent, dict) or sent.keys() - cls.model_fields.keys():
            known = ", ".join(cls.model_fields)
            raise PydanticCustomError(
                "unknown_field", "expected an object of: {known}", {"known": known}
            )
        return given

    text: Said = ""
    number: Annotated[str, Field(max_length=80)] = ""
    url: Short = ""
    turns: list[TurnIn] = Field(default=[], max_length=500)
    image: str = ""


class WordsOut(Schema):
    zh: str
    en: str


class ReasonOut(Schema):
    """One thing that was seen. `start` to `end` is its place in `part`, in characters (in turn
    number `turn`, the first being 0; in `read` for an image), both 0 where it has none. `weight` is
    what it adds to the log-odds of fraud."""

    key: str
    says: WordsOut
    weight: float
    part: Part
    turn: int
    start: int
    end: int


class CheckOut(Schema):
    """What it is. `probability` is calibrated for a mix of which half is fraud; `flagged` means at or
    above the one threshold. `nothing`: there was nothing to judge. `read`: what an image says."""

    grade: Grade
    probability: float
    flagged: bool
    nothing: bool
    kind: str
    stage: str
    genre: str
    reasons: list[ReasonOut]
    advice: list[WordsOut]
    read: str


class ManyIn(Schema):
    """Up to 1,000 texts."""

    texts: list[Said] = Field(min_length=1, max_length=1_000)


class OneOfMany(Schema):
    probability: float
    flagged: bool
    grade: Grade


class ManyOut(Schema):
    """In the order of the texts."""

    items: list[OneOfMany]


@router.post(
    "/check", response={200: CheckOut, **problems(*BODY, 501)}, operation_id="checkMessage"
)
def check_message(request: HttpRequest, data: CheckIn) -> dict[str, Any]:
    """Is this fraud, why, and what to do? Any token may ask; nothing is kept."""
    from fangxian.detect import check

    turns = [(turn.who, turn.said) for turn in data.turns]
    if data.image:
        verdict = _with_image(data, turns)
    else:
        verdict = check(data.text, number=data.number, url=data.url, turns=turns)
    return {
        "grade": verdict.grade,
        "probability": verdict.probability,
        "flagged": verdict.flagged,
        "nothing": verdict.nothing,
        "kind": verdict.kind,
        "stage": verdict.stage,
        "genre": verdict.genre,
        "reasons": [
            {
                "key": reason.key,
                "says": _both(reason.says),
                "weight": reason.weight,
                "part": reason.part,
                "turn": getattr(reason, "turn", 0),
                "start": reason.start,
                "end": reason.end,
            }
            for reason in verdict.reasons
        ],
        "advice": [_both(words) for words in verdict.advice],
        "read": verdict.picture.text if verdict.picture else "",
    }


def _with_image(data: CheckIn, turns: list[tuple[Any, str]]) -> Any:
    from fangxian.detect import check
    from fangxian.detect.pictures import PicturesNotInstalled, UnreadablePicture

    try:
        image = base64.b64decode(data.image, validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise Problem(422, "bad-image", "image: " + _("应为 base64 编码的图片。")) from wrong
    try:
        return check(data.text, number=data.number, url=data.url, turns=turns, image=image)
    except UnreadablePicture as wrong:
        raise Problem(422, "bad-image", f"image: {wrong}") from wrong
    except PicturesNotInstalled as absent:
        raise Problem(501, "no-pictures", str(absent)) from absent


@router.post("/check/many", response={200: ManyOut, **problems(*BODY)}, operation_id="checkTexts")
def check_texts(request: HttpRequest, data: ManyIn) -> dict[str, Any]:
    """Is any of these texts fraud? By their words alone, without links, kinds and reasons."""
    from fangxian.detect import check_many

    found = check_many(data.texts)
    items = [
        {"probability": float(p), "flagged": bool(flag), "grade": str(grade)}
        for p, flag, grade in zip(*found, strict=True)
    ]
    return {"items": items}


def _both(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}
