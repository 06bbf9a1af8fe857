"""What is asked of figures, and how are they told? Forms, answers, and rows of a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, StringConstraints

from chalicelib.domain.analytics import definitions, figures
from chalicelib.domain.analytics.definitions import Unit
from chalicelib.domain.analytics.figures import Figure
from chalicelib.domain.analytics.reading import Found, GroupBy, Row
from chalicelib.entry import rest
from chalicelib.kit.timewindow import write_instant

USUAL_DAYS = 7
#: No figures are older, and sums of days must not run out of the calendar.
FigureDay = Annotated[rest.Day, Field(ge=date(2020, 1, 1), lt=date(2100, 1, 1))]
_ID = r"_[0-9a-hjkmnp-tv-z]{26}$"
MerchantName = Annotated[str, StringConstraints(pattern="^mer" + _ID)]
HubName = Annotated[str, StringConstraints(pattern="^hub" + _ID)]
ZoneName = Annotated[str, StringConstraints(pattern="^zon" + _ID)]
DriverName = Annotated[str, StringConstraints(pattern="^drv" + _ID)]
_HEADS = (
    *("key", "figure", "value", "unit", "n", "numerator", "denominator"),
    *("currency", "horizon_min"),
)


class MetricsQuery(rest.Body):
    """Days of the hub, both ends included: the last week when left out. `merchant_id`, `zone_id`,
    `driver_id`: one of them, or a merchant with a zone; the desk's. `limit` and `cursor` page
    through groups."""

    from_: FigureDay | None = Field(default=None, alias="from")
    to: FigureDay | None = None
    group_by: GroupBy | None = None
    hub_id: HubName | None = None
    merchant_id: MerchantName | None = None
    zone_id: ZoneName | None = None
    driver_id: DriverName | None = None
    definitions: bool = True
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    cursor: Annotated[str, Field(max_length=64)] | None = None


class FigureAnswer(rest.Answer):
    """One figure. ``value`` is null of an empty sample; ``n`` is the sample's size."""

    id: str
    value: float | None
    unit: Unit
    n: int
    numerator: int | None
    denominator: int | None
    currency: str | None
    horizon_min: int | None


class MetricsRow(rest.Answer):
    """``key``: the day, hour, zone, hub, driver or merchant; null for everything together."""

    key: str | None
    figures: list[FigureAnswer]
    outcomes: dict[str, int]
    failure_reasons: dict[str, int]


class DefinitionAnswer(rest.Answer):
    """What a figure is: what is counted, over what, and without what."""

    id: str
    name: str
    unit: Unit
    what: str
    over: str
    without: str


class MetricsAnswer(rest.Answer):
    """Figures of some days. ``as_of``: when the newest facts in them were read; they follow what
    happens within ten minutes. Null where there are none."""

    model_config = rest.example(
        **{
            "from": "2026-11-20",
            "to": "2026-11-26",
            "group_by": None,
            "as_of": "2026-11-26T14:55:02.118Z",
            "rows": [
                {
                    "key": None,
                    "figures": [
                        {
                            "id": "on_time_rate",
                            "value": 0.9545,
                            "unit": "ratio",
                            "n": 22,
                            "numerator": 21,
                            "denominator": 22,
                            "currency": None,
                            "horizon_min": None,
                        }
                    ],
                    "outcomes": {"delivered": 22},
                    "failure_reasons": {"customer_unavailable": 1},
                }
            ],
            "definitions": [],
            "next_cursor": None,
        }
    )

    from_: date = Field(alias="from")
    to: date
    group_by: GroupBy | None
    as_of: AwareDatetime | None
    rows: list[MetricsRow]
    definitions: list[DefinitionAnswer]
    next_cursor: str | None


def write_answer(
    first: date, last: date, query: MetricsQuery, found: Found, rows: Sequence[Row]
) -> Mapping[str, Any]:
    return {
        "from": first.isoformat(),
        "to": last.isoformat(),
        "group_by": query.group_by and query.group_by.value,
        "as_of": None if found.as_of is None else write_instant(found.as_of),
        "rows": [_write_row(row) for row in rows],
        "definitions": [_write_definition(one) for one in definitions.DEFINITIONS]
        if query.definitions
        else [],
        "next_cursor": next_cursor(found, rows),
    }


def next_cursor(found: Found, rows: Sequence[Row]) -> str | None:
    """The last key that was told, if any follows."""
    is_last = not rows or rows[-1] == found.rows[-1]
    return None if is_last else rows[-1].key


def write_csv(rows: Iterable[Row]) -> str:
    """One line for each row and figure; counts by outcome and by reason are lines as well."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_HEADS)
    for row in rows:
        writer.writerows(_lines(row))
    return text.getvalue()


def _lines(row: Row) -> Iterator[Sequence[Any]]:
    made = figures.from_totals(row.sums)
    key = "" if row.key is None else row.key
    for one in made.figures:
        yield (
            *(key, one.id, one.value, one.unit.value, one.n, one.numerator, one.denominator),
            *(one.currency, one.horizon_min),
        )
    ended = row.sums.count("ended")
    for what, counts in (("outcome", made.outcomes), ("failure", made.failure_reasons)):
        for name, number in counts.items():
            yield key, f"{what}_{name}", number, Unit.COUNT.value, ended, number, None, None, None


def _write_row(row: Row) -> dict[str, Any]:
    made = figures.from_totals(row.sums)
    return {
        "key": row.key,
        "figures": [_write_figure(one) for one in made.figures],
        "outcomes": dict(made.outcomes),
        "failure_reasons": dict(made.failure_reasons),
    }


def _write_figure(one: Figure) -> dict[str, Any]:
    return {
        "id": one.id,
        "value": one.value,
        "unit": one.unit.value,
        "n": one.n,
        "numerator": one.numerator,
        "denominator": one.denominator,
        "currency": one.currency,
        "horizon_min": one.horizon_min,
    }


def _write_definition(one: definitions.Definition) -> dict[str, str]:
    return {
        "id": one.id,
        "name": one.name,
        "unit": one.unit.value,
        "what": one.what,
        "over": one.over,
        "without": one.without,
    }
