"""The ``waves`` queue: solve one wave and make its routes real.

Has the solver layer, its own memory and minutes. A message that comes twice finds the wave's record
and stops; a function that is killed midway leaves whole routes, and the next wave takes the rest.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from chalice.app import Blueprint

from chalicelib.domain.dispatch import adoption, planning, store, waves
from chalicelib.domain.dispatch.model import Wave
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.routing import solve as routing
from chalicelib.domain.routing import travel
from chalicelib.domain.routing.plan import Plan
from chalicelib.domain.routing.problem import Problem
from chalicelib.entry import work
from chalicelib.entry.observed import logger, per_record
from chalicelib.kit.events import Event
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)

#: Search time by size [s]: a hub's wave of 40 gets 4 s, 300 and more get 30 s. See docs/benchmarks.
SHORTEST_SEARCH_S = 2.0
LONGEST_SEARCH_S = 30.0
JOBS_PER_SECOND = 10


@bp.on_sqs_message(queue="waves", batch_size=1)
@per_record
def solve_wave(message: Mapping[str, Any]) -> None:
    hub = work.read(lambda uow: merchants.load_hub(uow, message["hub_id"]))
    wave_id = message["wave_id"]
    if work.read(lambda uow: store.find_wave(uow, hub.id, wave_id)) is not None:
        return
    snapshot = work.read(lambda uow: planning.take_snapshot(uow, hub))
    if not snapshot.due:
        return
    planned = planning.plan_wave(snapshot, wave_id, travel.matrix, _solve)
    adopted = [work.run(partial(adoption.adopt_route, draft=draft)) for draft in planned.drafts]
    route_ids = tuple(route.id for route, _ in adopted if route is not None)
    dropped = sum(count for _, count in adopted)
    work.run(lambda uow: _record(uow, hub, wave_id, planned, route_ids, dropped))
    logger.info(
        "wave planned",
        hub_id=hub.id,
        wave_id=wave_id,
        engine=planned.engine,
        due=len(snapshot.due),
        routes=len(route_ids),
        unserved=len(planned.unserved),
        dropped=dropped,
        notes=planned.notes,
    )


def _solve(problem: Problem) -> Plan:
    wanted = len(problem.jobs) / JOBS_PER_SECOND
    budget_s = min(LONGEST_SEARCH_S, max(SHORTEST_SEARCH_S, wanted))
    return routing.solve(problem, budget_s=budget_s, seed=0)


def _record(
    uow: UnitOfWork,
    hub: Hub,
    wave_id: str,
    planned: planning.Planned,
    route_ids: tuple[str, ...],
    dropped: int,
) -> None:
    served = sum(len(draft.versions) for draft in planned.drafts) - dropped
    store.save_wave(
        uow,
        Wave(
            id=wave_id,
            hub_id=hub.id,
            slot=waves.slot_at(hub, uow.now),
            planned_at=uow.now,
            engine=planned.engine,
            route_ids=route_ids,
            served=served,
            unserved=planned.unserved,
            left_out=len(planned.unserved),
            dropped=dropped,
        ),
    )
    data = {"hub_id": hub.id, "routes": len(route_ids), "unserved": len(planned.unserved)}
    uow.emit(Event("wave.planned", wave_id, 1, uow.now, data))
