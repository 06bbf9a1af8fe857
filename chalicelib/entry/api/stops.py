"""The driver's stops: the route, and what is tapped on the road.

Every tap is idempotent: the same tap again gets the same answer. ``at`` is the time of the tap, for
phones that had no signal.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any, Literal

from chalice.app import Blueprint
from pydantic import Field, model_validator

from chalicelib import wiring
from chalicelib.domain.deliveries import proof_checks
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.model import Delivery, FailureReason, Recipient
from chalicelib.domain.deliveries.proofs import RETAKEN_WITHIN
from chalicelib.domain.deliveries.requirements import ProofKind
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind
from chalicelib.domain.dispatch.under_way import choosing, driving, handover
from chalicelib.domain.dispatch.under_way.choosing import WhyFirst
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.model import Work
from chalicelib.domain.lockers import holds
from chalicelib.domain.messaging import conversation_store, conversations
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.domain.pickup_points.model import PickupPoint
from chalicelib.domain.recovery import on_tour
from chalicelib.domain.tracking import outlooks, whereabouts
from chalicelib.entry import rest, talk, work
from chalicelib.entry.api import driver_answers as answers
from chalicelib.entry.api.door_forms import MOST_PROOFS, ImageKind, ProofBody, write_requirements
from chalicelib.entry.api.hours_forms import write_hours
from chalicelib.entry.api.instruction_answers import write_instructions
from chalicelib.entry.auth import DRIVER
from chalicelib.entry.path_parts import StopId
from chalicelib.entry.surface import Doors, View
from chalicelib.gateways.photos import upload_key
from chalicelib.kit.errors import (
    Conflict,
    IllegalTransition,
    Invalid,
    LastmileError,
    ProofMissing,
    UndoTooLate,
    WrongBarcode,
    WrongPin,
)
from chalicelib.kit.geo import LatLng
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Driver")

#: A driver at the door stands still, and one fix a minute is kept: one so old is still of the door.
FRESH = timedelta(seconds=90)

PhotoType = Literal["image/jpeg", "image/webp", "image/png"]


class Tap(rest.Body):
    at: rest.Instant | None = None

    model_config = rest.example(at="2026-11-23T08:19:53Z")


class Completion(Tap):
    proofs: Annotated[tuple[ProofBody, ...], Field(max_length=MOST_PROOFS)] = ()
    position: rest.Positioned | None = None

    model_config = rest.example(proofs=[{"kind": "name", "name": "A. Sommer"}])

    @model_validator(mode="after")
    def _has_each_kind_once(self) -> "Completion":
        if len({one.kind for one in self.proofs}) < len(self.proofs):
            raise ValueError("one proof of each kind")
        return self


class Failure(Tap):
    reason: FailureReason

    model_config = rest.example(reason="customer_unavailable")


class First(Tap):
    """``why``: what stands against the plan's order."""

    why: WhyFirst

    model_config = rest.example(why="closed")


class NewProof(rest.Body):
    kind: ImageKind = ProofKind.PHOTO
    content_type: PhotoType
    size_bytes: Annotated[int, Field(gt=0, le=5 * 1024 * 1024)]
    proof_id: Annotated[str, Field(max_length=60)] | None = None

    model_config = rest.example(content_type="image/jpeg", size_bytes=10899)


def _tap(path: str, *errors: type[LastmileError]) -> Callable[[View], View]:
    """A tap on the road: all are declared alike, and answered alike."""
    return doors.route(
        "POST",
        path,
        who=(DRIVER,),
        answers={200: answers.AfterTap},
        errors=(Conflict, IllegalTransition, *errors),
    )


@doors.route("GET", "/v1/driver/route", who=(DRIVER,), answers={200: answers.MyRoute})
def show_route(driver_id: str) -> Mapping[str, Any]:
    """Show the route under way.

    Recipients are shown at doors that are still open, and what is asked of each handover there,
    with what the recipients told us: `instructions`, and when they changed.
    """
    uow = work.begin()
    duty = drivers.load_work(uow, driver_id)
    ends_at = duty.shift_ends_at if duty.on_duty else None
    shown: dict[str, Any] = {
        "on_duty": duty.on_duty,
        "shift_ends_at": ends_at and write_instant(ends_at),
        "now": write_instant(uow.now),
        "retakes": _retakes(uow, duty),
    }
    if duty.route_id is None:
        return {"route": None, **shown}
    route = dispatch.load_route(uow, duty.route_id)
    open_doors = _open_doors(route)
    people = deliveries.load_recipients(uow, open_doors)
    asked = deliveries.load_many(uow, open_doors)
    points = {
        stop.pickup_point_id: pickup_points.load(uow, stop.pickup_point_id)
        for stop in route.stops
        if stop.pickup_point_id is not None and not stop.status.is_over
    }
    told = _at_points(_route(route, people, asked), route, points, partial(holds.open_codes, uow))
    _with_messages(uow, told, route, asked)
    seen_at = outlooks.arrival_seen_at(uow, route)
    if seen_at is not None:
        coming = next(stop for stop in told["stops"] if stop["id"] == seen_at[0])
        coming["arrival_seen_at"] = write_instant(seen_at[1])
    return {"route": told, **shown}


