"""Many deliveries in one request: each is created, or refused, on its own.

Every item is a unit of work: one that fails takes none of the others with it. With an
``Idempotency-Key`` each item is remembered under the key and its place, so that a repeat after a
lost answer creates nothing twice and gets the first answers.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from time import perf_counter
from typing import Annotated, Any

from chalice.app import Blueprint, Request
from pydantic import Field

from chalicelib.domain.intake import repeats
from chalicelib.entry import rest
from chalicelib.entry.api import delivery_answers as answers
from chalicelib.entry.api.deliveries import WRITE, create_one
from chalicelib.entry.api.delivery_forms import DeliveryForm
from chalicelib.entry.once import IDEMPOTENCY_KEY
from chalicelib.entry.problems import as_body
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import BatchCutShort, LastmileError

bp = Blueprint(__name__)
doors = Doors(bp, tag="Deliveries")

#: Source: Onfleet's batch limit.
MOST_ITEMS = 100
#: API Gateway hangs up after 29 s; what is not begun by then is told as not done.
BEGIN_WITHIN_S = 20

#: No more than that: an item that is wrong does not make the batch wrong.
_FORM: dict[str, Any] = {"type": "object", "description": "The body of `POST /v1/deliveries`."}


class BatchForm(rest.Body):
    """Each item is the body of `POST /v1/deliveries`; one that is wrong spoils no other."""

    deliveries: Annotated[
        list[dict[str, Any]],
        Field(min_length=1, max_length=MOST_ITEMS, json_schema_extra={"items": _FORM}),
    ]

    model_config = rest.example(
        deliveries=[
            {
                "external_id": "A-1001",
                "dropoff": {
                    "name": "Ada Sommer",
                    "address": {
                        "line1": "Auguststraße 40",
                        "city": "Berlin",
                        "postal_code": "10117",
                        "country": "DE",
                    },
                },
                "items": [{"quantity": 2, "weight_g": 400}],
            }
        ]
    )


class BatchItem(rest.Answer):
    """What became of one item: `delivery` or `problem`, as alone; `status` is the one alone."""

    index: int
    status: int
    delivery: answers.CreatedDelivery | None = None
    problem: dict[str, Any] | None = None


class BatchAnswer(rest.Answer):
    """All items in their order; `created` counts those that have a delivery."""

    created: int
    results: list[BatchItem]

    model_config = rest.example(
        created=0,
        results=[
            {
                "index": 0,
                "status": 409,
                "problem": {"code": "duplicate_delivery", "status": 409, "retry": False},
            }
        ],
    )


@doors.route(
    "POST",
    "/v1/deliveries/batch",
    who=(WRITE,),
    answers={200: BatchAnswer},
    headers=(IDEMPOTENCY_KEY,),
)
def create_deliveries(merchant_id: str, body: BatchForm, request: Request) -> Mapping[str, Any]:
    """Ask for up to 100 deliveries at once.

    Each item has its own result. An item with `batch_cut_short` was not begun for want of time:
    send it again.
    """
    key = request.headers.get("idempotency-key")
    # An unusable key spoils the whole of it, before anything is made.
    repeats.attempted(merchant_id, key, b"")
    request_id = str(request.context.get("requestId", "local"))
    began = perf_counter()
    results = []
    for index, item in enumerate(body.deliveries):
        try:
            if perf_counter() - began > BEGIN_WITHIN_S:
                raise BatchCutShort
            results.append(_create(merchant_id, index, item, key))
        except LastmileError as error:
            problem = as_body(error, request_id)
            results.append({"index": index, "status": error.status, "problem": problem})
    created = sum(1 for result in results if result["status"] == 201)
    return {"created": created, "results": results}


def _create(merchant_id: str, index: int, item: dict[str, Any], key: str | None) -> dict[str, Any]:
    form = rest.parse_value(DeliveryForm, item)
    same = json.dumps(item, sort_keys=True).encode()
    whole = repeats.attempted(merchant_id, key, same)
    attempted = None if whole is None else replace(whole, key=f"{key}.{index}")
    answer = create_one(merchant_id, form, attempted)
    return {"index": index, "status": answer.status, "delivery": json.loads(answer.body)}
