"""What does the shop want? One order, whatever platform it came by.

An :class:`Order` is one *version* of a shop's order: ``updated_at`` is the shop's clock, never
ours, and decides which of two versions is newer. Ids are texts, because platforms use integers
beyond 2^53. What cannot become a delivery is one of two things: :class:`NotForUs` (acknowledged,
forgotten) or an order with a ``refusal`` (the merchant must see it).
"""

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from chalicelib.domain.deliveries.model import Address, CancelReason
from chalicelib.domain.deliveries.requirements import SILENCE, Conflict, Wishes
from chalicelib.domain.intake.countries import iso_code
from chalicelib.domain.merchants.catalogue import Article
from chalicelib.domain.merchants.model import Hub, Merchant
from chalicelib.kit import email_address, languages
from chalicelib.kit.errors import ImpossibleRequirements, Undeliverable
from chalicelib.kit.geo import LatLng
from chalicelib.kit.languages import Language
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.phone import Phone
from chalicelib.kit.timewindow import TimeWindow

#: Volume when nobody says: 5 ml per gram. Source: carriers' volumetric divisor, 5,000 cm3/kg.
VOLUME_ML_PER_G = 5
#: Two tonnes: more than any vehicle that we know carries.
MOST_WEIGHT_G = 2_000_000
#: Ten thousand of most currencies: more is a misprint.
MOST_TIP_MINOR = 1_000_000
#: Three batches of reads: an order of more different articles is weighed by the usual piece.
MOST_LOOKED_UP = 300


class Kind(StrEnum):
    PLACED = "placed"
    UPDATED = "updated"
    CANCELLED = "cancelled"


class Refusal(StrEnum):
    """Why an order did not become what the shop asked; stable codes that merchants read."""

    NO_SHIPPING_ADDRESS = "no_shipping_address"
    UNKNOWN_LOCATION = "unknown_location"
    OUTSIDE_SERVICE_AREA = "outside_service_area"
    PICKUP_ONLY = "pickup_only"
    SEVERAL_ADDRESSES = "several_addresses"
    NOTHING_TO_SHIP = "nothing_to_ship"
    TOO_HEAVY = "too_heavy"
    UNKNOWN_STORE = "unknown_store"
    WINDOW_IMPOSSIBLE = "window_impossible"
    PAST_CUT_OFF = "past_cut_off"
    NO_CAPACITY_LEFT = "no_capacity_left"
    UPDATE_NOT_ALLOWED = "update_not_allowed"
    ORDER_CANCELLED = "order_cancelled"
    NONCANCELABLE_DELIVERY = "noncancelable_delivery"
    UNKNOWN_PICKUP_POINT = "unknown_pickup_point"
    PICKUP_POINT_CLOSED = "pickup_point_closed"
    PICKUP_POINT_FULL = "pickup_point_full"
    TOO_LARGE_FOR_POINT = "too_large_for_pickup_point"
    SERVICE_NOT_OFFERED = "service_not_offered"
    ASKED_AT_POINT = "asked_at_pickup_point"
    LEAVE_WITH_PIN = "leave_at_door_with_pin"
    LEAVE_WITH_SIGNATURE = "leave_at_door_with_signature"
    LEAVE_WITH_ID = "leave_at_door_with_id"
    LEAVE_WITH_CASH = "leave_at_door_with_cash"
    CASH_CURRENCY = "cash_currency_mismatch"
    CASH_OUT_OF_BOUNDS = "cash_out_of_bounds"
    AGE_OUT_OF_BOUNDS = "age_out_of_bounds"
    GEOFENCE_OUT_OF_BOUNDS = "geofence_out_of_bounds"

    @property
    def detail(self) -> str:
        """One sentence for a person; no personal data."""
        return _DETAILS[self]

    def error(self) -> Undeliverable:
        """The same for whoever waits for an answer."""
        of_the_door = self.value in set(Conflict) or self is Refusal.ASKED_AT_POINT
        kind = ImpossibleRequirements if of_the_door else Undeliverable
        return kind(self.detail, extra={"reason": self.value})


