"""How are quotes kept? One item each, until a day after they expired, or a month if accepted."""

from datetime import timedelta
from typing import Any

from chalicelib.domain.deliveries.door_items import requirements_from_item, requirements_to_item
from chalicelib.domain.deliveries.store import parcel_from_item, parcel_to_item, place_from_item
from chalicelib.domain.pricing.agreed import price_from_item, price_to_item
from chalicelib.domain.quotes.model import Quote, Service
from chalicelib.kit.errors import NotFound
from chalicelib.kit.geo import LatLng
from chalicelib.kit.timewindow import TimeWindow, read_instant, write_instant
from chalicelib.storage import keys
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

KEPT = timedelta(days=1)
#: Longer than any shop tries again.
ACCEPTED_KEPT = timedelta(days=30)
#: A postal code's door may move with the next one that is found.
DOOR_KEPT = timedelta(days=30)


def load(uow: UnitOfWork, merchant_id: str, quote_id: str) -> Quote:
    """Raise NotFound unless this merchant has this quote."""
    item = uow.get(keys.quote(merchant_id, quote_id))
    if item is None:
        raise NotFound("there is no such quote")
    return _from_item(item)


def save(uow: UnitOfWork, quote: Quote) -> None:
    kept = KEPT if quote.delivery_id is None else ACCEPTED_KEPT
    left = max(timedelta(0), quote.expires_at - uow.now)
    uow.put(
        keys.quote(quote.merchant_id, quote.id),
        _to_item(quote),
        expect=quote.version - 1,
        expires_at=uow.wall_now + left + kept,
    )


def find_postal_code(uow: UnitOfWork, country: str, code: str) -> LatLng | None:
    """A door that was found in this postal code, to stand for the others."""
    item = uow.get(keys.postal_code(country, _normal(code)))
    return None if item is None else LatLng.parse(item["position"])


def learn_postal_code(uow: UnitOfWork, country: str, code: str, position: LatLng) -> None:
    uow.put(
        keys.postal_code(country, _normal(code)),
        {"position": str(position)},
        expect=None,
        expires_at=uow.wall_now + DOOR_KEPT,
    )


def _normal(code: str) -> str:
    return "".join(code.split()).upper()[:20]


def _to_item(quote: Quote) -> Item:
    return {
        "id": quote.id,
        "merchant_id": quote.merchant_id,
        "hub_id": quote.hub_id,
        "pickup": {
            "id": quote.pickup.id,
            "name": quote.pickup.name,
            "position": str(quote.pickup.position),
        },
        "dropoff": str(quote.dropoff),
        "address_digest": quote.address_digest,
        "parcel": parcel_to_item(quote.parcel),
        "service": quote.service.value,
        "window": quote.window.to_item(),
        "price": price_to_item(quote.price),
        "card_owner": quote.card_owner,
        "card_version": quote.card_version,
        "zone_id": quote.zone_id,
        "surge_permille": quote.surge_permille,
        "dropoff_at": write_instant(quote.dropoff_at),
        "quoted_at": write_instant(quote.quoted_at),
        "expires_at": write_instant(quote.expires_at),
        "delivery_id": quote.delivery_id,
        "accepted_as": quote.accepted_as,
        "requirements": requirements_to_item(quote.requirements),
        "pickup_point_id": quote.pickup_point_id,
        "version": quote.version,
    }


def _from_item(item: dict[str, Any]) -> Quote:
    return Quote(
        id=item["id"],
        merchant_id=item["merchant_id"],
        hub_id=item["hub_id"],
        pickup=place_from_item(item["pickup"]),
        dropoff=LatLng.parse(item["dropoff"]),
        address_digest=item["address_digest"],
        parcel=parcel_from_item(item["parcel"]),
        service=Service(item["service"]),
        window=TimeWindow.from_item(item["window"]),
        price=price_from_item(item["price"]),
        card_owner=item["card_owner"],
        card_version=item["card_version"],
        zone_id=item["zone_id"],
        surge_permille=item["surge_permille"],
        dropoff_at=read_instant(item["dropoff_at"]),
        quoted_at=read_instant(item["quoted_at"]),
        expires_at=read_instant(item["expires_at"]),
        delivery_id=item["delivery_id"],
        accepted_as=item["accepted_as"],
        version=item["version"],
        requirements=requirements_from_item(item.get("requirements", {})),
        pickup_point_id=item.get("pickup_point_id"),
    )
