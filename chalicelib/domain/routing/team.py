"""How do several threads search one problem? First side by side, then each its own neighbourhood.

For the first part of the budget every worker searches the whole problem with a seed of its own, and
the best plan wins. Then, round after round, the routes are cut into groups of neighbours, one per
worker (``decompose``, on the plane that travel makes), each group is searched alone from the routes
it has, and the groups are cut anew. A part keeps its routes where it finds nothing better, so the
plan never gets worse.

Source: the split of the budget is measured (docs/optimizer.md); neighbouring routes re-optimised
apart are decomposition as in Vidal et al. 2013, section 4.5.
"""

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from chalicelib.domain.routing.decompose import angle_of, group_routes
from chalicelib.domain.routing.native import Core, Found, Search
from chalicelib.domain.routing.parts import Outline
from chalicelib.domain.routing.problem import Problem
from chalicelib.domain.routing.whereabouts import by_travel

#: Up to so many jobs a part would be too small to be worth it: all of the budget side by side.
SMALL = 300
SIDE_BY_SIDE = 0.4
ROUNDS = 3
#: Another seed, another first cut: one of so many.
CUTS = 1000
#: First temperature of a search that begins with a plan that is good already, a cold one's being 1.
WARM_HEAT = 0.2


def search_together(core: Core, problem: Problem, how: Search, workers: int) -> Found:
    """Search with as many threads; ``how``'s budget and iterations are each worker's.

    The same seed, iterations and number of workers give the same plan.

    Raises
    ------
    CoreRefused
        As :meth:`Core.search` does.
    """
    if workers == 1:
        return core.search(how)
    apart = len(problem.jobs) > SMALL
    outline, points = Outline.of(problem), by_travel(problem) if apart else []
    most = math.ceil(len(problem.jobs) / workers)
    with ThreadPoolExecutor(workers) as pool:
        first = _share(how, SIDE_BY_SIDE if apart else 1.0)
        starts = [replace(first, seed=how.seed + 7919 * worker) for worker in range(workers)]
        found = list(pool.map(core.search, starts))
        best = min(found, key=lambda one: one.cost)
        best = replace(best, iterations=sum(one.iterations for one in found))
        for turn in range(ROUNDS if apart else 0):
            cut = angle_of(how.seed % CUTS + turn)
            shares = group_routes(outline, best.tours, most, cut, points)
            parts = [(frozenset(share.vehicles), frozenset(share.jobs)) for share in shares]
            warm = _share(how, (1 - SIDE_BY_SIDE) / ROUNDS)
            asked = [
                replace(
                    warm,
                    seed=how.seed + 104_729 * (turn + 1) + index,
                    heat=WARM_HEAT,
                    vehicles=vehicles,
                    jobs=jobs,
                    initial=[t if v in vehicles else () for v, t in enumerate(best.tours)],
                )
                for index, (vehicles, jobs) in enumerate(parts)
            ]
            best = _merged(best, parts, list(pool.map(core.search, asked)))
    return best


def _share(how: Search, share: float) -> Search:
    steps = None if how.iterations is None else max(1, round(how.iterations * share))
    return replace(how, budget_s=how.budget_s * share, iterations=steps)


def _merged(
    before: Found, parts: Sequence[tuple[frozenset[int], frozenset[int]]], found: Sequence[Found]
) -> Found:
    tours = list(before.tours)
    for (vehicles, _), part in zip(parts, found, strict=True):
        for vehicle in vehicles:
            tours[vehicle] = part.tours[vehicle]
    cost = sum(part.cost for part in found)
    after_s = before.progress[-1][0] + max(part.progress[-1][0] for part in found)
    return Found(
        tours,
        cost,
        before.iterations + sum(part.iterations for part in found),
        [*before.progress, (after_s, cost)],
    )
