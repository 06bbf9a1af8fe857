"""What do the sums say? Figures, each with its numerator, its denominator and its sample. Pure.

``of(facts, routes, crew)`` for a few, ``from_totals`` for sums of many: a figure of nothing has no
value, never a nought. What each means stands in ``definitions``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.analytics import spreads, totals
from chalicelib.domain.analytics.definitions import BY_ID, Unit
from chalicelib.domain.analytics.model import CrewDay, Facts, RouteFacts
from chalicelib.domain.analytics.totals import Totals

#: Whoever was on duty for less says nothing about earnings [s].
LEAST_ONLINE_S = 900
#: The count of what the cloud cost, where it is known [millionths of a dollar].
CLOUD = "cloud_micro_usd"


@dataclass(frozen=True, slots=True)
class Figure:
    """``id`` is its definition's. ``value`` is None of an empty sample; ``n`` the sample's size.

    ``currency`` for money, ``horizon_min`` for forecasts: such figures come once for each.
    """

    id: str
    value: float | None
    n: int
    numerator: int | None = None
    denominator: int | None = None
    currency: str | None = None
    horizon_min: int | None = None

    @property
    def unit(self) -> Unit:
        return BY_ID[self.id].unit


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of one scope and time; ``outcomes`` and ``failure_reasons`` are counts."""

    figures: tuple[Figure, ...]
    outcomes: Mapping[str, int]
    failure_reasons: Mapping[str, int]

    def of(
        self, id_: str, *, currency: str | None = None, horizon_min: int | None = None
    ) -> Figure:
        """One figure; of several currencies or horizons the first unless one is named. A figure
        that nothing is known of is there, without a value."""
        for one in self.figures:
            is_wanted = currency in (None, one.currency) and horizon_min in (None, one.horizon_min)
            if one.id == id_ and is_wanted:
                return one
        return Figure(BY_ID[id_].id, None, 0)


def of(
    facts: Iterable[Facts], routes: Iterable[RouteFacts] = (), crew: Iterable[CrewDay] = ()
) -> Figures:
    """The figures of these deliveries, routes and drivers' days."""
    return from_totals(totals.of(facts, routes, crew))


def from_totals(sums: Totals) -> Figures:
    """The figures of sums."""
    return Figures(
        figures=(
            *_of_deliveries(sums),
            *_of_routes(sums),
            *_of_crew(sums),
            *_of_forecasts(sums),
            *_of_cloud(sums),
        ),
        outcomes=dict(sorted(sums.outcomes.items())),
        failure_reasons=dict(sorted(sums.reasons.items(), key=lambda one: (-one[1], one[0]))),
    )


def ratio(
    id_: str,
    numerator: int,
    denominator: int,
    *,
    n: int | None = None,
    per: int = 1,
    currency: str | None = None,
) -> Figure:
    """``per``: units of the denominator in one of what is told (3600 seconds in an hour)."""
    value = round(numerator * per / denominator, 4) if denominator else None
    sample = denominator if n is None else n
    return Figure(id_, value, sample, numerator, denominator, currency)


def _of_deliveries(sums: Totals) -> list[Figure]:
    ended = sums.count("ended")
    return [
        Figure("deliveries", ended, ended, ended),
        ratio("on_time_rate", sums.count("to_door_on_time"), sums.count("to_door")),
        ratio("point_on_time_rate", sums.count("to_point_on_time"), sums.count("to_point")),
        ratio("order_to_door_mean_s", sums.count("door_s"), sums.count("door_n")),
        _minutes("order_to_door_p50_s", sums, 50),
        _minutes("order_to_door_p90_s", sums, 90),
        ratio("first_attempt_rate", sums.count("first_ok"), sums.count("tried")),
        Figure("failed_attempts", sums.count("failed_tries"), ended, sums.count("failed_tries")),
        ratio("texts_per_delivery", sums.count("texts"), ended),
        *(
            ratio("price_per_delivery_minor", amount, n, currency=currency)
            for currency, (amount, n) in sorted(sums.net.items())
        ),
    ]


