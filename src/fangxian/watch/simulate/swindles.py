"""How each kind of swindle goes, a kind a row: how often, to whom, from which numbers, step by step.

The chances are set so that what comes out is what is known (domain.md §2 and the field's figures):
most calls end within seconds, a few in a thousand become serious, and a town of 10,000 has cases in
single digits a quarter. `paid_per_10k_and_quarter` does the sum, and a test looks at it.
"""

from __future__ import annotations

from typing import NamedTuple

from fangxian.detect.kinds import Words

CONTACT, TRUST, ISOLATE, REQUEST, PAYMENT = range(1, 6)
_HOUR, _DAY = 60.0, 1440.0
Span = tuple[float, float]


class Step(NamedTuple):
    """One thing that happens, `after` so many minutes, with a `chance`, `times` times.

    `what`: "open" (a call, a text or a chat, as the attempt opens), "call" and "desk" (the first
    number, the "case officer's"), "callback", "text", "link", "remote", "package", "code", "pay", or
    "chat", which nobody sees. `minutes`: how long a call is. `during`: within the last call.
    """

    stage: int
    what: str
    after: Span = (0.0, 0.0)
    chance: float = 1.0
    minutes: Span = (0.0, 0.0)
    times: tuple[int, int] = (1, 1)
    during: bool = False


class Swindle(NamedTuple):
    """One kind. `attempts`: a day for each 1,000 residents. `serious`: share of them that reach
    trust; `isolated`, `asked`, `paid`: of those, share that reach the next stage. `calls`, `texts`:
    shares that open so, the rest by chat. `quota`: attempts a day of one gang. `numbers`, `desk`:
    shares of mobile, landline, virtual, overseas, (106) port and forged numbers. `ages`: weights of
    minors, young, middle-aged, elders. `loss`: median yuan; `growth`: each payment against the one
    before; `coded`: share of payments with a bank code; `cash`: share of victims who pay where the
    watch does not look (cash, cards, another bank). `days`: how long it may go on.
    """

    kind: str
    says: Words
    attempts: float
    serious: float
    isolated: float
    asked: float
    paid: float
    calls: float
    texts: float
    quota: float
    numbers: tuple[float, ...]
    desk: tuple[float, ...]
    ages: tuple[float, float, float, float]
    rhythm: str
    loss: float
    growth: float
    coded: float
    cash: float
    days: int
    steps: tuple[Step, ...]


