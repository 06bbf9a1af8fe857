"""What does a recipient see? Every word of the page, decided without a browser, clock or table.

Privacy: first name and street only while the parcel is still to come; never a phone, a full name,
another stop or a driver's identity; the PIN only while the driver may ask for it, the photo only
once it is delivered. The link ends fourteen days after the delivery did.
Source: our security design, "Tracking links".
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.deliveries.requirements import DoorAction
from chalicelib.domain.tracking import headlines, needs
from chalicelib.domain.tracking.headlines import Known, Tone
from chalicelib.domain.tracking.timeline import ON_THE_WAY, PREPARING, Step, steps
from chalicelib.kit.languages import ENGLISH, Translator

LINK_LIVES = timedelta(days=14)
#: Of a name or a street, so that a hostile one cannot fill the page.
_MOST_LETTERS = 60

S = Status


@dataclass(frozen=True, slots=True)
class View:
    """The page in words: ``eyebrow`` above the ``headline``, ``lead`` below it.

    ``stops_before``: other doors that come first; None unless the driver is on the way here.
    """

    tone: Tone
    eyebrow: str
    headline: str
    lead: str
    brand: str
    order_name: str
    stops_before: int | None
    details: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]
    is_active: bool
    has_photo: bool
    updated_at: str
    zone: str
    asks_for_address: bool
    needs: tuple[str, ...] = ()
    day: str = ""
    hours: str = ""
    t: Translator = ENGLISH


def ended_at(delivery: Delivery) -> datetime | None:
    """When the delivery came to its end; None while it has not."""
    return delivery.history[-1].at if delivery.status.is_final else None


def is_expired(delivery: Delivery, now: datetime) -> bool:
    """Whether the link has outlived its delivery by more than it may."""
    end = ended_at(delivery)
    return end is not None and now - end > LINK_LIVES


def show(known: Known) -> View:
    delivery = known.delivery
    said = headlines.say(known)
    return View(
        tone=said.tone,
        eyebrow=said.eyebrow,
        headline=said.headline,
        day=said.day,
        hours=said.hours,
        lead=said.lead,
        brand=known.brand,
        order_name=delivery.order_name,
        stops_before=_stops_before(known),
        details=tuple(row for row in _details(known) if row[1] != said.headline),
        steps=steps(delivery, known.reading, known.now),
        is_active=not delivery.status.is_final,
        has_photo=known.has_photo and delivery.status is S.DELIVERED,
        updated_at=known.reading.clock(known.now),
        asks_for_address=delivery.status is S.ADDRESS_REVIEW,
        needs=_needs(known),
        t=known.reading.t,
        zone=known.reading.zone.key.rpartition("/")[2].replace("_", " "),
    )


def _stops_before(known: Known) -> int | None:
    if known.progress is None or known.delivery.status not in ON_THE_WAY:
        return None
    return 0 if known.delivery.status is S.ARRIVED_AT_DROPOFF else known.progress.stops_before


def _details(known: Known) -> tuple[tuple[str, str], ...]:
    delivery, recipient, t = known.delivery, known.recipient, known.reading.t
    rows = []
    if recipient is not None and not delivery.status.is_final:
        name = recipient.name.split(maxsplit=1)[0] if recipient.name.strip() else ""
        whom = [part[:_MOST_LETTERS] for part in (name, recipient.address.line1) if part]
        rows.append((t.say("To"), ", ".join(whom)))
    rows += needs.at_the_point(known.point, delivery.status, known.collection_code, known.now, t)
    is_at_a_door = known.point is None and _somebody_is_met(delivery)
    if known.pin and delivery.status in ON_THE_WAY and is_at_a_door:
        if delivery.handover.pin:
            told = t.say("{pin}, the driver will ask for it", pin=known.pin)
        else:
            told = t.say("{pin}, only if the driver asks", pin=known.pin)
        rows.append((t.say("PIN"), told))
    if delivery.status not in (S.CANCELLED, S.RETURNING, S.RETURNED):
        promise = headlines.promise(known)
        rows.append((t.say("Promised"), promise[:1].upper() + promise[1:]))
    rows.append((t.say("Parcels"), str(delivery.parcel.count)))
    return tuple((label, value) for label, value in rows if value)


def _needs(known: Known) -> tuple[str, ...]:
    """What to have ready, while the parcel is still to come."""
    delivery = known.delivery
    if delivery.status not in (*PREPARING, *ON_THE_WAY) or delivery.status is S.ADDRESS_REVIEW:
        return ()
    return needs.at_the_door(delivery.handover, known.reading.t)


def _somebody_is_met(delivery: Delivery) -> bool:
    return delivery.handover.action is DoorAction.MEET_AT_DOOR
