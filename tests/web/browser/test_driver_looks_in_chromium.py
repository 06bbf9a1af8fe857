"""The driver's app as it looks and feels: readable, large enough, few taps, codes are read."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from tests.web.browser.driver_phone import PHONE, Phone, a_phone
from tests.web.browser.driver_stage import DriverStage
from tests.web.browser.pictures import a_picture, codes, film

pytestmark = pytest.mark.browser

AXE = Path(__file__).with_name("axe-4.14.1.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN_AXE = """(tags) => axe.run(document, { runOnly: tags }).then(({ violations }) =>
  violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 150))]))"""
SHOTS = os.environ.get("SHOTS", "")
#: What a thumb can hit, and how large it is.
TARGETS = """() => [...document.querySelectorAll(
    "button, a[href], input, summary, label.button, label.choice")]
  .filter((e) => e.checkVisibility() && !e.closest(".hidden") && !e.matches(".hidden, .skip"))
  .filter((e) => !(e.matches("input[type=radio], input[type=checkbox]") && e.closest("label")))
  .map((e) => [e.innerText.trim() || e.id || e.outerHTML.slice(0, 60), e.getBoundingClientRect()])
  .map(([name, { width, height }]) => [name, Math.min(width, height)])"""


def shoot(phone: Phone, name: str) -> None:
    """For people who look: `make shots`."""
    for size in (PHONE, {"width": 1280, "height": 860}):
        phone.tab.set_viewport_size(size)
        phone.tab.screenshot(path=Path(SHOTS, f"{name.replace(' ', '-')}-{size['width']}.png"))
    phone.tab.set_viewport_size(PHONE)


def check(phone: Phone, screen: str, what: str = "") -> None:
    """Nothing for axe to find, nothing too small, nothing that scrolls sideways, once the screen
    has ``what``."""
    if what:
        phone.tab.locator(what).first.wait_for()
    for scheme in ("dark", "light"):
        phone.tab.emulate_media(color_scheme=scheme)
        assert phone.tab.evaluate(RUN_AXE, TAGS) == [], f"{screen}, {scheme}"
        if SHOTS:
            shoot(phone, f"{screen}-{scheme}")
    small = [one for one in phone.tab.evaluate(TARGETS) if one[1] < 47.5]
    assert small == [], screen
    assert phone.tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], screen


def open_route(phone: Phone, stage: DriverStage, brought_minor: int) -> None:
    """Nothing is asked for before; without a signal its lines are shown, and why no more is; with
    one what each stop brought, which sums to what the server says."""
    asked = "GET /v1/driver/statements?limit=50"
    route = phone.tab.locator("summary", has_text="Route until")
    route.wait_for()
    phone.context.set_offline(True)
    route.click()
    phone.tab.get_by_text("as soon as there is a signal").wait_for()
    assert phone.tab.locator(".lines .whole").count() == 1
    assert asked not in stage.asked
    phone.context.set_offline(False)
    stops = phone.tab.locator(".brought li")
    stops.nth(3).wait_for()
    heads = [text.splitlines() for text in stops.locator("h3").all_inner_texts()]
    assert [head[0] for head in heads] == [
        "Pick up · done",
        "Deliver · done",
        "Deliver · not delivered",
        "Bring back · fell away",
    ]
    sums = [round(100 * float(head[-1].strip("€"))) for head in heads]
    assert sum(sums) == brought_minor
    assert stops.nth(1).get_by_text("For waiting · 4 min").count() == 1
    assert phone.tab.get_by_text("what is missing is added when it closes").count() == 1
    assert stage.asked.count(asked) == 1


def check_tabs(phone: Phone, stage: DriverStage, brought_minor: int) -> None:
    shown = {"Map": ".map canvas", "Pay": "#shifts", "Help": ".help"}
    for tab, what in shown.items():
        phone.press(tab)
        phone.tab.locator(what).first.wait_for()
        if tab == "Pay":
            open_route(phone, stage, brought_minor)
        check(phone, tab)


def test_axe_finds_nothing_in_light_and_dark_and_targets_have_48_pixels(
    chromium, stage: DriverStage
):
    number, driver_id, route = stage.a_driver_on(3)
    stage.ask_everything(route)
    brought_minor = stage.pay_route(driver_id)
    with stage.lock:
        newcomer = stage.doors.a_phone()
        newcomer_id = stage.doors.enrol(newcomer)
    phone = a_phone(chromium, stage)
    phone.tab.evaluate(AXE)
    check(phone, "sign in")
    phone.tab.get_by_label("Phone number").fill(number)
    phone.press("Text me a code")
    phone.tab.locator("#code").wait_for()
    check(phone, "code")
    phone.tab.locator("#code").fill(phone.code(number))
    phone.tab.locator("#stop").wait_for()
    phone.tab.get_by_text("Navigate").click()
    check(phone, "next stop")
    check_tabs(phone, stage, brought_minor)
    phone.press("Today")
    phone.press("I have arrived")
    phone.press("Scan a parcel")
    check(phone, "loading", "text=The camera is not available.")
    phone.press("All on board")
    phone.tab.get_by_text("Stop 2 of 4").wait_for()
    phone.press("I have arrived")
    phone.tab.get_by_text("Who took it?").click()
    check(phone, "handover", ".signature canvas")
    phone.press("I cannot deliver")
    check(phone, "trouble", ".trouble .reasons")
    phone.tab.get_by_role("button", name="All sent").click()
    check(phone, "sheet", "#sheet")
    phone.press("Close")
    phone.press("Help")
    phone.press("Sign out")
    phone.sign_in(newcomer)
    phone.press("Today")
    phone.tab.get_by_text("Hello Kim").wait_for()
    check(phone, "off duty")
    phone.press("Go on duty")
    phone.tab.get_by_text("You are on duty").wait_for()
    check(phone, "waiting")
    with stage.lock:
        offered = stage.a_route(5)
    stage.offer(newcomer_id, offered)
    phone.tab.get_by_text("A route for you").wait_for()
    check(phone, "offer")
    phone.press("Help")
    phone.tab.get_by_label("Language").select_option("ar")
    phone.tab.locator("html[lang=ar][dir=rtl]").wait_for()
    phone.press("اليوم")
    phone.tab.get_by_text("مسار لك").wait_for()
    check(phone, "offer in Arabic")
    assert phone.tab.evaluate("localStorage.getItem('lastmile-language')") == "ar"
    phone.put_away()


def test_a_stop_takes_three_taps_and_no_reading(chromium, stage: DriverStage):
    """Arrived, photo, done; every one of them below the middle of the screen or one scroll away."""
    number, _, route = stage.a_driver_on(1)
    stage.ask_photo(route)
    phone = a_phone(chromium, stage)
    phone.sign_in(number)
    phone.press("I have arrived")
    phone.press("All on board")
    phone.tab.get_by_text("Stop 2 of 2").wait_for()
    taps = 0
    phone.press("I have arrived")
    taps += 1
    assert phone.tab.get_by_role("button", name="Done", exact=True).is_disabled()
    phone.take_photo(a_picture(2000, 1500))
    taps += 1
    width = phone.tab.locator(".photo img").evaluate(
        "picture => picture.decode().then(() => picture.naturalWidth)"
    )
    phone.context.set_offline(True)
    phone.press("Done")
    taps += 1
    phone.tab.get_by_text("Nothing left").wait_for()
    ((kind, size),) = phone.outbox()[-1][4]
    assert (kind, width) == ("image/jpeg", 1280)
    assert 5_000 < size <= 250_000
    phone.context.set_offline(False)
    phone.tab.get_by_text("All sent").wait_for()
    assert taps <= 3
    assert len(phone.photos) == 1
    phone.put_away()


def test_a_camera_reads_codes_and_a_wrong_parcel_is_refused_with_its_stop(
    launch, stage: DriverStage, tmp_path: Path
):
    """The fake camera shows one parcel of this door, then one of another, then a stranger's."""
    here, there, foreign = codes()
    film(tmp_path / "codes.y4m", [here, there, foreign], frames_each=12)
    switches = (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={tmp_path / 'codes.y4m'}",
    )
    number, _, route = stage.a_driver_on(2)
    ids = [ref.delivery_id for ref in route.deliveries()]
    phone = a_phone(launch(*switches), stage, permissions=["geolocation", "camera"])

    def printed(request_route) -> None:
        """The film is of two ids that were printed before this route was made."""
        text = request_route.fetch().text()
        for own, known in zip(ids, (here, there), strict=True):
            text = text.replace(own, known)
        request_route.fulfill(body=text, content_type="application/json")

    phone.context.route("**/v1/driver/route", printed)
    phone.sign_in(number)
    phone.press("I have arrived")
    phone.press("Scan a parcel")
    phone.tab.get_by_text("2 of 2 scanned").wait_for()
    phone.tab.get_by_text("not on your route").wait_for()
    phone.press("All on board")
    phone.tab.get_by_text("Stop 2 of 3").wait_for()
    phone.press("I have arrived")
    phone.press("Scan a parcel")
    phone.tab.get_by_text("Right: ").wait_for()
    phone.tab.get_by_text("This parcel is for stop 3").wait_for()
    assert [text for text in phone.complaints if "AudioContext" not in text] == []
    phone.put_away()


