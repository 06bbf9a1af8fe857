"""The console on a real browser's doorstep: a small day behind a port, and people of the desk.

There is no relay here: after each change its routes are marked, as the relay would do it, and the
clock goes on five seconds with every poll, so that marks have settled.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from chalicelib import wiring
from chalicelib.domain.accounts.model import Audience, DeskRole
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.matching import offers
from chalicelib.domain.dispatch.model import Route, Stop, StopKind
from chalicelib.domain.dispatch.today import marks
from chalicelib.domain.dispatch.today.marks import Thing
from chalicelib.domain.dispatch.waves import adoption
from chalicelib.domain.drivers.model import Work
from chalicelib.domain.merchants.store import save_merchant
from chalicelib.entry.signed_in import COOKIES
from chalicelib.kit.geo import LatLng
from chalicelib.kit.timewindow import TimeWindow
from tests.builders import DOOR_AT, HUB_AT, a_merchant
from tests.entry import visitors
from tests.entry.conftest import VEHICLE, Doors
from tests.web.browser.driver_stage import DriverStage, _Handler, served

HERE = {"on_duty": True, "latitude": HUB_AT.latitude, "longitude": HUB_AT.longitude}


@dataclass
class Desk:
    """A day with routes, drivers and deliveries, and the browsers that look at it."""

    stage: DriverStage
    routes: list[str] = field(default_factory=list)
    drivers: list[str] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    numbers: int = 0

    @property
    def doors(self) -> Doors:
        return self.stage.doors

    @property
    def address(self) -> str:
        port = urlsplit(self.stage.address).port
        return f"http://localhost:{port}/ops#{self.doors.hub_id}"

    def a_driver(self, name: str) -> str:
        phone = self.doors.a_phone()
        body = {
            "name": name,
            "phone_number": phone,
            "hub_id": self.doors.hub_id,
            "vehicle": VEHICLE,
        }
        with self.stage.lock:
            driver_id = str(self.doors.operate("POST", "/v1/drivers", body).body["id"])
            token = str(self.doors.sign_in(phone)["access_token"])
            self.doors.stage.clock.advance(seconds=21)
            self.doors.call("POST", "/v1/driver/duty", HERE, token)
            fix = {
                "latitude": HUB_AT.latitude + 0.004 * (len(self.drivers) % 7),
                "longitude": HUB_AT.longitude + 0.006 * (len(self.drivers) % 5 + 1),
                "at": self.doors.stage.clock.now().isoformat(),
                "accuracy_m": 8,
            }
            told = self.doors.call("POST", "/v1/driver/location", {"pings": [fix]}, token)
            assert told.status == 202, told.raw
        self.drivers.append(driver_id)
        self.tokens[driver_id] = token
        return driver_id

    def a_route(self, doors: int, driver_id: str | None = None, late: int = 0) -> Route:
        """A route with its doors around; the last ``late`` ones are promised too early."""
        with self.stage.lock:
            world = self.stage.world
            draft = world.draft(doors)
            pickup, *rest = draft.stops
            self.numbers += 1
            apart = []
            for number, stop in enumerate(rest):
                at = draft.starts_at + timedelta(minutes=12 + 9 * number + 5 * (self.numbers % 4))
                place = LatLng(
                    DOOR_AT.latitude + 0.006 * ((number * self.numbers) % 7) - 0.02,
                    DOOR_AT.longitude + 0.007 * ((number + 2 * self.numbers) % 9) - 0.02,
                )
                apart.append(replace(stop, position=place, planned_arrival_at=at))
            ends_at = apart[-1].planned_arrival_at + timedelta(minutes=10)
            spread = replace(draft, stops=(pickup, *apart), ends_at=ends_at)
            route, _ = world.run(lambda uow: adoption.adopt_route(uow, spread))
            assert route is not None
            route = self._promise(route, late)
            if driver_id is not None:
                work: Work = world.work(driver_id)
                offer_id = world.run(lambda uow: offers.make(uow, route, work, 700, 45)).id
                world.run(lambda uow: offers.accept(uow, driver_id, offer_id))
        self.routes.append(route.id)
        return route

    def _promise(self, route: Route, late: int) -> Route:
        """Every door within the hour; the last ones so early that they will be late."""
        first = len(route.stops) - late

        def promised(number: int, stop: Stop) -> Stop:
            if stop.kind is not StopKind.DROPOFF:
                return stop
            end = stop.planned_arrival_at + timedelta(minutes=-10 if number >= first else 40)
            return replace(stop, window=TimeWindow(end - timedelta(hours=1), end))

        stops = tuple(promised(*one) for one in enumerate(route.stops))
        made = replace(route, stops=stops, version=route.version + 1)
        self.stage.world.run(lambda uow: dispatch.save_route(uow, made))
        return made

    def a_waiting_delivery(self) -> str:
        with self.stage.lock:
            self.numbers += 1
            return self.stage.world.a_ready_delivery(900 + self.numbers).id

    def mark(self) -> None:
        """What the relay does of every change."""
        with self.stage.lock:
            uow = wiring.unit_of_work()
            for route_id in self.routes:
                marks.note(uow, self.doors.hub_id, Thing.ROUTE, route_id)
            uow.commit()

    def route(self, route_id: str) -> Route:
        with self.stage.lock:
            return dispatch.load_route(wiring.unit_of_work(), route_id)

    def somebody(self, name: str = "Marta") -> visitors.Visitor:
        with self.stage.lock:
            person = visitors.a_person(self.doors.stage, DeskRole.DISPATCHER, name=name)
            return visitors.Visitor(self.doors.stage, person, visitors.a_token(person))

    def open(self, browser: Any, name: str = "Marta", *, hears: bool = True, **options: Any) -> Any:
        """A tab of a browser in which somebody has signed in; who ``hears`` nothing is told what
        is new once, and never again."""
        context = browser.new_context(**options)
        visitor = self.somebody(name)
        context.add_cookies([{"name": "session", "value": visitor.token, "url": self.address}])
        tab = context.new_page()
        if not hears:
            tab.route("**/ops/changes?*", _only_the_first())
        tab.goto(self.address)
        tab.wait_for_selector("html[data-ready=yes]")
        return tab


def _only_the_first() -> Callable[[Any], None]:
    """Lets one request through; the others wait for their answers until the tab is closed."""
    first = iter((True,))
    return lambda route: route.continue_() if next(first, False) else None


@contextmanager
def desk(doors: Doors) -> Iterator[Desk]:
    with served(doors) as stage:
        made = Desk(stage)
        stage.world.run(lambda uow: save_merchant(uow, a_merchant(hub_id=doors.hub_id)))
        answer = _Handler._answer

        def then_mark(handler: _Handler) -> None:
            if handler.path.startswith("/ops/changes"):
                doors.stage.clock.advance(seconds=5)
            # A browser takes a __Host- cookie from nobody but a secure origin.
            sent = handler.headers.get("Cookie", "").partition("session=")[2]
            if sent:
                handler.headers.replace_header("Cookie", f"{COOKIES[Audience.DESK]}={sent}")
            answer(handler)
            if handler.command == "POST":
                made.mark()

        stage.handler.do_GET = stage.handler.do_POST = then_mark
        yield made
