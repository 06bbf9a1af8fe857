"""The ``merges`` queue: cut a large wave into parts, merge what comes back, make its routes real.

Solves nothing and has no layer. Messages name a wave and a step: ``open`` it; ``merge`` a round,
which waits for the last answer unless the message is the round's own late one; ``close`` at the
deadline, with whatever is there. Each step is decided by the wave's item, so any of them may come
twice, late or in the wrong order. See dispatch.waves.fanout.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.dispatch import store
from chalicelib.domain.dispatch.model import Departure
from chalicelib.domain.dispatch.waves import adoption, cuts, departures, fanout, planning, snapshots
from chalicelib.domain.dispatch.waves.cuts import Cut
from chalicelib.domain.dispatch.waves.fanout import SharedWave, Stage
from chalicelib.domain.dispatch.waves.forming import WaveOrder
from chalicelib.domain.dispatch.waves.planning import Snapshot
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.routing import solve as routing
from chalicelib.domain.routing.parts import Outline
from chalicelib.domain.routing.travel import Roads
from chalicelib.entry import work
from chalicelib.entry.observed import logger, per_record
from chalicelib.entry.roads import roads_of
from chalicelib.gateways.payloads import payload_key
from chalicelib.gateways.queues import Queue

bp = Blueprint(__name__)

#: How long simple insertion may take for what no worker has answered [s].
RESCUE_S = 100


@bp.on_sqs_message(queue="merges", batch_size=1)
@per_record
def merge_wave(message: Mapping[str, Any]) -> None:
    hub = work.read(lambda uow: merchants.load_hub(uow, message["hub_id"]))
    if message["step"] == "open":
        _open(hub, message)
    elif message["step"] == "merge":
        _merge(hub, message)
    else:
        _close(hub, message["wave_id"])


def _open(hub: Hub, message: Mapping[str, Any]) -> None:
    """Take the snapshot that all will work on, and begin the first round."""
    wave_id = message["wave_id"]
    if work.read(lambda uow: fanout.find(uow, wave_id)) is not None:
        return
    snapshot = work.read(lambda uow: planning.take_snapshot(uow, hub))
    order = WaveOrder.from_message(message, len(snapshot.due))
    if order.size <= wiring.settings().fan_out_above or not snapshot.available:
        # Others were faster, or nobody is there to drive: one worker is enough.
        wiring.queues().send(Queue.WAVES, order.to_message())
        return
    cut = cuts.first_cut(planning.build_outline(snapshot), _part_size(snapshot))
    payloads = (
        _keep(wave_id, snapshots.write_snapshot(snapshot)),
        _keep(wave_id, cuts.write_cut(cut)),
    )
    lasts_s = fanout.wave_s(cut)
    # Before the wave is opened: nothing may be left open that nobody would close.
    _send_later(hub, wave_id, {"step": "close"}, lasts_s)
    wave = work.run(lambda uow: fanout.open_wave(uow, order, payloads, len(cut.shares), lasts_s))
    if wave is not None:
        _begin_round(hub, wave, cut)
        logger.info("wave shared out", wave_id=wave_id, due=order.size, parts=wave.parts)


def _merge(hub: Hub, message: Mapping[str, Any]) -> None:
    wave = work.read(lambda uow: fanout.find(uow, message["wave_id"]))
    if wave is None or wave.stage is not Stage.SOLVING or wave.round != message["round"]:
        return
    answered = work.read(lambda uow: fanout.count_answers(uow, wave))
    if answered < wave.parts and not message.get("late"):
        return
    state = _State.of(hub, wave)
    merged = state.merged(wave)
    now = work.begin().wall_now
    if wave.is_last_round(now, fanout.round_s(merged)):
        _claim(hub, wave, state, merged)
        return
    cut = cuts.next_cut(state.outline, merged, _part_size(state.snapshot), wave.round + 1)
    key = _keep(wave.wave_id, cuts.write_cut(cut))
    stepped = work.run(lambda uow: fanout.advance(uow, wave, key, len(cut.shares)))
    if stepped is not None:
        _begin_round(hub, stepped, cut)


def _close(hub: Hub, wave_id: str) -> None:
    """The deadline is there, or a closing took too long."""
    wave = work.read(lambda uow: fanout.find(uow, wave_id))
    if wave is None or wave.stage is Stage.DONE:
        return
    if wave.stage is Stage.SOLVING:
        state = _State.of(hub, wave)
        _claim(hub, wave, state, state.rescued(state.merged(wave)))
        return
    taken = work.run(lambda uow: fanout.take_over(uow, wave_id))
    if taken is not None:
        _send_later(hub, wave_id, {"step": "close"}, fanout.CLOSING_S)
        state = _State.of(hub, taken)
        earlier = partial(
            adoption.routes_of_wave, hub_id=hub.id, wave_id=wave_id, since=taken.opened_at
        )
        _adopt(taken, state, state.cut, [*work.read(earlier)])


def _claim(hub: Hub, wave: SharedWave, state: "_State", final: Cut) -> None:
    key = _keep(wave.wave_id, cuts.write_cut(final))
    claimed = work.run(lambda uow: fanout.claim(uow, wave, key))
    if claimed is not None:
        # In case that we die over it.
        _send_later(hub, wave.wave_id, {"step": "close"}, fanout.CLOSING_S)
        _adopt(claimed, state, final, [])


def _adopt(wave: SharedWave, state: "_State", final: Cut, earlier: list[Any]) -> None:
    """Check each route once more, make it real, and write down what became of the wave."""
    due, desk = state.snapshot.due, departures.Desk.of(state.snapshot, wave.wave_id)
    left = [(str(due[job].ref), why) for job, why in final.left().items()]
    real, wanted = list(earlier), 0
    held: list[Departure] = []
    for problem, plan in cuts.checked_routes(state.outline, final.tours, state.roads):
        drafts, stay, waiting = desk.sort_out(problem, plan)
        held += stay
        left += waiting
        for draft in drafts:
            wanted += len(draft.versions)
            route, _ = work.run(partial(adoption.adopt_route, draft=draft))
            if route is not None:
                real.append(route)
    served = sum(len(list(route.deliveries())) for route in real)
    outcome = adoption.Outcome(
        engine="+".join(sorted(final.engines)) or "none",
        routes=tuple(real),
        served=served,
        dropped=max(0, wanted - served),
        unserved=desk.explained(left),
        held=tuple(held),
    )

    def record(uow: Any) -> None:
        if store.find_wave(uow, wave.hub_id, wave.wave_id) is None:
            adoption.record_wave(uow, wave.hub_id, wave.wave_id, wave.slot, outcome)
            fanout.end(uow, wave)

    work.run(record)
    logger.info(
        "wave planned",
        hub_id=wave.hub_id,
        wave_id=wave.wave_id,
        engine=outcome.engine,
        due=len(due),
        rounds=wave.round + 1,
        routes=len(outcome.routes),
        held=len(held),
        unserved=len(outcome.unserved),
        dropped=outcome.dropped,
    )


@dataclass(frozen=True, slots=True)
class _State:
    """What is solved, and this round's cut: the wave's payloads, read."""

    snapshot: Snapshot
    outline: Outline
    cut: Cut
    roads: Roads

    @classmethod
    def of(cls, hub: Hub, wave: SharedWave) -> "_State":
        snapshot = snapshots.read_snapshot(wiring.payloads().get(wave.snapshot), hub)
        cut = cuts.read_cut(wiring.payloads().get(wave.cut))
        return cls(snapshot, planning.build_outline(snapshot), cut, roads_of(hub.id))

    def merged(self, wave: SharedWave) -> Cut:
        found = work.read(lambda uow: fanout.answers(uow, wave))
        merged, refused = cuts.merge_answers(self.outline, self.cut, found, self.roads)
        logger.info(
            "round merged",
            wave_id=wave.wave_id,
            round=wave.round,
            parts=wave.parts,
            answered=len(found),
            refused=len(refused),
        )
        return merged

    def rescued(self, cut: Cut) -> Cut:
        """Simple insertion for parts with deliveries that no worker ever looked at."""
        started = work.begin().wall_now
        for part, share in enumerate(cut.shares):
            spent_s = (work.begin().wall_now - started).total_seconds()
            if cut.unseen(part) and spent_s < RESCUE_S:
                problem, tours = self.outline.part(share, cut.tours, self.roads)
                plan = routing.solve(problem, budget_s=1, seed=0, engine="construct", initial=tours)
                answer = {part: cuts.answer_of(problem, plan)}
                cut, _ = cuts.merge_answers(self.outline, cut, answer, self.roads)
        return cut


def _begin_round(hub: Hub, wave: SharedWave, cut: Cut) -> None:
    name = {"wave_id": wave.wave_id, "hub_id": hub.id, "round": wave.round}
    for part in range(wave.parts):
        wiring.queues().send(Queue.WAVES, {**name, "part": part})
    late = {"step": "merge", "round": wave.round, "late": True}
    _send_later(hub, wave.wave_id, late, fanout.round_s(cut))


def _send_later(hub: Hub, wave_id: str, step: dict[str, Any], after_s: float) -> None:
    """Send a step to ourselves after so many real seconds: a search takes as long on any stage."""
    message = {"wave_id": wave_id, "hub_id": hub.id, **step}
    wiring.queues().send(Queue.MERGES, message, delay_s=after_s * wiring.clock().rate)


def _keep(wave_id: str, packed: bytes) -> str:
    key = payload_key(wave_id, work.begin().new_id("cut"))
    wiring.payloads().put(key, packed)
    return key


def _part_size(snapshot: Snapshot) -> int:
    return fanout.part_size(len(snapshot.due), wiring.settings().fan_out_above)
