"""What do drivers do on a simulated day? Come, answer, drive, hand over or not, go home.

A driver knows what a phone shows: the offer, and the next stop of the route after each tap. Every
tap is the product's (``dispatch.under_way.driving``); how long things take and whether a door opens
is the weather's (``experience``).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.deliveries.requirements import Proof, ProofKind
from chalicelib.domain.dispatch import store
from chalicelib.domain.dispatch.matching import offers
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind, StopStatus
from chalicelib.domain.dispatch.under_way import driving
from chalicelib.domain.drivers import service as crew
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.model import Work
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.routing import travel
from chalicelib.domain.simulation.experience import Weather
from chalicelib.domain.simulation.play import Play
from chalicelib.domain.simulation.recorded import CrewMember
from chalicelib.domain.tracking import whereabouts
from chalicelib.domain.tracking.positions import Ping
from chalicelib.kit.events import Event
from chalicelib.kit.geo import LatLng
from chalicelib.kit.hours import zone

#: Why somebody says no, in the words of the app.
DECLINED = "too far"


class Drivers:
    """All drivers of a day."""

    def __init__(self, play: Play, hub: Hub, weather: Weather) -> None:
        self._play, self._hub, self._weather = play, hub, weather
        self._where: dict[str, LatLng] = {}
        self._leaves_at: dict[str, datetime] = {}
        self._zone = zone(hub.timezone)

    def enlist(self, crew_: Iterable[CrewMember]) -> None:
        """Let everybody come when they came."""
        for member in crew_:
            for span in member.duty:
                come = partial(self._come, member.work, span.end_at)
                self._play.at(span.start_at, come)
                self._play.at(span.end_at, partial(self._go_home, member.work.driver_id))

    def hear(self, event: Event) -> None:
        if event.type == "offer.made":
            self._think(event.data["driver_id"], event.data["route_id"], event.subject)
        elif event.type == "route.assigned":
            driver_id = event.data["driver_id"]
            self._play.after(0, partial(self._drive_on, driver_id))

    def _come(self, work: Work, until: datetime) -> None:
        at = work.position or self._hub.position
        self._where.setdefault(work.driver_id, at)
        self._leaves_at[work.driver_id] = until
        here = self._where[work.driver_id]
        self._play.run(lambda uow: crew.go_on_duty(uow, work.driver_id, here, until))
        self._seen(work.driver_id)

    def _go_home(self, driver_id: str) -> None:
        """At the end of the shift; who still drives goes when the route is over."""
        if self._leaves_at[driver_id] > self._play.now:
            return
        work = self._play.read(lambda uow: drivers.load_work(uow, driver_id))
        if work.on_duty and work.route_id is None:
            self._play.unless_lost(lambda uow: crew.go_off_duty(uow, driver_id))

    def _think(self, driver_id: str, route_id: str, offer_id: str) -> None:
        route = self._play.read(lambda uow: store.load_route(uow, route_id))
        first = next(route.deliveries())
        seconds = self._weather.answer_s(driver_id, first)
        yes = self._weather.answers_yes(driver_id, first, route.asked)
        self._play.after(seconds, partial(self._answer, driver_id, offer_id, yes))

    def _answer(self, driver_id: str, offer_id: str, yes: bool) -> None:
        if yes:
            self._play.unless_lost(lambda uow: offers.accept(uow, driver_id, offer_id))
        else:
            self._play.unless_lost(lambda uow: offers.decline(uow, driver_id, offer_id, DECLINED))

    def _drive_on(self, driver_id: str) -> None:
        """To the next stop of the route, if there is one."""
        work = self._play.read(lambda uow: drivers.load_work(uow, driver_id))
        if work.route_id is None:
            if self._leaves_at.get(driver_id, self._play.now) <= self._play.now:
                self._go_home(driver_id)
            return
        route_id = work.route_id
        route = self._play.read(lambda uow: store.load_route(uow, route_id))
        stop = route.next_stop()
        if stop is None:
            return
        leg_s = self._leg_s(driver_id, route, stop)
        leaves_at = self._play.now
        if route.status is RouteStatus.ASSIGNED:
            early = timedelta(seconds=self._weather.experience.early_s + leg_s)
            leaves_at = max(leaves_at, stop.planned_arrival_at - early)
        arrive = partial(self._arrive, driver_id, route.id, stop.id)
        self._play.at(leaves_at + timedelta(seconds=leg_s), arrive)

    def _leg_s(self, driver_id: str, route: Route, stop: Stop) -> int:
        here, there = self._where[driver_id], stop.position
        if here == there:
            return 0
        local = self._play.now.astimezone(self._zone)
        model = travel.matrix([here, there], local, route.vehicle_kind.value)
        return self._weather.leg_s(here, there, model.duration_s[0][1])

    def _arrive(self, driver_id: str, route_id: str, stop_id: str) -> None:
        route = self._play.read(lambda uow: store.load_route(uow, route_id))
        stop = route.next_stop()
        if route.driver_id != driver_id or route.status is RouteStatus.COMPLETED:
            # It was given to somebody else on the way there, or fell away.
            return
        if stop is None or stop.id != stop_id:
            self._drive_on(driver_id)
            return
        self._where[driver_id] = stop.position
        now = self._play.now
        if not self._play.unless_lost(lambda uow: driving.arrive(uow, driver_id, stop_id, now)):
            return
        self._seen(driver_id)
        begins_at = now
        waits = self._weather.experience.waits and stop.kind is StopKind.DROPOFF
        if waits and stop.window is not None:
            begins_at = max(begins_at, stop.window.start_at)
        handling_s = self._weather.handling_s(stop, stop.service_s)
        handle = partial(self._handle, driver_id, route_id, stop_id)
        self._play.at(begins_at + timedelta(seconds=handling_s), handle)

    def _handle(self, driver_id: str, route_id: str, stop_id: str) -> None:
        route = self._play.read(lambda uow: store.load_route(uow, route_id))
        stop = route.stop(stop_id)
        if stop is not None and stop.status is StopStatus.ARRIVED:
            self._tap(driver_id, stop)
            self._seen(driver_id)
        self._drive_on(driver_id)

    def _tap(self, driver_id: str, stop: Stop) -> None:
        now = self._play.now
        parcels = list(
            self._play.read(lambda uow: delivery_store.load_many(uow, stop.deliveries)).values()
        )
        is_door = stop.kind is StopKind.DROPOFF and stop.pickup_point_id is None
        reason = self._weather.failure(parcels[0]) if is_door and parcels else None
        if reason is not None:
            self._play.run(lambda uow: driving.fail(uow, driver_id, stop.id, reason, now))
            return
        proofs = _proofs(parcels) if is_door else ()
        self._play.run(lambda uow: driving.complete(uow, driver_id, stop.id, at=now, proofs=proofs))

    def _seen(self, driver_id: str) -> None:
        """The phone says where it is."""
        ping = Ping(self._where[driver_id], self._play.now)
        self._play.unless_lost(lambda uow: whereabouts.take_in(uow, driver_id, [ping]))


def _proofs(parcels: Iterable[Delivery]) -> tuple[Proof, ...]:
    """Whatever is asked for at this door is there."""
    found: dict[ProofKind, Proof] = {}
    for one in parcels:
        asked = one.requirements
        for kind in asked.proofs:
            found[kind] = Proof(
                kind,
                min_age=asked.id_min_age if kind is ProofKind.ID_AGE else None,
                cash_minor=asked.cash_minor if kind is ProofKind.CASH else None,
            )
    return tuple(found.values())
