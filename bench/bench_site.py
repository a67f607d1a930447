"""Ten main pages and API calls at 5,000 and 50,000 residents, against a bare ORM page.

`python -m bench site` builds two towns (5,000 residents with 20,000 episodes; 50,000 with
200,000), serves each by gunicorn with a worker beside it, and prints for every page p50 and p95 in
milliseconds and as a ratio to the bare page measured in turn with it, its queries, and, while the
worker imports a list, rows per second, how long claims and alarms wait beside it, and the most
memory that web and worker held. Figures go to build/bench/site.json.
`FANGXIAN_BENCH_SMALL=1` does the small town alone.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any, NamedTuple

import httpx
import psutil
from rich.console import Console
from rich.table import Table as Grid

SIZES = {"5,000": (1_820, 20_000), "50,000": (18_200, 200_000)}
ROUNDS = 40
IMPORT_ROWS = 20_000
# Queries a page may take.
MOST = 12
OUT = Path(__file__).parents[1] / "build" / "bench"


@dataclass
class Site:
    """A town being served: a client for each who is signed in, and what the child found out."""

    clients: dict[str, httpx.Client]
    facts: dict[str, Any]
    web: psutil.Process
    worker: psutil.Process


class Page(NamedTuple):
    """One page or API call, and who opens it: clerk1, who holds the call, who holds the visit
    ("door"), or the token."""

    who: str
    url: str


def main() -> dict[str, Any]:
    """Run all sizes, print the tables, write the JSON. Returns the figures."""
    figures: dict[str, Any] = {}
    sizes = dict(list(SIZES.items())[:1]) if os.environ.get("FANGXIAN_BENCH_SMALL") else SIZES
    for name, (households, episodes) in sizes.items():
        with tempfile.TemporaryDirectory() as home:
            figures[name] = _one_size(Path(home), households, episodes)
    _print(figures)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "site.json").write_text(json.dumps(figures, indent=1))
    many = {n: q for found in figures.values() for n, q in found["queries"].items() if q > MOST}
    if many:
        raise SystemExit(f"more than {MOST} queries: {many}")
    return figures


def _one_size(home: Path, households: int, episodes: int) -> dict[str, Any]:
    env = {
        **os.environ,
        "FANGXIAN_MODE": "demo",
        "FANGXIAN_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "FANGXIAN_LOG": "ERROR",
    }
    facts = json.loads(_child(env, "prepare", str(households), str(episodes)).splitlines()[-1])
    port = _free_port()
    web = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--chdir", str(OUT.parents[1]), "-k", "gthread",
         "--threads", "4", "-b", f"127.0.0.1:{port}", "--log-level", "error",
         "fangxian.web.wsgi:application"],
        env=env,
    )  # fmt: skip
    worker = subprocess.Popen([sys.executable, "-m", "fangxian.cli", "worker"], env=env)
    try:
        base = f"http://127.0.0.1:{port}"
        _wait(base)
        site = Site(
            _clients(base, facts), facts, psutil.Process(web.pid), psutil.Process(worker.pid)
        )
        result = _measure(site)
        result["queries"] = json.loads(_child(env, "queries", json.dumps(facts)).splitlines()[-1])
        result |= _import(env, site)
    finally:
        for process in (web, worker):
            process.terminate()
        for process in (web, worker):
            process.wait(20)
    result["residents"] = facts["residents"]
    result["episodes"] = facts["episodes"]
    result["first_night_s"] = facts["first_night_s"]
    return result


def pages(facts: dict[str, Any]) -> dict[str, Page]:
    """The main pages and API calls, by name."""
    return {
        "my work": Page("officer", "/work/"),
        "the call": Page("officer", f"/work/tasks/{facts['call']}/call/"),
        "the visit": Page("door", f"/work/tasks/{facts['visit']}/visit/"),
        "board": Page("clerk", "/work/board/"),
        "board rows": Page("clerk", "/work/board/rows/"),
        "episodes": Page("clerk", "/work/episodes/"),
        "one episode": Page("clerk", f"/work/episodes/{facts['episode']}/"),
        "intake": Page("clerk", "/work/intake/"),
        "residents": Page("clerk", "/town/residents/"),
        "duty tree": Page("clerk", "/town/duties/"),
        "statistics": Page("clerk", "/board/"),
        "cases": Page("clerk", "/work/cases/"),
        "API episodes": Page("token", "/api/v1/episodes?limit=50"),
        "API results": Page("token", "/api/v1/warnings/results?limit=50"),
    }


def _clients(base: str, facts: dict[str, Any]) -> dict[str, httpx.Client]:
    signed_in = {
        who: httpx.Client(base_url=base, cookies={"sessionid": session}, timeout=60)
        for who, session in facts["sessions"].items()
    }
    bearer = {"Authorization": f"Bearer {facts['token']}"}
    return {**signed_in, "token": httpx.Client(base_url=base, headers=bearer, timeout=60)}


def _measure(site: Site) -> dict[str, Any]:
    """Each page in turn with the bare page, so that a slow minute slows both."""
    answer: dict[str, Any] = {"pages": {}}
    for name, page in pages(site.facts).items():
        client = site.clients[page.who]
        times: list[float] = []
        bare: list[float] = []
        for turn in range(ROUNDS + 5):
            a, b = _time(client, page.url), _time(site.clients["clerk"], "/bare/")
            if turn >= 5:
                times.append(a)
                bare.append(b)
        answer["pages"][name] = {
            "p50_ms": median(times),
            "p95_ms": quantiles(times, n=20)[-1],
            "ratio_p50": median(times) / median(bare),
            "ratio_p95": quantiles(times, n=20)[-1] / quantiles(bare, n=20)[-1],
            "bare_p50_ms": median(bare),
        }
    return answer


def _time(client: httpx.Client, url: str) -> float:
    begin = time.perf_counter()
    answer = client.get(url)
    took = (time.perf_counter() - begin) * 1000
    if answer.status_code not in (200, 204):
        raise SystemExit(f"{url}: {answer.status_code}")
    return took


def _import(env: dict[str, str], site: Site) -> dict[str, Any]:
    """Hand a list to the worker that runs; what it and the web held meanwhile, at the most."""
    most = {"web": 0.0, "worker": 0.0}
    child = subprocess.Popen(
        [sys.executable, "-m", "bench.inside", "import", str(IMPORT_ROWS)],
        env=env, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    while child.poll() is None:
        most = {"web": max(most["web"], _rss(site.web)),
                "worker": max(most["worker"], _rss(site.worker))}  # fmt: skip
        time.sleep(0.1)
    assert child.stdout is not None  # noqa: S101  asked for above
    if child.returncode:
        raise SystemExit("the import failed")
    return {"import": json.loads(child.stdout.read().splitlines()[-1]), "rss_mib": most}


def _rss(process: psutil.Process) -> float:
    whole = [process, *process.children(recursive=True)]
    return sum(p.memory_info().rss for p in whole) / 2**20


def _wait(base: str) -> None:
    for _ in range(200):
        try:
            httpx.get(base + "/bare/", timeout=5)
            return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise SystemExit("the site did not start")


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def _child(env: dict[str, str], *what: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "bench.inside", *what],
        env=env, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip


def _print(figures: dict[str, Any]) -> None:
    console = Console(width=120)
    for found in figures.values():
        grid = Grid(title=f"{found['residents']} residents, {found['episodes']} episodes")
        for column in ("page", "p50 ms", "p95 ms", "p50 / bare", "p95 / bare", "queries"):
            grid.add_column(column, justify="left" if column == "page" else "right")
        for name, row in found["pages"].items():
            grid.add_row(
                name, f"{row['p50_ms']:.1f}", f"{row['p95_ms']:.1f}", f"{row['ratio_p50']:.1f}",
                f"{row['ratio_p95']:.1f}", str(found["queries"].get(name, "")),
            )  # fmt: skip
        console.print(grid)
        console.print(
            f"memory: web {found['rss_mib']['web']:.0f} MiB, worker "
            f"{found['rss_mib']['worker']:.0f} MiB; the first night's deletions took "
            f"{found['first_night_s']:.0f} s"
        )
        told = found["import"]
        console.print(
            f"list of {IMPORT_ROWS:,} rows: preview in {told['read_s']:.1f} s, import "
            f"{told['rows_per_s']:.0f} rows/s; meanwhile claims {_spread(told['claim_ms'])}, "
            f"alarms late by {_spread(told['alarm_ms'])}"
        )
    if len(figures) == 2:
        small, large = figures.values()
        grid = Grid(title="growth: p50 at 50,000 residents / p50 at 5,000")
        grid.add_column("page")
        grid.add_column("times", justify="right")
        for name, row in large["pages"].items():
            grid.add_row(name, f"{row['p50_ms'] / small['pages'][name]['p50_ms']:.2f}")
        console.print(grid)


def _spread(ms: list[float]) -> str:
    """Median, 95th percentile and the worst, in milliseconds."""
    if len(ms) < 2:
        return "not measured"
    p95 = quantiles(ms, n=20)[-1]
    return f"p50 {median(ms):.0f} / p95 {p95:.0f} / max {max(ms):.0f} ms ({len(ms)})"


if __name__ == "__main__":
    main()
