"""Where parcels for a door really end: learned from proofs, by a key that tells no address."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import (
    Confidence,
    Delivery,
    Status,
)
from chalicelib.domain.deliveries.requirements import Proof, ProofKind
from chalicelib.domain.intake import drop_points
from chalicelib.kit import tokens
from chalicelib.kit.events import Event
from chalicelib.kit.geo import LatLng
from chalicelib.kit.places import PlaceKind
from tests.builders import DOOR_AT, NOON, SERVER_KEY
from tests.domain.intake.desk import ADDRESS, OTHER_ADDRESS, Desk, an_order
from tests.domain.intake.shops import a_place


def north(metres: float) -> LatLng:
    return LatLng(DOOR_AT.latitude + metres / 111_195, DOOR_AT.longitude)


def ordered(desk: Desk, number: int, **changes: object) -> Delivery:
    order = an_order(position=None, order_id=f"A-{number}", source_event_id=f"m:{number}")
    outcome = desk.receive(replace(order, **changes))
    found = [one for one in desk.deliveries() if one.id == outcome.delivery_id]
    return found[0]


def handed_over(desk: Desk, delivery: Delivery, at: LatLng | None, *more: life.Command) -> None:
    uow = desk.begin()
    proof = Proof(ProofKind.PHOTO, "prf_1", at)
    steps = (life.Plan(NOON, "rte_1"), life.Assign(NOON, "drv_1"), life.PickUp(NOON))
    ref = deliveries.ref_of(delivery)
    deliveries.carry_out(uow, ref, *steps, life.Deliver(NOON, (proof,)), *more)
    uow.commit()
    hear(desk, delivery)


def hear(desk: Desk, delivery: Delivery) -> int:
    """What the relay does with the event; returns how much was written."""
    uow = desk.begin()
    data = {"merchant_id": delivery.merchant_id}
    drop_points.learn(uow, Event("delivery.delivered", delivery.id, 6, NOON, data))
    count = uow.write_count
    uow.commit()
    return count


def samples(desk: Desk, delivery: Delivery) -> tuple[LatLng, ...]:
    return drop_points.load(desk.begin(), delivery.hub_id, delivery.door_key or "")


def test_the_third_order_goes_where_two_were_handed_over(desk: Desk) -> None:
    for number, metres in enumerate((40, 60)):
        delivery = ordered(desk, number)
        assert delivery.dropoff == DOOR_AT
        handed_over(desk, delivery, north(metres))
    assert ordered(desk, 3).dropoff == north(50)


def test_spellings_of_the_door_share_what_was_learned_and_neighbours_do_not(desk: Desk) -> None:
    for number in range(2):
        handed_over(desk, ordered(desk, number), north(50))
    shouted = replace(ADDRESS, line1="LINDENWEG 7", line2="3rd floor", postal_code="D-34117")
    assert ordered(desk, 3, address=shouted).dropoff == north(50)
    neighbour = replace(ADDRESS, line1="Lindenweg 9")
    assert ordered(desk, 4, address=neighbour).dropoff == DOOR_AT


def test_outliers_neither_drag_the_door_away_nor_hide_it(desk: Desk) -> None:
    for number, metres in enumerate((40, 42, 44, 7_000)):
        handed_over(desk, ordered(desk, number), north(metres))
    assert ordered(desk, 9).dropoff == north(42)


def test_hearing_twice_keeps_one_sample(desk: Desk) -> None:
    delivery = ordered(desk, 0)
    handed_over(desk, delivery, north(40))
    assert hear(desk, delivery) == 0
    assert samples(desk, delivery) == (north(40),)


def test_a_tap_that_was_undone_takes_its_sample_back(desk: Desk) -> None:
    delivery = ordered(desk, 0)
    handed_over(desk, delivery, north(40))
    uow = desk.begin()
    undo = life.Undo(NOON + timedelta(minutes=1))
    undone = deliveries.carry_out(uow, deliveries.ref_of(delivery), undo)
    uow.commit()
    assert undone.status is not Status.DELIVERED
    hear(desk, delivery)
    assert samples(desk, delivery) == ()


def test_a_proof_without_a_position_teaches_nothing(desk: Desk) -> None:
    delivery = ordered(desk, 0)
    handed_over(desk, delivery, None)
    assert samples(desk, delivery) == ()


def test_only_the_latest_ten_are_kept(desk: Desk) -> None:
    for number in range(12):
        handed_over(desk, ordered(desk, number), north(number))
    kept = samples(desk, desk.deliveries()[0])
    assert len(kept) == drop_points.MOST_SAMPLES
    assert kept[0] == north(2)


def test_two_handovers_spare_the_recipient_the_question(desk: Desk) -> None:
    """The geocoder knows the street only; we have been at the door."""
    for number in range(2):
        handed_over(desk, ordered(desk, number), north(350))
    street = a_place(kind=PlaceKind.STREET, score=0.8)
    desk.gazetteer.answers |= {ADDRESS.line1: (street,)}
    delivery = ordered(desk, 3)
    assert (delivery.status, delivery.dropoff) == (Status.READY, north(350))
    assert delivery.confidence is Confidence.CHECK


def test_handovers_that_disagree_do_not_answer_for_the_recipient(desk: Desk) -> None:
    for number, metres in enumerate((350, 900)):
        handed_over(desk, ordered(desk, number), north(metres))
    desk.gazetteer.answers |= {ADDRESS.line1: (a_place(kind=PlaceKind.STREET, score=0.8),)}
    assert ordered(desk, 3).status is Status.ADDRESS_REVIEW


def test_a_forgotten_delivery_leaves_nothing_behind(desk: Desk) -> None:
    delivery = ordered(desk, 0)
    handed_over(desk, delivery, north(40))
    uow = desk.begin()
    drop_points.forget(uow, delivery_store.load(uow, deliveries.ref_of(delivery)))
    uow.commit()
    assert samples(desk, delivery) == ()


def test_the_key_tells_no_address_and_needs_the_servers_key() -> None:
    door = "lindenweg7|34117|de"
    key = tokens.door_key(SERVER_KEY, door)
    assert "linden" not in key
    assert key != tokens.door_key(b"another key of the server's.....", door)
    assert key == tokens.door_key(SERVER_KEY, door)


def test_another_address_of_the_same_person_is_another_door(desk: Desk) -> None:
    one, other = ordered(desk, 0), ordered(desk, 1, address=OTHER_ADDRESS)
    assert one.door_key != other.door_key
