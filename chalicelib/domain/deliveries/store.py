"""How a delivery is kept: codec and queries.

One item in ``core`` (about 1.5 kB with a usual history) and one in ``pii``. While it is ready it
also stands in the pending index with what the planner needs, so planning reads no base item.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.coverage.store import booking_from_item, booking_to_item
from chalicelib.domain.deliveries.door_items import (
    home_from_item,
    home_to_item,
    proof_from_item,
    proof_to_item,
    requirements_from_item,
    requirements_to_item,
)
from chalicelib.domain.deliveries.foretelling import latest_step
from chalicelib.domain.deliveries.instructions import (
    IfMissed,
    instructions_from_item,
    instructions_to_item,
)
from chalicelib.domain.deliveries.model import (
    Address,
    Attempt,
    Confidence,
    Delivery,
    DoorKind,
    FailureReason,
    HistoryEntry,
    Place,
    Recipient,
    Status,
)
from chalicelib.kit import languages
from chalicelib.kit.errors import NotFound
from chalicelib.kit.geo import LatLng
from chalicelib.kit.money import Money
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.phone import Phone
from chalicelib.kit.timewindow import TimeWindow, read_instant, write_instant
from chalicelib.storage import index_keys, keys
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class DeliveryRef:
    """How others point at a delivery: its key needs both ids."""

    merchant_id: str
    delivery_id: str

    def __str__(self) -> str:
        return f"{self.merchant_id}/{self.delivery_id}"

    @classmethod
    def parse(cls, text: str) -> "DeliveryRef":
        merchant_id, _, delivery_id = text.partition("/")
        return cls(merchant_id, delivery_id)


def load(uow: UnitOfWork, ref: DeliveryRef) -> Delivery:
    """Raise NotFound unless this merchant has this delivery."""
    item = uow.get(keys.delivery(ref.merchant_id, ref.delivery_id))
    if item is None:
        raise NotFound("there is no such delivery")
    return from_item(item)


def load_many(uow: UnitOfWork, refs: Iterable[DeliveryRef]) -> dict[DeliveryRef, Delivery]:
    """Load what exists of these; a unit's own unsaved changes are not seen."""
    wanted = {keys.delivery(ref.merchant_id, ref.delivery_id): ref for ref in refs}
    return {wanted[key]: from_item(item) for key, item in uow.get_many(wanted).items()}


def save(uow: UnitOfWork, delivery: Delivery, *, expect: int | None = None) -> None:
    """Save; ``expect`` is the loaded version when several steps were taken at once."""
    expected = delivery.version - 1 if expect is None else expect
    # By our own clock: a tap that arrives late must not slip in behind a shop that asks for news.
    news = {
        "g4pk": keys.merchant_news(delivery.merchant_id, uow.now.date()),
        "g4sk": f"{write_instant(uow.now)}#{delivery.id}",
    }
    uow.put(
        keys.delivery(delivery.merchant_id, delivery.id),
        to_item(delivery) | news,
        expect=expected,
        subject=delivery.id,
    )


def save_recipient(uow: UnitOfWork, ref: DeliveryRef, recipient: Recipient) -> None:
    address = recipient.address
    uow.put(
        keys.recipient(ref.merchant_id, ref.delivery_id),
        {
            "name": recipient.name,
            "phone": None if recipient.phone is None else recipient.phone.e164,
            "address": {
                "line1": address.line1,
                "line2": address.line2,
                "city": address.city,
                "postal_code": address.postal_code,
                "country": address.country,
            },
            "notes": recipient.notes,
            "handed_to": recipient.handed_to,
            "language": None if recipient.language is None else recipient.language.value,
            "instructions": instructions_to_item(recipient.instructions),
            "email": recipient.email,
        },
        expect=None,
    )


def load_recipient(uow: UnitOfWork, ref: DeliveryRef) -> Recipient | None:
    item = uow.get(keys.recipient(ref.merchant_id, ref.delivery_id))
    return None if item is None else _recipient_from_item(item)


def load_recipients(uow: UnitOfWork, refs: Iterable[DeliveryRef]) -> dict[DeliveryRef, Recipient]:
    wanted = {keys.recipient(ref.merchant_id, ref.delivery_id): ref for ref in refs}
    return {wanted[key]: _recipient_from_item(item) for key, item in uow.get_many(wanted).items()}


