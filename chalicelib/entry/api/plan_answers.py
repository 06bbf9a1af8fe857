"""What does a proposed plan look like? The answers of entry.api.plans, written and documented."""

from collections.abc import Sequence
from typing import Any

from pydantic import AwareDatetime

from chalicelib.domain.dispatch.plans.proposals import (
    Ask,
    Dropped,
    Loss,
    Moved,
    PlanStatus,
    Progress,
    Proposal,
    Proposed,
    Sum,
    Why,
)
from chalicelib.domain.dispatch.reasons import Blocking
from chalicelib.entry import rest
from chalicelib.entry.api.move_answers import CostParts, write_cost
from chalicelib.kit.timewindow import write_instant

_PLAN = "pln_01m83qqb5cfmsa2k3w3tegjase"


class Totals(rest.Answer):
    """All routes together that wait for a driver."""

    routes: int
    cost: CostParts
    distance_m: int
    duration_s: int
    late_s: int


class ProposedRoute(rest.Answer):
    """``is_kept``: it is there already, as it is. ``continues``: the one that the driver had."""

    route_id: str
    is_kept: bool
    continues: str | None
    driver_id: str
    cost: CostParts
    distance_m: int
    duration_s: int
    late_s: int
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    deliveries: list[str]


class RelaxationAnswer(rest.Answer):
    """The cheapest lever: how far it has to be moved, and what the routes then cost more."""

    lever: str
    amount: int
    added_cost_points: int
    driver_id: str | None
    pays: bool


class LeftOutAnswer(rest.Answer):
    """``constraint``: the rule that stands in the way, where it was looked into."""

    delivery_id: str
    merchant_id: str
    reason: str
    was_on: str | None
    constraint: str | None
    relaxation: RelaxationAnswer | None


class MovedAnswer(rest.Answer):
    """``cost_before_points``: what the delivery by itself costs where it is now."""

    delivery_id: str
    from_route_id: str | None
    to_route_id: str | None
    from_driver_id: str | None
    to_driver_id: str | None
    why: Why
    cost_before_points: int | None
    cost_after_points: int | None
    late_before_s: int
    late_after_s: int


class DroppedAnswer(rest.Answer):
    """``now``: the status of the delivery, or of its route, by now."""

    delivery_id: str
    why: Loss
    now: str


class ProposalAnswer(rest.Answer):
    made_at: AwareDatetime
    engine: str
    routes: list[ProposedRoute]
    unserved: list[LeftOutAnswer]
    kept: list[str]
    ended: list[str]
    moved: list[MovedAnswer]
    before: Totals
    after: Totals
    stale: list[DroppedAnswer]


class CommitAnswer(rest.Answer):
    """What a commit made real, and what fell out of it because it had changed meanwhile."""

    is_done: bool
    by: str
    routes: list[str]
    dropped: list[DroppedAnswer]
    changes: list[str]


class PlanAnswer(rest.Answer):
    """A plan that was asked for; ``proposal`` once it is solved, ``commit`` once it is real."""

    id: str
    hub_id: str
    status: PlanStatus
    dry_run: bool
    by: str
    asked_at: AwareDatetime
    expires_at: AwareDatetime
    failure: str | None
    proposal: ProposalAnswer | None
    commit: CommitAnswer | None

    model_config = rest.example(
        id=_PLAN,
        hub_id="hub_01m83qpn8tsfztk8g4j2we32hb",
        status="queued",
        dry_run=True,
        by="marta",
        asked_at="2026-11-23T08:19:53.067Z",
        expires_at="2026-11-23T08:49:53.067Z",
        failure=None,
        proposal=None,
        commit=None,
    )


class UndonePlan(rest.Answer):
    """The changes that took the plan back, one for each of its own."""

    plan_id: str
    changes: list[str]

    model_config = rest.example(plan_id=_PLAN, changes=["chg_01m83qqb5cfmsa2k3w3tegjase"])