@_tap("/v1/stops/{stop_id}/arrive")
def arrive(driver_id: str, stop_id: StopId, body: Tap) -> Mapping[str, Any]:
    """Arrive at a stop.

    Every tap may carry `at`, for phones that had no signal, and may come twice: the second changes
    nothing and gets the same answer.
    """
    route = work.run(lambda uow: driving.arrive(uow, driver_id, stop_id, body.at))
    return after(route, stop_id)


@doors.route(
    "POST",
    "/v1/stops/{stop_id}/proofs",
    who=(DRIVER,),
    answers={201: answers.PhotoUpload},
    errors=(Conflict, Invalid),
)
def announce_proof(driver_id: str, stop_id: StopId, body: NewProof) -> Mapping[str, Any]:
    """Ask for a form that uploads exactly one photo or signature, straight to the bucket.

    Send the answered `fields` and then `file` to `url` as multipart/form-data within five minutes,
    before or after completing the stop. Later a new form comes for the `proof_id` of before; the
    same is how a picture that showed nothing is taken again, five times at most.
    """
    ref, proof_id = work.run(
        lambda uow: handover.announce_image(
            uow, driver_id, stop_id, body.content_type, body.kind, again=body.proof_id
        )
    )
    upload = wiring.photos().upload_form(
        upload_key(ref.merchant_id, ref.delivery_id, proof_id), body.content_type
    )
    return {"proof_id": proof_id, "upload": {"url": upload.url, "fields": upload.fields}}


@_tap("/v1/stops/{stop_id}/complete", WrongPin, WrongBarcode, ProofMissing)
def complete(driver_id: str, stop_id: StopId, body: Completion) -> Mapping[str, Any]:
    """Complete a stop: picked up, handed over, or brought back.

    At a door it carries the proofs that its delivery's `requirements` ask for; without one of them
    it is `proof_missing`, and `missing` names it. `position` is where the phone is: the next parcel
    for this door is brought there. Without it the driver's last ping counts, if it is fresh.
    """
    return after(work.run(completing(driver_id, stop_id, body)), stop_id)


def completing(driver_id: str, stop_id: str, body: Completion) -> Callable[[UnitOfWork], Route]:
    """What completing a stop does, once or in a batch of taps."""
    server_key = wiring.vault().server_key()
    shown = [proof.shown for proof in body.proofs]

    def hand_over(uow: UnitOfWork) -> Route:
        where = body.position.position if body.position else None
        if shown and where is None:
            where = _last_seen(uow, driver_id, body.at)
        return handover.complete(uow, driver_id, stop_id, shown, body.at, server_key, where)

    return hand_over


@_tap("/v1/stops/{stop_id}/fail")
def fail(driver_id: str, stop_id: StopId, body: Failure) -> Mapping[str, Any]:
    """Say that a door could not be served.

    The parcel stays on board, and a return to the hub is added to the end of the route.
    """
    route = work.run(lambda uow: driving.fail(uow, driver_id, stop_id, body.reason, body.at))
    return after(route, stop_id)


@_tap("/v1/stops/{stop_id}/first")
def put_first(driver_id: str, stop_id: StopId, body: First) -> Mapping[str, Any]:
    """Make a stop the next one; those that it overtakes come after it, in their order.

    `why` is `closed`, `asked`, `access`, `nearer` or `other`. A `conflict` names its `reason`:
    `promise_broken` where somebody would be late who would not be today (the desk can do it),
    `door_before_pickup`, `return_is_last`, `stop_over`.
    """
    route = work.run(lambda uow: choosing.put_first(uow, driver_id, stop_id, body.why, body.at))
    return after(route, stop_id)


@_tap("/v1/stops/{stop_id}/undo", UndoTooLate)
def undo(driver_id: str, stop_id: StopId, body: Tap) -> Mapping[str, Any]:
    """Take the last tap on a stop back, within five minutes; the history keeps both."""
    route = work.run(lambda uow: on_tour.undo(uow, driver_id, stop_id, body.at))
    return after(route, stop_id)


def _retakes(uow: UnitOfWork, duty: Work) -> list[dict[str, Any]]:
    """Pictures of the last minutes that show nothing, of this route or the one just finished."""
    found = []
    for route_id in dict.fromkeys((duty.route_id, duty.last_route_id)):
        if route_id is None:
            continue
        route = dispatch.load_route(uow, route_id)
        just_done = [
            stop
            for stop in route.stops
            if stop.kind is StopKind.DROPOFF and stop.done_at is not None
            if uow.now - stop.done_at <= RETAKEN_WITHIN
        ]
        done = deliveries.load_many(uow, [ref for stop in just_done for ref in stop.deliveries])
        places = {stop.id: stop.place_name for stop in just_done}
        found += [
            {
                "stop_id": one.stop_id,
                "proof_id": one.proof_id,
                "kind": one.kind.value,
                "fault": one.fault,
                "address": places[one.stop_id],
            }
            for one in proof_checks.retakes(uow, done)
            if one.stop_id in places
        ]
    return found


