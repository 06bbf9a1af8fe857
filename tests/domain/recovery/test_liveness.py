"""Every failed delivery ends well without anybody's hands.

Seeded histories: random reasons, wishes, merchants' rules, lockers that fill up, taps taken back,
and a relay that tells things twice, late and in any order. Ticks of the sweep and tours go on as
they do by themselves; after so many days every parcel has come to its end.
"""

import random
from contextlib import suppress
from datetime import timedelta

import pytest

from chalicelib.domain.deliveries.collecting import due as due_at_points
from chalicelib.domain.deliveries.collecting import take_step
from chalicelib.domain.deliveries.model import FailureReason, Status
from chalicelib.domain.dispatch.model import RouteStatus, StopKind
from chalicelib.domain.merchants.recovery_rules import RecoveryRules, Remedy
from chalicelib.domain.pickup_points import room
from chalicelib.domain.recovery import carrying_out, store, wishes
from chalicelib.domain.recovery.model import By, State, Wish
from chalicelib.domain.recovery.wishes import Author
from chalicelib.kit.errors import Conflict
from chalicelib.kit.events import Event
from chalicelib.kit.geo import LatLng
from tests.builders import DOOR_AT, NOON
from tests.domain.recovery.conftest import Town, a_town

PARCELS, DAYS = 4, 12
LEFT_AT_A_POINT = Status.AT_PICKUP_POINT
ENDS = {Status.DELIVERED, Status.COLLECTED, Status.RETURNED, Status.DISPOSED, Status.LOST}


def rules_of(rng: random.Random) -> RecoveryRules:
    return RecoveryRules(
        allows=tuple(one for one in Remedy if rng.random() < 0.7),
        most_attempts=rng.randint(1, 3),
        wish_within_s=rng.choice((0, 1800, 14_400)),
        always_returns=rng.random() < 0.1,
        goods_minor=rng.choice((100, 4000)),
        dispose_below_minor=rng.choice((0, 500)),
        most_walk_m=rng.choice((0, 1500, 9000)),
    )


def tell_some(town: Town, rng: random.Random, *, everything: bool = False) -> None:
    """The relay tells what it holds: in any order, some of it twice, some of it later."""
    held = town.held
    assert held is not None
    while held:
        rng.shuffle(held)
        event: Event = held.pop()
        if not everything and rng.random() < 0.2:
            held.append(event)
            return
        town.deliver(event)
        if rng.random() < 0.2:
            town.deliver(event)


def wish_something(town: Town, rng: random.Random) -> None:
    number = rng.randrange(len(town.refs))
    author = Author(rng.choice([By.RECIPIENT, By.RECIPIENT, By.MERCHANT, By.DESK]))
    wanted = Wish(rng.choice(list(Remedy)))
    # Too late, not allowed, overruled: people are told so.
    with suppress(Conflict):
        town.run(lambda uow: wishes.wish(uow, town.delivery(number), wanted, author))


def drive(town: Town, rng: random.Random, fails: float) -> None:
    """A tour from the hub to its end, with shut doors, undone taps and wishes on the way."""
    if not any(town.delivery(n).status is Status.READY for n in range(len(town.refs))):
        return
    route = town.drive_out()
    for _ in range(40):
        if town.route(route.id).status is not RouteStatus.UNDER_WAY:
            return
        stop = town.next_stop(route.id)
        if stop.kind is StopKind.DROPOFF and rng.random() < fails:
            failed = town.fail_next(route.id, rng.choice(list(FailureReason)))
            if rng.random() < 0.15:
                with suppress(Conflict):
                    town.undo(failed.id)
        else:
            town.complete_next(route.id)
        if rng.random() < 0.3:
            wish_something(town, rng)
        tell_some(town, rng)
    raise AssertionError("the tour does not end")


def sweep(town: Town) -> None:
    for ref, version in list(carrying_out.due(town.begin(), "hub_1")):
        town.run(lambda uow, ref=ref, version=version: carrying_out.carry_out(uow, ref, version))
    for ref in list(due_at_points(town.begin(), "hub_1")):
        town.run(lambda uow, ref=ref: take_step(uow, ref))


@pytest.mark.parametrize("seed", range(30))
def test_every_parcel_comes_to_an_end_by_itself(seed: int) -> None:
    rng = random.Random(seed)
    town = a_town(NOON, rules_of(rng))
    for number in range(rng.randint(0, 3)):
        north = rng.uniform(-0.01, 0.02)
        spot = LatLng(DOOR_AT.latitude + north, DOOR_AT.longitude)
        town.locker(number, spot, count=rng.randint(1, 2))
    town.ready(PARCELS)
    fails = rng.choice((0.3, 0.7, 1.0))
    for day in range(DAYS):
        town.held = town.held or []
        drive(town, rng, fails if day < 8 else 0.0)
        tell_some(town, rng, everything=True)
        for _ in range(3):
            town.clock.at += timedelta(hours=2)
            sweep(town)
            tell_some(town, rng, everything=True)
        town.clock.at += timedelta(hours=16)
    ended = [town.delivery(number) for number in range(PARCELS)]
    assert {one.status for one in ended} <= ENDS | {LEFT_AT_A_POINT, Status.RETURNING}
    for one in ended:
        # What lies at a point is collected or fetched by people; what it is waits for nobody else.
        assert one.status in ENDS or one.pickup_point_id is not None
        assert len(one.attempts) <= 7
    open_ones, _ = store.page_of_open(town.begin(), "hub_1", limit=100, after=None)
    assert open_ones == []
    decided = [store.find(town.begin(), ref, v) for ref in town.refs for v in range(200)]
    settled = {one.state for one in decided if one is not None}
    assert settled <= {State.DONE, State.TAKEN_BACK}
    for number in range(3):
        held = room.load(town.begin(), f"pup_{number}").held
        at_point = {
            str(ref)
            for ref, one in zip(town.refs, ended, strict=True)
            if one.status in (LEFT_AT_A_POINT, Status.RETURNING)
        }
        assert set(held) <= at_point
