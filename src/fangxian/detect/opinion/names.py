"""Names of people, where something announces them: a title behind, a word such as 姓名 before.

A name that nothing announces cannot be told from other words without a large model; masked.py says
so. Better too much than too little: 金融经理 may become 〔姓名1〕经理.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from .personal import BLANK, Found

_H = "\u4e00-\u9fff"
_LABELS = (
    "真实姓名|姓名|户名|账户名|持卡人|收款人|付款人|收件人|寄件人|收货人|联系人|当事人|嫌疑人|被害人|受害人|申请人|借款人|担保人"
    "|法定代表人|负责人|经办人|办案民警|承办人|本名|真名|名字|户主|机主|曾用名"
)
_POLITE = "先生|女士|小姐(?!姐)|太太|同志|大哥|大姐|阿姨|叔叔|奶奶|爷爷|大爷|大妈|婆婆|老师傅|师傅|同学|老先生"
_ROLES = "警官|民警|队长|所长|科长|处长|局长|厅长|院长|校长|主任|经理|老师|医生|大夫|律师|法官|检察官|会计|老板|教授|书记|总(?=[,，。!！?？:\\s说让要找给发和在吩交安]|$)|导师"
# A surname and another character that together are a word before a title.
_NO_NAME = "高级|金融|常务|石油|黄金|马上|陆军|武警|金牌|高中|高管|任何|于是|方便|程序|严格|顾问|向导|高价|高薪|白天|许多|万能|江湖|金卡|高铁|石化|温馨|安全|安装|文化|章程|包括|路上|管理|解决|盛大|华为|左右|项目|符合|简单|费用|康复|施工|洪水|毕业|辛苦|谢谢|付款|周[一二三四五六日末]"
# Characters that go on with a sentence stand in no given name (and 某 is masked already).
_GIVEN = f"(?![的了到是吧在过不要有什给个么我你他您就也都还打把被让部某谢奖])[{_H}]"
_AFTER_NAME = r"(?=[^\u4e00-\u9fff]|$|[是在今来家住你您的啊呀哈吗么哦从跟和])"
_ANY_BEFORE = re.compile(rf"(?<![{_H}])?[{_H}](?=先生|女士|小姐(?!姐))")
_NOT_ONE = frozenset("位的们个名各男女两几某老些了对给请元随跟和与由找问")
_LATIN = re.compile(
    r"\b(?:mr|mrs|ms|miss|dr|prof)\.? ([a-z]{2,20})\b|\bmy name is ([a-z]{2,20}(?: [a-z]{2,20})?)\b"
    r"|\b(?:full name|name|account holder|beneficiary|payee) ?: ?([a-z]{2,20}(?: [a-z]{2,20}){0,2})\b"
)
# So many names in one text are a list; beyond them only what is announced is found.
_MOST_NAMES = 50


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    """Each with the name in its first group."""
    common, others, double = (
        Path(__file__).with_name("surnames.txt").read_text(encoding="utf-8").split("\n")[:3]
    )
    doubles = "|".join(double.split())
    wide, narrow = f"(?:{doubles}|[{common}{others}])", f"(?:{doubles}|[{common}])"
    is_ = r"(?:是|为|叫|[ :\"(]){1,3}"
    someone = rf"(?<![主班])(?<![\d资基奖现保入定佣本])(?!{_NO_NAME})"
    # The third character of a name is none that goes on with the sentence.
    full = rf"{wide}(?:{_GIVEN})(?:(?![电手身银卡账说已和与号联住请今昨明将向先为]){_GIVEN})?"
    return (
        re.compile(
            rf"(?:{_LABELS}){is_}((?!姓名|[我你您他她本全各该])[{_H}]{{2,4}}|[{_H}]{{1,6}}(?:·[{_H}]{{1,8}}){{1,3}})(?![{_H}])"
        ),
        re.compile(rf"(?:{_LABELS})(?:是|为|叫|:)?((?!于){full})"),
        re.compile(rf"姓({wide})(?![名氏])"),
        re.compile(rf"((?<![大从缩养终])[小老]{narrow}){_AFTER_NAME}"),
        re.compile(
            rf"(?:我叫|名叫|俺叫|我的名字是)((?:{wide}(?:{_GIVEN}){{1,2}}?|[小阿老大][{_H}]{{1,2}}?)){_AFTER_NAME}"
        ),
        re.compile(
            rf"(?:我是|本人|您是|你是|是不是)({wide}(?:{_GIVEN}){{1,2}}?)(?=[^{_H}]|$|吗|么|本人)"
        ),
        re.compile(rf"({someone}{wide}(?:{_GIVEN}){{0,2}}?)(?={_POLITE})"),
        re.compile(rf"({someone}{narrow}(?:{_GIVEN}){{0,2}}?)(?={_ROLES})"),
        re.compile(rf"({someone}{narrow})(?=[姐哥叔姨嫂婶伯](?![妹弟夫们]))"),
        re.compile(rf"({wide}\*{{1,2}}(?:{_GIVEN})?)"),
    )


def names_in(line: str) -> Iterator[Found]:
    """The names that are announced, and every other place where the same name stands."""
    hits = {m.span(1): m[1] for pattern in _patterns() for m in pattern.finditer(line)}
    for found in _LATIN.finditer(line):
        hits[found.span(found.lastindex or 0)] = found[found.lastindex or 0]
    hits |= {m.span(): m[0] for m in _ANY_BEFORE.finditer(line) if m[0] not in _NOT_ONE}
    whole = sorted({name for name in hits.values() if len(name) > 1}, key=len, reverse=True)
    if again := "|".join(map(re.escape, whole[:_MOST_NAMES])):
        hits |= {m.span(): m[0] for m in re.finditer(again, line)}
    taken = -1
    # Of two that begin together the longer one.
    for start, end in sorted(hits, key=lambda span: (span[0], -span[1])):
        if start >= taken and BLANK not in line[start:end]:
            yield Found(start, end, "name", line[start:end])
            taken = end
