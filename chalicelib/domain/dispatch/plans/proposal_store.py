"""How is a plan kept that nobody has committed yet? One packed item in ``eph``, for half an hour.

How far its commit is stands in an item of its own, which every step of the commit rewrites: it is
small, and outlives the proposal so that the commit can still be undone and told.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import store
from chalicelib.domain.dispatch.plans.proposals import (
    KEPT,
    Ask,
    Done,
    Dropped,
    LeftOut,
    Loss,
    Moved,
    Progress,
    Proposal,
    Proposed,
    Step,
    Sum,
    Why,
)
from chalicelib.domain.dispatch.reasons import Blocking
from chalicelib.domain.routing.cost import Cost
from chalicelib.kit.desk_errors import PlanExpired
from chalicelib.kit.errors import NotFound
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import desk_keys
from chalicelib.storage.unit_of_work import UnitOfWork

#: DynamoDB takes 400 kB per item.
LARGEST_BYTES = 390_000
PROGRESS_KEPT = timedelta(days=1)


def ask(uow: UnitOfWork, hub_id: str, by: str, *, dry_run: bool) -> Ask:
    """Write down that somebody wants a plan."""
    wanted = Ask(
        id=uow.new_id("pln"),
        hub_id=hub_id,
        by=by,
        dry_run=dry_run,
        asked_at=uow.now,
        expires_at=uow.wall_now + KEPT,
    )
    _save(uow, wanted)
    return wanted


def answer(uow: UnitOfWork, plan_id: str, proposal: Proposal | None, failure: str | None) -> Ask:
    """Write down what came of it: once, whoever solved it first."""
    wanted = load(uow, plan_id)
    if wanted.proposal is not None or wanted.failure is not None:
        return wanted
    told = replace(wanted, proposal=proposal, failure=failure, version=wanted.version + 1)
    if proposal is not None and len(_pack(proposal)) > LARGEST_BYTES:
        told = replace(told, proposal=None, failure="too_large")
    _save(uow, told)
    return told


def load(uow: UnitOfWork, plan_id: str) -> Ask:
    """Raise NotFound, or PlanExpired for one that is older than half an hour."""
    item = uow.get(desk_keys.proposal(plan_id))
    if item is None:
        raise NotFound("there is no such plan")
    expires_at = read_instant(item["expires_at"])
    if expires_at <= uow.wall_now:
        raise PlanExpired("ask for a new one")
    packed = item.get("packed")
    return Ask(
        id=item["id"],
        hub_id=item["hub_id"],
        by=item["by"],
        dry_run=item["dry_run"],
        asked_at=read_instant(item["asked_at"]),
        expires_at=expires_at,
        proposal=None if packed is None else _unpack(bytes(packed)),
        failure=item.get("failure"),
        version=item["version"],
    )


def load_progress(uow: UnitOfWork, plan_id: str) -> Progress:
    item = uow.get(desk_keys.plan_progress(plan_id))
    if item is None:
        return Progress({})
    steps = {
        name: Done(
            row[0],
            row[1],
            tuple(Dropped(DeliveryRef.parse(ref), Loss(why), now) for ref, why, now in row[2]),
        )
        for name, row in item["steps"].items()
    }
    return Progress(steps, item["is_done"], item["by"], item["version"])


def save_progress(uow: UnitOfWork, plan_id: str, progress: Progress) -> None:
    steps = {
        name: [
            done.route_id,
            done.change_id,
            [[str(one.ref), one.why.value, one.now] for one in done.dropped],
        ]
        for name, done in progress.steps.items()
    }
    uow.put(
        desk_keys.plan_progress(plan_id),
        {
            "steps": steps,
            "is_done": progress.is_done,
            "by": progress.by,
            "version": progress.version,
        },
        expect=progress.version - 1,
        expires_at=uow.wall_now + PROGRESS_KEPT,
    )


def _save(uow: UnitOfWork, wanted: Ask) -> None:
    item: dict[str, Any] = {
        "id": wanted.id,
        "hub_id": wanted.hub_id,
        "by": wanted.by,
        "dry_run": wanted.dry_run,
        "asked_at": write_instant(wanted.asked_at),
        "expires_at": write_instant(wanted.expires_at),
        "version": wanted.version,
    }
    if wanted.proposal is not None:
        item["packed"] = _pack(wanted.proposal)
    if wanted.failure is not None:
        item["failure"] = wanted.failure
    uow.put(
        desk_keys.proposal(wanted.id),
        item,
        expect=wanted.version - 1,
        expires_at=wanted.expires_at,
    )


# -- packing ---------------------------------------------------------------------------------------


def _pack(one: Proposal) -> bytes:
    document = {
        "made_at": write_instant(one.made_at),
        "engine": one.engine,
        "routes": [
            [
                store.route_to_item(p.route),
                p.driver_id,
                p.continues,
                p.is_kept,
                _write_cost(p.cost),
                p.late_s,
            ]
            for p in one.routes
        ],
        "left_out": [
            [str(o.ref), o.reason, o.was_on, o.blocking and o.blocking.to_item()]
            for o in one.left_out
        ],
        "ended": one.ended,
        "moved": [_write_moved(m) for m in one.moved],
        "sums": [_write_sum(one.before), _write_sum(one.after)],
        "versions": {str(ref): version for ref, version in one.versions.items()},
        "was_on": {str(ref): route_id for ref, route_id in one.was_on.items()},
    }
    return zlib.compress(json.dumps(document, separators=(",", ":")).encode())


def _unpack(packed: bytes) -> Proposal:
    told: Mapping[str, Any] = json.loads(zlib.decompress(packed))
    return Proposal(
        made_at=read_instant(told["made_at"]),
        engine=told["engine"],
        routes=tuple(
            Proposed(store.route_from_item(route), driver_id, continues, is_kept, Cost(*cost), late)
            for route, driver_id, continues, is_kept, cost, late in told["routes"]
        ),
        left_out=tuple(
            LeftOut(DeliveryRef.parse(ref), reason, was_on, why and Blocking.from_item(why))
            for ref, reason, was_on, why in told["left_out"]
        ),
        ended=tuple(told["ended"]),
        moved=tuple(map(_read_moved, told["moved"])),
        before=_read_sum(told["sums"][0]),
        after=_read_sum(told["sums"][1]),
        versions={DeliveryRef.parse(ref): version for ref, version in told["versions"].items()},
        was_on={DeliveryRef.parse(ref): route_id for ref, route_id in told["was_on"].items()},
    )


def _write_cost(cost: Cost) -> list[int]:
    """Without fairness and the price of changes, which are the solver's own affair."""
    return [cost.vehicles, cost.distance, cost.duration, cost.overtime, cost.lateness]


def _write_sum(one: Sum) -> list[Any]:
    return [one.routes, _write_cost(one.cost), one.distance_m, one.duration_s, one.late_s]


def _read_sum(row: list[Any]) -> Sum:
    return Sum(row[0], Cost(*row[1]), *row[2:])


def _write_moved(one: Moved) -> list[Any]:
    step = one.step
    return [
        str(step.ref),
        step.from_route,
        step.to_route,
        one.why.value,
        one.from_driver,
        one.to_driver,
        one.cost_before,
        one.cost_after,
        one.late_before_s,
        one.late_after_s,
    ]


def _read_moved(row: list[Any]) -> Moved:
    step = Step(DeliveryRef.parse(row[0]), row[1], row[2])
    return Moved(step, Why(row[3]), *row[4:])
