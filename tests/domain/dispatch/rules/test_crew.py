"""What planning owes to people: breaks, blocks, fair shares."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.rules import crew
from chalicelib.domain.dispatch.waves import planning
from chalicelib.domain.dispatch.waves.snapshots import read_snapshot, write_snapshot
from chalicelib.domain.drivers import crew_rules
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.crew_rules import CrewRules
from chalicelib.domain.drivers.model import BreakWindow, Work
from chalicelib.domain.routing.assemble import usable_cost
from chalicelib.domain.routing.fleet import Break, Window
from chalicelib.domain.routing.problem import Problem, Tour
from chalicelib.domain.routing.solve import solve
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.timewindow import TimeWindow
from tests.builders import NOON, a_driver_at_work, a_hub, a_vehicle
from tests.domain.dispatch.conftest import World
from tests.domain.dispatch.waves.test_planning import matrix, pending, snapshot

HOUR = timedelta(hours=1)
DEFAULT = CrewRules().fairness_permille


def a_rest(start_h: float, latest_h: float) -> BreakWindow:
    return BreakWindow(NOON + start_h * HOUR, NOON + latest_h * HOUR, 1800)


def test_breaks_are_kept_free_from_now_on() -> None:
    rests = (a_rest(-3, -2), a_rest(-0.5, 1), a_rest(3, 4))
    assert crew.breaks_from(a_driver_at_work(breaks=rests), NOON) == (
        Break(Window(0, 3600), 1800),
        Break(Window(3 * 3600, 4 * 3600), 1800),
    )


def test_breaks_and_skills_reach_the_vehicle_also_of_a_worker_elsewhere() -> None:
    work = a_driver_at_work(breaks=(a_rest(1, 2),), skills=frozenset({"cash"}))
    taken = snapshot(pending(), works=[work], fairness_permille=DEFAULT)
    for one in (taken, read_snapshot(write_snapshot(taken), a_hub())):
        outline = planning.build_outline(one)
        (vehicle,) = outline.vehicles
        assert vehicle.breaks == (Break(Window(3600, 7200), 1800),)
        assert vehicle.skills == {"cash"}
    assert read_snapshot(write_snapshot(taken), a_hub()).fairness_permille == DEFAULT


def test_who_is_blocked_for_a_merchant_does_not_get_its_parcels() -> None:
    works = [a_driver_at_work("drv_1", blocks=frozenset({"mer_1"})), a_driver_at_work("drv_2")]
    taken = snapshot(pending(1), pending(2), works=works)
    problem = planning.build_problem(taken, matrix)
    assert all(job.not_vehicles == {"drv_1"} for job in problem.jobs)
    plan = solve(problem, budget_s=1, seed=1, engine="construct")
    assert [route.vehicle_id for route in plan.routes if route.visits] == ["drv_2"]


def test_what_one_driver_cannot_do_alone_goes_on_two_routes() -> None:
    works = [
        a_driver_at_work("drv_1", skills=frozenset({"cash"})),
        a_driver_at_work("drv_2", skills=frozenset({"age_check"})),
    ]
    due = [
        pending(1, needs=frozenset({"cash"})),
        pending(2, ref=DeliveryRef("mer_1", "del_2"), needs=frozenset({"age_check"})),
    ]
    taken = snapshot(*due, works=works)
    again = read_snapshot(write_snapshot(taken), a_hub())
    for one in (taken, again):
        plan = solve(planning.build_problem(one, matrix), budget_s=1, seed=1, engine="construct")
        by_driver = {route.vehicle_id: list(route.job_ids()) for route in plan.routes}
        assert by_driver == {"drv_1": ["mer_1/del_1"], "drv_2": ["mer_1/del_2"]}


def test_nobody_drives_past_the_end_of_their_papers() -> None:
    work = a_driver_at_work(papers_end_at=NOON + timedelta(minutes=40), shift_ends_at=None)
    for one in (snapshot(pending(), works=[work]),):
        again = read_snapshot(write_snapshot(one), a_hub())
        for taken in (one, again):
            (vehicle,) = planning.build_outline(taken).vehicles
            assert vehicle.shift.latest_s == 40 * 60


def shared(permille: int) -> Problem:
    """Four parcels for one door within an hour, of which one van manages three."""
    vans = [a_driver_at_work(f"drv_{n}", vehicle=a_vehicle(max_weight_g=3600)) for n in (1, 2)]
    hour = TimeWindow(NOON, NOON + HOUR)
    one = pending(parcel=Parcel(1200, 4000, 1), service_s=1000, window=hour)
    due = [replace(one, ref=DeliveryRef("mer_1", f"del_{n}")) for n in range(4)]
    taken = snapshot(*due, works=vans, fairness_permille=permille)
    return planning.build_problem(taken, matrix)


def tours(*shares: tuple[int, ...]) -> list[Tour]:
    return [(*(2 * job for job in jobs), *(2 * job + 1 for job in jobs)) for jobs in shares]


def cost(problem: Problem, *shares: tuple[int, ...]) -> int:
    found = usable_cost(problem, tours(*shares))
    assert found is not None
    return found


def test_work_of_equal_cost_is_spread() -> None:
    """Two and two, or three and one: the same way and time; the wish for fairness decides."""
    even, uneven = ((0, 1), (2, 3)), ((0, 1, 2), (3,))
    assert cost(shared(0), *even) == cost(shared(0), *uneven)
    fair = shared(DEFAULT)
    assert cost(fair, *even) < cost(fair, *uneven)
    plan = solve(fair, budget_s=60, seed=1, iterations=2000)
    assert sorted(sum(1 for _ in route.job_ids()) for route in plan.routes if route.visits) == [
        2,
        2,
    ]


@pytest.mark.parametrize(("permille", "drivers_there"), [(0, 2), (20, 1)])
def test_nobody_to_share_with_or_no_wish_to_is_no_fairness(
    permille: int, drivers_there: int
) -> None:
    assert crew.fairness(permille, [180] * 4, drivers_there) is None


def test_the_share_is_the_mean_of_what_there_is_to_do() -> None:
    found = crew.fairness(20, [180] * 12, 3)
    assert found is not None
    assert (found.share_s, found.cost_per_s) == (2400, 10)


def test_the_hubs_rule_and_the_papers_count_in_a_snapshot(world: World) -> None:
    rules = CrewRules(fairness_permille=70, version=1)
    world.run(lambda uow: crew_rules.save(uow, "hub_1", rules))
    there: dict[str, Work] = {
        "drv_1": a_driver_at_work("drv_1"),
        "drv_2": a_driver_at_work("drv_2", papers_end_at=NOON),
        "drv_3": a_driver_at_work("drv_3", blocks=frozenset({"hub_1"})),
    }
    for work in there.values():
        world.run(lambda uow, one=work: drivers.save_work(uow, one))  # type: ignore[misc]
    taken = planning.take_snapshot(world.begin(), world.hub)
    assert taken.fairness_permille == 70
    assert [one.work.driver_id for one in taken.available] == ["drv_1"]
