"""What does a delivery cost, and why? Every line with its rule, its inputs and its event."""

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint
from pydantic import AwareDatetime

from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.deliveries.prices import bill
from chalicelib.domain.merchants.model import Scope
from chalicelib.domain.pricing.charges import Line
from chalicelib.domain.pricing.faults import Party, Payer
from chalicelib.entry import rest, work
from chalicelib.entry.api.delivery_forms import write_entry
from chalicelib.entry.api.naming import named
from chalicelib.entry.api.rate_card_answers import (
    FeeComponent,
    Owner,
    write_component,
    write_owner,
)
from chalicelib.entry.auth import merchant
from chalicelib.entry.path_parts import DeliveryId
from chalicelib.entry.surface import Doors
from chalicelib.kit.timewindow import write_instant

bp = Blueprint(__name__)
doors = Doors(bp, tag="Prices")


class CardVersion(rest.Answer):
    owner: Owner
    version: int


class AgreedPrice(rest.Answer):
    """What was promised, and by which version of which card."""

    at: AwareDatetime
    quote_id: str | None
    rate_card: CardVersion
    total_minor: int


class Cause(rest.Answer):
    """The event that a fee follows from, as in the delivery's events."""

    id: str
    type: str
    at: AwareDatetime
    reason: str | None


class ChargeLine(FeeComponent):
    """A component, who pays it, and for what followed: whose fault it was, by which event."""

    payer: Payer
    party_at_fault: Party | None
    event: Cause | None


class Charges(rest.Answer):
    """All that a delivery costs by now. ``total_minor`` is the sum of the lines that the merchant
    pays; ``is_final`` says whether anything can follow."""

    delivery_id: str
    currency: str
    agreed: AgreedPrice
    lines: list[ChargeLine]
    tax_minor: int
    total_minor: int
    platform_minor: int
    is_final: bool

    model_config = rest.example(
        delivery_id="del_01m83qpnc10y2w525st46371np",
        currency="EUR",
        agreed={
            "at": "2026-11-23T08:20:45.619Z",
            "quote_id": None,
            "rate_card": {"owner": "merchant", "version": 2},
            "total_minor": 390,
        },
        lines=[
            {
                "kind": "base",
                "rule": "the same for every delivery",
                "inputs": {},
                "amount_minor": 390,
                "payer": "merchant",
                "party_at_fault": None,
                "event": None,
            }
        ],
        tax_minor=0,
        total_minor=390,
        platform_minor=0,
        is_final=True,
    )


@doors.route(
    "GET",
    "/v1/deliveries/{delivery_id}/charges",
    who=(merchant(Scope.DELIVERIES_READ),),
    answers={200: Charges},
)
def show_charges(merchant_id: str, delivery_id: DeliveryId) -> Mapping[str, Any]:
    """Show what a delivery costs by now, and why.

    First what was agreed, then what followed from events: each line with its rule, what went into
    it and who pays. The tax is computed once, on the sum of what the merchant pays.
    """
    uow = work.begin()
    delivery = deliveries.load(uow, named(merchant_id, delivery_id))
    made = bill(uow, delivery)
    return {
        "delivery_id": delivery.id,
        "currency": made.charges.currency,
        "agreed": {
            "at": write_instant(made.agreed.agreed_at),
            "quote_id": made.agreed.quote_id,
            "rate_card": {
                "owner": write_owner(made.agreed.card_owner),
                "version": made.agreed.card_version,
            },
            "total_minor": made.agreed.price.total_minor,
        },
        "lines": [_write_line(delivery, line) for line in made.charges.lines],
        "tax_minor": made.charges.tax_minor,
        "total_minor": made.charges.total_minor,
        "platform_minor": made.charges.platform_minor,
        "is_final": delivery.status.is_final,
    }


def _write_line(delivery: Delivery, line: Line) -> dict[str, Any]:
    return {
        **write_component(line.component),
        "payer": line.payer.value,
        "party_at_fault": None if line.party_at_fault is None else line.party_at_fault.value,
        "event": None if line.event_id is None else _write_cause(delivery, line.event_id),
    }


def _write_cause(delivery: Delivery, event_id: str) -> dict[str, Any]:
    told = [write_entry(delivery, entry) for entry in delivery.history]
    (cause,) = [event for event in told if event["id"] == event_id]
    return {name: cause[name] for name in ("id", "type", "at", "reason")}
