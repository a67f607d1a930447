"""The pictures of the documentation: `make screenshots` builds a demo town, serves it, and takes
each page of `PAGES` in both languages at phone and desk width, into docs/images/.

`python tools/screenshots.py FOLDER` writes elsewhere; `NAME …` after it takes only those, `all`
takes every page.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# name -> (who is signed in, address). In capitals what depends on the town: the officer is whoever
# holds a red call today.
PAGES = {
    "home": ("", "/"),
    "caller": ("", "/ask/caller/"),
    "sign-in": ("", "/town/sign-in/"),
    "my-work": ("OFFICER", "/work/"),
    "board": ("clerk1", "/work/board/"),
    "wall": ("clerk1", "/work/wall/"),
    "alarms": ("leader1", "/work/alarms/"),
    "intake": ("clerk1", "/work/intake/"),
    "preview": ("clerk1", "PREVIEW"),
    "episodes": ("clerk1", "/work/episodes/"),
    "episode": ("OFFICER", "EPISODE"),
    "call": ("OFFICER", "CALL"),
    "visit": ("grid5", "VISIT"),
    "reviews": ("clerk1", "/work/reviews/"),
    "cases": ("clerk1", "/work/cases/"),
    "report": ("leader1", "/board/"),
    "signals": ("leader1", "/board/signals/"),
    "residents": ("clerk1", "/town/residents/"),
    "duty-tree": ("leader1", "/town/duties/"),
    "places": ("clerk1", "/town/places/"),
    "settings": ("system1", "/work/settings/"),
    "audit": ("auditor1", "/town/audit/"),
    "retention": ("auditor1", "/town/retention/"),
    "staff": ("security1", "/town/staff/"),
    "tokens": ("security1", "/town/tokens/"),
}
# Those that stand in the documentation; `FOLDER all` takes every page, to be looked at.
DOCUMENTED = ("board", "call", "my-work", "report", "preview", "caller", "episode", "visit")
LANGUAGES = {"zh": "zh-CN", "en": "en-US"}
WIDTHS = {360: 780, 1440: 900}


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"
    names = sys.argv[2:] or list(DOCUMENTED)
    if names == ["all"]:
        names = list(PAGES)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(
            FANGXIAN_MODE="demo", FANGXIAN_HOME=home, FANGXIAN_LOG="ERROR",
            DJANGO_SETTINGS_MODULE="fangxian.web.settings", DJANGO_ALLOW_ASYNC_UNSAFE="true",
        )  # fmt: skip
        port = free_port()
        addresses, sessions = prepare({PAGES[n][0] for n in names} - {""})
        web = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "fangxian.web.wsgi:application", "-k", "gthread",
             "--threads", "4", "-b", f"127.0.0.1:{port}", "--log-level", "error"]
        )  # fmt: skip
        try:
            shoot(f"http://127.0.0.1:{port}", folder, names, addresses, sessions)
        finally:
            web.terminate()
            web.wait(20)


def prepare(people: set[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Build the town; the addresses that depend on it, and a session for each person."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client

    from fangxian.town.models import Staff
    from fangxian.warn.actions.intake import add_sender, hand_in
    from fangxian.warn.actions.tasks import claim
    from fangxian.warn.models import Task
    from fangxian.web.demo import build

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    build()
    clerk = Staff.objects.get(username="clerk1")
    sample = ROOT / "samples" / "county-list-2026-11.xlsx"
    batch, _ = hand_in(clerk, add_sender(clerk, "示范县反诈中心"), sample.name, sample.read_bytes())
    todo = Task.objects.filter(state="todo").select_related("episode", "place", "assigned_to")
    call = todo.filter(kind="call", assigned_to__isnull=False).order_by("grade", "-due_at")[0]
    claim(call, call.assigned_to)
    visit = todo.filter(kind="visit", assigned_to__username="grid5").first()
    if visit is not None:
        claim(visit, visit.assigned_to)
    sessions = {}
    for name in people:
        client = Client()
        backend = "django.contrib.auth.backends.ModelBackend"
        staff = call.assigned_to if name == "OFFICER" else Staff.objects.get(username=name)
        client.force_login(staff, backend)
        sessions[name] = client.cookies["sessionid"].value
    addresses = {
        "PREVIEW": f"/work/intake/{batch.pk}/",
        "EPISODE": f"/work/episodes/{call.episode_id}/",
        "CALL": f"/work/tasks/{call.pk}/call/",
        "VISIT": f"/work/tasks/{visit.pk}/visit/" if visit else "/work/",
    }
    return addresses, sessions


def shoot(
    base: str, folder: Path, names: list[str], addresses: dict[str, str], sessions: dict[str, str]
) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        for language, locale in LANGUAGES.items():
            for width, height in WIDTHS.items():
                for name in names:
                    who, address = PAGES[name]
                    context = browser.new_context(
                        viewport={"width": width, "height": height}, locale=locale,
                        reduced_motion="reduce",
                    )  # fmt: skip
                    if who:
                        context.add_cookies(
                            [{"name": "sessionid", "value": sessions[who], "url": base}]
                        )
                    page = context.new_page()
                    page.goto(base + addresses.get(address, address))
                    page.wait_for_timeout(500)
                    path = folder / f"{name}-{language}-{width}.png"
                    page.screenshot(path=path)
                    shrink(path)
                    context.close()
        browser.close()


def shrink(path: Path) -> None:
    """256 colours are enough for a page, at a third of the size."""
    from PIL import Image

    picture: Any = Image.open(path).convert("RGB")
    picture.quantize(256, dither=0).save(path, optimize=True)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


if __name__ == "__main__":
    begin = time.monotonic()
    main()
    print(f"{time.monotonic() - begin:.0f} s")
