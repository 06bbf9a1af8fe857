"""What a hub asks of its drivers, and what it pays them: rules and versioned rates."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from chalice.app import Blueprint
from pydantic import AwareDatetime, Field

from chalicelib.domain.drivers import crew_rules, pay_rates
from chalicelib.domain.drivers.crew_rules import CrewRules
from chalicelib.domain.drivers.documents import DocumentKind
from chalicelib.domain.drivers.model import VehicleKind
from chalicelib.domain.drivers.pay import HIGHEST_RATE_MINOR, PayRates
from chalicelib.domain.drivers.pay_rates import HubRates
from chalicelib.domain.merchants import store as merchants
from chalicelib.entry import rest, work
from chalicelib.entry.auth import MANAGER, OPERATOR
from chalicelib.entry.path_parts import HubId
from chalicelib.entry.surface import Doors
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Operator")

Amount = Annotated[int, Field(ge=0, le=HIGHEST_RATE_MINOR)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
_RATES: dict[str, int] = {
    "guarantee_minor": 600,
    "per_stop_minor": 40,
    "per_km_minor": 35,
    "per_minute_minor": 25,
    "failed_stop_permille": 1000,
    "wait_free_s": 300,
    "wait_per_minute_minor": 25,
    "hourly_floor_minor": 1500,
}
_RULES: dict[str, Any] = {
    "required_documents": {"van": ["driving_licence", "insurance", "vehicle_registration"]},
    "plan_ahead_days": 28,
    "most_minutes_a_day": 600,
    "most_minutes_a_week": 2880,
    "remind_before_s": 3600,
    "late_after_s": 900,
    "fairness_permille": 20,
}


class RatesForm(rest.Body):
    """For a route, a stop, a kilometre, a minute; what a failed stop pays of a stop; waiting; the
    least for an hour of engaged time over a payout period (0: no such floor)."""

    guarantee_minor: Amount = 0
    per_stop_minor: Amount = 0
    per_km_minor: Amount = 0
    per_minute_minor: Amount = 0
    failed_stop_permille: Annotated[int, Field(ge=0, le=1000)] = 1000
    wait_free_s: Annotated[int, Field(ge=0, le=3600)] = 300
    wait_per_minute_minor: Amount = 0
    hourly_floor_minor: Amount = 0


class NewPayRates(rest.Body):
    """``by_vehicle``: rates of the kinds that differ from ``default``; all of one currency."""

    currency: Currency
    default: RatesForm
    by_vehicle: dict[VehicleKind, RatesForm] = Field(default_factory=dict)

    model_config = rest.example(
        currency="EUR", default=_RATES, by_vehicle={"walker": {**_RATES, "per_km_minor": 0}}
    )

    def rates(self) -> HubRates:
        def of(form: RatesForm) -> PayRates:
            return PayRates(self.currency, **form.model_dump())

        return HubRates(
            of(self.default), {kind: of(form) for kind, form in self.by_vehicle.items()}
        )


class RatesAnswer(rest.Answer):
    guarantee_minor: int
    per_stop_minor: int
    per_km_minor: int
    per_minute_minor: int
    failed_stop_permille: int
    wait_free_s: int
    wait_per_minute_minor: int
    hourly_floor_minor: int


class PayRatesAnswer(rest.Answer):
    """Rates. Version 0 are the built-in ones of the country's currency."""

    version: int
    valid_from: AwareDatetime | None
    currency: str
    default: RatesAnswer
    by_vehicle: dict[VehicleKind, RatesAnswer]

    model_config = rest.example(
        version=1,
        valid_from="2026-11-23T08:00:00.000Z",
        currency="EUR",
        default=_RATES,
        by_vehicle={},
    )


class PayRatesPage(rest.Answer):
    """The rates that count now, null if there are none, and the versions, newest first."""

    current: PayRatesAnswer | None
    pay_rates: list[PayRatesAnswer]
    next_cursor: str | None

    model_config = rest.example(current=None, pay_rates=[], next_cursor=None)


class Page(rest.Body):
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[str, Field(max_length=1024)] | None = None


class Rules(rest.Body):
    """What is left out has its default."""

    required_documents: dict[
        VehicleKind, Annotated[list[DocumentKind], Field(max_length=len(DocumentKind))]
    ] = Field(default_factory=dict)
    plan_ahead_days: Annotated[int, Field(ge=1, le=90)] = 28
    most_minutes_a_day: Annotated[int, Field(ge=30, le=960)] = 600
    most_minutes_a_week: Annotated[int, Field(ge=30, le=6720)] = 2880
    remind_before_s: Annotated[int, Field(ge=0, le=86_400)] = 3600
    late_after_s: Annotated[int, Field(ge=60, le=7200)] = 900
    fairness_permille: Annotated[int, Field(ge=0, le=1000)] = 20

    model_config = rest.example(**_RULES)

    def rules(self, version: int) -> CrewRules:
        values = self.model_dump(exclude={"required_documents"})
        required = {
            kind: frozenset(papers) for kind, papers in self.required_documents.items() if papers
        }
        return CrewRules(required=required, version=version, **values)


