"""What-if for the desk: record a day, ask for it again with other choices, read what came of it.

The web function plays nothing: it asks the function of simulations, and reads what that wrote down.
"""

import json
from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint, Request, Response

from chalicelib import wiring
from chalicelib.domain.intake.repeats import Answer
from chalicelib.domain.simulation import recorded, recording, service, store
from chalicelib.domain.simulation.model import State
from chalicelib.entry import rest, work
from chalicelib.entry.api.simulation_answers import (
    SimulationAnswer,
    SimulationPage,
    write_simulation,
    write_summary,
)
from chalicelib.entry.api.simulation_forms import SimulationForm, SimulationsQuery
from chalicelib.entry.auth import OPERATOR, Caller
from chalicelib.entry.desk import DESK_USER, desk_user
from chalicelib.entry.known import unless_known
from chalicelib.entry.once import IDEMPOTENCY_KEY, once
from chalicelib.entry.path_parts import DayOf, HubId, SimulationId
from chalicelib.entry.surface import Doors, Media
from chalicelib.gateways.payloads import report_key
from chalicelib.gateways.queues import Queue
from chalicelib.kit.errors import IdempotencyMismatch, NotFound
from chalicelib.kit.simulation_errors import (
    NothingRecorded,
    RecordingTooLarge,
    SimulationNotReady,
)
from chalicelib.storage.unit_of_work import UnitOfWork
from chalicelib.web import what_if

bp = Blueprint(__name__)
doors = Doors(bp, tag="What-if")

#: Lambda answers with 6 MB at most; what is beyond is recorded by the simulation itself.
LARGEST_RECORDING_BYTES = 5_500_000
#: Whose idempotency keys the desk's are: no merchant has this id.
_DESK = "desk"


@doors.route(
    "GET",
    "/v1/hubs/{hub_id}/recordings/{day}",
    who=(OPERATOR,),
    answers={200: Media("application/json", "A recorded day, as `docs/what-if.md` describes it")},
    errors=(NotFound, NothingRecorded, RecordingTooLarge),
)
def record_day(hub_id: HubId, day: DayOf) -> Response:
    """Download a hub's day as a file that can be replayed elsewhere.

    Everything of the day that is kept, without people: no names, phones, addresses, notes or order
    numbers, and no credentials. Where parcels went is in it, as positions. `python -m
    local.simulate day --recording FILE` plays it.
    """
    found = work.read(lambda uow: recording.record(uow, hub_id, day))
    if not found.deliveries:
        raise NothingRecorded(f"nothing was delivered at {hub_id} on {day}")
    document = recorded.write(found).decode()
    if len(document) > LARGEST_RECORDING_BYTES:
        raise RecordingTooLarge("the file is larger than an answer can be")
    name = f'attachment; filename="{hub_id}-{day}.json"'
    return rest.answer(document, headers={"Content-Disposition": name})


@doors.route(
    "POST",
    "/v1/simulations",
    who=(OPERATOR,),
    answers={202: SimulationAnswer},
    errors=(NotFound, IdempotencyMismatch),
    headers=(IDEMPOTENCY_KEY, DESK_USER),
)
def ask_simulation(
    body: SimulationForm, request: Request, raw_body: bytes, caller: Caller
) -> Response:
    """Ask for a day again, with other choices.

    It is played elsewhere, each scenario once for each seed: read it again at
    `GET /v1/simulations/{simulation_id}`. At most 12 scenarios, 10 seeds and 60 runs.
    """
    asked, by = body.asked(), desk_user(caller)

    def ask(uow: UnitOfWork) -> Answer:
        made = service.ask(uow, asked, by)
        return Answer(202, json.dumps(write_simulation(made, ())))

    answered = once(_DESK, request, raw_body, ask)
    # A repeat asks again: the worker finds what is done, and plays nothing twice.
    wiring.queues().send(Queue.SIMULATIONS, {"simulation_id": json.loads(answered.body)["id"]})
    return answered


@doors.route("GET", "/v1/simulations", who=(OPERATOR,), answers={200: SimulationPage})
def list_simulations(query: SimulationsQuery) -> Mapping[str, Any]:
    """List what the desk asked for, newest first: who, when, how it stands, where the report is.

    Of all hubs, or of one hub's days. Each is kept for 30 days.
    """
    found, cursor = store.list_asked(
        work.begin(), query.hub_id, limit=query.limit, after=query.cursor
    )
    return {"simulations": [write_summary(one) for one in found], "next_cursor": cursor}


@doors.route(
    "GET", "/v1/simulations/{simulation_id}", who=(OPERATOR,), answers={200: SimulationAnswer}
)
def show_simulation(simulation_id: SimulationId) -> Mapping[str, Any]:
    """Show a simulation: how far it is, and each scenario's figures with their intervals.

    What has been played already is there while the rest is played. Kept for 30 days.
    """
    return _show(simulation_id)


@doors.route(
    "POST",
    "/v1/simulations/{simulation_id}/cancel",
    who=(OPERATOR,),
    answers={200: SimulationAnswer},
)
def cancel_simulation(simulation_id: SimulationId) -> Mapping[str, Any]:
    """Play no further run; what was played stays. One that is over stays as it is."""
    work.run(lambda uow: service.cancel(uow, simulation_id))
    return _show(simulation_id)


@doors.route(
    "GET",
    "/v1/simulations/{simulation_id}/report",
    who=(OPERATOR,),
    answers={200: Media("text/html", "One file that needs nothing else"), 304: None},
    errors=(SimulationNotReady,),
)
def show_report(simulation_id: SimulationId, request: Request) -> Response:
    """Read the report: figures, differences, maps before and after. One file, also offline."""
    found = work.read(lambda uow: store.load(uow, simulation_id))
    if found.state is not State.DONE:
        extra = {"state": found.state.value}
        raise SimulationNotReady(f"the simulation is {found.state.value}", extra=extra)
    html = wiring.payloads().get(report_key(simulation_id)).decode()
    return unless_known(request, html, what_if.headers(html))


def _show(simulation_id: str) -> Mapping[str, Any]:
    uow = work.begin()
    return write_simulation(store.load(uow, simulation_id), store.results(uow, simulation_id))
