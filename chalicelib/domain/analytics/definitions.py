"""What is each figure? Its name, unit, numerator, denominator and what is left out, as data.

``GET /v1/metrics`` answers them beside the numbers, docs/figures.md shows them as a table, and a
test compares the two.
"""

from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    COUNT = "count"
    RATIO = "ratio"
    SECOND = "s"
    METRE = "m"
    GRAM = "g"
    MINOR = "minor"
    PER_HOUR = "per_hour"
    MICRO_USD = "micro_usd"


@dataclass(frozen=True, slots=True)
class Definition:
    """``over``: the denominator, and what ``n`` counts; ``without``: what is left out."""

    id: str
    name: str
    unit: Unit
    what: str
    over: str
    without: str = "nothing"


_ROUTES = "routes that are not over; deliveries that no route carried"
_CREW = "time on duty that has not ended; drivers of less than 15 minutes"
_MISS = "misses of forecasts made as each stop ended, by planned handling times"

DEFINITIONS = (
    Definition(
        "deliveries",
        "Deliveries ended",
        Unit.COUNT,
        "deliveries that came to an end, however they did",
        "deliveries ended",
        "tests; deliveries still under way",
    ),
    Definition(
        "on_time_rate",
        "On time at the door",
        Unit.RATIO,
        "deliveries handed over before the end of their window",
        "deliveries handed over at a door",
        "what was not brought; what went to a pickup point",
    ),
    Definition(
        "point_on_time_rate",
        "On time at the pickup point",
        Unit.RATIO,
        "deliveries that lay at their pickup point before the end of their window",
        "deliveries collected at a pickup point",
        "what was brought to a door",
    ),
    Definition(
        "order_to_door_mean_s",
        "Order to door, mean",
        Unit.SECOND,
        "seconds from the order's arrival with us to the door or the pickup point",
        "deliveries brought",
        "what was not brought",
    ),
    Definition(
        "order_to_door_p50_s",
        "Order to door, median",
        Unit.SECOND,
        "the time that half of them took at most, in whole minutes",
        "deliveries brought",
        "what was not brought",
    ),
    Definition(
        "order_to_door_p90_s",
        "Order to door, nine of ten",
        Unit.SECOND,
        "the time that nine of ten took at most, in whole minutes",
        "deliveries brought",
        "what was not brought",
    ),
    Definition(
        "first_attempt_rate",
        "First attempt",
        Unit.RATIO,
        "deliveries handed over at the first try at their door",
        "deliveries ended after at least one try at a door",
        "what was cancelled before a try; what went straight to a pickup point",
    ),
    Definition(
        "failed_attempts",
        "Failed tries at the door",
        Unit.COUNT,
        "tries at a door that failed, whatever the reason",
        "deliveries ended",
        "tries of deliveries still under way",
    ),
    Definition(
        "texts_per_delivery",
        "Texts",
        Unit.COUNT,
        "texts sent about them, and those of which nobody knows whether they were",
        "deliveries ended",
        "e-mails; sign-in codes; texts after the second night",
    ),
    Definition(
        "price_per_delivery_minor",
        "Price",
        Unit.MINOR,
        "what merchants owe for them, without tax and tips",
        "deliveries ended with an agreed price",
    ),
    Definition(
        "stops_per_hour",
        "Stops an hour",
        Unit.PER_HOUR,
        "doors and pickup points driven to, successful or not",
        "hours from the first to the last tap of each route; n: routes",
        "routes that are not over",
    ),
    Definition(
        "distance_per_delivery_m",
        "Way",
        Unit.METRE,
        "planned way of the routes, from first stop to last",
        "deliveries that the routes brought",
        _ROUTES,
    ),
    Definition(
        "cost_per_delivery_minor",
        "Cost of driving",
        Unit.MINOR,
        "what drivers are paid for the routes, without tips",
        "deliveries that the routes brought",
        "routes without pay rates; texts; the cloud",
    ),
    Definition(
        "co2e_per_parcel_g",
        "CO2e",
        Unit.GRAM,
        "greenhouse gases of the routes, by the operator's factors (ISO 14083, well to wheel)",
        "parcels that the routes brought",
        "hubs, packaging, the shop's own transport",
    ),
    Definition(
        "utilisation",
        "Time on routes",
        Unit.RATIO,
        "seconds from the first to the last tap of each route",
        "seconds on duty; n: drivers",
        "time on duty that has not ended",
    ),
    Definition(
        "earnings_per_hour_minor",
        "Earnings an hour",
        Unit.MINOR,
        "what drivers earned with their routes, tips included",
        "hours on duty; n: drivers",
        _CREW,
    ),
    Definition(
        "earnings_per_hour_p10_minor",
        "Earnings an hour, lowest tenth",
        Unit.MINOR,
        "what nine of ten drivers earn at least in an hour on duty",
        "drivers",
        _CREW,
    ),
    Definition(
        "earnings_per_hour_p90_minor",
        "Earnings an hour, highest tenth",
        Unit.MINOR,
        "what nine of ten drivers earn at most in an hour on duty",
        "drivers",
        _CREW,
    ),
    Definition(
        "earnings_gini",
        "Inequality of earnings",
        Unit.RATIO,
        "the Gini coefficient of drivers' earnings an hour: 0 all alike, 1 all to one",
        "drivers",
        _CREW,
    ),
    Definition(
        "eta_error_p50_s", "Forecast missed by, median", Unit.SECOND, _MISS, "forecasts, by horizon"
    ),
    Definition(
        "eta_error_p90_s",
        "Forecast missed by, nine of ten",
        Unit.SECOND,
        _MISS,
        "forecasts, by horizon",
    ),
    Definition(
        "cloud_cost_per_delivery_micro_usd",
        "Cost of the cloud",
        Unit.MICRO_USD,
        "what our own meters counted, at the operator's prices (millionths of a dollar)",
        "deliveries ended in the whole network",
        "texts; what meters do not see (docs/figures.md)",
    ),
)

BY_ID = {one.id: one for one in DEFINITIONS}
