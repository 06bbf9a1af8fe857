"""One Chromium for the pages; without it they are skipped, or fail where it is required."""

import os
from pathlib import Path

import pytest

from tests.entry.conftest import doors
from tests.web.browser.driver_stage import served

__all__ = ["doors"]

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="module")
def launch():
    """Start a browser with switches of its own; it ends with the module."""
    if not CHROMIUM.exists():
        if os.environ.get("REQUIRE_BROWSER") == "1":
            raise RuntimeError(f"REQUIRE_BROWSER=1, and there is no {CHROMIUM}")
        pytest.skip(f"no {CHROMIUM} on this machine")
    playwright_api = pytest.importorskip("playwright.sync_api")
    with playwright_api.sync_playwright() as playwright:
        started = []

        def launch(*switches: str):
            always = ["--no-sandbox", "--disable-dev-shm-usage"]
            started.append(
                playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*always, *switches])
            )
            return started[-1]

        yield launch
        for browser in started:
            browser.close()


@pytest.fixture(scope="module")
def chromium(launch):
    return launch()


@pytest.fixture(scope="module")
def stage(doors):
    """The whole API behind a port, for the driver's app."""
    with served(doors) as stage:
        yield stage
