"""Samples of a column show what it is, and nobody's data."""

from __future__ import annotations

import pytest

from fangxian.exchange.fields import Field
from fangxian.exchange.masking import masked


@pytest.mark.parametrize(
    ("text", "field", "shown"),
    [
        ("12000000001", Field.PHONE, "120****0001"),
        ("12000000001", None, "120****0001"),
        ("本人120 0000 0001", Field.PHONE, "本人120****0001"),
        ("02390001234", Field.NUMBER_UNCLEAR, "023-****1234"),
        ("11010519491231002X", Field.ID_NUMBER, "110105**********2X"),
        ("11010519491231002X", None, "110105**********2X"),
        ("王秀英", Field.NAME, "王**"),
        ("王秀英", None, "王**"),
        ("阿依古丽", None, "阿***"),
        ("海兰村3组12号", Field.ADDRESS, "海兰村***"),
        ("示范县金峰镇海兰村3组12号", None, "示范县金峰镇海兰村***"),
        ("海兰村", Field.AREA, "海兰村"),
        ("冒充客服", Field.KIND, "冒充客服"),
        ("高", Field.GRADE, "高"),
        ("2026-11-01 14:30", Field.OCCURRED_AT, "2026-11-01 14:30"),
        ("YJ-0001", Field.REFERENCE, "YJ-0001"),
        ("6200000000000000123", None, "620000***********23"),
        ("王芳接到自称客服的电话后转账5000元", Field.NOTE, "王…（19）"),
        ("", None, ""),
    ],
)
def test_a_sample_shows_what_the_column_is_and_not_whose(text, field, shown) -> None:
    assert masked(text, field) == shown
