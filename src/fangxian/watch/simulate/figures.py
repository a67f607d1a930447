"""Every single figure that the town is made with. Tables of callers, messages and swindles, one row
a sort, stand beside what uses them (callers.py, messages.py, swindles.py).

Rates are per resident and day unless they say otherwise; money is in yuan.
"""

from __future__ import annotations

from fangxian.detect.kinds import Words

from .assumed import Assumed

CENSUS = Words("2020 年第七次人口普查，取整", "census of 2020, rounded")
MIIT = Words(
    "工信部通信业公报：人均每天三四分钟通话、约三条短信的量级，取整",
    "order of magnitude of the ministry's yearly bulletin: 3-4 minutes of calls and about three texts a person and day",
)

# Who lives there. Children without a telephone are not residents here.
MINORS = Assumed(
    0.06, "未成年人占有电话居民的比例", "share of residents with a telephone under 18", CENSUS
)
YOUNG = Assumed(0.28, "18–34 岁占比", "share aged 18 to 34", CENSUS)
MIDDLE = Assumed(0.44, "35–59 岁占比", "share aged 35 to 59", CENSUS)
ELDERS = Assumed(
    0.22,
    "60 岁及以上占比（西部乡镇高于全国的 19 %）",
    "share aged 60 and over (western towns have more than the country's 19 %)",
    CENSUS,
)
AT_WORK = Assumed(
    0.72, "18–59 岁里有工作电话往来的比例", "share of those aged 18 to 59 whose work has calls"
)
FAMILY_NAMED = Assumed(
    0.7,
    "登记过家人号码的居民比例（`family` 才会是真）",
    "share of residents who named their family (only then is `family` true)",
)
OUTSIDE = Assumed(
    0.8, "镇外亲友数，按每位居民计", "acquaintances outside the town for each resident"
)
HABIT_SPREAD = Assumed(
    0.7,
    "各人每天通话数的对数标准差",
    "spread (sigma of the logarithm) of calls a day between residents",
)
ELDER_HABIT = Assumed(
    0.5, "老人打电话的多少，与平均之比", "how much elders ring, against the average"
)
CIRCLE = Assumed(14, "常通话的熟人数", "people one rings often")

# Calls among people who know each other.
PERSONAL_CALLS = Assumed(2.0, "打给亲友的电话", "calls made to family and friends", MIIT)
FROM_OUTSIDE = Assumed(0.9, "镇外亲友打来的电话", "calls from family and friends outside", MIIT)
TO_FAMILY = Assumed(0.38, "亲友电话里打给家人的比例", "share of those that go to family")
ELDER_TO_FAMILY = Assumed(0.7, "老人打给家人的比例", "the same for elders")
PERSONAL_ANSWERED = Assumed(0.82, "亲友电话接通率", "share answered")
PERSONAL_SECONDS = Assumed(62, "亲友通话秒数中位数", "median seconds talked", MIIT)
LONG_TALKS = Assumed(
    0.04, "长聊的比例（中位数 22 分钟）", "share that are long talks (median 22 minutes)"
)
WORK_CALLS = Assumed(1.3, "有工作往来的人每天的工作电话", "work calls of those whose work has them")
OUT_TO_SHOPS = Assumed(
    0.16, "打给商家、单位、服务号码的电话", "calls made to shops, offices and service numbers"
)

RINGS_FOR_HELP = Assumed(
    0.002,
    "打 110、120、12345、96110 的正当电话",
    "honest calls to 110, 120, 12345, 96110",
)
SHOWN_WRONG = Assumed(
    0.01,
    "真企业来电在屏幕上显示成带 86、+ 的怪号码的比例（`forged`）",
    "share of real companies' calls shown with 86 or + in front, as a forged number is",
)

# Links and apps.
LINKS = Assumed(0.7, "看得到的链接访问", "links visited that the watch sees")
LINKS_UNHEARD_OF = Assumed(
    0.03,
    "其中去到这里没人去过的小网站的比例",
    "share of those to a small site that nobody here has been to",
)
APPS_STORE = Assumed(0.1, "从应用商店装的软件", "apps from a shop")
APPS_UNKNOWN = Assumed(
    0.004,
    "从别处装的正当软件（单位内部、游戏、旧版本）",
    "honest apps from elsewhere (in-house, games, old versions)",
)
APPS_UNHEARD_OF = Assumed(
    0.3,
    "其中这里没人装过的软件的比例",
    "share of those that nobody here has installed",
)
APPS_REMOTE = Assumed(
    0.0012,
    "为工作、上课、帮父母而装的远程或会议软件",
    "remote or meeting apps for work, lessons, helping parents",
)

# Money that the watch sees: transfers to people and new payees, not everyday payments by QR code.
TRANSFERS = Assumed(0.1, "给亲友和熟悉账户的转账", "transfers to family, friends and known payees")
SHOPPING = Assumed(0.06, "网购：银行验证码加付款", "shopping on-line: a bank code, then a payment")
SHOP_IS_NEW = Assumed(
    0.55, "网购收款方是第一次付的比例", "share of those to a payee never paid before"
)

