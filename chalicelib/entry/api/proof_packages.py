"""The proof package of a handover: asked for by POST, fetched by GET once it is made."""

from collections.abc import Mapping
from typing import Annotated, Any

from chalice.app import Blueprint, Response
from pydantic import StringConstraints

from chalicelib import wiring
from chalicelib.domain.deliveries import packages
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.packages import PackageState
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.merchants.model import Scope
from chalicelib.entry import rest, work
from chalicelib.entry.auth import OPERATOR, Caller, Role, merchant
from chalicelib.entry.path_parts import IdOf
from chalicelib.entry.surface import Doors
from chalicelib.gateways.photos import paper_key
from chalicelib.gateways.queues import Queue
from chalicelib.kit.errors import Conflict, Invalid, NotFound

bp = Blueprint(__name__)
doors = Doors(bp, tag="Deliveries")

READ = (merchant(Scope.DELIVERIES_READ), OPERATOR)
DeliveryId = Annotated[str, IdOf("del", "delivery")]
Named = Annotated[str, StringConstraints(pattern=r"^mer_[0-9a-hjkmnp-tv-z]{26}$")]


class WhoseQuery(rest.Body):
    """The operator names the merchant; a merchant's key does."""

    merchant_id: Named | None = None


class PackageAnswer(rest.Answer):
    """Whether it can be fetched."""

    status: PackageState

    model_config = rest.example(status="asked")


@doors.route(
    "POST",
    "/v1/deliveries/{delivery_id}/proof.pdf",
    who=READ,
    answers={202: PackageAnswer},
    errors=(Conflict,),
)
def ask_proof_package(
    caller: Caller, delivery_id: DeliveryId, query: WhoseQuery
) -> Mapping[str, Any]:
    """Ask for the proof package of a delivery that was handed over.

    It is made within seconds and holds facts, timeline, place, pictures and the chain of hashes
    over the history. One that is up to date is not made again. The operator names the merchant in
    `merchant_id`.
    """
    ref = _ref(caller, delivery_id, query.merchant_id)
    ordered = work.run(lambda uow: packages.ask(uow, ref))
    if ordered.is_new:
        wiring.queues().send(Queue.PAPERS, {"delivery": str(ref)})
    return {"status": ordered.state.value}


@doors.route(
    "GET",
    "/v1/deliveries/{delivery_id}/proof.pdf",
    who=READ,
    answers={302: None},
    errors=(NotFound,),
)
def fetch_proof_package(caller: Caller, delivery_id: DeliveryId, query: WhoseQuery) -> Response:
    """Lead on to the proof package, good for 60 seconds; 404 until it was asked for and made."""
    ref = _ref(caller, delivery_id, query.merchant_id)
    # A foreign delivery and one that never was are not found alike.
    work.read(lambda uow: deliveries.load(uow, ref))
    if not work.read(lambda uow: packages.is_ready(uow, ref)):
        raise NotFound("there is no such package (yet)")
    url = wiring.photos().view_url(paper_key(ref.merchant_id, ref.delivery_id))
    headers = {"Location": url, "Cache-Control": "no-store", "Content-Type": "text/plain"}
    return Response(body="", status_code=302, headers=headers)


def _ref(caller: Caller, delivery_id: str, named: str | None) -> DeliveryRef:
    if caller.role is Role.MERCHANT:
        return DeliveryRef(caller.id, delivery_id)
    if named is None:
        field = {"field": "merchant_id", "error": "the operator names the merchant"}
        raise Invalid("whose delivery is it?", fields=[field])
    return DeliveryRef(named, delivery_id)
