"""What does a recipient see? Every word of the page, decided without a browser, clock or table.

Privacy: first name and street only while the parcel is still to come; never a phone, a full name,
another stop or a driver's identity; the PIN only while the driver may ask for it, the photo only
once it is delivered; the map only while something is to come, the driver's dot by the rules of
``approach``.
What counts most comes first: when (``headlines``), how near, then facts.
Source: our security design, "Tracking links".
"""

from dataclasses import dataclass, replace

from chalicelib.domain.deliveries.model import Confidence, Delivery, Status
from chalicelib.domain.deliveries.requirements import DoorAction
from chalicelib.domain.tracking import headlines, nearness, needs
from chalicelib.domain.tracking.headlines import Known, Tone
from chalicelib.domain.tracking.rating import RATEABLE, Rating
from chalicelib.domain.tracking.timeline import ON_THE_WAY, PREPARING, Step, steps
from chalicelib.kit.geo import LatLng
from chalicelib.kit.languages import ENGLISH, Translator

#: Of a name or a street, so that a hostile one cannot fill the page.
_MOST_LETTERS = 60

S = Status


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is brought, on a map: a door, or a pickup point by its name."""

    position: LatLng
    name: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """The page in words: ``eyebrow`` above the ``headline``, ``lead`` below it.

    A headline that is a time is ``day`` and ``hours``. ``near`` says how near it is, ``shift`` why
    it is expected at another time than before. ``stops_before``: other doors that come first; None
    unless the driver is on the way here. ``poll_s``: when to look again; None when it is over.
    ``may_rate``: it can be rated, or the ``rating`` changed.
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
    near: tuple[str, ...] = ()
    shift: str = ""
    place: Place | None = None
    dot: LatLng | None = None
    poll_s: int | None = None
    rating: Rating | None = None
    may_rate: bool = False
    has_calendar: bool = False
    zone_key: str = ""
    status: str = ""
    hub_id: str = ""


def show(known: Known) -> View:
    delivery, said = known.delivery, headlines.say(known)
    stops_before = _stops_before(known)
    return View(
        tone=said.tone,
        eyebrow=said.eyebrow,
        headline=said.headline,
        day=said.day,
        hours=said.hours,
        lead=said.lead,
        brand=known.brand,
        order_name=delivery.order_name,
        stops_before=stops_before,
        details=tuple(row for row in _details(known) if row[1] != said.headline),
        steps=steps(delivery, known.reading, known.now),
        is_active=not delivery.status.is_final,
        has_photo=known.has_photo and delivery.status is S.DELIVERED,
        updated_at=known.reading.clock(known.now),
        asks_for_address=delivery.status is S.ADDRESS_REVIEW,
        needs=_needs(known),
        t=known.t,
        near=nearness.near(known, stops_before),
        shift=nearness.shift(known),
        place=_place(known),
        dot=known.dot if delivery.status in ON_THE_WAY else None,
        poll_s=nearness.poll_s(known),
        rating=known.rating,
        may_rate=_may_rate(known),
        has_calendar=_has_calendar(known),
        zone=known.reading.zone.key.rpartition("/")[2].replace("_", " "),
        zone_key=known.reading.zone.key,
        status=delivery.status.value,
        hub_id=delivery.hub_id,
    )


def seen_by_anyone(known: Known) -> View:
    """The same for somebody who knows an order's number and a postal code, and nothing more."""
    bare = replace(
        known, recipient=None, has_photo=False, pin="", point=None, collection_code="", dot=None
    )
    shown = show(replace(bare, rating=None))
    return replace(
        shown,
        place=None,
        may_rate=False,
        has_calendar=False,
        asks_for_address=False,
        needs=(),
    )


def _stops_before(known: Known) -> int | None:
    if known.progress is None or known.delivery.status not in ON_THE_WAY:
        return None
    return 0 if known.delivery.status is S.ARRIVED_AT_DROPOFF else known.progress.stops_before


def _place(known: Known) -> Place | None:
    """What the map shows: nothing once it is over, nor while nobody is sure of the door."""
    delivery = known.delivery
    if delivery.status.is_final or delivery.status in (S.ADDRESS_REVIEW, S.RETURNING):
        return None
    if known.point is not None:
        return Place(known.point.position, known.point.name)
    return None if delivery.confidence is Confidence.ASK else Place(delivery.dropoff)


def _may_rate(known: Known) -> bool:
    if known.delivery.status not in RATEABLE:
        return False
    return known.rating is None or known.rating.may_change(known.now)


def _has_calendar(known: Known) -> bool:
    delivery = known.delivery
    is_coming = delivery.status in (PREPARING | ON_THE_WAY) - {S.ADDRESS_REVIEW}
    return is_coming and known.now < delivery.window.start_at


def _details(known: Known) -> tuple[tuple[str, str], ...]:
    delivery, recipient, t = known.delivery, known.recipient, known.t
    rows = [(t.say("From"), known.brand[:_MOST_LETTERS])]
    if recipient is not None and not delivery.status.is_final:
        name = recipient.name.split(maxsplit=1)[0] if recipient.name.strip() else ""
        whom = [part[:_MOST_LETTERS] for part in (name, recipient.address.line1) if part]
        rows.append((t.say("To"), ", ".join(whom)))
    rows += needs.at_the_point(known.point, delivery.status, known.collection_code, known.now, t)
    is_at_a_door = known.point is None and _somebody_is_met(delivery)
    if known.pin and delivery.status in ON_THE_WAY and is_at_a_door:
        if delivery.handover.pin:
            pin = t.say("{pin}, the driver will ask for it", pin=known.pin)
        else:
            pin = t.say("{pin}, only if the driver asks", pin=known.pin)
        rows.append((t.say("PIN"), pin))
    if delivery.status not in (S.CANCELLED, S.RETURNING, S.RETURNED):
        promise = headlines.promise(known)
        rows.append((t.say("Promised"), promise[:1].upper() + promise[1:]))
    count = delivery.parcel.count
    rows.append((t.say("Parcels"), t.count("{n} parcel", "{n} parcels", count)))
    return tuple((label, value) for label, value in rows if value)


def _needs(known: Known) -> tuple[str, ...]:
    """What to have ready, while the parcel is still to come."""
    delivery = known.delivery
    if delivery.status not in (*PREPARING, *ON_THE_WAY) or delivery.status is S.ADDRESS_REVIEW:
        return ()
    return needs.at_the_door(delivery.handover, known.t)


def _somebody_is_met(delivery: Delivery) -> bool:
    return delivery.handover.action is DoorAction.MEET_AT_DOOR
