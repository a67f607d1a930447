"""The rules a text message must keep, and how a broken one is found."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

from fangxian.detect.kinds import Words

# A long SMS is sent in parts, and old phones show parts as separate messages.
LONGEST = {"ucs2": 140, "gsm": 306}

RULES: Mapping[str, Words] = {
    "link": Words("不能有网址、链接或邮箱", "no link, web address or e-mail"),
    "number": Words(
        "不能有电话号码、短号或三位以上的数字（中文数字、全角数字也算）",
        "no telephone number, short code or any run of three digits (in Chinese or full width too)",
    ),
    "asks": Words(
        "不能要求回复、回电、点击、扫码、加好友、下载、登录或填写",
        "no request to reply, ring, click, scan, add, download, log in or fill in",
    ),
    "name": Words("不能有人名，也不能留下没填的占位符", "no person's name and no placeholder left"),
    "length": Words(
        "太长或是空的：中文最多 140 字（宜在 70 字以内），英文最多 306 个字符",
        "too long or empty: at most 140 characters in Chinese (70 is best), 306 in English",
    ),
}


def broken_rules(text: str) -> list[str]:
    """The rules that `text` breaks: keys of RULES, in that order; empty when it may be sent.

    The lint reads what a person would read: full-width, circled and Chinese digits, digits with
    spaces between them, and letters with invisible characters in them, all count.
    Naming what a swindler asks for ("do not click", "whoever has you reply") is allowed;
    asking for it is not. Names are found by their form (a surname with a title, "Mr Li"); a bare
    name in the middle of a sentence cannot be told from words, so a text still needs a reader.
    """
    plain = _plain(text)
    return [rule for rule in RULES if _BREAKS[rule](plain)]


def segments(text: str) -> int:
    """How many SMS a text takes: 160 GSM characters or 70 others fit in one, 153 or 67 in each
    part of a longer one (3GPP TS 23.040)."""
    gsm = _is_gsm(text)
    # UCS-2 counts a character outside the basic plane as two; GSM counts its extension so.
    size = (
        sum(2 if character in _GSM_EXTENDED else 1 for character in text)
        if gsm
        else len(text.encode("utf-16-be")) // 2
    )
    one, part = (160, 153) if gsm else (70, 67)
    return 1 if size <= one else -(-size // part)


# --- reading ---------------------------------------------------------------------------------

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\u20e3\ufeff]")


def _plain(text: str) -> str:
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)))


# --- link ------------------------------------------------------------------------------------

_LINK = re.compile(
    r"h\s*[tx]{2}\s*p\s*s?\s*[:/]"
    r"|www\s*[.。,点]"
    r"|[\w-]\s?@\s?[\w-]"
    # any dotted Latin name; "e.g." and "a.m." have one letter after the dot
    r"|[a-z0-9-]+\.[a-z]{2,}(?![a-z])"
    # disguised dots: "t 点 cn", "abc[.]com", "abc。com", "abc . com"
    r"|[a-z0-9]\s*(?:点|。|\[\.\]|\(\.\)|\[dot\]|\(dot\)|\sdot\s|\s?\.\s?)\s*"
    r"(?:com|cn|net|org|gov|xyz|top|vip|cc)(?![a-z])"
    r"|\.\s*(?:中国|公司|网络|网址|我爱你)",
    re.IGNORECASE,
)


def _has_link(text: str) -> bool:
    return _LINK.search(text) is not None


# --- number ----------------------------------------------------------------------------------

_CHINESE_DIGITS = dict(
    zip(
        "零〇○一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两", "0001234567891123456789" + "2", strict=True
    )
)
_ENGLISH_DIGITS = re.compile(
    r"\b(?:(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)[\s,-]+){2}"
    r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)\b",
    re.IGNORECASE,
)
# Three digits, with at most three spaces or marks between them; but a comma or a full stop
# between figures of several digits parts two numbers ("10。24小时").
_RUN = re.compile(r"\d(?:[^\w。;!?,\n]{0,3}\d){2,}|(?<!\d)\d(?:,\s?\d(?!\d)){2,}")
# Words made of numerals that number nothing.
_NUMERAL_IDIOMS = re.compile(r"七七八八|三三五五|三三两两|一一一样|一一对应")


def _has_number(text: str) -> bool:
    text = _NUMERAL_IDIOMS.sub("*", text)
    digits = "".join(_digit(character) for character in text)
    return _RUN.search(digits) is not None or _ENGLISH_DIGITS.search(text) is not None


def _digit(character: str) -> str:
    if character in _CHINESE_DIGITS:
        return _CHINESE_DIGITS[character]
    value = unicodedata.digit(character, None)
    return character if value is None else str(value)


# --- asks ------------------------------------------------------------------------------------

_ASKS_ZH = (
    r"回复|回信|回短信|回[tTyYnN](?![a-z])|回[1-9一二三](?!\d)|退订|"
    r"回电|回拨|回个?电话|致电|来电(?:咨询|联系|告知|确认)|拨打|拨\s?\d|请拨|电话联系|联系(?:我们|本所|民警|客服)|"
    r"(?:给|向|跟)?(?:我们|我|民警|派出所|社区|客服)(?:打|回|来)个?电话|打个?电话(?:给|到)|"
    r"点击|点开|点此|点下方|点(?:一下)?(?:链接|网址)|戳|打开(?:链接|网址|网页)|访问|进入(?:网站|网页|页面)|"
    r"扫码|扫(?:描)?(?:一下)?(?:二维码|下方)|"
    r"加(?:个|一下)?(?:微信|好友|群|我|企业微信|qq|vx?(?![a-z]))|添加|进群|入群|关注公众号|"
    r"下载|安装|登录|登陆|填写|填报|上传|提供(?:验证码|身份证|密码|卡号)|"
    r"转账[到至]|汇款|转发|按\d"
)
_ASKS_EN = (
    r"reply|respond|text (?:us|back|stop|yes)|send (?:stop|yes)|write back|message us|"
    r"(?:call|ring|phone|dial|telephone) (?:us|me|back|now|this|our|the (?:number|station|officer|hotline))|"
    r"call[- ]?back|give us a call|contact (?:us|me|the officer|the station)|get in touch|"
    r"click|tap (?:here|the|on|this)|press \d|follow (?:the|this) link|open (?:the|this) (?:link|page|site)|"
    r"visit (?:our|the|this) (?:site|website|page|link)|"
    r"scan|add (?:us|me|our|this|the)|join (?:the|our|this) group|download|install|log ?in|sign ?in|"
    r"fill (?:in|out)|enter your|upload|unsubscribe|opt out|forward this"
)
_ASKS = re.compile(rf"{_ASKS_ZH}|\b(?:{_ASKS_EN})\b", re.IGNORECASE)
# A clause ends at these; a "not" of the clause before does not reach over.
_CLAUSE_END = re.compile(r"[。,;!?:\n]|\.(?=\s|$)|但是?|而是|\bbut\b", re.IGNORECASE)
# A "not" that governs the request after it: nothing between them starts a new request.
_NOT = re.compile(
    r"(?:不要|不用|不必|不需要?|不得|从不|绝不|无需|无须|勿|(?<![特级识区个类性告])别|莫|不会(?=$|[要让叫向给在用]))"
    r"(?:(?!请|就|快|马上|立即|即可|随时|速|须).){0,8}$"
    r"|不(?!足|符|清|通|成|良|明|行|对|慎|便|能)(?:(?!请|就|快|可).){0,2}$"
    r"|(?:\b(?:(?:do|does|will|need|must|should|would) not|never|no need to|without|not to|none)\b|n't\b)"
    r"(?:(?!please|just|then|simply|now).){0,30}$",
    re.IGNORECASE,
)
# "Do not click or reply": the second stands under the same "not".
_ALSO = re.compile(
    r"(?:(?!请|就|快).){0,8}(?:、|或者?|和|及|也不?)(?:(?!请|就|快).){0,2}"
    r"|(?:(?!please|just|then).){0,20}\b(?:or|and|nor)\b\s*",
    re.IGNORECASE,
)
# "If you do not reply you will be cut off" is a request with a "not" in it.
_OR_ELSE = re.compile(
    rf"(?:不|未|没有?)(?:\s|及时|按时)*(?:{_ASKS_ZH}).{{0,10}}?"
    r"(?:将|视为|视同|后果|否则|会被|就会?(?:停|冻|扣|封|影响|失效|作废|注销|默认))"
    r"|\bif (?:you|we) (?:do|did) not .{0,40}\b(?:will|shall)\b|\bunless you\b|\bfailure to\b",
    re.IGNORECASE,
)
# "Whoever has you click is a fraud" names the request of another.
_TOLD = re.compile(
    r"(?:让|叫|要|要求|催|骗|引诱|诱导)(?:您|你|人|大家).{0,12}$"
    r"|\b(?:who(?:ever)?|any(?:one|body)?|somebody|someone|that|calls?|texts?|strangers?)\b"
    r".{0,30}\b(?:you|people) to\b.{0,20}$",
    re.IGNORECASE,
)
_VERDICT = re.compile(
    r"诈骗|骗|假|不要|别|勿|挂断|小心|当心|警惕|fraud|scam|false|fake|lie|hang up|ignore|careful|trick|swindler",
    re.IGNORECASE,
)

# "We want you to click so as not to be cheated" is a request after all.
_SO_AS_NOT = re.compile(
    r"以免|避免|防止|免得|以防|为了?防|\b(?:to avoid|so as not|or else)\b", re.IGNORECASE
)


def _asks(text: str) -> bool:
    if _OR_ELSE.search(text):
        return True
    start = 0
    for end in [*_CLAUSE_END.finditer(text), None]:
        stop = end.start() if end else len(text)
        if _requests(text[start:stop], text[stop : stop + 30]):
            return True
        start = end.end() if end else stop
    return False


def _requests(clause: str, next_words: str) -> bool:
    """Whether a clause asks for something itself, and does not merely warn of it."""
    denied_up_to: int | None = None
    for request in _ASKS.finditer(clause):
        before, after = clause[: request.start()], clause[request.end() :]
        also = denied_up_to is not None and _ALSO.fullmatch(before[denied_up_to:])
        if _NOT.search(before) or also:
            denied_up_to = request.end()
        elif not (_TOLD.search(before) and _condemned(after + next_words)):
            return True
    return False


def _condemned(words_after: str) -> bool:
    return bool(_VERDICT.search(words_after)) and not _SO_AS_NOT.search(words_after)


# --- name ------------------------------------------------------------------------------------

_SURNAMES = (
    "刘于史汤滕殷毕傅康郝耿游卓覃涂兰甘牟刁靳辛舒屈冉赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕张孔曹严华金魏陶姜谢邹喻柏窦章苏潘葛范彭鲁韦马苗方俞任袁柳"
    "唐罗薛伍余卜顾孟黄穆萧尹姚邵汪祁毛狄戴宋熊纪项祝董梁杜阮蓝闵季贾江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌"
    "霍万柯卢莫房丁邓洪包左石崔龚程邢裴陆翁荀段侯牛谭龙叶白赖乔谷池温文习艾容向古易廖庞曾欧廉聂"
)
_TITLES = r"先生|女士|小姐|同志|大爷|大妈|大娘|大叔|大姐|大哥|阿姨|叔叔|奶奶|爷爷|婆婆|嬢嬢|伯伯|警官|警员|所长|书记|主任|老师|师傅|经理|总(?=[,。:!\s]|您|你|$)|某某?"
_NAME = re.compile(
    r"\{[^}]*\}|[{}]|<[^>]+>|\[[^\]]*\]|%\(?\w*\)?s|%[sd]|\$\w+|__+|某某|[xX×*]{2,}"
    rf"|[{_SURNAMES}][\u4e00-\u9fff]{{0,2}}(?:{_TITLES})"
    rf"|[{_SURNAMES}][\u4e00-\u9fff]?[*×]"
    rf"|(?:民警|警官|网格员|辅警|居民|村民|我是|我叫|您好|尊敬的|联系人)[:,\s]?[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}"
    r"(?=[。,;!:、\s]|$|将|会|已|正|前来|来|您|你|与|和|为)"
    rf"|(?:^|[。,;!:\s])[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}(?:您好|你好)"
    r"|\b(?:Mr|Mrs|Ms|Miss|Dr)\.?\s+[A-Z]"
    r"|\b(?:[Oo]fficer|[Dd]ear|[Hh]ello|Hi)\s+(?!(?:Resident|Residents|Neighbour|Neighbours|Customer|Sir|Madam)\b)[A-Z][a-z]+"
)


def _has_name(text: str) -> bool:
    return _NAME.search(text) is not None


# --- length ----------------------------------------------------------------------------------

_GSM_EXTENDED = frozenset("^{}\\[~]|€")
_GSM = (
    frozenset(
        "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
        "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
    )
    | _GSM_EXTENDED
)


def _is_gsm(text: str) -> bool:
    return set(text) <= _GSM


def _wrong_length(text: str) -> bool:
    return not text.strip() or len(text) > LONGEST["gsm" if _is_gsm(text) else "ucs2"]


_BREAKS: Mapping[str, Callable[[str], bool]] = {
    "link": _has_link,
    "number": _has_number,
    "asks": _asks,
    "name": _has_name,
    "length": _wrong_length,
}
