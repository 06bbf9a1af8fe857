"""What happened on the way, and what it costs whom: histories told by taps."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.deliveries.model import CancelReason, FailureReason
from chalicelib.domain.pricing.charges import Charges, charges
from chalicelib.domain.pricing.faults import AT_FAULT, PAYS, Party, Payer, party_at_fault
from chalicelib.domain.pricing.model import RateCard, Share, Tax, Waiting
from chalicelib.domain.pricing.rules import price
from chalicelib.domain.pricing.stages import Happening, listed
from chalicelib.kit.errors import CurrencyMismatch
from tests.builders import NOON
from tests.domain.pricing.cards import CARDS, JOBS, a_card, a_job

#: A fee of 480 before tax: 390 and 90 for two started kilometres.
FEE = 480


def told(*entries: str) -> list[Happening]:
    """A history out of words: ``"12 attempt_failed wrong_pin"`` is minute, event, reason; an event
    ``undone`` takes its reason for the version that it takes back."""
    made = []
    for version, entry in enumerate(entries, start=1):
        minute, what, *rest = entry.split()
        reason = rest[0] if rest else None
        undoes = int(rest[0]) if what == "undone" else None
        at = NOON + timedelta(seconds=round(float(minute) * 60))
        event_id = f"evt_{version}"
        made.append(Happening(version, what, at, event_id, None if undoes else reason, undoes))
    return made


def billed(*entries: str, card: RateCard | None = None) -> Charges:
    card = card or a_card(tax=Tax())
    return charges(card, price(card, a_job()), told(*entries))


def stage_lines(made: Charges) -> list[tuple[str, int, str, str | None]]:
    return [
        (line.component.kind.value, line.component.amount_minor, line.payer.value, line.event_id)
        for line in made.lines
        if line.event_id is not None
    ]


CREATED = ("0 created", "0 ready")
ASSIGNED = (*CREATED, "5 planned", "6 assigned")
PICKED_UP = (*ASSIGNED, "20 picked_up")
AT_DOOR = (*PICKED_UP, "30 arrived_at_dropoff")


def test_a_delivery_that_went_well_costs_what_was_agreed() -> None:
    card = a_card()
    made = billed(*AT_DOOR, "34 delivered", card=card)
    agreed = price(card, a_job())
    assert stage_lines(made) == []
    assert [line.component for line in made.lines] == list(agreed.components)
    assert (made.total_minor, made.tax_minor) == (agreed.total_minor, agreed.tax_minor)


def test_cancelled_before_a_driver_is_assigned_costs_nothing() -> None:
    made = billed(*CREATED, "5 planned", "9 cancelled customer_request")
    assert stage_lines(made) == [("waived", -FEE, "merchant", "evt_4")]
    assert made.total_minor == 0


def test_cancelled_after_the_driver_gave_the_route_back_costs_nothing() -> None:
    made = billed(*ASSIGNED, "8 unassigned declined", "9 cancelled customer_request")
    assert made.total_minor == 0


def test_cancelled_after_a_driver_was_assigned_costs_the_fee_instead_of_the_price() -> None:
    made = billed(*ASSIGNED, "9 cancelled merchant_request")
    assert stage_lines(made) == [
        ("waived", -FEE, "merchant", "evt_5"),
        ("cancellation", 200, "merchant", "evt_5"),
    ]
    assert made.total_minor == 200


def test_a_cancellation_that_is_ours_is_on_our_account() -> None:
    made = billed(*ASSIGNED, "9 cancelled no_driver_found")
    assert (made.total_minor, made.platform_minor) == (0, 200)


def test_a_driver_who_waited_at_the_store_in_vain_is_paid_for() -> None:
    """Ten minutes are free; seven more have started."""
    made = billed(*ASSIGNED, "10 arrived_at_pickup", "26.1 cancelled out_of_stock")
    assert ("waiting", 7 * 35, "merchant", "evt_6") in stage_lines(made)
    assert made.total_minor == 200 + 7 * 35


@pytest.mark.parametrize("end", [(), ("60 returned",)], ids=["returning", "returned"])
def test_cancelled_after_the_pickup_costs_the_way_back_too(end: tuple[str, ...]) -> None:
    made = billed(*PICKED_UP, "25 returning customer_request", *end)
    assert stage_lines(made) == [("return", 288, "merchant", "evt_6")]
    assert made.total_minor == FEE + 288


@pytest.mark.parametrize(
    ("reason", "paid", "ours"),
    [
        ("customer_unavailable", FEE + 240, 0),
        ("data_error", FEE + 240, 0),
        ("vehicle_breakdown", FEE, 240),
        ("weather", FEE, 240),
    ],
)
def test_who_failed_the_attempt_pays_for_the_next(reason: str, paid: int, ours: int) -> None:
    made = billed(
        *PICKED_UP,
        f"30 attempt_failed {reason}",
        "60 rescheduled",
        "90 planned",
        "91 assigned",
        "95 picked_up",
        "99 delivered",
    )
    payer = PAYS[party_at_fault(reason)].value
    assert stage_lines(made) == [("redelivery", 240, payer, "evt_10")]
    assert (made.total_minor, made.platform_minor) == (paid, ours)


def test_a_next_attempt_that_never_sets_out_costs_nothing() -> None:
    made = billed(
        *PICKED_UP, "30 attempt_failed wrong_pin", "60 rescheduled", "70 cancelled customer_request"
    )
    assert made.total_minor == FEE


@pytest.mark.parametrize(
    ("reason", "paid", "ours"),
    [("customer_refused", FEE + 288, 0), ("package_damaged", 0, 288)],
)
def test_who_failed_the_attempt_pays_for_the_way_back(reason: str, paid: int, ours: int) -> None:
    made = billed(
        *PICKED_UP, f"30 attempt_failed {reason}", f"60 returning {reason}", "60 returned"
    )
    assert (made.total_minor, made.platform_minor) == (paid, ours)


@pytest.mark.parametrize("last", ["70 cancelled merchant_request", "70 disposed"])
def test_nobody_pays_for_a_delivery_that_we_failed(last: str) -> None:
    """The merchant's patience ends after our breakdown: its reason does not make it its fault."""
    made = billed(*PICKED_UP, "30 attempt_failed vehicle_breakdown", last)
    assert made.total_minor == 0


