"""The recipient's page in a real browser: with and without scripts, on narrow and dark screens."""

import os
from pathlib import Path

import pytest

from chalicelib.domain.deliveries.model import Status
from chalicelib.kit.geo import LatLng
from tests.web.browser.pictures import a_picture
from tests.web.browser.track_stage import served

pytestmark = pytest.mark.browser

AXE = Path(__file__).with_name("axe-4.14.1.min.js")
PHONE = {"width": 390, "height": 844}
OUT = Status.EN_ROUTE_TO_DROPOFF
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DRAWN = "() => new Promise((go) => requestAnimationFrame(() => setTimeout(go)))"
WIDEST = "document.documentElement.scrollWidth"


@pytest.fixture(scope="module")
def track():
    with served() as stage:
        yield stage


@pytest.fixture(autouse=True)
def as_it_was(track):
    track.changes = {}
    track.asked.clear()


@pytest.fixture
def open_page(chromium, track):
    """Open the page of a status; collects every complaint and every request."""
    contexts = []

    def open_page(status: Status, query: str = "", **options):
        context = chromium.new_context(**{"viewport": PHONE, **options})
        contexts.append(context)
        tab = context.new_page()
        tab.complaints, tab.asked = [], []
        tab.on("console", lambda message: tab.complaints.append(message.text))
        tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
        tab.on("request", lambda request: tab.asked.append(request.url))
        tab.goto(f"{track.address}/{status.value}{query}", wait_until="load")
        return tab

    yield open_page
    for context in contexts:
        context.close()


def violations(tab) -> list[str]:
    tab.evaluate(AXE.read_text(encoding="utf-8"))
    found = tab.evaluate(
        "rules => axe.run(document, {runOnly: rules}).then(r => r.violations)", RULES
    )
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]


OFTEN_SEEN = [Status.PLANNED, OUT, Status.DELIVERED, Status.ATTEMPT_FAILED, Status.RETURNED]


@pytest.mark.parametrize("status", OFTEN_SEEN)
def test_a_narrow_phone_without_scripts_shows_everything_without_scrolling_sideways(
    open_page, status
):
    narrow = {"width": 320, "height": 640}
    tab = open_page(status, java_script_enabled=False, viewport=narrow)
    assert tab.locator("h1").is_visible()
    assert tab.locator("[aria-current=step]").count() == 1
    assert tab.locator(".map svg").count() == (
        1 if status in OFTEN_SEEN[:2] + OFTEN_SEEN[3:4] else 0
    )
    # The developer tools' own script runs even where the page's may not.
    assert tab.evaluate(WIDEST) == 320
    tab.evaluate("document.documentElement.style.fontSize = '200%'")
    assert tab.evaluate(WIDEST) == 320
    assert tab.complaints == []


@pytest.mark.parametrize(
    ("status", "scheme", "query"),
    [
        (OUT, "light", ""),
        (OUT, "dark", ""),
        (Status.DELIVERED, "light", ""),
        (OUT, "light", "?lang=ar"),
    ],
)
def test_axe_finds_nothing_and_nobody_else_is_asked(open_page, track, status, scheme, query):
    tab = open_page(status, query, color_scheme=scheme)
    if status is OUT:
        tab.wait_for_selector("html[data-map=ready]", state="attached")
    assert tab.complaints == []
    assert tab.evaluate(WIDEST) == PHONE["width"]
    assert violations(tab) == []
    host = track.address.removesuffix("/t")
    assert all(url.startswith((host, "data:")) for url in tab.asked)


def test_what_changes_is_shown_without_a_reload_and_a_new_status_is_said_once(open_page, track):
    track.changes = {"dot": None}
    tab = open_page(OUT)
    look = "dispatchEvent(new Event('online'))"
    tab.evaluate(look)
    tab.locator("#title", has_text="14:10–14:30").wait_for()
    assert tab.locator("#dot").get_attribute("visibility") == "hidden"
    track.changes = {"dot": LatLng(51.1935, 9.3601)}
    tab.evaluate(look)
    tab.locator("#dot[visibility=visible]").wait_for(state="attached")
    assert tab.locator("#news").inner_text() == ""
    track.changes = {"status": Status.ARRIVED_AT_DROPOFF}
    tab.evaluate(look)
    tab.locator("#news", has_text="Your driver is here").wait_for(state="attached")
    assert tab.locator("[aria-current=step]").inner_text().startswith("At your door")
    tab.evaluate("document.querySelector('#news').textContent = ''")
    with tab.expect_response(lambda one: one.url.endswith("/live") and one.status == 304):
        tab.evaluate(look)
    tab.evaluate(DRAWN)
    assert tab.locator("#news").inner_text() == ""
    assert tab.complaints == []


def test_a_page_that_nobody_looks_at_or_that_is_over_asks_for_nothing(open_page, track):
    tab = open_page(Status.DELIVERED)
    tab.wait_for_timeout(200)
    assert [one for one in track.asked if one.endswith("delivered/live")] == []
    assert tab.locator("script").count() == 0


@pytest.mark.skipif("SHOTS" not in os.environ, reason="pictures are made by `make shots`")
def test_pictures_of_the_recipients_page_for_looking_at(open_page, track):
    track.photo = a_picture(600, 450)
    folder = Path(os.environ["SHOTS"])
    kinds = {
        "light": {},
        "dark": {"color_scheme": "dark"},
        "narrow": {"viewport": {"width": 320, "height": 640}},
        "no-script": {"java_script_enabled": False},
        "rtl": {"query": "?lang=ar"},
    }
    for name, options in kinds.items():
        for status in (Status.PLANNED, OUT, Status.DELIVERED, Status.ATTEMPT_FAILED):
            track.changes = {"long": False}
            tab = open_page(status, **options)
            tab.wait_for_timeout(600)
            tab.screenshot(path=folder / f"track-{status.value}-{name}.png", full_page=True)
