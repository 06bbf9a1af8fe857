"""What a delivery costs through its real life: created, tapped, failed, undone, cancelled."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store
from chalicelib.domain.deliveries.model import CancelReason, FailureReason, Place
from chalicelib.domain.deliveries.prices import Bill, bill, plain_job, way_m
from chalicelib.domain.pricing import store as cards
from chalicelib.domain.pricing.faults import PAYS
from chalicelib.domain.pricing.store import BUILT_IN_CARDS
from chalicelib.domain.routing.travel import matrix
from chalicelib.kit.geo import LatLng
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import DOOR_AT, HUB_AT, NOON, STORE_AT, a_request, an_agreed_price
from tests.domain.pricing.cards import a_card

HUB = Place("hub_1", "Hub North", HUB_AT)
#: The built-in card's base, and nothing more for a small parcel within two kilometres.
FEE = 490


def minute(number: float) -> datetime:
    return NOON + timedelta(minutes=number)


def lived(begin: Callable[[], UnitOfWork], *commands: life.Command) -> Bill:
    uow = begin()
    ref = deliveries.ref_of(deliveries.create(uow, a_request()))
    uow.commit()
    uow = begin()
    deliveries.carry_out(uow, ref, *commands)
    uow.commit()
    uow = begin()
    return bill(uow, store.load(uow, ref))


def due(made: Bill) -> tuple[int, int]:
    return made.charges.total_minor, made.charges.platform_minor


def assigned() -> list[life.Command]:
    return [life.Plan(minute(1), "rte_1"), life.Assign(minute(2), "drv_1")]


def at_door() -> list[life.Command]:
    return [
        *assigned(),
        life.PickUp(minute(10)),
        life.SetOutForDropoff(minute(10)),
        life.ArriveAtDropoff(minute(20)),
    ]


def again() -> list[life.Command]:
    """Brought back to the hub, planned anew, picked up there."""
    return [
        life.Retry(minute(60), HUB),
        life.Plan(minute(70), "rte_2"),
        life.Assign(minute(71), "drv_2"),
        life.PickUp(minute(80)),
    ]


def test_every_delivery_is_created_with_its_price(begin: Callable[[], UnitOfWork]) -> None:
    made = lived(begin)
    assert made.agreed == an_agreed_price()
    assert due(made) == (FEE, 0)


def test_delivered_costs_what_was_agreed(begin: Callable[[], UnitOfWork]) -> None:
    assert due(lived(begin, *at_door(), life.Deliver(minute(22)))) == (FEE, 0)


@pytest.mark.parametrize("reason", FailureReason, ids=str)
def test_each_failure_then_delivered(
    begin: Callable[[], UnitOfWork], reason: FailureReason
) -> None:
    """Half of the fee for the second attempt, on the account of whoever failed the first."""
    failed = life.FailAttempt(minute(22), reason)
    made = lived(begin, *at_door(), failed, *again(), life.Deliver(minute(99)))
    on_merchant = PAYS[reason.party_at_fault] == "merchant"
    assert due(made) == ((FEE + 245, 0) if on_merchant else (FEE, 245))


@pytest.mark.parametrize("reason", CancelReason, ids=str)
def test_each_cancellation_before_and_after_a_driver_was_assigned(
    begin: Callable[[], UnitOfWork], reason: CancelReason
) -> None:
    cancel = life.Cancel(minute(5), reason)
    assert due(lived(begin, cancel)) == (0, 0)
    on_merchant = PAYS[reason.party_at_fault] == "merchant"
    assert due(lived(begin, *assigned(), cancel)) == ((250, 0) if on_merchant else (0, 250))


@pytest.mark.parametrize("reason", CancelReason, ids=str)
@pytest.mark.parametrize("end", [[], [life.ReceiveReturn(minute(60))]], ids=["on_its_way", "back"])
def test_each_cancellation_after_the_pickup_brings_the_parcel_back(
    begin: Callable[[], UnitOfWork], reason: CancelReason, end: Sequence[life.Command]
) -> None:
    """60 % of the fee for the way back; a cancellation of ours owes neither way."""
    made = lived(begin, *at_door(), life.Cancel(minute(21), reason), *end)
    on_merchant = PAYS[reason.party_at_fault] == "merchant"
    assert due(made) == ((FEE + 294, 0) if on_merchant else (0, 294))


def test_a_mis_tap_that_was_undone_costs_nothing(begin: Callable[[], UnitOfWork]) -> None:
    made = lived(
        begin,
        *at_door(),
        life.FailAttempt(minute(22), FailureReason.CUSTOMER_UNAVAILABLE),
        life.Undo(minute(23)),
        life.Deliver(minute(24)),
    )
    assert due(made) == (FEE, 0)


def test_a_line_names_the_event_that_caused_it(begin: Callable[[], UnitOfWork]) -> None:
    made = lived(begin, *at_door(), life.Deliver(minute(31.5)))
    (waiting,) = [line for line in made.charges.lines if line.event_id is not None]
    assert waiting.component.amount_minor == 4 * 35
    assert waiting.event_id is not None
    assert waiting.event_id.startswith("evt_del_")
    assert waiting.event_id.endswith("_000008")


def test_fees_follow_the_card_that_was_agreed_not_the_one_that_counts_now(
    begin: Callable[[], UnitOfWork],
) -> None:
    uow = begin()
    ref = deliveries.ref_of(deliveries.create(uow, a_request()))
    cards.save_card(uow, "mer_1", a_card(currency="USD", cancellation=BUILT_IN_CARDS[0].redelivery))
    uow.commit()
    uow = begin()
    deliveries.carry_out(uow, ref, *assigned(), life.Cancel(minute(5), CancelReason.DUPLICATE))
    made = bill(uow, store.load(uow, ref))
    assert (made.charges.currency, due(made)) == ("EUR", (250, 0))


def test_the_way_is_the_planners_way() -> None:
    """To the metre: the great circle on a sphere, by either formula."""
    planned = matrix([STORE_AT, DOOR_AT], NOON, "van").distance_m[0][1]
    assert abs(way_m(STORE_AT, DOOR_AT) - planned) <= 2
    assert way_m(STORE_AT, STORE_AT) == 0


def test_a_farther_door_is_never_a_shorter_way() -> None:
    ways = [way_m(STORE_AT, LatLng(51.21 + step / 500, 9.41)) for step in range(200)]
    assert ways == sorted(ways)


def test_a_job_that_nobody_quoted_has_no_surge() -> None:
    window = TimeWindow(NOON, NOON + timedelta(hours=3))
    job = plain_job(STORE_AT, DOOR_AT, Parcel(1200, 4000), window)
    assert (job.surge_permille, job.window_s, job.weight_g) == (1000, 3 * 3600, 1200)