class RulesAnswer(rest.Answer):
    """A hub's rules for its drivers."""

    required_documents: dict[VehicleKind, list[DocumentKind]]
    plan_ahead_days: int
    most_minutes_a_day: int
    most_minutes_a_week: int
    remind_before_s: int
    late_after_s: int
    fairness_permille: int

    model_config = rest.example(**_RULES)


@doors.route("GET", "/v1/hubs/{hub_id}/crew-rules", who=(OPERATOR,), answers={200: RulesAnswer})
def show_crew_rules(hub_id: HubId) -> Mapping[str, Any]:
    """Show what a hub asks of its drivers."""
    uow = work.begin()
    return _rules(crew_rules.load(uow, merchants.load_hub(uow, hub_id).id))


@doors.route("PUT", "/v1/hubs/{hub_id}/crew-rules", who=(MANAGER,), answers={200: RulesAnswer})
def set_crew_rules(hub_id: HubId, body: Rules) -> Mapping[str, Any]:
    """Set what a hub asks of its drivers: papers by vehicle, limits of shifts, fairness.

    Papers are asked for when somebody goes on duty; who is on duty already goes on.
    """

    def save(uow: UnitOfWork) -> CrewRules:
        merchants.load_hub(uow, hub_id)
        before = crew_rules.load(uow, hub_id)
        wanted = body.rules(before.version)
        if wanted != before:
            wanted = replace(wanted, version=before.version + 1)
            crew_rules.save(uow, hub_id, wanted)
        return wanted

    return _rules(work.run(save))


@doors.route("GET", "/v1/hubs/{hub_id}/pay-rates", who=(OPERATOR,), answers={200: PayRatesPage})
def list_pay_rates(hub_id: HubId, query: Page) -> Mapping[str, Any]:
    """Show by which rates a hub pays its drivers now, and those before, newest first."""
    uow = work.begin()
    hub = merchants.load_hub(uow, hub_id)
    current = pay_rates.find(uow, hub.id, hub.country)
    versions, cursor = pay_rates.list_versions(uow, hub.id, limit=query.limit, after=query.cursor)
    return {
        "current": None if current is None else _rates(current),
        "pay_rates": [_rates(one) for one in versions],
        "next_cursor": cursor,
    }


@doors.route("POST", "/v1/hubs/{hub_id}/pay-rates", who=(MANAGER,), answers={201: PayRatesAnswer})
def save_pay_rates(hub_id: HubId, body: NewPayRates) -> Mapping[str, Any]:
    """Set the rates of a hub: a new version that counts for offers from now on.

    What was offered before is paid as it was offered.
    """

    def save(uow: UnitOfWork) -> HubRates:
        merchants.load_hub(uow, hub_id)
        return pay_rates.save(uow, hub_id, body.rates())

    return _rates(work.run(save))


def _rules(rules: CrewRules) -> dict[str, Any]:
    return {
        "required_documents": {kind: sorted(papers) for kind, papers in rules.required.items()},
        "plan_ahead_days": rules.plan_ahead_days,
        "most_minutes_a_day": rules.most_minutes_a_day,
        "most_minutes_a_week": rules.most_minutes_a_week,
        "remind_before_s": rules.remind_before_s,
        "late_after_s": rules.late_after_s,
        "fairness_permille": rules.fairness_permille,
    }


def _rates(rates: HubRates) -> dict[str, Any]:
    valid_from = rates.valid_from
    return {
        "version": rates.version,
        "valid_from": None if valid_from is None else write_instant(valid_from),
        "currency": rates.default.currency,
        "default": _amounts(rates.default),
        "by_vehicle": {kind: _amounts(one) for kind, one in rates.by_kind.items()},
    }


def _amounts(rates: PayRates) -> dict[str, int]:
    return {
        "guarantee_minor": rates.guarantee_minor,
        "per_stop_minor": rates.per_stop_minor,
        "per_km_minor": rates.per_km_minor,
        "per_minute_minor": rates.per_minute_minor,
        "failed_stop_permille": rates.failed_stop_permille,
        "wait_free_s": rates.wait_free_s,
        "wait_per_minute_minor": rates.wait_per_minute_minor,
        "hourly_floor_minor": rates.hourly_floor_minor,
    }
