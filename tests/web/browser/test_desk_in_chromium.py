"""The console in a real browser: everything by keyboard, nothing overwritten in silence."""

import json
import os
from pathlib import Path

import pytest

from chalicelib.web import assets
from tests.web.browser.desk_stage import Desk, desk
from tests.web.browser.test_driver_looks_in_chromium import AXE, RUN_AXE, TAGS

pytestmark = pytest.mark.browser
expect = pytest.importorskip("playwright.sync_api").expect

SHOTS = os.environ.get("SHOTS", "")
#: Long enough for an observer of sizes to hear, and for what it asks for to be drawn.
FRAMES = (
    "() => new Promise((go) => setTimeout(() => requestAnimationFrame(() => setTimeout(go)), 200))"
)
#: Keep what the day's canvas shows under a name, as it is laid over what is below; how much of two
#: is other, but for what a line's edges are other when it is drawn in part.
KEEP = """(name) => {
  const canvas = document.querySelector(".leaflet-day-pane canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  window.kept ??= {};
  window.kept[name] = data.map((byte, at) => (at % 4 === 3 ? byte : (byte * data[at | 3]) / 255));
}"""
DIFFERENT = """([one, other]) =>
  window.kept[one].filter((byte, at) => Math.abs(byte - window.kept[other][at]) > 8).length"""
#: As if the next door of a route were done.
TAP = f"""async (id) => {{
  const {{ state }} = await import("./s/{assets.served("static/ops/state.js")}");
  const {{ takeNews }} = await import("./s/{assets.served("static/ops/board.js")}");
  const route = state.routes.get(id);
  const at = new Date(Date.now() + state.clock_ms).toISOString();
  const next = route.stops.findIndex((one) => one.status === "pending");
  const done = {{ ...route.stops[next], status: "done", arrived_at: at, done_at: at }};
  takeNews({{ at, routes: [{{ ...route, stops: route.stops.with(next, done) }}] }});
  await new Promise((go) => requestAnimationFrame(() => setTimeout(go)));
}}"""
#: Where on the screen the map shows a door of one driver and the dot of another: by Leaflet itself.
PLACES = """async ([stop_id, driver_id]) => {
  const loaded = performance.getEntriesByType("resource").map((one) => one.name);
  const module = (name) => import(loaded.find((one) => one.includes(`/s/${name}.`)));
  const [leaflet, board] = await Promise.all([module("vendor-leaflet"), module("ops-board")]);
  let map;
  const kind = leaflet.map(document.createElement("div")).constructor.prototype;
  const { getSize } = kind;
  kind.getSize = function () { map = this; return getSize.call(this); };
  dispatchEvent(new Event("resize"));
  await new Promise((go) => requestAnimationFrame(() => setTimeout(go)));
  kind.getSize = getSize;
  const box = map.getContainer().getBoundingClientRect();
  return [board.findStop(stop_id).stop, board.positions.get(driver_id)].map((one) => {
    const { x, y } = map.latLngToContainerPoint([one.latitude, one.longitude]);
    return { x: box.x + x, y: box.y + y };
  });
}"""
#: However long a slow machine takes between a finger's moves, it has not rested.
NEVER_RESTS = """{
  const real = setTimeout;
  window.setTimeout = (act, ms, ...rest) => real(act, ms === 400 ? 600_000 : ms, ...rest);
}"""
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 360, "height": 800}


@pytest.fixture(scope="module")
def day(doors):
    with desk(doors) as made:
        kim, alex = made.a_driver("Kim Berg"), made.a_driver("Alex Holm")
        made.a_driver("Robin Tal")
        made.a_route(6, kim, late=2)
        made.a_route(5, alex)
        made.a_route(4)
        made.a_waiting_delivery()
        yield made


def check(tab, screen: str) -> None:
    """Nothing for axe to find, in light and in dark."""
    for scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=scheme)
        assert tab.evaluate(RUN_AXE, TAGS) == [], f"{screen}, {scheme}"
        if SHOTS:
            size = tab.viewport_size["width"]
            tab.screenshot(path=Path(SHOTS, f"desk-{screen}-{scheme}-{size}.png"))


def focused(tab) -> str:
    return str(tab.evaluate("document.activeElement.innerText"))


def tab_to(tab, text: str) -> None:
    """Press Tab until something with this text has the focus."""
    for _ in range(40):
        tab.keyboard.press("Tab")
        if focused(tab).startswith(text):
            return
    raise AssertionError(f"no way by Tab to {text}")


