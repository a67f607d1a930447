"""What breaks programs that read texts, in pieces to be put together."""

from __future__ import annotations

# Half characters, marks, directions, what is not seen, drawings, digits of many scripts.
CHARACTERS = [
    "\ud800", "\udfff", "\udc80", "\0", "\x1b[31m", "\x85", "\u2028", "\t", "\n", "\r\n", "\r",
    "\u0301", "a\u0301\u0301", "\u20dd", "\u202e", "\u2067", "\u200b", "\u200d", "\ufeff", "\u00ad",
    "👨‍👩‍👧‍👦", "🇨🇳", "❤️", "🏳️‍🌈", "\U000e0041", "①", "⑩", "㊿", "⒈", "𝟙", "٣", "๓", "½", "Ⅷ", "㍿", "ﷺ", "ﬃ",
    "İ", "ß", "а", "Ａ", "ㄱ", "\u115f", "ꙮ", "𠀀", "\U0010ffff", "\ufffe", "　", " ", "。", "．", "…",
]  # fmt: skip
# What undo looks for.
DISGUISES = [
    "网(wǎng)", "網（wǎng）", "(luo)(luo)", "网(", "薇 信", "薇", "亻言", "+v", "v❤", "q.q", "转*账",
    "zhuan账", "z h u a n账", "加 微 信 领", "一三八零零", "幺", "洞", "二〇", "刷単", "返li",
]  # fmt: skip
NUMBERS = [
    "12000001234", "120 0000 1234", "+86", "0086", "86", "0", "00", "+", "-", "(", ")", "l2OO", "95588",
    "12345", "110", "400", "10655", "+852", "转8001", "tel:", "1", "12", "0755-", "1,000.00", "****",
]  # fmt: skip
LINKS = [
    "http://", "https://", "hxxp://", "h**p:/", "ftp://", "//", "www.", "a.example", "点com", "[.]com",
    "(dot)", " dot ", "。cn", ".com", ".com.cn", ".xn--fiqs8s", "xn--", "xn--a", "xn--99999999999",
    "аррӏе", "icbc", "1cbc.top", "@", "user:pass@", ":80", ":99999", ":", "/", "?a=%41%zz", "#", "%2e",
    "[::1]", "http://[", "]", "::ffff:1.2.3.4", "0x7f.1", "0177.0.0.01", "4294967296", "1.2.3.4", "256.",
    ".apk", "-", "_", "\\", "mailto:a@b.example", ".", "..",
]  # fmt: skip
WORDS = ["转账", "验证码", "妈，", "公安局", "安全账户", "hello ", "the ", "银行", "中", "，"]
PIECES = [*CHARACTERS, *DISGUISES, *NUMBERS, *LINKS, *WORDS]

FRAUD = "妈，我手机掉水里了，这是我新号，你先给我转5000块交学费，别告诉我爸。"
HONEST = "今晚一起去吃火锅不？六点半老地方，我订了位置。"

# Whole texts nobody should send.
MONSTERS = {
    "empty": "",
    "blank": " \t\n\u3000\u200b",
    "one megabyte": "转账 http://a.example 12000001234 " * 27_000,
    "one character over and over": "转" * 60_000,
    "binary": bytes(range(256)).decode("latin-1") * 40,
    "binary as halves": (bytes(range(256)) * 40).decode("utf-8", "surrogateescape"),
    "lone surrogates": "\ud800\udfff" * 5_000,
    "wrong coding": FRAUD.encode("gb18030").decode("latin-1"),
    "mixed coding": FRAUD + FRAUD.encode("gb18030").decode("utf-8", "surrogateescape"),
    "combining marks": "转" + "\u0301" * 10_000 + "账" + "\u20dd" * 10_000,
    "a disguise and no end": "加v" * 10_000,
    "pinyin and no end": "网" + "(wang)" * 8_000,
    "brackets": "(" * 50_000,
    "dots": "a." * 20_000,
    "digits": "1 " * 20_000,
    "turned": "\u202e\u2067" * 20_000,
    "NUL": "\0" * 50_000 + "转账",
}
