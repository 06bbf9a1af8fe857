"""What stands in the way of a delivery that a plan left out, and what would let it go along?

The optimizer's explanation (``routing.explain``) in the words that are kept with a wave or a plan.
"""

from collections.abc import Callable
from itertools import islice

from chalicelib.domain.dispatch.reasons import Blocking, Relaxed
from chalicelib.domain.routing.explain import explain
from chalicelib.domain.routing.plan import Plan
from chalicelib.domain.routing.problem import Problem

#: Explaining one takes some milliseconds per vehicle, with long tours a tenth of a second.
MOST_EXPLAINED = 30


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
