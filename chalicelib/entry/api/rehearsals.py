"""Trying things out: a test key's deliveries go where they are told to."""

from collections.abc import Mapping
from typing import Annotated, Any

from chalice.app import Blueprint
from pydantic import AfterValidator

from chalicelib.domain.deliveries import rehearsal
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import Delivery, FailureReason, Status
from chalicelib.entry import rest, work
from chalicelib.entry.api import delivery_answers as answers
from chalicelib.entry.api.deliveries import WRITE
from chalicelib.entry.api.delivery_forms import write_delivery
from chalicelib.entry.api.naming import named
from chalicelib.entry.auth import Caller
from chalicelib.entry.path_parts import DeliveryId
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import IllegalTransition, NotAllowed
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Testing")


def _is_target(status: Status) -> Status:
    if status not in rehearsal.TARGETS:
        raise ValueError("a test delivery is not brought there")
    return status


class Step(rest.Body):
    """``reason`` is that of a failed attempt or a return."""

    to: Annotated[Status, AfterValidator(_is_target)]
    reason: FailureReason = FailureReason.CUSTOMER_UNAVAILABLE

    model_config = rest.example(to="delivered")


@doors.route(
    "POST",
    "/v1/test/deliveries/{delivery_id}/advance",
    who=(WRITE,),
    answers={200: answers.OneDelivery},
    errors=(IllegalTransition,),
)
def advance_test_delivery(
    merchant_id: str, caller: Caller, delivery_id: DeliveryId, body: Step
) -> Mapping[str, Any]:
    """Bring a test delivery to a status, with every step and every event on the way.

    Only with an `lm_test_` key: its deliveries are in no wave, get no texts and cost nothing.
    """
    if caller.key is None or caller.key.live:
        raise NotAllowed("this takes a test key")
    ref = named(merchant_id, delivery_id)

    def advance(uow: UnitOfWork) -> Delivery:
        before = delivery_store.load(uow, ref)
        steps = rehearsal.steps_to(before, body.to, uow.now, body.reason)
        return deliveries.advance(uow, before, *steps)

    return write_delivery(work.run(advance))
