"""What if? A day again, with other choices, on the real rules.

Orders come in when they came in; waves are formed, planned, adopted and offered by the very use
cases that do it in production (``dispatch``), with the same optimizer for a number of steps instead
of seconds; drivers (``driving``) meet the weather of the day (``experience``); what fails is mended
by ``recovery``. What comes out is recorded as a real day is, so both are told in the same figures.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import lists, news, redirecting
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import CancelReason, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import store
from chalicelib.domain.dispatch.matching import candidates, escalation, matching, offers, releases
from chalicelib.domain.dispatch.under_way import town_pace
from chalicelib.domain.dispatch.waves import adoption, departures, forming, planning
from chalicelib.domain.dispatch.waves.planning import Solve
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.merchants.wave_rules import SCHEDULE_S
from chalicelib.domain.pickup_points import room
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.domain.pickup_points.model import Wanted
from chalicelib.domain.recovery import carrying_out
from chalicelib.domain.routing import solve as routing
from chalicelib.domain.routing import travel
from chalicelib.domain.routing.plan import Plan
from chalicelib.domain.routing.problem import Problem, Tour
from chalicelib.domain.simulation import experience, recording, stage
from chalicelib.domain.simulation.choices import Scenario
from chalicelib.domain.simulation.driving import Drivers
from chalicelib.domain.simulation.experience import Weather
from chalicelib.domain.simulation.hearing import MATCHES
from chalicelib.domain.simulation.play import Play
from chalicelib.domain.simulation.recorded import RecordedDay
from chalicelib.domain.simulation.stage import Arrival, Stage
from chalicelib.kit.events import Event
from chalicelib.kit.hours import whole_day
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.notebook import Notebook
from chalicelib.storage.unit_of_work import UnitOfWork

#: Routes that are under way at midnight are driven to their end.
RUNS_ON = timedelta(hours=8)
#: The schedule of ``match_drivers`` [s], and how soon news lead to a round.
MATCH_EVERY_S, MATCH_SOON_S = 60, 1
#: Steps of the optimizer for a wave: what it gets for a job, at least and at most.
STEPS_PER_JOB, LEAST_STEPS, MOST_STEPS = 15, 500, 10_000
#: A budget that never ends a search before its steps do.
_NO_HURRY_S = 3_600.0

Tell = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Run:
    """A scenario with a seed, and the engine of its plans: ``native``, or ``construct`` for a plan
    without a search."""

    scenario: Scenario
    seed: int
    engine: str = "native"


def simulate(day: RecordedDay, run: Run, tell: Tell = lambda share: None) -> RecordedDay:
    """Play a recorded day with other choices; what came of it, recorded.

    Parameters
    ----------
    tell
        Called with the share of the day that is over.
    """
    played = SimulatedDay(day, run)
    return played.play(tell)


class SimulatedDay:
    """One day in play."""

    def __init__(self, day: RecordedDay, run: Run, notebook: Notebook | None = None) -> None:
        choices = run.scenario.choices
        day = day.own()
        self.day, self.run = day, run
        self.begins_at = stage.begins_at(day)
        name = f"{day.hub_id} {day.day} {run.seed}"
        self.clock = Play(self.begins_at, name, notebook)
        self.stage: Stage = self.clock.run(
            lambda uow: stage.set_up(self.clock.notebook, uow, day, choices)
        )
        self.hub: Hub = self.stage.hub
        self.weather = Weather(
            experience.of(day, stage.hub_of(day)),
            run.seed,
            choices.travel_percent,
            choices.shut_door_permille,
        )
        self.drivers = Drivers(self.clock, self.hub, self.weather)
        self.ends_at = whole_day(day.day, self.hub.timezone).end_at
        self._match_at: datetime | None = None
        self._to_come = len(self.stage.arrivals)
        self._waves = 0
        self._under_way: set[str] = set()
        self._not_begun: set[str] = set()

    def play(self, tell: Tell = lambda share: None) -> RecordedDay:
        """From the first order to the last route's end."""
        self.clock.hear = self._hear
        for arrival in self.stage.arrivals:
            self.clock.at(arrival.at, partial(self._take_in, arrival))
            if arrival.cancelled_at is not None:
                self.clock.at(arrival.cancelled_at, partial(self._take_back, arrival))
        self.drivers.enlist(self.stage.crew)
        first = min((one.at for one in self.stage.arrivals), default=self.ends_at)
        self.clock.at(_next_tick(first), self._tick)
        until, told = self.ends_at + RUNS_ON, -1
        whole = (self.ends_at - self.begins_at).total_seconds()
        while self.clock.step(until):
            share = int(100 * (self.clock.now - self.begins_at).total_seconds() / whole)
            if share > told:
                told = share
                tell(min(1.0, share / 100))
        return self.clock.read(lambda uow: recording.record(uow, self.hub.id, self.day.day))

    def _hear(self, event: Event) -> None:
        self.drivers.hear(event)
        self._note(event)
        if event.type in MATCHES:
            self._match_after(MATCH_SOON_S)
        if event.type == "offer.made":
            ends = partial(self._expire, event.data["route_id"], event.subject)
            self.clock.after(event.data["ttl_s"] + 1, ends)

    def _note(self, event: Event) -> None:
        """What is under way, by its own news: asking everybody at each tick would be slow."""
        if event.type.startswith("delivery."):
            status = Status(event.data["status"])
            over = status.is_final or status in (Status.READY, Status.AT_PICKUP_POINT)
            (self._under_way.discard if over else self._under_way.add)(event.subject)
        elif event.type in ("route.assigned", "route.handed_over"):
            self._not_begun.add(event.subject)
        elif event.type.startswith("route."):
            self._not_begun.discard(event.subject)

    # -- orders ------------------------------------------------------------------------------------

    def _take_in(self, arrival: Arrival) -> None:
        self._to_come -= 1
        self.clock.run(partial(_take_in, arrival=arrival))
        choices, ref = self.run.scenario.choices, deliveries.ref_of(arrival.delivery)
        wants = choices.locker_percent and arrival.delivery.pickup_point_id is None
        if wants and self.weather.chooses_a_point(ref, choices.locker_percent):
            walk_m = choices.locker_walk_m
            self.clock.unless_lost(partial(_bring_to_point, ref=ref, walk_m=walk_m))

    def _take_back(self, arrival: Arrival) -> None:
        ref = deliveries.ref_of(arrival.delivery)
        reason = CancelReason(arrival.cancelled_why or CancelReason.MERCHANT_REQUEST)
        at = self.clock.now
        self.clock.unless_lost(lambda uow: deliveries.carry_out(uow, ref, life.Cancel(at, reason)))

    # -- waves -------------------------------------------------------------------------------------

    def _tick(self) -> None:
        """What ``plan_waves`` and ``solve_wave`` do every five minutes."""
        for order in self.clock.read(lambda uow: forming.form(uow, self.hub)):
            self._plan(order)
        for ref, version in self.clock.read(lambda uow: list(carrying_out.due(uow, self.hub.id))):
            self.clock.unless_lost(partial(carrying_out.carry_out, ref=ref, failed_version=version))
        if self.clock.now < self.ends_at and (self._to_come or self._is_open()):
            self.clock.after(SCHEDULE_S, self._tick)

    def _is_open(self) -> bool:
        """Whether anything is left that a wave of this day could take, or may yet come back."""
        until = write_instant(self.ends_at)
        pending = self.clock.read(lambda uow: lists.pending_refs(uow, self.hub.id))
        return bool(self._under_way) or any(one["window"]["start_at"] < until for one in pending)

    def _plan(self, order: forming.WaveOrder) -> None:
        snapshot = self.clock.read(lambda uow: planning.take_snapshot(uow, self.hub))
        roads = travel.calibrated(self.clock.read(lambda uow: town_pace.load(uow, self.hub.id)))
        planned = departures.plan_wave(snapshot, order.wave_id, roads, self._solver())
        adopted = [self.clock.run(partial(adoption.adopt_route, draft=d)) for d in planned.drafts]
        outcome = planned.became(adopted)
        self.clock.run(
            lambda uow: adoption.record_wave(uow, self.hub.id, order.wave_id, order.slot, outcome)
        )

    def _solver(self) -> Solve:
        self._waves += 1
        seed = 1000 * self.run.seed + self._waves
        return partial(solve_by_steps, seed=seed, engine=self.run.engine)

    # -- matching ----------------------------------------------------------------------------------

    def _match_after(self, seconds: int) -> None:
        when = self.clock.now + timedelta(seconds=seconds)
        if self._match_at is None or when < self._match_at:
            self._match_at = when
            self.clock.at(when, partial(self._match, when))

    def _match(self, when: datetime) -> None:
        """One round, as ``entry.rounds`` makes it; the next one while anything waits."""
        if self._match_at != when:
            return
        self._match_at = None
        hub, now, clock = self.hub, self.clock.now, self.clock
        waiting = clock.read(lambda uow: store.list_unassigned(uow, hub.id))
        for route_id in matching.overdue(waiting, hub, now):
            clock.unless_lost(partial(adoption.give_up, route_id=route_id))
        for route in waiting:
            if escalation.needs_the_desk(route, hub.asking, now):
                clock.unless_lost(partial(matching.tell_desk, route_id=route.id, hub=hub))
        released = bool(self._not_begun) and self._release(now)
        if waiting or released:
            found = clock.read(
                lambda uow: matching.find_matches(uow, hub, candidates.muster(uow, hub))
            )
            for one in found.due:
                clock.unless_lost(partial(matching.offer_match, found=one, hub=hub))
        if waiting or self._not_begun:
            self._match_after(MATCH_EVERY_S)

    def _release(self, now: datetime) -> bool:
        """Take routes from drivers who did not come; whether there were any."""
        hub = self.hub
        crew = self.clock.read(lambda uow: candidates.muster(uow, hub))
        late = releases.no_shows(crew, hub.asking, now)
        for route_id in late:
            release = partial(releases.release_no_show, route_id=route_id, asking=hub.asking)
            self.clock.unless_lost(release)
        return bool(late)

    def _expire(self, route_id: str, offer_id: str) -> None:
        self.clock.unless_lost(partial(offers.expire, route_id=route_id, offer_id=offer_id))


