"""Who says yes, in many threads: an offer ends in exactly one way, and everybody sees the same."""

import contextlib
import itertools
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.matching import offers
from chalicelib.domain.dispatch.model import Offer, OfferStatus, RouteStatus, StopKind
from chalicelib.domain.dispatch.waves import adoption
from chalicelib.domain.dispatch.waves.adoption import PlannedStop, RouteDraft
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.model import VehicleKind
from chalicelib.domain.merchants import store as merchants
from chalicelib.kit.clock import FrozenClock
from chalicelib.kit.errors import Conflict, NotFound, StaleVersion, Upstream
from chalicelib.storage.table import Tables
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import DOOR_AT, NOON, STORE_AT, a_driver_at_work, a_hub, a_request
from tests.storage.conftest import at_once

ROUNDS = 25


class Ring:
    """One hub's offers; every thread begins its own unit of work, at a time of its own."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        # Twice is a refusal: a module's rings share one table.
        with contextlib.suppress(Conflict):
            self.run(lambda uow: merchants.save_hub(uow, a_hub()))

    def begin(self, later_s: int = 0) -> UnitOfWork:
        return UnitOfWork(self._tables, FrozenClock(NOON + timedelta(seconds=later_s)))

    def run[T](self, use_case: Callable[[UnitOfWork], T]) -> T:
        uow = self.begin()
        result = use_case(uow)
        uow.commit()
        return result

    def an_offer(self, number: int, driver_id: str) -> Offer:
        request = a_request(external_id=str(number))
        made = self.run(lambda uow: deliveries.create(uow, request))
        ref = deliveries.ref_of(made)
        stops = (
            PlannedStop(StopKind.PICKUP, "Blumen Roth", STORE_AT, (ref,), NOON, 60),
            PlannedStop(StopKind.DROPOFF, "", DOOR_AT, (ref,), NOON, 60),
        )
        draft = RouteDraft(
            hub_id="hub_1",
            wave_id="wav_1",
            vehicle_kind=VehicleKind.VAN,
            starts_at=NOON,
            ends_at=NOON + timedelta(hours=1),
            distance_m=1,
            duration_s=3600,
            load_weight_g=1,
            load_volume_ml=1,
            stops=stops,
            versions={ref: made.version},
        )
        route, _ = self.run(lambda uow: adoption.adopt_route(uow, draft))
        assert route is not None
        work = a_driver_at_work(driver_id)
        self.run(lambda uow: drivers.save_work(uow, work))
        return self.run(lambda uow: offers.make(uow, route, work, 0, 45))

    def attempt(self, use_case: Callable[[UnitOfWork], object], later_s: int = 0) -> bool:
        """Whether this attempt itself changed something."""
        uow = self.begin(later_s)
        try:
            use_case(uow)
            changes = uow.write_count > 0
            uow.commit()
        except (Conflict, NotFound):
            return False
        return changes


def answers(ring: Ring, offer: Offer) -> dict[str, Callable[[], bool]]:
    """The three ways in which an offer can end."""
    who, which = offer.driver_id, offer.id
    return {
        "accepted": lambda: ring.attempt(lambda uow: offers.accept(uow, who, which)),
        "declined": lambda: ring.attempt(lambda uow: offers.decline(uow, who, which, "no")),
        "expired": lambda: ring.attempt(
            lambda uow: offers.expire(uow, offer.route_id, which), later_s=60
        ),
    }


@pytest.mark.parametrize(("rounds", "threads"), [(ROUNDS, 12), (2, 63)])
def test_an_offer_ends_in_exactly_one_way(atomic_tables: Tables, rounds: int, threads: int) -> None:
    ring = Ring(atomic_tables)
    seen: Counter[str] = Counter()
    for number in range(rounds):
        offer = ring.an_offer(number, f"drv_{number}")
        ways = list(itertools.islice(itertools.cycle(answers(ring, offer).items()), threads))
        won = at_once([attempt for _, attempt in ways])
        winners = [way for (way, _), has_won in zip(ways, won, strict=True) if has_won]
        assert len(winners) == 1
        check_end(ring, offer, winners[0])
        seen.update(winners)
    assert sum(seen.values()) == rounds


def check_end(ring: Ring, offer: Offer, way: str) -> None:
    """Offer, route and driver tell the same story."""
    after = dispatch.load_offer(ring.begin(), offer.route_id, offer.id)
    route = dispatch.load_route(ring.begin(), offer.route_id)
    work = drivers.load_work(ring.begin(), offer.driver_id)
    assert (after.status, after.version) == (OfferStatus(way), 2)
    assert (route.version, work.version, work.offer) == (3, 3, None)
    if way == "accepted":
        assert (route.status, route.driver_id) == (RouteStatus.ASSIGNED, offer.driver_id)
        assert work.route_id == route.id
    else:
        assert (route.status, route.driver_id) == (RouteStatus.PLANNED, None)
        assert work.is_free


CROWD = 200


@pytest.fixture
def broadcast(atomic_tables: Tables) -> tuple[Ring, list[Offer]]:
    """One route, two hundred drivers who are all asked about it."""
    ring = Ring(atomic_tables)
    first = ring.an_offer(1, "drv_0")
    made = [first]
    for begin in range(1, CROWD, 40):
        names = [f"drv_{number}" for number in range(begin, min(CROWD, begin + 40))]
        made += ring.run(lambda uow, names=names: ask_all(uow, first.route_id, names))
    return ring, made


def ask_all(uow: UnitOfWork, route_id: str, names: list[str]) -> list[Offer]:
    """Forty offers of one route in one commit."""
    made = []
    for name in names:
        work = a_driver_at_work(name)
        drivers.save_work(uow, work)
        made.append(offers.make(uow, dispatch.load_route(uow, route_id), work, 0, 45))
    return made


def said(ring: Ring, offer: Offer) -> str:
    """What a driver hears who says yes, as the edge runs it: again after a lost race."""
    for _ in range(8):
        uow = ring.begin()
        try:
            offers.accept(uow, offer.driver_id, offer.id)
            uow.commit()
        except (StaleVersion, Upstream):
            continue
        except Conflict as refused:
            return refused.code
        return "accepted"
    return "lost every race"


def test_of_two_hundred_drivers_who_say_yes_at_once_one_has_the_route(
    broadcast: tuple[Ring, list[Offer]],
) -> None:
    ring, made = broadcast
    heard = at_once([lambda one=one: said(ring, one) for one in made])
    assert Counter(heard)["accepted"] == 1
    assert set(heard) <= {"accepted", "offer_taken"}
    winner = made[heard.index("accepted")]
    route = dispatch.load_route(ring.begin(), winner.route_id)
    assert (route.status, route.driver_id) == (RouteStatus.ASSIGNED, winner.driver_id)
    for offer in made:
        if offer is not winner:
            ring.run(lambda uow, one=offer: offers.withdraw(uow, one.route_id, one.id))
    works = [drivers.load_work(ring.begin(), one.driver_id) for one in made]
    assert [one.driver_id for one in works if one.route_id] == [winner.driver_id]
    assert all(one.offer is None for one in works)
    kept = [dispatch.load_offer(ring.begin(), one.route_id, one.id).status for one in made]
    assert Counter(kept) == {OfferStatus.ACCEPTED: 1, OfferStatus.WITHDRAWN: CROWD - 1}


def test_two_hundred_taps_of_one_driver_are_one_yes(atomic_tables: Tables) -> None:
    ring = Ring(atomic_tables)
    offer = ring.an_offer(1, "drv_0")
    heard = at_once([lambda: said(ring, offer)] * CROWD)
    assert set(heard) == {"accepted"}
    check_end(ring, offer, "accepted")
    habits = drivers.load_work(ring.begin(), "drv_0").habits
    assert habits.accepted_milli == 1000, "counted once"
