"""The ``waves`` queue: solve a wave and make its routes real, a part of a shared one, or one route.

A plan that the desk asked for is solved as a wave is, and kept for the desk to look at.

A route under way is one vehicle's small problem: its rest in a better order, if that is worth it.

Has the solver layer, its own memory and minutes. A message that comes twice finds the wave's record
or the part's answer and stops; a function that is killed midway leaves whole routes, and the next
wave takes the rest. A message that comes again because the native core took its worker with it is
solved by OR-Tools, in a process of its own.
"""

import os
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.dispatch import store
from chalicelib.domain.dispatch.under_way import reordering
from chalicelib.domain.dispatch.waves import adoption, cuts, departures, fanout, planning, snapshots
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.routing import solve as routing
from chalicelib.domain.routing.plan import Plan
from chalicelib.domain.routing.problem import Problem, Tour
from chalicelib.entry import replan, work
from chalicelib.entry.observed import logger, per_receipt
from chalicelib.entry.roads import roads_of
from chalicelib.gateways.queues import Queue

bp = Blueprint(__name__)

#: Search time by size [s]: a hub's wave of 40 gets 4 s, 300 and more get 30 s. See docs/benchmarks.
SHORTEST_SEARCH_S = 2.0
LONGEST_SEARCH_S = 30.0
JOBS_PER_SECOND = 10
#: Search time for one route [s]: its few dozen stops are searched through in a fraction of it.
REORDER_S = 0.5


@bp.on_sqs_message(queue="waves", batch_size=1)
@per_receipt
def solve_wave(message: Mapping[str, Any], receives: int) -> None:
    hub = work.read(lambda uow: merchants.load_hub(uow, message["hub_id"]))
    if "plan_id" in message:
        replan.propose(hub, message["plan_id"], partial(_search, receives=receives))
    elif "route_id" in message:
        _reorder(hub, message["route_id"], receives)
    elif "part" in message:
        _solve_part(hub, message, receives)
    else:
        _solve_whole(hub, message, receives)


def _solve_whole(hub: Hub, message: Mapping[str, Any], receives: int) -> None:
    wave_id = message["wave_id"]
    if work.read(lambda uow: store.find_wave(uow, hub.id, wave_id)) is not None:
        return
    snapshot = work.read(lambda uow: planning.take_snapshot(uow, hub))
    if not snapshot.due:
        return

    search = partial(_search, receives=receives)
    planned = departures.plan_wave(snapshot, wave_id, roads_of(hub.id), search)
    adopted = [work.run(partial(adoption.adopt_route, draft=draft)) for draft in planned.drafts]
    outcome = planned.became(adopted)
    slot = message["slot"]
    work.run(lambda uow: adoption.record_wave(uow, hub.id, wave_id, slot, outcome))
    logger.info(
        "wave planned",
        hub_id=hub.id,
        wave_id=wave_id,
        engine=planned.engine,
        due=len(snapshot.due),
        routes=len(outcome.routes),
        held=len(outcome.held),
        unserved=len(planned.unserved),
        dropped=outcome.dropped,
        notes=planned.notes,
    )


def _reorder(hub: Hub, route_id: str, receives: int) -> None:
    """Look for a better order of what a driver still has before them."""
    route = work.read(lambda uow: store.load_route(uow, route_id))
    if route.driver_id is None or not reordering.is_open(route):
        return
    uow = work.begin()
    driver = drivers.load_work(uow, route.driver_id)
    search = partial(_solve, budget_s=REORDER_S, seed=0, receives=receives)
    found = reordering.reorder(route, driver, hub, uow.now, roads_of(hub.id), search)
    if found is None:
        return
    adopted = work.run(partial(reordering.adopt, found=found))
    logger.info(
        "route reordered",
        route_id=route_id,
        adopted=adopted is not None,
        saved_s=found.saved_s,
        saved_m=found.saved_m,
        late_before=found.late_before,
        late_after=found.late_after,
    )


def _solve_part(hub: Hub, message: Mapping[str, Any], receives: int) -> None:
    """Solve a part of the round that is on, keep the answer, and say so."""
    wave_id, round_, part = message["wave_id"], message["round"], message["part"]
    wave = work.read(lambda uow: fanout.find(uow, wave_id))
    if wave is None or wave.stage is not fanout.Stage.SOLVING or wave.round != round_:
        return
    if not work.read(lambda uow: fanout.is_answered(uow, wave_id, round_, part)):
        snapshot = snapshots.read_snapshot(wiring.payloads().get(wave.snapshot), hub)
        cut = cuts.read_cut(wiring.payloads().get(wave.cut))
        outline = planning.build_outline(snapshot)
        problem, tours = outline.part(cut.shares[part], cut.tours, roads_of(hub.id))
        plan = _solve(
            problem,
            tours if any(tours) else None,
            budget_s=fanout.search_s(len(problem.jobs)),
            # Another seed for each: equal parts of two rounds are then searched in two ways.
            seed=1000 * round_ + part,
            receives=receives,
        )
        answer = cuts.answer_of(problem, plan)
        work.run(lambda uow: fanout.keep_answer(uow, wave_id, round_, part, answer))
        logger.info(
            "part solved",
            wave_id=wave_id,
            round=round_,
            part=part,
            engine=plan.engine,
            jobs=len(problem.jobs),
            served=plan.served,
            notes=plan.notes,
        )
    # Also when it was answered before: the one who did may have died before saying so.
    order = {"wave_id": wave_id, "hub_id": hub.id, "step": "merge", "round": round_}
    wiring.queues().send(Queue.MERGES, order)


def _search(problem: Problem, initial: Sequence[Tour] | None, *, receives: int) -> Plan:
    """Solve a whole hub, for as long as its size deserves."""
    budget_s = min(LONGEST_SEARCH_S, max(SHORTEST_SEARCH_S, len(problem.jobs) / JOBS_PER_SECOND))
    return _solve(problem, initial, budget_s=budget_s, seed=0, receives=receives)


def _solve(
    problem: Problem, initial: Sequence[Tour] | None, *, budget_s: float, seed: int, receives: int
) -> Plan:
    return routing.solve(
        problem,
        budget_s=budget_s,
        seed=seed,
        workers=os.cpu_count() or 1,
        engine="native" if receives == 1 else "ortools",
        initial=initial,
    )