def test_a_driver_plans_a_shift_with_a_break_and_takes_it_back(chromium, stage: DriverStage):
    """What the app says no to is said in words; a second press asks before anything is lost."""
    with stage.lock:
        number = stage.doors.a_phone()
        stage.doors.enrol(number)
    phone = a_phone(chromium, stage)
    phone.sign_in(number)
    phone.press("Pay")
    phone.press("Plan a shift")
    phone.press("Add a break")
    phone.tab.evaluate(AXE)
    check(phone, "shift")
    day = (stage.doors.stage.clock.now() + timedelta(days=2)).date().isoformat()
    phone.tab.get_by_label("Day", exact=True).fill(day)
    phone.press("Plan it")
    kept = phone.tab.locator("section:has(#shifts) li")
    kept.get_by_text("30 min of rest").wait_for()
    phone.press("Plan a shift")
    phone.tab.get_by_label("Day", exact=True).fill(day)
    phone.tab.get_by_label("To", exact=True).fill("18:00")
    phone.press("Plan it")
    phone.tab.get_by_text("You have a shift at that time already.").wait_for()
    phone.press("Close")
    kept.get_by_role("button", name="Take back").click()
    phone.press("Yes, take it back")
    phone.tab.get_by_text("No shift is planned.").wait_for()
    assert phone.complaints == [] or all("409" in text for text in phone.complaints)
    phone.put_away()