def solve_by_steps(
    problem: Problem, initial: Sequence[Tour] | None, *, seed: int, engine: str
) -> Plan:
    """A plan by steps, not by time: the same on every machine."""
    jobs = len(problem.jobs)
    return routing.solve(
        problem,
        budget_s=_NO_HURRY_S,
        seed=seed,
        engine=engine,
        initial=initial,
        iterations=min(MOST_STEPS, max(LEAST_STEPS, STEPS_PER_JOB * jobs)),
    )


def _take_in(uow: UnitOfWork, arrival: Arrival) -> None:
    """As ``deliveries.create`` leaves it: saved, told, its place at a point taken."""
    one = arrival.delivery
    delivery_store.save(uow, one, expect=0)
    uow.emit(news.event_of(one))
    if one.pickup_point_id is not None:
        point = pickup_points.load(uow, one.pickup_point_id)
        held = room.load(uow, point.id)
        size = held.free(point, one.parcel.weight_g, one.parcel.volume_ml)
        if size is not None:
            room.reserve(uow, held, str(deliveries.ref_of(one)), size)


def _bring_to_point(uow: UnitOfWork, ref: DeliveryRef, walk_m: int) -> object:
    """To the nearest point within a walk that has room; to the door where there is none."""
    delivery = delivery_store.load(uow, ref)
    wanted = Wanted(delivery.parcel.weight_g, delivery.parcel.volume_ml)
    for near in pickup_points.nearest(uow, delivery.dropoff, wanted, 3):
        if near.distance_m > walk_m:
            return None
        if redirecting.place_at(uow, delivery, near.point):
            return redirecting.redirect(uow, delivery, near.point)
    return None


def _next_tick(at: datetime) -> datetime:
    """The schedule's next minute: whole multiples of it."""
    seconds = int(at.timestamp())
    return at.replace(microsecond=0) + timedelta(seconds=-seconds % SCHEDULE_S)
