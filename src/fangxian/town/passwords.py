"""Two password rules that Django does not ship (ASVS 5.0, V6.2)."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

CONTEXT_WORDS = ("fangxian", "防线", "jinfeng", "96110", "12381", "fanzha", "反诈")


class ContextWordsValidator:
    """Refuses passwords made of the words of this place and the user's own names."""

    def validate(self, password: str, user: object | None = None) -> None:
        low = password.lower()
        own = [getattr(user, field, "") for field in ("username", "name", "badge")]
        for word in (*CONTEXT_WORDS, *own):
            if word and len(word) >= 2 and str(word).lower() in low:
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
