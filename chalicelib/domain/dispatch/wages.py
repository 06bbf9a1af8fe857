"""What is a driver promised for a route, and what is owed for it at its end?

The promise is made with the offer, by the rates of that moment, and stands on it; what happened
(stops that failed, waiting, stops that were added) is paid on top of it or by the rule.
"""

from dataclasses import dataclass

from chalicelib.domain.dispatch.model import Route
from chalicelib.domain.drivers import pay_rates
from chalicelib.domain.drivers.model import VehicleKind
from chalicelib.domain.drivers.pay import Pay, PayRates, pay_of
from chalicelib.domain.merchants import store as merchants
from chalicelib.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Agreement:
    """What was agreed, and the rates to go by for what nobody could know."""

    rates: PayRates
    pay: Pay


def agree(
    uow: UnitOfWork, route: Route, kind: VehicleKind, bonus_minor: int = 0
) -> Agreement | None:
    """What a route pays with this kind of vehicle, as things stand.

    Returns
    -------
    None where the operator has set no rates and we know no currency of the country.
    """
    hub = merchants.load_hub(uow, route.hub_id)
    found = pay_rates.find(uow, hub.id, hub.country)
    if found is None:
        return None
    rates = found.of(kind)
    stops = sum(not stop.status.is_over for stop in route.stops)
    pay = pay_of(rates, stops, route.distance_m, route.duration_s, bonus_minor)
    return Agreement(rates, pay)
