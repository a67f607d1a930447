"""What `make test` runs: the whole suite on SQLite, then on PostgreSQL what a database matters to.

PostgreSQL is TEST_DATABASE_URL where given; else a throwaway cluster, reached by a socket in a
temporary folder only, where PostgreSQL's programs are found. Never as root, never a server that
nobody named. TEST_BOTH=1 fails where there is none. Further arguments go to pytest.

One process more than there are cores: a browser, a server or a process that is to be killed is
often waited for. TEST_PROCESSES says otherwise.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Rooms that know no Django (import-linter holds them to it) know no database: there they are not
# even read. In the other rooms tests/conftest.py marks what runs on each database.
GROUND = ("detect", "exchange", "measure", "numbers")
PROCESSES = os.environ.get("TEST_PROCESSES") or str((os.cpu_count() or 1) + 1)
# Not handed on: where another database or home is named, and the wish that Python should keep no
# compiled files. Some hundred processes of the tests would compile the house anew, each by itself.
OF_OTHERS = ("DATABASE_URL", "FANGXIAN_HOME", "PYTHONDONTWRITEBYTECODE")


def main() -> None:
    """Run both; the exit status says whether either failed."""
    # Told to stop, leave as after Ctrl+C: the cluster is stopped on the way out.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(1))
    arguments = sys.argv[1:]
    failed = pytest("SQLite", "", arguments)
    with postgres() as url:
        if url:
            print(f'\nOnly above: {", ".join(GROUND)}, and whatever is not marked "database".')
            ignored = [f"--ignore={ROOT / 'tests' / room}" for room in GROUND]
            failed |= pytest("PostgreSQL", url, [*ignored, "-m", "database", *arguments])
        failed |= bool(os.environ.get("TEST_BOTH")) and not url
    sys.exit(1 if failed else 0)


def pytest(name: str, url: str, arguments: list[str]) -> bool:
    """One run of the suite. Returns whether it failed."""
    print(f"\n=== {name} ===", flush=True)
    env = {k: v for k, v in os.environ.items() if k not in OF_OTHERS}
    if url:
        env["DATABASE_URL"] = url
    command = [sys.executable, "-m", "pytest", "-n", PROCESSES]
    done = subprocess.run(
        [*command, "--dist", "loadfile", "--no-loadscope-reorder", "--durations=12", *arguments],
        cwd=ROOT,
        env=env,
        check=False,
    )
    # 5: the arguments chose no test. That is for whoever chose to judge, not a failure.
    return done.returncode not in (0, 5)


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL to test on, or "" after one line that says what was not tested."""
    if named := os.environ.get("TEST_DATABASE_URL"):
        yield named
        return
    programs = find_programs()
    user = unprivileged()
    if programs is None or user is None:
        print("\nNot tested on PostgreSQL: no TEST_DATABASE_URL and no PostgreSQL programs here.")
        yield ""
        return
    with tempfile.TemporaryDirectory(prefix="fangxian-pg-") as folder:
        data = Path(folder) / "data"
        os.chown(folder, user.pw_uid, user.pw_gid)
        prefix = [] if os.geteuid() == user.pw_uid else ["runuser", "-u", user.pw_name, "--"]

        def run(*command: str) -> None:
            subprocess.run(
                [*prefix, *command], check=True, stdout=subprocess.DEVNULL, cwd=folder,
                env={**os.environ, "LC_ALL": "C.UTF-8"},
            )  # fmt: skip

        run(
            str(programs / "initdb"), "-D", str(data), "-U", "fangxian", "-A", "trust", "-E", "UTF8"
        )
        options = (
            f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off "
            "-c synchronous_commit=off -c full_page_writes=off"
        )
        control = [str(programs / "pg_ctl"), "-D", str(data), "-w"]
        run(*control, "-l", str(Path(folder) / "log"), "-o", options, "start")
        try:
            yield f"postgresql://fangxian@/postgres?host={folder}"
        finally:
            run(*control, "-m", "immediate", "stop")


def find_programs() -> Path | None:
    """Where initdb and pg_ctl are, newest first."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((f for f in folders if (f / "initdb").exists()), None)


def unprivileged() -> pwd.struct_passwd | None:
    """Who runs the cluster: ourselves, or, when we are root, postgres or nobody."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    if not shutil.which("runuser"):
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None


if __name__ == "__main__":
    main()
