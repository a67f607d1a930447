"""Invented people. Names are drawn from parts, phones begin with 120, which no operator has."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
GIVEN_ELDER = "秀英桂兰玉珍淑芬国华建明德福长贵素云金凤永发天才世荣光清文礼正元大有"
GIVEN_ADULT = "伟芳丽强磊军洋艳勇杰娟涛明超霞平刚玲燕鹏飞红梅波辉静敏林琴"
GIVEN_YOUNG = "子轩浩宇欣怡梓涵雨桐思远嘉琪博文一诺俊熙佳宁若曦晨阳"


@dataclass(frozen=True)
class Person:
    """One invented resident; `phones` are E.164."""

    name: str
    birth_year: int
    phones: tuple[str, ...]
    tags: tuple[str, ...]


def name_of(rng: Random, birth_year: int) -> str:
    """A name that fits the year of birth."""
    pool = GIVEN_ELDER if birth_year < 1965 else GIVEN_ADULT if birth_year < 1995 else GIVEN_YOUNG
    count = 1 if rng.random() < 0.25 else 2
    return rng.choice(SURNAMES) + "".join(rng.sample(pool, count))


def household_of(rng: Random, serial: int, year: int) -> list[Person]:
    """The people under one roof; `serial` keeps their phones apart (120 + 8 digits)."""
    shape = rng.random()
    if shape < 0.16:
        ages = [rng.randint(66, 90)]
    elif shape < 0.32:
        ages = [a := rng.randint(62, 84), max(60, a - rng.randint(0, 5))]
    elif shape < 0.5:
        ages = [rng.randint(22, 60), rng.randint(22, 60)]
    else:
        parent = rng.randint(26, 52)
        ages = [parent, parent + rng.randint(-4, 4), max(1, parent - rng.randint(22, 32))]
        if rng.random() < 0.45:
            ages.append(rng.randint(60, 86))
        if rng.random() < 0.35:
            ages.append(max(1, parent - rng.randint(24, 34)))
    people = []
    for position, age in enumerate(ages):
        born = year - age
        tags = []
        if age >= 66 and len(ages) == 1:
            tags.append("lives_alone")
        elif age >= 62 and len(ages) == 2 and min(ages) >= 60:
            tags.append("elder_couple")
        if age >= 76 and rng.random() < 0.2:
            tags.append("hard_of_hearing")
        if 12 <= age <= 22:
            tags.append("student")
        if 25 <= age <= 60 and rng.random() < 0.04:
            tags.append(rng.choice(("shop_owner", "accountant")))
        phones = [f"+86120{serial * 6 + position:08d}"] if age >= 10 else []
        if position == 0 and rng.random() < 0.12:
            phones.append(f"+86230{serial:07d}")
        people.append(Person(name_of(rng, born), born, tuple(phones), tuple(tags)))
    return people
