"""docs/figures.md defines each figure as the code does."""

from chalicelib.domain.analytics.definitions import DEFINITIONS
from chalicelib.domain.analytics.rules import FACTORS
from tests.house import sources

PAGE = sources.read("docs/figures.md")


def test_every_figure_is_defined_as_it_is_answered() -> None:
    told = [row for row in sources.table_rows(PAGE) if len(row) == 6]
    meant = [
        [f"`{one.id}`", one.name, one.unit.value, one.what, one.over, one.without]
        for one in DEFINITIONS
    ]
    assert told == meant


def test_the_shipped_factors_are_told_as_they_are() -> None:
    words = " ".join(PAGE.split())
    for kind, one in FACTORS.items():
        span = f"{one.empty_g_per_km} to {one.full_g_per_km}" if one.full_g_per_km else "0"
        name = {"cargo_bike": "cargo bike", "walker": "on foot"}.get(kind.value, kind.value)
        assert f"{name} {span}" in words
