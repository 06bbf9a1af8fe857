"""The operator's rules for texts: ceilings, countries, prices, a budget; a delivery's texts."""

from collections.abc import Mapping
from typing import Annotated, Any

from chalice.app import Blueprint
from pydantic import AwareDatetime, Field, StringConstraints

from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.merchants.model import Scope
from chalicelib.domain.messaging import limits, rule_store
from chalicelib.domain.messaging import store as texts
from chalicelib.domain.messaging.limits import TextRules
from chalicelib.domain.messaging.store import Claim, EmailFate, Fate
from chalicelib.domain.messaging.templates import Template
from chalicelib.entry import rest, work
from chalicelib.entry.api.naming import named
from chalicelib.entry.auth import MANAGER, OPERATOR, merchant
from chalicelib.entry.path_parts import DeliveryId
from chalicelib.entry.surface import Doors
from chalicelib.kit import money
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Operator")
merchants = Doors(bp, tag="Merchant")

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
#: Ten units for one part: dearer than any country's texts.
Price = Annotated[int, Field(ge=0, le=10_000_000)]

_RULES: dict[str, Any] = {
    "countries": ["DE", "AT"],
    "per_number_hour": 3,
    "per_number_day": 10,
    "per_merchant_day": 5000,
    "per_country_hour": 2000,
    "currency": "USD",
    "budget_minor": 50_000,
    "prices_micros": {"DE": 98_000},
    "usual_price_micros": 120_000,
}


class TextRulesForm(rest.Body):
    """What is left out has its default; ``countries`` null: those of the hubs."""

    countries: Annotated[list[Country], Field(max_length=250)] | None = None
    per_number_hour: Annotated[int, Field(ge=1, le=20)] = 3
    per_number_day: Annotated[int, Field(ge=1, le=50)] = 10
    per_merchant_day: Annotated[int, Field(ge=0, le=1_000_000)] = 5_000
    per_country_hour: Annotated[int, Field(ge=0, le=1_000_000)] = 2_000
    currency: Currency = "USD"
    budget_minor: Annotated[int, Field(ge=0, le=10**12)] | None = None
    prices_micros: Annotated[dict[Country, Price], Field(max_length=250)] = Field(
        default_factory=dict
    )
    usual_price_micros: Price = 0

    model_config = rest.example(**_RULES)

    def rules(self, version: int) -> TextRules:
        values = self.model_dump()
        countries = None if self.countries is None else tuple(sorted(set(self.countries)))
        return TextRules(**{**values, "countries": countries}, version=version)


class TextRulesAnswer(rest.Answer):
    """The rules, and what this month's texts cost by their prices."""

    countries: list[str] | None
    per_number_hour: int
    per_number_day: int
    per_merchant_day: int
    per_country_hour: int
    currency: str
    budget_minor: int | None
    prices_micros: dict[str, int]
    usual_price_micros: int
    spent_minor: int

    model_config = rest.example(**_RULES, spent_minor=1234)


class OneText(rest.Answer):
    """A text, or why there was none; neither its words nor the number is kept."""

    template: Template
    state: Fate
    note: str | None
    by_email: EmailFate | None = None
    event_id: str
    at: AwareDatetime

    model_config = rest.example(
        template="out_for_delivery",
        state="sent",
        note=None,
        by_email=None,
        event_id="evt_del_01m83qpnc10y2w525st46371np_000006",
        at="2026-11-23T08:25:00.000Z",
    )


class Texts(rest.Answer):
    texts: list[OneText]

    model_config = rest.example(texts=[])


@doors.route("GET", "/v1/text-rules", who=(OPERATOR,), answers={200: TextRulesAnswer})
def show_text_rules() -> Mapping[str, Any]:
    """Show the rules for texts, and what this month's cost so far."""
    uow = work.begin()
    return _write(uow, rule_store.load(uow))


@doors.route("PUT", "/v1/text-rules", who=(MANAGER,), answers={200: TextRulesAnswer})
def change_text_rules(body: TextRulesForm) -> Mapping[str, Any]:
    """Set ceilings, countries, prices and the month's budget, for every text from now on."""

    def change(uow: UnitOfWork) -> dict[str, Any]:
        before = rule_store.load(uow)
        after = body.rules(before.version)
        if after != before:
            rule_store.save(uow, after)
        return _write(uow, after)

    return work.run(change)


@merchants.route(
    "GET",
    "/v1/deliveries/{delivery_id}/texts",
    who=(merchant(Scope.DELIVERIES_READ),),
    answers={200: Texts},
)
def list_texts(merchant_id: str, delivery_id: DeliveryId) -> Mapping[str, Any]:
    """List what a delivery's recipient was told by text, or why not, oldest first."""
    uow = work.begin()
    ref = named(merchant_id, delivery_id)
    delivery_store.load(uow, ref)
    found = texts.list_texts(uow, ref.merchant_id, ref.delivery_id)
    return {"texts": [_write_text(one) for one in sorted(found, key=lambda one: one.at)]}


def _write(uow: UnitOfWork, rules: TextRules) -> dict[str, Any]:
    per_minor = 10 ** (6 - money.decimals(rules.currency))
    values = {name: getattr(rules, name) for name in _RULES}
    return {
        **values,
        "countries": None if rules.countries is None else list(rules.countries),
        "prices_micros": dict(rules.prices_micros),
        "spent_minor": -(-limits.spent_micros(uow) // per_minor),
    }


def _write_text(claim: Claim) -> dict[str, Any]:
    return {
        "template": claim.order.template.value,
        "state": claim.fate.value,
        "note": claim.note,
        "by_email": claim.email and claim.email.value,
        "event_id": claim.order.event_id,
        "at": write_instant(claim.at),
    }
