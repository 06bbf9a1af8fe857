"""Signing in and the portal's office in a browser: by keyboard, at 320 px, in the dark, by axe."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from chalicelib import wiring
from chalicelib.domain.accounts import store
from chalicelib.domain.accounts.model import Audience
from chalicelib.entry import signed_in
from tests.entry.loopback import serving
from tests.entry.portal_pages import an_order
from tests.entry.test_portal_office import an_endpoint, led_to
from tests.entry.test_sign_in_pages import PASSWORD, invited, path_of, send
from tests.entry.visitors import Visitor, a_token
from tests.web.browser.test_driver_looks_in_chromium import AXE, RUN_AXE, TAGS, TARGETS

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("SHOTS", "")
#: What a thumb has to hit, but for links inside of a sentence or a table.
THUMBS = TARGETS.replace(".filter(", '.filter((e) => !e.matches("td a, th a, p a")).filter(', 1)
EMAIL = "owner@office.example"


@pytest.fixture(scope="module")
def address(doors) -> Any:
    """The whole API behind a port."""
    with serving(doors.stage.client, lambda: doors.stage.clock.advance(seconds=0.11)) as address:
        yield address


@pytest.fixture(scope="module")
def owner(doors) -> dict[str, Any]:
    account = invited(
        doors, email=EMAIL, name="Jonas Weber", role="owner", merchant_id=doors.stage.merchant_id
    )
    assert send(doors, path_of(account["invite_url"]), password=PASSWORD).status == 303
    return account


@pytest.fixture
def tab(chromium) -> Any:
    context = chromium.new_context(viewport={"width": 320, "height": 720})
    yield context.new_page()
    context.close()


def sign_in(tab: Any, address: str, path: str, email: str) -> None:
    """By keyboard alone, from the page that was asked for."""
    tab.goto(address + path)
    assert urlsplit(tab.url).path.endswith("/sign-in")
    for _ in range(8):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.name") == "email":
            break
    tab.keyboard.type(email)
    tab.keyboard.press("Tab")
    tab.keyboard.type(PASSWORD)
    tab.keyboard.press("Enter")
    tab.wait_for_url(lambda url: "sign-in" not in url)


def test_a_session_that_ends_leads_back_to_the_page(doors, owner, address: str, tab: Any) -> None:
    sign_in(tab, address, "/m/cases?delivery=del_1", EMAIL)
    assert tab.url == f"{address}/m/cases?delivery=del_1"
    cookie = next(
        one for one in tab.context.cookies() if one["name"] == signed_in.COOKIES[Audience.TEAM]
    )
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "Strict")
    assert tab.evaluate("document.cookie") == ""
    tab.get_by_role("button", name="Sign out").click()
    tab.get_by_text("You are signed out.").wait_for()
    tab.go_back()
    tab.reload()
    assert urlsplit(tab.url).path == "/m/sign-in", "what was seen is not kept"


def test_every_page_is_clean_and_fits_a_phone(doors, owner, address: str, tab: Any) -> None:
    paths = pages(doors, owner)
    tab.emulate_media(color_scheme="dark")
    sign_in(tab, address, "/m/team", EMAIL)
    for path in (*paths, "/m/sign-in", "/ops/sign-in"):
        tab.goto(address + path)
        tab.locator("h1").first.wait_for()
        wide = tab.evaluate("document.documentElement.scrollWidth")
        shoot(tab, path)
        assert wide <= 320, f"{path} is {wide} px wide"
        tab.evaluate(AXE)
        found = tab.evaluate(RUN_AXE, TAGS)
        assert found == [], (path, found)
        small = [one for one in tab.evaluate(THUMBS) if one[1] < 43.5]
        assert small == [], (path, small)


def pages(doors, owner) -> list[str]:
    """One of each, with something on it."""
    person = store.load(wiring.unit_of_work(), owner["id"])
    member = Visitor(doors.stage, person, a_token(person))
    endpoint, _ = an_endpoint(member)
    member.send(endpoint, do="test")
    member.send("/m/keys", name="checkout", kind="live", **{"scope:quotes": "on"})
    member.send("/m/widget", origins="https://shop.example.com")
    case = member.send(
        "/m/cases", delivery_id=an_order(doors), kind="damaged", text="The vase is broken."
    )
    log = member.get(endpoint).raw.decode()
    event = log[log.index("/evt_") :].split('"')[0]
    opened = led_to(case).removeprefix("../").partition("?")[0]
    return [
        *("/m/team", "/m/keys", "/m/webhooks", "/m/widget", "/m/cases"),
        endpoint,
        endpoint + event,
        f"/{opened}",
    ]


def shoot(tab: Any, path: str) -> None:
    """For people who look: SHOTS names a folder."""
    if SHOTS:
        name = path.strip("/").replace("/", "-")[:40]
        tab.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)
