"""How a quote is written in the merchants' API: what they send, what they read."""

from typing import Annotated, Any

from pydantic import AwareDatetime, Field, model_validator

from chalicelib.domain.deliveries.model import Address, Place
from chalicelib.domain.intake import order as words
from chalicelib.domain.intake.order import Order, Refusal
from chalicelib.domain.merchants.model import Merchant, Store
from chalicelib.domain.pickup_points.model import Nearby
from chalicelib.domain.quotes.model import Ask, Offer, Quote, QuoteState, Service
from chalicelib.entry import rest
from chalicelib.entry.api.delivery_answers import Load, Pickup, Spot, Window
from chalicelib.entry.api.delivery_forms import (
    AddressForm,
    ExternalId,
    Items,
    OrderForm,
    PickupPointName,
    WindowForm,
    packed,
)
from chalicelib.entry.api.door_forms import (
    DoorRequirements,
    RequirementsForm,
    wishes_in,
    write_requirements,
)
from chalicelib.entry.api.rate_card_answers import FeeComponent
from chalicelib.kit.errors import Invalid, Undeliverable
from chalicelib.kit.geo import LatLng
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.unit_of_work import UnitOfWork

_QUOTE: dict[str, Any] = {
    "id": "qte_01m83qpnc10y2w525st46371np",
    "state": "open",
    "service": "standard",
    "fee": 790,
    "currency": "EUR",
    "fee_components": [
        {
            "kind": "base",
            "rule": "the same for every delivery",
            "inputs": {},
            "amount_minor": 490,
        },
        {
            "kind": "window",
            "rule": "the band of the promised window's length",
            "inputs": {"window_s": 3600, "up_to": 3600},
            "amount_minor": 300,
        },
    ],
    "surge_permille": 1000,
    "quoted_at": "2026-11-23T08:17:33.057Z",
    "expires_at": "2026-11-23T08:32:33.057Z",
    "window": {
        "start_time": "2026-11-23T10:00:00.000Z",
        "end_time": "2026-11-23T11:00:00.000Z",
    },
    "dropoff_eta": "2026-11-23T10:24:10.057Z",
    "pickup": {
        "id": "str_01m83qpn9g3kyfap0qjtyjyzv2",
        "name": "Papeterie Sommer",
        "latitude": 52.5286,
        "longitude": 13.4102,
    },
    "dropoff": {"latitude": 52.527471, "longitude": 13.397757},
    "parcel": {"weight_g": 800, "volume_ml": 4000, "count": 2, "assumed_count": 0},
    "requirements": {
        "action": "meet_at_door",
        "pin": False,
        "signature": False,
        "photo": False,
        "id_min_age": None,
        "cash_on_delivery": None,
    },
    "pickup_point_id": None,
    "delivery_id": None,
}
_DOOR = {
    "address": {
        "line1": "Auguststraße 40",
        "city": "Berlin",
        "postal_code": "10117",
        "country": "DE",
    }
}


class QuotedDoorForm(rest.Body):
    """An address, coordinates, or both."""

    address: AddressForm | None = None
    latitude: rest.Latitude | None = None
    longitude: rest.Longitude | None = None

    @model_validator(mode="after")
    def _is_somewhere(self) -> "QuotedDoorForm":
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("latitude and longitude come together")
        if self.address is None and self.latitude is None:
            raise ValueError("give an address or coordinates")
        return self

    @property
    def position(self) -> LatLng | None:
        return words.position(self.latitude, self.longitude)


class QuoteForm(rest.Body):
    """``store_id`` is ours, ``store_external_id`` the merchant's; the first store without any.

    ``pickup_points``: so many near the door are listed, nearest first; ``pickup_point_id``: it is
    brought to that one, and no door is needed.
    """

    store_id: Annotated[str, Field(max_length=64)] | None = None
    store_external_id: ExternalId | None = None
    dropoff: QuotedDoorForm | None = None
    pickup_point_id: PickupPointName | None = None
    items: Items
    window: WindowForm | None = None
    service: Service | None = None
    pickup_points: Annotated[int, Field(ge=0, le=10)] = 0
    requirements: RequirementsForm | None = None

    model_config = rest.example(
        dropoff=_DOOR, items=[{"name": "Notebook", "quantity": 2, "weight_g": 400}]
    )

    @model_validator(mode="after")
    def _goes_somewhere(self) -> "QuoteForm":
        if self.dropoff is None and self.pickup_point_id is None:
            raise ValueError("give a dropoff, or a pickup_point_id")
        if self.service is Service.PICKUP_POINT and self.pickup_point_id is None:
            raise ValueError("a delivery to a pickup point needs a pickup_point_id")
        return self

    def ask(
        self, merchant: Merchant, find_articles: words.FindArticles = words.no_catalogue
    ) -> Ask:
        """What is asked for, of this merchant; raise Invalid or Undeliverable."""
        to = self.dropoff
        door, position = (None, None) if to is None else (to.address, to.position)
        store = self._store(merchant)
        parcel = packed(self.items, merchant.default_weight_g, find_articles)
        if isinstance(parcel, Refusal):
            raise Undeliverable(parcel.detail, extra={"reason": parcel.value})
        return Ask(
            pickup=Place(store.id, store.name, store.position),
            parcel=parcel,
            address=None if door is None else Address(**door.model_dump()),
            position=position,
            window=self.window.window if self.window else None,
            service=self.service,
            pickup_points=self.pickup_points,
            wishes=wishes_in(self.requirements),
            pickup_point_id=self.pickup_point_id,
        )

    def _store(self, merchant: Merchant) -> Store:
        if self.store_id is None:
            found = merchant.store_by_external_id(self.store_external_id)
            if found is None:
                reason = Refusal.UNKNOWN_STORE
                raise Undeliverable(reason.detail, extra={"reason": reason.value})
            return found
        for store in merchant.stores:
            if store.id == self.store_id and self.store_external_id in (None, store.external_id):
                return store
        raise Invalid(
            "you have no such store", fields=[{"field": "store_id", "error": "no such store"}]
        )


