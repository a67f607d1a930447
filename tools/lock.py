"""Renew the lock files (`python tools/lock.py`), or check that they name no address (`check`).

Locks carry versions and hashes. Where packages come from is the business of whoever installs them.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

LOCKS = Path(__file__).resolve().parents[1] / "requirements"
OPTIONS = [
    "--python-version", "3.11", "--universal", "--generate-hashes", "--no-emit-index-url",
    "--no-emit-find-links", "--no-annotate", "--no-header", "--quiet",
]  # fmt: skip


def main() -> None:
    if sys.argv[1:] == ["check"]:
        found = [p.name for p in sorted(LOCKS.iterdir()) if has_address(p.read_text())]
        sys.exit(f"addresses in {', '.join(found)}" if found else 0)
    if not shutil.which("uv"):
        sys.exit("uv is needed to renew the locks: pip install uv")
    compile_lock("build", str(LOCKS / "build.in"))
    compile_lock("node", str(LOCKS / "node.in"))
    compile_lock("runtime", "pyproject.toml")
    compile_lock("dev", "pyproject.toml", "--extra", "dev", "-c", str(LOCKS / "runtime.lock"))
    both = ("--extra", "dev", "--extra", "docs")
    compile_lock("docs", "pyproject.toml", *both, "-c", str(LOCKS / "dev.lock"))
    # What Spark wants has to fit to what the others chose, never the other way round.
    spark = ("--extra", "dev", "--extra", "spark")
    compile_lock("spark", "pyproject.toml", *spark, "-c", str(LOCKS / "dev.lock"))


def compile_lock(name: str, source: str, *extra: str) -> None:
    out = str(LOCKS / f"{name}.lock")
    subprocess.run(["uv", "pip", "compile", source, *OPTIONS, *extra, "-o", out], check=True)


def has_address(text: str) -> bool:
    """Whether a lock names a host, of a registry or any other."""
    return bool(re.search(r'"resolved"|--index-url|--find-links|https?:', text))


if __name__ == "__main__":
    main()