def test_a_cancel_on_the_way_after_a_failure_of_ours_is_ours() -> None:
    made = billed(*PICKED_UP, "30 attempt_failed driver_emergency", "40 returning merchant_request")
    assert (made.total_minor, made.platform_minor) == (0, 288)


def test_a_cancel_during_the_next_attempt_is_the_cancellers() -> None:
    made = billed(
        *PICKED_UP,
        "30 attempt_failed vehicle_breakdown",
        "60 rescheduled",
        "61 assigned",
        "70 picked_up",
        "75 returning merchant_request",
    )
    assert (made.total_minor, made.platform_minor) == (FEE + 288, 240)


@pytest.mark.parametrize("what", ["lost", "damaged"])
def test_what_we_lose_or_break_costs_nothing_whatever_came_before(what: str) -> None:
    made = billed(*PICKED_UP, "25 returning customer_request", f"40 {what}")
    assert made.total_minor == 0


@pytest.mark.parametrize(
    ("minutes", "charged"), [(8, 0), (8.01, 1), (9, 1), (9.5, 2), (28, 20), (400, 20)]
)
def test_waiting_is_paid_by_started_minutes_after_a_free_time(minutes: float, charged: int) -> None:
    """Eight minutes are free, twenty are the most."""
    made = billed(*PICKED_UP, "30 arrived_at_dropoff", f"{30 + minutes} delivered")
    assert made.total_minor == FEE + charged * 30


def test_waiting_for_our_own_breakdown_is_on_us() -> None:
    made = billed(*AT_DOOR, "50 attempt_failed vehicle_breakdown")
    assert (made.total_minor, made.platform_minor) == (FEE, 12 * 30)


def test_waiting_at_our_own_hub_is_on_us() -> None:
    made = billed(
        *PICKED_UP,
        "30 attempt_failed wrong_pin",
        "60 rescheduled",
        "61 assigned",
        "62 arrived_at_pickup",
        "82 picked_up",
    )
    assert ("waiting", 350, "platform", "evt_10") in stage_lines(made)


CHEAP_POINTS = a_card(tax=Tax(), pickup_point_discount=Share(flat_minor=100))


def test_a_delivery_that_goes_to_a_point_instead_gets_the_points_price_before_it_sets_out() -> None:
    there = (*CREATED, "3 redirected pickup_point")
    assert billed(*there, card=CHEAP_POINTS).total_minor == FEE - 100
    assert billed(*there, "4 redirected pickup_point", card=CHEAP_POINTS).total_minor == FEE - 100
    assert billed(*there, "4 redirected home", card=CHEAP_POINTS).total_minor == FEE
    late = (*PICKED_UP, "22 redirected pickup_point", "30 at_pickup_point")
    assert billed(*late, card=CHEAP_POINTS).total_minor == FEE


