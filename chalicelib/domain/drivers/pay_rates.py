"""By which rates does a hub pay? Every version for ever, and the one that counts now.

A hub pays each kind of vehicle by rates of its own, all in one currency; a kind that is not named
is paid as ``default``. A hub that never set any pays by the built-in ones of its country's
currency. Offers carry the rates that they were made by, so that a new version changes nothing that
was agreed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from chalicelib.domain.drivers.model import VehicleKind
from chalicelib.domain.drivers.pay import PayRates
from chalicelib.kit.errors import NotFound
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import crew_keys
from chalicelib.storage.cursors import Cursor
from chalicelib.storage.keys import TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

_EURO = (
    *("AT", "BE", "CY", "DE", "EE", "ES", "FI", "FR", "GR", "HR", "IE", "IT", "LT", "LU", "LV"),
    *("MT", "NL", "PT", "SI", "SK"),
)
CURRENCIES = {
    **dict.fromkeys(_EURO, "EUR"),
    **{"GB": "GBP", "CH": "CHF", "US": "USD", "CA": "CAD", "AU": "AUD", "PL": "PLN", "SE": "SEK"},
}
#: Guarantee, per stop, per km, per minute, per minute of waiting [minor units]. Never change one
#: that counted: routes were offered by it; it is version 0. USD: the rule that Grubhub applies in
#: Seattle, 0.44 a minute and 0.74 a mile with 5.00 for a route at least. The others are our choice
#: of the same size at about the currencies' worth.
_BUILT_IN = {
    "EUR": (600, 40, 35, 25, 25),
    "GBP": (500, 35, 30, 22, 22),
    "CHF": (700, 50, 45, 40, 40),
    "USD": (500, 0, 46, 44, 44),
    "CAD": (650, 40, 45, 35, 35),
    "AUD": (800, 50, 55, 45, 45),
    "PLN": (2000, 120, 120, 60, 60),
    "SEK": (6500, 400, 380, 260, 260),
}


@dataclass(frozen=True, slots=True)
class HubRates:
    """``by_kind``: rates of the kinds of vehicles that differ from ``default``."""

    default: PayRates
    by_kind: Mapping[VehicleKind, PayRates] = field(default_factory=dict)
    version: int = 0
    valid_from: datetime | None = None

    def of(self, kind: VehicleKind) -> PayRates:
        return self.by_kind.get(kind, self.default)


def built_in(country: str) -> HubRates | None:
    """The rates of a hub that set none; None where we know no currency of its country."""
    currency = CURRENCIES.get(country)
    if currency is None:
        return None
    route, stop, km, minute, waiting = _BUILT_IN[currency]
    default = PayRates(currency, route, stop, km, minute, wait_per_minute_minor=waiting)
    # Nobody pays for petrol on foot.
    return HubRates(default, {VehicleKind.WALKER: replace(default, per_km_minor=0)})


def find(uow: UnitOfWork, hub_id: str, country: str) -> HubRates | None:
    """The rates that count now at a hub; None if none were set and we know no currency."""
    item = uow.get(crew_keys.pay_rates(hub_id))
    return built_in(country) if item is None else _from_item(item)


def load_version(uow: UnitOfWork, hub_id: str, version: int) -> HubRates:
    """A version as it was saved; raise NotFound."""
    item = uow.get(crew_keys.pay_rates_version(hub_id, version))
    if item is None:
        raise NotFound("there are no such pay rates")
    return _from_item(item)


def list_versions(
    uow: UnitOfWork, hub_id: str, *, limit: int, after: Cursor | None
) -> tuple[list[HubRates], Cursor | None]:
    """The versions that a hub saved, newest first."""
    pk, prefix = crew_keys.pay_rates_versions(hub_id)
    page = uow.query(TableName.CORE, pk, prefix, limit=limit, after=after, newest_first=True)
    return [_from_item(item) for item in page.items], page.cursor


def save(uow: UnitOfWork, hub_id: str, wanted: HubRates) -> HubRates:
    """Save a hub's next version; it counts for offers from now on."""
    current = uow.get(crew_keys.pay_rates(hub_id))
    before = 0 if current is None else int(current["version"])
    version = before + 1
    saved = HubRates(
        replace(wanted.default, version=version),
        {kind: replace(rates, version=version) for kind, rates in wanted.by_kind.items()},
        version,
        uow.now,
    )
    uow.put(crew_keys.pay_rates_version(hub_id, version), _to_item(saved), expect=0)
    uow.put(crew_keys.pay_rates(hub_id), _to_item(saved), expect=before)
    return saved


def rates_to_item(rates: PayRates) -> dict[str, Any]:
    return {
        "currency": rates.currency,
        "guarantee": rates.guarantee_minor,
        "per_stop": rates.per_stop_minor,
        "per_km": rates.per_km_minor,
        "per_minute": rates.per_minute_minor,
        "failed_stop_permille": rates.failed_stop_permille,
        "wait_free_s": rates.wait_free_s,
        "wait_per_minute": rates.wait_per_minute_minor,
        "hourly_floor": rates.hourly_floor_minor,
        "rates_version": rates.version,
    }


def rates_from_item(item: Mapping[str, Any]) -> PayRates:
    return PayRates(
        currency=item["currency"],
        guarantee_minor=item["guarantee"],
        per_stop_minor=item["per_stop"],
        per_km_minor=item["per_km"],
        per_minute_minor=item["per_minute"],
        failed_stop_permille=item["failed_stop_permille"],
        wait_free_s=item["wait_free_s"],
        wait_per_minute_minor=item["wait_per_minute"],
        hourly_floor_minor=item.get("hourly_floor", 0),
        version=item["rates_version"],
    )


def _to_item(rates: HubRates) -> Item:
    return {
        "default": rates_to_item(rates.default),
        "by_kind": {kind.value: rates_to_item(one) for kind, one in rates.by_kind.items()},
        "valid_from": None if rates.valid_from is None else write_instant(rates.valid_from),
        "version": rates.version,
    }


def _from_item(item: Item) -> HubRates:
    valid_from = item["valid_from"]
    return HubRates(
        default=rates_from_item(item["default"]),
        by_kind={VehicleKind(kind): rates_from_item(one) for kind, one in item["by_kind"].items()},
        version=item["version"],
        valid_from=None if valid_from is None else read_instant(valid_from),
    )
