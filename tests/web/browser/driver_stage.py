"""The driver's app on a real browser's doorstep: the whole API behind a port, moto behind the API.

One request at a time goes through (moto's transactions are not atomic under threads). Photos go to
a bucket that is not there: the browser is told that they arrived, and they are kept.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from chalicelib import wiring
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.requirements import Requirements
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.matching import offers
from chalicelib.domain.dispatch.model import Route
from chalicelib.domain.dispatch.waves import adoption
from chalicelib.domain.drivers import statements
from chalicelib.domain.drivers.pay import PayRates, pay_of, waiting_of, with_line, with_tips
from chalicelib.domain.drivers.pay_by_stop import StopEnd, Visit, by_stop
from chalicelib.domain.drivers.statements import Statement
from chalicelib.kit.geo import LatLng
from tests.builders import DOOR_AT, HUB_AT, a_hub
from tests.domain.dispatch.conftest import World
from tests.entry.conftest import Doors

HERE = {"latitude": HUB_AT.latitude, "longitude": HUB_AT.longitude}


@dataclass
class DriverStage:
    """The doors, their address, and who drives."""

    doors: Doors
    address: str
    lock: threading.RLock
    asked: list[str] = field(default_factory=list)
    handler: Any = None

    @property
    def world(self) -> World:
        hub = a_hub(id=self.doors.hub_id)
        return World(wiring.unit_of_work, self.doors.stage.clock, hub)

    def a_route(self, doors: int) -> Route:
        """A planned route with its doors beside each other."""
        draft = self.world.draft(doors)
        pickup, *rest = draft.stops
        apart = [
            replace(
                stop,
                position=LatLng(
                    DOOR_AT.latitude + 0.004 * (number % 5),
                    DOOR_AT.longitude + 0.003 * (number // 5 + number % 3),
                ),
                planned_arrival_at=stop.planned_arrival_at + timedelta(minutes=6 * number),
            )
            for number, stop in enumerate(rest)
        ]
        spread = replace(draft, stops=(pickup, *apart))
        route, _ = self.world.run(lambda uow: adoption.adopt_route(uow, spread))
        assert route is not None
        return route

    def offer(self, driver_id: str, route: Route) -> str:
        with self.lock:
            work = self.world.work(driver_id)
            return self.world.run(lambda uow: offers.make(uow, route, work, 700, 45)).id

    def a_driver_on(self, doors: int) -> tuple[str, str, Route]:
        """Somebody on duty who took a route: phone, id, and the route."""
        with self.lock:
            phone = self.doors.a_phone()
            driver_id = self.doors.enrol(phone)
            token = self.doors.sign_in(phone)["access_token"]
            self.doors.stage.clock.advance(seconds=21)
            self.doors.call("POST", "/v1/driver/duty", {"on_duty": True, **HERE}, token)
            route = self.a_route(doors)
            offer_id = self.offer(driver_id, route)
            took = self.doors.call("POST", f"/v1/offers/{offer_id}/accept", {}, token)
            assert took.status == 200, took.raw
            return phone, driver_id, route

    def pay_route(self, driver_id: str) -> int:
        """Yesterday's route was paid: three stops of every end, waiting, a tip, a guarantee and an
        hourly floor; what the stops brought together."""
        rates = PayRates("EUR", 1_200, 60, 35, 20, 500, 300, 25, 1_400)
        driven = (
            Visit("stp_1", "pickup", StopEnd.DONE, ("del_1", "del_2"), 0, 300, 0, 0),
            Visit("stp_2", "dropoff", StopEnd.DONE, ("del_1",), 2_300, 700, 540, 150),
            Visit("stp_3", "dropoff", StopEnd.FAILED, ("del_2",), 900, 400, 0, 0),
            Visit("stp_4", "return", StopEnd.SKIPPED, ("del_2",), 0, 0, 0, 0),
        )
        pay = pay_of(rates, 3, 3_200, 1_400, failed_stops=1)
        pay = with_tips(with_line(pay, waiting_of(rates, [540])), 150)
        stops = by_stop(pay, rates, driven)
        with self.lock:
            uow = wiring.unit_of_work()
            ended_at = uow.now - timedelta(days=1)
            day = ended_at.date()
            hub_id, route_id = self.doors.hub_id, uow.new_id("rte")
            made = Statement("", driver_id, route_id, hub_id, 0, day, ended_at, pay, 0)
            wanted = replace(made, stops=stops, floor_minor=1_300)
            assert statements.write(uow, wanted, "Europe/Berlin") is not None
            uow.commit()
        return sum(one.amount_minor for one in stops)

    def ask_photo(self, route: Route) -> None:
        """Every door of the route wants a photo."""
        self._ask(route, Requirements(photo=True))

    def ask_everything(self, route: Route) -> None:
        """Every door of the route wants all that can be wanted of somebody who is there."""
        wanted = Requirements(
            pin=True, signature=True, photo=True, id_min_age=18, cash_minor=1250, currency="EUR"
        )
        self._ask(route, wanted)

    def _ask(self, route: Route, wanted: Requirements) -> None:
        with self.lock:
            for ref in route.deliveries():
                uow = wiring.unit_of_work()
                delivery = deliveries.load(uow, ref)
                asked = replace(delivery, requirements=wanted, version=delivery.version + 1)
                deliveries.save(uow, asked, expect=delivery.version)
                uow.commit()

    def route(self, route_id: str) -> Route:
        with self.lock:
            return dispatch.load_route(wiring.unit_of_work(), route_id)

    def histories(self, route: Route) -> list[list[tuple[str, Any]]]:
        """What happened to each delivery, and when."""
        with self.lock:
            return [
                [
                    (entry.what, entry.at)
                    for entry in deliveries.load(wiring.unit_of_work(), ref).history
                ]
                for ref in route.deliveries()
            ]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stage: DriverStage

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        headers = dict(self.headers.items())
        with self.stage.lock:
            self.stage.asked.append(f"{self.command} {self.path}")
            http = self.stage.doors.stage.client.http
            reply = getattr(http, self.command.lower())(self.path, headers=headers, body=body)
        # A page that was put away while it asked hears no answer.
        with suppress(ConnectionError):
            self.send_response(reply.status_code)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _answer

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(doors: Doors) -> Iterator[DriverStage]:
    """The doors behind a port of this machine."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    stage = DriverStage(doors, f"http://127.0.0.1:{server.server_port}/d", threading.RLock())
    handler.stage = stage  # type: ignore[attr-defined]
    stage.handler = handler
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield stage
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
