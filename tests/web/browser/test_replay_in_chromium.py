"""The day's slider in a browser: one download, by keyboard, in words, without motion if wished.

The network is played by the test: the console's own files, one hub, and the film of a day that was
driven in tables in memory.
"""

import json
from pathlib import Path

import pytest

from chalicelib.domain.simulation import reel
from chalicelib.entry.api import replays
from chalicelib.web import assets, ops_app
from tests.domain.simulation.days import DAY
from tests.domain.simulation.test_recorded_day import lived

playwright_api = pytest.importorskip("playwright.sync_api")

_AXE = Path(__file__).with_name("axe-4.14.1.min.js")
_SITE = "http://desk.test/ops"
#: What the console itself wants of a hub on which nothing is going on now.
_QUIET_DAY = {
    "cursor": "1",
    "at": "2026-11-27T09:00:00.000Z",
    "is_whole": True,
    "routes": [],
    "drivers": [],
    "waiting": [],
    "merchants": {},
    "positions": [],
}


@pytest.fixture(scope="module")
def film() -> dict[str, object]:
    day = lived()
    return dict(replays._write(day.clock.read(lambda uow: reel.of_day(uow, day.hub.id, DAY))))


class Desk:
    """The console with its panel open."""

    def __init__(self, context, film) -> None:
        self.film = film
        self.asked: list[str] = []
        self.page = context.new_page()
        self.page.route("**/*", self._answer)
        self.page.goto(_SITE)
        self.page.get_by_role("button", name="Replay").click()
        self.slider = self.page.get_by_role("slider", name="Time of the day")
        self.slider.wait_for()

    def _answer(self, route) -> None:
        path = route.request.url.removeprefix("http://desk.test/").partition("?")[0]
        if path == "ops":
            html = ops_app.page()
            route.fulfill(body=html, headers=ops_app.headers(html))
        elif path.startswith("s/"):
            asset = assets.by_name()[path.removeprefix("s/")]
            route.fulfill(body=asset.content, content_type=asset.content_type)
        elif path == "v1/hubs":
            hub = {"id": self.film["hub_id"], "name": "Hub", "timezone": "Europe/Berlin"}
            hub |= {"latitude": 50.11, "longitude": 8.68}
            route.fulfill(json={"hubs": [hub]})
        elif path in ("ops/board", "ops/changes"):
            route.fulfill(json=_QUIET_DAY)
        elif path == "ops/replay":
            self.asked.append(route.request.url)
            route.fulfill(json=self.film)
        else:
            problem = {"code": "not_found", "title": "not there", "status": 404}
            route.fulfill(status=404, json=problem)

    def put_away(self) -> None:
        self.page.unroute_all(behavior="ignoreErrors")
        self.page.context.close()

    def told(self) -> str:
        return self.page.locator(".told").inner_text()


def test_the_slider_is_moved_by_keyboard_and_says_what_it_shows(chromium, film) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    desk = Desk(context, film)
    doors = sum(row[7] for track in film["tracks"] for row in track["stops"] if row[0] == 1)
    assert f"delivered of {doors} planned" in desk.told()
    assert "0 out" in desk.told()
    desk.slider.focus()
    desk.page.keyboard.press("Home")
    assert " 0 delivered" in desk.told()
    begun = desk.slider.get_attribute("aria-valuetext")
    for _ in range(3):
        desk.page.keyboard.press("ArrowRight")
    desk.page.get_by_role("button", name="15 minutes on").press("Enter")
    assert desk.page.locator(".replay output").inner_text() != begun
    # To a moment at which somebody drives.
    busy = min(row[6] for track in film["tracks"] for row in track["stops"] if row[6] is not None)
    desk.slider.fill(str(busy // 60 * 60 + 60))
    assert "0 out" not in desk.told()
    desk.page.locator(".replay summary").click()
    assert "stops" in desk.page.locator(".replay .rows li").first.inner_text()
    assert len(desk.asked) == 1
    desk.page.evaluate(_AXE.read_text())
    found = desk.page.evaluate("axe.run('.replay').then((told) => told.violations)")
    assert found == [], json.dumps(found)[:2000]
    desk.put_away()


def test_it_plays_pauses_and_moves_in_steps_for_whoever_wants_no_motion(chromium, film) -> None:
    context = chromium.new_context(reduced_motion="reduce", viewport={"width": 480, "height": 800})
    desk = Desk(context, film)
    button = desk.page.get_by_role("button", name="Play", exact=True)
    button.click()
    pause = desk.page.get_by_role("button", name="Pause")
    pause.wait_for()
    # From the end it begins anew, and comes on by itself.
    desk.page.wait_for_function(
        "(at) => 0 < Number(at.value) && Number(at.value) < Number(at.max)",
        arg=desk.slider.element_handle(),
    )
    pause.click()
    stands = desk.slider.input_value()
    desk.page.wait_for_timeout(1_100)
    assert desk.slider.input_value() == stands
    assert int(stands) % 300 == 0
    desk.put_away()
