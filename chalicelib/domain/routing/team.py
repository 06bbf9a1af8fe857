"""How do several threads search one problem? First side by side, then each its own neighbourhood.

For the first part of the budget every worker searches the whole problem with a seed of its own, and
the best plan wins. Then, round after round, the routes are cut into groups of neighbours, one per
worker, each group is searched alone from the routes it has, and the groups are cut anew. A part
keeps its routes where it finds nothing better, so the plan never gets worse.

Source: the split of the budget is measured (docs/optimizer.md); neighbouring routes re-optimised
apart are decomposition as in Vidal et al. 2013, section 4.5.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from chalicelib.domain.routing.native import Core, Found, Search
from chalicelib.domain.routing.problem import RELOAD, Problem, Tour, job_of

#: Up to so many jobs a part would be too small to be worth it: all of the budget side by side.
SMALL = 300
SIDE_BY_SIDE = 0.4
ROUNDS = 3
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
    with ThreadPoolExecutor(workers) as pool:
        first = _share(how, SIDE_BY_SIDE if apart else 1.0)
        starts = [replace(first, seed=how.seed + 7919 * worker) for worker in range(workers)]
        found = list(pool.map(core.search, starts))
        best = min(found, key=lambda one: one.cost)
        best = replace(best, iterations=sum(one.iterations for one in found))
        for turn in range(ROUNDS if apart else 0):
            parts = _parts(problem, best.tours, workers, how.seed + turn)
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


def _parts(
    problem: Problem, tours: Sequence[Tour], count: int, turn: int
) -> list[tuple[frozenset[int], frozenset[int]]]:
    """Vehicles and jobs of each part: neighbours, and shares of what is unused and unserved."""
    used = [vehicle for vehicle, tour in enumerate(tours) if tour]
    idle = [vehicle for vehicle, tour in enumerate(tours) if not tour]
    present = {job_of(task) for tour in tours for task in tour if task != RELOAD}
    absent = [job for job in range(len(problem.jobs)) if job not in present]
    groups = neighbouring(problem, tours, used, count, turn)
    parts = []
    for index, group in enumerate(groups):
        vehicles = frozenset([*group, *idle[index :: len(groups)]])
        jobs = {job_of(task) for vehicle in group for task in tours[vehicle] if task != RELOAD}
        parts.append((vehicles, frozenset(jobs.union(absent[index :: len(groups)]))))
    return parts


def neighbouring(
    problem: Problem, tours: Sequence[Tour], used: Sequence[int], count: int, turn: int
) -> list[list[int]]:
    """Cut routes into at most ``count`` groups of neighbours with about as many tasks each.

    Each cut takes two routes that lie far apart, sorts the others by whom they are closer to, and
    halves the row; another turn begins with another route. Needs travel times only, no coordinates.
    """
    if count <= 1 or len(used) <= 1:
        return [list(used)]
    seconds = problem.travel[problem.vehicles[used[0]].kind].duration_s
    middle = {v: _middle_place(problem, tours[v]) for v in used}
    origin = middle[used[(turn * 31) % len(used)]]
    one = middle[max(used, key=lambda v: (seconds[origin][middle[v]], v))]
    other = middle[max(used, key=lambda v: (seconds[one][middle[v]], v))]
    row = sorted(used, key=lambda v: (seconds[one][middle[v]] - seconds[other][middle[v]], v))
    wanted = sum(len(tours[v]) for v in row) * (count // 2) / count
    cut, held = 0, 0
    while cut < len(row) - 1 and (cut == 0 or held < wanted):
        held += len(tours[row[cut]])
        cut += 1
    halves = (row[:cut], count // 2), (row[cut:], count - count // 2)
    return [group for some, n in halves for group in neighbouring(problem, tours, some, n, turn)]


def _middle_place(problem: Problem, tour: Tour) -> int:
    tasks = [task for task in tour if task != RELOAD and task % 2] or [1]
    return problem.jobs[job_of(tasks[len(tasks) // 2])].dropoff
