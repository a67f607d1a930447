"""The auditor reads words, not the names that the program gives to its verbs."""

from __future__ import annotations

import ast
from pathlib import Path

from django.utils.translation import override

from fangxian.town import audit

SOURCE = Path(audit.__file__).parents[1]


def verbs_of(tree: ast.AST) -> set[str]:
    """The second argument of `audit.record(who, "verb", …)`, the first of `audit.Entry("verb", …)`."""
    found = set()
    for node in ast.walk(tree):
        called = getattr(node.func, "attr", "") if isinstance(node, ast.Call) else ""
        place = {"record": 1, "Entry": 0}.get(called)
        if place is None or len(node.args) <= place:
            continue
        for constant in ast.walk(node.args[place]):
            if isinstance(constant, ast.Constant) and isinstance(constant.value, str):
                found.add(constant.value)
    return found


def test_every_verb_of_the_chain_has_a_name_in_both_languages() -> None:
    verbs = set()
    for path in SOURCE.rglob("*.py"):
        verbs |= verbs_of(ast.parse(path.read_text("utf-8")))
    assert len(verbs) > 80
    for language in ("zh-hans", "en"):
        with override(language):
            assert [v for v in sorted(verbs) if audit.words_for(v) == v] == []