def _last_seen(uow: UnitOfWork, driver_id: str, at: datetime | None) -> LatLng | None:
    """Where the driver was at the time of a tap; None when the last ping is of another time."""
    fix = whereabouts.last_fix(uow, driver_id)
    if fix is None or abs((at or uow.now) - fix.at) > FRESH:
        return None
    return fix.position


def after(route: Route, stop_id: str) -> Mapping[str, Any]:
    """What the phone needs after a tap: the stop as it is now, and where to go next."""
    stop, coming = route.stop(stop_id), route.next_stop()
    return {
        "stop": None if stop is None else {"id": stop.id, "status": stop.status},
        "route": {"id": route.id, "status": route.status, "version": route.version},
        "next_stop_id": None if coming is None else coming.id,
    }


def _open_doors(route: Route) -> list[DeliveryRef]:
    """Whose address the driver needs now: the open doors of a route under way, no others."""
    if route.status not in (RouteStatus.ASSIGNED, RouteStatus.UNDER_WAY):
        return []
    return [
        ref
        for stop in route.stops
        if stop.kind is StopKind.DROPOFF and not stop.status.is_over
        if stop.pickup_point_id is None
        for ref in stop.deliveries
    ]


def _route(
    route: Route,
    people: Mapping[DeliveryRef, Recipient],
    asked: Mapping[DeliveryRef, Delivery],
) -> dict[str, Any]:
    return {
        "id": route.id,
        "status": route.status,
        "version": route.version,
        "distance_m": route.distance_m,
        "duration_s": route.duration_s,
        "stops": [_stop(stop, people, asked) for stop in route.stops],
    }


def _stop(
    stop: Stop,
    people: Mapping[DeliveryRef, Recipient],
    asked: Mapping[DeliveryRef, Delivery],
) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": stop.id,
        "kind": stop.kind,
        "status": stop.status,
        "position": {
            "latitude": stop.position.latitude,
            "longitude": stop.position.longitude,
        },
        "address": stop.place_name,
        "deliveries": [_delivery(stop, ref, people, asked) for ref in stop.deliveries],
        "planned_arrival_at": write_instant(stop.planned_arrival_at),
    }
    is_door = stop.kind is StopKind.DROPOFF and stop.pickup_point_id is None
    person = people.get(stop.deliveries[0]) if is_door else None
    if person is not None:
        shown["address"] = person.address.one_line()
        shown["name"] = person.name
        shown["phone_number"] = None if person.phone is None else person.phone.e164
        shown["notes"] = person.notes
    return shown


def _with_messages(
    uow: UnitOfWork,
    shown: dict[str, Any],
    route: Route,
    asked: Mapping[DeliveryRef, Delivery],
) -> None:
    """What was written about the parcels of the next stop; nobody writes about others."""
    coming = route.next_stop()
    about = [] if coming is None else [ref for ref in coming.deliveries if ref in asked]
    if coming is None or not about:
        return
    found = conversation_store.load_many(uow, about)
    said = [one for ref in found for one in conversation_store.list_messages(uow, ref)]
    told = next(stop for stop in shown["stops"] if stop["id"] == coming.id)
    told["messages"] = [talk.write(one) for one in sorted(said, key=lambda one: one.at)]
    told["can_write"] = conversations.is_open(asked[about[0]], uow.now)


def _at_points(
    shown: dict[str, Any],
    route: Route,
    points: Mapping[str, PickupPoint],
    opened: Callable[[Sequence[DeliveryRef], str], Mapping[str, str]],
) -> dict[str, Any]:
    """Stops at pickup points say which, and when it is open; they have no recipient."""
    for told, stop in zip(shown["stops"], route.stops, strict=True):
        point = points.get(stop.pickup_point_id or "")
        if point is not None:
            told["address"] = f"{point.line1}, {point.postal_code} {point.city}"
            told["pickup_point"] = {
                "id": point.id,
                "name": point.name,
                "kind": point.kind.value,
                "hours": write_hours(point.hours),
                "open_codes": {} if point.operator is None else opened(stop.deliveries, point.id),
            }
    return shown


def _delivery(
    stop: Stop,
    ref: DeliveryRef,
    people: Mapping[DeliveryRef, Recipient],
    asked: Mapping[DeliveryRef, Delivery],
) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": ref.delivery_id}
    if stop.kind is StopKind.DROPOFF and ref in asked:
        shown["order_name"] = asked[ref].order_name
        shown["requirements"] = write_requirements(asked[ref].handover)
        shown["instructions"] = write_instructions(asked[ref], people.get(ref))
    return shown
