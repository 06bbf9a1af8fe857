"""Doubtful addresses: what was asked, and the word of the desk or the merchant.

A merchant sees and answers for its own deliveries, the operator for all, naming the merchant. The
recipient's way is ``address_pages``.
"""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal

from chalice.app import Blueprint
from pydantic import Field, StringConstraints, model_validator

from chalicelib import wiring
from chalicelib.domain.deliveries import lists
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import Address, Delivery, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.intake import answers, review, service
from chalicelib.domain.intake.answers import Choose, Correct, Pin, Refuse, Reply, Verdict
from chalicelib.domain.intake.review import Candidate, Review, Who
from chalicelib.domain.merchants import store as merchant_store
from chalicelib.domain.merchants.model import Scope
from chalicelib.entry import rest, work
from chalicelib.entry.api import address_answers as answers_of
from chalicelib.entry.api.delivery_forms import AddressForm, write_address
from chalicelib.entry.auth import OPERATOR, Caller, Role, merchant
from chalicelib.entry.orders_in import locate
from chalicelib.entry.path_parts import DeliveryId
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import IllegalTransition, Invalid, PlacesUnavailable, Undeliverable
from chalicelib.kit.geo import LatLng
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Addresses")

Named = Annotated[str, StringConstraints(pattern=r"^mer_[0-9a-hjkmnp-tv-z]{26}$")]


class WhoseQuery(rest.Body):
    """The operator names the merchant; a merchant's key does."""

    merchant_id: Named | None = None


class ReviewsQuery(rest.Body):
    hub_id: Annotated[str, Field(max_length=60)]
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[str, Field(max_length=1024)] | None = None


class DecisionForm(rest.Body):
    """``accept`` takes a candidate, ``place`` a position, ``correct`` an address; ``refuse`` ends
    the delivery and is the operator's."""

    decision: Literal["accept", "place", "correct", "refuse"]
    merchant_id: Named | None = None
    candidate: Annotated[int, Field(ge=0, le=99)] | None = None
    latitude: rest.Latitude | None = None
    longitude: rest.Longitude | None = None
    address: AddressForm | None = None

    model_config = rest.example(
        decision="correct",
        address={
            "line1": "Torstraße 12",
            "city": "Berlin",
            "postal_code": "10119",
            "country": "DE",
        },
    )

    @model_validator(mode="after")
    def _has_its_part(self) -> "DecisionForm":
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("a position has a latitude and a longitude")
        parts = {"accept": self.candidate, "place": self.latitude, "correct": self.address}
        if self.decision in parts and parts[self.decision] is None:
            raise ValueError(f"the decision {self.decision} needs its part")
        return self

    def reply(self) -> Reply:
        position = None
        if self.latitude is not None and self.longitude is not None:
            position = LatLng(self.latitude, self.longitude)
        if self.candidate is not None and self.decision == "accept":
            return Choose(self.candidate)
        if position is not None and self.decision == "place":
            return Pin(position)
        if self.address is not None and self.decision == "correct":
            return Correct(Address(**self.address.model_dump()), position)
        return Refuse()


@doors.route(
    "GET",
    "/v1/deliveries/{delivery_id}/address",
    who=(merchant(Scope.DELIVERIES_READ), OPERATOR),
    answers={200: answers_of.AddressState},
)
def show_address(caller: Caller, delivery_id: DeliveryId, query: WhoseQuery) -> Mapping[str, Any]:
    """Show how sure we are of a delivery's door.

    With the question that was asked about it, its candidates and what was answered. The operator
    names the merchant in `merchant_id`.
    """
    ref = _ref(caller, delivery_id, query.merchant_id)
    uow = work.begin()
    return _write(delivery_store.load(uow, ref), review.load(uow, ref))


