"""What stands around digits in a text and says whether they are a telephone number.

All patterns are for text as `undo` leaves it: simplified, half width, lower case.
"""

from __future__ import annotations

import re

# So far before and behind the digits a word still belongs to them.
_NEAR = 14
# Numbers of other things, for numbers of any length …
_OTHER = (
    r"订单|单号|编号|流水|运单|合同|工号|学号|身份证|证件|卡号|税号|群号|qq|尾号|邮编|会议号|序列号|车架号"
    r"|order|invoice|tracking|\bids?\b|\buid\b|\bno\.|\bcard\b|imei"
)
# … and of short ones: what is typed in, or counted.
_TYPED_IN = r"验证码|校验码|动态码|取件码|提货码|密码|口令|账号|帐号|账户|余额|金额|编码|代码|股票|code|password|pin\b|account"
_JOINED = r"(?:号码|号|码)?(?:是|为|is)?[\s:(\[\"'#=]{0,3}$"
_OTHER_BEFORE = re.compile(rf"(?:{_OTHER}){_JOINED}")
_TYPED_BEFORE = re.compile(rf"(?:{_TYPED_IN}){_JOINED}|[¥$€£]\s?$|[a-z0-9_./=@&?]$")
_MONEY_BEHIND = re.compile(r"\s?(?:元|块|万|亿|%|‰|美元|美金|港币|rmb|cny|usd|yuan|dollar)")
_COUNTED_BEHIND = re.compile(
    r"\s?(?:人(?!工)|名|个|次|件|米|公里|千米|厘米|毫米|分|秒|小时|天|年|月|日|号(?!码)|积分|点(?!击)|斤|公斤|千克|克|吨"
    r"|度|平|亩|户|家|位|步|票|页|字|条|台|部|辆|瓶|包|袋|岁|层|楼|栋|室|路|期|届|集|章|倍|寸|升|毫升|卡|瓦|伏|人次"
    r"|people|persons|points?|steps|times|days|years|months|minutes|seconds|hours|members|km|kg|cm|mm|ml|m\b|g\b)"
    r"|[a-z0-9_@]|[.:/]\d"
)
_CALLED_BEFORE = re.compile(
    r"(?:打|拨|致电|来电|电话|热线|专线|客服|短信|号码|报警|报|联系|咨询|投诉|举报|求助|座机|固话"
    r"|\bcall(?:ing)?|\bdial|\btel|\bphone|\bring|\bhotline|\btext|\bcontact)"
    r"(?:[\s:(\[\"'+了]|过|给|到|一下|the police|on|at|police|service|center|line){0,4}$"
)
_CALLED_BEHIND = re.compile(
    r"[\s\"')\]]{0,2}(?:报警|接警|指挥|急救|火警|民警|警|求助|救助|电话|热线|专线|平台|中心|客服|短信|提示|提醒|服务|来电"
    r"|打来|不会|政务|市民|便民|投诉|举报|号码|police|hotline|never|call)"
)
_TELEPHONE_BEFORE = re.compile(
    r"(?:电话|座机|固话|致电|拨打|热线|\btel|\bphone|\bcall|\bdial)(?:号码|号)?(?:是|为)?[\s:(.]{0,3}$"
)
# Letters may touch a number only where they say that it is one: tel120…, vx120…
_LETTERS_BEFORE = re.compile(r"[a-z]+\.?$")
_LETTERS_OF_NUMBERS = re.compile(
    r"(?:tel|phone|mobile|mob|ph|t|v|vx|wx|weixin|wechat|call|dial|text|whatsapp)\.?"
)
_LATIN = re.compile("[a-z0-9_@]")
# Money, and spelled-out numbers of more digits: 四十一零六….
_NOT_BEFORE = ("¥", "$", "€", "£", "十", "百", "千", "万")


def is_counted(text: str, start: int, end: int) -> bool:
    """Whether the digits at `start` to `end` are an amount, an order, a part of an address: a
    number of anything but a telephone."""
    before, behind = text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
    if letters := _LETTERS_BEFORE.search(before):
        if not _LETTERS_OF_NUMBERS.fullmatch(letters[0]):
            return True
    elif before[-1:] in ("/", "=", "_", "@", "&", "?", "#") and not _after_han(before):
        return True
    if before[-1:] in _NOT_BEFORE or _LATIN.match(behind):
        return True
    return bool(_OTHER_BEFORE.search(before) or _MONEY_BEHIND.match(behind))


def _after_han(before: str) -> bool:
    return len(before) > 1 and not before[-2].isascii()


def is_typed_in(text: str, start: int, end: int) -> bool:
    """The same for numbers of three to nine digits, which more often are something else."""
    before, behind = text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
    if _TYPED_BEFORE.search(before) and not _CALLED_BEFORE.search(before):
        return True
    return bool(_COUNTED_BEHIND.match(behind)) and not _CALLED_BEFORE.search(before)


def is_called(text: str, start: int, end: int) -> bool:
    """Whether words around the digits speak of calling: 拨打110, 120急救, call 119."""
    return bool(
        _CALLED_BEFORE.search(text[max(0, start - _NEAR) : start])
        or _CALLED_BEHIND.match(text[end : end + _NEAR])
    )


def is_telephone(text: str, start: int) -> bool:
    """Whether the words before say that a telephone number follows: 电话：60001234."""
    return bool(_TELEPHONE_BEFORE.search(text[max(0, start - _NEAR) : start]))