# Honest traffic that looks like a fraud: chains of events. Rates are for each resident of the ages that
# do such things (money.py).
BANK_THEN_CODE = Assumed(
    0.003,
    "银行来电后收到银行验证码（五分之一再转账给新收款人）",
    "the bank rings, then a bank code (a fifth then pay a new payee)",
)
EMERGENCIES = Assumed(
    0.0006,
    "家里急事：几通家人电话，随后大额转给家人或医院",
    "a family emergency: family calls, then a large transfer to family or a hospital",
)
HELPDESK = Assumed(
    0.0008, "单位网管通话中共享屏幕", "the firm's helpdesk shares the screen during a call"
)
CHILD_HELPS = Assumed(
    0.002, "子女在电话里远程帮父母操作手机", "a child steers a parent's telephone during a call"
)
DEPOSITS = Assumed(
    0.0015,
    "租房、买车、装修：中介来电后给新收款人付定金",
    "rent, car, repairs: a call, then a deposit to a new payee",
)
TRADES = Assumed(
    0.004,
    "二手买卖、拼车：陌生手机来电后给新收款人小额转账",
    "second-hand trade: a stranger's call, then a small transfer to a new payee",
)
LENDING = Assumed(
    0.0008,
    "和熟人长聊后借钱给他（新收款人）",
    "a long talk with a friend, then a loan to them (a new payee)",
)
BANK_APP = Assumed(
    0.001,
    "银行教用手机银行：来电、装软件、验证码",
    "the bank teaches its app: a call, an app, a code",
)
COURTING = Assumed(
    0.004,
    "正在和新朋友密切来往的人（每两周一换）",
    "residents close to a new friend just now (changes every fortnight)",
)
COURTING_CALLS = Assumed(1.1, "其中每天与新朋友的长通话", "their long calls with that friend")
COURTING_GIFTS = Assumed(
    0.04, "其中每天转给新朋友的钱（新收款人）", "their transfers to that friend (a new payee)"
)
WRONG_REPORTS = Assumed(
    0.0004, "举报骚扰或误报的号码，不是诈骗", "reports of numbers that only annoy, or are honest"
)
WRONG_TEXT_REPORTS = Assumed(
    0.0003,
    "正当的群发短信被当骚扰举报的比例",
    "share of honest texts sent in bulk that are reported",
)
BULK_PORTS = Assumed(
    3, "正当的一波群发短信从几个号码发出", "numbers that an honest campaign of texts comes from"
)

# What no source sees.
LINKS_SEEN = Assumed(
    0.6,
    "骗局里的链接访问有来源看得到的比例（正当的那一行已经是看得到的）",
    "share of links visited in a swindle that any source sees (the honest ones above are those seen)",
)
APPS_SEEN = Assumed(
    0.55,
    "骗局里装的软件有来源看得到的比例",
    "share of apps installed in a swindle that any source sees",
)
TALKS_SEEN = Assumed(
    0.7,
    "骗局里的通话走电话网的比例，其余是聊天软件里的语音、视频；第一个来电总看得到",
    "share of talks in a swindle that go by telephone, the rest by voice or video in a chat; the first call always does",
)
# What both sides leave out.
TEXT_LEFT_OUT = Assumed(
    0.1,
    "短信没有正文的比例，正当的和骗子的一样",
    "share of texts without their words, honest and not alike",
)
WAVE_KNOWN = Assumed(
    0.4,
    "群发短信知道属于哪一波的比例，正当的和骗子的一样",
    "share of texts sent in bulk whose wave is known, honest and not alike",
)

# Swindlers. Kinds, rates and drop-outs are in the table of swindles.
CALLS_ANSWERED = Assumed(
    0.42, "骗子的陌生来电接通率", "share of swindlers' calls that are answered"
)
HUNG_UP_SECONDS = Assumed(
    15, "没有骗成的通话秒数中位数", "median seconds until the resident hangs up"
)
BURNT_AFTER = Assumed(
    30,
    "骗子一个号码平均能用几个小时（举报、封停后换号）",
    "hours until a swindler's number is reported or blocked, on average",
)
CAMPAIGN_DAYS = Assumed(
    12, "一伙人一个话本平均做几天", "days that a gang stays at one campaign, on average"
)
LENT_SIM = Assumed(
    0.15,
    "骗子的手机号码里借用本地人、有正常往来的旧卡",
    "share of swindlers' mobile numbers that are lent by people nearby and have an honest past",
)
PLAIN_TEXTS = Assumed(
    0.1,
    "骗子短信里没有正文或只是平常话的比例（另加上面的缺失）",
    "share of swindlers' texts that are a plain line or have no words (besides those above)",
)
LINK_LOOKED_AT = Assumed(
    0.02,
    "收到诈骗短信的人里点开看看就走的比例",
    "share of those texted who open the link and leave",
)
DISSUADED = Assumed(
    0.5,
    "被要钱后没有付的人里，因为问了家人的比例",
    "of those asked who do not pay, share stopped by family",
)
OFFICIAL_WARNING = Assumed(
    0.15, "认真谈过的人里接到 96110 来电的比例", "share of those in a serious talk whom 96110 rings"
)
REPORTED_UNPAID = Assumed(
    0.08,
    "没付钱的人里认真谈过后举报的比例",
    "of those in a serious talk who did not pay, share who report",
)
REPORTED_PAID = Assumed(
    0.6,
    "受害人里几小时到一天后报案的比例",
    "of those who paid, share who report within hours or a day",
)
REPORTED_BRUSHED_OFF = Assumed(
    0.004, "挂断或不理的人里举报的比例", "of those who hang up or ignore it, share who report"
)
LOSS_SPREAD = Assumed(0.9, "损失金额的对数标准差", "spread (sigma of the logarithm) of sums lost")


def figures() -> dict[str, Assumed]:
    """Every figure by its name, in the order of this file."""
    return {name: value for name, value in globals().items() if isinstance(value, Assumed)}