@doors.route(
    "POST",
    "/v1/deliveries/{delivery_id}/address",
    who=(merchant(Scope.DELIVERIES_WRITE), OPERATOR),
    answers={200: answers_of.DecidedAddress},
    errors=(Undeliverable, PlacesUnavailable, IllegalTransition),
)
def decide_address(
    caller: Caller, delivery_id: DeliveryId, body: DecisionForm
) -> Mapping[str, Any]:
    """Decide where the door of a delivery in `address_review` is.

    `accept` takes one of the candidates, `place` a position, `correct` another address; `refuse` is
    the operator's and ends the delivery. `result` says what came of it: `settled`, `referred` (the
    operator has to look), `still_unclear`, or `over` when nothing was asked any more. The operator
    names the merchant in `merchant_id`.
    """
    ref = _ref(caller, delivery_id, body.merchant_id)
    who = Who.OPERATOR if caller.role is Role.OPERATOR else Who.MERCHANT
    if who is Who.MERCHANT and body.decision == "refuse":
        field = {"field": "decision", "error": "cancel the delivery instead"}
        raise Invalid("only the operator refuses an address", fields=[field])
    server_key = wiring.vault().server_key()
    find = cache(locate)

    def decide(uow: UnitOfWork) -> Verdict:
        delivery = delivery_store.load(uow, ref)
        hub = merchant_store.load_hub(uow, delivery.hub_id)
        finder = service.finder(uow, ref.merchant_id, hub, find, server_key)
        return answers.answer(uow, ref, finder, who, body.reply())

    result = work.run(decide)
    uow = work.begin()
    state = _write(delivery_store.load(uow, ref), review.load(uow, ref))
    return {"result": result.value, **state}


@doors.route(
    "GET",
    "/v1/address-reviews",
    who=(OPERATOR,),
    answers={200: answers_of.AddressReviewPage},
)
def list_address_reviews(query: ReviewsQuery) -> Mapping[str, Any]:
    """List the deliveries of a hub that wait for an address, the most urgent first."""
    uow = work.begin()
    found, cursor = lists.list_address_reviews(
        uow, query.hub_id, limit=query.limit, after=query.cursor
    )
    rows = [
        {
            "delivery_id": delivery.id,
            "merchant_id": delivery.merchant_id,
            "order_name": delivery.order_name,
            "reason": delivery.reason,
            "due_at": write_instant(delivery.address_due_at),
            "overdue": delivery.address_due_at <= uow.now,
        }
        for delivery in found
    ]
    return {"address_reviews": rows, "next_cursor": cursor}


def _ref(caller: Caller, delivery_id: str, named: str | None) -> DeliveryRef:
    """Which delivery; a merchant's own key goes before what it names."""
    if caller.role is Role.MERCHANT:
        return DeliveryRef(caller.id, delivery_id)
    if named is None:
        field = {"field": "merchant_id", "error": "the operator names the merchant"}
        raise Invalid("whose delivery is it?", fields=[field])
    return DeliveryRef(named, delivery_id)


def _write(delivery: Delivery, asked: Review | None) -> dict[str, Any]:
    """How sure we are of a delivery's door, and the question if there is or was one."""
    waits = delivery.status is Status.ADDRESS_REVIEW
    shown: dict[str, Any] = {
        "delivery_id": delivery.id,
        "status": delivery.status.value,
        "confidence": delivery.confidence.value,
        "reason": delivery.reason if waits else None,
        "due_at": write_instant(delivery.address_due_at) if waits else None,
        "latitude": delivery.dropoff.latitude,
        "longitude": delivery.dropoff.longitude,
        "review": None,
    }
    if asked is not None:
        shown["review"] = _write_review(asked)
    return shown


def _write_review(asked: Review) -> dict[str, Any]:
    proposed, address = asked.proposed, asked.proposed_address
    return {
        "stage": asked.stage.value,
        "doubt": asked.doubt.value,
        "asked_at": write_instant(asked.asked_at),
        "candidates": [
            _write_candidate(number, one) for number, one in enumerate(asked.candidates)
        ],
        "proposed": None
        if proposed is None and address is None
        else {
            "latitude": None if proposed is None else proposed.latitude,
            "longitude": None if proposed is None else proposed.longitude,
            "distance_m": None if proposed is None else asked.centre.distance_m(proposed),
            "address": None if address is None else write_address(address),
        },
        "settled_by": None if asked.settled_by is None else asked.settled_by.value,
        "settled_at": None if asked.settled_at is None else write_instant(asked.settled_at),
    }


def _write_candidate(number: int, one: Candidate) -> dict[str, Any]:
    return {
        "number": number,
        "label": one.label,
        "latitude": one.position.latitude,
        "longitude": one.position.longitude,
        "is_door": one.is_door,
    }
