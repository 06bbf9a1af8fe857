"""Rows become a table, curves and a picture; samples are fixed; commands do what they say."""

import json
from xml.etree import ElementTree

import pytest

from benchmarks import references, solver
from benchmarks.pictures import gap_over_time, routes_picture
from benchmarks.report import markdown
from benchmarks.sample import SAMPLES


def row(instance, engine, gap, **more):
    return {
        "family": "cvrp_x",
        "instance": instance,
        "customers": 100,
        "objective": "distance",
        "engine": engine,
        "version": f"{engine} 1",
        "seed": 1,
        "threads": 1,
        "budget_s": 10.0,
        "seconds": 10.0,
        "memory_mb": 50,
        "cost": 1000 * (1 + (gap or 0) / 100),
        "vehicles": 9,
        "reference": 1000.0,
        "reference_vehicles": None,
        "gap_percent": gap,
        "feasible": True,
        "note": "",
        "progress": [(1.0, 1100.0), (5.0, 1010.0)],
    } | more


def test_a_table_has_a_line_for_each_instance_and_means():
    rows = [row("a", "ours", 1.0), row("a", "pyvrp", 2.0)]
    rows += [row("b", "ours", 3.0), row("b", "pyvrp", 5.0, memory_mb=80)]
    lines = markdown(rows).splitlines()
    assert "| cvrp_x/a | 100 | 1000 | 1.00 % | 2.00 % |" in lines
    assert "| **mean of cvrp_x** |  |  | **2.00 %** | **3.50 %** |" in lines
    assert "| pyvrp | pyvrp 1 | 10.0 | 80 |" in lines
    assert "seed 1" in lines[0]


def test_a_table_tells_what_was_not_stated_and_what_was_infeasible():
    refused = row("a", "vroom", None, feasible=None, note="VROOM has no prizes", seconds=None)
    broken = row("a", "pyvrp", None, feasible=False, note="carries 11 of 10")
    text = markdown([row("a", "ours", 0.001), broken, refused])
    assert "| cvrp_x/a | 100 | 1000 | 0.00 % | infeasible | not stated |" in text
    assert "- cvrp_x/a, vroom: VROOM has no prizes" in text


def test_without_a_reference_costs_are_told_in_pyvrps():
    free = {"reference": None}
    text = markdown([row("a", "ours", None, cost=980, **free), row("a", "pyvrp", None, **free)])
    assert "| cvrp_x/a | 100 | - | 980 | 1000 |" in text
    assert "| **mean of cvrp_x** |  |  | 0.9800 of pyvrp | 1.0000 of pyvrp |" in text


def test_vehicles_first_adds_up_vehicles_and_distances():
    first = {"objective": "hierarchical", "reference_vehicles": 8, "gap_percent": 2.0}
    text = markdown([row("a", "ours", 2.0, **first), row("b", "ours", 4.0, **first)])
    assert "| cvrp_x/a | 100 | 8 / 1000 | 9 / 1020 |" in text
    assert "18 of 16 vehicles, distance +3.00 %" in text


def test_curves_and_routes_are_well_formed_pictures():
    ElementTree.fromstring(gap_over_time([row("a", "ours", 1.0), row("a", "pyvrp", 2.0)]))
    ElementTree.fromstring(gap_over_time([]))
    picture = routes_picture("R&D", [(0, 0), (3, 4), (6, 8)], [0], [[0, 1, 2, 0]])
    assert len(ElementTree.fromstring(picture).findall("{*}polyline")) == 1


def test_samples_are_fixed_and_of_the_promised_size():
    assert {name: len(names) for name, names in SAMPLES.items()} == {
        "wide": 26,
        "core": 13,
        "others": 54,
        "pairs": 15,
    }
    assert set(SAMPLES["core"]) < set(SAMPLES["wide"])
    assert set(SAMPLES["pairs"]) < set(SAMPLES["others"])
    assert not set(SAMPLES["wide"]) & set(SAMPLES["others"])
    assert all(list(names) == sorted(set(names), key=names.index) for names in SAMPLES.values())


def test_the_comparison_writes_rows_a_table_and_pictures(a_file, tmp_path):
    path = a_file("vrptw_gh1000")
    written = {kind: tmp_path / f"out.{kind}" for kind in ("json", "markdown", "svg")}
    options = [word for kind, to in written.items() for word in (f"--{kind}", str(to))]
    asked = ["--instances", str(path.parent), "--seconds", "30", "--iterations", "300"]
    assert solver.main([*asked, *options]) == 0
    rows = json.loads(written["json"].read_text())
    assert [(one["engine"], one["cost"]) for one in rows] == [("ours", 22.0)]
    assert "0.00 %" in written["markdown"].read_text()
    ElementTree.parse(written["svg"])
    ElementTree.parse(tmp_path / "out-routes.svg")


def test_a_comparison_of_nothing_fails(a_file):
    folder = str(a_file("vrptw_gh1000").parent)
    assert solver.main(["--instances", folder, "--only", "tinier"]) == 1
    with pytest.raises(SystemExit):
        solver.main(["--instances", folder, "--engines", "wheel"])


@pytest.mark.parametrize(("routes", "status"), [("1\nRoute #2: 2", 0), ("2\nRoute #2: 1", 1)])
def test_shipped_solutions_are_recomputed(a_file, routes, status):
    path = a_file("vrptw_ortec_asym", ("2 15 40", "2 15 41"))
    value = {0: 63, 1: 64}[status]
    path.with_suffix(".sol").write_text(f"Route #1: {routes}\nCost {value}\n")
    (path.parent / "bks.json").write_text(json.dumps({"tiny": {"value": value}}))
    assert references.main(["--instances", str(path.parent)]) == status
