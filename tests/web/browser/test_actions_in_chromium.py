"""Everything that a recipient may ask for, by thumb, with and without a script; and how soon the
driver sees it."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.deliveries.service import ref_of
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.recipient_actions import RecipientAction as Action
from chalicelib.domain.pickup_points import service as points
from chalicelib.kit import tokens
from chalicelib.kit.geo import LatLng
from chalicelib.storage import keys
from tests.builders import DOOR_AT, a_merchant, a_recipient
from tests.domain.pickup_points.test_nearest import described
from tests.web.browser.driver_phone import a_phone
from tests.web.browser.driver_stage import DriverStage
from tests.web.browser.test_driver_looks_in_chromium import AXE, RUN_AXE, TAGS, TARGETS

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}
NARROW = {"width": 320, "height": 640}
DIGITS = a_recipient().phone.e164[-4:]  # type: ignore[union-attr]
SHOTS = os.environ.get("SHOTS", "")
MOST_TABS = 12
SOON_MS = 15_000
#: The phone's pauses are noted, and pass in no time.
HURRIED = """{
  const real = setTimeout;
  window.pauses_ms = [];
  window.setTimeout = (act, ms, ...rest) =>
    (pauses_ms.push(ms ?? 0), real(act, ms >= 1000 ? 300 : ms, ...rest));
}"""
#: Where the phone is: 40 m north of the pin.
AT_THE_DOOR = LatLng(DOOR_AT.latitude + 0.00036, DOOR_AT.longitude)


@dataclass
class Page:
    """A recipient's browser."""

    tab: Any
    address: str
    stage: DriverStage
    ref: DeliveryRef

    def now(self) -> Delivery:
        with self.stage.lock:
            return deliveries.load(wiring.unit_of_work(), self.ref)

    def opens(self, action: Action) -> None:
        self.tab.goto(self.address)
        self.tab.locator(f"a[href$='actions/{action.value}']").click()
        self.tab.locator("form.card").first.wait_for()

    def sends(self, button: str, *, digits: bool = False) -> None:
        form = self.tab.locator("form.card", has=self.tab.get_by_role("button", name=button))
        if digits:
            form.get_by_role("textbox", name="Last four digits").fill(DIGITS)
        form.get_by_role("button", name=button).click()
        self.tab.wait_for_url("**/t/*said=*")
        assert self.tab.get_by_role("status").first.is_visible()


def open_link(stage: DriverStage, ref: DeliveryRef) -> str:
    """Link a delivery, as intake does; the page's address."""
    with stage.lock:
        uow = wiring.unit_of_work()
        token = tokens.tracking_token(wiring.vault().server_key(), ref.delivery_id)
        link = {"merchant_id": ref.merchant_id, "delivery_id": ref.delivery_id}
        uow.put(keys.tracking_link(tokens.hash_secret(token)), link, expect=0)
        uow.commit()
    return f"{stage.address.removesuffix('/d')}/t/{token}"


@pytest.fixture(scope="module")
def town(stage: DriverStage) -> DriverStage:
    """The merchant that the parcels are from, and a locker."""
    with stage.lock:
        uow = wiring.unit_of_work()
        merchants.save_merchant(uow, a_merchant(hub_id=stage.doors.hub_id))
        points.open_point(uow, described(position=DOOR_AT))
        uow.commit()
    return stage


@pytest.fixture
def page(chromium, town: DriverStage):
    contexts = []

    def page(ref: DeliveryRef | None = None, **options) -> Page:
        with town.lock:
            ref = ref or ref_of(town.world.a_ready_delivery())
        here = {"latitude": AT_THE_DOOR.latitude, "longitude": AT_THE_DOOR.longitude}
        usual = {"viewport": PHONE, "geolocation": here, "permissions": ["geolocation"]}
        context = chromium.new_context(**(usual | options))
        contexts.append(context)
        return Page(context.new_page(), open_link(town, ref), town, ref)

    yield page
    for context in contexts:
        context.close()


