"""In which ways does a job go into a tour? Likely ones first, and only as many as are asked for.

Ways are sorted by driving and setup and then judged by the whole schedule, cheapest first, so that
few of them are ever judged. Nor are they all made: what a tour's best way can cost at the least is
known from its detours, and a tour whose turn never comes is not looked into.

Units: [s], [m]; cost in points.
"""

from collections.abc import Iterable, Iterator, Sequence
from heapq import heappop, heappush, nsmallest
from itertools import chain, product

from chalicelib.domain.routing.insertion import Added, Detour, Standing, within
from chalicelib.domain.routing.problem import RELOAD, Tour
from chalicelib.domain.routing.tasks import NOTHING, Load, carries
from chalicelib.domain.routing.timing import NEVER

#: A pair's pickup and dropoff are tried at so many of their best positions each, before at all.
CLOSE = 8

#: With a reload in between, a job is tried at so many of its best positions.
CLOSE_WITH_RELOAD = 4

#: (extra seconds, extra metres, what is added where).
type Longer = tuple[int, int, Added]

#: (estimate of the added cost, the standing's number, what is added where).
type Way = tuple[int, int, Added]

#: (no way is estimated less than that, the standing's number, its ways in any order).
type Outlook = tuple[int, int, Iterator[Way]]


def ways(standings: Iterable[tuple[int, Standing]], job: int, *, wide: bool) -> Iterator[Way]:
    """Ways to add a job that are not ruled out, each once, likeliest first.

    Parameters
    ----------
    standings
        With their numbers.
    wide
        True for every one of them: pairs otherwise go where either end is close.
    """
    outlooks = sorted(
        (one for at, standing in standings if (one := _outlook(at, standing, job, wide=wide))),
        key=lambda one: one[:2],
        reverse=True,
    )
    heap: list[Way] = []
    while outlooks or heap:
        while outlooks and (not heap or outlooks[-1][0] <= heap[0][0]):
            for way in outlooks.pop()[2]:
                heappush(heap, way)
        if heap:
            yield heappop(heap)


def _outlook(at: int, standing: Standing, job: int, *, wide: bool) -> Outlook | None:
    """None where there is no way for sure."""
    if not standing.takes(job):
        return None
    vehicle, tasks = standing.legs.vehicle, standing.legs.tasks.problem.jobs[job].tasks(job)
    load = standing.legs.tasks.load[tasks[-1]]
    once = 0 if standing.tour else vehicle.fixed_cost
    least, longer = _plain(standing, tasks, load, wide=wide)
    if _may_reload(standing) and _needs_reload(standing, tasks, load):
        least, longer = -NEVER, chain(longer, _with_reload(standing, tasks, wide=wide))
    if least == NEVER:
        return None
    found = (
        (once + vehicle.cost_per_s * d_s + vehicle.cost_per_m * d_m, at, added)
        for d_s, d_m, added in longer
    )
    return once + least, at, found


def _plain(
    standing: Standing, tasks: Tour, load: Load, *, wide: bool
) -> tuple[int, Iterator[Longer]]:
    """Without another reload: the least estimate, ``NEVER`` where there is no way, and the ways."""
    near = [standing.near(standing.legs.place[task]) for task in tasks]
    detours = [standing.around(task, one) for task, one in zip(tasks, near, strict=True)]
    room = standing.room(load)
    if len(tasks) == 1:
        open_ = [one for one in detours[0] if within(standing.tops[one[2]], room)]
        return _least(standing, open_), ((d_s, d_m, ((p, tasks[0]),)) for d_s, d_m, p in open_)
    pickup, dropoff = tasks
    in_a_row = [
        one
        for one in standing.in_a_row(pickup, dropoff, *near)
        if within(standing.levels[one[2]], room)
    ]
    least = _least(standing, in_a_row)
    if all(detours):
        least = min(least, sum(_least(standing, some) for some in detours))
    together = ((d_s, d_m, ((p, pickup), (p, dropoff))) for d_s, d_m, p in in_a_row)
    return least, chain(together, _apart(standing, tasks, detours, room, wide=wide))


def _least(standing: Standing, detours: Iterable[Detour]) -> int:
    vehicle = standing.legs.vehicle
    per_s, per_m = vehicle.cost_per_s, vehicle.cost_per_m
    return min((per_s * d_s + per_m * d_m for d_s, d_m, _ in detours), default=NEVER)


def _apart(
    standing: Standing, tasks: Tour, detours: Sequence[list[Detour]], room: Load, *, wide: bool
) -> Iterator[Longer]:
    """A pickup and its dropoff with stops in between."""
    pickup, dropoff = tasks
    firsts, seconds = detours if wide else (nsmallest(CLOSE, some) for some in detours)
    levels = standing.levels
    for (one_s, one_m, i), (two_s, two_m, j) in product(firsts, seconds):
        if i < j and all(within(level, room) for level in levels[i : j + 1]):
            yield one_s + two_s, one_m + two_m, ((i, pickup), (j, dropoff))


# -- reloads -------------------------------------------------------------------------------------


def _may_reload(standing: Standing) -> bool:
    reload, tour = standing.legs.vehicle.reload, standing.tour
    return reload is not None and bool(tour) and tour.count(RELOAD) < reload.max_times


def _needs_reload(standing: Standing, tasks: Tour, load: Load) -> bool:
    """True where a load or a release may keep the job from going plainly."""
    release_s = standing.legs.tasks.release_s
    if len(tasks) > 1 and not any(release_s[task] >= 0 for task in standing.tour):
        return False
    if release_s[tasks[-1]] > standing.free_s[0]:
        return True
    room = standing.room(load)
    return not all(within(level, room) for level in standing.levels)


def _with_reload(standing: Standing, tasks: Tour, *, wide: bool) -> Iterator[Longer]:
    """The job and one more reload, before or after it."""
    place = standing.legs.place[RELOAD]
    reloads = standing.around(RELOAD, standing.near(place))
    _, ways = _plain(standing, tasks, NOTHING, wide=wide)
    found = list(ways) if wide else nsmallest(CLOSE_WITH_RELOAD, ways)
    for (one_s, one_m, added), (two_s, two_m, at) in product(found, reloads):
        for both in _merged(added, at):
            longer = standing.with_added(both)
            if carries(standing.legs.tasks, standing.legs.vehicle, longer):
                yield one_s + two_s, one_m + two_m, both


def _merged(added: Added, reload: int) -> Iterator[Added]:
    """A reload before or after everything that is added at its position, never twice the same."""
    before = tuple(item for item in added if item[0] < reload)
    same = tuple(item for item in added if item[0] == reload)
    after = tuple(item for item in added if item[0] > reload)
    yield (*before, (reload, RELOAD), *same, *after)
    if same:
        yield (*before, *same, (reload, RELOAD), *after)
