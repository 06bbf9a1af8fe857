"""What was agreed that this delivery costs? Kept with it when it is promised, never changed.

The card's version is kept beside the components: fees that follow later are made by the card that
was agreed to, not by the one that counts meanwhile.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.pricing import store
from chalicelib.domain.pricing.model import Component, Job, Kind, Price
from chalicelib.domain.pricing.rules import price
from chalicelib.kit.errors import NotFound
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import keys
from chalicelib.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Agreed:
    """A price with the card that it was made by, and the quote that promised it, if one did."""

    price: Price
    card_owner: str
    card_version: int
    agreed_at: datetime
    quote_id: str | None = None


def agree(uow: UnitOfWork, merchant_id: str, job: Job) -> Agreed:
    """The price of a job that nobody quoted, by the card that counts now."""
    card = store.load_card(uow, merchant_id)
    return Agreed(price(card, job), card.owner, card.version, uow.now)


def save_agreed(uow: UnitOfWork, merchant_id: str, delivery_id: str, agreed: Agreed) -> None:
    """Keep it with the delivery, once."""
    item = {
        **price_to_item(agreed.price),
        "card_owner": agreed.card_owner,
        "card_version": agreed.card_version,
        "agreed_at": write_instant(agreed.agreed_at),
        "quote_id": agreed.quote_id,
    }
    uow.put(keys.agreed_price(merchant_id, delivery_id), item, expect=0)


def load_agreed(uow: UnitOfWork, merchant_id: str, delivery_id: str) -> Agreed:
    """Raise NotFound when there is no such delivery, or it is older than prices are."""
    item = uow.get(keys.agreed_price(merchant_id, delivery_id))
    if item is None:
        raise NotFound("no price was agreed for this delivery")
    return _from_item(item)


def load_many(uow: UnitOfWork, merchant_id: str, delivery_ids: Iterable[str]) -> dict[str, Agreed]:
    """What was agreed for these, by delivery; those without a price are left out."""
    wanted = {keys.agreed_price(merchant_id, one): one for one in delivery_ids}
    return {wanted[key]: _from_item(item) for key, item in uow.get_many(wanted).items()}


def _from_item(item: Mapping[str, Any]) -> Agreed:
    return Agreed(
        price=price_from_item(item),
        card_owner=item["card_owner"],
        card_version=item["card_version"],
        agreed_at=read_instant(item["agreed_at"]),
        quote_id=item["quote_id"],
    )


def price_to_item(made: Price) -> dict[str, Any]:
    """A price as items carry it; quotes keep theirs alike."""
    return {
        "currency": made.currency,
        "components": [
            {
                "kind": one.kind.value,
                "rule": one.rule,
                "inputs": dict(one.inputs),
                "amount_minor": one.amount_minor,
            }
            for one in made.components
        ],
    }


def price_from_item(item: Mapping[str, Any]) -> Price:
    components = tuple(
        Component(Kind(one["kind"]), one["rule"], dict(one["inputs"]), one["amount_minor"])
        for one in item["components"]
    )
    return Price(item["currency"], components)
