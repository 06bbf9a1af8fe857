"""A doubtful address: the promise is made, the parcel is held, and somebody's word releases it."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import lists
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import Address, CancelReason, Confidence, Status
from chalicelib.domain.intake import answers, review, service
from chalicelib.domain.intake.answers import Choose, Correct, Pin, Refuse, Reply
from chalicelib.domain.intake.review import Review, Stage, Who
from chalicelib.domain.intake.store import Result
from chalicelib.kit.clock import FrozenClock
from chalicelib.kit.errors import Invalid, PlacesUnavailable, StaleVersion, Undeliverable
from chalicelib.kit.geo import LatLng
from chalicelib.kit.places import Extent, Found, PlaceKind
from tests.builders import DOOR_AT, NOON, SERVER_KEY
from tests.domain.intake.desk import ADDRESS, MERCHANT_ID, OTHER_ADDRESS, OTHER_DOOR, Desk, an_order
from tests.domain.intake.shops import FAR_AWAY, a_place

LOST = replace(ADDRESS, line1="Lindenweg 700")
STREET = a_place(kind=PlaceKind.STREET, score=0.8, line1="Lindenweg", postal_code="34117")
HOUSE = a_place(LatLng(51.222, 9.423), is_number_corrected=True, line1="Lindenweg 70")
AREA = a_place(kind=PlaceKind.POSTAL_CODE, extent=Extent(51.18, 9.38, 51.26, 9.46))


@pytest.fixture
def doubtful(desk: Desk) -> Desk:
    """The geocoder knows the street, not the door; and the postal code's extent."""
    desk.gazetteer.answers |= {LOST.line1: (STREET, HOUSE), "": (AREA,)}
    return desk


def a_doubtful_order(minute: int = 0, **changes: object):
    return an_order(minute, **{"address": LOST, "position": None, **changes})


def asked(desk: Desk) -> Review:
    found = review.load(desk.begin(), deliveries.ref_of(desk.the_delivery()))
    assert found is not None
    return found


def answer(desk: Desk, who: Who, reply: Reply) -> answers.Verdict:
    uow = desk.begin()
    finder = service.finder(uow, MERCHANT_ID, desk.hub, desk.gazetteer, SERVER_KEY)
    result = answers.answer(uow, deliveries.ref_of(desk.the_delivery()), finder, who, reply)
    uow.commit()
    return result


def test_a_doubtful_order_is_promised_held_and_asked_about(doubtful: Desk) -> None:
    outcome = doubtful.receive(a_doubtful_order())
    delivery = doubtful.the_delivery()
    assert outcome.result is Result.CREATED
    assert (delivery.status, delivery.reason) == (Status.ADDRESS_REVIEW, "street_only")
    assert delivery.confidence is Confidence.ASK
    assert [entry.what for entry in delivery.history] == ["created", "address_review"]
    assert doubtful.rejection_codes() == []


def test_no_wave_sees_a_delivery_that_waits_for_its_address(doubtful: Desk) -> None:
    doubtful.receive(a_doubtful_order())
    assert lists.pending_refs(doubtful.begin(), doubtful.hub.id) == []
    answer(doubtful, Who.RECIPIENT, Choose(1))
    (pending,) = lists.pending_refs(doubtful.begin(), doubtful.hub.id)
    assert pending["dropoff"] == str(HOUSE.position)


def test_the_desk_sees_what_waits_by_when_it_is_needed(doubtful: Desk) -> None:
    doubtful.receive(a_doubtful_order())
    found, _ = lists.list_address_reviews(doubtful.begin(), doubtful.hub.id, limit=10, after=None)
    (delivery,) = found
    assert delivery.address_due_at == delivery.window.end_at - timedelta(hours=2)
    answer(doubtful, Who.OPERATOR, Choose(1))
    found, _ = lists.list_address_reviews(doubtful.begin(), doubtful.hub.id, limit=10, after=None)
    assert found == []


def test_a_short_window_leaves_half_an_hour_to_answer(doubtful: Desk) -> None:
    merchant = replace(doubtful.merchant, promise_s=3600)
    doubtful.merchant = merchant
    doubtful.receive(a_doubtful_order())
    assert doubtful.the_delivery().address_due_at == NOON + timedelta(minutes=30)


def test_an_unknown_street_is_asked_about_within_its_postal_code(doubtful: Desk) -> None:
    doubtful.gazetteer.answers[LOST.line1] = ()
    doubtful.receive(a_doubtful_order())
    assert doubtful.the_delivery().reason == "area_only"
    assert asked(doubtful).areas == (AREA.extent,)


def test_an_address_that_even_the_postal_code_does_not_place_is_refused(doubtful: Desk) -> None:
    doubtful.gazetteer.answers |= {LOST.line1: (), "": ()}
    assert doubtful.receive(a_doubtful_order()).code == "unknown_location"


