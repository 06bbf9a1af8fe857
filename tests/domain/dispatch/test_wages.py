"""What a route pays in the end: what was agreed, by what happened, once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import CancelReason, FailureReason
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch import wages
from chalicelib.domain.dispatch.matching import offers
from chalicelib.domain.dispatch.model import Offer, Route, RouteStatus, StopKind, StopStatus
from chalicelib.domain.dispatch.under_way import driving
from chalicelib.domain.drivers import day_records, pay_rates, service, statements
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.pay import LineKind, PayRates, pay_of
from chalicelib.domain.drivers.pay_by_stop import route_lines
from chalicelib.domain.drivers.pay_rates import HubRates
from chalicelib.domain.drivers.service import NewDriver
from chalicelib.kit.crew_errors import DocumentExpired
from chalicelib.kit.events import Event
from chalicelib.kit.money import Money
from chalicelib.kit.phone import Phone
from chalicelib.storage.keys import Key, TableName
from tests.builders import HUB_AT, NOON, SERVER_KEY, a_vehicle
from tests.domain.dispatch.conftest import World
from tests.domain.dispatch.matching.test_matching import a_route

RATES = PayRates("EUR", 1000, 100, 50, 20, wait_free_s=300, wait_per_minute_minor=30)
DAY = NOON.date()


@pytest.fixture
def paying(world: World) -> World:
    world.run(lambda uow: pay_rates.save(uow, "hub_1", HubRates(RATES)))
    return world


def statement(world: World, route: Route) -> statements.Statement:
    found = statements.find_last(world.begin(), "drv_1", route.id)
    assert found is not None
    return found


def drive(
    world: World, route: Route, tap: Callable[..., Route] = driving.complete, *args: object
) -> Route:
    """Complete every stop but the last, then tap there."""
    for stop in route.stops[:-1]:
        world.run(lambda uow, one=stop: driving.complete(uow, "drv_1", one.id))  # type: ignore[misc]
    return world.run(lambda uow: tap(uow, "drv_1", route.stops[-1].id, *args))


def agreed(world: World, route: Route) -> Offer:
    assert route.offer_id is not None
    return dispatch.load_offer(world.begin(), route.id, route.offer_id)


def test_the_offer_keeps_what_it_pays_whatever_the_rates_become(paying: World) -> None:
    route = paying.an_assigned_route()
    offer = agreed(paying, route)
    # Three stops, 9 km, 50 min.
    assert offer.pay == replace(pay_of(RATES, 3, 9000, 3000), rates_version=1)
    paying.run(lambda uow: pay_rates.save(uow, "hub_1", HubRates(PayRates("EUR", 1))))
    drive(paying, route)
    paid = statement(paying, route)
    assert (paid.pay, paid.agreed) == (offer.pay, offer.pay)
    assert (paid.happened.done_stops, paid.revision) == (3, 1)
    assert paid.change_minor == paid.pay.total_minor == 300 + 450 + 1000


def test_a_tap_that_comes_twice_pays_once(paying: World) -> None:
    route = paying.an_assigned_route()
    drive(paying, route)
    last = route.stops[-1].id
    paying.run(lambda uow: driving.complete(uow, "drv_1", last))
    ended = next(one for one in paying.heard if one.type == "route.completed")
    paying.run(lambda uow: wages.settle_ended(uow, ended))
    assert len(statements.list_of_route(paying.begin(), "drv_1", route.id)) == 1
    assert day_records.load(paying.begin(), "drv_1", DAY).earned_minor == 1750


def test_a_phone_whose_clock_began_again_at_1970_is_paid_for_no_more_than_the_day(
    paying: World,
) -> None:
    """Its taps count; half a century on the road would be paid by the floor for the hour."""
    route = paying.an_assigned_route()
    paying.clock.advance(minutes=40)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    first, *others = route.stops
    paying.run(lambda uow: driving.arrive(uow, "drv_1", first.id, epoch))
    for stop in (first, *others):
        paying.run(lambda uow, one=stop: driving.complete(uow, "drv_1", one.id, at=epoch))  # type: ignore[misc]
    paid = statement(paying, route)
    assert paid.day == DAY
    assert paid.happened.engaged_s <= 2 * 3600


def test_a_stop_is_not_done_before_the_driver_was_there(paying: World) -> None:
    """The phone's clock was put right between the two taps."""
    route = paying.an_assigned_route()
    first = route.stops[0].id
    paying.clock.advance(minutes=40)
    now = paying.clock.now()
    paying.run(lambda uow: driving.arrive(uow, "drv_1", first, now))
    earlier = now - timedelta(minutes=20)
    done = paying.run(lambda uow: driving.complete(uow, "drv_1", first, at=earlier)).stops[0]
    assert (done.arrived_at, done.done_at) == (now, now)


