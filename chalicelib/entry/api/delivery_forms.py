"""How a delivery is written in the merchants' API: what they send, what they read."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from chalicelib import wiring
from chalicelib.domain.deliveries.model import Address, Delivery, HistoryEntry, Recipient
from chalicelib.domain.intake import order as words
from chalicelib.domain.intake.order import FindArticles, Kind, Order, Piece, Refusal
from chalicelib.domain.intake.repeats import Answer
from chalicelib.domain.intake.store import Rejection
from chalicelib.domain.intake.text import LINE_LENGTH, NAME_LENGTH, NOTES_LENGTH, clean
from chalicelib.domain.merchants import catalogue
from chalicelib.domain.merchants.model import Platform
from chalicelib.entry import rest
from chalicelib.entry.api.door_forms import RequirementsForm, wishes_in, write_requirements
from chalicelib.entry.api.instruction_answers import write_instructions
from chalicelib.kit import email_address, tokens
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.timewindow import TimeWindow, write_instant


def _not_blank(text: str) -> str:
    if not text:
        raise ValueError("it must not be blank")
    return text


def _printable(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise ValueError("it has characters that nobody sees")
    return text


def _storable(at: datetime) -> datetime:
    if not 2000 <= at.year < 2200:
        raise ValueError("a time lies between the years 2000 and 2200")
    at = at.astimezone(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


ExternalId = Annotated[str, Field(min_length=1, max_length=128), AfterValidator(_printable)]
Instant = Annotated[rest.Instant, AfterValidator(_storable)]
Name = Annotated[
    str,
    Field(max_length=NAME_LENGTH, json_schema_extra={"pattern": rest.NOT_BLANK}),
    AfterValidator(clean),
    AfterValidator(_not_blank),
]
Line = Annotated[
    str,
    Field(max_length=LINE_LENGTH, json_schema_extra={"pattern": rest.NOT_BLANK}),
    AfterValidator(clean),
    AfterValidator(_not_blank),
]
MaybeLine = Annotated[str, Field(max_length=LINE_LENGTH), AfterValidator(clean)]


class AddressForm(rest.Body):
    line1: Line
    line2: MaybeLine = ""
    city: MaybeLine = ""
    postal_code: Annotated[str, Field(max_length=20), AfterValidator(clean)] = ""
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]

    @model_validator(mode="after")
    def _can_be_found(self) -> "AddressForm":
        if not (self.city or self.postal_code):
            raise ValueError("an address needs a city or a postal_code")
        return self


PhoneText = Annotated[str, Field(max_length=64)]
#: BCP 47: ``de``, ``es-MX``. One that we do not speak is no mistake: the merchant's counts then.
LanguageTag = Annotated[str, Field(pattern=r"^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8}){0,4}$")]
Notes = Annotated[
    str,
    Field(max_length=4 * NOTES_LENGTH),
    AfterValidator(lambda text: clean(text, NOTES_LENGTH)),
]


class DropoffForm(rest.Body):
    name: Name
    phone_number: PhoneText | None = None
    email: Annotated[str, Field(max_length=email_address.LONGEST)] | None = None
    language: LanguageTag | None = None
    address: AddressForm
    latitude: rest.Latitude | None = None
    longitude: rest.Longitude | None = None
    notes: Notes = ""


class ItemForm(rest.Body):
    name: Annotated[str, Field(max_length=LINE_LENGTH)] = ""
    sku: Annotated[str, Field(max_length=catalogue.LONGEST_NUMBER)] | None = None
    quantity: Annotated[int, Field(ge=1, le=10_000)] = 1
    weight_g: Annotated[int, Field(ge=0, le=2_000_000)] | None = None
    volume_ml: Annotated[int, Field(ge=0, le=20_000_000)] | None = None


class WindowForm(rest.Body):
    start_time: Instant
    end_time: Instant

    @model_validator(mode="after")
    def _runs_forward(self) -> "WindowForm":
        if self.end_time <= self.start_time:
            raise ValueError("end_time must be later than start_time")
        return self

    @property
    def window(self) -> TimeWindow:
        return TimeWindow(self.start_time, self.end_time)


PickupPointName = Annotated[str, Field(min_length=1, max_length=64)]
TipMinor = Annotated[int, Field(ge=0, le=words.MOST_TIP_MINOR)]
Items = Annotated[list[ItemForm], Field(min_length=1, max_length=500)]


class OrderForm(rest.Body):
    """What is the same for every delivery that a merchant's own program asks for."""

    external_id: ExternalId
    store_external_id: ExternalId | None = None
    order_name: Name | None = None
    dropoff: DropoffForm
    window: WindowForm | None = None
    requirements: RequirementsForm | None = None
    pickup_point_id: PickupPointName | None = None
    tip_minor: TipMinor | None = None

    def order_of(
        self,
        items: list[ItemForm] | None,
        default_weight_g: int,
        find_articles: FindArticles = words.no_catalogue,
    ) -> Order:
        """The same as a platform's order, placed now."""
        to = self.dropoff
        parcel = None if items is None else packed(items, default_weight_g, find_articles)
        return Order(
            platform=Platform.API.value,
            kind=Kind.PLACED,
            source_event_id=self.external_id,
            order_id=self.external_id,
            order_name=self.order_name or self.external_id,
            updated_at=None,
            contact=words.contact(
                to.name, (to.phone_number,), to.address.country, to.language, (to.email,)
            ),
            address=Address(**to.address.model_dump()),
            position=words.position(to.latitude, to.longitude),
            parcel=parcel if isinstance(parcel, Parcel) else None,
            notes=to.notes,
            window=self.window.window if self.window else None,
            store_external_id=self.store_external_id,
            refusal=parcel if isinstance(parcel, Refusal) else None,
            wishes=wishes_in(self.requirements),
            pickup_point_id=self.pickup_point_id,
            tip_minor=self.tip_minor,
        )


