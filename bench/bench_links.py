"""How many links are looked at in a second, one by one and in texts: python bench/bench_links.py"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from rich.console import Console
from rich.table import Table

from fangxian.detect.links import links_in, look_at_link

OUT = Path(__file__).parent.parent / "build" / "bench"
LINKS = 20_000
TEXTS = 5_000
SAYINGS = ("【银行】您的积分即将到期，请登录{}兑换", "快递异常，详情{}。", "下午三点开会，别迟到，资料在 {} 里", "see {} for more")  # fmt: skip


def made_up_links(rng: Random, count: int) -> list[str]:
    """Links of all sorts, no two of one name: nothing is looked up twice."""
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    links = []
    for _ in range(count):
        name = "".join(rng.choice(letters) for _ in range(rng.randint(5, 14)))
        ending = rng.choice((".com", ".top", ".cn", ".vip", ".com.cn", ".xyz"))
        links.append(
            rng.choice(("http://", "https://www.", "", "www."))
            + name
            + ending
            + rng.choice(("", "/", "/a?id=5"))
        )
    return links


def timed(work: Callable[[], object]) -> float:
    """Seconds of processor time: other people's work on the machine does not count."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> dict[str, float]:
    """Measure, print a table, write build/bench/links.json and return {figure: number}."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    rng = Random(1)  # noqa: S311
    figures: dict[str, float] = {}
    figures["first link, everything loaded, ms"] = timed(lambda: look_at_link("abcd.top")) * 1000
    links = made_up_links(rng, LINKS)
    figures["one link, us"] = timed(lambda: [look_at_link(link) for link in links]) / LINKS * 1e6
    figures["links a second"] = 1e6 / figures["one link, us"]
    texts = [rng.choice(SAYINGS).format(link) for link in made_up_links(rng, TEXTS)]
    figures["one text with a link, us"] = timed(lambda: [links_in(t) for t in texts]) / TEXTS * 1e6
    plain = [text.replace(".", "") for text in texts]
    figures["one text without, us"] = timed(lambda: [links_in(t) for t in plain]) / TEXTS * 1e6
    figures["1 MB text with 90,000 links, s"] = timed(lambda: links_in("看abcd.top " * 90_000))
    table = Table("figure", "value")
    for name, value in figures.items():
        table.add_row(name, f"{value:,.1f}")
    Console().print(table)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "links.json").write_text(json.dumps(figures, indent=1))
    return figures


if __name__ == "__main__":
    main()
