"""Where drivers' phones say where they are: the app's batches, and tracking apps'.

On a deployed stack these paths lead to a small function of their own (``take_positions``), so that
a storm of pings never stands in the shops' way; here they are declared as any other route.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from chalice.app import Blueprint, Request, Response
from pydantic import Field

from chalicelib.domain.drivers import devices
from chalicelib.domain.tracking import outlooks, trackers, whereabouts
from chalicelib.domain.tracking.positions import Ping, Refusal
from chalicelib.domain.tracking.trackers import App
from chalicelib.domain.tracking.whereabouts import Taken
from chalicelib.entry import rest, work
from chalicelib.entry.auth import DRIVER, public
from chalicelib.entry.path_parts import DeviceKey
from chalicelib.entry.surface import Doors, Media
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Driver")

DEVICE = public("the device's key in the path is the credential")
FORM = "application/x-www-form-urlencoded"
HEARD = Media(
    "application/json", "OwnTracks hears `[]`; Traccar Client what `/v1/driver/location` answers"
)


class PingBody(rest.Positioned):
    at: rest.Instant
    accuracy_m: Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)] = 10.0
    speed_mps: Annotated[float, Field(ge=-1, le=1_000, allow_inf_nan=False)] = 0.0


class Pings(rest.Body):
    pings: Annotated[list[PingBody], Field(min_length=1, max_length=trackers.MOST_PINGS)]

    model_config = rest.example(
        pings=[{"latitude": 52.5253, "longitude": 13.409, "at": "2026-11-23T08:19:53Z"}]
    )


class RefusedPing(rest.Answer):
    """Which of the batch, counted from 0, and why."""

    index: int
    reason: Refusal


class PingsTaken(rest.Answer):
    """What became of the batch: send none of it again.

    Kept is one fix a minute or in 150 m; the others that can be true are thinned out.
    """

    kept: int
    thinned: int
    refused: list[RefusedPing]

    model_config = rest.example(kept=2, thinned=9, refused=[{"index": 4, "reason": "imprecise"}])


@doors.route("POST", "/v1/driver/location", who=(DRIVER,), answers={202: PingsTaken})
def record_pings(driver_id: str, body: Pings) -> Mapping[str, Any]:
    """Tell where you are, up to 200 fixes at once, while you are on duty.

    The newest that can be true is kept for 15 minutes, the trail of a route for 48 hours; off duty
    nothing is. Send what could not be sent before whenever there is signal: a late batch fills the
    trail and moves nobody back. A batch that comes twice changes nothing.
    """
    pings = [Ping(one.position, one.at, one.accuracy_m, one.speed_mps) for one in body.pings]
    return _told(work.run(lambda uow: _take(uow, driver_id, pings)))


@doors.route(
    "POST",
    "/v1/trackers/{device_key}",
    who=(DEVICE,),
    answers={200: HEARD},
    accepts=("application/json", FORM),
    may_be_empty=True,
)
def hear_tracker(request: Request, device_key: DeviceKey, raw_body: bytes) -> Response:
    """Tell where a device is, in the words of Traccar Client or OwnTracks.

    Point the app at this address, the key included: Traccar Client (form or JSON) and OwnTracks
    (HTTP mode). What is not a position is heard and let go.
    """
    return _hear(request, device_key, raw_body)


@doors.route("GET", "/v1/trackers/{device_key}", who=(DEVICE,), answers={200: HEARD})
def hear_tracker_by_query(request: Request, device_key: DeviceKey) -> Response:
    """Tell where a device is by a query: `?lat=52.52&lon=13.41&timestamp=1795780800`.

    OsmAnd, and Traccar Client before version 9.
    """
    return _hear(request, device_key, b"")


def _hear(request: Request, device_key: str, body: bytes) -> Response:
    query: Mapping[str, str] = request.query_params or {}
    content_type = (request.headers or {}).get("content-type", "")
    app = App.OWNTRACKS

    def take(uow: UnitOfWork) -> Taken | None:
        nonlocal app
        driver_id = devices.owner_of(uow, device_key)
        report = trackers.read(query, content_type, body, uow.now)
        app = report.app
        return _take(uow, driver_id, report.pings) if report.pings else None

    taken = work.run(take)
    if app is App.OWNTRACKS:
        return rest.answer([])
    return rest.answer({"kept": 0, "thinned": 0, "refused": []} if taken is None else _told(taken))


def _take(uow: UnitOfWork, driver_id: str, pings: Sequence[Ping]) -> Taken:
    """The batch, and what it says of the route under way."""
    taken = whereabouts.take_in(uow, driver_id, pings)
    outlooks.follow_pings(uow, taken)
    return taken


def _told(taken: Taken) -> dict[str, Any]:
    refused = [{"index": index, "reason": reason.value} for index, reason in taken.refused]
    return {"kept": taken.kept, "thinned": taken.thinned, "refused": refused}
