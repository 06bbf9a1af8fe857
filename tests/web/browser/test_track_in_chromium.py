"""The recipient's page in a real browser: no scripts, no complaints, no sideways scrolling."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from zoneinfo import ZoneInfo

import pytest

from chalicelib.domain.deliveries.model import Status
from chalicelib.domain.tracking import view
from chalicelib.domain.tracking.eta import Progress
from chalicelib.domain.tracking.headlines import Known
from chalicelib.domain.tracking.words import Reading
from chalicelib.kit.languages import ENGLISH
from chalicelib.web import track_page
from tests.telling import ANNA, lived, minutes, new_delivery, steps_to

pytestmark = pytest.mark.browser


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082"
)


def page(status: Status) -> str:
    delivery = lived(
        *steps_to(status),
        before=new_delivery(order_name="#1042-with-a-very-long-order-name-that-no-line-can-hold"),
    )
    on_the_way = status is Status.EN_ROUTE_TO_DROPOFF
    shown = view.show(
        Known(
            delivery=delivery,
            recipient=ANNA,
            brand="Donaudampfschifffahrtsgesellschaftskapitänsmützenmanufaktur",
            reading=Reading(ZoneInfo("America/Chicago"), half_days=True),
            now=minutes(60),
            progress=Progress(minutes(75), minutes(70), minutes(90), 6) if on_the_way else None,
            has_photo=True,
            pin="0123",
        )
    )
    return track_page.page(shown.t, shown, "token")


class Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.endswith("/photo"):
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.end_headers()
            self.wfile.write(PIXEL)
            return
        html = page(Status(self.path.rpartition("/")[2]))
        self.send_response(200)
        origin = f"http://{self.headers['Host']}"
        for name, value in track_page.headers(html, ENGLISH, photo_url=f"{origin}/x").items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(html.encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/t"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def open_page(chromium, address):
    """Open the page of a status; collects every complaint and every request."""
    contexts = []

    def open_page(status: Status, **options):
        context = chromium.new_context(**options)
        contexts.append(context)
        tab = context.new_page()
        tab.complaints, tab.asked = [], []
        tab.on("console", lambda message: tab.complaints.append(message.text))
        tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
        tab.on("request", lambda request: tab.asked.append(request.url))
        tab.goto(f"{address}/{status.value}", wait_until="load")
        return tab

    yield open_page
    for context in contexts:
        context.close()


OFTEN_SEEN = [
    Status.PLANNED,
    Status.EN_ROUTE_TO_DROPOFF,
    Status.DELIVERED,
    Status.ATTEMPT_FAILED,
    Status.RETURNED,
]


@pytest.mark.parametrize("status", OFTEN_SEEN)
def test_a_narrow_phone_without_scripts_shows_everything_without_scrolling_sideways(
    open_page, status
):
    tab = open_page(status, java_script_enabled=False, viewport={"width": 320, "height": 640})
    assert tab.locator("h1").is_visible()
    assert tab.locator("[aria-current=step]").count() == 1
    # The developer tools' own script runs even where the page's may not.
    widest = tab.evaluate("document.documentElement.scrollWidth")
    assert widest == 320
    assert tab.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("status", [Status.EN_ROUTE_TO_DROPOFF, Status.DELIVERED])
def test_the_policy_lets_the_style_and_the_photo_through_and_nobody_else_is_asked(
    open_page, address, status, scheme
):
    tab = open_page(status, color_scheme=scheme, viewport={"width": 1280, "height": 800})
    assert tab.complaints == []
    ground = tab.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    assert ground == {"light": "rgb(244, 241, 234)", "dark": "rgb(18, 22, 20)"}[scheme]
    if status is Status.DELIVERED:
        photo = tab.locator("img")
        photo.scroll_into_view_if_needed()
        tab.wait_for_load_state("networkidle")
        assert photo.evaluate("image => image.naturalWidth") == 1
    host = address.removesuffix("/t")
    assert all(url.startswith((host, "data:")) for url in tab.asked)


CONTRAST = """(parts) => {
  const parse = (c) => c.match(/[\\d.]+/g).map(Number);
  const lum = (c) => { const [r, g, b] = c.slice(0, 3).map((v) => {
    v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = (e) => { for (; e; e = e.parentElement) {
    const c = parse(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; }
    return [255, 255, 255]; };
  return parts.map((e) => { const a = lum(parse(getComputedStyle(e).color)), b = lum(ground(e));
    return [e.textContent.trim(), (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]; });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "status", [Status.PLANNED, Status.DELIVERED, Status.ATTEMPT_FAILED, Status.CANCELLED]
)
def test_every_word_can_be_read_on_its_ground(open_page, status, scheme):
    """WCAG 2.2 AA, 1.4.3: at least 4.5 to 1."""
    tab = open_page(status, color_scheme=scheme)
    measured = tab.locator("p, h1, h2, dt, dd, time, .label, .note, .brand").evaluate_all(CONTRAST)
    assert measured
    assert [(text, ratio) for text, ratio in measured if ratio < 4.5] == []
