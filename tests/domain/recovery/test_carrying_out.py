"""Carried out at the hub: again, elsewhere or back, under whatever comes twice or late."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import rescheduling
from chalicelib.domain.deliveries.model import FailureReason, Status
from chalicelib.domain.dispatch.model import RouteStatus
from chalicelib.domain.dispatch.under_way import rerouting
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.recovery_rules import Remedy
from chalicelib.domain.pickup_points import room
from chalicelib.domain.recovery import carrying_out, store, wishes
from chalicelib.domain.recovery.model import By, State, Wish
from chalicelib.domain.recovery.wishes import Author
from chalicelib.kit.geo import LatLng
from chalicelib.kit.recovery_errors import NothingFailed, RecoverySettled, RemedyNotAllowed
from chalicelib.storage import recipient_keys
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import DOOR_AT
from tests.domain.recovery.conftest import Town

MERCHANT, DESK = Author(By.MERCHANT), Author(By.DESK, "marta", "asked for by phone")
FAR = LatLng(DOOR_AT.latitude + 0.03, DOOR_AT.longitude)


def failed_and_back(town: Town, reason: FailureReason = FailureReason.CUSTOMER_UNAVAILABLE) -> None:
    town.ready(1)
    route = town.drive_out()
    town.fail_next(route.id, reason)
    town.finish(route.id)
    assert town.route(route.id).status is RouteStatus.COMPLETED


def sweep(town: Town) -> int:
    due = list(carrying_out.due(town.begin(), "hub_1"))
    for ref, version in due:
        town.run(lambda uow, ref=ref, version=version: carrying_out.carry_out(uow, ref, version))
    return len(due)


def test_what_goes_again_is_ready_at_the_hub_at_once(town: Town) -> None:
    failed_and_back(town)
    delivery, decision = town.delivery(), town.decision()
    assert delivery.status is Status.READY
    assert delivery.pickup.id == "hub_1"
    assert decision.state is State.DONE
    assert delivery.window.end_at > town.clock.now()


def test_another_day_has_a_window_of_another_day(town: Town) -> None:
    town.rules(allows=(Remedy.ANOTHER_DAY,))
    failed_and_back(town)
    assert town.delivery().window.start_at.date() > town.clock.now().date()


def test_what_was_refused_goes_back_at_once(town: Town) -> None:
    failed_and_back(town, FailureReason.CUSTOMER_REFUSED)
    assert town.delivery().status is Status.RETURNED


def test_a_parcel_without_tries_waits_for_its_recipient_before_it_goes_back(town: Town) -> None:
    town.rules(allows=(), most_attempts=1)
    failed_and_back(town)
    assert town.delivery().status is Status.ATTEMPT_FAILED
    assert sweep(town) == 0
    town.later(hours=5)
    assert sweep(town) == 1
    assert town.delivery().status is Status.RETURNED
    assert town.decision().outcome == "returned"
    assert sweep(town) == 0


def test_a_merchant_that_takes_everything_back_waits_for_nobody(town: Town) -> None:
    town.rules(always_returns=True)
    failed_and_back(town)
    assert town.delivery().status is Status.RETURNED


def test_the_recipient_turns_a_return_into_another_visit_in_time(town: Town) -> None:
    town.rules(allows=(Remedy.ANOTHER_DAY,), most_attempts=1)
    failed_and_back(town)
    assert town.decision().chosen.remedy is Remedy.RETURN
    town.rules(allows=(Remedy.ANOTHER_DAY,), most_attempts=3)
    town.run(lambda uow: wishes.wish(uow, town.delivery(), Wish(Remedy.ANOTHER_DAY)))
    assert town.delivery().status is Status.READY
    assert [one.by for one in town.decision().choices] == [By.SYSTEM, By.RECIPIENT]


def test_after_the_time_the_costed_choice_stands(town: Town) -> None:
    town.rules(most_attempts=1)
    failed_and_back(town)
    town.later(hours=5)
    with pytest.raises(RecoverySettled):
        town.run(lambda uow: wishes.wish(uow, town.delivery(), Wish(Remedy.PICKUP_POINT)))


def test_the_desk_overrules_the_merchant_who_overrules_the_recipient(town: Town) -> None:
    town.ready(1)
    route = town.drive_out()
    town.fail_next(route.id)
    town.run(lambda uow: wishes.wish(uow, town.delivery(), Wish(Remedy.ANOTHER_DAY)))
    town.run(lambda uow: wishes.wish(uow, town.delivery(), Wish(Remedy.AGAIN_TODAY), MERCHANT))
    with pytest.raises(RecoverySettled):
        town.run(lambda uow: wishes.wish(uow, town.delivery(), Wish(Remedy.ANOTHER_DAY)))
    town.run(lambda uow: wishes.wish(uow, town.delivery(), Wish(Remedy.RETURN), DESK))
    chosen = town.decision().chosen
    assert (chosen.by, chosen.who, chosen.why) == (By.DESK, "marta", "asked for by phone")
    town.finish(route.id)
    assert town.delivery().status is Status.RETURNED


def test_the_same_wish_twice_is_one(town: Town) -> None:
    town.ready(1)
    route = town.drive_out()
    town.fail_next(route.id)
    for _ in range(2):
        town.run(lambda uow: wishes.wish(uow, town.delivery(), Wish(Remedy.RETURN)))
    assert len(town.decision().choices) == 2


def test_what_cannot_be_done_says_why(town: Town) -> None:
    town.ready(1)
    route = town.drive_out()
    town.fail_next(route.id)
    with pytest.raises(RemedyNotAllowed) as refused:
        town.run(lambda uow: wishes.wish(uow, town.delivery(), Wish(Remedy.DISPOSE), MERCHANT))
    assert refused.value.extra == {"remedy": "dispose", "why_not": "forbidden_by_merchant"}


def test_nothing_can_be_chosen_for_what_did_not_fail(town: Town) -> None:
    town.ready(1)
    with pytest.raises(NothingFailed):
        town.run(lambda uow: wishes.wish(uow, town.delivery(), Wish(Remedy.RETURN)))
    assert wishes.options(town.begin(), town.delivery()) is None


def test_a_point_off_the_tour_is_gone_to_from_the_hub(town: Town) -> None:
    town.locker(1, FAR)
    failed_and_back(town)
    before = town.delivery()
    assert before.status is Status.READY
    town.run(lambda uow: wishes.wish(uow, before, Wish(Remedy.PICKUP_POINT, point_id="pup_1")))
    delivery = town.delivery()
    assert delivery.pickup_point_id == "pup_1"
    assert delivery.status is Status.READY
    assert str(town.refs[0]) in room.load(town.begin(), "pup_1").held
    route = town.drive_out()
    town.finish(route.id)
    assert town.delivery().status is Status.AT_PICKUP_POINT


def test_a_locker_that_filled_up_meanwhile_gives_way_to_the_next_best(town: Town) -> None:
    point = town.locker(1, FAR, count=1)
    town.ready(1)
    route = town.drive_out()
    town.fail_next(route.id)
    wanted = Wish(Remedy.PICKUP_POINT, point_id=point.id)
    town.rules(allows=(Remedy.PICKUP_POINT, Remedy.ANOTHER_DAY))
    town.run(lambda uow: wishes.wish(uow, town.delivery(), wanted))
    taken = room.load(town.begin(), point.id)
    size = point.compartments[0].size
    town.run(lambda uow: room.reserve(uow, taken, "mer_1/del_other", size))
    town.finish(route.id)
    decision = town.decision()
    assert town.delivery().status is Status.READY
    assert decision.chosen.remedy is Remedy.ANOTHER_DAY
    assert decision.chosen.why == carrying_out.NOT_POSSIBLE_ANY_MORE


def test_parcels_that_came_back_before_anybody_decided_are_decided_then(town: Town) -> None:
    town.ready(2)
    route = town.drive_out()
    town.held = []
    town.fail_next(route.id)
    town.fail_next(route.id)
    town.finish(route.id)
    told, town.held = town.held, None
    # The return is heard of first, then everything else, then everything again.
    late = [one for one in told if one.type == "route.parcels_returned"]
    for event in (*late, *told, *told):
        town.deliver(event)
    assert [town.delivery(number).status for number in (0, 1)] == [Status.READY] * 2
    assert [len(town.delivery(number).attempts) for number in (0, 1)] == [1, 1]


def test_what_is_moved_by_the_ordinary_ways_while_it_lies_at_the_hub_goes_out_again(
    town: Town,
) -> None:
    town.rules(allows=(), most_attempts=1)
    failed_and_back(town)
    assert town.delivery().status is Status.ATTEMPT_FAILED

    def move(uow: UnitOfWork) -> None:
        delivery = town.delivery()
        offer = rescheduling.windows(uow, delivery)[-1]
        rerouting.reschedule(uow, delivery, offer, by="recipient")

    town.run(move)
    assert town.delivery().status is Status.READY
    assert town.decision().state is State.DONE
    route = town.drive_out()
    town.finish(route.id)
    assert town.decision().outcome == "delivered"


def test_what_the_desk_returns_by_the_ordinary_way_at_the_hub_is_returned(town: Town) -> None:
    town.rules(allows=(), most_attempts=1)
    failed_and_back(town)
    town.advance(0, life.Return(town.clock.now(), "customer_refused"))
    assert town.delivery().status is Status.RETURNED
    assert town.decision().outcome == "returned"


def test_a_lost_parcel_is_written_off_when_the_time_is_over(town: Town) -> None:
    failed_and_back(town, FailureReason.PACKAGE_LOST)
    town.later(hours=5)
    sweep(town)
    assert town.delivery().status is Status.LOST


def test_what_the_driver_caused_uses_up_no_attempt(town: Town) -> None:
    town.rules(allows=(Remedy.ANOTHER_DAY, Remedy.AGAIN_TODAY))
    failed_and_back(town, FailureReason.VEHICLE_BREAKDOWN)
    assert town.delivery().attempts_left == 3
    assert town.delivery().status is Status.READY


def test_a_hub_learns_from_second_visits_and_unlearns_what_is_undone(town: Town) -> None:
    town.rules(allows=(Remedy.AGAIN_TODAY, Remedy.ANOTHER_DAY))
    failed_and_back(town)
    town.later(days=1)
    route = town.drive_out()
    failed = town.fail_next(route.id)
    seen = store.load_experience(town.begin(), "hub_1").by_reason
    assert seen[FailureReason.CUSTOMER_UNAVAILABLE].failed == 1
    town.undo(failed.id)
    seen = store.load_experience(town.begin(), "hub_1").by_reason
    assert seen[FailureReason.CUSTOMER_UNAVAILABLE].visits == 0
    town.finish(route.id)
    seen = store.load_experience(town.begin(), "hub_1").by_reason
    assert (
        seen[FailureReason.CUSTOMER_UNAVAILABLE].visits,
        seen[FailureReason.CUSTOMER_UNAVAILABLE].failed,
    ) == (1, 0)


def test_a_decision_reads_back_as_it_was_written_and_holds_no_persons_data(town: Town) -> None:
    town.locker(1, FAR)
    failed_and_back(town)
    decision = town.decision()
    assert store.from_item(store.to_item(decision)) == decision
    key = recipient_keys.recovery("mer_1", town.refs[0].delivery_id, decision.failed_version)
    kept = str(town.tables.items[key])
    for private in ("Ada", "Sommer", "Lindenweg", "+49", "second floor"):
        assert private not in kept


def test_the_desk_lists_what_waits_the_most_pressing_first(town: Town) -> None:
    town.ready(3)
    route = town.drive_out()
    for reason in (FailureReason.CUSTOMER_REFUSED, FailureReason.CUSTOMER_UNAVAILABLE):
        town.fail_next(route.id, reason)
    listed, _ = store.page_of_open(town.begin(), "hub_1", limit=10, after=None)
    assert len(listed) == 2
    assert [one.until for one in listed] == sorted(one.until for one in listed)
    town.finish(route.id)
    listed, _ = store.page_of_open(town.begin(), "hub_1", limit=10, after=None)
    assert listed == []


def test_a_hub_with_cut_offs_lets_the_recipient_choose_until_the_next(town: Town) -> None:
    hub = merchants.load_hub(town.begin(), "hub_1")
    waves = replace(hub.waves, cut_offs=((town.clock.now() + timedelta(hours=6)).time(),))
    town.run(
        lambda uow: merchants.save_hub(uow, replace(hub, waves=waves, version=hub.version + 1))
    )
    town.ready(1)
    route = town.drive_out()
    town.fail_next(route.id)
    assert town.decision().until > town.clock.now() + timedelta(hours=3)
