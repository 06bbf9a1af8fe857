"""The driver's stops: the route, and what is tapped on the road.

Every tap is idempotent: the same tap again gets the same answer. ``at`` is the time of the tap, for
phones that had no signal.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from chalice.app import Blueprint, Request, Response
from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from chalicelib import wiring
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.model import FailureReason, ProofKind, Recipient
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import driving, handover
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.tracking import positions
from chalicelib.entry import auth, rest, work
from chalicelib.entry.observed import answered
from chalicelib.gateways.photos import proof_key
from chalicelib.kit.geo import LatLng
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)

#: A driver at the door stands still: a ping so old is still of the door.
FRESH = timedelta(seconds=60)

PhotoType = Literal["image/jpeg", "image/webp", "image/png"]


class Tap(rest.Body):
    at: AwareDatetime | None = None


class ProofBody(rest.Body):
    kind: ProofKind
    proof_id: Annotated[str, Field(max_length=60)] | None = None
    pin: Annotated[str, StringConstraints(pattern=r"^\d{4}$")] | None = None
    name: rest.Name | None = None

    @model_validator(mode="after")
    def _has_its_part(self) -> "ProofBody":
        part = {"photo": self.proof_id, "pin": self.pin, "name": self.name}[self.kind.value]
        if part is None:
            raise ValueError(f"a proof of kind {self.kind.value} needs its part")
        return self


class Completion(Tap):
    """``position`` is where the phone is at the door; without it the last ping counts, if fresh."""

    proof: ProofBody | None = None
    position: rest.Positioned | None = None


class Failure(Tap):
    reason: FailureReason


class NewProof(rest.Body):
    content_type: PhotoType
    size_bytes: Annotated[int, Field(gt=0, le=5 * 1024 * 1024)]


@bp.route("/v1/driver/route", methods=["GET"])
@answered(bp)
def show_route(request: Request) -> Response:
    driver_id = auth.driver(request)
    uow = work.begin()
    duty = drivers.load_work(uow, driver_id)
    if duty.route_id is None:
        return rest.answer({"route": None})
    route = dispatch.load_route(uow, duty.route_id)
    people = deliveries.load_recipients(uow, _open_doors(route))
    return rest.answer({"route": _route(route, people)})


@bp.route("/v1/stops/{stop_id}/arrive", methods=["POST"])
@answered(bp)
def arrive(request: Request, stop_id: str) -> Response:
    driver_id = auth.driver(request)
    tap = rest.parse(Tap, request)
    route = work.run(lambda uow: driving.arrive(uow, driver_id, stop_id, tap.at))
    return _after(route, stop_id)


@bp.route("/v1/stops/{stop_id}/proofs", methods=["POST"])
@answered(bp)
def announce_proof(request: Request, stop_id: str) -> Response:
    """Answer with a form that uploads exactly this one photo, straight to the bucket."""
    driver_id = auth.driver(request)
    new = rest.parse(NewProof, request)
    ref, proof_id = work.run(
        lambda uow: handover.announce_photo(uow, driver_id, stop_id, new.content_type)
    )
    upload = wiring.photos().upload_form(
        proof_key(ref.merchant_id, ref.delivery_id, proof_id), new.content_type
    )
    return rest.answer(
        {"proof_id": proof_id, "upload": {"url": upload.url, "fields": upload.fields}},
        201,
    )


@bp.route("/v1/stops/{stop_id}/complete", methods=["POST"])
@answered(bp)
def complete(request: Request, stop_id: str) -> Response:
    driver_id = auth.driver(request)
    tap = rest.parse(Completion, request)
    server_key = wiring.vault().server_key()
    shown = None
    if tap.proof is not None:
        shown = handover.Shown(tap.proof.kind, tap.proof.proof_id, tap.proof.pin, tap.proof.name)

    def hand_over(uow: UnitOfWork) -> Route:
        where = tap.position.position if tap.position else None
        if shown is not None and where is None:
            where = _last_seen(uow, driver_id, tap.at)
        return handover.complete(uow, driver_id, stop_id, shown, tap.at, server_key, where)

    return _after(work.run(hand_over), stop_id)


@bp.route("/v1/stops/{stop_id}/fail", methods=["POST"])
@answered(bp)
def fail(request: Request, stop_id: str) -> Response:
    driver_id = auth.driver(request)
    tap = rest.parse(Failure, request)
    route = work.run(lambda uow: driving.fail(uow, driver_id, stop_id, tap.reason, tap.at))
    return _after(route, stop_id)


@bp.route("/v1/stops/{stop_id}/undo", methods=["POST"])
@answered(bp)
def undo(request: Request, stop_id: str) -> Response:
    driver_id = auth.driver(request)
    tap = rest.parse(Tap, request)
    route = work.run(lambda uow: driving.undo(uow, driver_id, stop_id, tap.at))
    return _after(route, stop_id)


def _last_seen(uow: UnitOfWork, driver_id: str, at: datetime | None) -> LatLng | None:
    """Where the driver was at the time of a tap; None when the last ping is of another time."""
    fix = positions.last_fix(uow, driver_id)
    if fix is None or abs((at or uow.now) - fix.at) > FRESH:
        return None
    return fix.position


def _after(route: Route, stop_id: str) -> Response:
    """What the phone needs after a tap: the stop as it is now, and where to go next."""
    stop, coming = route.stop(stop_id), route.next_stop()
    return rest.answer(
        {
            "stop": None if stop is None else {"id": stop.id, "status": stop.status},
            "route": {"id": route.id, "status": route.status},
            "next_stop_id": None if coming is None else coming.id,
        }
    )


def _open_doors(route: Route) -> list[DeliveryRef]:
    """Whose address the driver needs now: the open doors of a route under way, no others."""
    if route.status not in (RouteStatus.ASSIGNED, RouteStatus.UNDER_WAY):
        return []
    return [
        ref
        for stop in route.stops
        if stop.kind is StopKind.DROPOFF and not stop.status.is_over
        for ref in stop.deliveries
    ]


def _route(route: Route, people: dict[DeliveryRef, Recipient]) -> dict[str, Any]:
    return {
        "id": route.id,
        "status": route.status,
        "distance_m": route.distance_m,
        "duration_s": route.duration_s,
        "stops": [_stop(stop, people) for stop in route.stops],
    }


def _stop(stop: Stop, people: dict[DeliveryRef, Recipient]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": stop.id,
        "kind": stop.kind,
        "status": stop.status,
        "position": {
            "latitude": stop.position.latitude,
            "longitude": stop.position.longitude,
        },
        "address": stop.place_name,
        "deliveries": [{"id": ref.delivery_id} for ref in stop.deliveries],
        "planned_arrival_at": write_instant(stop.planned_arrival_at),
    }
    person = people.get(stop.deliveries[0]) if stop.kind is StopKind.DROPOFF else None
    if person is not None:
        shown["address"] = person.address.one_line()
        shown["name"] = person.name
        shown["phone_number"] = None if person.phone is None else person.phone.e164
        shown["notes"] = person.notes
    return shown