def choose_door(tab, row: int) -> None:
    """By arrows, from Kim's row of the timeline to one of its doors."""
    tab.locator(".gantt button.name", has_text="Kim").focus()
    for _ in range(row + 2):
        tab.keyboard.press("ArrowRight")
    tab.wait_for_selector(".drawer address")


def open_move(tab, to: str) -> None:
    """From the chosen stop, by keys, to a preview of it on another route."""
    tab.get_by_role("button", name="Move to…").focus()
    tab.keyboard.press("Enter")
    tab.locator(".mover select").first.focus()
    tab.keyboard.type(to)
    tab.wait_for_selector(".mover .sums")


def doors_of(day: Desk, number: int) -> int:
    return sum(1 for _ in day.route(day.routes[number]).deliveries())


def test_a_stop_is_moved_and_taken_back_by_keyboard_alone(chromium, day: Desk):
    tab = day.open(chromium, viewport=WIDE)
    tab.wait_for_selector("html[data-map=yes]")
    before = doors_of(day, 0), doors_of(day, 1)
    choose_door(tab, 1)
    # The list shows the same.
    expect(tab.locator(".list .row[aria-current]")).to_have_count(1)
    open_move(tab, "Alex")
    told = tab.locator(".mover .sums").inner_text()
    assert all(word in told for word in ("Late", "Cost", "Way", "km"))
    assert (doors_of(day, 0), doors_of(day, 1)) == before, "a preview changes nothing"
    tab_to(tab, "Move it")
    tab.keyboard.press("Enter")
    tab.get_by_text("goes with Alex Holm").wait_for()
    assert (doors_of(day, 0), doors_of(day, 1)) == (before[0] - 1, before[1] + 1)
    alex = tab.locator("li[data-route]", has_text="Alex Holm")
    alex.get_by_text(f"assigned, 0 of {before[1] + 2} stops").wait_for()
    tab.get_by_role("button", name="Undo").focus()
    tab.keyboard.press("Enter")
    tab.get_by_text("Taken back.").wait_for()
    assert (doors_of(day, 0), doors_of(day, 1)) == before
    assert tab.get_by_role("button", name="People").count() == 0, "that is for managers"
    tab.context.close()


def test_of_two_dispatchers_the_second_sees_what_the_first_one_did(chromium, day: Desk):
    tab = day.open(chromium, viewport=WIDE)
    choose_door(tab, 0)
    open_move(tab, "Alex")
    jo, route, before = day.somebody("Jo"), day.route(day.routes[0]), doors_of(day, 1)
    path = f"/v1/routes/{route.id}/stops/{route.stops[4].id}/move"
    with day.stage.lock:
        seen = jo.call("POST", path, json.dumps({"unassign": True}).encode()).body
        sure = {"unassign": True, "preview": False, "if_version": seen["if_version"]}
        assert jo.call("POST", path, json.dumps(sure).encode()).status == 200
    tab.get_by_role("button", name="Move it").click()
    conflict = tab.locator(".conflict")
    conflict.wait_for()
    assert "Jo changed Kim Berg" in conflict.inner_text()
    assert doors_of(day, 1) == before, "nothing was done"
    tab.wait_for_selector(".mover .sums")
    tab.get_by_role("button", name="Move it").click()
    tab.get_by_text("goes with Alex Holm").wait_for()
    assert doors_of(day, 1) == before + 1
    tab.context.close()


def test_what_is_told_late_of_one_route_is_not_shown_of_another(chromium, day: Desk):
    tab = day.open(chromium, hears=False, viewport=WIDE)
    choose_door(tab, 0)
    held = []
    tab.route("**/move", lambda one: one.continue_() if held else held.append(one))
    tab.get_by_role("button", name="Move to…").click()
    select, sums = tab.locator(".mover select").first, tab.locator(".mover .sums")
    with tab.expect_request("**/move"):
        select.select_option(day.routes[1])
    select.select_option(day.routes[2])
    sums.wait_for()
    told = sums.inner_text()
    with tab.expect_response(lambda one: one.request == held[0].request):
        held[0].continue_()
    tab.evaluate(FRAMES)
    assert sums.inner_text() == told
    tab.context.close()


def test_the_list_carries_a_waiting_delivery_to_a_route_by_dragging(chromium, day: Desk):
    tab = day.open(chromium, viewport=WIDE)
    row = tab.locator(".list .stops .row").first
    row.hover()
    tab.mouse.down()
    tab.locator(".gantt .line", has_text="no driver").locator(".track").hover()
    tab.mouse.up()
    tab.get_by_role("heading", name="Move Blumen Roth").wait_for()
    chosen = tab.locator(".mover select").first.evaluate("one => one.selectedOptions[0].text")
    assert "no driver yet" in chosen
    tab.context.close()