def test_a_street_in_another_town_is_outside_not_doubtful(doubtful: Desk) -> None:
    doubtful.gazetteer.answers[LOST.line1] = (replace(STREET, position=FAR_AWAY),)
    assert doubtful.receive(a_doubtful_order()).code == "outside_service_area"


def test_a_geocoder_that_is_down_does_not_stop_an_order_with_coordinates_of_ours(
    desk: Desk,
) -> None:
    def down(address: Address, near: LatLng) -> tuple[Found, ...]:
        raise PlacesUnavailable

    uow = desk.begin()
    service.receive(uow, desk.merchant, desk.hub, an_order(), down, SERVER_KEY)
    uow.commit()
    delivery = desk.the_delivery()
    assert (delivery.status, delivery.confidence) == (Status.READY, Confidence.CHECK)


def test_a_better_address_from_the_shop_releases_the_parcel(doubtful: Desk) -> None:
    doubtful.receive(a_doubtful_order())
    outcome = doubtful.receive(a_doubtful_order(1, address=OTHER_ADDRESS))
    delivery = doubtful.the_delivery()
    assert outcome.result is Result.UPDATED
    assert (delivery.status, delivery.dropoff) == (Status.READY, OTHER_DOOR)
    assert [entry.what for entry in delivery.history][2:] == ["updated", "ready"]
    assert delivery.reason is None
    assert (asked(doubtful).stage, asked(doubtful).settled_by) == (Stage.SETTLED, Who.MERCHANT)


def test_an_edit_elsewhere_leaves_the_question_and_its_reason(doubtful: Desk) -> None:
    doubtful.receive(a_doubtful_order())
    answer(doubtful, Who.RECIPIENT, Pin(LatLng(51.5, 9.42)))
    before = asked(doubtful)
    doubtful.receive(a_doubtful_order(1, notes="Blue door"))
    delivery = doubtful.the_delivery()
    assert (delivery.status, delivery.reason) == (Status.ADDRESS_REVIEW, "answer_out_of_reach")
    assert asked(doubtful) == before


def test_another_doubtful_address_is_another_question(doubtful: Desk) -> None:
    doubtful.receive(a_doubtful_order())
    other = replace(LOST, line1="Ahornweg 800")
    corrected = replace(HOUSE, line1="Ahornweg 80")
    doubtful.gazetteer.answers[other.line1] = (corrected,)
    doubtful.receive(a_doubtful_order(1, address=other))
    delivery = doubtful.the_delivery()
    assert (delivery.status, delivery.reason) == (Status.ADDRESS_REVIEW, "number_corrected")
    assert [one.line1 for one in asked(doubtful).candidates] == ["Ahornweg 80"]


def test_a_planned_parcel_is_not_held_for_an_edit_that_nobody_can_find(doubtful: Desk) -> None:
    doubtful.receive(an_order())
    doubtful.carry_out(life.Plan(NOON, "rte_1"))
    outcome = doubtful.receive(a_doubtful_order(1))
    assert (outcome.result, outcome.code) == (Result.UNCHANGED, "unknown_location")
    assert doubtful.the_delivery().dropoff == DOOR_AT


def test_a_ready_parcel_is_held_when_its_new_address_is_doubtful(doubtful: Desk) -> None:
    doubtful.receive(an_order())
    doubtful.receive(a_doubtful_order(1))
    delivery = doubtful.the_delivery()
    assert (delivery.status, delivery.reason) == (Status.ADDRESS_REVIEW, "street_only")
    assert [entry.what for entry in delivery.history][2:] == ["updated", "address_review"]


def test_any_arrival_of_doubtful_and_sure_versions_ends_alike(doubtful: Desk) -> None:
    endings: dict[bool, set[tuple[object, ...]]] = {True: set(), False: set()}
    numbers = itertools.count()
    for is_sure, newest in ((True, an_order(2)), (False, a_doubtful_order(3))):
        for versions in itertools.permutations([an_order(0), a_doubtful_order(1), newest]):
            number = next(numbers)
            for version in (*versions, versions[0]):
                event_id = f"{number}:{version.source_event_id}"
                order = replace(version, order_id=f"B-{number}", source_event_id=event_id)
                delivery_id = doubtful.receive(order).delivery_id
            (latest,) = [one for one in doubtful.deliveries() if one.id == delivery_id]
            state = (latest.status, latest.dropoff, latest.reason, latest.confidence)
            endings[is_sure].add(state)
    assert endings[True] == {(Status.READY, DOOR_AT, None, Confidence.ACCEPT)}
    asked_for = (Status.ADDRESS_REVIEW, DOOR_AT, "street_only", Confidence.ASK)
    assert endings[False] == {asked_for}


