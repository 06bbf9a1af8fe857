"""What a late delivery gets back: by the card, once, and only for a delay that is ours."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.pricing.charges import Charges, before_late_refund, charges
from chalicelib.domain.pricing.faults import Payer
from chalicelib.domain.pricing.model import Job, Kind, LateRefund, RateCard, Share, Tax
from chalicelib.domain.pricing.rules import price
from chalicelib.domain.pricing.stages import Happening
from chalicelib.domain.pricing.store import from_item, to_item
from chalicelib.kit.errors import Invalid
from tests.builders import NOON
from tests.domain.pricing.cards import CARDS, JOBS, SHARES, a_card, a_job
from tests.domain.pricing.test_stages import ASSIGNED, FEE, PICKED_UP, histories, told

#: After a quarter of an hour, 10 and half of the fee.
PROMISE = LateRefund(900, Share(10, 500))
BACK = 10 + FEE // 2


def billed(*entries: str, card: RateCard | None = None, until_min: float = 60) -> Charges:
    card = card or a_card(tax=Tax(), late_refund=PROMISE)
    until = NOON + timedelta(minutes=until_min)
    return charges(card, price(card, a_job()), told(*entries), until)


def given_back(made: Charges) -> int:
    kinds = {line.component.kind: line.component.amount_minor for line in made.lines}
    return -kinds.get(Kind.LATE_REFUND, 0)


@pytest.mark.parametrize(("minute", "back"), [(60, 0), (75, 0), (75.1, BACK), (600, BACK)])
def test_only_more_than_the_patience_past_the_window_is_late(minute: float, back: int) -> None:
    made = billed(*PICKED_UP, f"{minute} delivered")
    assert (given_back(made), made.total_minor) == (back, FEE - back)


def test_a_card_that_promises_nothing_gives_nothing() -> None:
    assert given_back(billed(*PICKED_UP, "600 delivered", card=a_card())) == 0


@pytest.mark.parametrize(
    "entries",
    [
        ("30 attempt_failed customer_unavailable", "60 picked_up", "99 delivered"),
        ("30 attempt_failed data_error", "60 picked_up", "99 delivered"),
        (
            "30 attempt_failed customer_unavailable",
            "40 attempt_failed vehicle_breakdown",
            "99 delivered",
        ),
        ("40 redirected pickup_point", "99 at_pickup_point"),
    ],
)
def test_a_delay_of_the_recipients_or_the_shops_gives_nothing(entries: tuple[str, ...]) -> None:
    assert given_back(billed(*PICKED_UP, *entries)) == 0


def test_a_failure_of_ours_is_named_as_the_fault() -> None:
    made = billed(*PICKED_UP, "30 attempt_failed vehicle_breakdown", "60 picked_up", "99 delivered")
    (line,) = [one for one in made.lines if one.component.kind is Kind.LATE_REFUND]
    assert (line.party_at_fault, line.payer, line.event_id) == ("driver", Payer.MERCHANT, "evt_8")


@pytest.mark.parametrize(("picked_up_at", "back"), [(16, BACK), (40, 0)])
def test_the_time_that_the_shop_let_wait_is_no_delay_of_ours(picked_up_at: int, back: int) -> None:
    """Arrived at 10; a handover takes five minutes; 20 minutes late."""
    entries = (*ASSIGNED, "10 arrived_at_pickup", f"{picked_up_at} picked_up", "80 delivered")
    assert given_back(billed(*entries)) == back


def test_at_a_pickup_point_it_counts_when_it_lay_there() -> None:
    assert given_back(billed(*PICKED_UP, "50 at_pickup_point", "999 collected")) == 0
    assert given_back(billed(*PICKED_UP, "90 at_pickup_point", "999 collected")) == BACK


@pytest.mark.parametrize("end", ["returning customer_refused", "lost", "damaged"])
def test_what_comes_back_or_is_lost_is_not_late(end: str) -> None:
    assert given_back(billed(*PICKED_UP, "90 at_pickup_point", f"95 {end}")) == 0


def test_an_undone_handover_takes_it_back() -> None:
    late = (*PICKED_UP, "90 delivered")
    assert given_back(billed(*late, f"91 undone {len(late)}")) == 0


@given(CARDS, JOBS, histories(), st.integers(0, 7200), SHARES, st.integers(-90, 90))
def test_never_more_than_is_due_and_without_it_all_is_as_it_was(
    card: RateCard,
    job: Job,
    happened: list[Happening],
    after_s: int,
    share: Share,
    until_min: int,
) -> None:
    promising = replace(card, late_refund=LateRefund(after_s, share))
    agreed, until = price(card, job), NOON + timedelta(minutes=until_min)
    made = charges(promising, agreed, happened, until)
    assert made.total_minor >= 0
    assert made.tax_minor >= 0
    assert before_late_refund(made) == charges(card, agreed, happened, until)
    assert from_item(to_item(promising)) == promising


@pytest.mark.parametrize("wrong", [LateRefund(-1, Share()), LateRefund(0, Share(permille=1001))])
def test_a_promise_that_cannot_be_is_refused(wrong: LateRefund) -> None:
    with pytest.raises(Invalid):
        a_card(late_refund=wrong)