def test_an_end_that_is_taken_back_is_paid_anew_and_never_twice(paying: World) -> None:
    route = paying.an_assigned_route()
    drive(paying, route)
    last = route.stops[-1].id
    paying.run(lambda uow: driving.undo(uow, "drv_1", last))
    reopened = statement(paying, route)
    assert (reopened.reopened, reopened.pay.total_minor) == (True, 0)
    assert day_records.load(paying.begin(), "drv_1", DAY).earned_minor == 0
    assert statements.list_days(paying.begin(), "drv_1", DAY, DAY) == []
    paying.run(lambda uow: driving.complete(uow, "drv_1", last))
    every = statements.list_of_route(paying.begin(), "drv_1", route.id)
    assert [one.change_minor for one in every] == [1750, -1750, 1750]
    assert statements.list_days(paying.begin(), "drv_1", DAY, DAY) == [every[-1]]
    assert len({one.id for one in every}) == 3


def test_a_failed_stop_pays_by_the_rule_and_the_way_back_pays(world: World) -> None:
    rates = replace(RATES, failed_stop_permille=500)
    world.run(lambda uow: pay_rates.save(uow, "hub_1", HubRates(rates)))
    route = world.an_assigned_route()
    failed = drive(world, route, driving.fail, FailureReason.CUSTOMER_UNAVAILABLE)
    assert statements.find_last(world.begin(), "drv_1", route.id) is None
    back = failed.stops[-1]
    assert back.kind is StopKind.RETURN
    world.run(lambda uow: driving.complete(uow, "drv_1", back.id))
    paid = statement(world, route).pay
    assert (paid.amount_of(LineKind.STOPS), paid.amount_of(LineKind.FAILED_STOPS)) == (300, 50)


def test_a_stop_that_fell_away_is_paid_as_agreed(paying: World) -> None:
    """A shop that cancels is no fault of the driver's."""
    route = paying.an_assigned_route()
    ref = route.stops[-1].deliveries[0]
    cancel = life.Cancel(NOON, CancelReason.CUSTOMER_REQUEST)
    paying.run(lambda uow: deliveries.advance(uow, delivery_store.load(uow, ref), cancel))
    left = paying.route(route.id)
    assert left.stops[-1].status is StopStatus.SKIPPED
    drive(paying, replace(left, stops=left.stops[:-1]))
    paid = statement(paying, route)
    assert (paid.happened.done_stops, paid.happened.skipped_stops) == (2, 1)
    assert paid.pay.total_minor == 1750


def test_waiting_is_paid_past_the_free_time(paying: World) -> None:
    route = paying.an_assigned_route()
    first = route.stops[0]
    paying.run(lambda uow: driving.arrive(uow, "drv_1", first.id))
    paying.clock.advance(seconds=first.service_s + 300 + 130)
    drive(paying, route)
    line = next(one for one in statement(paying, route).pay.lines if one.kind is LineKind.WAITING)
    assert (line.quantity, line.amount_minor) == (2, 60)


