"""Many taps at once: what a phone kept while it had no signal, in the order of the fingers.

Each tap is a unit of work of its own: one that is refused takes none of the others with it. Each
has an id that the phone made, so that a batch whose answer was lost is sent again as it was.
"""

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Annotated, Any, Literal

from chalice.app import Blueprint, Request
from pydantic import Field, StringConstraints

from chalicelib.domain.dispatch.model import Route
from chalicelib.domain.dispatch.under_way import choosing, driving, taps
from chalicelib.domain.recovery import on_tour
from chalicelib.entry import rest, work
from chalicelib.entry.api import driver_answers as answers
from chalicelib.entry.api import messages, stops
from chalicelib.entry.auth import DRIVER
from chalicelib.entry.problems import as_body
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import BatchCutShort, LastmileError, NotFound
from chalicelib.kit.ids import is_id
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Driver")

#: A route has fewer taps; a phone with more sends them in turns.
MOST_TAPS = 100
#: API Gateway hangs up after 29 s; what is not begun by then is told as not done.
BEGIN_WITHIN_S = 20

_ITEM: dict[str, Any] = {
    "type": "object",
    "description": "One tap: `id`, `kind`, `stop_id`, and as `body` that of the tap's own route.",
}
_Change = Callable[[UnitOfWork], Route]


class TapForm(rest.Body):
    """One tap; ``id`` is made by the phone, ``body`` is what the route of its kind takes."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
    kind: Literal["arrive", "complete", "fail", "undo", "message", "first"]
    stop_id: Annotated[str, Field(max_length=60)]
    body: dict[str, Any]

    model_config = rest.example(
        id="6f1ad0b5-7c0e-4a45-9a53-0a6a5b0c2f11",
        kind="arrive",
        stop_id="stp_01m83qpnc10y2w525st46371np",
        body={"at": "2026-11-23T08:19:53Z"},
    )


class TapsForm(rest.Body):
    """Up to 100 taps, oldest first; one that is wrong spoils no other."""

    events: Annotated[
        list[dict[str, Any]],
        Field(min_length=1, max_length=MOST_TAPS, json_schema_extra={"items": _ITEM}),
    ]

    model_config = rest.example(
        events=[
            {
                "id": "6f1ad0b5-7c0e-4a45-9a53-0a6a5b0c2f11",
                "kind": "arrive",
                "stop_id": "stp_01m83qpnc10y2w525st46371np",
                "body": {"at": "2026-11-23T08:19:53Z"},
            }
        ]
    )


@doors.route("POST", "/v1/driver/events", who=(DRIVER,), answers={200: answers.AfterTaps})
def send_taps(driver_id: str, body: TapsForm, request: Request) -> Mapping[str, Any]:
    """Send what was tapped without a signal, up to 100 taps at once.

    Each tap has its own result, with the status that it would have had alone; a tap with an `id`
    that has counted already changes nothing. After a problem with `retry` the rest is not begun
    (`batch_cut_short`): send them again, in their order.
    """
    request_id = str(request.context.get("requestId", "local"))
    began, cut = perf_counter(), False
    results: list[dict[str, Any]] = []
    for index, item in enumerate(body.events):
        try:
            if cut or perf_counter() - began > BEGIN_WITHIN_S:
                raise BatchCutShort
            results.append({"index": index, "status": 200, "after": _tap(driver_id, item)})
        except LastmileError as error:
            # A tap that follows one that will come again must not overtake it.
            cut = cut or error.retry
            problem = as_body(error, request_id)
            results.append({"index": index, "status": error.status, "problem": problem})
    return {"results": results, "now": write_instant(work.begin().now)}


def _tap(driver_id: str, item: dict[str, Any]) -> Mapping[str, Any]:
    form = rest.parse_value(TapForm, item)
    if not is_id(form.stop_id, "stp"):
        raise NotFound("there is no such stop")
    change = _change(driver_id, form)

    def once(uow: UnitOfWork) -> Route:
        if taps.has_counted(uow, driver_id, form.id):
            return driving.find_stop(uow, driver_id, form.stop_id)[0]
        route = change(uow)
        taps.count(uow, driver_id, form.id)
        return route

    return stops.after(work.run(once), form.stop_id)


def _change(driver_id: str, form: TapForm) -> _Change:
    """What the tap does, as its own route would do it."""
    stop_id = form.stop_id
    if form.kind == "message":
        written = rest.parse_value(messages.DriversMessage, form.body)
        return messages.posting(driver_id, stop_id, written, form.id)
    if form.kind == "complete":
        return stops.completing(driver_id, stop_id, rest.parse_value(stops.Completion, form.body))
    if form.kind == "fail":
        failure = rest.parse_value(stops.Failure, form.body)
        return lambda uow: driving.fail(uow, driver_id, stop_id, failure.reason, failure.at)
    if form.kind == "first":
        first = rest.parse_value(stops.First, form.body)
        return lambda uow: choosing.put_first(uow, driver_id, stop_id, first.why, first.at)
    at = rest.parse_value(stops.Tap, form.body).at
    if form.kind == "arrive":
        return lambda uow: driving.arrive(uow, driver_id, stop_id, at)
    return lambda uow: on_tour.undo(uow, driver_id, stop_id, at)