SWINDLES = (
    Swindle(
        "fake_police",
        Words(
            "电话转“办案民警”，长时间通话，保密，共享屏幕或验证码，转“安全账户”",
            "a call, passed on to a \"case officer\", hours on the line, secrecy, shared screen or codes, transfers",
        ),
        6.0, 0.003, 0.45, 0.5, 0.10, 1.0, 0.0, 70, (0.35, 0.1, 0.2, 0.2, 0, 0.15), (0.2, 0.15, 0.1, 0.25, 0, 0.3),
        (0.2, 1.0, 1.0, 1.2), "gangs", 45_000, 1.4, 0.75, 0.1, 3,
        (
            Step(CONTACT, "open", minutes=(1, 6)),
            Step(TRUST, "desk", (0.5, 20), minutes=(8, 45)),
            Step(TRUST, "link", (-6, 0), 0.25),
            Step(ISOLATE, "chat", (0, 3)),
            Step(ISOLATE, "desk", (1, 15), 0.8, minutes=(25, 110)),
            Step(ISOLATE, "remote", chance=0.45, during=True),
            Step(REQUEST, "chat", (0, 2)),
            Step(REQUEST, "code", (0.5, 8), 0.55, times=(1, 3)),
            Step(PAYMENT, "desk", (1, 20), 0.5, minutes=(5, 40)),
            Step(PAYMENT, "pay", (2, 35), times=(1, 4)),
        ),
    ),
    Swindle(
        "fake_customer_service",
        Words(
            "冒充电商、物流、银行客服，理赔或注销业务，一小时内转账",
            "poses as a shop's, courier's or bank's service: a refund, a subscription to cancel; transfers within the hour",
        ),
        5.0, 0.005, 0.45, 0.5, 0.10, 0.9, 0.1, 90, (0.4, 0.1, 0.3, 0.1, 0, 0.1), (0.4, 0, 0.4, 0.2, 0, 0),
        (0.3, 1.3, 1.0, 0.5), "gangs", 14_000, 1.2, 0.8, 0.03, 1,
        (
            Step(CONTACT, "open", minutes=(1, 5)),
            Step(TRUST, "call", (0.5, 10), minutes=(4, 16)),
            Step(TRUST, "text", (-3, 1), 0.2),
            Step(ISOLATE, "call", (0.5, 5), minutes=(6, 40)),
            Step(ISOLATE, "remote", chance=0.5, during=True),
            Step(ISOLATE, "link", (-3, 0), 0.2),
            Step(REQUEST, "code", (-4, 6), 0.7, times=(1, 3)),
            Step(REQUEST, "chat", (0, 1)),
            Step(PAYMENT, "pay", (1, 15), times=(1, 3)),
        ),
    ),
    Swindle(
        "screen_sharing",
        Words(
            "百万保障、会员自动扣费：共享屏幕，验证码，转账",
            "an insurance or membership about to be charged: shared screen, codes, transfers",
        ),
        3.0, 0.006, 0.5, 0.55, 0.10, 0.9, 0.1, 80, (0.4, 0.05, 0.35, 0.15, 0, 0.05), (0.5, 0, 0.5, 0, 0, 0),
        (0.2, 0.8, 1.1, 1.3), "gangs", 25_000, 1.2, 0.85, 0.02, 1,
        (
            Step(CONTACT, "open", minutes=(1, 5)),
            Step(TRUST, "call", (0.2, 10), minutes=(5, 20)),
            Step(ISOLATE, "call", (0.2, 5), minutes=(10, 60)),
            Step(ISOLATE, "remote", chance=0.85, during=True),
            Step(REQUEST, "code", (-8, 4), 0.8, times=(1, 4)),
            Step(REQUEST, "chat", (0, 1)),
            Step(PAYMENT, "pay", (1, 12), times=(1, 4)),
        ),
    ),
    Swindle(
        "task_rebate",
        Words(
            "短信、链接或拉群，装软件，先返小钱，几小时到几天后越垫越多",
            "a text, link or group; an app; small rebates, then larger and larger sums over hours or days",
        ),
        6.0, 0.006, 0.5, 0.7, 0.15, 0.2, 0.4, 150, (0.3, 0, 0.3, 0.2, 0.2, 0), (1, 0, 0, 0, 0, 0),
        (0.3, 1.6, 0.9, 0.2), "people", 12_000, 2.3, 0.45, 0.05, 4,
        (
            Step(CONTACT, "open", minutes=(1, 5)),
            Step(TRUST, "link", (2, 180), 0.35),
            Step(TRUST, "chat", (5, 300)),
            Step(ISOLATE, "package", (5, 240), 0.45),
            Step(ISOLATE, "chat", (5, 60)),
            Step(REQUEST, "chat", (10, 600)),
            Step(PAYMENT, "pay", (3, 300), times=(2, 7)),
        ),
    ),
    Swindle(
        "fake_loan",
        Words(
            "短信或电话放贷，装来路不明的软件，先交会员费、解冻费",
            "a loan by text or call, an app from no shop, fees first",
        ),
        4.0, 0.006, 0.55, 0.5, 0.10, 0.5, 0.45, 120, (0.35, 0.1, 0.35, 0.1, 0.1, 0), (0.6, 0, 0.4, 0, 0, 0),
        (0.05, 1.3, 1.2, 0.2), "gangs", 9_000, 1.5, 0.5, 0.02, 3,
        (
            Step(CONTACT, "open", minutes=(1, 7)),
            Step(TRUST, "link", (1, 240), 0.4),
            Step(TRUST, "call", (5, 300), 0.5, minutes=(2, 10)),
            Step(TRUST, "chat"),
            Step(ISOLATE, "package", (3, 120), 0.55),
            Step(ISOLATE, "chat", (1, 30)),
            Step(REQUEST, "call", (10, 300), 0.4, minutes=(2, 12)),
            Step(REQUEST, "chat", (1, 60)),
            Step(PAYMENT, "pay", (5, 240), times=(1, 4)),
        ),
    ),
    Swindle(
        "fake_investment",
        Words(
            "群里的“老师”，多在聊天软件里；几周，偶有电话；转账越来越大",
            "a \"teacher\" in a group, mostly by chat; weeks, few calls, growing transfers",
        ),
        0.05, 0.2, 0.5, 0.5, 0.25, 0.25, 0.15, 3, (0.5, 0, 0.4, 0.1, 0, 0), (0.7, 0, 0.3, 0, 0, 0),
        (0, 0.7, 1.2, 1.2), "people", 60_000, 1.8, 0.4, 0.1, 35,
        (
            Step(CONTACT, "open", minutes=(2, 10)),
            Step(TRUST, "chat", (_DAY, 4 * _DAY)),
            Step(TRUST, "call", (_HOUR, 3 * _DAY), 0.2, minutes=(5, 30)),
            Step(ISOLATE, "chat", (_DAY, 6 * _DAY)),
            Step(ISOLATE, "package", (_HOUR, _DAY), 0.35),
            Step(REQUEST, "chat", (2 * _HOUR, 3 * _DAY)),
            Step(PAYMENT, "pay", (2 * _HOUR, 4 * _DAY), times=(2, 6)),
        ),
    ),
    Swindle(
        "romance",
        Words(
            "网恋：几周聊天，电话很少，转账越来越大",
            "an on-line love: weeks of chat, hardly a call, growing transfers",
        ),
        0.012, 0.3, 0.6, 0.5, 0.3, 0.0, 0.05, 1, (0.6, 0, 0.3, 0.1, 0, 0), (0.7, 0, 0.2, 0.1, 0, 0),
        (0.1, 1.0, 1.2, 0.6), "evening", 50_000, 1.7, 0.4, 0.08, 35,
        (
            Step(CONTACT, "open"),
            Step(TRUST, "chat", (2 * _DAY, 8 * _DAY)),
            Step(TRUST, "call", (_HOUR, 2 * _DAY), 0.3, minutes=(10, 60)),
            Step(ISOLATE, "chat", (_DAY, 6 * _DAY)),
            Step(ISOLATE, "link", (_HOUR, _DAY), 0.25),
            Step(REQUEST, "chat", (_HOUR, 3 * _DAY)),
            Step(PAYMENT, "pay", (_HOUR, 4 * _DAY), times=(2, 6)),
        ),
    ),
    Swindle(
        "fake_shopping",
        Words(
            "虚假购物、二手交易：聊天里谈好，一次付款",
            "a shop or seller that is none: agreed by chat, paid once",
        ),
        0.06, 0.25, 0.7, 0.7, 0.12, 0.0, 0.15, 3, (0.5, 0, 0.4, 0, 0.1, 0), (0.7, 0, 0.3, 0, 0, 0),
        (0.6, 1.5, 0.9, 0.4), "people", 2_500, 1.0, 0.4, 0.1, 2,
        (
            Step(CONTACT, "open"),
            Step(TRUST, "chat", (5, 300)),
            Step(TRUST, "link", (1, 30), 0.3),
            Step(ISOLATE, "chat", (1, 60)),
            Step(REQUEST, "chat", (1, 30)),
            Step(PAYMENT, "pay", (1, 60), times=(1, 2)),
        ),
    ),
    Swindle(
        "fake_acquaintance",
        Words(
            "冒充领导、熟人、亲属：短信或电话，一小时内一笔转账",
            "poses as a boss, friend or relative: a text or call, one transfer within the hour",
        ),
        0.5, 0.02, 0.6, 0.5, 0.12, 0.6, 0.25, 25, (0.6, 0, 0.3, 0.1, 0, 0), (1, 0, 0, 0, 0, 0),
        (0.1, 0.6, 1.3, 1.3), "gangs", 18_000, 1.3, 0.6, 0.08, 2,
        (
            Step(CONTACT, "open", minutes=(0.7, 3)),
            Step(TRUST, "call", (10, 18 * _HOUR), 0.7, minutes=(1, 6)),
            Step(TRUST, "chat"),
            Step(ISOLATE, "chat", (1, 20)),
            Step(REQUEST, "call", (2, 40), 0.5, minutes=(1, 5)),
            Step(REQUEST, "chat"),
            Step(PAYMENT, "pay", (3, 45), times=(1, 2)),
        ),
    ),
    Swindle(
        "expired_card_sms",
        Words(
            "医保、ETC、积分失效短信：链接，验证码，盗刷",
            "an expired card by text: a link, a code, the money is gone",
        ),
        3.0, 0.003, 0.75, 0.6, 0.10, 0.0, 1.0, 250, (0.3, 0, 0.2, 0.1, 0.25, 0.15), (1, 0, 0, 0, 0, 0),
        (0.1, 0.8, 1.1, 1.1), "people", 4_000, 1.0, 0.9, 0.02, 1,
        (
            Step(CONTACT, "open"),
            Step(TRUST, "link", (1, 240), 0.95),
            Step(TRUST, "chat"),
            Step(ISOLATE, "chat", (0.5, 4)),
            Step(REQUEST, "code", (0.2, 4), 0.9, times=(1, 2)),
            Step(REQUEST, "chat"),
            Step(PAYMENT, "pay", (0.3, 5), times=(1, 3)),
        ),
    ),
    Swindle(
        "points_exchange",
        Words(
            "积分兑换短信（伪基站或端口号）：链接，验证码，盗刷",
            "points to exchange, by text (fake base station or port): a link, a code, the money is gone",
        ),
        1.2, 0.003, 0.75, 0.6, 0.10, 0.0, 1.0, 250, (0.1, 0, 0.2, 0, 0.3, 0.4), (1, 0, 0, 0, 0, 0),
        (0.1, 0.8, 1.1, 0.9), "people", 3_000, 1.0, 0.9, 0.02, 1,
        (
            Step(CONTACT, "open"),
            Step(TRUST, "link", (1, 240), 0.95),
            Step(TRUST, "chat"),
            Step(ISOLATE, "chat", (0.5, 4)),
            Step(REQUEST, "code", (0.2, 4), 0.9, times=(1, 2)),
            Step(REQUEST, "chat"),
            Step(PAYMENT, "pay", (0.3, 5), times=(1, 2)),
        ),
    ),
    Swindle(
        "parcel_card",
        Words(
            "包裹里的扫码卡：进群、刷单；看不到开头",
            "a card in a parcel: a group, tasks; its beginning is not seen",
        ),
        0.1, 0.1, 0.5, 0.5, 0.10, 0.0, 0.1, 5, (0.5, 0, 0.4, 0, 0.1, 0), (1, 0, 0, 0, 0, 0),
        (0.3, 1.2, 1.0, 0.6), "people", 6_000, 2.0, 0.5, 0.05, 3,
        (
            Step(CONTACT, "open"),
            Step(TRUST, "link", (5, 300), 0.4),
            Step(TRUST, "chat", (5, 60)),
            Step(ISOLATE, "package", (5, 300), 0.4),
            Step(ISOLATE, "chat", (5, 60)),
            Step(REQUEST, "chat", (10, 600)),
            Step(PAYMENT, "pay", (5, 300), times=(1, 5)),
        ),
    ),
    Swindle(
        "elder_fraud",
        Words(
            "养老、保健品：电话请去听课，多付现金，几乎看不见",
            "pensions and health products: calls to a talk, mostly paid in cash; hardly visible",
        ),
        0.3, 0.04, 0.6, 0.5, 0.12, 0.8, 0.0, 20, (0.7, 0.25, 0.05, 0, 0, 0), (1, 0, 0, 0, 0, 0),
        (0, 0, 0.1, 1.0), "office", 12_000, 1.5, 0.2, 0.75, 14,
        (
            Step(CONTACT, "open", minutes=(1, 5)),
            Step(TRUST, "call", (_HOUR, 2 * _DAY), 0.7, minutes=(2, 10)),
            Step(TRUST, "chat", (_HOUR, _DAY)),
            Step(ISOLATE, "chat", (_HOUR, 2 * _DAY)),
            Step(REQUEST, "call", (_HOUR, 2 * _DAY), 0.4, minutes=(2, 8)),
            Step(REQUEST, "chat", (1, 60)),
            Step(PAYMENT, "pay", (_HOUR, _DAY), times=(1, 3)),
        ),
    ),
)  # fmt: skip


def paid_per_10k_and_quarter() -> float:
    """Victims among 10,000 residents in 91 days at intensity 1."""
    return 910 * sum(s.attempts * s.serious * s.isolated * s.asked * s.paid for s in SWINDLES)
