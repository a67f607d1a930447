"""How many guesses a password withstands, by whoever knows words, pinyin, dates and keyboards.

A password is cut into the pieces that cost least: a common word, a pinyin syllable, a date, a run
of neighbouring keys, something said before, one's own name, or a bare character. Each piece costs
bits (the logarithm of how many such pieces there are); the sum of the cheapest cut is the answer.
Example: `Password123!` is a common word (12) + a run (8) + a sign (5): 25 bits, a second's work.

The method is that of zxcvbn (D. Wheeler, USENIX Security 2016), with Chinese habits: pinyin, 520,
six-digit birthdays, mobile numbers. Numbers are counts, rounded: 20,000 common passwords are 14
bits, but the first thousands are tried first; there are 400 syllables of pinyin (8.6 bits), 60
years of days (15), a few hundred runs of keys (8).
"""

from __future__ import annotations

import functools
import math
import re
import unicodedata
from collections.abc import Collection, Iterator

from django.contrib.auth.password_validation import CommonPasswordValidator

# What people write for what letter. 1 and ! are i or l; both are tried.
_SIGNS = str.maketrans("0345@$7+", "oeasastt")
_SIGNS_I, _SIGNS_L = str.maketrans("1!|", "iii"), str.maketrans("1!|", "lll")

COMMON, PHRASE, SYLLABLE, RUN, COPY, OWN = 12.0, 10.0, 8.6, 8.0, 4.0, 3.0
LETTER, DIGIT, SIGN, SPACE, HAN = math.log2(26), math.log2(10), 5.0, 2.0, 9.0
# What spelling a word with signs, or backwards, adds: few ways, all of them known.
TURNED = 2.0

# Pinyin phrases and numbers popular in Chinese passwords (written down for this project).
PHRASES = frozenset(
    """
    woaini woaiwo iloveyou woaizhongguo zhongguo zhonghua zhongguoren woaiwojia woaita aini
    nihao nihaoma wobuzhidao buzhidao wodemima mima denglu denglumima meiyoumima mimashi
    woshishui woshiwo nishishui laopo laogong baobei baobao qinaide shengri shengrikuaile
    xinniankuaile gongxifacai facai fadacai wanshiruyi pingan yilupingan jiankang xingfu kuaile
    beijing shanghai chongqing guangzhou shenzhen tianjin chengdu wuhan sichuan renmin gongan
    jingcha paichusuo shequ cunweihui zhengfu bangongshi guanliyuan ceshi gongzuo shuiyongnima
    administrator admin root system welcome letmein changeme default test guest user login
    computer internet windows huawei xiaomi weixin alipay taobao qqcom
    520 521 1314 5201314 1314520 5211314 7758521 7758258 147258369 147258 258369 789456123
    1234567890 0123456789 987654321 666666 888888 168168 110110 119119 10086 10010 10000 12315
    """.split()  # noqa: SIM905  read as a text, not as ninety strings
)
_INITIALS = "b p m f d t n l g k h j q x zh ch sh r z c s y w".split()  # noqa: SIM905
_FINALS = """
    a o e ai ei ao ou an en ang eng ong i ia ie iao iu ian in iang ing iong
    u ua uo uai ui uan un uang ue
    """.split()  # noqa: SIM905
# More than are spoken; those that are not help nobody to a word.
SYLLABLES = frozenset(a + b for a in _INITIALS for b in _FINALS) | {"an", "en", "er", "ai", "ang"}

_ROWS = ("`1234567890-=", "qwertyuiop[]\\", "asdfghjkl;'", "zxcvbnm,./")
_SHIFTED = ("~!@#$%^&*()_+", "qwertyuiop{}|", 'asdfghjkl:"', "zxcvbnm<>?")
_COLUMNS = ("1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik,", "9ol.", "0p;/")
_ORDERED = (*_ROWS, *_SHIFTED, *_COLUMNS, "abcdefghijklmnopqrstuvwxyz", "01234567890", "13579",
            "24680", "147258369", "qazwsxedcrfvtgbyhnujm")  # fmt: skip
