"""A handover's proof is weighed once, whatever comes first, and stops nobody."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.deliveries import chain, check_items, proof_checks, proofs, store
from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries.check_items import CheckState
from chalicelib.domain.deliveries.model import Status
from chalicelib.domain.deliveries.pictures import Fault, Picture
from chalicelib.domain.deliveries.proofs import Arrival, ProofState, Seen
from chalicelib.domain.deliveries.requirements import NOTHING, Proof, ProofKind
from chalicelib.domain.deliveries.service import ref_of
from chalicelib.kit.errors import Conflict, NotFound
from chalicelib.kit.geo import LatLng
from chalicelib.storage import keys, support_keys
from tests.telling import World, minutes, steps_to

ARRIVAL = Arrival(2048, "image/jpeg", b"\xff\xd8\xff\xe0" + bytes(28))
DOOR = Picture(1280, 960, 480, 7_000, 900)
TAPPED = minutes(75)


class Handover:
    """A parcel at its door, and whatever is told of it afterwards."""

    def __init__(self, begin, clock, **asked):
        self.begin, self.clock, self.world = begin, clock, World(begin)
        delivery = self.world.deliver(*steps_to(Status.DELIVERED)[:-1])
        if asked:
            uow = begin()
            wanted = replace(delivery, requirements=replace(NOTHING, **asked))
            store.save(uow, wanted, expect=delivery.version)
            uow.commit()
            delivery = wanted
        self.delivery, self.ref = delivery, ref_of(delivery)

    def do(self, use_case):
        uow = self.begin()
        done = use_case(uow)
        uow.commit()
        return done

    def announce(self, kind=ProofKind.PHOTO):
        return self.do(
            lambda uow: proofs.announce(
                uow, self.ref, "image/jpeg", driver_id="drv_1", stop_id="stp_1", kind=kind
            )
        )

    def upload(self, proof_id, picture=DOOR, sha256="a" * 64):
        seen = Seen(ARRIVAL, picture, sha256=sha256)

        def arrive(uow):
            proofs.record_arrival(uow, self.ref, proof_id, seen)
            return proof_checks.assess(uow, self.ref)

        return self.do(arrive)

    def tap(self, *shown):
        self.delivery = self.world.go_on(self.delivery, life.Deliver(TAPPED, shown))
        return self.do(lambda uow: proof_checks.assess(uow, self.ref))

    def away(self, metres):
        door = self.delivery.dropoff
        return LatLng(door.latitude + metres / 111_195, door.longitude)

    def reviews(self):
        uow = self.begin()
        hub_id = self.delivery.hub_id
        return proof_checks.list_reviews(uow, hub_id, limit=50, after=None)[0]

    def status_of(self, proof_id):
        key = keys.proof(self.ref.merchant_id, self.ref.delivery_id, proof_id)
        return self.begin().get(key)["status"]


@pytest.fixture
def handover(begin, clock):
    return lambda **asked: Handover(begin, clock, **asked)


def test_a_good_photo_near_the_door_passes_in_whatever_order_it_comes(handover):
    first, second = handover(photo=True), handover(photo=True)
    early = first.announce()
    assert first.upload(early) is None, "nothing is handed over yet"
    tapped_last = first.tap(Proof(ProofKind.PHOTO, early, first.away(12)))
    late = second.announce()
    waiting = second.tap(Proof(ProofKind.PHOTO, late, second.away(12)))
    arrived_last = second.upload(late)
    assert waiting.state is CheckState.WAITING
    for check in (tapped_last, arrived_last):
        assert (check.state, check.reasons, check.away_m) == (CheckState.PASSED, (), 12)
    assert first.reviews() == []


@pytest.mark.parametrize(
    ("away_m", "reasons"), [(49, ()), (60, ("far_from_door",)), (None, ("place_unknown",))]
)
def test_a_tap_outside_of_the_fence_goes_to_review_and_stays_delivered(handover, away_m, reasons):
    one = handover(geofence_m=50)
    where = None if away_m is None else one.away(away_m)
    check = one.tap(Proof(ProofKind.NAME, position=where))
    assert check.reasons == reasons
    assert store.load(one.begin(), one.ref).status is Status.DELIVERED


def test_without_a_fence_the_distance_is_only_noted(handover):
    one = handover()
    check = one.tap(Proof(ProofKind.NAME, position=one.away(900)))
    assert (check.state, check.away_m) == (CheckState.PASSED, 900)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"brightness_permille": 12, "entropy_millibits": 2_000}, Fault.TOO_DARK),
        ({"taken_at": TAPPED - timedelta(hours=3)}, Fault.TAKEN_AT_ANOTHER_TIME),
        ({"taken_at": TAPPED + timedelta(minutes=11)}, Fault.TAKEN_AT_ANOTHER_TIME),
        ({"position": LatLng(51.0, 9.0)}, Fault.TAKEN_ELSEWHERE),
    ],
)
def test_a_doubtful_photo_goes_to_review_and_is_shown_to_nobody(handover, change, fault):
    one = handover(photo=True)
    photo = one.announce()
    one.tap(Proof(ProofKind.PHOTO, photo, one.away(3)))
    check = one.upload(photo, replace(DOOR, **change))
    assert (check.state, check.reasons) == (CheckState.NEEDS_REVIEW, (fault.value,))
    assert one.status_of(photo) == "needs_review"
    assert not proofs.has_arrived(one.begin(), one.ref, photo)
    assert [found.id for found in one.reviews()] == [check.id]


def test_a_photo_taken_at_the_tap_and_at_the_door_is_plausible(handover):
    one = handover(photo=True)
    photo = one.announce()
    one.tap(Proof(ProofKind.PHOTO, photo, one.away(3)))
    good = replace(DOOR, taken_at=TAPPED - timedelta(minutes=2), position=one.away(40))
    assert one.upload(photo, good).state is CheckState.PASSED


def test_a_photo_that_never_comes_is_due_after_two_hours(handover, clock):
    one = handover(photo=True)
    photo = one.announce()
    check = one.tap(Proof(ProofKind.PHOTO, photo, one.away(3)))
    assert one.reviews() == []
    with pytest.raises(Conflict):
        one.do(lambda uow: proof_checks.decide(uow, check.id, is_good=True, by="marta"))
    clock.at = TAPPED + timedelta(hours=2)
    (found,) = one.reviews()
    assert proof_checks.shown_reasons(found, clock.at) == ("picture_missing",)
    assert one.upload(photo).state is CheckState.PASSED
    assert one.reviews() == []


def test_what_came_twice_is_weighed_once(handover):
    one = handover(photo=True)
    photo = one.announce()
    one.tap(Proof(ProofKind.PHOTO, photo, one.away(3)))
    check = one.upload(photo)
    for _ in range(2):
        again = one.do(lambda uow: proof_checks.assess(uow, one.ref))
        assert again.version == check.version


@pytest.mark.parametrize("is_good", [True, False])
def test_the_desks_word_is_the_last(handover, is_good):
    one = handover(photo=True)
    photo = one.announce()
    one.tap(Proof(ProofKind.PHOTO, photo, one.away(3)))
    check = one.upload(photo, replace(DOOR, edges=2))
    decide = lambda uow: proof_checks.decide(uow, check.id, is_good=is_good, by="marta")  # noqa: E731
    decided = one.do(decide)
    assert one.do(decide) == decided
    one.do(lambda uow: proof_checks.assess(uow, one.ref))
    kept = check_items.load(one.begin(), one.ref)
    assert (kept.state, kept.decided_by) == (decided.state, "marta")
    assert proofs.has_arrived(one.begin(), one.ref, photo) is is_good
    assert one.reviews() == []
    assert store.load(one.begin(), one.ref).status is Status.DELIVERED


def test_accepting_a_handover_shows_nothing_that_cannot_be_opened(handover):
    one = handover(photo=True)
    photo = one.announce()
    one.tap(Proof(ProofKind.PHOTO, photo, one.away(3)))
    check = one.upload(photo, None)
    assert check.reasons == ("unreadable",)
    one.do(lambda uow: proof_checks.decide(uow, check.id, is_good=True, by="marta"))
    assert one.status_of(photo) == "rejected"


def test_a_bad_photo_is_asked_for_again_while_the_driver_is_near(handover, clock):
    one = handover(photo=True)
    photo = one.announce()
    clock.at = TAPPED
    one.tap(Proof(ProofKind.PHOTO, photo, one.away(3)))
    one.upload(photo, replace(DOOR, brightness_permille=5))
    wanted = lambda: proof_checks.retakes(one.begin(), {one.ref: one.delivery})  # noqa: E731
    assert [(ask.proof_id, ask.fault, ask.stop_id) for ask in wanted()] == [
        (photo, "too_dark", "stp_1")
    ]
    clock.advance(minutes=11)
    assert wanted() == []
    clock.advance(minutes=-8)
    assert one.do(lambda uow: proofs.announce_again(uow, one.ref, photo, "image/jpeg"))
    assert wanted() == []
    assert one.upload(photo, DOOR, sha256="b" * 64).state is CheckState.PASSED
    assert one.status_of(photo) == "arrived"


def test_a_photo_is_taken_five_times_at_most_and_a_good_one_only_once(handover):
    one = handover(photo=True)
    photo = one.announce()
    one.tap(Proof(ProofKind.PHOTO, photo, one.away(3)))
    again = lambda uow: proofs.announce_again(uow, one.ref, photo, "image/jpeg")  # noqa: E731
    for number in range(proofs.MOST_TRIES - 1):
        one.upload(photo, replace(DOOR, edges=number))
        assert one.do(again)
    one.upload(photo, replace(DOOR, edges=9))
    assert not one.do(again)
    other = handover(photo=True)
    good = other.announce()
    other.upload(good)
    assert other.do(lambda uow: proofs.announce_again(uow, other.ref, good, "image/jpeg"))
    assert other.status_of(good) == ProofState.ARRIVED


def test_a_tap_taken_back_has_no_proof_and_the_next_one_is_weighed_anew(handover):
    one = handover(geofence_m=50)
    check = one.tap(Proof(ProofKind.NAME, position=one.away(500)))
    one.delivery = one.world.go_on(one.delivery, life.Undo(TAPPED + timedelta(minutes=1)))
    assert one.do(lambda uow: proof_checks.assess(uow, one.ref)) is None
    assert one.reviews() == []
    with pytest.raises(NotFound):
        proof_checks.load_by_id(one.begin(), check.id)
    again = life.Deliver(
        TAPPED + timedelta(minutes=2), (Proof(ProofKind.NAME, position=one.away(5)),)
    )
    one.delivery = one.world.go_on(one.delivery, again)
    assert one.do(lambda uow: proof_checks.assess(uow, one.ref)).state is CheckState.PASSED


def test_the_news_of_a_proof_seals_the_history_and_names_nobody(handover):
    one = handover()
    one.tap(Proof(ProofKind.NAME, position=one.away(5)))
    item = one.begin().get(support_keys.proof_check(one.ref.merchant_id, one.ref.delivery_id))
    (event,) = item["events"]
    assert event["type"] == "proof.created"
    assert event["data"]["head"] == chain.head(one.delivery.id, one.delivery.history)
    assert set(event["data"]) == {
        *("merchant_id", "hub_id", "delivery_id", "reasons", "away_m", "head", "head_version"),
    }


def test_any_change_of_the_history_breaks_its_chain(handover):
    history = handover().delivery.history
    sealed = chain.head("del_1", history)
    assert chain.still_holds("del_1", history, history[-1].version, sealed)
    for index, entry in enumerate(history):
        changed = replace(entry, at=entry.at - timedelta(milliseconds=1))
        forged = (*history[:index], changed, *history[index + 1 :])
        assert not chain.still_holds("del_1", forged, history[-1].version, sealed)
        dropped = (*history[:index], *history[index + 1 :])
        assert not chain.still_holds("del_1", dropped, history[-1].version, sealed)
    assert chain.head("del_2", history) != sealed
    later = (*history, replace(history[-1], version=history[-1].version + 1))
    assert chain.still_holds("del_1", later, history[-1].version, sealed)
