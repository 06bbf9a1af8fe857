"""Peers state what they can, refuse the rest in words, and are judged as ours is."""

import pytest

from benchmarks.instances import NotStated, judge, read, reference
from benchmarks.measuring import Job, measure, measure_here
from benchmarks.peers import ENGINES, Ask, engine
from tests.benchmarks.conftest import FAMILIES

VROOM_LACKS = {
    "mtvrptwr": "reloads",
    "pcvrptw_gh1000": "prizes",
    "mdvrptw": "longest duration",
    "sdvrptw_skills": "longest duration",
}


def peer(name):
    """PyVRP and VROOM belong to the group that only benchmarks need."""
    module = {"pyvrp": "pyvrp", "vroom": "vroom"}.get(name)
    if module:
        pytest.importorskip(module)
    return engine(name)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("name", ["ours", "pyvrp"])
def test_every_family_is_stated_and_solved(a_file, family, name):
    path = a_file(family)
    instance = read(path)
    answer = peer(name).solve(instance, Ask("distance", 60.0, seed=1, iterations=300))
    verdict = judge(instance, answer.routes)
    known = reference(path) or reference(path, "hierarchical")
    assert verdict.faults == ()
    assert verdict.cost == pytest.approx(known.cost)
    assert answer.iterations > 0
    costs = [cost for _, cost in answer.progress]
    assert costs == sorted(costs, reverse=True)


@pytest.mark.parametrize("family", FAMILIES)
def test_vroom_solves_what_it_knows_and_says_what_it_lacks(a_file, family):
    path = a_file(family)
    instance = read(path)
    vroom, ask = peer("vroom"), Ask("distance", 1.0, seed=1)
    if family in VROOM_LACKS:
        with pytest.raises(NotStated, match=VROOM_LACKS[family]):
            vroom.solve(instance, ask)
        return
    verdict = judge(instance, vroom.solve(instance, ask).routes)
    known = reference(path) or reference(path, "hierarchical")
    assert verdict.faults == ()
    assert verdict.cost == pytest.approx(known.cost)


@pytest.mark.parametrize("name", ["ours", "pyvrp", "vroom"])
def test_vehicles_first_is_understood_by_everybody(a_file, name):
    roomy = ("CAPACITY : 10", "CAPACITY : 12"), ("3 0 50", "3 0 90")
    far_apart = ("11 0 5", "11 0 50"), ("22 6 0", "22 60 0")
    instance = read(a_file("vrptw_ortec_asym", *roomy, *far_apart))
    answer = peer(name).solve(instance, Ask("hierarchical", 60.0, seed=1, iterations=300))
    assert judge(instance, answer.routes).vehicles == 1


def test_a_row_is_measured_in_a_process_of_its_own(a_file):
    row = measure(Job(str(a_file("vrptw_gh1000")), "ours", "distance", 30.0, 1, iterations=300))
    assert (row["family"], row["instance"], row["customers"]) == ("vrptw_gh1000", "tiny", 3)
    assert (row["cost"], row["vehicles"], row["feasible"]) == (22.0, 2, True)
    assert row["gap_percent"] == pytest.approx(0)
    assert row["seconds"] >= 0
    assert 10 < row["memory_mb"] < 500
    assert row["progress"][-1][1] == 22.0


def test_a_reference_for_vehicles_alone_gives_no_gap_by_distance(a_file):
    path = str(a_file("pdptw_sartori_osm"))
    by_distance = measure_here(Job(path, "ours", "distance", 30.0, 1, iterations=300))
    assert (by_distance["gap_percent"], by_distance["feasible"]) == (None, True)
    first = measure_here(Job(path, "ours", "hierarchical", 30.0, 1, iterations=300))
    assert (first["vehicles"], first["reference_vehicles"], first["gap_percent"]) == (1, 1, 0)


def test_a_row_without_an_answer_says_why(tmp_path):
    path = tmp_path / "poem.txt"
    path.write_text("roses are red\n")
    row = measure(Job(str(path), "ours", "distance", 1.0, 1))
    assert (row["feasible"], row["cost"]) == (None, None)
    assert "no family" in row["note"]


def test_a_process_that_fails_is_a_row_that_is_not_feasible(tmp_path):
    row = measure(Job(str(tmp_path / "missing.txt"), "ours", "distance", 1.0, 1))
    assert row["feasible"] is False
    assert "FileNotFoundError" in row["note"]


def test_engines_have_names_and_versions():
    assert ENGINES == ("ours", "ortools", "pyvrp", "vroom")
    assert engine("ours").version() == "Lastmile"
