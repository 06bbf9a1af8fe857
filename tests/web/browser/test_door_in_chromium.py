"""The page to show one's door in a real browser: a pin with a script, everything else without."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest

from chalicelib import web
from chalicelib.domain.deliveries.model import Address
from chalicelib.domain.intake import review
from chalicelib.domain.intake.addresses import Doubt
from chalicelib.domain.intake.doors import Question
from chalicelib.domain.tracking import door
from chalicelib.kit.languages import ENGLISH
from tests.telling import BERLIN, HOUSE, NOON, OTHER_HOUSE, STREET
from tests.web.browser.reading import CONTRAST

pytestmark = pytest.mark.browser


SIZES = [{"width": 360, "height": 740}, {"width": 1280, "height": 900}]


def page() -> str:
    question = Question(Doubt.NUMBER_CORRECTED, BERLIN, (), (STREET, HOUSE, OTHER_HOUSE))
    asked = review.asked(question, NOON)
    sketch = door._sketch(asked)
    shown = door.DoorPage(
        brand="Blumen & Söhne",
        order_name="#1042",
        address=Address("Torstraße 12", "4th floor", "Berlin", "10119", "DE"),
        spots=door._spots(asked, sketch, ENGLISH),
        sketch=sketch,
        is_with_the_desk=False,
    )
    words = door.words_of_pin(shown.t)
    return web.render("door.html", page=shown, token="token", said="", words=words)


class Pages(BaseHTTPRequestHandler):
    answers: list[dict[str, str]]

    def do_GET(self) -> None:
        html = page()
        self.send_response(200)
        for name, value in web.headers(html, form_module="door.js").items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(html.encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        type(self).answers.append(dict(parse_qsl(body)))
        self.send_response(303)
        self.send_header("Location", "address")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    Pages.answers = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/t/token/address"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def open_door(chromium, address):
    """Open the page; collects every complaint, forgets earlier answers."""
    contexts = []

    def open_door(**options):
        Pages.answers.clear()
        context = chromium.new_context(**options)
        contexts.append(context)
        tab = context.new_page()
        tab.complaints, tab.asked = [], []
        tab.on("console", lambda message: tab.complaints.append(message.text))
        tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
        tab.on("request", lambda request: tab.asked.append(request.url))
        tab.goto(address, wait_until="load")
        return tab

    yield open_door
    for context in contexts:
        context.close()


def press(tab, button: str) -> None:
    """What it sends has arrived when the next page stands."""
    with tab.expect_navigation():
        tab.get_by_role("button", name=button).click()


def test_a_phone_without_scripts_can_choose_and_correct(open_door):
    tab = open_door(java_script_enabled=False, viewport={"width": 320, "height": 640})
    assert tab.evaluate("document.documentElement.scrollWidth") == 320
    assert not tab.locator("#pinning").is_visible()
    tab.get_by_role("radio", name="Torstraße 21, 10119 Berlin").check()
    press(tab, "Yes, this is my door")
    assert Pages.answers == [{"candidate": "1", "answer": "choose"}]
    tab.get_by_label("Street and house number").fill("Torstraße 231")
    press(tab, "Look for this address")
    assert Pages.answers[1]["line1"] == "Torstraße 231"
    assert tab.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
def test_every_word_fits_and_can_be_read_on_its_ground(open_door, size, scheme):
    """WCAG 2.2 AA, 1.4.3: at least 4.5 to 1; and 2.5.8: targets of 24 pixels at least."""
    tab = open_door(viewport=size, color_scheme=scheme)
    assert tab.evaluate("document.documentElement.scrollWidth") == size["width"]
    measured = tab.locator("p, h1, h2, label, .note, button:enabled, output").evaluate_all(CONTRAST)
    assert [(text, ratio) for text, ratio in measured if ratio < 4.5] == []
    heights = tab.locator("button, input:not([type=hidden])").evaluate_all(
        "parts => parts.map((e) => e.getBoundingClientRect().height)"
    )
    assert min(heights) >= 22
    assert tab.complaints == []
    assert all(url.startswith(("http://127.0.0.1", "data:")) for url in tab.asked)


def test_a_tap_on_the_sketch_sets_the_pin_and_says_where_it_is(open_door):
    tab = open_door(viewport=SIZES[0])
    send = tab.get_by_role("button", name="My door is at the pin")
    assert send.is_disabled()
    box = tab.locator("#sketch").bounding_box()
    half = float(tab.locator("#sketch").get_attribute("data-half"))
    tab.locator("#sketch").click(position={"x": box["width"] * 0.75, "y": box["height"] * 0.5})
    assert "of B" in tab.locator("#where").text_content()
    press(tab, "My door is at the pin")
    (answer,) = Pages.answers
    east_m = (float(answer["longitude"]) - BERLIN.longitude) * 111_195 * 0.6085
    assert abs(east_m - half / 2) < half * 0.02
    assert abs(float(answer["latitude"]) - BERLIN.latitude) < 0.0002
    assert tab.complaints == []


def test_the_pin_moves_with_the_arrow_keys(open_door):
    tab = open_door(viewport=SIZES[1])
    tab.locator("#sketch").focus()
    for _ in range(5):
        tab.keyboard.press("ArrowUp")
    tab.keyboard.press("Shift+ArrowUp")
    latitude = float(tab.locator("#latitude").input_value())
    assert round((latitude - BERLIN.latitude) * 111_195) == 100
    assert tab.locator("#where").text_content() == "Your pin is 100 m north of A."


def test_the_phone_can_say_that_it_is_at_the_door(open_door):
    tab = open_door(
        viewport=SIZES[0],
        geolocation={"latitude": 52.5231, "longitude": 13.4112, "accuracy": 20},
        permissions=["geolocation"],
    )
    tab.get_by_role("button", name="I am at my door now").click()
    tab.wait_for_function("!document.getElementById('send').disabled")
    press(tab, "My door is at the pin")
    (answer,) = Pages.answers
    assert abs(float(answer["latitude"]) - 52.5231) < 0.00002
    assert abs(float(answer["longitude"]) - 13.4112) < 0.00002
    assert tab.complaints == []


def test_a_phone_that_does_not_tell_is_no_dead_end(open_door):
    tab = open_door(viewport=SIZES[0], permissions=[])
    tab.get_by_role("button", name="I am at my door now").click()
    tab.wait_for_function("document.getElementById('where').textContent.includes('did not tell')")
    assert tab.get_by_role("button", name="My door is at the pin").is_disabled()


def test_far_off_is_said_before_it_is_sent(open_door):
    tab = open_door(
        viewport=SIZES[0],
        geolocation={"latitude": 52.56, "longitude": 13.405, "accuracy": 400},
        permissions=["geolocation"],
    )
    tab.get_by_role("button", name="I am at my door now").click()
    tab.wait_for_function("!document.getElementById('send').disabled")
    said = tab.locator("#where").text_content()
    assert "one of us will look at it first" in said
    assert "only to 400 m" in said


def test_zooming_keeps_the_pin_and_its_size(open_door):
    tab = open_door(viewport=SIZES[0])
    tab.locator("#sketch").click()
    before = tab.locator("#pin").bounding_box()
    tab.get_by_role("button", name="Zoom in").click()
    after = tab.locator("#pin").bounding_box()
    assert abs(before["width"] - after["width"]) < 1
    tab.get_by_role("button", name="Zoom out").click()
    assert tab.locator("#pin").is_visible()
