"""Orders meet what the network covers and promises: areas, cut-offs, closed days, last places."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from chalicelib.domain.coverage import service as coverage
from chalicelib.domain.coverage import store as coverage_store
from chalicelib.domain.coverage.model import ClassRule, PromiseClass, Rules, Taken, Use
from chalicelib.domain.coverage.service import Drawing
from chalicelib.domain.intake.order import Refusal
from chalicelib.domain.intake.store import Result
from chalicelib.domain.pricing.agreed import load_agreed
from chalicelib.domain.pricing.model import RateCard
from chalicelib.domain.pricing.store import save_card
from chalicelib.kit.errors import StaleVersion
from chalicelib.kit.geo import LatLng
from chalicelib.kit.hours import Span, WeekHours
from chalicelib.kit.timewindow import TimeWindow
from tests.domain.coverage.outlines import a_shape, a_square
from tests.domain.coverage.plans import FRIDAY, MONDAY, NINE_TO_NINE, SATURDAY, SUNDAY, at
from tests.domain.intake.desk import Desk, a_cancellation, an_order

TODAY = ClassRule(
    PromiseClass.SAME_DAY, cut_off_min=14 * 60, lead_days=0, horizon_days=0, window_s=None
)
LATER = ClassRule(
    PromiseClass.SCHEDULED,
    cut_off_min=24 * 60,
    lead_days=1,
    horizon_days=14,
    window_s=7200,
    capacity_per_window=1,
)
HOURS = WeekHours((*(NINE_TO_NINE,) * 6, ()))
MORNING = TimeWindow(at(SATURDAY, 9), at(SATURDAY, 11))
EVENING = TimeWindow(at(SATURDAY, 19), at(SATURDAY, 21))


def promise(desk: Desk, *classes: ClassRule, cut_off_min: int | None = None) -> None:
    if cut_off_min is not None:
        classes = tuple(replace(one, cut_off_min=cut_off_min) for one in classes)
    uow = desk.begin()
    coverage.set_rules(uow, desk.hub.id, Rules(classes=classes, hours=HOURS))
    uow.commit()


def draw(desk: Desk, owner: str, *square: float) -> None:
    uow = desk.begin()
    coverage.draw_area(uow, owner, Drawing("x", Use.DELIVERY, a_shape(a_square(*square))))
    uow.commit()


def taken(desk: Desk, day=SATURDAY) -> Taken:
    return coverage_store.load_taken(desk.begin(), desk.hub.id, day)[0]


def test_a_door_outside_of_every_area_is_refused_though_it_is_near(desk: Desk) -> None:
    draw(desk, "hub_1", 51.0, 9.0, 51.1, 9.1)
    assert desk.receive(an_order()).code == Refusal.OUTSIDE_SERVICE_AREA


def test_a_door_inside_an_area_is_taken_though_it_is_far(desk: Desk) -> None:
    there = LatLng(51.5, 9.4)
    assert desk.hub.position.distance_m(there) > desk.hub.radius_m
    draw(desk, "hub_1", 51.4, 9.3, 51.6, 9.5)
    desk.gazetteer.position = there
    desk.receive(an_order(position=there))
    assert desk.the_delivery().dropoff == there


def test_an_order_without_a_quote_pays_the_surcharge_of_its_zone(desk: Desk) -> None:
    """The same request has the same price, whether somebody asked for a quote or not."""
    uow = desk.begin()
    area = a_shape(a_square(51.0, 9.0, 51.6, 9.9))
    coverage.draw_area(uow, "hub_1", Drawing("x", Use.DELIVERY, area, zone="zon_island"))
    save_card(uow, "mer_1", RateCard("EUR", 400, zones={"zon_island": 170}))
    uow.commit()
    desk.receive(an_order())
    agreed = load_agreed(desk.begin(), "mer_1", desk.the_delivery().id)
    assert [(one.kind, one.amount_minor) for one in agreed.price.components] == [
        ("base", 400),
        ("zone", 170),
    ]


def test_a_door_that_its_merchant_does_not_sell_to_is_refused(desk: Desk) -> None:
    draw(desk, "mer_1", 51.0, 9.0, 51.1, 9.1)
    assert desk.receive(an_order()).code == Refusal.OUTSIDE_SERVICE_AREA


def test_an_order_before_the_cut_off_comes_today(desk: Desk) -> None:
    promise(desk, TODAY, LATER)
    desk.receive(an_order())
    assert desk.the_delivery().window == TimeWindow(at(FRIDAY, 13), at(FRIDAY, 21))


def test_an_order_after_the_cut_off_comes_on_the_next_day_that_is_offered(desk: Desk) -> None:
    promise(desk, TODAY, LATER, cut_off_min=12 * 60)
    desk.receive(an_order())
    assert desk.the_delivery().window == TimeWindow(at(MONDAY, 9), at(MONDAY, 11))


@pytest.mark.parametrize(
    ("wish", "refusal"),
    [
        (TimeWindow(at(SUNDAY, 10), at(SUNDAY, 12)), Refusal.WINDOW_IMPOSSIBLE),
        (TimeWindow(at(FRIDAY, 20), at(FRIDAY, 21)), Refusal.PAST_CUT_OFF),
        (TimeWindow(at(SATURDAY, 22), at(SATURDAY, 23)), Refusal.WINDOW_IMPOSSIBLE),
    ],
)
def test_a_wish_outside_of_what_is_promised_is_refused(desk: Desk, wish, refusal) -> None:
    promise(desk, LATER)
    assert desk.receive(an_order(window=wish)).code == refusal


def test_a_wish_is_kept_as_it_was_asked_for(desk: Desk) -> None:
    promise(desk, LATER)
    wish = TimeWindow(at(SATURDAY, 9, 30), at(SATURDAY, 10))
    desk.receive(an_order(window=wish))
    assert desk.the_delivery().window == wish
    assert taken(desk).day == 1


def test_the_second_order_for_the_last_place_is_refused_and_sees_why(desk: Desk) -> None:
    promise(desk, LATER)
    desk.receive(an_order(window=MORNING))
    outcome = desk.receive(an_order(order_id="A-2", source_event_id="other", window=MORNING))
    assert (outcome.result, outcome.code) == (Result.REJECTED, Refusal.NO_CAPACITY_LEFT)
    assert desk.rejection_codes() == ["no_capacity_left"]


def test_two_orders_that_race_for_the_last_place(desk: Desk) -> None:
    promise(desk, LATER)
    first, second = desk.begin(), desk.begin()
    desk.receive_in(first, an_order(window=MORNING))
    other = an_order(order_id="A-2", source_event_id="other", window=MORNING)
    desk.receive_in(second, other)
    first.commit()
    with pytest.raises(StaleVersion):
        second.commit()
    assert desk.receive(other).code == Refusal.NO_CAPACITY_LEFT
    assert taken(desk).day == 1


def test_a_cancelled_order_leaves_its_place_to_the_next(desk: Desk) -> None:
    promise(desk, LATER)
    desk.receive(an_order(window=MORNING))
    desk.receive(a_cancellation())
    other = an_order(order_id="A-2", source_event_id="other", window=MORNING)
    assert desk.receive(other).result is Result.CREATED
    assert taken(desk).day == 1


def test_an_edit_moves_the_place(desk: Desk) -> None:
    promise(desk, LATER)
    desk.receive(an_order(window=MORNING))
    desk.receive(an_order(1, window=EVENING))
    [window] = taken(desk).windows
    assert desk.the_delivery().window == EVENING
    assert window == desk.the_delivery().booking.window == "20261128T1800/120"


def test_an_edit_that_leaves_the_time_alone_leaves_the_place_alone(desk: Desk) -> None:
    """The window is full, with this very delivery: it is not refused its own place."""
    promise(desk, LATER)
    desk.receive(an_order(window=MORNING))
    assert desk.receive(an_order(1, window=MORNING, notes="Ring")).result is Result.UPDATED
    assert desk.receive(an_order(2, notes="Twice")).result is Result.UPDATED
    assert taken(desk).day + taken(desk, MONDAY).day == 1


def test_an_edit_that_comes_too_late_moves_no_place(desk: Desk) -> None:
    promise(desk, LATER)
    desk.receive(an_order(window=MORNING))
    desk.pick_up()
    before = taken(desk)
    assert desk.receive(an_order(1, window=EVENING)).code == Refusal.UPDATE_NOT_ALLOWED
    assert taken(desk) == before


def test_an_edit_to_a_window_that_is_full_changes_nothing(desk: Desk) -> None:
    promise(desk, LATER)
    desk.receive(an_order(window=MORNING))
    desk.receive(an_order(order_id="A-2", source_event_id="other", window=EVENING))
    outcome = desk.receive(an_order(1, window=EVENING))
    assert outcome.code == Refusal.NO_CAPACITY_LEFT
    assert taken(desk).day == 2


def test_rules_set_later_leave_earlier_deliveries_as_they_are(desk: Desk) -> None:
    desk.receive(an_order())
    before = desk.the_delivery()
    promise(desk, LATER)
    wished = before.window
    assert desk.receive(an_order(1, window=wished, notes="Ring")).result is Result.UPDATED
    assert desk.the_delivery().window == before.window


EVENTS = (
    an_order(0, window=MORNING),
    an_order(1, window=EVENING),
    an_order(2, window=EVENING, notes="Ring"),
    a_cancellation(3),
)


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
def test_whatever_the_order_of_arrival_a_cancelled_order_takes_no_place(desk: Desk, order) -> None:
    promise(desk, LATER)
    for number in (*order, order[0]):
        desk.receive(EVENTS[number])
    assert taken(desk) == Taken()


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_whatever_the_order_of_arrival_one_place_is_taken_at_last(desk: Desk, order) -> None:
    promise(desk, LATER)
    for number in (*order, order[0]):
        desk.receive(EVENTS[number])
    assert taken(desk) == Taken(1, {"20261128T1800/120": 1})


def test_hours_of_two_spans_hold_a_wish_for_a_whole_day(desk: Desk) -> None:
    hours = WeekHours(((Span(540, 720), Span(840, 1200)),) * 7)
    uow = desk.begin()
    coverage.set_rules(uow, "hub_1", Rules(classes=(replace(LATER, window_s=None),), hours=hours))
    uow.commit()
    wish = TimeWindow(at(SATURDAY, 8), at(SATURDAY, 21))
    desk.receive(an_order(window=wish))
    booking = desk.the_delivery().booking
    assert booking is not None
    assert booking.window.endswith(f"/{int(timedelta(hours=6).total_seconds() // 60)}")