_DETAILS = {
    Refusal.NO_SHIPPING_ADDRESS: "The order has no complete shipping address.",
    Refusal.UNKNOWN_LOCATION: "The address could not be found on the map.",
    Refusal.OUTSIDE_SERVICE_AREA: "The address lies outside of the delivery area.",
    Refusal.PICKUP_ONLY: "The customer collects the order; there is nothing to deliver.",
    Refusal.SEVERAL_ADDRESSES: "The order goes to more than ten addresses; place several orders.",
    Refusal.NOTHING_TO_SHIP: "No item of the order needs shipping.",
    Refusal.TOO_HEAVY: "The order weighs more than a vehicle carries.",
    Refusal.UNKNOWN_STORE: "The order names a store that is not set up.",
    Refusal.WINDOW_IMPOSSIBLE: "The requested time cannot be read, is over, too far off or closed.",
    Refusal.PAST_CUT_OFF: "The order came too late for the requested time.",
    Refusal.NO_CAPACITY_LEFT: "There is no room left at the requested time.",
    Refusal.UPDATE_NOT_ALLOWED: "The order changed after its parcel went out; nothing was changed.",
    Refusal.ORDER_CANCELLED: "The order was cancelled before; place a new one instead.",
    Refusal.NONCANCELABLE_DELIVERY: "The delivery was over before the order was cancelled.",
    Refusal.UNKNOWN_PICKUP_POINT: "There is no such pickup point, or it takes nothing any more.",
    Refusal.PICKUP_POINT_CLOSED: "The pickup point does not open before the promise ends.",
    Refusal.PICKUP_POINT_FULL: "Every compartment that the parcel fits in is taken.",
    Refusal.TOO_LARGE_FOR_POINT: "The parcel fits in no compartment of the pickup point.",
    Refusal.SERVICE_NOT_OFFERED: "Nothing is brought to pickup points there.",
    Refusal.ASKED_AT_POINT: "A pickup point asks for its code, and for nothing else.",
    Refusal.LEAVE_WITH_PIN: "Nobody is there to give the PIN when it is left at the door.",
    Refusal.LEAVE_WITH_SIGNATURE: "Nobody is there to sign when it is left at the door.",
    Refusal.LEAVE_WITH_ID: "Nobody is there to show an ID when it is left at the door.",
    Refusal.LEAVE_WITH_CASH: "Nobody is there to pay when it is left at the door.",
    Refusal.CASH_CURRENCY: "Cash is collected in the currency of your rate card only.",
    Refusal.CASH_OUT_OF_BOUNDS: "That amount of cash cannot be collected at a door.",
    Refusal.AGE_OUT_OF_BOUNDS: "An age to be checked lies between 1 and 99.",
    Refusal.GEOFENCE_OUT_OF_BOUNDS: "A geofence lies between 25 and 2,000 metres.",
}


@dataclass(frozen=True, slots=True)
class NotForUs:
    """Acknowledged and not acted on: a ping, another topic, an unpaid order."""

    reason: str


#: Looks articles up in the merchant's catalogue, all of an order at once.
FindArticles = Callable[[Sequence[str]], Mapping[str, Article]]


