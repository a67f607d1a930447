"""What `make check` runs, each with one line; the first words of a failure are what to mend."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent


def main() -> None:
    """Run every check, even after one failed; exit with 1 when any did."""
    test = {"FANGXIAN_MODE": "test", "FANGXIAN_HOME": str(ROOT / "build" / "check")}
    checks: list[tuple[str, list[str], dict[str, str]]] = [
        ("style", ["ruff", "check", "."], {}),
        ("format", ["ruff", "format", "--check", "."], {}),
        ("types", ["mypy"], test),
        ("arrows between rooms", ["lint-imports"], test),
        ("migrations", ["fangxian", "manage", "makemigrations", "--check", "--dry-run"], test),
        ("deployment", ["fangxian", "manage", "check", "--deploy", "--fail-level", "WARNING"],
         production()),
        ("templates", ["djlint", "src", "--lint", "--quiet"], {}),
        ("translations", ["python", "tools/messages.py", "check"], test),
        ("lock files", ["python", "tools/lock.py", "check"], {}),
    ]  # fmt: skip
    failed = [label for label, command, env in checks if not passes(label, command, env)]
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")
    print(f"{len(checks)} checks passed")


def passes(label: str, command: list[str], env: dict[str, str]) -> bool:
    begin = time.monotonic()
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]], cwd=ROOT, env={**os.environ, **env},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    print(f"{'ok  ' if not done.returncode else 'FAIL'} {label} ({time.monotonic() - begin:.0f} s)")
    if done.returncode:
        print((done.stdout + done.stderr)[-6000:])
    return not done.returncode


def production() -> dict[str, str]:
    """The settings of a real town, with keys made for this check alone."""
    out = subprocess.run(
        [str(BIN / "fangxian"), "keys", "new"], capture_output=True, text=True, check=True
    ).stdout
    keys = dict(line.split("=", 1) for line in out.splitlines())
    return {
        **keys,
        "FANGXIAN_MODE": "production",
        "FANGXIAN_HOME": str(ROOT / "build" / "check-production"),
        "FANGXIAN_HOSTS": "fangxian.example",
    }


if __name__ == "__main__":
    main()
