"""The portal in a real browser: by keyboard alone, on narrow and dark screens, with large letters.

Its pages have no script, and their policy lets none run, so there is no second way to look at them
without one.
"""

import os
from pathlib import Path

import pytest

from chalicelib import wiring
from chalicelib.domain.accounts.model import TeamRole
from chalicelib.domain.merchants import store as merchants
from tests.entry.portal_pages import an_order
from tests.entry.test_portal_invoices import an_invoice
from tests.entry.visitors import a_visitor
from tests.web.browser.test_track_in_chromium import WIDEST, violations

pytestmark = pytest.mark.browser

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 720}
SHOTS = os.environ.get("SHOTS")


@pytest.fixture(scope="module")
def shop(stage):
    """A member of a team, and orders to look at; ids by their use."""
    with stage.lock:
        member = a_visitor(stage.doors.stage, TeamRole.OWNER)
        an_order(stage.doors, order_name="#1041")
        made = an_order(stage.doors, order_name="#1042")
        body = {"name": "Vase", "base_minor": 540, "currency": "EUR"}
        stage.doors.operate(
            "POST", "/v1/rate-cards", {"merchant_id": stage.doors.stage.merchant_id, **body}
        )
        member.send("/m/articles", sku="VASE", weight_g="1200")
        number = an_invoice(stage.doors)
        store = merchants.load_merchant(
            wiring.unit_of_work(), stage.doors.stage.merchant_id
        ).stores[0]
    return member, made, number, store.id


@pytest.fixture
def address(stage) -> str:
    return stage.address.removesuffix("/d")


@pytest.fixture
def tab(chromium, address, shop):
    context = chromium.new_context(viewport=WIDE)
    name, _, token = shop[0].cookie["Cookie"].partition("=")
    secure = address.replace("http:", "https:")
    cookie = {"name": name, "value": token, "url": secure, "secure": True, "httpOnly": True}
    context.add_cookies([{**cookie, "sameSite": "Strict"}])
    tab = context.new_page()
    tab.complaints = []
    tab.on("console", lambda message: tab.complaints.append(message.text))
    yield tab
    context.close()


def press_until(tab, selector: str, key: str = "Tab", most: int = 40) -> None:
    """Move on until the wanted element has the focus."""
    for _ in range(most):
        tab.keyboard.press(key)
        if tab.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"{selector} is not reached by {most} times {key}")


def test_an_order_is_found_and_called_off_by_keyboard_alone(tab, address, shop) -> None:
    tab.goto(f"{address}/m/orders")
    press_until(tab, ".skip", most=1)
    tab.keyboard.press("Enter")
    press_until(tab, "select[name=status]")
    tab.keyboard.press("W")
    press_until(tab, "form[aria-label='Filter the list'] button")
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    assert "status=waiting" in tab.url
    press_until(tab, f"a[href$='{shop[1]}']")
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    assert tab.locator("h1").inner_text() == "Order #1042"
    press_until(tab, "a[href$='/end']")
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    assert "EUR" in tab.locator("table").inner_text()
    press_until(tab, "input[name=reason]")
    tab.keyboard.press("Space")
    press_until(tab, "button.risky")
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    assert tab.locator("[role=status]").inner_text() == "The delivery is cancelled."
    assert "Cancelled" in tab.locator(".head").inner_text()
    assert tab.complaints == []


PAGES = {
    "overview": "/m",
    "orders": "/m/orders?status=waiting",
    "order": "/m/orders/{order}",
    "end": "/m/orders/{other}/end",
    "change": "/m/orders/{other}/change",
    "figures": "/m/figures",
    "quote": "/m/quote",
    "coverage": "/m/coverage",
    "peak": "/m/peak",
    "stores": "/m/stores",
    "store": "/m/stores/{store}",
    "password": "/m/password",
    "articles": "/m/articles",
    "invoices": "/m/invoices",
    "invoice": "/m/invoices/{invoice}",
    "dispute": "/m/orders/{other}/dispute",
    "account": "/m/account",
    "calculator": "/calculator",
}


#: The pages share one sheet: these three have everything that is in it.
LIGHT_TOO = ("orders", "order", "figures")


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_clean_for_axe_light_and_dark_narrow_and_large(
    tab, stage, address, shop, name
) -> None:
    with stage.lock:
        other = an_order(stage.doors) if "{other}" in PAGES[name] else ""
    tab.goto(
        address + PAGES[name].format(order=shop[1], other=other, invoice=shop[2], store=shop[3])
    )
    assert tab.locator("h1").count() == 1
    if name in LIGHT_TOO:
        assert violations(tab) == []
    _picture(tab, name, "light")
    tab.emulate_media(color_scheme="dark")
    tab.set_viewport_size(NARROW)
    assert violations(tab) == []
    assert tab.evaluate(WIDEST) == NARROW["width"]
    _picture(tab, name, "dark-narrow")
    tab.evaluate("document.documentElement.style.fontSize = '200%'")
    assert tab.evaluate(WIDEST) == NARROW["width"]
    assert [one for one in tab.complaints if "style" not in one] == []


def _picture(tab, name: str, how: str) -> None:
    if SHOTS:
        tab.screenshot(path=Path(SHOTS) / f"portal-{name}-{how}.png", full_page=True)