def to_item(delivery: Delivery) -> Item:
    item: Item = {
        "id": delivery.id,
        "merchant_id": delivery.merchant_id,
        "hub_id": delivery.hub_id,
        "platform": delivery.platform,
        "external_id": delivery.external_id,
        "order_name": delivery.order_name,
        "status": delivery.status.value,
        "version": delivery.version,
        "created_at": write_instant(delivery.created_at),
        "pickup": _place_to_item(delivery.pickup),
        "dropoff": str(delivery.dropoff),
        "window": delivery.window.to_item(),
        "parcel": parcel_to_item(delivery.parcel),
        "service_s": delivery.service_s,
        "source_updated_at": write_instant(delivery.source_updated_at),
        "history": [_entry_to_item(entry) for entry in delivery.history],
        "attempts": [_attempt_to_item(attempt) for attempt in delivery.attempts],
        "route_id": delivery.route_id,
        "driver_id": delivery.driver_id,
        "proofs": [proof_to_item(proof) for proof in delivery.proofs],
        "reason": delivery.reason,
        "confidence": delivery.confidence.value,
        "door_key": delivery.door_key,
        "shop_door_key": delivery.shop_door_key,
        "booking": delivery.booking and booking_to_item(delivery.booking),
        "live": delivery.live,
        "requirements": requirements_to_item(delivery.requirements),
        "pickup_point_id": delivery.pickup_point_id,
        "collect_by": delivery.collect_by and write_instant(delivery.collect_by),
        "door": delivery.door.value,
        "if_missed": delivery.if_missed and delivery.if_missed.value,
        "has_safe_place": delivery.has_safe_place,
        **({"home": home_to_item(delivery.home)} if delivery.home else {}),
        **({"zone_id": delivery.zone_id} if delivery.zone_id else {}),
        "g2pk": keys.merchant_day(delivery.merchant_id, delivery.created_at.date()),
        "g2sk": f"{write_instant(delivery.created_at)}#{delivery.id}",
    }
    if delivery.tip is not None:
        item["tip"] = [delivery.tip.amount_minor, delivery.tip.currency]
    if delivery.status is Status.READY and delivery.live:
        deadline = write_instant(delivery.window.end_at)
        item["g1pk"] = keys.pending(delivery.hub_id, keys.pending_shard(delivery.id))
        item["g1sk"] = f"{deadline}#{delivery.id}"
        item["pending"] = _pending(delivery)
    elif delivery.status is Status.ADDRESS_REVIEW:
        item["g3pk"] = index_keys.address_reviews(delivery.hub_id)
        due = write_instant(delivery.address_due_at)
        item["g3sk"] = f"{due}#{DeliveryRef(delivery.merchant_id, delivery.id)}"
    elif delivery.collection_step_at is not None and delivery.live:
        item["g3pk"] = index_keys.parcels_at_points(delivery.hub_id)
        due = write_instant(delivery.collection_step_at)
        item["g3sk"] = f"{due}#{DeliveryRef(delivery.merchant_id, delivery.id)}"
    return item


def from_item(item: Item) -> Delivery:
    # Deliveries of before there was capacity have none.
    booking = item.get("booking")
    return Delivery(
        id=item["id"],
        merchant_id=item["merchant_id"],
        hub_id=item["hub_id"],
        platform=item["platform"],
        external_id=item["external_id"],
        order_name=item["order_name"],
        status=Status(item["status"]),
        version=item["version"],
        created_at=read_instant(item["created_at"]),
        pickup=place_from_item(item["pickup"]),
        dropoff=LatLng.parse(item["dropoff"]),
        window=TimeWindow.from_item(item["window"]),
        parcel=parcel_from_item(item["parcel"]),
        service_s=item["service_s"],
        source_updated_at=read_instant(item["source_updated_at"]),
        history=tuple(_entry_from_item(entry) for entry in item["history"]),
        attempts=tuple(_attempt_from_item(attempt) for attempt in item["attempts"]),
        route_id=item["route_id"],
        driver_id=item["driver_id"],
        proofs=tuple(proof_from_item(proof) for proof in item.get("proofs", ())),
        reason=item["reason"],
        confidence=Confidence(item.get("confidence", Confidence.ACCEPT)),
        door_key=item.get("door_key"),
        shop_door_key=item.get("shop_door_key"),
        booking=booking_from_item(booking) if booking else None,
        live=item["live"],
        requirements=requirements_from_item(item.get("requirements", {})),
        pickup_point_id=item.get("pickup_point_id"),
        collect_by=read_instant(item["collect_by"]) if item.get("collect_by") else None,
        door=DoorKind(item.get("door", DoorKind.HOUSE)),
        tip=Money(*item["tip"]) if "tip" in item else None,
        if_missed=IfMissed(item["if_missed"]) if item.get("if_missed") else None,
        has_safe_place=item.get("has_safe_place", False),
        home=home_from_item(item["home"]) if item.get("home") else None,
        zone_id=item.get("zone_id"),
    )


