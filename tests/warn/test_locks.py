"""Every action takes the writers' lock before it touches a row, or two would wait for each other."""

from __future__ import annotations

import ast
import inspect
from types import ModuleType

import pytest

from fangxian.warn.actions import alarms, calls, rules, tasks, walls

# What locks rows of PostgreSQL: writing, `select_for_update`, and `held`, which does that.
LOCKS = (
    "select_for_update",
    "update",
    "create",
    "update_or_create",
    "bulk_create",
    "delete",
    "save",
)
LOCKS += ("held",)


def actions(module: ModuleType) -> list[ast.FunctionDef]:
    """The functions of a module that are a transaction of their own."""
    found = [n for n in ast.parse(inspect.getsource(module)).body if isinstance(n, ast.FunctionDef)]
    return [f for f in found if any("atomic" in ast.unparse(d) for d in f.decorator_list)]


def first_line(action: ast.FunctionDef, *names: str) -> int:
    """The first line on which a method or function of one of these names is called."""
    return min(
        (
            call.lineno
            for call in ast.walk(action)
            if isinstance(call, ast.Call) and ast.unparse(call.func).split(".")[-1] in names
        ),
        default=10**9,
    )


@pytest.mark.parametrize("module", [alarms, calls, rules, tasks, walls])
def test_an_action_holds_the_chain_before_it_locks_a_row(module: ModuleType) -> None:
    found = actions(module)
    assert found
    for action in found:
        held, locked = first_line(action, "hold"), first_line(action, *LOCKS)
        assert held < locked, f"{module.__name__}.{action.name}"
