"""The merchants' own API: ask for deliveries, look at them, cancel them.

The merchant is whose key it is; a delivery of another merchant is simply not found.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Annotated, Any

from chalice.app import Blueprint, Request, Response
from pydantic import Field, model_validator

from chalicelib import wiring
from chalicelib.domain.deliveries import check_items, lists
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.commands import Cancel
from chalicelib.domain.deliveries.model import CancelReason, Delivery, Status
from chalicelib.domain.deliveries.proofs import ProofState, kind_in
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.intake import repeats, service
from chalicelib.domain.intake import store as intake_store
from chalicelib.domain.intake.repeats import Answer, Attempted
from chalicelib.domain.merchants import store as merchant_store
from chalicelib.domain.merchants.model import Scope
from chalicelib.domain.quotes.service import accept_quote
from chalicelib.domain.tracking import rating as ratings
from chalicelib.domain.tracking.rating import Rating
from chalicelib.entry import rest, work
from chalicelib.entry.api import delivery_answers as answers
from chalicelib.entry.api.delivery_forms import (
    DeliveryForm,
    Instant,
    created,
    write_delivery,
    write_entry,
    write_rejection,
)
from chalicelib.entry.api.door_forms import write_proof
from chalicelib.entry.api.naming import named
from chalicelib.entry.api.proof_answers import write_verdict
from chalicelib.entry.auth import merchant
from chalicelib.entry.once import IDEMPOTENCY_KEY, answered_once
from chalicelib.entry.orders_in import articles_of, locate
from chalicelib.entry.path_parts import DeliveryId
from chalicelib.entry.surface import Doors
from chalicelib.gateways.photos import proof_key
from chalicelib.kit.errors import (
    DuplicateDelivery,
    ExpiredQuote,
    IdempotencyMismatch,
    ImpossibleRequirements,
    Invalid,
    MismatchedQuote,
    NoCapacityLeft,
    NoncancelableDelivery,
    NotFound,
    PlacesUnavailable,
    Undeliverable,
    UsedQuote,
)
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage import keys
from chalicelib.storage.keys import TableName
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Deliveries")

READ = merchant(Scope.DELIVERIES_READ)
WRITE = merchant(Scope.DELIVERIES_WRITE)


#: Deliveries live for days; whoever stayed away for longer reads day by day.
FURTHEST_BACK = timedelta(days=30)
TOO_FAR_BACK = {"field": "updated_since", "error": "it may lie 30 days back at most"}


class CancelForm(rest.Body):
    reason: CancelReason = CancelReason.MERCHANT_REQUEST

    model_config = rest.example(reason="customer_request")


class PageQuery(rest.Body):
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[str, Field(max_length=1024)] | None = None


class DeliveryQuery(PageQuery):
    """A day of creation (``day`` in UTC, today when it is left out) or all that changed since.

    ``status`` keeps those that are in one of the named statuses now.
    """

    day: rest.Day | None = None
    updated_since: Instant | None = None
    status: Annotated[list[Status], Field(max_length=len(Status))] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "DeliveryQuery":
        if self.day is not None and self.updated_since is not None:
            raise ValueError("ask for a day or for what changed since, not for both")
        return self


@doors.route(
    "POST",
    "/v1/deliveries",
    who=(WRITE,),
    answers={201: answers.CreatedDelivery},
    errors=(
        DuplicateDelivery,
        Undeliverable,
        ImpossibleRequirements,
        IdempotencyMismatch,
        PlacesUnavailable,
        NotFound,
        UsedQuote,
        ExpiredQuote,
        MismatchedQuote,
        NoCapacityLeft,
    ),
    headers=(IDEMPOTENCY_KEY,),
)
def create_delivery(
    merchant_id: str, body: DeliveryForm, raw_body: bytes, request: Request
) -> Response:
    """Ask for a delivery.

    Without coordinates the address is looked up. Without a `window` the merchant's promise counts
    from now. With a `quote_id` the quote's price and window count, and the rest must be as quoted.
    """
    key = request.headers.get("idempotency-key")
    answer = create_one(merchant_id, body, repeats.attempted(merchant_id, key, raw_body))
    return rest.answer(answer.body, answer.status)


def create_one(merchant_id: str, form: DeliveryForm, attempted: Attempted | None) -> Answer:
    """Create a delivery, or find what was answered to the same attempt before."""
    server_key = wiring.vault().server_key()
    find = cache(locate)

    def create(uow: UnitOfWork) -> Answer:
        merchant = merchant_store.load_merchant(uow, merchant_id)
        hub = merchant_store.load_hub(uow, merchant.hub_id)
        order = form.order(merchant.default_weight_g, articles_of(merchant_id))
        if form.quote_id is None:
            delivery = service.accept(uow, merchant, hub, order, find, server_key)
        else:
            delivery = accept_quote(uow, merchant, hub, form.quote_id, order, find, server_key)
        return created(delivery, order)

    return answered_once(attempted, create)


@doors.route("GET", "/v1/deliveries", who=(READ,), answers={200: answers.DeliveryPage})
def list_deliveries(merchant_id: str, query: DeliveryQuery) -> Mapping[str, Any]:
    """List the deliveries of one day of creation, or all that changed since.

    Both oldest first. `updated_since` goes by when we learnt of a change (`changed_at`), so that a
    driver's tap that came late is not missed; it reaches 30 days back. Ask again with the newest
    `changed_at` that you saw; what changed in that very millisecond comes twice. A page that is
    filtered by `status` may have fewer deliveries than `limit` and still a `next_cursor`.
    """
    uow = work.begin()
    if query.updated_since is None:
        day = query.day or uow.now.date()
        found, cursor = lists.list_day(uow, merchant_id, day, limit=query.limit, after=query.cursor)
        shown = [write_delivery(one) for one in found if _is_asked_for(one, query)]
        return {"deliveries": shown, "day": day.isoformat(), "next_cursor": cursor}
    if uow.now - query.updated_since > FURTHEST_BACK:
        raise Invalid("updated_since lies too far back", fields=[TOO_FAR_BACK])
    changed, cursor = lists.list_changed(
        uow, merchant_id, query.updated_since, limit=query.limit, after=query.cursor
    )
    return {
        "deliveries": [
            {**write_delivery(one.delivery), "changed_at": write_instant(one.changed_at)}
            for one in changed
            if _is_asked_for(one.delivery, query)
        ],
        "day": None,
        "next_cursor": cursor,
    }


def _is_asked_for(delivery: Delivery, query: DeliveryQuery) -> bool:
    return query.status is None or delivery.status in query.status


@doors.route(
    "GET", "/v1/deliveries/{delivery_id}", who=(READ,), answers={200: answers.WholeDelivery}
)
def show_delivery(merchant_id: str, delivery_id: DeliveryId) -> Mapping[str, Any]:
    """Show a delivery, its recipient and the rating included."""
    ref = named(merchant_id, delivery_id)
    uow = work.begin()
    delivery = delivery_store.load(uow, ref)
    shown = write_delivery(delivery, delivery_store.load_recipient(uow, ref))
    return {**shown, "rating": _write_rating(ratings.load(uow, ref))}


def _write_rating(rating: Rating | None) -> dict[str, Any] | None:
    if rating is None:
        return None
    told = {"stars": rating.stars, "comment": rating.comment}
    return {**told, "rated_at": write_instant(rating.rated_at)}


@doors.route(
    "GET", "/v1/deliveries/{delivery_id}/events", who=(READ,), answers={200: answers.History}
)
def list_events(merchant_id: str, delivery_id: DeliveryId) -> Mapping[str, Any]:
    """List all that happened to a delivery, oldest first."""
    delivery = delivery_store.load(work.begin(), named(merchant_id, delivery_id))
    return {"events": [write_entry(delivery, entry) for entry in delivery.history]}


@doors.route(
    "GET", "/v1/deliveries/{delivery_id}/proofs", who=(READ,), answers={200: answers.Proofs}
)
def list_proofs(merchant_id: str, delivery_id: DeliveryId) -> Mapping[str, Any]:
    """Show what was shown at the door, and every photo and signature.

    The `url` of one that arrived is good for 60 seconds. `check` says whether the proof holds, and
    whether the history is still the one that was sealed at the handover (docs/at-the-door.md).
    """
    ref = named(merchant_id, delivery_id)
    uow = work.begin()
    delivery = delivery_store.load(uow, ref)
    photos = [
        _photo(ref, item)
        for item in uow.query_all(TableName.CORE, *keys.proofs(ref.merchant_id, ref.delivery_id))
    ]
    check = check_items.load(uow, ref)
    return {
        "proofs": [write_proof(one) for one in delivery.proofs],
        "photos": photos,
        "check": check and write_verdict(check, delivery, uow.now),
    }


@doors.route(
    "POST",
    "/v1/deliveries/{delivery_id}/cancel",
    who=(WRITE,),
    answers={200: answers.OneDelivery},
    errors=(NoncancelableDelivery,),
)
def cancel_delivery(
    merchant_id: str, delivery_id: DeliveryId, body: CancelForm
) -> Mapping[str, Any]:
    """Cancel a delivery.

    Before the pickup it is `cancelled`; after it, `returning`, and `returned` when it is back at
    the hub. The same again changes nothing.
    """
    ref = named(merchant_id, delivery_id)
    delivery = work.run(lambda uow: deliveries.carry_out(uow, ref, Cancel(uow.now, body.reason)))
    return write_delivery(delivery)


@doors.route("GET", "/v1/rejections", who=(READ,), answers={200: answers.RejectionPage})
def list_rejections(merchant_id: str, query: PageQuery) -> Mapping[str, Any]:
    """List the orders that did not become what the shop asked, newest first."""
    found, cursor = intake_store.list_rejections(
        work.begin(), merchant_id, limit=query.limit, after=query.cursor
    )
    return {"rejections": [write_rejection(one) for one in found], "next_cursor": cursor}


def _photo(ref: DeliveryRef, item: dict[str, Any]) -> dict[str, Any]:
    """A picture of the handover; a link only to one that arrived and is what it says."""
    status = ProofState(item["status"])
    key = proof_key(ref.merchant_id, ref.delivery_id, item["id"])
    url = wiring.photos().view_url(key) if status is ProofState.ARRIVED else None
    return {
        "id": item["id"],
        "kind": kind_in(item).value,
        "status": status.value,
        "url": url,
    }