def write_plan(wanted: Ask, progress: Progress, stale: Sequence[Dropped]) -> dict[str, Any]:
    status = PlanStatus.QUEUED
    if progress.is_done:
        status = PlanStatus.COMMITTED
    elif wanted.failure is not None:
        status = PlanStatus.FAILED
    elif wanted.proposal is not None:
        status = PlanStatus.PROPOSED
    begun = progress.is_done or progress.steps
    return {
        "id": wanted.id,
        "hub_id": wanted.hub_id,
        "status": status.value,
        "dry_run": wanted.dry_run,
        "by": wanted.by,
        "asked_at": write_instant(wanted.asked_at),
        "expires_at": write_instant(wanted.expires_at),
        "failure": wanted.failure,
        "proposal": wanted.proposal and _write_proposal(wanted.proposal, stale),
        "commit": _write_commit(progress) if begun else None,
    }


def _write_proposal(one: Proposal, stale: Sequence[Dropped]) -> dict[str, Any]:
    return {
        "made_at": write_instant(one.made_at),
        "engine": one.engine,
        "routes": [_write_route(route) for route in one.routes],
        "unserved": [
            {
                "delivery_id": left.ref.delivery_id,
                "merchant_id": left.ref.merchant_id,
                "reason": left.reason,
                "was_on": left.was_on,
                **write_blocking(left.blocking),
            }
            for left in one.left_out
        ],
        "kept": [route.route.id for route in one.routes if route.is_kept],
        "ended": list(one.ended),
        "moved": [_write_moved(moved) for moved in one.moved],
        "before": _write_sum(one.before),
        "after": _write_sum(one.after),
        "stale": [_write_dropped(dropped) for dropped in stale],
    }


def _write_commit(progress: Progress) -> dict[str, Any]:
    steps = list(progress.steps.values())
    return {
        "is_done": progress.is_done,
        "by": progress.by,
        "routes": [done.route_id for done in steps if done.route_id is not None],
        "dropped": [_write_dropped(one) for done in steps for one in done.dropped],
        "changes": [done.change_id for done in steps if done.change_id is not None],
    }


def write_blocking(why: Blocking | None) -> dict[str, Any]:
    """What stands in the way, as waves, plans and explanations tell it."""
    lever = None if why is None else why.relaxed
    return {
        "constraint": why and why.constraint,
        "relaxation": lever
        and {
            "lever": lever.lever,
            "amount": lever.amount,
            "added_cost_points": lever.added_cost,
            "driver_id": lever.vehicle_id,
            "pays": lever.pays,
        },
    }


def _write_route(one: Proposed) -> dict[str, Any]:
    route = one.route
    return {
        "route_id": route.id,
        "is_kept": one.is_kept,
        "continues": one.continues,
        "driver_id": one.driver_id,
        "cost": write_cost(one.cost),
        "distance_m": route.distance_m,
        "duration_s": route.duration_s,
        "late_s": one.late_s,
        "starts_at": write_instant(route.starts_at),
        "ends_at": write_instant(route.ends_at),
        "deliveries": [ref.delivery_id for ref in route.deliveries()],
    }


def _write_moved(one: Moved) -> dict[str, Any]:
    return {
        "delivery_id": one.step.ref.delivery_id,
        "from_route_id": one.step.from_route,
        "to_route_id": one.step.to_route,
        "from_driver_id": one.from_driver,
        "to_driver_id": one.to_driver,
        "why": one.why.value,
        "cost_before_points": one.cost_before,
        "cost_after_points": one.cost_after,
        "late_before_s": one.late_before_s,
        "late_after_s": one.late_after_s,
    }


def _write_sum(one: Sum) -> dict[str, Any]:
    return {
        "routes": one.routes,
        "cost": write_cost(one.cost),
        "distance_m": one.distance_m,
        "duration_s": one.duration_s,
        "late_s": one.late_s,
    }


def _write_dropped(one: Dropped) -> dict[str, str]:
    return {"delivery_id": one.ref.delivery_id, "why": one.why.value, "now": one.now}