def test_tips_come_on_top_for_what_was_handed_over_in_the_currency_of_the_pay(
    paying: World,
) -> None:
    route = paying.an_assigned_route(3)
    tips = (Money(300, "EUR"), Money(500, "USD"), Money(200, "EUR"))
    for number, tip in enumerate(tips):
        before = paying.delivery(number)
        after = replace(before, tip=tip, version=before.version + 1)
        paying.run(lambda uow, one=after: delivery_store.save(uow, one))
    # The first is handed over; the second is another country's money; the third is not there yet.
    failed = drive(paying, route, driving.fail, FailureReason.CUSTOMER_UNAVAILABLE)
    paying.run(lambda uow: driving.complete(uow, "drv_1", failed.stops[-1].id))
    assert statement(paying, route).pay.amount_of(LineKind.TIPS) == 300


def test_each_stop_has_a_line_and_they_sum_to_the_statement(paying: World) -> None:
    """What others look at is the journal's amount: not a cent may be lost between the stops."""
    route = paying.an_assigned_route(3)
    before = paying.delivery(0)
    tipped = replace(before, tip=Money(310, "EUR"), version=before.version + 1)
    paying.run(lambda uow: delivery_store.save(uow, tipped))
    first = route.stops[0]
    paying.run(lambda uow: driving.arrive(uow, "drv_1", first.id))
    paying.clock.advance(seconds=first.service_s + 300 + 130)
    failed = drive(paying, route, driving.fail, FailureReason.CUSTOMER_UNAVAILABLE)
    paying.run(lambda uow: driving.complete(uow, "drv_1", failed.stops[-1].id))
    paid = statement(paying, route)
    assert [one.kind for one in paid.stops] == [stop.kind.value for stop in failed.stops]
    assert [one.end.value for one in paid.stops] == ["done"] * 3 + ["failed", "done"]
    lines = sum(line.amount_minor for line in route_lines(paid.pay, paid.stops))
    assert sum(one.amount_minor for one in paid.stops) + lines == paid.pay.total_minor
    assert paid.stops[0].waiting_minor == 60
    assert [one.tips_minor for one in paid.stops if one.tips_minor] == [310]
    # A pickup is where the way begins.
    assert paid.stops[0].distance_m == 0


def test_engaged_time_begins_with_the_way_there_and_a_forgotten_tap_ends_it(world: World) -> None:
    """Accepted now for a start that lies ahead: it begins when the driver has to set out."""
    world.run(
        lambda uow: pay_rates.save(uow, "hub_1", HubRates(replace(RATES, hourly_floor_minor=3_600)))
    )
    route = world.an_assigned_route()
    approach_s = agreed(world, route).approach_s
    assert route.expected_at is not None
    set_out_at = route.expected_at - timedelta(seconds=approach_s)
    first, last = route.stops[0], route.stops[-1]
    world.clock.at = set_out_at + timedelta(minutes=20)
    world.run(lambda uow: driving.arrive(uow, "drv_1", first.id))
    for stop in route.stops[:-1]:
        world.run(lambda uow, one=stop: driving.complete(uow, "drv_1", one.id))  # type: ignore[misc]
    world.run(lambda uow: driving.arrive(uow, "drv_1", last.id))
    # Three hours at the last door: its handling and an hour count.
    world.clock.advance(hours=3)
    world.run(lambda uow: driving.complete(uow, "drv_1", last.id))
    paid = statement(world, route)
    engaged_s = 20 * 60 + last.service_s + wages.MOST_WAIT_S
    assert (paid.happened.engaged_s, paid.floor_minor) == (engaged_s, engaged_s)
    assert paid.pay.total_minor == sum(line.amount_minor for line in paid.pay.lines)


def test_a_route_without_an_offer_is_paid_by_the_rates_of_its_end(paying: World) -> None:
    route = replace(paying.an_assigned_route(), offer_id=None)
    assert wages.owed(route, RATES, None).total_minor >= RATES.guarantee_minor
    done = [replace(stop, status=StopStatus.DONE) for stop in route.stops]
    whole = replace(route, stops=tuple(done))
    assert wages.owed(whole, RATES, None) == pay_of(RATES, 3, 9000, 3000)