def test_what_a_person_confirmed_outlives_the_shops_next_edit(doubtful: Desk) -> None:
    doubtful.receive(a_doubtful_order())
    answer(doubtful, Who.RECIPIENT, Choose(1))
    doubtful.receive(a_doubtful_order(1, notes="Blue door", position=DOOR_AT))
    delivery, person = doubtful.the_delivery(), doubtful.recipient()
    assert (delivery.status, delivery.dropoff) == (Status.READY, HOUSE.position)
    assert person is not None
    assert (person.address.line1, person.notes) == ("Lindenweg 70", "Blue door")


def test_a_cancellation_ends_the_question(doubtful: Desk) -> None:
    doubtful.receive(a_doubtful_order())
    doubtful.carry_out(life.Cancel(NOON, CancelReason.CUSTOMER_REQUEST))
    assert answer(doubtful, Who.RECIPIENT, Choose(1)) is answers.Verdict.OVER
    assert doubtful.the_delivery().status is Status.CANCELLED


def test_two_answers_that_race_are_one(doubtful: Desk) -> None:
    doubtful.receive(a_doubtful_order())
    ref = deliveries.ref_of(doubtful.the_delivery())
    uows = [doubtful.begin(), doubtful.begin()]
    for uow, reply in zip(uows, (Choose(1), Pin(DOOR_AT)), strict=True):
        finder = service.finder(uow, MERCHANT_ID, doubtful.hub, doubtful.gazetteer, SERVER_KEY)
        answers.answer(uow, ref, finder, Who.RECIPIENT, reply)
    uows[0].commit()
    with pytest.raises(StaleVersion):
        uows[1].commit()
    assert doubtful.the_delivery().dropoff == HOUSE.position


def test_the_operator_is_believed_anywhere_in_the_hubs_area(doubtful: Desk) -> None:
    doubtful.receive(a_doubtful_order())
    far = LatLng(51.13, 9.42)
    assert answer(doubtful, Who.MERCHANT, Pin(far)) is answers.Verdict.REFERRED
    assert answer(doubtful, Who.OPERATOR, Pin(far)) is answers.Verdict.SETTLED
    assert doubtful.the_delivery().dropoff == far


def test_nobody_is_believed_outside_of_it(doubtful: Desk) -> None:
    doubtful.receive(a_doubtful_order())
    with pytest.raises(Undeliverable) as refused:
        answer(doubtful, Who.OPERATOR, Pin(FAR_AWAY))
    assert refused.value.extra == {"reason": "outside_service_area"}
    assert answer(doubtful, Who.RECIPIENT, Pin(FAR_AWAY)) is answers.Verdict.REFERRED


def test_the_operator_can_refuse_an_address(doubtful: Desk) -> None:
    doubtful.receive(a_doubtful_order())
    answer(doubtful, Who.OPERATOR, Refuse())
    delivery = doubtful.the_delivery()
    assert (delivery.status, delivery.reason) == (Status.CANCELLED, "undeliverable_area")


def test_a_merchants_correction_may_lead_across_the_town_a_strangers_may_not(
    doubtful: Desk,
) -> None:
    far = a_place(LatLng(51.13, 9.42))
    doubtful.gazetteer.answers["Am Rand 1"] = (far,)
    doubtful.receive(a_doubtful_order())
    corrected = Correct(replace(ADDRESS, line1="Am Rand 1"))
    assert answer(doubtful, Who.RECIPIENT, corrected) is answers.Verdict.REFERRED
    proposed = asked(doubtful).proposed_address
    assert proposed is not None
    assert proposed.line1 == "Am Rand 1"
    assert answer(doubtful, Who.MERCHANT, corrected) is answers.Verdict.SETTLED
    assert doubtful.the_delivery().dropoff == far.position


def test_a_street_cannot_be_chosen_as_a_door(doubtful: Desk) -> None:
    doubtful.receive(a_doubtful_order())
    for number in (0, 7, -1):
        with pytest.raises(Invalid):
            answer(doubtful, Who.OPERATOR, Choose(number))


def test_an_answer_past_the_deadline_still_counts(doubtful: Desk, clock: FrozenClock) -> None:
    doubtful.receive(a_doubtful_order())
    clock.advance(hours=7)
    assert doubtful.the_delivery().status is Status.ADDRESS_REVIEW
    assert answer(doubtful, Who.RECIPIENT, Choose(1)) is answers.Verdict.SETTLED
    assert doubtful.the_delivery().status is Status.READY


def test_the_question_and_its_candidates_stand_among_personal_data_only(doubtful: Desk) -> None:
    """Candidates are addresses: core, its stream and the planner never see one."""
    doubtful.receive(a_doubtful_order())
    item = delivery_store.to_item(doubtful.the_delivery())
    assert "Lindenweg" not in str(item)
    assert MERCHANT_ID in str(item["g3sk"])
