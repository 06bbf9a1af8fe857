"""Every family is read with its own rounding, stated for our engine, and priced as it should be."""

import pytest

from benchmarks.instances import (
    NotRead,
    Route,
    find,
    judge,
    problem_of,
    read,
    reference,
    routes_of,
    routes_of_plan,
)
from benchmarks.instances.stating import worth_having
from chalicelib.domain.routing.assemble import assemble
from chalicelib.domain.routing.check import check
from chalicelib.domain.routing.native import Core, Search
from tests.benchmarks.conftest import CVRP, FAMILIES

EACH_FAMILY = pytest.mark.parametrize("family", FAMILIES)


def search(instance, objective="distance"):
    problem = problem_of(instance, objective)
    with Core(problem) as core:
        found = core.search(Search(seed=1, budget_s=60, iterations=2000))
    return problem, found


@EACH_FAMILY
def test_the_best_routes_cost_what_the_reference_says(a_file, family):
    path = a_file(family)
    instance = read(path)
    best = [Route(truck, tuple(stops)) for truck, stops in FAMILIES[family][3]]
    verdict = judge(instance, best)
    assert verdict.faults == ()
    known = reference(path) or reference(path, "hierarchical")
    assert verdict.cost == pytest.approx(known.cost)


@EACH_FAMILY
def test_our_engine_and_the_judge_agree_on_the_cost(a_file, family):
    path = a_file(family)
    instance = read(path)
    problem, found = search(instance)
    verdict = judge(instance, routes_of(problem, found.tours))
    known = reference(path) or reference(path, "hierarchical")
    assert verdict.faults == ()
    assert verdict.cost == pytest.approx(known.cost)
    in_cells = instance.unit * instance.roads.stated_scale / instance.roads.scale
    assert found.cost == pytest.approx(verdict.cost * in_cells, rel=1e-3)


@EACH_FAMILY
def test_a_plan_of_ours_becomes_the_routes_of_its_tours(a_file, family):
    problem, found = search(read(a_file(family)))
    plan = assemble(problem, found.tours, engine="native")
    check(problem, plan)
    assert routes_of_plan(problem, plan) == routes_of(problem, found.tours)


def test_distances_are_cut_for_the_dimacs_reference_and_doubles_without_it(a_file):
    cut, exact = read(a_file("vrptw_gh1000")), read(a_file("vrptw_solomon"))
    assert (cut.roads.leg(1, 3), cut.roads.leg(0, 1)) == (42, 50)
    assert exact.roads.leg(1, 3) == pytest.approx(18**0.5)
    assert list(exact.roads.matrix()[:4]) == [0, 5000, 10000, 1000]
    assert exact.roads.matrix()[4 + 3] == 4243, "rounded up, so that in time is in time"


def test_vehicles_first_has_doubles_and_its_own_reference(a_file):
    path = a_file("vrptw_solomon")
    assert reference(path, "hierarchical").vehicles == 2
    assert read(a_file("vrptw_gh1000"), "hierarchical").roads.leg(0, 1) == 5.0
    assert reference(a_file("vrptw_gh1000"), "hierarchical") is None


def test_vehicles_first_takes_fewer_vehicles_for_a_longer_way(a_file):
    roomy = ("CAPACITY : 10", "CAPACITY : 12"), ("3 0 50", "3 0 90")
    far_apart = ("11 0 5", "11 0 50"), ("22 6 0", "22 60 0")
    instance = read(a_file("vrptw_ortec_asym", *roomy, *far_apart))
    for objective, vehicles, distance in (("distance", 2, 63), ("hierarchical", 1, 82)):
        problem, found = search(instance, objective)
        verdict = judge(instance, routes_of(problem, found.tours))
        assert (verdict.vehicles, verdict.distance, verdict.faults) == (vehicles, distance, ())


def test_hfvrp_values_in_hundred_thousandths_become_money(a_file):
    path = a_file("hfvrp_x")
    (path.parent / "bks.json").write_text('{"tiny": {"value": 9740006701.0, "source": "HFVRP"}}')
    assert reference(path).cost == pytest.approx(97400.06701)


def test_a_fleet_without_limit_is_cut_to_what_could_do_everything_alone(a_file):
    trucks = "\n".join(f"{n} 10" for n in range(3, 41))
    fixed = "\n".join(f"{n} 1000" for n in range(3, 41))
    price = "\n".join(f"{n} 150" for n in range(3, 41))
    instance = read(
        a_file(
            "hfvrp_x",
            ("VEHICLES: 2", "VEHICLES: 40"),
            ("2 10\nV", f"2 10\n{trucks}\nV"),
            ("2 1000\n", f"2 1000\n{fixed}\n"),
            ("2 150\n", f"2 150\n{price}\n"),
        )
    )
    assert len(instance.trucks) == 40
    assert worth_having(instance) == [0, 1, 2, 3, 4], "ten loads: one of the big, and three spare"


def test_files_are_found_by_family_and_name(a_file):
    paths = {family: a_file(family) for family in ("cvrp_x", "vrptw_solomon")}
    folder = paths["cvrp_x"].parent.parent
    assert find(folder) == sorted(paths.values())
    assert find(folder, ["cvrp_x/*"]) == [paths["cvrp_x"]]
    assert find(folder, ["ti*"]) == sorted(paths.values())
    assert find(folder, ["tinier"]) == []


def test_what_is_no_instance_is_refused_by_name(tmp_path):
    (tmp_path / "poem.txt").write_text("roses are red\n")
    with pytest.raises(NotRead, match=r"poem\.txt"):
        read(tmp_path / "poem.txt")


def test_a_rule_that_nobody_knows_is_refused(tmp_path):
    path = tmp_path / "odd.vrp"
    path.write_text(CVRP.replace("DEPOT_SECTION", "MOOD_SECTION\n1 2\nDEPOT_SECTION"))
    with pytest.raises(NotRead, match="MOOD"):
        read(path)
