"""Two ways to the same price: one pair at a time, and all drivers of a route at once."""

import random
from collections import Counter
from datetime import timedelta

import pytest

from chalicelib.domain.dispatch.matching import assignment, matching
from chalicelib.domain.dispatch.matching.assignment import BARRED
from chalicelib.domain.dispatch.matching.candidates import Candidate
from chalicelib.domain.dispatch.matching.dense_costs import DenseCosts
from chalicelib.domain.dispatch.matching.match_terms import Pricing
from chalicelib.domain.dispatch.model import Route
from chalicelib.domain.dispatch.rules.eligibility import bar
from chalicelib.domain.drivers.acceptance import Answer, Habits, after
from chalicelib.domain.drivers.model import VehicleKind
from chalicelib.kit.geo import LatLng
from tests.builders import NOON, a_driver_at_work, a_hub, a_vehicle
from tests.domain.dispatch.matching.test_matching import a_route

KINDS = (VehicleKind.VAN, VehicleKind.VAN, VehicleKind.CARGO_BIKE)


def somewhere(rng: random.Random) -> LatLng:
    return LatLng(51.2 + rng.uniform(-0.1, 0.1), 9.4 + rng.uniform(-0.15, 0.15))


def a_town(seed: int, routes: int, drivers: int) -> tuple[list[Route], list[Candidate]]:
    rng = random.Random(seed)
    crew = []
    for number in range(drivers):
        habits = Habits()
        for _ in range(rng.randint(0, 3)):
            habits = after(habits, rng.choice(list(Answer)), NOON - timedelta(days=3))
        work = a_driver_at_work(
            f"drv_{number}",
            vehicle=a_vehicle(
                kind=rng.choice(KINDS), max_weight_g=rng.choice((20_000, 60_000, 500_000))
            ),
            shift_ends_at=NOON + timedelta(minutes=rng.randint(30, 240)),
            habits=habits,
            skills=frozenset(rng.sample(("cash", "heavy"), rng.randint(0, 2))),
            blocks=frozenset(rng.choice(((), (), ("mer_1",), ("hub_9",)))),
            papers_end_at=rng.choice((None, None, NOON + timedelta(minutes=90))),
            home_near=rng.choice((None, somewhere(rng))),
            on_duty_since=NOON - timedelta(minutes=rng.choice((30, 120, 240))),
            earned_minor=rng.randint(0, 6000),
        )
        at = None if rng.random() < 0.1 else somewhere(rng)
        free_at = NOON + timedelta(seconds=rng.choice((0, 0, rng.randint(1, 900))))
        crew.append(Candidate(work, at, free_at))
    names = [one.work.driver_id for one in crew]
    waiting = [
        a_route(
            f"rte_{number}",
            somewhere(rng),
            vehicle_kind=rng.choice(KINDS),
            load_weight_g=rng.randint(1_000, 80_000),
            planned_at=NOON - timedelta(seconds=rng.randint(0, 600)),
            starts_at=NOON + timedelta(seconds=rng.randint(-600, 1_800)),
            ends_at=NOON + timedelta(minutes=rng.randint(40, 200)),
            released=rng.choice((0, 0, 1)),
            skills=rng.choice((frozenset(), frozenset({"cash"}))),
            only_driver_id=rng.choice((None, None, None, rng.choice(names))),
            barred_drivers=tuple(rng.sample(names, 1)),
            refused_by=tuple(rng.sample(names, min(2, len(names)))),
            ignored_by=tuple(rng.sample(names, min(1, len(names)))),
        )
        for number in range(routes)
    ]
    return waiting, crew


@pytest.mark.parametrize("seed", range(8))
def test_both_ways_find_the_same_price_and_the_same_bars_for_every_pair(seed: int) -> None:
    routes, crew = a_town(seed, 12, 25)
    pricing = Pricing(a_hub(), NOON)
    columns = pricing.columns(crew)
    dense = DenseCosts(pricing, columns)
    for route in routes:
        row = pricing.row(route)
        line = dense.line(row)
        stopped: Counter[str] = Counter()
        for column, cost in zip(columns, line, strict=True):
            terms = pricing.terms(row, column)
            begins_at = NOON + timedelta(seconds=terms["busy"] + terms["approach"])
            barred = bar(route, column.candidate.work, begins_at)
            assert cost == (sum(terms.values()) if barred is None else BARRED)
            stopped.update([] if barred is None else [barred.value])
        assert dense.bars(row) == stopped


@pytest.mark.parametrize("seed", range(3))
def test_small_and_large_problems_are_matched_alike(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    routes, crew = a_town(seed, 14, 16)
    small = matching.match(a_hub(), routes, crew, NOON)
    monkeypatch.setattr(matching, "MOST_SMALL", 0)
    large = matching.match(a_hub(), routes, crew, NOON)
    assert (small.engine, large.engine) == ("paths", "dense")
    monkeypatch.setattr(matching, "MOST_DENSE", 1)
    wide = matching.match(a_hub(), routes, crew, NOON)
    assert wide.engine == "flow"
    costs = [
        sum(one.why.cost_s - matching.UNASSIGNED_S for one in (*found.due, *found.held))
        for found in (small, large, wide)
    ]
    assert len(set(costs)) == 1


def test_when_the_solver_fails_drivers_are_chosen_one_by_one_and_it_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no solution")

    routes, crew = a_town(1, 6, 8)
    monkeypatch.setattr(matching, "MOST_SMALL", 0)
    monkeypatch.setattr(assignment, "assign_dense", broken)
    found = matching.match(a_hub(), routes, crew, NOON)
    assert (found.engine, found.note) == ("greedy", "no solution")
    assert found.due or found.held
