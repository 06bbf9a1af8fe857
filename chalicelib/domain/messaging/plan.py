"""Which text tells what, how much does it matter, and how many may there be?

An ordinary delivery is worth two texts; which ones is the merchant's choice (``TextChoice``), and
what happens first is told first. A question about the address, a failed attempt, a code, a delay
are not ordinary and come on top, up to a hard ceiling for one delivery.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.merchants.texting import TextChoice
from chalicelib.domain.messaging.limits import Weight
from chalicelib.domain.messaging.templates import Template
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import recipient_keys as keys
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

#: Of one delivery, whatever happens to it: three failed attempts and a pickup point stay below it.
MOST_PER_DELIVERY = 12
#: Whoever has just read that it is on its way need not read that it is near.
JUST_TOLD = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Kind:
    """``waits``: held back in quiet hours. ``is_ordinary``: counted against the merchant's two."""

    weight: Weight = Weight.USUAL
    waits: bool = False
    is_ordinary: bool = False


_LIGHT = Kind(Weight.LIGHT, waits=True)
KINDS = {
    Template.ORDER_ACCEPTED: Kind(Weight.LIGHT, waits=True, is_ordinary=True),
    Template.ADDRESS_REVIEW: _LIGHT,
    Template.OUT_FOR_DELIVERY: Kind(is_ordinary=True),
    Template.NEAR: Kind(is_ordinary=True),
    Template.ARRIVED: Kind(is_ordinary=True),
    Template.DELIVERED: Kind(is_ordinary=True),
    Template.ATTEMPT_FAILED: Kind(Weight.VITAL),
    Template.AT_PICKUP_POINT: Kind(Weight.VITAL, waits=True),
    Template.COLLECTION_DUE: _LIGHT,
    Template.DELAYED: Kind(),
    Template.RESCHEDULED: _LIGHT,
    Template.CANCELLED: Kind(),
    Template.RETURNING: Kind(),
    Template.MESSAGE: Kind(),
}

EVENTS = {
    "delivery.created": Template.ORDER_ACCEPTED,
    "delivery.address_review": Template.ADDRESS_REVIEW,
    "delivery.picked_up": Template.OUT_FOR_DELIVERY,
    "delivery.announced": Template.NEAR,
    "delivery.arrived_at_dropoff": Template.ARRIVED,
    "delivery.delayed": Template.DELAYED,
    "delivery.delivered": Template.DELIVERED,
    "delivery.attempt_failed": Template.ATTEMPT_FAILED,
    "delivery.at_pickup_point": Template.AT_PICKUP_POINT,
    "delivery.collection_due": Template.COLLECTION_DUE,
    "delivery.cancelled": Template.CANCELLED,
    "delivery.returning": Template.RETURNING,
    "conversation.posted": Template.MESSAGE,
}

_BEFORE_PICKUP = {
    Status.CREATED,
    Status.READY,
    Status.PLANNED,
    Status.ASSIGNED,
    Status.EN_ROUTE_TO_PICKUP,
    Status.ARRIVED_AT_PICKUP,
}
_ON_ITS_WAY = {Status.PICKED_UP, Status.EN_ROUTE_TO_DROPOFF}
_AFTER_FAILURE = {
    Status.ATTEMPT_FAILED,
    Status.READY,
    Status.PLANNED,
    Status.AT_PICKUP_POINT,
    Status.RETURNING,
    Status.RETURNED,
}
#: A text that its delivery has overtaken is not sent: it would be wrong by the time it is read.
STILL_TRUE: dict[Template, frozenset[Status]] = {
    Template.ORDER_ACCEPTED: frozenset(_BEFORE_PICKUP),
    Template.ADDRESS_REVIEW: frozenset({Status.ADDRESS_REVIEW}),
    Template.OUT_FOR_DELIVERY: frozenset({*_ON_ITS_WAY, Status.ARRIVED_AT_DROPOFF}),
    Template.NEAR: frozenset(_ON_ITS_WAY),
    Template.ARRIVED: frozenset({Status.ARRIVED_AT_DROPOFF}),
    Template.DELAYED: frozenset({*_BEFORE_PICKUP, *_ON_ITS_WAY}),
    Template.DELIVERED: frozenset({Status.DELIVERED}),
    Template.ATTEMPT_FAILED: frozenset(_AFTER_FAILURE),
    Template.AT_PICKUP_POINT: frozenset({Status.AT_PICKUP_POINT}),
    Template.COLLECTION_DUE: frozenset({Status.AT_PICKUP_POINT}),
    Template.RESCHEDULED: frozenset(_BEFORE_PICKUP),
    Template.CANCELLED: frozenset({Status.CANCELLED}),
    Template.RETURNING: frozenset({Status.RETURNING, Status.RETURNED}),
    Template.MESSAGE: frozenset({*_ON_ITS_WAY, Status.ARRIVED_AT_DROPOFF}),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One text of a delivery that counts: which, when, and before which attempt."""

    template: Template
    at: datetime
    attempt: int


@dataclass(frozen=True, slots=True)
class Tally:
    """The texts of one delivery so far."""

    told: tuple[Told, ...] = ()
    version: int = 0


def is_wanted(choice: TextChoice, template: Template) -> bool:
    """Whether a merchant's recipients get such a text at all."""
    return not KINDS[template].is_ordinary or (
        choice.most > 0 and template.value in choice.ordinary
    )


def reason_against(
    choice: TextChoice, tally: Tally, template: Template, delivery: Delivery, now: datetime
) -> str | None:
    """Why one more text would be too much; None when it is not."""
    if len(tally.told) >= MOST_PER_DELIVERY:
        return "delivery_ceiling"
    if not KINDS[template].is_ordinary:
        return None
    if not is_wanted(choice, template):
        return "not_chosen"
    this_attempt = [
        one
        for one in tally.told
        if KINDS[one.template].is_ordinary and one.attempt == len(delivery.attempts)
    ]
    if len(this_attempt) >= choice.most:
        return "enough_told"
    if template is Template.NEAR and _just_told(this_attempt, now):
        return "just_told"
    return None


def load_tally(uow: UnitOfWork, merchant_id: str, delivery_id: str) -> Tally:
    item = uow.get(keys.text_tally(merchant_id, delivery_id))
    return Tally() if item is None else _from_item(item)


def count(uow: UnitOfWork, tally: Tally, template: Template, delivery: Delivery) -> None:
    """Count one more, in this unit's commit."""
    told = (*tally.told, Told(template, uow.now, len(delivery.attempts)))
    item = {
        "told": [
            {"template": one.template.value, "at": write_instant(one.at), "attempt": one.attempt}
            for one in told
        ]
    }
    uow.put(keys.text_tally(delivery.merchant_id, delivery.id), item, expect=tally.version)


def _just_told(told: Iterable[Told], now: datetime) -> bool:
    return any(
        one.template is Template.OUT_FOR_DELIVERY and now - one.at < JUST_TOLD for one in told
    )


def _from_item(item: Item) -> Tally:
    told = tuple(
        Told(Template(one["template"]), read_instant(one["at"]), int(one["attempt"]))
        for one in item["told"]
    )
    return Tally(told, int(item["version"]))