def _pending(delivery: Delivery) -> dict[str, Any]:
    """What the planner needs, and no more: this map is copied into the index."""
    return {
        "merchant_id": delivery.merchant_id,
        "delivery_id": delivery.id,
        "version": delivery.version,
        "pickup": _place_to_item(delivery.pickup),
        "dropoff": str(delivery.dropoff),
        "window": delivery.window.to_item(),
        "parcel": parcel_to_item(delivery.parcel),
        "service_s": delivery.service_s,
        "attempts": len(delivery.attempts),
        "ready_at": write_instant(latest_step(delivery).at),
        "door_key": delivery.door_key,
        "needs": sorted(delivery.needs),
        **({"pickup_point_id": delivery.pickup_point_id} if delivery.pickup_point_id else {}),
    }


def _place_to_item(place: Place) -> dict[str, str]:
    return {"id": place.id, "name": place.name, "position": str(place.position)}


def place_from_item(item: dict[str, str]) -> Place:
    return Place(item["id"], item["name"], LatLng.parse(item["position"]))


def parcel_to_item(parcel: Parcel) -> dict[str, int]:
    item = {"weight_g": parcel.weight_g, "volume_ml": parcel.volume_ml, "count": parcel.count}
    return item | ({"assumed_count": parcel.assumed_count} if parcel.assumed_count else {})


def parcel_from_item(item: dict[str, int]) -> Parcel:
    assumed_count = item.get("assumed_count", 0)
    return Parcel(item["weight_g"], item["volume_ml"], item["count"], assumed_count)


def _entry_to_item(entry: HistoryEntry) -> dict[str, Any]:
    item: dict[str, Any] = {
        "version": entry.version,
        "what": entry.what,
        "status": entry.status.value,
        "at": write_instant(entry.at),
    }
    if entry.reason is not None:
        item["reason"] = entry.reason
    if entry.undoes is not None:
        item["undoes"] = entry.undoes
    if entry.by is not None:
        item["by"] = entry.by
    return item


def _entry_from_item(item: dict[str, Any]) -> HistoryEntry:
    return HistoryEntry(
        version=item["version"],
        what=item["what"],
        status=Status(item["status"]),
        at=read_instant(item["at"]),
        reason=item.get("reason"),
        undoes=item.get("undoes"),
        by=item.get("by"),
    )


def _attempt_to_item(attempt: Attempt) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "at": write_instant(attempt.at),
        "reason": attempt.reason.value,
        "driver_id": attempt.driver_id,
        "route_id": attempt.route_id,
    }


def _attempt_from_item(item: dict[str, Any]) -> Attempt:
    return Attempt(
        number=item["number"],
        at=read_instant(item["at"]),
        reason=FailureReason(item["reason"]),
        driver_id=item["driver_id"],
        route_id=item["route_id"],
    )


def _recipient_from_item(item: Item) -> Recipient:
    return Recipient(
        name=item["name"],
        phone=None if item["phone"] is None else Phone(item["phone"]),
        address=Address(**item["address"]),
        notes=item["notes"],
        handed_to=item["handed_to"],
        # Recipients of before texts had languages have none.
        language=languages.read(item.get("language")),
        instructions=instructions_from_item(item.get("instructions", {})),
        # Recipients of before there were e-mails have none.
        email=item.get("email", ""),
    )