_LINES = tuple(line for row in _ORDERED for line in (row, row[::-1]))

_DAY = r"(?:0[1-9]|[12]\d|3[01])"
_MONTH = r"(?:0[1-9]|1[0-2])"
# What of digits is guessed as one: pattern, bits.
_DATED = tuple(
    (re.compile(pattern), bits)
    for pattern, bits in (
        (rf"(?:19|20)\d\d[-./]?{_MONTH}[-./]?{_DAY}", 15.0),
        (rf"{_DAY}{_MONTH}(?:19|20)\d\d", 15.0),
        (rf"\d\d{_MONTH}{_DAY}", 14.0),
        (r"(?:19|20)\d\d", 6.0),
        (rf"{_MONTH}{_DAY}", 8.5),
        (r"1[3-9]\d{9}", 20.0),  # a mobile number; one's own is known
        (rf"\d{{6}}(?:19|20)\d\d{_MONTH}{_DAY}\d{{3}}[\dx]", 20.0),  # an identity number
    )
)
_LONGEST_WORD = 24


def guess_bits(password: str, own: Collection[str] = ()) -> float:
    """The logarithm (base 2) of about how many guesses find `password`.

    `own` are words known of its owner (account, name, badge), in any case. What stands after the
    128th character is not looked at: the work grows with the square of the length.
    """
    text, *turned = (spelling[:128] for spelling in as_letters(password))
    spellings = [text, *turned]
    mine = frozenset(spelling for word in own for spelling in as_letters(word))
    best = [0.0] + [math.inf] * len(text)
    for start in range(len(text)):
        for end, bits in _pieces(text, spellings, start, mine):
            best[end] = min(best[end], best[start] + bits)
    return best[-1]


def as_letters(password: str) -> list[str]:
    """`password` in small letters, and twice with signs read as the letters they look like.

    All have the same length, so that places in one are places in all.
    """
    text = _plain(password)
    read = text.translate(_SIGNS)
    return [text, read.translate(_SIGNS_I), read.translate(_SIGNS_L)]


def _plain(password: str) -> str:
    return unicodedata.normalize("NFKC", password).lower()


def _pieces(
    text: str, spellings: list[str], start: int, mine: frozenset[str]
) -> Iterator[tuple[int, float]]:
    """(end, bits) of every piece of `text` that begins at `start`."""
    yield start + 1, _bits_of(text[start])
    for pattern, bits in _DATED:
        if found := pattern.match(text, start):
            yield found.end(), bits
    for end in range(start + 3, len(text) + 1):
        if text[start:end] not in text[:start]:
            break
        yield end, COPY
    for end in range(start + 2, min(len(text), start + _LONGEST_WORD) + 1):
        for turn, spelling in enumerate(spellings):
            bits = _word_bits(spelling[start:end], mine)
            yield end, bits + (TURNED if turn and spelling[start:end] != text[start:end] else 0)


def _word_bits(word: str, mine: frozenset[str]) -> float:
    if word in mine:
        return OWN
    if len(word) >= 3 and any(word in line for line in _LINES):
        return RUN
    if word in PHRASES:
        return PHRASE
    if word in SYLLABLES:
        return SYLLABLE
    if len(word) >= 4 and word in _common():
        return COMMON
    if len(word) >= 6 and word[::-1] in _common():
        return COMMON + TURNED
    return math.inf


def _bits_of(character: str) -> float:
    if character.isspace() or character in "-_.,":
        return SPACE
    if character.isdigit():
        return DIGIT
    if character.isascii():
        return LETTER if character.isalpha() else SIGN
    return HAN


@functools.cache
def _common() -> frozenset[str]:
    """The list, also as it reads once signs are taken for letters: `s55` is read as `sss`."""
    listed = CommonPasswordValidator().passwords
    return frozenset(spelling for word in listed for spelling in as_letters(word))
