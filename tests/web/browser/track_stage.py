"""The recipient's page behind a port, in the demo's town, with whatever a test wants to be so."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from zoneinfo import ZoneInfo

from chalicelib import web
from chalicelib.domain.deliveries.model import Status
from chalicelib.domain.routing.street_lines import StreetLines
from chalicelib.domain.tracking import view
from chalicelib.domain.tracking.eta import Progress
from chalicelib.domain.tracking.headlines import Known
from chalicelib.domain.tracking.words import Reading
from chalicelib.kit.geo import LatLng
from chalicelib.kit.languages import ENGLISH, Language, translator
from chalicelib.web import assets, svgmap, track_page
from chalicelib.web.track_page import Streets
from local.streets.__main__ import demo_town
from local.streets.contract import contract, pack
from tests.telling import ANNA, lived, minutes, new_delivery, steps_to

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082"
)
DOOR = LatLng(51.1905, 9.3642)
#: Names that no line can hold.
LONG_ORDER = "#1042-with-a-very-long-order-name-that-no-line-can-hold"
LONG_BRAND = "Donaudampfschifffahrtsgesellschaftskapitänsmützenmanufaktur"


@cache
def streets() -> Streets:
    """The streets around the door."""
    lines = StreetLines(pack(contract(demo_town().largest_part())))
    return Streets(svgmap.paths(lines.around(DOOR)))


@dataclass
class Stage:
    """``changes`` is what a test wants different of the page; ``asked`` what browsers asked for."""

    address: str = ""
    changes: dict[str, object] = field(default_factory=dict)
    photo: bytes = PIXEL
    asked: list[str] = field(default_factory=list)

    def shown(self, status: Status, language: Language) -> view.View:
        wanted = dict(self.changes)
        status = Status(wanted.pop("status", status))
        long = wanted.pop("long", True)
        order = LONG_ORDER if long else "#1042"
        delivery = lived(*steps_to(status), before=new_delivery(order_name=order, dropoff=DOOR))
        on_the_way = status in (Status.PICKED_UP, Status.EN_ROUTE_TO_DROPOFF)
        known = Known(
            delivery=delivery,
            recipient=ANNA,
            brand=LONG_BRAND if long else "Blumen & Söhne",
            reading=Reading(ZoneInfo("Europe/Berlin"), False, translator(language)),
            now=minutes(60),
            progress=Progress(minutes(75), minutes(70), minutes(90), 2) if on_the_way else None,
            has_photo=True,
            pin="0123",
            dot=LatLng(51.1948, 9.3561) if on_the_way else None,
        )
        return view.show(replace(known, **wanted))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stage: Stage

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        self.stage.asked.append(path)
        language = Language(query.removeprefix("lang=")) if query.startswith("lang=") else "en"
        kind, name = path.split("/")[1:3]
        if kind == "s":
            asset = assets.by_name()[name]
            self._answer(asset.content.encode(), {"Content-Type": asset.content_type})
        elif path.endswith("/photo"):
            self._answer(self.stage.photo, {"Content-Type": "image/png"})
        else:
            shown = self.stage.shown(Status(name), Language(language))
            if path.endswith("/live"):
                self._live(shown)
                return
            html = track_page.page(shown.t, shown, name, streets=streets())
            origin = f"http://{self.headers['Host']}"
            headers = track_page.headers(html, ENGLISH, photo_url=f"{origin}/x")
            self._answer(html.encode(), headers)

    def _live(self, shown: view.View) -> None:
        told = track_page.news(shown, track_page.version(shown))
        body = json.dumps(told, ensure_ascii=False).encode()
        etag = web.etag(body.decode())
        known = self.headers.get("If-None-Match") == etag
        headers = {"Content-Type": "application/json", "ETag": etag}
        self._answer(b"" if known else body, headers, 304 if known else 200)

    def _answer(self, body: bytes, headers: dict[str, str], status: int = 200) -> None:
        if "gzip" in self.headers.get("Accept-Encoding", "") and len(body) > 1000:
            body, headers = gzip.compress(body, 6), {**headers, "Content-Encoding": "gzip"}
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served() -> Iterator[Stage]:
    stage = Stage()
    handler = type("Handler", (_Handler,), {"stage": stage})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    stage.address = f"http://127.0.0.1:{server.server_port}/t"
    yield stage
    server.shutdown()
    thread.join()
    server.server_close()
