"""The comparison of travel times: the street graph is right, and each figure is of its provider."""

from benchmarks import roads
from local.streets.__main__ import demo_town


def test_providers_are_compared_with_the_whole_map() -> None:
    rows = {row.provider: row for row in roads.measure("demo", demo_town(), 14, 0.5, seed=2)}
    graph = rows["street graph"]
    assert graph.p90_percent < 1
    assert graph.bytes > 10_000
    assert rows["model"].median_percent > 5
    asked = rows["cells, short legs by the model"]
    assert asked.pairs > asked.requests > 0
    assert asked.cost == asked.pairs / 1000 * 0.5
    assert rows["model"].pairs == 0


def test_the_large_town_is_of_the_size_that_is_promised() -> None:
    figures = roads.speed(roads.large_town(size=12), stops=20, seed=1)
    assert figures["junctions"] < figures["points"] / 2
    assert figures["matrix_s"] > 0
