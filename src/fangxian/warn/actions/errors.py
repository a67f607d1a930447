"""What an action may refuse, said so that a page can tell a person what to do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _


class Refused(Exception):
    """An action that cannot be done now. `str()` is a sentence for the person who tried."""

    says = _("现在不能这样做。")

    def __str__(self) -> str:
        return str(self.args[0] if self.args else self.says)


class NotYours(Refused):
    says = _("这件事正由另一位同事处理，请先领取。")


class AlreadyTaken(Refused):
    says = _("刚刚已被另一位同事领取。")


class TooEarly(Refused):
    says = _("还没到时间。")


class BudgetSpent(Refused):
    says = _("今天已有两家单位联系过这位居民。若确有必要，请写明理由。")


class AlreadyDone(Refused):
    says = _("这件事已经办完了。")


class FourEyes(Refused):
    says = _("办理过这件警情的人不能自己复核。")


class Contradiction(Refused):
    says = _(
        "回答里说钱又转出去了，结果却不是“后来转账了”。请改选“后来转账了”，马上走止付；若是点错了，请改回答。"
    )
