"""Password rules that Django does not ship (ASVS 5.0, V6.2): how guessable, context, length."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .guessing import as_letters, guess_bits
from .models import Level, Place

CONTEXT_WORDS = ("fangxian", "防线", "jinfeng", "96110", "12381", "fanzha", "反诈")
# 2 ** 41 guesses: two trillion. The lock-out allows 480 a day, so this is for the day on which the
# hashes are stolen; scrypt makes a guess cost a tenth of a second then.
ENOUGH_BITS = 41


class GuessableValidator:
    """Refuses what a guesser tries early: common words, dates, runs of keys and repeats, joined,
    turned, spelt with signs. Covers every entry of Django's list of 20,000, however lengthened."""

    def validate(self, password: str, user: object | None = None) -> None:
        own = [str(word) for word in _own_words(user) if len(str(word)) >= 3]
        if guess_bits(password, own) < ENOUGH_BITS:
            raise ValidationError(
                _(
                    "这个密码太容易猜：它由常用的词、拼音、日期、连号或重复组成。请用几个不相干的词。"
                )
            )

    def get_help_text(self) -> str:
        return _("几个不相干的词连在一起；不要用拼音名字加生日、连号、重复的字符。")


class ContextWordsValidator:
    """Refuses passwords made of the words of this place and the user's own names."""

    def validate(self, password: str, user: object | None = None) -> None:
        read = as_letters(password)
        for word in (*CONTEXT_WORDS, *_own_words(user), *_towns()):
            spelt = zip(as_letters(str(word)), read, strict=True)
            if len(word) >= 2 and any(part in whole for part, whole in spelt):
                raise ValidationError(
                    _("密码里不要用“%(word)s”这样的词，别人容易猜到。"), params={"word": word}
                )

    def get_help_text(self) -> str:
        return _("不要包含账号、姓名或单位的名字。")


class MaximumLengthValidator:
    """A bound on the work of hashing; far above the 64 characters that must be accepted."""

    def __init__(self, max_length: int = 128) -> None:
        self.max_length = max_length

    def validate(self, password: str, user: object | None = None) -> None:
        if len(password) > self.max_length:
            raise ValidationError(_("密码最多 %(most)d 个字符。"), params={"most": self.max_length})

    def get_help_text(self) -> str:
        return ""


def _own_words(user: object | None) -> list[str]:
    words = [getattr(user, field, "") for field in ("username", "name", "badge")]
    body = getattr(user, "department", None)
    return [str(word) for word in (*words, body) if word]


def _towns() -> list[str]:
    """The names of the towns here, without 镇, 乡 or 街道."""
    names = Place.objects.filter(level=Level.TOWN).values_list("name", flat=True)
    return [name.removesuffix("街道").removesuffix("镇").removesuffix("乡") for name in names]