class AcceptForm(OrderForm):
    """Who gets it; what is left out is as quoted."""

    items: Items | None = None

    model_config = rest.example(
        external_id="A-1001",
        dropoff={"name": "Ada Sommer", "phone_number": "+491713920050", **_DOOR},
    )

    def order(
        self, default_weight_g: int, find_articles: words.FindArticles = words.no_catalogue
    ) -> Order:
        return self.order_of(self.items, default_weight_g, find_articles)


class OfferedWindow(rest.Answer):
    """Another time that could be had: ask again with it as ``window``."""

    service: Service
    start_time: AwareDatetime
    end_time: AwareDatetime
    fee: int
    dropoff_eta: AwareDatetime


class PointNearby(rest.Answer):
    """A pickup point that takes the parcel; see GET /v1/pickup-points/{point_id}."""

    id: str
    name: str
    latitude: float
    longitude: float
    distance_m: int


class OneQuote(rest.Answer):
    """A price and a window. Components sum to the fee; amounts are minor units."""

    id: str
    state: QuoteState
    service: Service
    fee: int
    currency: str
    fee_components: list[FeeComponent]
    surge_permille: int
    quoted_at: AwareDatetime
    expires_at: AwareDatetime
    window: Window
    dropoff_eta: AwareDatetime
    pickup: Pickup
    dropoff: Spot
    parcel: Load
    requirements: DoorRequirements
    pickup_point_id: str | None
    delivery_id: str | None

    model_config = rest.example(**_QUOTE)


class NewQuote(OneQuote):
    """A quote, and in ``windows`` what else could be had now."""

    windows: list[OfferedWindow]
    pickup_points: list[PointNearby]

    model_config = rest.example(
        **_QUOTE,
        windows=[
            {
                "service": "standard",
                "start_time": "2026-11-23T10:00:00.000Z",
                "end_time": "2026-11-23T11:00:00.000Z",
                "fee": 790,
                "dropoff_eta": "2026-11-23T10:24:10.057Z",
            }
        ],
        pickup_points=[],
    )


def write_quote(quote: Quote, uow: UnitOfWork) -> dict[str, Any]:
    return {
        "id": quote.id,
        "state": quote.state(uow.now).value,
        "service": quote.service.value,
        "fee": quote.price.total_minor,
        "currency": quote.price.currency,
        "fee_components": [
            {
                "kind": one.kind.value,
                "rule": one.rule,
                "inputs": dict(one.inputs),
                "amount_minor": one.amount_minor,
            }
            for one in quote.price.components
        ],
        "surge_permille": quote.surge_permille,
        "quoted_at": write_instant(quote.quoted_at),
        "expires_at": write_instant(quote.expires_at),
        "window": {
            "start_time": write_instant(quote.window.start_at),
            "end_time": write_instant(quote.window.end_at),
        },
        "dropoff_eta": write_instant(quote.dropoff_at),
        "pickup": {
            "id": quote.pickup.id,
            "name": quote.pickup.name,
            "latitude": quote.pickup.position.latitude,
            "longitude": quote.pickup.position.longitude,
        },
        "dropoff": {"latitude": quote.dropoff.latitude, "longitude": quote.dropoff.longitude},
        "parcel": {
            "weight_g": quote.parcel.weight_g,
            "volume_ml": quote.parcel.volume_ml,
            "count": quote.parcel.count,
            "assumed_count": quote.parcel.assumed_count,
        },
        "requirements": write_requirements(quote.requirements),
        "pickup_point_id": quote.pickup_point_id,
        "delivery_id": quote.delivery_id,
    }


def write_point(nearby: Nearby) -> dict[str, Any]:
    point = nearby.point
    return {
        "id": point.id,
        "name": point.name,
        "latitude": point.position.latitude,
        "longitude": point.position.longitude,
        "distance_m": nearby.distance_m,
    }


def write_offer(offer: Offer) -> dict[str, Any]:
    return {
        "service": offer.service.value,
        "start_time": write_instant(offer.window.start_at),
        "end_time": write_instant(offer.window.end_at),
        "fee": offer.price.total_minor,
        "dropoff_eta": write_instant(offer.dropoff_at),
    }
