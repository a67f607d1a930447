"""What all tests share: fixed keys, a small town, a signed-in client, a real browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from town_of_tests import SmallTown, build_small_town, sign_in

HOME = Path(settings.HOME)
# A busy machine is no wrong answer: speed is for the benchmarks to judge.
hypothesis_settings.register_profile("fangxian", deadline=None)
hypothesis_settings.load_profile("fangxian")


# Fixtures of pytest-django without which no test reaches the database.
DATABASE = {"db", "transactional_db"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that have to run on each database are marked "database"; the others run on one.

    Without these fixtures pytest-django lets no test near the database. What a browser shows and
    keys do is the same on either; the journeys carry the mark themselves, and so does a test whose
    database is used by processes of its own.

    Files with slow tests come first, so that the processes end at about the same time.
    """
    for item in items:
        uses = item.get_closest_marker("django_db") or DATABASE & set(item.fixturenames)
        if uses and "chromium" not in item.fixturenames:
            item.add_marker("database")
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
) -> None:
    """SQLite tests use a file: the live server's threads and the test share it, as in a town."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        database["TEST"]["NAME"] = str(HOME / f"test-{worker}.sqlite3")
        # A power cut during a test harms nobody; a flush a write makes the suite three times slower.
        database["OPTIONS"]["init_command"] = database["OPTIONS"]["init_command"].replace(
            "synchronous=FULL", "synchronous=OFF"
        )


@pytest.fixture(autouse=True)
def in_chinese() -> Iterator[None]:
    """A request in English leaves English behind in its thread; each test begins in Chinese."""
    with translation.override(settings.LANGUAGE_CODE):
        cache.clear()
        yield


@pytest.fixture
def small_town(db: None) -> SmallTown:
    return build_small_town()


@pytest.fixture
def live_town(transactional_db: None) -> SmallTown:
    """The small town, committed, for tests with threads or a browser."""
    return build_small_town()


@pytest.fixture
def signed_in() -> Callable[..., Client]:
    """`signed_in(staff)` gives a client with that person signed in; `language="en"` for English."""

    def make(staff: Any, language: str = "zh-hans") -> Client:
        client = Client(headers={"accept-language": language})
        return sign_in(client, staff)

    return make


# --- browser ----------------------------------------------------------------------------------
CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
# Without what Chromium prepares behind the address bar of each window: half the work of a new one.
FLAGS = [
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup",
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One Chromium for the session; skipped with one line where there is none."""
    if not CHROMIUM or not Path(CHROMIUM).exists():
        pytest.skip("no Chromium: apt-get install chromium, or set CHROMIUM")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Any, live_server: Any) -> Iterator[Callable[..., Any]]:
    """`open_page(staff, width=360, language="zh-CN")` gives a page, signed in as `staff` (or None).

    The page refuses any request that leaves this machine, and any error in its console fails the
    test.
    """
    contexts: list[Any] = []
    errors: list[str] = []

    def make(
        staff: Any = None, width: int = 1440, language: str = "zh-CN", height: int = 900
    ) -> Any:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, locale=language,
            base_url=live_server.url, has_touch=width < 800, reduced_motion="reduce",
        )  # fmt: skip
        if staff is not None:
            session = sign_in(Client(), staff).cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda e: errors.append(str(e)))
        page.on(
            "console",
            lambda m: (
                errors.append(m.text)
                if m.type == "error" and "Failed to load resource" not in m.text
                else None
            ),
        )
        contexts.append(context)
        return page

    yield make
    for context in contexts:
        context.close()
    assert errors == []
