"""Disputes: what the facts say, who decides, and what is credited, once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.billing import disputes, disputing, findings, payments, vouchers
from chalicelib.domain.billing.disputes import Dispute, DisputeStatus, RefusalReason
from chalicelib.domain.billing.findings import DisputeReason
from chalicelib.domain.billing.vouchers import VoucherState
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.check_items import CheckState
from chalicelib.domain.deliveries.model import Attempt, Delivery, FailureReason, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.pricing.faults import Party
from chalicelib.kit.errors import Conflict, Invalid, NotFound
from chalicelib.kit.money import Money
from tests.domain.billing.histories import Town, a_delivered_one, a_town, book
from tests.domain.billing.test_closing import EUR, OWED, faults, held

REASON = DisputeReason.LATE


def a_charge() -> tuple[Town, DeliveryRef, int]:
    town = a_town()
    ref = a_delivered_one(town)
    entry = book(town, ref)
    assert entry is not None
    return town, ref, entry.amount_of(OWED)


def dispute(town: Town, ref: DeliveryRef, reason: DisputeReason = REASON) -> Dispute:
    uow = town.begin()
    made = disputing.open_one(uow, ref, reason, "It came at nine.")
    uow.commit()
    return made


def accept(town: Town, made: Dispute, minor: int | None = None) -> Dispute:
    uow = town.begin()
    after = disputing.accept(uow, disputes.load(uow, made.merchant_id, made.id), minor, "marta")
    uow.commit()
    return after


def post_all(town: Town) -> list[vouchers.Voucher]:
    done = []
    for one in vouchers.list_of(town.begin(), "mer_1"):
        uow = town.begin()
        name = f"credit#{one.wanted.delivery_id}#{one.wanted.reference}"
        done.append(vouchers.post(uow, "mer_1", name))
        uow.commit()
    return done


def test_what_is_accepted_is_credited_once_however_often_it_is_decided_and_posted() -> None:
    town, ref, charged = a_charge()
    made = dispute(town, ref)
    assert dispute(town, ref) == made
    after = accept(town, made)
    assert (after.status, after.credited_minor) == (DisputeStatus.ACCEPTED, charged)
    (voucher,) = post_all(town)
    assert (voucher.state, voucher.wanted.because) == (VoucherState.POSTED, made.id)
    post_all(town)
    assert accept(town, made) == after
    assert held(town, OWED) == 0
    assert faults(town) == []


def test_a_part_is_given_back_and_nothing_more_by_another_decision() -> None:
    town, ref, charged = a_charge()
    made = dispute(town, ref)
    after = accept(town, made, charged - 100)
    assert after.status is DisputeStatus.PARTLY_ACCEPTED
    post_all(town)
    assert held(town, OWED) == 100
    with pytest.raises(Conflict):
        accept(town, made, charged)
    with pytest.raises(Conflict):
        disputing.refuse(town.begin(), after, RefusalReason.ON_TIME, "marta")
    with pytest.raises(Conflict):
        dispute(town, ref)


@pytest.mark.parametrize(("more", "error"), [(1, Conflict), (None, Invalid)])
def test_no_more_is_given_back_than_is_left(more: int | None, error: type[Exception]) -> None:
    """Some of it may have been credited by hand meanwhile, or all of it."""
    town, ref, charged = a_charge()
    made = dispute(town, ref)
    uow = town.begin()
    given = charged if more is None else 10
    payments.credit(uow, ref, Money(given, EUR), "by-hand")
    uow.commit()
    with pytest.raises(error):
        accept(town, made, None if more is None else charged - 10 + more)


def test_one_that_was_refused_stays_refused_and_one_that_was_withdrawn_may_come_again() -> None:
    town, ref, charged = a_charge()
    made = dispute(town, ref)
    uow = town.begin()
    withdrawn = disputing.withdraw(uow, made)
    uow.commit()
    assert withdrawn.status is DisputeStatus.WITHDRAWN
    again = dispute(town, ref, DisputeReason.DAMAGED)
    assert again.id != made.id
    uow = town.begin()
    refused = disputing.refuse(uow, again, RefusalReason.ON_TIME, "marta")
    uow.commit()
    uow = town.begin()
    assert disputing.refuse(uow, refused, RefusalReason.ON_TIME, "marta") == refused
    with pytest.raises(Conflict):
        disputing.withdraw(uow, refused)
    assert held(town, OWED) == charged
    listed, _ = disputes.list_own(town.begin(), "mer_1", limit=10, after=None)
    # Both were made in one millisecond: which stands first is not said.
    assert {one.status for one in listed} == {DisputeStatus.REFUSED, DisputeStatus.WITHDRAWN}


def test_a_charge_is_disputed_for_thirty_days() -> None:
    town, ref, _ = a_charge()
    town.clock.advance(days=30, minutes=1)
    with pytest.raises(Conflict):
        dispute(town, ref)


def test_what_was_never_charged_cannot_be_disputed() -> None:
    town = a_town()
    ref = a_delivered_one(town)
    with pytest.raises(NotFound):
        dispute(town, ref)


def test_who_decides_too_late_is_told_of_once() -> None:
    town, ref, _ = a_charge()
    made = dispute(town, ref)
    waiting, _ = disputes.list_due(town.begin(), made.hub_id, limit=10, after=None)
    assert waiting == [made]
    for days, told in ((6, False), (1, True), (1, False)):
        town.clock.advance(days=days)
        uow = town.begin()
        assert (disputing.tell_overdue(uow, "mer_1", made.id) is not None) is told
        uow.commit()


def a_delivery() -> Delivery:
    town, ref, _ = a_charge()
    return delivery_store.load(town.begin(), ref)


LATE_BY = timedelta(hours=30)


@pytest.mark.parametrize(
    ("reason", "check", "party", "owed", "because"),
    [
        ("late", None, None, 0, "it_was_on_time"),
        ("not_received", CheckState.PASSED, Party.RECIPIENT, 0, "the_proof_holds"),
        ("not_received", CheckState.REJECTED, Party.DRIVER, 500, "the_proof_was_rejected"),
        ("wrong_place", CheckState.NEEDS_REVIEW, Party.DRIVER, 500, "the_proof_does_not_hold"),
        ("not_received", None, None, 0, "a_person_decides"),
        ("damaged", None, None, 0, "a_person_decides"),
        ("overcharged", None, Party.PLATFORM, 80, "charged_more_than_due"),
        ("other", None, None, 0, "a_person_decides"),
    ],
)
def test_the_fault_table_says_who_pays_for_what_went_wrong(
    reason: str, check: CheckState | None, party: Party | None, owed: int, because: str
) -> None:
    said = findings.assess(DisputeReason(reason), a_delivery(), check, 500, 420)
    assert (said.party, said.owed_minor, said.because) == (party, owed, because)


def test_late_through_us_is_ours_and_late_through_others_is_theirs() -> None:
    delivery = a_delivery()
    last = replace(delivery.history[-1], at=delivery.window.end_at + LATE_BY)
    late = replace(delivery, history=(*delivery.history[:-1], last))
    assert findings.assess(REASON, late, None, 500, 500).owed_minor == 500
    for reason, owed in ((FailureReason.CUSTOMER_UNAVAILABLE, 0), (FailureReason.WEATHER, 500)):
        tried = replace(late, attempts=(Attempt(1, delivery.window.start_at, reason, None, None),))
        assert findings.assess(REASON, tried, None, 500, 500).owed_minor == owed


def test_what_we_lost_ourselves_is_ours_and_what_is_waived_already_is_not_given_back_again() -> (
    None
):
    lost = replace(a_delivery(), status=Status.LOST)
    said = findings.assess(DisputeReason.LOST, lost, None, 500, 0)
    assert (said.party, said.owed_minor) == (Party.DRIVER, 500)
    assert findings.assess(DisputeReason.LOST, lost, None, 0, 0).because == "nothing_is_charged"
