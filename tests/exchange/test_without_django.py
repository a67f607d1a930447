"""The exchange is a library of its own: it runs where there is no Django."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import fangxian.exchange

PROGRAM = """
import importlib, sys
sys.modules["django"] = None
for name in sys.argv[1:]:
    importlib.import_module(name)
from fangxian.exchange.tables import read_pasted
print(len(read_pasted("姓名\\t电话\\n王芳\\t12000000001").rows))
"""


def test_every_module_works_without_django() -> None:
    names = [
        f"fangxian.exchange.{module.name}"
        for module in pkgutil.iter_modules(fangxian.exchange.__path__)
    ]
    assert "fangxian.exchange.tables" in names
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", PROGRAM, *names],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.strip(), done.stderr) == ("1", "")
