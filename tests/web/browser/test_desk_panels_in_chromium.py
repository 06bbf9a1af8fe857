"""The desk's panels in a real browser: what needs somebody is seen to in three presses, by keyboard
too; areas are drawn; what was given up goes back; axe finds nothing in light and dark."""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from chalicelib import wiring
from chalicelib.domain.accounts.model import Audience, DeskRole
from chalicelib.domain.attention import flags
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.entry import given_up, signed_in
from chalicelib.kit.events import Event
from tests.builders import HUB_AT
from tests.entry import belongings
from tests.entry.visitors import a_visitor
from tests.web.browser.driver_stage import DriverStage
from tests.web.browser.test_driver_looks_in_chromium import AXE, RUN_AXE, TAGS

pytestmark = pytest.mark.browser
expect = pytest.importorskip("playwright.sync_api").expect

SHOTS = os.environ.get("SHOTS", "")
#: Every corner of the sheet is also a row of the table beside it, which is large enough to hit.
SMALL = """() => [...document.querySelectorAll(".side :is(button, summary, input), .bar button")]
  .filter((e) => e.checkVisibility() && e.type !== "checkbox")
  .filter((e) => e.getBoundingClientRect().height < 43.5)
  .map((e) => e.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def desk(chromium, stage: DriverStage):
    """The console at a hub where a few things have gone wrong."""
    given_up._known = given_up._Known()
    _, driver_id, route = stage.a_driver_on(2)
    with stage.lock:
        ends_on = (stage.doors.stage.clock.now() + timedelta(days=9)).date().isoformat()
        papers = [{"kind": "driving_licence", "expires_on": ends_on, "verified": True}]
        put = f"/v1/drivers/{driver_id}/documents"
        assert stage.doors.operate("PUT", put, {"documents": papers}).status == 200
        # The driver should have begun long ago.
        stage.doors.stage.clock.advance(minutes=25)
        lost = stage.world.a_ready_delivery(77)
        ref = deliveries.ref_of(lost)
        data = {"merchant_id": ref.merchant_id, "delivery_id": lost.id, "template": "delayed"}
        now = stage.doors.stage.clock.now()
        uow = wiring.unit_of_work()
        flags.hear(uow, Event("notification.lost", f"{lost.id}.3.delayed", 2, now, data))
        uow.commit()
        boto3.client("sqs").send_message(
            QueueUrl=os.environ["DEAD_MESSAGES"], MessageBody=json.dumps(data)
        )
    origin = stage.address.removesuffix("/d")
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    with stage.lock:
        marta = a_visitor(stage.doors.stage, DeskRole.MANAGER)
    name = signed_in.COOKIES[Audience.DESK]
    # This machine's own address counts as safe: the cookie is sent there as to any https origin.
    safe = origin.replace("http:", "https:")
    context.add_cookies([{"name": name, "value": marta.token, "url": safe, "secure": True}])
    tab = context.new_page()
    faults: list[str] = []
    tab.on("console", lambda one: faults.append(one.text) if one.type == "error" else None)
    tab.on("pageerror", lambda one: faults.append(str(one)))
    tab.goto(f"{origin}/ops#{stage.doors.hub_id}")
    tab.wait_for_selector("[data-ready=yes]")
    tab.evaluate(AXE)
    yield Desk(stage, tab, driver_id, route.id, lost.id, faults)
    assert faults == []
    context.close()


class Desk:
    """Somebody at the console."""

    def __init__(
        self,
        stage: DriverStage,
        tab: Any,
        driver_id: str,
        route_id: str,
        lost_id: str,
        faults: list[str],
    ) -> None:
        self.stage, self.tab, self.route_id, self.lost_id = stage, tab, route_id, lost_id
        self.driver_id, self.faults = driver_id, faults

    def open(self, panel: str) -> Any:
        button = self.tab.get_by_role("button", name=panel, exact=True)
        if button.get_attribute("aria-expanded") != "true":
            button.click()
        side = self.tab.locator("#side")
        side.locator("p.outcome").wait_for(state="attached")
        side.get_by_text("Loading ...").first.wait_for(state="hidden")
        return side

    def check(self, name: str) -> None:
        for scheme in ("dark", "light"):
            self.tab.emulate_media(color_scheme=scheme)
            assert self.tab.evaluate(RUN_AXE, TAGS) == [], (name, scheme)
            if SHOTS:
                Path(SHOTS).mkdir(parents=True, exist_ok=True)
                self.tab.screenshot(path=f"{SHOTS}/{name}-{scheme}.png")
        assert self.tab.evaluate(SMALL) == [], name
        self.tab.emulate_media(color_scheme=None)


def test_what_needs_somebody_is_seen_to_in_three_presses_of_the_keyboard(desk: Desk) -> None:
    side = desk.open("Needs you")
    first = side.locator("li.thing").first
    assert "No show" in first.inner_text()
    desk.check("attention")
    release = first.get_by_role("button", name="Take the route from its driver and offer it again")
    # One press opened the panel; one asks, one does it.
    release.focus()
    desk.tab.keyboard.press("Enter")
    first.get_by_role("button", name="Sure?").wait_for()
    desk.tab.keyboard.press("Enter")
    side.get_by_role("status").get_by_text("Done: take the route").wait_for()
    with desk.stage.lock:
        route = dispatch.load_route(wiring.unit_of_work(), desk.route_id)
    assert (route.driver_id, route.released) == (None, 1)
    lost = side.locator("li.thing", has_text="Lost text")
    lost.get_by_role("button", name="I have seen to it").click()
    lost.wait_for(state="detached")


def test_what_was_given_up_goes_back_to_work(desk: Desk) -> None:
    side = desk.open("Dead letters")
    waiting = side.locator("li", has=desk.tab.get_by_role("heading", name="messages: 1"))
    waiting.get_by_role("button", name="Look at them").click()
    waiting.locator("pre", has_text=desk.lost_id).wait_for()
    desk.check("dead-letters")
    waiting.get_by_role("button", name="Send all back").click()
    waiting.get_by_role("button", name="Sure?").click()
    side.get_by_text("1 sent back, 0 left.").wait_for()
    reply = boto3.client("sqs").receive_message(QueueUrl=os.environ["QUEUE_MESSAGES"])
    assert json.loads(reply["Messages"][0]["Body"])["delivery_id"] == desk.lost_id


def test_an_area_is_drawn_by_keyboard_and_by_its_table(desk: Desk) -> None:
    side = desk.open("Zones")
    side.get_by_role("button", name="Draw a new area").click()
    side.get_by_label("Name").fill("North")
    before = float(side.get_by_label("Latitude of corner 3").input_value())
    side.get_by_role("button", name="Corner 3", exact=True).focus()
    desk.tab.keyboard.press("Shift+ArrowUp")
    assert float(side.get_by_label("Latitude of corner 3").input_value()) > before
    side.locator("svg.sheet").click(position={"x": 40, "y": 180})
    side.get_by_label("Latitude of corner 5").wait_for()
    side.get_by_label("Longitude of corner 1").fill(str(HUB_AT.longitude - 0.1))
    side.get_by_label("Longitude of corner 1").press("Enter")
    desk.check("zones")
    side.get_by_role("button", name="Save the area").click()
    side.get_by_text("North is drawn.").wait_for()
    # Then in two parts, the first of them with a hole.
    side.get_by_role("button", name="Edit").click()
    side.get_by_role("button", name="Cut a hole into part 1").click()
    side.get_by_role("button", name="Add a part").click()
    side.get_by_role("button", name="Part 2", exact=True).wait_for()
    desk.check("zones-in-parts")
    side.get_by_role("button", name="Save the area").click()
    # The list says so once it is saved; the drawing says it before.
    side.get_by_role("listitem").get_by_text("in 2 parts with 1 hole").wait_for()
    with desk.stage.lock:
        path = f"/v1/service-areas?hub_id={desk.stage.doors.hub_id}"
        (area,) = desk.stage.doors.operate("GET", path).body["service_areas"]
    assert area["name"] == "North"
    north, east = area["area"]["coordinates"]
    assert [len(ring) for ring in north] == [6, 5]
    assert [len(ring) for ring in east] == [5]


def test_a_made_up_day_is_asked_for_by_keyboard_and_taken_back(desk: Desk) -> None:
    side = desk.open("What if")
    side.get_by_label("A made-up one").focus()
    desk.tab.keyboard.press("Space")
    side.get_by_label("Parcels").fill("30")
    drivers = side.get_by_label("Drivers more; − for fewer")
    drivers.focus()
    desk.tab.keyboard.type("2")
    desk.check("what-if")
    desk.tab.keyboard.press("Enter")
    asked = side.get_by_role("listitem", name="Simulation of A made-up day of 30 parcels")
    asked.get_by_text("It waits to be played.").wait_for()
    desk.check("what-if-asked")
    with desk.stage.lock:
        (listed,) = desk.stage.doors.operate("GET", "/v1/simulations").body["simulations"]
        assert listed["by"] == "Marta Roth"
        simulation_id = listed["id"]
        told = desk.stage.doors.operate("GET", f"/v1/simulations/{simulation_id}").body
    assert told["generated"]["parcels"] == 30
    assert [one["choices"] for one in told["scenarios"]] == [{}, {"drivers": 2}]
    asked.get_by_role("button", name="Play no more of it").press("Enter")
    asked.get_by_role("button", name="Sure?").press("Enter")
    asked.get_by_text("Taken back after 0 of 6 runs.").wait_for()
    # The list is the server's: it is there for whoever opens the panel anew.
    side.get_by_role("button", name="Close").click()
    side = desk.open("What if")
    asked.get_by_text("by Marta Roth").wait_for()
    asked.get_by_role("button", name="Figures").press("Enter")
    asked.get_by_text("Taken back after 0 of 6 runs.").wait_for()
    desk.check("what-if-listed")


def test_a_disputed_charge_is_looked_at_and_given_back_in_part(desk: Desk) -> None:
    with desk.stage.lock:
        doors = desk.stage.doors
        dispute_id = belongings.a_dispute(doors).id
        theirs = doors.operate("GET", f"/v1/merchants/{doors.stage.merchant_id}").body["hub_id"]
    desk.tab.locator(".bar select").select_option(theirs)
    side = desk.open("Disputes")
    one = side.get_by_role("listitem").filter(has_text="It came at nine.")
    one.get_by_role("button", name="Look at the delivery").click()
    one.get_by_text("Promised", exact=True).wait_for()
    desk.check("disputes")
    one.get_by_label("Give back").fill("1.50")
    one.get_by_role("button", name="Give it back").click()
    one.get_by_role("button", name="Sure?").click()
    side.get_by_text("1.50 goes back").wait_for()
    one.wait_for(state="detached")
    with desk.stage.lock:
        told = desk.stage.doors.operate("GET", f"/v1/disputes/{dispute_id}").body
    assert (told["status"], told["credited_minor"]) == ("partly_accepted", 150)
    desk.tab.locator(".bar select").select_option(desk.stage.doors.hub_id)


def test_drivers_are_seen_with_papers_that_end_and_a_shift_is_planned(desk: Desk) -> None:
    side = desk.open("Drivers")
    side.get_by_text("driving licence ends").first.wait_for()
    side.get_by_label("Day").fill(
        (desk.stage.doors.stage.clock.now() + timedelta(days=1)).date().isoformat()
    )
    side.get_by_role("button", name="Plan the shift").click()
    side.get_by_text("09:00 to 17:00, planned").wait_for()
    side.locator("summary").first.click()
    desk.check("crew")


def what_is_refused_stays_written(desk: Desk, side: Any) -> None:
    """No compartment at all is no pickup point: it is said, and nothing has to be typed again."""
    for label in ("Name", "Street", "City"):
        side.get_by_label(label).fill(f"{label} 7")
    side.get_by_role("button", name="Save the point").click()
    side.get_by_role("alert").wait_for()
    assert side.get_by_label("City").input_value() == "City 7"
    assert ["400" in one or "422" in one for one in desk.faults] == [True]
    desk.faults.clear()


def test_a_colleague_is_let_in_gets_a_role_and_is_let_in_no_more_by_keyboard(desk: Desk) -> None:
    tab = desk.tab
    side = desk.open("People")
    marta = side.get_by_role("listitem", name="Marta Roth", exact=True)
    marta.get_by_text("(you)").wait_for()
    side.get_by_label("Name").focus()
    for typed in ("Ines Adler", "Tab", "Ines@desk.example", "Tab", "v", "Enter"):
        press = tab.keyboard.press if typed in ("Tab", "Enter", "v") else tab.keyboard.type
        press(typed)
    side.get_by_role("button", name="Make the link").press("Enter")
    link = side.get_by_label("Hand this link to Ines Adler.")
    link.wait_for()
    # What was asked for has the focus, a moment after it is there.
    expect(link).to_be_focused()
    assert "/ops/invite/" in link.input_value()
    ines = side.get_by_role("listitem", name="Ines Adler", exact=True)
    ines.get_by_text("Has not followed the invite; a link works until").wait_for()
    ines.locator("summary").press("Enter")
    desk.check("people")
    ines.get_by_label("Role").select_option("manager")
    ines.get_by_role("button", name="Save the role").press("Enter")
    side.get_by_text("Ines Adler is manager now.").wait_for()
    assert link.count() == 0, "a link is shown once"
    ines.get_by_role("button", name="Block").press("Enter")
    ines.get_by_role("button", name="Sure?").press("Enter")
    ines.get_by_text("Blocked").wait_for()
    with desk.stage.lock:
        told = desk.stage.doors.operate("GET", "/v1/accounts").body["accounts"]
    found = next(one for one in told if one["email"] == "Ines@desk.example")
    assert (found["role"], found["active"]) == ("manager", False)
    ines.get_by_role("button", name="Let in again").press("Enter")
    side.get_by_text("Ines Adler is let in again.").wait_for()


@pytest.mark.parametrize(
    ("panel", "words"), [("Reviews", "None is doubtful."), ("Pickup points", "Open a new point")]
)
def test_the_other_panels_open_and_read_well(desk: Desk, panel: str, words: str) -> None:
    side = desk.open(panel)
    side.get_by_text(words).wait_for()
    if panel == "Pickup points":
        side.get_by_role("button", name="Open a new point").click()
        what_is_refused_stays_written(desk, side)
    desk.check(panel.lower().replace(" ", "-"))
