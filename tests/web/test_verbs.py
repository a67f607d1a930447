"""The auditor reads words: whatever any room writes into the chain has a name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import fangxian
from fangxian.town import audit


def written() -> Iterator[str]:
    """Every verb that stands as text in a call of `record` or `Entry`."""
    for path in sorted(Path(fangxian.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(
                node.func, ast.Name | ast.Attribute
            ):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            position = {"record": 1, "Entry": 0}.get(called)
            if position is not None and len(node.args) > position:
                yield from (
                    c.value
                    for c in ast.walk(node.args[position])
                    if isinstance(c, ast.Constant) and isinstance(c.value, str)
                )


def test_every_verb_of_the_chain_has_a_name() -> None:
    verbs = set(written())
    assert len(verbs) > 80
    assert [verb for verb in sorted(verbs) if audit.words_for(verb) == verb] == []
