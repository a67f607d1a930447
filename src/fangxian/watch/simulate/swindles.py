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
    number, the "case officer's"), "text", "link", "remote" (an app, within the last call), "package"
    (one from no shop), "code", "pay", or "chat", which nobody sees. `minutes`: how long a call is.
    """

    stage: int
    what: str
    after: Span = (0.0, 0.0)
    chance: float = 1.0
    minutes: Span = (0.0, 0.0)
    times: tuple[int, int] = (1, 1)


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
        kind="fake_police",
        says=Words(
            "电话转“办案民警”，长时间通话，保密，共享屏幕或验证码，转“安全账户”",
            "a call, passed on to a \"case officer\", hours on the line, secrecy, shared screen or codes, transfers",
        ),
        attempts=6.0, serious=0.003, isolated=0.45, asked=0.5, paid=0.10,
        calls=1.0, texts=0.0, quota=70, rhythm="gangs",
        numbers=(0.35, 0.1, 0.2, 0.2, 0, 0.15), desk=(0.2, 0.15, 0.1, 0.25, 0, 0.3),
        ages=(0.2, 1.0, 1.0, 1.2),
        loss=45_000, growth=1.4, coded=0.75, cash=0.1, days=3,
        steps=(
            Step(CONTACT, "open", minutes=(1, 6)),
            Step(TRUST, "desk", (0.5, 20), minutes=(8, 45)),
            Step(TRUST, "link", (-6, 0), 0.25),
            Step(ISOLATE, "chat", (0, 3)),
            Step(ISOLATE, "desk", (1, 15), 0.8, minutes=(25, 110)),
            Step(ISOLATE, "remote", chance=0.45),
            Step(REQUEST, "chat", (0, 2)),
            Step(REQUEST, "code", (0.5, 8), 0.55, times=(1, 3)),
            Step(PAYMENT, "desk", (1, 20), 0.5, minutes=(5, 40)),
            Step(PAYMENT, "pay", (2, 35), times=(1, 4)),
        ),
    ),
    Swindle(
        kind="fake_customer_service",
        says=Words(
            "冒充电商、物流、银行客服，理赔或注销业务，一小时内转账",
            "poses as a shop's, courier's or bank's service: a refund, a subscription to cancel; transfers within the hour",
        ),
        attempts=5.0, serious=0.005, isolated=0.45, asked=0.5, paid=0.10,
        calls=0.9, texts=0.1, quota=90, rhythm="gangs",
        numbers=(0.4, 0.1, 0.3, 0.1, 0, 0.1), desk=(0.4, 0, 0.4, 0.2, 0, 0),
        ages=(0.3, 1.3, 1.0, 0.5),
        loss=14_000, growth=1.2, coded=0.8, cash=0.03, days=1,
        steps=(
            Step(CONTACT, "open", minutes=(1, 5)),
            Step(TRUST, "call", (0.5, 10), minutes=(4, 16)),
            Step(TRUST, "text", (-3, 1), 0.2),
            Step(ISOLATE, "call", (0.5, 5), minutes=(6, 40)),
            Step(ISOLATE, "remote", chance=0.5),
            Step(ISOLATE, "link", (-3, 0), 0.2),
            Step(REQUEST, "code", (-4, 6), 0.7, times=(1, 3)),
            Step(REQUEST, "chat", (0, 1)),
            Step(PAYMENT, "pay", (1, 15), times=(1, 3)),
        ),
    ),
    Swindle(
        kind="screen_sharing",
        says=Words(
            "百万保障、会员自动扣费：共享屏幕，验证码，转账",
            "an insurance or membership about to be charged: shared screen, codes, transfers",
        ),
        attempts=3.0, serious=0.006, isolated=0.5, asked=0.55, paid=0.10,
        calls=0.9, texts=0.1, quota=80, rhythm="gangs",
        numbers=(0.4, 0.05, 0.35, 0.15, 0, 0.05), desk=(0.5, 0, 0.5, 0, 0, 0),
        ages=(0.2, 0.8, 1.1, 1.3),
        loss=25_000, growth=1.2, coded=0.85, cash=0.02, days=1,
        steps=(
            Step(CONTACT, "open", minutes=(1, 5)),
            Step(TRUST, "call", (0.2, 10), minutes=(5, 20)),
            Step(ISOLATE, "call", (0.2, 5), minutes=(10, 60)),
            Step(ISOLATE, "remote", chance=0.85),
            Step(REQUEST, "code", (-8, 4), 0.8, times=(1, 4)),
            Step(REQUEST, "chat", (0, 1)),
            Step(PAYMENT, "pay", (1, 12), times=(1, 4)),
        ),
    ),
    Swindle(
        kind="task_rebate",
        says=Words(
            "短信、链接或拉群，装软件，先返小钱，几小时到几天后越垫越多",
            "a text, link or group; an app; small rebates, then larger and larger sums over hours or days",
        ),
        attempts=6.0, serious=0.006, isolated=0.5, asked=0.7, paid=0.15,
        calls=0.2, texts=0.4, quota=150, rhythm="people",
        numbers=(0.3, 0, 0.3, 0.2, 0.2, 0), desk=(1, 0, 0, 0, 0, 0),
        ages=(0.3, 1.6, 0.9, 0.2),
        loss=12_000, growth=2.3, coded=0.45, cash=0.05, days=4,
        steps=(
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
        kind="fake_loan",
        says=Words(
            "短信或电话放贷，装来路不明的软件，先交会员费、解冻费",
            "a loan by text or call, an app from no shop, fees first",
        ),
        attempts=4.0, serious=0.006, isolated=0.55, asked=0.5, paid=0.10,
        calls=0.5, texts=0.45, quota=120, rhythm="gangs",
        numbers=(0.35, 0.1, 0.35, 0.1, 0.1, 0), desk=(0.6, 0, 0.4, 0, 0, 0),
        ages=(0.05, 1.3, 1.2, 0.2),
        loss=9_000, growth=1.5, coded=0.5, cash=0.02, days=3,
        steps=(
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
        kind="fake_investment",
        says=Words(
            "群里的“老师”，多在聊天软件里；几周，偶有电话；转账越来越大",
            "a \"teacher\" in a group, mostly by chat; weeks, few calls, growing transfers",
        ),
        attempts=0.05, serious=0.2, isolated=0.5, asked=0.5, paid=0.25,
        calls=0.25, texts=0.15, quota=3, rhythm="people",
        numbers=(0.5, 0, 0.4, 0.1, 0, 0), desk=(0.7, 0, 0.3, 0, 0, 0),
        ages=(0, 0.7, 1.2, 1.2),
        loss=60_000, growth=1.8, coded=0.4, cash=0.1, days=35,
        steps=(
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
        kind="romance",
        says=Words(
            "网恋：几周聊天，电话很少，转账越来越大",
            "an on-line love: weeks of chat, hardly a call, growing transfers",
        ),
        attempts=0.012, serious=0.3, isolated=0.6, asked=0.5, paid=0.3,
        calls=0.0, texts=0.05, quota=1, rhythm="evening",
        numbers=(0.6, 0, 0.3, 0.1, 0, 0), desk=(0.7, 0, 0.2, 0.1, 0, 0),
        ages=(0.1, 1.0, 1.2, 0.6),
        loss=50_000, growth=1.7, coded=0.4, cash=0.08, days=35,
        steps=(
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
        kind="fake_shopping",
        says=Words(
            "虚假购物、二手交易：聊天里谈好，一次付款",
            "a shop or seller that is none: agreed by chat, paid once",
        ),
        attempts=0.06, serious=0.25, isolated=0.7, asked=0.7, paid=0.12,
        calls=0.0, texts=0.15, quota=3, rhythm="people",
        numbers=(0.5, 0, 0.4, 0, 0.1, 0), desk=(0.7, 0, 0.3, 0, 0, 0),
        ages=(0.6, 1.5, 0.9, 0.4),
        loss=2_500, growth=1.0, coded=0.4, cash=0.1, days=2,
        steps=(
            Step(CONTACT, "open"),
            Step(TRUST, "chat", (5, 300)),
            Step(TRUST, "link", (1, 30), 0.3),
            Step(ISOLATE, "chat", (1, 60)),
            Step(REQUEST, "chat", (1, 30)),
            Step(PAYMENT, "pay", (1, 60), times=(1, 2)),
        ),
    ),
    Swindle(
        kind="fake_acquaintance",
        says=Words(
            "冒充领导、熟人、亲属：短信或电话，一小时内一笔转账",
            "poses as a boss, friend or relative: a text or call, one transfer within the hour",
        ),
        attempts=0.5, serious=0.02, isolated=0.6, asked=0.5, paid=0.12,
        calls=0.6, texts=0.25, quota=25, rhythm="gangs",
        numbers=(0.6, 0, 0.3, 0.1, 0, 0), desk=(1, 0, 0, 0, 0, 0),
        ages=(0.1, 0.6, 1.3, 1.3),
        loss=18_000, growth=1.3, coded=0.6, cash=0.08, days=2,
        steps=(
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
        kind="expired_card_sms",
        says=Words(
            "医保、ETC、积分失效短信：链接，验证码，盗刷",
            "an expired card by text: a link, a code, the money is gone",
        ),
        attempts=3.0, serious=0.003, isolated=0.75, asked=0.6, paid=0.10,
        calls=0.0, texts=1.0, quota=250, rhythm="people",
        numbers=(0.3, 0, 0.2, 0.1, 0.25, 0.15), desk=(1, 0, 0, 0, 0, 0),
        ages=(0.1, 0.8, 1.1, 1.1),
        loss=4_000, growth=1.0, coded=0.9, cash=0.02, days=1,
        steps=(
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
        kind="points_exchange",
        says=Words(
            "积分兑换短信（伪基站或端口号）：链接，验证码，盗刷",
            "points to exchange, by text (fake base station or port): a link, a code, the money is gone",
        ),
        attempts=1.2, serious=0.003, isolated=0.75, asked=0.6, paid=0.10,
        calls=0.0, texts=1.0, quota=250, rhythm="people",
        numbers=(0.1, 0, 0.2, 0, 0.3, 0.4), desk=(1, 0, 0, 0, 0, 0),
        ages=(0.1, 0.8, 1.1, 0.9),
        loss=3_000, growth=1.0, coded=0.9, cash=0.02, days=1,
        steps=(
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
        kind="parcel_card",
        says=Words(
            "包裹里的扫码卡：进群、刷单；看不到开头",
            "a card in a parcel: a group, tasks; its beginning is not seen",
        ),
        attempts=0.1, serious=0.1, isolated=0.5, asked=0.5, paid=0.10,
        calls=0.0, texts=0.1, quota=5, rhythm="people",
        numbers=(0.5, 0, 0.4, 0, 0.1, 0), desk=(1, 0, 0, 0, 0, 0),
        ages=(0.3, 1.2, 1.0, 0.6),
        loss=6_000, growth=2.0, coded=0.5, cash=0.05, days=3,
        steps=(
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
        kind="elder_fraud",
        says=Words(
            "养老、保健品：电话请去听课，多付现金，几乎看不见",
            "pensions and health products: calls to a talk, mostly paid in cash; hardly visible",
        ),
        attempts=0.3, serious=0.04, isolated=0.6, asked=0.5, paid=0.12,
        calls=0.8, texts=0.0, quota=20, rhythm="office",
        numbers=(0.7, 0.25, 0.05, 0, 0, 0), desk=(1, 0, 0, 0, 0, 0),
        ages=(0, 0, 0.1, 1.0),
        loss=12_000, growth=1.5, coded=0.2, cash=0.75, days=14,
        steps=(
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
