"""The merchants' own API: ask for deliveries, look at them, cancel them.

The merchant is whose key it is; a delivery of another merchant is simply not found.
"""

import json
from datetime import date
from functools import cache
from typing import Annotated, Any

from chalice.app import Blueprint, Request, Response
from pydantic import Field

from chalicelib import wiring
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.lifecycle import Cancel
from chalicelib.domain.deliveries.model import CancelReason
from chalicelib.domain.deliveries.proofs import ProofState
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.intake import repeats, service
from chalicelib.domain.intake import store as intake_store
from chalicelib.domain.intake.repeats import Answer
from chalicelib.domain.merchants import store as merchant_store
from chalicelib.entry import auth, rest, work
from chalicelib.entry.api.delivery_forms import (
    DeliveryForm,
    write_delivery,
    write_entry,
    write_rejection,
)
from chalicelib.entry.api.platform_webhooks import articles_of, locate
from chalicelib.entry.observed import answered
from chalicelib.gateways.photos import proof_key
from chalicelib.kit.errors import NotFound
from chalicelib.kit.ids import is_id
from chalicelib.storage import keys
from chalicelib.storage.keys import TableName
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)


class CancelForm(rest.Body):
    reason: CancelReason = CancelReason.MERCHANT_REQUEST


class PageQuery(rest.Body):
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[str, Field(max_length=1024)] | None = None


class DayQuery(PageQuery):
    """``day`` is the day of creation in UTC; today when it is left out."""

    day: date | None = None


@bp.route("/v1/deliveries", methods=["POST"])
@answered(bp)
def create_delivery(request: Request) -> Response:
    merchant_id = auth.merchant(request)
    form = rest.parse(DeliveryForm, request)
    key = request.headers.get("idempotency-key")
    attempted = repeats.attempted(merchant_id, key, rest.raw_body(request))
    server_key = wiring.vault().server_key()
    find = cache(locate)

    def create(uow: UnitOfWork) -> Answer:
        earlier = repeats.first_answer(uow, attempted) if attempted else None
        if earlier is not None:
            return earlier
        merchant = merchant_store.load_merchant(uow, merchant_id)
        hub = merchant_store.load_hub(uow, merchant.hub_id)
        order = form.order(merchant.default_weight_g, articles_of(merchant_id))
        delivery = service.accept(uow, merchant, hub, order, find, server_key)
        body = write_delivery(delivery)
        if order.contact.has_bad_phone:
            body["warnings"] = ["phone_unusable"]
        answer = Answer(201, json.dumps(body, separators=(",", ":")))
        if attempted:
            repeats.remember(uow, attempted, answer)
        return answer

    answer = work.run(create)
    return rest.answer(answer.body, answer.status)


@bp.route("/v1/deliveries", methods=["GET"])
@answered(bp)
def list_deliveries(request: Request) -> Response:
    merchant_id = auth.merchant(request)
    asked = rest.query(DayQuery, request)
    uow = work.begin()
    day = asked.day or uow.now.date()
    found, cursor = delivery_store.list_day(
        uow, merchant_id, day, limit=asked.limit, after=asked.cursor
    )
    return rest.answer(
        {
            "deliveries": [write_delivery(delivery) for delivery in found],
            "day": day.isoformat(),
            "next_cursor": cursor,
        }
    )


@bp.route("/v1/deliveries/{delivery_id}", methods=["GET"])
@answered(bp)
def show_delivery(request: Request, delivery_id: str) -> Response:
    ref = _ref(request, delivery_id)
    uow = work.begin()
    delivery = delivery_store.load(uow, ref)
    return rest.answer(write_delivery(delivery, delivery_store.load_recipient(uow, ref)))


@bp.route("/v1/deliveries/{delivery_id}/events", methods=["GET"])
@answered(bp)
def list_events(request: Request, delivery_id: str) -> Response:
    delivery = delivery_store.load(work.begin(), _ref(request, delivery_id))
    return rest.answer({"events": [write_entry(delivery, entry) for entry in delivery.history]})


@bp.route("/v1/deliveries/{delivery_id}/proofs", methods=["GET"])
@answered(bp)
def list_proofs(request: Request, delivery_id: str) -> Response:
    ref = _ref(request, delivery_id)
    uow = work.begin()
    delivery = delivery_store.load(uow, ref)
    photos = [
        _photo(ref, item)
        for item in uow.query_all(TableName.CORE, *keys.proofs(ref.merchant_id, ref.delivery_id))
    ]
    shown = delivery.proof
    proof = None if shown is None else {"kind": shown.kind.value, "proof_id": shown.proof_id}
    return rest.answer({"proof": proof, "photos": photos})


@bp.route("/v1/deliveries/{delivery_id}/cancel", methods=["POST"])
@answered(bp)
def cancel_delivery(request: Request, delivery_id: str) -> Response:
    ref = _ref(request, delivery_id)
    form = rest.parse(CancelForm, request) if rest.raw_body(request).strip() else CancelForm()
    delivery = work.run(lambda uow: deliveries.carry_out(uow, ref, Cancel(uow.now, form.reason)))
    return rest.answer(write_delivery(delivery))


@bp.route("/v1/rejections", methods=["GET"])
@answered(bp)
def list_rejections(request: Request) -> Response:
    merchant_id = auth.merchant(request)
    asked = rest.query(PageQuery, request)
    found, cursor = intake_store.list_rejections(
        work.begin(), merchant_id, limit=asked.limit, after=asked.cursor
    )
    return rest.answer(
        {"rejections": [write_rejection(one) for one in found], "next_cursor": cursor}
    )


def _ref(request: Request, delivery_id: str) -> DeliveryRef:
    merchant_id = auth.merchant(request)
    if not is_id(delivery_id, "del"):
        raise NotFound("there is no such delivery")
    return DeliveryRef(merchant_id, delivery_id)


def _photo(ref: DeliveryRef, item: dict[str, Any]) -> dict[str, Any]:
    """A photo of the door; a link only to one that arrived and is what it says."""
    status = ProofState(item["status"])
    key = proof_key(ref.merchant_id, ref.delivery_id, item["id"])
    url = wiring.photos().view_url(key) if status is ProofState.ARRIVED else None
    return {"id": item["id"], "status": status.value, "url": url}
