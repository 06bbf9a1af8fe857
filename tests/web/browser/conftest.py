"""One Chromium for the pages; without it they are skipped, or fail where it is required."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.entry.conftest import doors
from tests.web.browser.driver_stage import served

__all__ = ["doors"]

CHROMIUM = Path("/usr/bin/chromium")
#: How long a browser may take for anything that does come: only a test that fails waits so long.
PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def launch():
    """Start a browser with switches of its own; it ends with the module."""
    if not CHROMIUM.exists():
        if os.environ.get("REQUIRE_BROWSER") == "1":
            raise RuntimeError(f"REQUIRE_BROWSER=1, and there is no {CHROMIUM}")
        pytest.skip(f"no {CHROMIUM} on this machine")
    playwright_api = pytest.importorskip("playwright.sync_api")
    playwright_api.expect.set_options(timeout=PATIENCE_MS)
    with playwright_api.sync_playwright() as playwright:
        started = []

        def launch(*switches: str):
            browser = playwright.chromium.launch(
                executable_path=str(CHROMIUM),
                args=["--no-sandbox", "--disable-dev-shm-usage", *switches],
                timeout=2 * PATIENCE_MS,
            )
            browser.new_context = patient(browser.new_context)
            started.append(browser)
            return browser

        yield launch
        for browser in started:
            browser.close()


def patient(new_context: Callable[..., Any]) -> Callable[..., Any]:
    """Every page of every file waits equally long."""

    def made(**options: Any) -> Any:
        context = new_context(**options)
        context.set_default_timeout(PATIENCE_MS)
        return context

    return made


@pytest.fixture(scope="module")
def chromium(launch):
    return launch()


@pytest.fixture(scope="module")
def stage(doors):
    """The whole API behind a port, for the driver's app."""
    with served(doors) as stage:
        yield stage