def _minutes(id_: str, sums: Totals, percent: int) -> Figure:
    """Hours have no spread of their own, only a mean: their percentiles are not known."""
    minutes = spreads.percentile(sums.door_min, percent)
    n = sum(sums.door_min.values())
    return Figure(id_, None if minutes is None else minutes * 60, n)


def _of_routes(sums: Totals) -> list[Figure]:
    brought, parcels = sums.count("brought"), sums.count("brought_parcels")
    co2e_g = round(sums.count("co2e_mg") / 1000)
    value = round(sums.count("co2e_mg") / 1000 / parcels, 1) if parcels else None
    return [
        ratio(
            "stops_per_hour",
            sums.count("doors"),
            sums.count("route_s"),
            n=sums.count("routes"),
            per=3600,
        ),
        ratio("distance_per_delivery_m", sums.count("distance_m"), brought),
        *(
            ratio("cost_per_delivery_minor", amount, n, currency=currency)
            for currency, (amount, n) in sorted(sums.cost.items())
        ),
        Figure("co2e_per_parcel_g", value, parcels, co2e_g, parcels),
    ]


def _of_crew(sums: Totals) -> list[Figure]:
    # A driver who is paid in two currencies is on duty once.
    online: dict[str, int] = {}
    for (driver_id, _), (online_s, _) in sums.crew.items():
        online[driver_id] = max(online.get(driver_id, 0), online_s)
    drivers = sum(online_s >= LEAST_ONLINE_S for online_s in online.values())
    found = [ratio("utilisation", sums.count("route_s"), sums.count("online_s"), n=drivers)]
    for currency in sorted({currency for _, currency in sums.crew}):
        found += _earnings(currency, sums.crew)
    return found


def _earnings(currency: str, crew: Mapping[tuple[str, str], tuple[int, int]]) -> list[Figure]:
    counted = [
        (online_s, earned_minor)
        for (_, paid_in), (online_s, earned_minor) in crew.items()
        if paid_in == currency and online_s >= LEAST_ONLINE_S
    ]
    rates = sorted(round(earned * 3600 / online_s) for online_s, earned in counted)
    n = len(rates)
    online_s, earned = sum(one for one, _ in counted), sum(one for _, one in counted)
    spread = spreads.count(rates)
    return [
        ratio("earnings_per_hour_minor", earned, online_s, n=n, per=3600, currency=currency),
        *(
            Figure(
                f"earnings_per_hour_p{percent}_minor",
                spreads.percentile(spread, percent),
                n,
                currency=currency,
            )
            for percent in (10, 90)
        ),
        Figure("earnings_gini", gini(rates), n, currency=currency),
    ]


def gini(values: Sequence[int]) -> float | None:
    """How unequal: half the mean difference of any two, over the mean. None of nobody, and where
    nobody has anything."""
    ordered, total = sorted(values), sum(values)
    if not total:
        return None
    weighted = sum(rank * value for rank, value in enumerate(ordered, start=1))
    n = len(ordered)
    return round((2 * weighted) / (n * total) - (n + 1) / n, 4)


def _of_cloud(sums: Totals) -> list[Figure]:
    """Known of the whole network only: a worker does not know for whom it works."""
    if CLOUD not in sums.counts:
        return []
    id_ = "cloud_cost_per_delivery_micro_usd"
    return [ratio(id_, sums.count(CLOUD), sums.count("ended"))]


def _of_forecasts(sums: Totals) -> list[Figure]:
    found = []
    for horizon, spread in sorted(sums.misses_s.items()):
        n = sum(spread.values())
        for percent in (50, 90):
            value = spreads.percentile(spread, percent)
            found.append(Figure(f"eta_error_p{percent}_s", value, n, horizon_min=horizon))
    return found