def no_catalogue(refs: Sequence[str]) -> Mapping[str, Article]:
    return {}


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a payload leaves open: the merchant's articles, else its usual piece; its hub's country
    and zone.

    ``takes_test_orders``, ``takes_unpaid_orders``: what a merchant may ask for at its connection.
    """

    weight_g: int
    country: str
    zone: ZoneInfo
    stores: frozenset[str]
    find_articles: FindArticles = no_catalogue
    takes_test_orders: bool = False
    takes_unpaid_orders: bool = False


@dataclass(frozen=True, slots=True)
class Contact:
    """Who gets it. ``has_bad_phone``: a number was given and none of them can be one.
    ``language``: what the order says that they speak, if it is one of ours."""

    name: str
    phone: Phone | None
    has_bad_phone: bool = False
    language: Language | None = None
    email: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """One version of a shop's order; see the module's page.

    ``source_event_id`` is the same for every copy of one webhook. ``window`` None leaves the time
    to the merchant's promise; ``store_external_id`` None means the merchant's first store.
    ``updated_at`` None (a deletion carries no time) means as new as anything. ``may_mix_methods``:
    some of it may be collected or sent, which only the platform can tell. ``part``: which of an
    order's addresses this is; ``further``: the same version for its other ones (``intake.parts``).
    ``tip_minor`` None says nothing of a tip; without ``tip_currency`` it is the merchant's.
    """

    platform: str
    kind: Kind
    source_event_id: str
    order_id: str
    order_name: str
    updated_at: datetime | None
    contact: Contact
    address: Address | None = None
    position: LatLng | None = None
    parcel: Parcel | None = None
    notes: str = field(default="", repr=False)
    window: TimeWindow | None = None
    store_external_id: str | None = None
    cancel_reason: CancelReason = CancelReason.MERCHANT_REQUEST
    refusal: Refusal | None = None
    may_mix_methods: bool = False
    wishes: Wishes = SILENCE
    part: str = ""
    pickup_point_id: str | None = None
    further: tuple["Order", ...] = ()
    tip_minor: int | None = None
    tip_currency: str | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """One line of an order that needs carrying; None where the shop does not say.

    ``refs``: where the merchant's catalogue may know the article, best first.
    """

    quantity: int
    weight_g: int | None
    volume_ml: int | None = None
    refs: tuple[str, ...] = ()


def look_up(pieces: Iterable[Piece], find_articles: FindArticles) -> list[Piece]:
    """The same pieces with what the catalogue knows and the shop did not say; one look-up."""
    given = list(pieces)
    lacking = [piece for piece in given if not (piece.weight_g and piece.volume_ml)]
    refs = list(dict.fromkeys(ref for piece in lacking for ref in piece.refs))[:MOST_LOOKED_UP]
    known = find_articles(refs) if refs else {}
    return [_with_article(piece, known) for piece in given] if known else given


def _with_article(piece: Piece, known: Mapping[str, Article]) -> Piece:
    article = next((known[ref] for ref in piece.refs if ref in known), None)
    if article is None:
        return piece
    return replace(
        piece,
        weight_g=piece.weight_g or article.weight_g,
        volume_ml=piece.volume_ml or article.volume_ml,
    )


def pack(pieces: Iterable[Piece], default_weight_g: int) -> Parcel | Refusal:
    """Add up what is to be carried: weight per unit times quantity.

    A weight of 0 is a weight that nobody entered, and counts as the merchant's usual piece.
    """
    weight_g = volume_ml = count = assumed_count = 0
    for piece in pieces:
        unit_g = piece.weight_g or default_weight_g
        assumed_count += 0 if piece.weight_g else piece.quantity
        weight_g += unit_g * piece.quantity
        volume_ml += (piece.volume_ml or unit_g * VOLUME_ML_PER_G) * piece.quantity
        count += piece.quantity
    if count < 1:
        return Refusal.NOTHING_TO_SHIP
    if weight_g > MOST_WEIGHT_G:
        return Refusal.TOO_HEAVY
    return Parcel(weight_g, volume_ml, count, assumed_count)


def contact(
    name: str,
    phones: Iterable[str | None],
    country: str,
    language: str | None = None,
    emails: Iterable[str | None] = (),
) -> Contact:
    """The recipient with the first number that gets texts, else the first that can be one.

    Shops name the door's phone first; a landline there would leave the recipient without news. A
    bad number refuses no order.
    """
    given = [phone for phone in phones if phone and phone.strip()]
    readable = []
    for text in given:
        with contextlib.suppress(ValueError):
            readable.append(Phone.parse(text, country))
    textable = [phone for phone in readable if phone.can_get_texts]
    best = next(iter((*textable, *readable)), None)
    has_bad_phone = bool(given) and best is None
    email = next(filter(None, map(email_address.read, emails)), "")
    return Contact(name, best, has_bad_phone, languages.read(language), email)


def position(latitude: float | None, longitude: float | None) -> LatLng | None:
    """The given coordinates if they can be any; whether they are plausible is asked later."""
    if latitude is None or longitude is None:
        return None
    try:
        return LatLng(latitude, longitude)
    except ValueError:
        return None


def country_code(text: str | None, default: str) -> str:
    """The ISO 3166 alpha-2 code of a code or a name, or the default when it is none we know."""
    return iso_code(text) or default


def complete(address: Address) -> Address | None:
    """The address, or None when nobody could find a door by it."""
    return address if address.line1 and (address.city or address.postal_code) else None


def first_refusal(
    parcel: Parcel | Refusal, address: Address | None, window: TimeWindow | Refusal | None
) -> Refusal | None:
    """What the shop should hear of first when an order cannot be read as a delivery."""
    if isinstance(parcel, Refusal):
        return parcel
    if address is None:
        return Refusal.NO_SHIPPING_ADDRESS
    return window if isinstance(window, Refusal) else None


def defaults_of(
    merchant: Merchant, hub: Hub, find_articles: FindArticles = no_catalogue
) -> Defaults:
    return Defaults(
        weight_g=merchant.default_weight_g,
        country=hub.country,
        zone=ZoneInfo(hub.timezone),
        stores=frozenset(store.external_id for store in merchant.stores),
        find_articles=find_articles,
    )
