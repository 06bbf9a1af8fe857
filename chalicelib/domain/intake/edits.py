"""What does a merchant's edit ask for? A further version of its order, with only that changed."""

from dataclasses import dataclass

from chalicelib.domain.deliveries.model import Address, Delivery, Recipient
from chalicelib.domain.deliveries.requirements import SILENCE, Wishes, overlaid, wishes_of
from chalicelib.domain.intake.order import Contact, Kind, Order
from chalicelib.domain.merchants.model import Merchant
from chalicelib.kit.geo import LatLng
from chalicelib.kit.timewindow import TimeWindow


@dataclass(frozen=True, slots=True)
class Edit:
    """What shall be different; None leaves it as it is."""

    contact: Contact | None = None
    address: Address | None = None
    position: LatLng | None = None
    notes: str | None = None
    window: TimeWindow | None = None
    wishes: Wishes = SILENCE
    tip_minor: int | None = None


def edited(merchant: Merchant, before: Delivery, known: Recipient, edit: Edit) -> Order:
    """The order that the delivery came from, as it would be now.

    Its version is the one that was seen last: a later one of the shop's own still counts, and an
    earlier one still does not.
    """
    store = next((one for one in merchant.stores if one.id == before.pickup.id), None)
    return Order(
        platform=before.platform,
        kind=Kind.UPDATED,
        source_event_id="",
        order_id=before.external_id,
        order_name=before.order_name,
        updated_at=before.source_updated_at,
        contact=edit.contact
        or Contact(known.name, known.phone, language=known.language, email=known.email),
        address=edit.address or known.address,
        position=edit.position,
        parcel=before.parcel,
        notes=known.notes if edit.notes is None else edit.notes,
        window=edit.window or before.window,
        store_external_id=store.external_id if store else None,
        wishes=overlaid(wishes_of(before.requirements), edit.wishes),
        tip_minor=edit.tip_minor,
    )