class DeliveryForm(OrderForm):
    """``quote_id``: a quote of ours whose price and window are to count. ``pickup_point_id``: where
    it is brought instead of the address; ``service`` may say so, too."""

    items: Items
    service: Literal["pickup_point"] | None = None
    quote_id: Annotated[str, Field(max_length=64)] | None = None

    model_config = rest.example(
        external_id="A-1001",
        dropoff={
            "name": "Ada Sommer",
            "phone_number": "+491713920050",
            "notes": "Ring twice",
            "address": {
                "line1": "Auguststraße 40",
                "city": "Berlin",
                "postal_code": "10117",
                "country": "DE",
            },
        },
        items=[{"name": "Notebook", "quantity": 2, "weight_g": 400}],
    )

    @model_validator(mode="after")
    def _names_its_point(self) -> "DeliveryForm":
        if self.service is not None and self.pickup_point_id is None and self.quote_id is None:
            raise ValueError("a delivery to a pickup point needs a pickup_point_id")
        return self

    def order(
        self, default_weight_g: int, find_articles: FindArticles = words.no_catalogue
    ) -> Order:
        return self.order_of(self.items, default_weight_g, find_articles)


def packed(
    items: list[ItemForm], default_weight_g: int, find_articles: FindArticles = words.no_catalogue
) -> Parcel | Refusal:
    """What is to be carried, or why it cannot be; articles weigh what the catalogue says."""
    pieces = [
        Piece(item.quantity, item.weight_g, item.volume_ml, catalogue.refs(item.sku))
        for item in items
    ]
    return words.pack(words.look_up(pieces, find_articles), default_weight_g)


def created(delivery: Delivery, order: Order) -> Answer:
    """The answer to whoever asked for a delivery."""
    written = write_delivery(delivery)
    if order.contact.has_bad_phone:
        written["warnings"] = ["phone_unusable"]
    return Answer(201, json.dumps(written, separators=(",", ":")))


def write_delivery(delivery: Delivery, recipient: Recipient | None = None) -> dict[str, Any]:
    """A delivery as its merchant reads it; with the recipient when one delivery is asked for."""
    token = tokens.tracking_token(wiring.vault().server_key(), delivery.id)
    base_url = wiring.settings().public_base_url.rstrip("/")
    return {
        "id": delivery.id,
        "external_id": delivery.external_id,
        "platform": delivery.platform,
        "order_name": delivery.order_name,
        "status": delivery.status.value,
        "reason": delivery.reason,
        "version": delivery.version,
        "created_at": write_instant(delivery.created_at),
        "updated_at": write_instant(delivery.history[-1].at),
        "window": {
            "start_time": write_instant(delivery.window.start_at),
            "end_time": write_instant(delivery.window.end_at),
        },
        "pickup": {
            "id": delivery.pickup.id,
            "name": delivery.pickup.name,
            "latitude": delivery.pickup.position.latitude,
            "longitude": delivery.pickup.position.longitude,
        },
        "dropoff": _write_dropoff(delivery, recipient),
        "parcel": {
            "weight_g": delivery.parcel.weight_g,
            "volume_ml": delivery.parcel.volume_ml,
            "count": delivery.parcel.count,
            "assumed_count": delivery.parcel.assumed_count,
        },
        "requirements": write_requirements(delivery.requirements),
        "tip": delivery.tip
        and {"amount_minor": delivery.tip.amount_minor, "currency": delivery.tip.currency},
        "pickup_point_id": delivery.pickup_point_id,
        "collect_by": delivery.collect_by and write_instant(delivery.collect_by),
        "attempts": [
            {
                "number": attempt.number,
                "at": write_instant(attempt.at),
                "reason": attempt.reason.value,
                "party_at_fault": attempt.reason.party_at_fault.value,
            }
            for attempt in delivery.attempts
        ],
        "on_time": delivery.is_on_time,
        "tracking_url": f"{base_url}/t/{token}",
    }


def _write_dropoff(delivery: Delivery, recipient: Recipient | None) -> dict[str, Any]:
    dropoff: dict[str, Any] = {
        "latitude": delivery.dropoff.latitude,
        "longitude": delivery.dropoff.longitude,
        "confidence": delivery.confidence.value,
    }
    if recipient is not None:
        address = recipient.address
        dropoff |= {
            "instructions": write_instructions(delivery, recipient),
            "name": recipient.name,
            "phone_number": recipient.phone.e164 if recipient.phone else None,
            "notes": recipient.notes,
            "language": recipient.language,
            "address": write_address(address),
        }
    return dropoff


def write_address(address: Address) -> dict[str, str]:
    return {
        "line1": address.line1,
        "line2": address.line2,
        "city": address.city,
        "postal_code": address.postal_code,
        "country": address.country,
    }


def write_entry(delivery: Delivery, entry: HistoryEntry) -> dict[str, Any]:
    """One entry of the history, by the name and id of the event that told it."""
    return {
        "id": f"evt_{delivery.id}_{entry.version:06d}",
        "type": f"delivery.{entry.what}",
        "version": entry.version,
        "at": write_instant(entry.at),
        "status": entry.status.value,
        "reason": entry.reason,
        "undoes": entry.undoes,
    }


def write_rejection(rejection: Rejection) -> dict[str, Any]:
    return {
        "id": rejection.id,
        "at": write_instant(rejection.at),
        "platform": rejection.platform,
        "external_id": rejection.order_id,
        "order_name": rejection.order_name,
        "code": rejection.code,
        "detail": rejection.detail,
        "delivery_id": rejection.delivery_id,
    }
