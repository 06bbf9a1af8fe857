"""Charts: readable by everybody, right at the edges, and the same bytes every time."""

import re
from xml.etree import ElementTree

import pytest

from chalicelib.web import charts
from chalicelib.web.chart_scale import plain, scale
from chalicelib.web.charts import Axis, Bar, Bin, Mark, Series

SVG = "{http://www.w3.org/2000/svg}"
LONG = "Rue de l'Église-Saint-Jean-Baptiste & <b>Söhne</b> " * 4


def drawn(kind: str, count: int) -> str:
    """A chart of so many points, some of them below zero."""
    values = [float(n % 17 - 4) for n in range(count)]
    match kind:
        case "bars":
            return charts.bars("T", "D", [Bar(f"{LONG}{n}", v) for n, v in enumerate(values)])
        case "lines":
            points = [(float(n), v) for n, v in enumerate(values)]
            band = [(v - 1, v + 1) for v in values]
            return charts.lines("T", "D", [Series(LONG, points, band), Series("b", points)])
        case "histogram":
            bins = [Bin(n, n + 1, abs(v)) for n, v in enumerate(values)]
            return charts.histogram("T", "D", bins, marks=[Mark("P50", 0.5)])
    return charts.heat_strip("T", "D", (values + [None] * 24)[:24])


KINDS = ("bars", "lines", "histogram", "heat_strip")


@pytest.mark.parametrize("count", [0, 1, 2, 1000])
@pytest.mark.parametrize("kind", KINDS)
def test_any_number_of_points_is_a_picture_with_a_name_that_stays_inside(kind, count) -> None:
    root = ElementTree.fromstring(drawn(kind, count))
    assert root.get("role") == "img"
    named = [root.find(f"{SVG}title"), root.find(f"{SVG}desc")]
    assert root.get("aria-labelledby") == " ".join(one.get("id") for one in named)
    width, height = map(float, root.get("viewBox").split()[2:])
    for rect in root.iter(f"{SVG}rect"):
        x, y, w, h = (float(rect.get(name)) for name in ("x", "y", "width", "height"))
        assert 0 <= x <= x + w <= width + 0.2
        assert 0 <= y <= y + h <= height + 0.2
    for text in root.iter(f"{SVG}text"):
        assert 0 <= float(text.get("x")) <= width
        assert 0 <= float(text.get("y")) <= height


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_numbers_are_the_same_bytes(kind) -> None:
    assert drawn(kind, 24) == drawn(kind, 24)


@pytest.mark.parametrize("kind", KINDS)
def test_a_strict_policy_lets_it_through(kind) -> None:
    """No style attribute, no script, and a stranger's text stays a text."""
    text = drawn(kind, 30)
    assert not re.search(r"\sstyle=|<script|\son\w+=|<b>", text)


def test_bars_below_zero_stand_on_the_other_side_of_the_axis() -> None:
    root = ElementTree.fromstring(charts.bars("T", "D", [Bar("up", 3), Bar("down", -3)]))
    up, down = (one for one in root.iter(f"{SVG}rect"))
    assert float(up.get("x")) == pytest.approx(float(down.get("x")) + float(down.get("width")))
    assert up.get("width") == down.get("width")


def test_a_bar_says_its_whole_label_when_it_is_pointed_at() -> None:
    text = charts.bars("T", "D", [Bar(LONG, 1, "n = 12")])
    root = ElementTree.fromstring(text)
    (group,) = root.iter(f"{SVG}g")
    assert group.find(f"{SVG}title").text == f"{LONG}: 1  (n = 12)"
    assert "…" in group.find(f"{SVG}text").text


def test_bars_that_are_not_drawn_are_counted() -> None:
    assert "and 960 more" in charts.bars("T", "D", [Bar("x", 1)] * 1000)


def test_what_is_not_known_is_a_gap_in_the_line() -> None:
    points = [(0, 1), (1, 2), (2, None), (3, 4), (4, 5)]
    root = ElementTree.fromstring(charts.lines("T", "D", [Series("a", points)]))
    line = next(one for one in root.iter(f"{SVG}path") if one.get("class") == "line l1")
    assert re.sub(r"[\d. ]", "", line.get("d")) == "MLML"


def test_lines_are_told_apart_without_colour() -> None:
    """By dashes (the sheet's) and by the shape of their points."""
    four = [Series(name, [(0, n), (1, n)]) for n, name in enumerate("abcd")]
    root = ElementTree.fromstring(charts.lines("T", "D", four))
    dots = [one for one in root.iter(f"{SVG}path") if one.get("class", "").startswith("dot")]
    shapes = {one.get("class"): one.get("d").partition("m")[2] for one in dots}
    assert len(set(shapes.values())) == 4
    dashes = re.findall(r"\.l(\d) \{[^}]*stroke-dasharray: ([^;]+);", charts.sheet())
    assert len({dash for _, dash in dashes}) == 3
    with pytest.raises(ValueError, match="4 lines"):
        charts.lines("T", "D", [*four, four[0]])


def test_an_hour_without_news_is_not_an_hour_of_nothing() -> None:
    hours: list[float | None] = [0.0, None, 5.0, *[1.0] * 21]
    text = charts.heat_strip("T", "D", hours, axis=Axis("stops"))
    assert "00:00: 0<" in text
    assert "01:00: not known" in text
    assert 'class="h5"' in text
    assert "stops: most 5" in text


def test_no_chart_shows_what_is_no_number() -> None:
    with pytest.raises(ValueError, match="nan"):
        charts.bars("T", "D", [Bar("x", float("nan"))])


def test_the_table_says_the_same_and_hides_nothing() -> None:
    text = charts.table(
        "On time", ["Day", "Rate", "n"], [["Mon <1>", 0.915, 1234], ["Tue", None, 0]]
    )
    root = ElementTree.fromstring(text.replace(' tabindex="0"', ""))
    cells = [["".join(cell.itertext()) for cell in row] for row in root.iter("tr")]
    assert cells == [["Day", "Rate", "n"], ["Mon <1>", "0.915", "1,234"], ["Tue", "–", "0"]]


def test_every_value_falls_into_one_range() -> None:
    values = [0, 0.1, 5, 5, 9.99, 10, 37, -3]
    bins = charts.binned(values, most=10)
    assert sum(one.count for one in bins) == len(values)
    assert [one.high for one in bins[:-1]] == [one.low for one in bins[1:]]
    assert charts.binned([]) == []
    assert [one.count for one in charts.binned([4.0]) if one.count] == [1]


@pytest.mark.parametrize("values", [[], [0], [7], [-7], [0, 0], [1e-9, 2e-9], [-5, 5], [1, 1e9]])
def test_a_scale_shows_all_and_has_round_ticks(values) -> None:
    made = scale(values, start=100, end=0)
    assert all(0 <= made.at(value) <= 100 for value in values)
    assert 1 < len(made.ticks) < 14


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (-0.0001, "0"), (-3, "−3"), (1234567, "1,234,567"), (12.34, "12.3"), (0.5, "0.5")],
)
def test_numbers_are_written_short(value, text) -> None:
    assert plain(value) == text


def test_a_chart_can_stand_alone_with_its_colours() -> None:
    file = charts.standalone(charts.bars("T", "D", [Bar("x", 1)]))
    root = ElementTree.fromstring(file)
    assert "prefers-color-scheme: dark" in root.find(f"{SVG}style").text
