"""What stands in the way of a delivery that a plan left out, and what would let it go along?

The optimizer's explanation (``routing.explain``) in the words that are kept with a wave or a plan.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from chalicelib.domain.routing.explain import explain
from chalicelib.domain.routing.plan import Plan
from chalicelib.domain.routing.problem import Problem

#: Explaining one takes some milliseconds per vehicle, with long tours a tenth of a second.
MOST_EXPLAINED = 30


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The cheapest lever, and how far it has to be moved (units: ``routing.relax.Lever``)."""

    lever: str
    amount: int
    added_cost: int
    vehicle_id: str | None
    pays: bool


@dataclass(frozen=True, slots=True)
class Blocking:
    """The rule that stands in the way; ``relaxed`` None: no single lever would do."""

    constraint: str
    relaxed: Relaxed | None

    def to_item(self) -> dict[str, Any]:
        one = self.relaxed
        told = one and [one.lever, one.amount, one.added_cost, one.vehicle_id, one.pays]
        return {"constraint": self.constraint, "relaxed": told}

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> "Blocking":
        told = item["relaxed"]
        return cls(item["constraint"], None if told is None else Relaxed(*told))


def blocked(
    problem: Problem, plan: Plan, wanted: Callable[[str], bool] = lambda job_id: True
) -> dict[str, Blocking]:
    """By job, for the first of those that were left out and of which somebody wants to know."""
    left = (one.job_id for one in plan.unserved if wanted(one.job_id))
    some = set(islice(left, MOST_EXPLAINED))
    if not some:
        return {}
    return {
        one.job_id: Blocking(
            one.constraint.value,
            next(
                (
                    Relaxed(r.lever.value, r.amount, r.added_cost, r.vehicle_id, r.pays)
                    for r in one.relaxations
                ),
                None,
            ),
        )
        for one in explain(problem, plan, job_ids=some).left_out
    }
