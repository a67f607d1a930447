"""Set-up from a fresh clone, with nothing but Python 3.11: `python3 tools/setup.py runtime|dev|docs|spark`.

Makes .venv, installs what the lock files name (hashes checked), fetches the front-end files by npm
(the system's, else Node from a PyPI wheel), compiles translations; for `dev` also makes sure of a
browser. Steps whose inputs did not change are skipped. Standard library only.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV, BUILD, LOCKS = ROOT / ".venv", ROOT / "build", ROOT / "requirements"
PYTHON = VENV / "bin" / "python"
VENDOR = ROOT / "src" / "fangxian" / "web" / "static"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    """Run the steps for what was asked."""
    what = sys.argv[1] if len(sys.argv) > 1 else "runtime"
    if what not in ("runtime", "dev", "docs", "spark"):
        sys.exit("usage: python3 tools/setup.py runtime|dev|docs|spark")
    if sys.version_info < (3, 11):  # noqa: UP036  whoever runs this may have an older one
        sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}")
    BUILD.mkdir(exist_ok=True)
    step("virtual environment", [], make_venv, key=f"{sys.version} {sys.base_prefix}")
    # What dev installed contains what runtime needs: do not shrink it again, but keep it fresh.
    packages = "dev" if what == "runtime" and installed("dev") else what
    lock = LOCKS / f"{packages}.lock"
    step("packages", [LOCKS / "build.lock", lock, ROOT / "pyproject.toml"],
         lambda: install_packages(lock), name=f"packages-{packages}")  # fmt: skip
    npm = [LOCKS / "package.json", LOCKS / "package-lock.json", LOCKS / "assets.txt"]
    step("front-end files", npm, install_assets)
    step("translations", sorted(ROOT.glob("src/fangxian/*/locale/*/LC_MESSAGES/*.po")), compile_po)
    if what == "dev":
        find_browser()


def step(
    label: str, inputs: list[Path], act: Callable[[], None], name: str = "", key: str = ""
) -> None:
    """Do `act` unless its inputs are as they were when it last succeeded; say how long it took."""
    stamp = BUILD / f".{(name or label).replace(' ', '-')}.stamp"
    digest = hashlib.sha256(key.encode())
    for path in inputs:
        digest.update(path.read_bytes())
    if stamp.exists() and stamp.read_text() == digest.hexdigest() and PYTHON.exists():
        return
    begin = time.monotonic()
    print(f"· {label} …", end=" ", flush=True)
    act()
    stamp.write_text(digest.hexdigest())
    print(f"{time.monotonic() - begin:.0f} s", flush=True)


def installed(what: str) -> bool:
    return (BUILD / f".packages-{what}.stamp").exists() and PYTHON.exists()


def run(*command: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None) -> None:
    """Run a command quietly; when it fails, show what it said and stop."""
    done = subprocess.run(
        [str(c) for c in command], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        print("failed\n")
        print((done.stdout + done.stderr)[-4000:])
        sys.exit(f"set-up stopped at: {' '.join(str(c) for c in command)}")


def make_venv() -> None:
    """A fresh .venv; Debian keeps venv in a package of its own."""
    for stamp in BUILD.glob(".packages-*.stamp"):
        stamp.unlink()
    # Not sys.executable: with .venv activated that is the very Python we are about to clear away.
    python = f"{sys.base_prefix}/bin/python{sys.version_info[0]}.{sys.version_info[1]}"
    command = [python, "-m", "venv", "--clear", str(VENV)]
    if subprocess.run(command, capture_output=True, check=False).returncode == 0:
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        apt("python3-venv")
        run(*command)
        return
    print("failed")
    sys.exit("Python's venv is missing. Run: sudo apt-get install python3-venv")


def install_packages(lock: Path) -> None:
    """Everything the lock names, hashes checked, then this project itself."""
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run(*pip, "--require-hashes", "-r", LOCKS / "build.lock", "-r", lock)
    run(*pip, "--no-deps", "--no-build-isolation", "--editable", ROOT)


def install_assets() -> None:
    """Front-end packages into build/npm, and the few files we serve from there."""
    folder = BUILD / "npm"
    folder.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(LOCKS / name, folder / name)
    run(*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=folder, env=npm_env())
    for line in (LOCKS / "assets.txt").read_text().splitlines():
        if " -> " in line:
            source, target = line.split(" -> ")
            (VENDOR / target).parent.mkdir(parents=True, exist_ok=True)
            content = (folder / source).read_bytes()
            # Maps for debugging are not served; a reference to one would break the manifest.
            content = re.sub(rb"/[*/]# sourceMappingURL=\S+( \*/)?\n?", b"", content)
            (VENDOR / target).write_bytes(content)


def npm() -> list[str | Path]:
    """The system's npm; else Node and npm from a PyPI wheel."""
    if found := shutil.which("npm"):
        return [found]
    run(PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", LOCKS / "node.lock")
    return [VENV / "bin" / "npm"]


def npm_env() -> dict[str, str]:
    return {**os.environ, "PATH": f"{VENV / 'bin'}:{os.environ.get('PATH', '')}"}


def compile_po() -> None:
    run(PYTHON, ROOT / "tools" / "messages.py", "compile")


def find_browser() -> None:
    """A Chromium for the browser tests: there, or installed when we may, or the command named."""
    if os.environ.get("CHROMIUM") or any(shutil.which(name) for name in CHROMIUMS):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        begin = time.monotonic()
        print("· Chromium …", end=" ", flush=True)
        apt("chromium", "fonts-noto-cjk")
        print(f"{time.monotonic() - begin:.0f} s")
        return
    print("No Chromium: browser tests are skipped. sudo apt-get install chromium fonts-noto-cjk")


def apt(*packages: str) -> None:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run("apt-get", "update", env=env)
    run("apt-get", "install", "-y", "--no-install-recommends", *packages, env=env)


if __name__ == "__main__":
    main()
