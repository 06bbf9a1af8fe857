"""The day as a film, for the console's slider: one compact answer, read from the day's routes."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from chalice.app import Blueprint, Request, Response
from pydantic import AwareDatetime

from chalicelib import web
from chalicelib.domain.simulation import reel
from chalicelib.domain.simulation.reel import Reel
from chalicelib.entry import rest, work
from chalicelib.entry.auth import OPERATOR
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import NotFound
from chalicelib.kit.simulation_errors import RecordingTooLarge
from chalicelib.kit.timewindow import write_instant

bp = Blueprint(__name__)
doors = Doors(bp, tag="What-if")


class ReplayQuery(rest.Body):
    """`day` is the hub's."""

    hub_id: rest.Name
    day: rest.Day

    model_config = rest.example(hub_id="hub_01m83qpn8tsfztk8g4j2we32hb", day="2026-11-26")


class TrackAnswer(rest.Answer):
    """`stops`: kind (0 pickup, 1 dropoff, 2 return), metres east and south of the hub, seconds of
    planned arrival, end of the promise, arrival and end, parcels, and how it ended (0 not yet,
    1 done, 2 failed)."""

    route_id: str
    driver_id: str | None
    vehicle_kind: str
    begins_s: int
    stops: list[list[int | None]]


class ReplayAnswer(rest.Answer):
    """Seconds count from `begins_at`."""

    hub_id: str
    day: date
    begins_at: AwareDatetime
    lasts_s: int
    tracks: list[TrackAnswer]

    model_config = rest.example(
        hub_id="hub_01m83qpn8tsfztk8g4j2we32hb",
        day="2026-11-26",
        begins_at="2026-11-26T07:55:00.000Z",
        lasts_s=31_500,
        tracks=[
            {
                "route_id": "rte_01m83qpnc10y2w525st46371np",
                "driver_id": "drv_01m83qpnc10y2w525st46371np",
                "vehicle_kind": "van",
                "begins_s": 300,
                "stops": [
                    [0, 0, 0, 600, None, 580, 840, 2, 1],
                    [1, 840, -310, 1290, 14_400, 1310, 1460, 1, 1],
                ],
            }
        ],
    )


@doors.route(
    "GET",
    "/ops/replay",
    who=(OPERATOR,),
    answers={200: ReplayAnswer, 304: None},
    errors=(NotFound, RecordingTooLarge),
)
def show_replay(query: ReplayQuery, request: Request) -> Response:
    """Read a hub's day as a film: every stop with its times, in rows of whole numbers.

    What the console's slider shows. A day of which nothing is known has no tracks.
    """
    found = work.read(lambda uow: reel.of_day(uow, query.hub_id, query.day))
    document = json.dumps(_write(found), separators=(",", ":"))
    # A day that is over does not change: whoever looks again gets nothing again.
    headers = {"ETag": web.etag(document), "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(body="", status_code=304, headers=headers)
    return rest.answer(document, headers=headers)


def _write(found: Reel) -> Mapping[str, Any]:
    return {
        "hub_id": found.hub_id,
        "day": found.day.isoformat(),
        "begins_at": write_instant(found.begins_at),
        "lasts_s": found.lasts_s,
        "tracks": [
            {
                "route_id": one.route_id,
                "driver_id": one.driver_id,
                "vehicle_kind": one.vehicle_kind,
                "begins_s": one.begins_s,
                "stops": [list(row) for row in one.stops],
            }
            for one in found.tracks
        ],
    }
