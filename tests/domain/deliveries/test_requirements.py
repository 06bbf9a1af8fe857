"""What is asked at the door: wishes that exclude each other, usual ways, and what must be shown."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import lifecycle
from chalicelib.domain.deliveries.door_items import (
    proof_from_item,
    proof_to_item,
    requirements_from_item,
    requirements_to_item,
)
from chalicelib.domain.deliveries.model import Status
from chalicelib.domain.deliveries.requirements import (
    MOST_CASH_MINOR,
    NOTHING,
    SILENCE,
    Conflict,
    DoorAction,
    Proof,
    ProofKind,
    Requirements,
    Wishes,
    overlaid,
    resolve,
    wishes_of,
)
from chalicelib.domain.merchants.model import DoorPolicy
from chalicelib.kit.errors import ProofMissing
from chalicelib.kit.geo import LatLng
from tests.builders import NOON, a_delivery

LEAVE = Wishes(action=DoorAction.LEAVE_AT_DOOR)
NO_POLICY = DoorPolicy()

asked = st.builds(
    Requirements,
    action=st.sampled_from(DoorAction),
    pin=st.booleans(),
    signature=st.booleans(),
    photo=st.booleans(),
    id_min_age=st.none() | st.integers(1, 99),
    cash_minor=st.integers(0, MOST_CASH_MINOR),
    currency=st.just("EUR"),
)
policies = st.builds(
    DoorPolicy,
    leaves_at_door=st.booleans(),
    pin=st.booleans(),
    signature=st.booleans(),
    photo=st.booleans(),
    id_min_age=st.none() | st.integers(1, 99),
)


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"pin": True}, "leave_at_door_with_pin"),
        ({"signature": True}, "leave_at_door_with_signature"),
        ({"id_min_age": 18}, "leave_at_door_with_id"),
        ({"cash_minor": 4590}, "leave_at_door_with_cash"),
    ],
)
def test_nobody_is_there_when_it_is_left_at_the_door(wish: dict[str, int], code: str) -> None:
    assert resolve(replace(LEAVE, **wish), NO_POLICY, "EUR") == code


def test_what_is_left_at_the_door_is_photographed() -> None:
    made = resolve(replace(LEAVE, photo=False), NO_POLICY, None)
    assert isinstance(made, Requirements)
    assert made.proofs == (ProofKind.PHOTO,)


def test_the_usual_ways_stand_in_where_nothing_is_said() -> None:
    usual = DoorPolicy(pin=True, id_min_age=18)
    assert resolve(SILENCE, usual, None) == Requirements(pin=True, id_min_age=18)
    assert resolve(Wishes(pin=False, id_min_age=0), usual, None) == NOTHING


def test_a_usual_leaving_yields_to_what_needs_somebody() -> None:
    usual = DoorPolicy(leaves_at_door=True)
    made = resolve(Wishes(signature=True), usual, None)
    assert made == Requirements(signature=True)


def test_a_merchant_may_not_contradict_its_own_policy_in_silence() -> None:
    assert resolve(LEAVE, DoorPolicy(pin=True), None) is Conflict.LEAVE_WITH_PIN
    assert isinstance(resolve(replace(LEAVE, pin=False), DoorPolicy(pin=True), None), Requirements)


def test_a_customer_cannot_waive_what_the_merchant_insists_on() -> None:
    wish = replace(LEAVE, is_customers=True)
    made = resolve(wish, DoorPolicy(id_min_age=18), None)
    assert made == Requirements(id_min_age=18)


@pytest.mark.parametrize("cash_minor", [-1, MOST_CASH_MINOR + 1])
def test_cash_has_bounds(cash_minor: int) -> None:
    wish = Wishes(cash_minor=cash_minor)
    assert resolve(wish, NO_POLICY, "EUR") is Conflict.CASH_OUT_OF_BOUNDS


@pytest.mark.parametrize("age", [-1, 100])
def test_an_age_has_bounds(age: int) -> None:
    assert resolve(Wishes(id_min_age=age), NO_POLICY, None) is Conflict.AGE_OUT_OF_BOUNDS


def test_cash_is_collected_in_the_merchants_currency() -> None:
    assert resolve(Wishes(cash_minor=1, currency="USD"), NO_POLICY, "EUR") == (
        "cash_currency_mismatch"
    )
    made = resolve(Wishes(cash_minor=1), NO_POLICY, "EUR")
    assert isinstance(made, Requirements)
    assert made.currency == "EUR"


@given(asked, policies)
def test_what_was_agreed_stays_so_whatever_becomes_usual(
    one: Requirements, usual: DoorPolicy
) -> None:
    agreed = resolve(wishes_of(one), NO_POLICY, "EUR")
    if isinstance(agreed, Requirements):
        assert resolve(wishes_of(agreed), usual, agreed.currency) == agreed


@given(asked, policies)
def test_nothing_impossible_is_ever_agreed(one: Requirements, usual: DoorPolicy) -> None:
    for is_customers in (False, True):
        wishes = replace(wishes_of(one), is_customers=is_customers, pin=None)
        made = resolve(wishes, usual, "EUR")
        assert isinstance(made, Conflict) or made.conflict is None


@given(asked, asked)
def test_an_edit_changes_only_what_it_speaks_of(before: Requirements, after: Requirements) -> None:
    under = wishes_of(before)
    assert overlaid(under, SILENCE) == under
    assert overlaid(under, Wishes(pin=after.pin)) == replace(under, pin=after.pin)


@given(asked)
def test_what_is_asked_comes_back_from_where_it_was_kept(one: Requirements) -> None:
    assert requirements_from_item(requirements_to_item(one)) == one


def test_nothing_asked_takes_no_room() -> None:
    assert requirements_to_item(NOTHING) == {}


def test_proofs_come_back_from_where_they_were_kept() -> None:
    shown = (
        Proof(ProofKind.PHOTO, "prf_1", LatLng(51.2, 9.4)),
        Proof(ProofKind.ID_AGE, min_age=18),
        Proof(ProofKind.CASH, cash_minor=4590),
        Proof(ProofKind.BARCODE, barcode="4006381333931"),
    )
    assert tuple(proof_from_item(proof_to_item(one)) for one in shown) == shown


ALL = Requirements(pin=True, signature=True, photo=True, id_min_age=18, cash_minor=4590)
SHOWN = (
    Proof(ProofKind.PIN),
    Proof(ProofKind.SIGNATURE, "prf_1"),
    Proof(ProofKind.PHOTO, "prf_2"),
    Proof(ProofKind.ID_AGE, min_age=18),
    Proof(ProofKind.CASH, cash_minor=4590),
)


def hand_over(requirements: Requirements, *shown: Proof) -> Status:
    delivery = a_delivery(status=Status.ARRIVED_AT_DROPOFF, requirements=requirements)
    return lifecycle.apply(delivery, life.Deliver(NOON, shown))[0].status


@pytest.mark.parametrize("left_out", range(len(SHOWN)))
def test_each_thing_that_is_asked_for_must_be_shown(left_out: int) -> None:
    shown = [proof for number, proof in enumerate(SHOWN) if number != left_out]
    with pytest.raises(ProofMissing) as refused:
        hand_over(ALL, *shown)
    assert refused.value.extra == {"missing": [SHOWN[left_out].kind.value]}
    assert hand_over(ALL, *SHOWN) is Status.DELIVERED


@pytest.mark.parametrize(
    "not_enough", [Proof(ProofKind.ID_AGE, min_age=17), Proof(ProofKind.ID_AGE)]
)
def test_an_id_that_shows_too_few_years_is_no_proof(not_enough: Proof) -> None:
    with pytest.raises(ProofMissing):
        hand_over(Requirements(id_min_age=18), not_enough)
    assert hand_over(Requirements(id_min_age=18), Proof(ProofKind.ID_AGE, min_age=21)) is (
        Status.DELIVERED
    )


@pytest.mark.parametrize("taken", [4589, 4591])
def test_other_cash_than_was_agreed_is_no_proof(taken: int) -> None:
    with pytest.raises(ProofMissing):
        hand_over(
            Requirements(cash_minor=4590, currency="EUR"),
            Proof(ProofKind.CASH, cash_minor=taken),
        )


def test_a_handover_that_is_told_twice_needs_no_proof_again() -> None:
    delivery = a_delivery(status=Status.ARRIVED_AT_DROPOFF, requirements=Requirements(pin=True))
    done, _ = lifecycle.apply(delivery, life.Deliver(NOON, (Proof(ProofKind.PIN),)))
    assert lifecycle.apply(done, life.Deliver(NOON)) == (done, ())
