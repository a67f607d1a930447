"""The fields of a warning list, and the words senders put above them."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache
from importlib import resources

import yaml

from .characters import one_line
from .problems import Language


class Field(StrEnum):
    """What a column of a warning list may mean to us."""

    NAME = "name"
    PHONE = "phone"
    ID_NUMBER = "id_number"
    ADDRESS = "address"
    AREA = "area"
    KIND = "kind"
    GRADE = "grade"
    OCCURRED_AT = "occurred_at"
    ISSUED_AT = "issued_at"
    REFERENCE = "reference"
    RISK_NUMBER = "risk_number"
    NOTE = "note"
    SENDER_UNIT = "sender_unit"
    TIME_OF_DAY = "time_of_day"
    PAID = "paid"
    LOSS = "loss"
    # Numbers of which nobody has said yet whose they are: no list is imported with one.
    NUMBER_UNCLEAR = "unclear_number"

    def label(self, language: Language) -> str:
        """The field's name as shown above a preview."""
        zh, en = _LABELS[self]
        return zh if language == "zh" else en


_LABELS = {
    Field.NAME: ("姓名", "Name"),
    Field.PHONE: ("居民电话", "Resident's phone"),
    Field.ID_NUMBER: ("身份证号", "ID number"),
    Field.ADDRESS: ("住址", "Address"),
    Field.AREA: ("村（社区）", "Village or community"),
    Field.KIND: ("诈骗类型", "Kind of fraud"),
    Field.GRADE: ("风险等级", "Risk level"),
    Field.OCCURRED_AT: ("来电来信时间", "Time of the call or text"),
    Field.ISSUED_AT: ("下发时间", "Issued at"),
    Field.REFERENCE: ("预警编号", "Sender's number"),
    Field.RISK_NUMBER: ("涉诈号码", "Suspect number"),
    Field.NOTE: ("备注", "Note"),
    Field.SENDER_UNIT: ("下发单位", "Sending unit"),
    Field.TIME_OF_DAY: ("来电时刻（与日期分两列时）", "Time of day (where the date stands apart)"),
    Field.PAID: ("是否已转账", "Money already sent"),
    Field.LOSS: ("被骗金额", "Amount lost"),
    Field.NUMBER_UNCLEAR: ("号码（请选择是谁的）", "Numbers (choose whose they are)"),
}


def _read_words() -> dict[str, Field | None]:
    text = (resources.files(__package__) / "column_words.yaml").read_text("utf-8")
    return {
        word: None if field == "ignored" else Field(field)
        for field, words in yaml.safe_load(text).items()
        for word in words
    }


WORDS = _read_words()
_SERIAL_WORDS = frozenset({"序号", "行号", "顺序号", "no", "sn", "index", "#", "number", "编号"})
# Lists from Hong Kong and Taiwan: the traditional forms of the characters our words are made of.
_SIMPLE = str.maketrans(
    "電話號碼聯繫係證類級時間備註鄉鎮區編單風險騙詐額轉帳賬戶來發預駐詳細線報員責處勸簽況結賓釋稱機被",
    "电话号码联系系证类级时间备注乡镇区编单风险骗诈额转账账户来发预驻详细线报员责处劝签况结宾释称机被",
)
_MARKS = re.compile(r"[\s:：*＊()（）\[\]【】/／\\、,，._\-\"'“”]+")
_BRACKETED = re.compile(r"[(（【\[][^)）】\]]*[)）】\]]")
_LEAST_FUZZY = 0.82
# How surely a header must name a field to count as naming it.
KNOWN_WORD = 0.68
_PERSONAL = frozenset({Field.NAME, Field.PHONE, Field.ID_NUMBER, Field.ADDRESS})
_STAFF = re.compile(
    r"民警|网格员|责任人|负责人|处置人|劝阻人|签收人|填报人|经办|干部|officer|handler"
)
_SUSPECT = re.compile(r"嫌疑|涉诈|涉案|骗子|诈骗|可疑|对方|主叫|suspect|scam|fraud|caller")


def bare(header: str) -> str:
    """A header in the form the words are kept in: `联系 电话（必填）*` -> `联系电话`."""
    text = one_line(header).lower().translate(_SIMPLE)
    without_brackets = _MARKS.sub("", _BRACKETED.sub("", text))
    return without_brackets or _MARKS.sub("", text)


@lru_cache(maxsize=2048)
def word_match(header: str) -> tuple[Field | None, float, str]:
    """The field a header names, how surely (0 to 1), and the word that says so.

    (None, 1.0, "序号") is a known column that we do not use; (None, 0.0, "") says nothing.
    1.0 is the word itself, 0.97 the word with something in brackets, less the smaller the part of the header the word is; fuzzy spelling
    (手机号吗, adress) comes last. A number of a suspect or of an officer is never the resident's.
    """
    text = bare(header)
    if not text or len(text) > 40:
        return None, 0.0, ""
    field, sure, word = _longest_word(text)
    if sure == 1.0 and _BRACKETED.search(one_line(header)):
        sure = 0.97
    whole = _MARKS.sub("", one_line(header).lower())
    if field in _PERSONAL and (staff := _STAFF.search(whole)):
        return None, 0.95, staff.group()
    if field in _PERSONAL and (suspect := _SUSPECT.search(whole)):
        return (Field.RISK_NUMBER if field is Field.PHONE else None), 0.85, suspect.group()
    return field, sure, word


def _longest_word(text: str) -> tuple[Field | None, float, str]:
    if text in WORDS:
        return WORDS[text], 1.0, text
    inside = [word for word in WORDS if len(word) > (3 if word.isascii() else 1) and word in text]
    if inside:
        # The noun stands at the end: 联系人电话 is a phone, not a person.
        word = max(inside, key=lambda w: (len(w) + 2 * text.endswith(w), text.rfind(w)))
        return WORDS[word], round(0.6 + 0.35 * len(word) / len(text), 2), word
    if len(text) < 3:
        return None, 0.0, ""
    ratio, word = max((SequenceMatcher(None, w, text).ratio(), w) for w in WORDS)
    if ratio < _LEAST_FUZZY:
        return None, 0.0, ""
    return WORDS[word], round(ratio * 0.8, 2), word


def is_serial(header: str) -> bool:
    """Whether a column only counts rows (序号)."""
    return bare(header) in _SERIAL_WORDS - {"编号"}