def test_the_map_draws_news_where_they_are_and_looks_as_if_it_had_drawn_all(chromium, day: Desk):
    """A residue of what was there before would show a door that is over as if it were late."""
    tab = day.open(chromium, hears=False, viewport=WIDE)
    tab.wait_for_selector("html[data-map=yes]")
    tab.evaluate(FRAMES)
    tab.evaluate(KEEP, "before")
    tab.evaluate(TAP, day.routes[0])
    tab.evaluate(KEEP, "in part")
    # A map of another size is drawn anew.
    for size in ({"width": WIDE["width"] - 40, "height": WIDE["height"]}, WIDE):
        tab.set_viewport_size(size)
        tab.evaluate(FRAMES)
    tab.evaluate(KEEP, "whole")
    assert tab.evaluate(DIFFERENT, ["before", "in part"]) > 0
    assert tab.evaluate(DIFFERENT, ["in part", "whole"]) == 0
    tab.context.close()


def test_a_finger_that_rests_carries_a_stop_on_the_map_to_a_driver(chromium, day: Desk):
    tab = day.open(chromium, hears=False, viewport=WIDE, has_touch=True)
    tab.wait_for_selector("html[data-map=yes]")
    route = day.route(day.routes[0])
    door, driver = tab.evaluate(PLACES, [route.stops[2].id, day.drivers[1]])
    phone = tab.context.new_cdp_session(tab)

    def touch(what: str, *points: dict[str, float]) -> None:
        phone.send("Input.dispatchTouchEvent", {"type": what, "touchPoints": list(points)})

    ghost = tab.locator(".ghost")
    touch("touchStart", door)
    ghost.wait_for()
    touch("touchMove", {"x": driver["x"] + 9, "y": driver["y"] - 9})
    tab.get_by_text("→ Alex Holm").wait_for()
    touch("touchEnd")
    tab.wait_for_selector(".mover .sums")
    chosen = tab.locator(".mover select").first.evaluate("one => one.selectedOptions[0].text")
    assert chosen.startswith("Alex Holm")
    assert ghost.count() == 0
    tab.keyboard.press("Escape")
    expect(tab.locator("dialog[open]")).to_have_count(0)
    # Who does not rest moves the map.
    tab.evaluate(NEVER_RESTS)
    touch("touchStart", door)
    touch("touchMove", {"x": door["x"] + 60, "y": door["y"]})
    touch("touchMove", {"x": door["x"] + 90, "y": door["y"]})
    touch("touchEnd")
    moved, _ = tab.evaluate(PLACES, [route.stops[2].id, day.drivers[1]])
    assert moved["x"] - door["x"] > 60
    assert tab.locator("dialog[open]").count() == 0
    tab.context.close()


def test_who_is_signed_out_goes_on_where_he_was(chromium, day: Desk):
    tab = day.open(chromium, hears=False, viewport=WIDE)
    choose_door(tab, 0)
    cookies = tab.context.cookies()
    tab.context.clear_cookies()
    tab.get_by_role("button", name="Why here?").click()
    tab.get_by_role("heading", name="Your session has ended").wait_for()
    tab.context.add_cookies(cookies)
    tab.get_by_role("button", name="I have signed in").click()
    tab.wait_for_selector(".drawer .why")
    expect(tab.locator("dialog[open]")).to_have_count(0)
    tab.context.close()


def test_axe_finds_nothing_on_any_screen(chromium, day: Desk):
    tab = day.open(chromium, viewport=WIDE)
    tab.wait_for_selector("html[data-map=yes]")
    tab.evaluate(AXE)
    check(tab, "day")
    choose_door(tab, 0)
    tab.get_by_role("button", name="Why here?").click()
    tab.wait_for_selector(".drawer .why")
    check(tab, "stop")
    for panel in ("Plan", "Changes"):
        tab.get_by_role("button", name=panel, exact=True).click()
        tab.wait_for_selector(".side > :nth-child(2)")
        tab.locator(".side").get_by_text("Loading ...").wait_for(state="hidden")
        check(tab, panel.lower())
    tab.locator(".side header button").click()
    open_move(tab, "Alex")
    check(tab, "move")
    tab.keyboard.press("Escape")
    tab.set_viewport_size(NARROW)
    for view in ("List", "Map", "Timeline"):
        tab.get_by_role("button", name=view, exact=True).click()
        check(tab, view.lower())
    assert tab.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    tab.context.close()
