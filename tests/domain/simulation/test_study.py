"""The study in small: every arm serves everybody, and what is concluded follows from the rows."""

import json
import random
from dataclasses import asdict, replace

import pytest

from chalicelib.domain.merchants.recovery_rules import USUAL
from chalicelib.domain.simulation import door_days, doors, less_driving, pooling, study, wave_days
from chalicelib.domain.simulation.city import City
from chalicelib.domain.simulation.inputs import Inputs, Kind, changed, told
from chalicelib.domain.simulation.rows import Row

QUICK = Inputs(steps_per_parcel=5, door_steps_per_parcel=5, least_steps=200)


def a_city(seed: int, inputs: Inputs = QUICK) -> City:
    return City(inputs, lambda name: random.Random(f"{seed} {name}"))


def rows_of(seed: int, parcels: int = 30) -> list[Row]:
    city = a_city(seed)
    return [row for group in study.GROUPS for row in group.run(city, parcels, seed)]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return rows_of(1) + rows_of(2)


def test_the_same_seed_gives_the_same_bytes(rows: list[Row]) -> None:
    again = rows_of(1)
    assert json.dumps([asdict(one) for one in again]) == json.dumps(
        [asdict(one) for one in rows if one.seed == 1]
    )
    assert again != [replace(one, seed=1) for one in rows if one.seed == 2]


def test_every_group_has_its_arms_for_every_seed(rows: list[Row]) -> None:
    for one in study.summaries(rows):
        assert one.seeds == 2
        assert all(value.half is not None for value in one.figures.values())


def test_every_claim_is_about_an_arm_that_is_driven(rows: list[Row]) -> None:
    assert len(study.claimed(rows)) == len(study.CLAIMS)


def test_nobody_is_late_where_a_plan_may_use_as_many_vans_as_it_likes(rows: list[Row]) -> None:
    even = {less_driving.D_EVEN, less_driving.E_EVEN}
    late = {
        (row.group, row.arm)
        for row in rows
        if row.figures.get("late_percent") and row.arm not in even
    }
    assert late == set()


def test_fewer_shut_doors_are_fewer_failed_visits(rows: list[Row]) -> None:
    base, low, high = (
        [row.figures["failed_per_100"] for row in rows if row.arm == arm.name]
        for arm in door_days.arms(QUICK)[:3]
    )
    assert sum(high) <= sum(low) <= sum(base)


def test_who_sends_people_to_any_locker_drives_to_no_door_twice() -> None:
    """The rules of an arm are those that the product chooses by."""
    far = replace(USUAL, most_walk_m=20_000, trouble_percent=0)
    usual, any_locker = (
        door_days.driven(a_city(1), door_days.Arm("", True, 30, fails_times=3, rules=rules), 30, 1)
        for rules in (USUAL, far)
    )
    assert any_locker["again_a_day"] == 0 < usual["again_a_day"]


def test_a_claim_compares_seed_by_seed() -> None:
    made = [
        Row(less_driving.GROUP, arm, seed, {"km": km})
        for seed, pair in enumerate([(90.0, 100.0), (160.0, 200.0)])
        for arm, km in zip((less_driving.OURS, less_driving.D), pair, strict=True)
    ]
    ((claim, value),) = study.claimed(made)
    assert claim.base == less_driving.D
    assert value.mean == pytest.approx(15.0)
    assert claim.is_met(value) is False


def test_an_own_fleet_breaks_even_between_the_volumes_where_it_gets_cheaper() -> None:
    def at(volume: int, own: float) -> Row:
        figures = {"own_minor": own, "price_minor": 100.0}
        return Row(pooling.BY_VOLUME, f"{volume} a day", 1, figures)

    assert pooling.crossing([at(10, 120), at(100, 80)]) == pytest.approx(10**1.5)
    assert pooling.crossing([at(10, 120), at(100, 110)]) is None
    assert pooling.crossing([at(10, 80), at(100, 70)]) is None


@pytest.mark.parametrize("policy", wave_days.POLICIES, ids=lambda one: one.name)
def test_a_plain_day_ends_with_a_wave_when_orders_end(policy: wave_days.Policy) -> None:
    at, moments = QUICK.orders_until_s, []
    for moment in wave_days.ticks(QUICK, policy):
        moments.append(moment)
        if moment >= at:
            break
    assert moments[-1] == at
    assert moments[0] - policy.every_s <= QUICK.orders_from_s < moments[0]


def test_vans_that_come_back_go_out_again() -> None:
    tour = wave_days.Tour((), (), 0, 0, 0, 0)
    trips = [wave_days.Trip(a, b, tour) for a, b in ((0, 10), (5, 15), (10, 20), (30, 40))]
    assert wave_days.most_at_once(trips) == 2


def test_lockers_of_a_larger_network_include_those_of_the_smaller() -> None:
    city = a_city(1)
    assert doors.Town(city, 30).lockers[:10] == doors.Town(city, 10).lockers


def test_pooled_brands_send_what_was_asked_for() -> None:
    assert sum(pooling.mix("30 mixed brands", 530)) == 530
    assert pooling.mix("6 equal brands", 600) == (100,) * 6


def test_every_input_says_what_it_is_and_where_it_comes_from() -> None:
    inputs = list(told(Inputs()))
    assert all(one.says and one.source for one in inputs)
    assert {one.kind for one in inputs} == set(Kind)


def test_inputs_are_set_by_name() -> None:
    made = changed(Inputs(), {"service_s": "240", "carrier_tariff": "1:500,50:400"})
    assert made.service_s == 240
    assert [made.carrier_minor(one) for one in (1, 49, 50)] == [500, 500, 400]


@pytest.mark.parametrize(
    "settings",
    [{"nothing": "1"}, {"service_s": "soon"}, {"service_s": "-1"}, {"carrier_tariff": "5:500"}],
)
def test_what_is_no_input_is_refused(settings: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        changed(Inputs(), settings)
