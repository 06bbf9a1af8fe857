"""How is the study shown? Claims, charts with their tables, one day's routes, and every input."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from chalicelib.domain.simulation import bikes, door_days, less_driving, pooling, study, wave_days
from chalicelib.domain.simulation.city import City
from chalicelib.domain.simulation.inputs import Inputs, told
from chalicelib.domain.simulation.rows import Row
from chalicelib.domain.simulation.study import Summary
from chalicelib.web import charts, report_page
from chalicelib.web.charts import Axis, Bar, Series
from chalicelib.web.report_page import Section
from local.simulate.study_tables import FIGURES, heads, shown, shown_claim, worth

MONEY = "money per parcel"
#: Below that an own fleet's cost would flatten everything else in the picture.
LEAST_VOLUME = 12


def report(rows: Sequence[Row], inputs: Inputs, parcels: int, city: City) -> str:
    summaries = study.summaries(rows)
    seeds = len({row.seed for row in rows})
    chapters = (_claims, _driving, _pooling, _waves, _doors, _bikes)
    sections = [made for chapter in chapters if (made := chapter(rows, summaries)) is not None]
    if any(one.group == less_driving.GROUP for one in summaries):
        at = next(k for k, one in enumerate(sections) if one.id == "driving")
        sections.insert(at + 1, _routes(city, parcels))
    sections.append(_inputs(inputs))
    intro = [
        f"{parcels} parcels a day in made-up cities, {_seeds(seeds)}. Every arm meets the same "
        "doors and orders, and may use the same optimizer where it may plan at all.",
        "Figures are means; ± is half of the 95 % interval over seeds (Student's t), differences "
        "are paired by seed. What people do and what things cost are inputs, marked as such.",
    ]
    foot = "Made by python -m local.simulate study; the same seeds give the same file."
    return report_page.page("A day in the city: what each choice costs", intro, sections, foot=foot)


def _seeds(count: int) -> str:
    return "one seed" if count == 1 else f"{count} seeds"


def _of(summaries: Iterable[Summary], group: str) -> list[Summary]:
    return [one for one in summaries if one.group == group]


def _table(caption: str, some: Sequence[Summary], figures: Sequence[str]) -> Markup:
    """The figures, and where an arm has a base, what the last of them is against it."""
    last = figures[-1]
    head = ["", *heads(figures), f"{FIGURES[last].title}, to base"]
    rows = [
        [
            one.arm,
            *(shown(name, one.figures[name]) for name in figures),
            f"{shown(None, one.against[last], sign=True)} %" if last in one.against else "",
        ]
        for one in some
    ]
    return charts.table(caption, head, rows)


def _bars(title: str, desc: str, some: Sequence[Summary], figure: str, unit: str) -> Markup:
    digits = FIGURES[figure].digits
    axis = Axis(unit, lambda value: f"{value:,.{digits}f}")
    rows = [
        Bar(
            one.arm,
            worth(figure, one.figures[figure].mean),
            f"{one.against[figure].mean:+.1f} %" if figure in one.against else "",
        )
        for one in some
    ]
    return charts.bars(title, desc, rows, axis=axis)


def _claims(rows: Sequence[Row], _: Sequence[Summary]) -> Section | None:
    found = study.claimed(rows)
    if not found:
        return None
    body = [list(shown_claim(claim, value)) for claim, value in found]
    even = study.break_even(rows)
    if even is not None:
        cells = shown(None, even, digits=0)
        body.append(["own fleet cheaper from so many parcels a day on", cells, "", ""])
    words = ["Measured against what was aimed at; where it misses, it says so."]
    caption = "Claims"
    head = ("", "measured", "aim", "met")
    return Section("claims", "In short", words, [charts.table(caption, head, body, is_open=True)])


def _driving(_: Sequence[Row], summaries: Sequence[Summary]) -> Section | None:
    some = _of(summaries, less_driving.GROUP)
    if not some:
        return None
    desc = "Kilometres of one day by who plans it; in brackets against ours."
    words = [
        "Territories are drawn on earlier days; their drivers and the daily sweep order their "
        'doors by 2-opt. "At our vans": the same planners with as many vans as our plan; what they '
        "hand over after the shift is late.",
    ]
    figures = ("vans", "hours", "late_percent", "cost_per_parcel_minor", "km")
    parts = [
        _bars("Kilometres by planner", desc, some, "km", "km"),
        _table("Kilometres by planner", some, figures),
    ]
    return Section("driving", study.group(less_driving.GROUP).asks, words, parts)


def _routes(city: City, parcels: int) -> Section:
    plans = less_driving.Plans.of(city, parcels, 1)
    skilled = plans.by_territories(less_driving.baselines.skilled)
    parts = []
    for title, tours in (
        ("Fixed territories, 2-opt", skilled),
        ("Ours, the same doors", plans.ours()),
    ):
        km = less_driving.figures(plans.day, tours)["km"]
        spots = [[plans.day.doors[place - 1] for place in tour] for tour in tours]
        desc = f"{len(tours)} vans, {km:,.0f} km; the square is the hub."
        half_m = 1.15 * max(city.inputs.disc_m, city.inputs.hub_m)
        parts.append(report_page.routes(title, desc, city.hub, spots, half_m=half_m))
    words = ["One day of the first seed, planned twice."]
    return Section("routes", "The same day on a map", words, [report_page.side_by_side(parts)])


def _pooling(rows: Sequence[Row], summaries: Sequence[Summary]) -> Section | None:
    some, curve = _of(summaries, pooling.GROUP), _of(summaries, pooling.BY_VOLUME)
    if not some:
        return None
    names = {"own_minor": "own fleet", "price_minor": "pooled"}
    names["carrier_minor"] = "carrier (input)"
    drawn = [one for one in curve if _volume(one) >= LEAST_VOLUME] or curve
    series = [
        Series(
            title,
            [(float(_volume(one)), worth(name, one.figures[name].mean)) for one in drawn],
            [
                (worth(name, one.figures[name].low), worth(name, one.figures[name].high))
                for one in drawn
            ],
        )
        for name, title in names.items()
    ]
    figures = ("own_km", "pooled_km", "own_minor", "pooled_minor", "price_minor", "carrier_minor")
    parts = [
        charts.lines(
            "Cost of a parcel by a brand's parcels a day",
            "Own fleet, pooled network with its margin, and a carrier's tariff.",
            series,
            x=Axis("parcels a day", lambda value: f"{value:.0f}"),
            y=Axis(MONEY, lambda value: f"{value:.2f}"),
            from_zero=True,
        ),
        _table("Cost by volume", curve, (*names, "own_least_shift_minor")),
        _table("Pooled against own fleets", some, (*figures, "cheaper_percent")),
    ]
    words = [
        "An own fleet starts at the brand's door; the network pays for collecting, sorting, a hub "
        "outside the city and its margin. The carrier comes the next day and knows no windows.",
    ]
    return Section("pooling", study.group(pooling.GROUP).asks, words, parts)


def _volume(one: Summary) -> int:
    return int(one.arm.split()[0])


def _waves(_: Sequence[Row], summaries: Sequence[Summary]) -> Section | None:
    some = _of(summaries, wave_days.GROUP)
    if not some:
        return None

    def curve(name: str, is_ours: bool) -> Series:
        own = [one for one in some if one.arm.startswith("ours") is is_ours]
        points = [
            (
                one.figures["mean_h"].mean,
                worth("cost_per_parcel_minor", one.figures["cost_per_parcel_minor"].mean),
            )
            for one in own
        ]
        return Series(name, sorted(points))

    figures = (
        *("mean_h", "p90_h", "within_4_h_percent", "late_percent", "vans", "km_per_parcel"),
        "cost_per_parcel_minor",
    )
    parts = [
        charts.lines(
            "Cost of a parcel by hours from order to door",
            "Plain waves send everything that waits; ours are the product's rules.",
            [curve("plain waves", False), curve("ours", True)],
            x=Axis("hours from order to door, mean", lambda value: f"{value:.1f}"),
            y=Axis(MONEY, lambda value: f"{value:.2f}"),
            from_zero=True,
        ),
        _table("Waves", some, figures),
    ]
    words = ["Orders come evenly over ten hours, vans load as often as they like."]
    return Section("waves", study.group(wave_days.GROUP).asks, words, parts)


def _doors(_: Sequence[Row], summaries: Sequence[Summary]) -> Section | None:
    some = _of(summaries, door_days.GROUP)
    if not some:
        return None
    figures = ("failed_per_100", "again_a_day", "km", "hours", "vans", "cost_per_parcel_minor")
    parts = [
        _bars(
            "Cost of a parcel by what is done about shut doors",
            "In brackets against the base.",
            some,
            "cost_per_parcel_minor",
            MONEY,
        ),
        _table("Shut doors", some, figures),
    ]
    words = [
        '"Input" marks what people are assumed to do: it goes in, and only what follows from it '
        "comes out. What a failure costs the merchant beside driving is not counted.",
    ]
    return Section("doors", study.group(door_days.GROUP).asks, words, parts)


def _bikes(_: Sequence[Row], summaries: Sequence[Summary]) -> Section | None:
    some = _of(summaries, bikes.GROUP)
    if not some:
        return None
    figures = ("by_bike_percent", "parcels_a_run", "van_km", "vans", "cost_per_parcel_minor")
    words = ["Each pair has its own base: vans alone with the same stop."]
    title = study.group(bikes.GROUP).asks
    parts = [
        _bars(title, "In brackets against its base.", some, "cost_per_parcel_minor", MONEY),
        _table("E-bikes", some, figures),
    ]
    return Section("bikes", title, words, parts)


def _inputs(inputs: Inputs) -> Section:
    rows = [
        [one.name, str(one.value), one.kind.value, one.says, one.source] for one in told(inputs)
    ]
    head = ("input", "value", "kind", "what it is", "source")
    words = ["Money is in minor units of any one currency. Set what you know better by --set."]
    return Section("inputs", "What is assumed", words, [charts.table("Inputs", head, rows)])
