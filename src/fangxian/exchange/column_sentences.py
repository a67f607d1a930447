"""What is said about columns: why one was guessed, and why a mapping cannot be used."""

from __future__ import annotations

from collections.abc import Mapping


def both(zh: str, en: str) -> Mapping[str, str]:
    """One sentence in both languages."""
    return {"zh": zh, "en": en}


COLUMNS: Mapping[str, Mapping[str, str]] = {
    "guess_remembered": both(
        "上次这家单位的“{header}”列就是这样对应的", "As last time for “{header}” of this sender"
    ),
    "guess_word": both("表头“{header}”就是{field_zh}", "The header “{header}” says so"),
    "guess_part": both("表头“{header}”里有“{word}”", "The header “{header}” contains “{word}”"),
    "guess_both": both(
        "表头“{header}”里有“{word}”，内容 {percent}% 也像",
        "The header “{header}” contains “{word}”, and {percent}% of the cells look like it",
    ),
    "guess_against": both(
        "表头“{header}”像，但只有 {percent}% 的内容像，请核对",
        "The header “{header}” says so, but only {percent}% of the cells look like it; please check",
    ),
    "guess_content": both(
        "表头没有说明，{percent}% 的内容像{field_zh}",
        "The header does not say; {percent}% of the cells look like it",
    ),
    "guess_chosen": both("由人选定", "Chosen by a person"),
    "number_unclear": both(
        "有两列号码，表头没有说是谁的，请选择",
        "There are two columns of numbers and the header does not say whose; please choose",
    ),
    "number_suspect": both(
        "表头没有说是谁的号码；{percent}% 是境外、服务或重复的号码，像可疑号码，请选择",
        "The header does not say whose; {percent}% of the numbers are foreign, service or repeated "
        "ones, as suspects' are. Please choose",
    ),
    "number_resident": both(
        "表头没有说是谁的号码；号码各不相同，紧挨姓名，像居民电话，请选择",
        "The header does not say whose; the numbers all differ and stand beside the name, as "
        "residents' do. Please choose",
    ),
    "map_unclear": both(
        "有 {count} 列号码分不清是居民的还是可疑的。请先选择，否则电话会打到骗子那里",
        "It is unclear whether {count} columns of numbers are residents' or suspects'. Please "
        "choose first, or a suspect would be rung",
    ),
    "map_twice": both(
        "“{field_zh}”对应了 {count} 列，只能对应一列",
        "“{field_en}” was given to {count} columns; only one may have it",
    ),
    "map_no_contact": both(
        "需要电话列，或姓名和住址两列，才能找到人",
        "A phone column is needed, or name and address, so that people can be found",
    ),
}
