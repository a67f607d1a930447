"""Text messages to residents, and the lint that keeps them calm.

The ministry's own warning SMS (12381) carries no link, no telephone number and asks for no reply
(domain.md §2). Ours keep the same rule, so that a text in our name which does carry one is known
at once to be false. `broken_rules` is the lint; a text somebody edits must pass it before it is sent.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from fangxian.detect.kinds import KINDS, Words, kind
from fangxian.detect.kinds.words import read_yaml, words
from fangxian.warn.message_rules import LONGEST, RULES, broken_rules, segments

__all__ = ["LONGEST", "RULES", "TEMPLATES", "broken_rules", "render", "segments"]

TEMPLATES = ("warned", "unreachable", "visit_soon", "after_call", "follow_up")

# Straight quotes are in the GSM alphabet; one curly quote would halve what an English SMS holds.
_STRAIGHT = str.maketrans("“”‘’", "\"\"''")


def render(template: str, kind_key: str, language: str) -> str:
    """The text of one message, without the sender's signature.

    `template` is one of TEMPLATES; `kind_key` a key of `detect.kinds`, which only `warned` and
    `after_call` look at; `language` any code, "en…" for English, else Chinese.
    Raises KeyError naming the known templates or kinds.
    """
    if template not in TEMPLATES:
        raise KeyError(f"没有“{template}”这一种短信；已有的：{'、'.join(TEMPLATES)}")
    fraud = kind(kind_key)
    said = _texts()[template]
    text = (said[kind_key] if isinstance(said, dict) else said).of(language)
    if template == "after_call":
        text = text.replace("{learn}", fraud.learn.of(language))
    return text.translate(_STRAIGHT) if language.lower().startswith("en") else text


@cache
def _texts() -> dict[str, dict[str, Words] | Words]:
    path = Path(__file__).with_name("messages.yaml")
    raw: dict[str, Any] = read_yaml(path)
    texts: dict[str, dict[str, Words] | Words] = {
        template: words(raw[template], f"{path.name} {template}")
        for template in TEMPLATES
        if template != "warned"
    }
    texts["warned"] = {key: words(raw["warned"][key], f"{path.name} warned {key}") for key in KINDS}
    return texts
