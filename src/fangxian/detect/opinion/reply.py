"""An answer read: one of three sayings, one of our kinds, one sentence in each language, or nothing.

Whoever wrote the text that was asked about may have talked the model into anything; so nothing gets
through that was not asked for, least of all an address or a number to call.
"""

from __future__ import annotations

import json
import re
import unicodedata
from contextlib import suppress
from typing import Any, Literal, NamedTuple

from ..kinds import Words, kind_choices
from .question import SAYS, Says
from .refusals import OpinionUnusable

_KEYS = frozenset(("says", "kind", "zh", "en"))
# Twice what was asked for: models count badly.
_LONGEST_ZH, _LONGEST_EN = 200, 800
_FENCE = re.compile(r"```(?:json)?\s*\n?(.*?)\n?\s*```", re.DOTALL | re.IGNORECASE)
_HAN = re.compile("[\u4e00-\u9fff]")
# A mark that stood in the text may be named in either sentence.
_MARK = re.compile("〔[\u4e00-\u9fff0-9]{2,9}〕")


class Reply(NamedTuple):
    """`kind` is one of the project's, "" for none."""

    says: Says
    kind: str
    words: Words


def read_reply(body: bytes) -> Reply:
    """What the body of an answer says. Raises OpinionUnusable for all but an opinion."""
    told = _json(_content(body))
    if not isinstance(told, dict) or set(told) != _KEYS:
        raise _unusable("四个键不全或有多余", "its keys are not the four asked for")
    kind = told["kind"]
    says = next((each for each in SAYS if each == told["says"]), None)
    if says is None:
        raise _unusable("判断不在三种之内", "it says none of the three things it may say")
    if not isinstance(kind, str) or kind not in {"", *(key for key, _ in kind_choices("zh"))}:
        raise _unusable("没有这一类诈骗", "it names a kind that we do not have")
    if (says == "fraud") != bool(kind) and says != "unsure":
        raise _unusable("判断和类别对不上", "what it says and the kind do not go together")
    return Reply(says, kind, Words(_sentence(told["zh"], "zh"), _sentence(told["en"], "en")))


def _content(body: bytes) -> str:
    """The message inside the answer of a chat-completions endpoint, without thoughts and fence."""
    answer = _json(body)
    try:
        content = answer["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError):
        content = None
    if not isinstance(content, str):
        raise _unusable("不是对话接口的格式", "it has not the form of a chat completion")
    content = content.rpartition("</think>")[2].strip()
    fenced = _FENCE.fullmatch(content)
    return fenced[1] if fenced else content


def _json(raw: str | bytes) -> Any:
    with suppress(ValueError, RecursionError):
        return json.loads(raw, object_pairs_hook=_once)
    # Out here, for the reader's own error would carry along what the server said.
    raise _unusable("不是 JSON", "it is no JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Said twice, a key says two things."""
    told = dict(pairs)
    if len(told) < len(pairs):
        raise ValueError
    return told


def _sentence(raw: Any, language: Literal["zh", "en"]) -> str:
    """A sentence that may be shown as it is."""
    longest = _LONGEST_ZH if language == "zh" else _LONGEST_EN
    if not isinstance(raw, str) or not raw.strip() or len(raw) > longest:
        raise _unusable(f"{language} 应为一句话", f"{language} is not one sentence")
    # Controls, marks that turn the direction of writing, halves of characters.
    if any(unicodedata.category(c)[0] == "C" for c in raw):
        raise _unusable(f"{language} 有看不见的字符", f"{language} holds characters nobody sees")
    if (language == "zh") != bool(_HAN.search(_MARK.sub("", raw))):
        raise _unusable(f"{language} 用错了语言", f"{language} is in another language")
    if _leads_somewhere(raw):
        raise _unusable(f"{language} 里有号码或网址", f"{language} holds a number or an address")
    return raw.strip()


def _leads_somewhere(sentence: str) -> bool:
    """Whether a sentence names anything to call, to open or to pay to; 96110 and the like may be
    named."""
    from ..links import links_in
    from ..undo import undo
    from .personal import personal_in

    plain = undo(_MARK.sub("", sentence)).text
    return bool(links_in(sentence) or personal_in(plain, names=False))


def _unusable(zh: str, en: str) -> OpinionUnusable:
    return OpinionUnusable(
        f"第二意见不能用：对方的回答{zh}。以我们自己的判断为准，也可以换一个模型。",
        f"the second opinion cannot be used: {en}. Go by our own verdict, or try another model",
    )