@given(
    st.lists(st.sampled_from([StopStatus.DONE, StopStatus.SKIPPED]), min_size=3, max_size=3),
    st.integers(0, 9000),
    st.integers(0, 500),
)
def test_nobody_gets_less_than_was_agreed_for_what_others_changed(
    ends: list[StopStatus], shorter_m: int, bonus: int
) -> None:
    route = a_route(distance_m=9000, duration_s=3000)
    promise = pay_of(RATES, len(route.stops), 9000, 3000, bonus)
    stops = tuple(replace(stop, status=ends[number % 3]) for number, stop in enumerate(route.stops))
    shrunk = replace(route, stops=stops[:2], distance_m=9000 - shorter_m)
    assert wages.owed(shrunk, RATES, promise).total_minor >= promise.total_minor


def test_time_on_duty_and_pay_of_a_day_count_once(paying: World) -> None:
    route = paying.a_planned_route()
    paying.a_driver()
    work = replace(paying.work(), on_duty=False, version=2)
    paying.run(lambda uow: drivers.save_work(uow, work))

    def earn(uow):  # type: ignore[no-untyped-def]
        day_records.add_duty(uow, "drv_1", NOON, NOON + timedelta(hours=2), "Europe/Berlin")
        day_records.set_earned(uow, "drv_1", DAY, route.id, 3000)

    for _ in range(2):
        paying.run(earn)
    record = day_records.load_many(paying.begin(), ["drv_1"], DAY)["drv_1"]
    assert (record.online_s, record.earned_minor) == (7200, 3000)


def test_duty_over_midnight_belongs_to_both_days(paying: World) -> None:
    # Berlin's midnight is 23:00 in UTC.
    paying.run(
        lambda uow: day_records.add_duty(
            uow, "drv_1", NOON, NOON + timedelta(hours=13), "Europe/Berlin"
        )
    )
    first, second = (
        day_records.load(paying.begin(), "drv_1", DAY + timedelta(days=ahead)) for ahead in (0, 1)
    )
    assert (first.online_s, second.online_s) == (11 * 3600, 2 * 3600)


def test_whose_papers_ended_is_not_asked(paying: World) -> None:
    route = paying.a_planned_route()
    work = replace(paying.a_driver(), papers_end_at=NOON)
    with pytest.raises(DocumentExpired):
        offers.make(paying.begin(), route, work, 100, 45)


def test_a_commit_without_room_leaves_the_statement_to_the_news_of_the_end(
    paying: World,
) -> None:
    """96 parcels at the last stop, their route, the driver and the tap: a commit holds 100."""
    before = paying.an_assigned_route()
    ended = replace(before, status=RouteStatus.COMPLETED, version=before.version + 1)
    uow = paying.begin()
    for number in range(97):
        uow.put(Key(TableName.CORE, f"X#{number}"), {}, expect=0)
    wages.settle(uow, before, ended, NOON)
    assert uow.write_count == 97
    paying.run(lambda uow: dispatch.save_route(uow, ended))
    news = Event("route.completed", ended.id, ended.version, NOON)
    for _ in range(2):
        paying.run(lambda uow: wages.settle_ended(uow, news))
    assert statement(paying, before).revision == 1


def test_going_off_duty_counts_the_time(paying: World) -> None:
    new = NewDriver("Kim", Phone("+491713920010"), "hub_1", a_vehicle())
    driver_id = paying.run(lambda uow: service.enrol(uow, new, SERVER_KEY)).id
    paying.run(lambda uow: service.go_on_duty(uow, driver_id, HUB_AT, None))
    paying.clock.advance(hours=1)
    paying.run(lambda uow: service.go_on_duty(uow, driver_id, HUB_AT, None))
    paying.clock.advance(hours=1)
    paying.run(lambda uow: service.go_off_duty(uow, driver_id))
    assert day_records.load(paying.begin(), driver_id, DAY).online_s == 7200