def put_the_pin(anna: Page, scripts: bool) -> None:
    anna.opens(Action.DOOR)
    if scripts:
        anna.tab.get_by_role("button", name="I am at my door now").click()
        anna.tab.get_by_text("Your phone knows where it is").wait_for()
    else:
        assert not anna.tab.locator("#here").is_visible()
        anna.tab.get_by_label("How far").select_option("50")
        anna.tab.get_by_label("direction").select_option("n")
    anna.sends("Move the pin", digits=True)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_every_action_works_on_a_phone(page, scripts: bool):
    anna = page(java_script_enabled=scripts)
    put_the_pin(anna, scripts)
    moved = anna.now().dropoff
    assert (moved == AT_THE_DOOR) if scripts else (49 <= DOOR_AT.distance_m(moved) <= 51)
    anna.opens(Action.NOTE)
    anna.tab.get_by_role("textbox", name="Gate code").fill("4711#")
    anna.tab.get_by_role("textbox", name="Note", exact=True).fill("Knock, the bell is broken")
    anna.sends("Tell the driver")
    anna.opens(Action.SAFE_PLACE)
    anna.tab.get_by_role("textbox", name="Where is it?").fill("Behind the shed")
    anna.sends("Leave it there", digits=True)
    anna.opens(Action.NEIGHBOUR)
    anna.tab.get_by_role("textbox", name="Name on the bell").fill("Kessler")
    anna.tab.get_by_role("textbox", name="House number").fill("9")
    anna.sends("Ask this neighbour", digits=True)
    anna.opens(Action.IF_MISSED)
    anna.tab.get_by_label("Give it to my neighbour").check()
    anna.sends("Choose this")
    before = anna.now()
    assert (before.has_safe_place, before.if_missed) == (True, "neighbour")
    # Five tries an hour count for each link, the right ones too.
    with anna.stage.lock:
        anna.stage.doors.stage.clock.advance(hours=1)
    anna.opens(Action.WINDOW)
    anna.tab.get_by_role("radio").last.check()
    anna.sends("Bring it then", digits=True)
    assert anna.now().window != before.window
    anna.opens(Action.PICKUP_POINT)
    anna.tab.get_by_role("radio").first.check()
    anna.sends("Send it there", digits=True)
    assert anna.now().pickup_point_id is not None
    anna.opens(Action.PICKUP_POINT)
    anna.sends("Bring it to my door after all", digits=True)
    assert anna.now().pickup_point_id is None
    anna.opens(Action.TEXTS)
    anna.sends("No more texts")
    anna.opens(Action.CANCEL)
    anna.sends("Yes, cancel it", digits=True)
    assert anna.now().status is Status.CANCELLED


def test_every_action_is_reached_in_twelve_tabs_and_axe_finds_nothing(page):
    anna = page()
    anna.tab.goto(anna.address)
    reached: list[str] = []
    for _ in range(MOST_TABS):
        anna.tab.keyboard.press("Tab")
        reached.append(anna.tab.evaluate("document.activeElement.getAttribute('href') || ''"))
    found = [one.rpartition("/")[2] for one in reached if "/actions/" in one]
    offered = [one.value for one in Action if one is not Action.RECOVERY]
    assert found == offered
    for screen in ("", *(f"/actions/{one}" for one in offered)):
        anna.tab.goto(anna.address + screen)
        anna.tab.evaluate(AXE)
        for scheme in ("dark", "light"):
            anna.tab.emulate_media(color_scheme=scheme)
            found = anna.tab.evaluate(RUN_AXE, TAGS)
            assert [one for one in found if one[0] != "meta-refresh"] == [], (screen, scheme)
            shoot(anna, f"{screen.rpartition('/')[2] or 'menu'}-{scheme}")
        small = [one for one in anna.tab.evaluate(TARGETS) if one[1] < 47.5]
        assert small == [], screen
        anna.tab.set_viewport_size(NARROW)
        assert anna.tab.evaluate("document.documentElement.scrollWidth") <= 320, screen
        anna.tab.set_viewport_size(PHONE)


def shoot(anna: Page, name: str) -> None:
    """For people who look: `make shots`."""
    if not SHOTS:
        return
    for size in (PHONE, {"width": 1280, "height": 860}):
        anna.tab.set_viewport_size(size)
        anna.tab.screenshot(path=Path(SHOTS, f"action-{name}-{size['width']}.png"), full_page=True)
    anna.tab.set_viewport_size(PHONE)


def test_a_safe_place_is_on_the_drivers_screen_within_fifteen_seconds(chromium, page, town):
    number, _, route = town.a_driver_on(3)
    door = route.stops[1].deliveries[0]
    driver = a_phone(chromium, town, init=HURRIED)
    driver.sign_in(number)
    driver.tab.locator("#stop").wait_for()
    driver.press("I have arrived")
    driver.press("All on board")
    driver.tab.get_by_text("Stop 2 of 4").wait_for()
    driver.tab.evaluate("pauses_ms.length = 0")
    anna = page(door)
    anna.opens(Action.SAFE_PLACE)
    anna.tab.get_by_role("textbox", name="Where is it?").fill("Behind the shed")
    anna.sends("Leave it there", digits=True)
    driver.tab.locator(".news").get_by_text("Behind the shed").wait_for()
    # A third of the time is left for the way and the screen.
    driver.tab.wait_for_function("pauses_ms.some((ms) => ms >= 1000)")
    assert max(driver.tab.evaluate("pauses_ms")) <= SOON_MS * 2 / 3
    if SHOTS:
        driver.tab.screenshot(path=Path(SHOTS, "driver-told.png"))
    driver.press("Got it")
    driver.tab.locator(".news").wait_for(state="detached")
    assert driver.tab.get_by_text("Behind the shed").is_visible()
    driver.put_away()
