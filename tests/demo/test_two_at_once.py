"""Two towns of one installation that start at the same time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

STARTS = """
import django
django.setup()
from fangxian.web.serving import _bring_up_to_date
for _ in range(4):
    _bring_up_to_date()
"""


def test_neither_takes_the_others_files_away(tmp_path: Path) -> None:
    plain = {k: v for k, v in os.environ.items() if k != "DATABASE_URL" and "FANGXIAN" not in k}
    plain |= {"FANGXIAN_MODE": "demo", "DJANGO_SETTINGS_MODULE": "fangxian.web.settings"}
    both = [
        subprocess.Popen(
            [sys.executable, "-c", STARTS],
            env=plain | {"FANGXIAN_HOME": str(tmp_path / name)}, stderr=subprocess.PIPE,
        )
        for name in ("one", "other")
    ]  # fmt: skip
    said = [process.communicate(timeout=120)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