def test_what_was_ordered_to_a_point_is_discounted_once() -> None:
    agreed = price(CHEAP_POINTS, replace(a_job(), is_pickup_point=True))
    made = charges(CHEAP_POINTS, agreed, told(*CREATED, "3 redirected pickup_point"))
    assert made.total_minor == agreed.total_minor == FEE - 100


def test_another_window_costs_a_second_way_only_when_it_was_on_board() -> None:
    waits = (*ASSIGNED, "9 rescheduled another_window", "50 assigned", "60 picked_up")
    assert billed(*waits).total_minor == FEE
    rode = (*PICKED_UP, "22 rescheduled another_window", "40 ready", "50 assigned", "60 picked_up")
    assert stage_lines(billed(*rode)) == [("redelivery", 240, "merchant", "evt_9")]


def test_what_was_undone_costs_nothing() -> None:
    """A mis-tap: failed, taken back, delivered; the wait runs from the arrival to the end."""
    made = billed(
        *AT_DOOR, "31 attempt_failed wrong_pin", "32 undone 7", "40 delivered", card=a_card()
    )
    assert stage_lines(made) == [("waiting", 2 * 30, "merchant", "evt_9")]


def test_tax_is_on_the_sum_once() -> None:
    """19 % of 480 + 288 is 145.92, where 91.2 and 54.72 apart would be 91 and 55."""
    made = billed(*PICKED_UP, "25 returning customer_request", card=a_card())
    assert (made.tax_minor, made.total_minor) == (146, 768 + 146)


def test_what_could_be_charged_is_listed_before_anything_is_agreed() -> None:
    shown = {kind.value: amount for kind, amount in listed(a_card(), FEE).items()}
    assert shown == {"redelivery": 240, "return": 288, "cancellation": 200}


def test_a_price_in_another_currency_is_not_charged() -> None:
    with pytest.raises(CurrencyMismatch):
        charges(a_card(currency="USD"), price(a_card(), a_job()), told(*CREATED))


WHATS = [
    *("planned", "unplanned", "assigned", "unassigned", "arrived_at_pickup", "picked_up"),
    *("arrived_at_dropoff", "delivered", "attempt_failed", "rescheduled", "at_pickup_point"),
    *("collected", "returning", "returned", "disposed", "lost", "damaged", "cancelled", "updated"),
    "redirected",
]
REASONS = st.none() | st.sampled_from([*AT_FAULT, "gone_fishing", "home", "pickup_point"])


@st.composite
def histories(draw: st.DrawFn) -> list[Happening]:
    """Any order of any events, also ones that no life allows."""
    made: list[Happening] = []
    at = NOON
    for version in range(1, draw(st.integers(0, 14)) + 1):
        at += timedelta(seconds=draw(st.integers(0, 4000)))
        undoes = draw(st.none() | st.integers(1, version)) if draw(st.booleans()) else None
        what = "undone" if undoes else draw(st.sampled_from(WHATS))
        made.append(Happening(version, what, at, f"evt_{version}", draw(REASONS), undoes))
    return made


@given(CARDS, JOBS, histories())
def test_charges_are_never_below_zero_and_their_parts_sum_to_the_whole(
    card: RateCard, job: Any, happened: list[Happening]
) -> None:
    agreed = price(card, job)
    made = charges(card, agreed, happened)
    paid = [line for line in made.lines if line.payer is Payer.MERCHANT]
    assert made.total_minor == sum(line.component.amount_minor for line in paid) >= 0
    assert made.platform_minor >= 0
    assert made == charges(replace(card), replace(agreed), list(happened))


@given(CARDS, JOBS, histories())
def test_what_is_ours_is_never_on_the_merchants_account(
    card: RateCard, job: Any, happened: list[Happening]
) -> None:
    made = charges(card, price(card, job), happened)
    for line in made.lines:
        if line.party_at_fault in (Party.DRIVER, Party.PLATFORM):
            assert line.payer is Payer.PLATFORM or line.component.amount_minor < 0


def test_every_reason_has_its_row_and_every_row_its_reason() -> None:
    reasons = {reason.value for reason in [*FailureReason, *CancelReason]}
    assert set(AT_FAULT) == reasons


def test_a_reason_that_nobody_explained_is_ours() -> None:
    assert party_at_fault("gone_fishing") is party_at_fault(None) is Party.PLATFORM


def test_a_card_without_waiting_charges_none() -> None:
    card = a_card(tax=Tax(), waiting_at_door=None, waiting_at_pickup=Waiting(0, 35, 30))
    assert billed(*AT_DOOR, "200 delivered", card=card).total_minor == FEE
