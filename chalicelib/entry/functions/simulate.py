"""The ``simulations`` queue: play a simulation, run by run, and write its report.

Has the solver layer. Each run's figures are kept as it ends, so a worker that is killed loses one
run: the message comes back, and the next worker goes on with the others; one that has played for
two minutes sends itself on instead of starting a run that it could not end. Twice the same message
plays nothing twice. A day that cannot be played ends the simulation with the error's code; anything
else that fails comes again, and goes to the dead letters in the end.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.simulation import (
    comparing,
    made_up,
    recorded,
    recording,
    service,
    standing,
    store,
)
from chalicelib.domain.simulation.comparing import Result
from chalicelib.domain.simulation.model import Simulation
from chalicelib.domain.simulation.recorded import RecordedDay
from chalicelib.entry import what_if_report, work
from chalicelib.entry.observed import logger, per_receipt
from chalicelib.gateways.payloads import day_key, played_key, report_key
from chalicelib.gateways.queues import Queue
from chalicelib.kit.errors import Conflict, Invalid, NotFound
from chalicelib.kit.simulation_errors import NothingRecorded
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)

#: Wall time after which no further run is begun: the longest takes about two minutes more.
BEGINS_WITHIN = timedelta(seconds=120)
#: Receipts after which a message is a dead letter (infra/template/queues.py).
MOST_RECEIPTS = 5
#: Progress is written down each time so much more of a run is over [%].
_TOLD_EVERY = 20
WORKER_LOST = "worker_lost"


@bp.on_sqs_message(queue="simulations", batch_size=1)
@per_receipt
def simulate(message: Mapping[str, Any], receives: int) -> None:
    simulation_id = str(message["simulation_id"])
    try:
        wanted = work.read(lambda uow: store.load(uow, simulation_id))
    except NotFound:
        logger.info("nobody waits for the simulation any more", simulation_id=simulation_id)
        return
    if wanted.state.is_over:
        return
    if receives >= MOST_RECEIPTS:
        # Whatever killed four workers kills the fifth; whoever waits is told.
        _end(simulation_id, WORKER_LOST)
        raise RuntimeError(f"simulation {simulation_id} was given up")
    try:
        _go_on(wanted)
    except (Conflict, Invalid, NotFound) as error:
        logger.warning("simulation refused", simulation_id=simulation_id, code=error.code)
        _end(simulation_id, error.code)


def _go_on(wanted: Simulation) -> None:
    """Play what has not been played yet, as far as time allows."""
    until = work.begin().wall_now + BEGINS_WITHIN
    day = _day(wanted)
    values = {}
    if day.routes:
        values = comparing.values_of(day, standing.figures_of(day))
    work.run(lambda uow: service.begin(uow, wanted.id, values))
    done = {(one.scenario, one.seed) for one in _results(wanted)}
    for number, seed in wanted.asked.runs():
        if (number, seed) in done:
            continue
        if work.read(lambda uow: store.load(uow, wanted.id)).state.is_over:
            logger.info("simulation cancelled", simulation_id=wanted.id)
            return
        if work.begin().wall_now > until:
            wiring.queues().send(Queue.SIMULATIONS, {"simulation_id": wanted.id})
            return
        _play(wanted, day, number, seed)
    _report(wanted, day)
    _end(wanted.id, None)


def _day(wanted: Simulation) -> RecordedDay:
    """The day, the same for every run: recorded once, however the hub goes on meanwhile."""
    asked = wanted.asked
    if asked.recipe is not None:
        return made_up.make(asked.recipe, wanted.asked_at.date(), wanted.asked_at)
    if work.read(lambda uow: store.load(uow, wanted.id)).begun_at is not None:
        return recorded.unpack(wiring.payloads().get(day_key(wanted.id)))
    assert asked.hub_id is not None
    assert asked.day is not None
    hub_id, day = asked.hub_id, asked.day
    found = work.read(lambda uow: recording.record(uow, hub_id, day))
    if not found.routes:
        raise NothingRecorded(f"no route was planned at {hub_id} on {day}")
    wiring.payloads().put(day_key(wanted.id), recorded.pack(found))
    return found


def _play(wanted: Simulation, day: RecordedDay, number: int, seed: int) -> None:
    # Here and not above: the web function, which registers this one too, has no solver.
    from chalicelib.domain.simulation.day import Run, simulate

    asked = wanted.asked
    run = Run(asked.scenarios[number], seed, asked.engine.value)
    came_out = simulate(day, run, _Teller(wanted.id))
    if seed == asked.seeds[0]:
        wiring.payloads().put(played_key(wanted.id, number), recorded.pack(came_out))
    values = comparing.values_of(came_out, standing.figures_of(came_out))
    result = Result(number, seed, values)
    work.run(partial(store.keep_result, simulation_id=wanted.id, result=result))
    logger.info("run played", simulation_id=wanted.id, scenario=number, seed=seed)


class _Teller:
    """Writes progress down now and then."""

    def __init__(self, simulation_id: str) -> None:
        self._id, self._told = simulation_id, 0

    def __call__(self, share: float) -> None:
        percent = int(100 * share) // _TOLD_EVERY * _TOLD_EVERY
        if percent != self._told:
            self._told = percent
            work.run(lambda uow: service.note(uow, self._id, percent))


def _report(wanted: Simulation, day: RecordedDay) -> None:
    payloads = wiring.payloads()
    numbers = range(len(wanted.asked.scenarios))
    played = [
        what_if_report.Played(one, recorded.unpack(payloads.get(played_key(wanted.id, number))))
        for number, one in zip(numbers, wanted.asked.scenarios, strict=True)
    ]
    now = work.read(lambda uow: store.load(uow, wanted.id))
    html = what_if_report.write(
        day,
        store.read_values(dict(now.recorded)),
        played,
        comparing.compare(_results(wanted)),
        len(wanted.asked.seeds),
    )
    payloads.put(report_key(wanted.id), html.encode())


def _results(wanted: Simulation) -> list[Result]:
    return work.read(lambda uow: store.results(uow, wanted.id))


def _end(simulation_id: str, failure: str | None) -> None:
    def end(uow: UnitOfWork) -> None:
        service.end(uow, simulation_id, failure)

    work.run(end)
