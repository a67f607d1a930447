"""Words for the codes of the town: what an ability lets one do, what a finding means."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .access import Ability

_ABILITIES: dict[Ability, Promise] = {
    Ability.TAKE_IN: _("提交预警"),
    Ability.SEE_PLACES: _("读取地点"),
    Ability.SEE_EPISODES: _("读取警情（脱敏）"),
    Ability.EXPORT: _("导出办理结果"),
    Ability.SEE_CASES: _("读取案件"),
    Ability.SEE_BOARD: _("读取统计"),
}


def scope_words(ability: Ability) -> str:
    """What a token with this ability may do, as the tokens page says it."""
    return str(_ABILITIES.get(ability, ability.value))
