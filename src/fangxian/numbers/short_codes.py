"""Service numbers of China: real numbers that belong to an institution, never to a resident.

`phonenumbers` calls all of them invalid, hence this list. The classes (three- and five-digit 1xx,
95 and 96 with five to eight digits, 106 message ports, 400/800) follow 电信网编号计划 (MIIT, 2017
edition); the names are those the holders print themselves. The list of names is not complete and
need not be: a number without a name is still caught by its class.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple


class Named(NamedTuple):
    """Who answers at a number, in both languages."""

    zh: str
    en: str


SHORT_CODES: Mapping[str, Named] = {
    "110": Named("报警", "police emergency"),
    "119": Named("火警", "fire service"),
    "120": Named("急救", "ambulance"),
    "122": Named("交通事故报警", "traffic police"),
    "12110": Named("短信报警", "police by text message"),
    "96110": Named("反诈预警劝阻专线", "anti-fraud warning line"),
    "12381": Named("涉诈预警劝阻短信", "fraud warning by text message"),
    "12321": Named("不良信息举报", "unwanted message reports"),
    "12345": Named("政务服务热线", "government service line"),
    "12315": Named("市场监管投诉", "consumer complaints"),
    "12348": Named("法律服务", "legal aid"),
    "12363": Named("金融消费投诉", "financial consumer complaints"),
    "12378": Named("银行保险投诉", "bank and insurance complaints"),
    "12386": Named("证券投诉", "securities complaints"),
    "12366": Named("税务服务", "tax service"),
    "12333": Named("人社服务", "labour and social security"),
    "12393": Named("医保服务", "health insurance service"),
    "12123": Named("交管服务", "traffic administration"),
    "12306": Named("铁路客服", "railway service"),
    "12309": Named("检察服务", "procuratorate service"),
    "12368": Named("法院诉讼服务", "court service"),
    "12389": Named("公安机关举报", "complaints about police"),
    "12355": Named("青少年服务", "youth line"),
    "12356": Named("心理援助", "mental health line"),
    "11185": Named("邮政客服", "postal service"),
    "10000": Named("中国电信客服", "China Telecom"),
    "10010": Named("中国联通客服", "China Unicom"),
    "10086": Named("中国移动客服", "China Mobile"),
    "10099": Named("中国广电客服", "China Broadnet"),
    "95588": Named("工商银行", "ICBC"),
    "95599": Named("农业银行", "Agricultural Bank of China"),
    "95566": Named("中国银行", "Bank of China"),
    "95533": Named("建设银行", "China Construction Bank"),
    "95559": Named("交通银行", "Bank of Communications"),
    "95580": Named("邮储银行", "Postal Savings Bank"),
    "95555": Named("招商银行", "China Merchants Bank"),
    "95516": Named("中国银联", "UnionPay"),
    "95188": Named("支付宝", "Alipay"),
    "95017": Named("财付通", "Tenpay"),
    "95518": Named("人保", "PICC"),
    "95519": Named("中国人寿", "China Life"),
    "95511": Named("中国平安", "Ping An"),
    "95338": Named("顺丰速运", "SF Express"),
}

# Classes of the numbering plan: any number of the form is of the class, whoever holds it.
_CLASSES: tuple[tuple[re.Pattern[str], Named], ...] = (
    (re.compile(r"(?:11[02469]|12[0-2]|999)"), Named("紧急号码", "emergency number")),
    (re.compile(r"106\d{5,17}"), Named("短信端口号", "bulk message port")),
    (re.compile(r"100\d{2}"), Named("电信客服", "carrier service line")),
    (re.compile(r"11[1-8]\d{2,3}|12[1-9]\d{2}"), Named("公共服务号码", "public service line")),
    (re.compile(r"95\d{3,6}"), Named("企业客服", "company service line")),
    (re.compile(r"96\d{3,6}"), Named("地方服务号码", "local service line")),
    (re.compile(r"[48]00\d{7}"), Named("企业热线", "toll-free company line")),
)


def short_code_of(digits: str) -> Named | None:
    """Who answers at `digits` (no +86, no spaces), or None for a number of another kind.

    Eight-digit 95/96 numbers count only as far as the plan gives them out; local subscriber
    numbers never begin with 95 or 96.
    """
    if digits in SHORT_CODES:
        return SHORT_CODES[digits]
    for form, name in _CLASSES:
        if form.fullmatch(digits):
            return name
    return None


def short_code_name(digits: str, language: Literal["zh", "en"]) -> str:
    """The holder's name in one language, "" for a number that is no service number."""
    named = short_code_of(digits)
    if named is None:
        return ""
    return named.zh if language == "zh" else named.en
