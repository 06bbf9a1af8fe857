"""What does simple common sense make of it? Cheapest feasible insertion, in pure Python.

Each job, most urgent and least flexible first, goes where it adds the least cost, with every rule
kept; companions go together. A route under way begins with what is frozen. It always ends and
always yields a feasible plan, if what is frozen can be driven at all, so it is the fall-back when
no engine answers, and the bound that every engine has to beat in the tests.

Source: Solomon 1987, "Algorithms for the vehicle routing problem with time window constraints"
(insertion I1), extended to pairs, reloads and companions.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.routing.insertion import Added, Standing
from chalicelib.domain.routing.problem import RELOAD, Problem, Tour, job_of
from chalicelib.domain.routing.schedule import route_cost
from chalicelib.domain.routing.tasks import Legs, Tasks
from chalicelib.domain.routing.under_way import begun
from chalicelib.domain.routing.ways import ways

#: Whole schedules that are tried and found feasible before the cheapest of them is taken: the
#: likeliest come first, so that what is cut off is rarely missed.
ENOUGH = 6


@dataclass(frozen=True, slots=True)
class Insertion:
    """A job's best new place: the vehicle's index, its new tour, and the cost it adds [points]."""

    vehicle: int
    tour: Tour
    added_cost: int


def construct(problem: Problem) -> list[Tour]:
    """One tour per vehicle, in the order of ``problem.vehicles``; unused ones are empty."""
    return complete(problem, [()] * len(problem.vehicles))


def complete(problem: Problem, tours: Sequence[Tour]) -> list[Tour]:
    """Insert every job that the tours leave out and whose insertion costs less than its penalty.

    An empty tour of a vehicle with a frozen beginning starts with that.
    """
    tasks = Tasks.of(problem)
    board = Board(tasks, [tour or one for tour, one in zip(tours, begun(tasks), strict=True)])
    _join_the_frozen(board)
    present = {job_of(task) for tour in board.tours for task in tour if task != RELOAD}
    for unit in units(problem):
        if present.isdisjoint(unit):
            added = board.cheapest(unit)
            if added and added.added_cost < sum(
                problem.jobs[job].price_of_leaving_out for job in unit
            ):
                board.put(added)
    return board.tours


def units(problem: Problem) -> list[Tour]:
    """Jobs that only go together, most urgent first in each and among them."""
    key = [_urgency(problem, job) for job in range(len(problem.jobs))]
    bound = companions(problem)
    every = {tuple(sorted(bound[job], key=key.__getitem__)) for job in range(len(problem.jobs))}
    return sorted(every, key=lambda unit: key[unit[0]])


def companions(problem: Problem) -> list[frozenset[int]]:
    """By job: itself and all that have to be on its route, through whatever groups."""
    bound = [frozenset((job,)) for job in range(len(problem.jobs))]
    for group in problem.same_route:
        merged = frozenset[int]().union(*(bound[job] for job in group))
        for job in merged:
            bound[job] = merged
    return bound


def _urgency(problem: Problem, job: int) -> tuple[bool, int, int, int, str]:
    wanted = problem.jobs[job]
    return (
        wanted.penalty is not None,
        -wanted.priority,
        wanted.dropoff_windows[-1].latest_s,
        -wanted.weight_g,
        wanted.id,
    )


class Board:
    """All tours at once, each with its ``Standing``.

    None where a tour cannot be driven, or does not begin with what is frozen: nothing is added.
    """

    def __init__(self, tasks: Tasks, tours: Sequence[Tour]) -> None:
        self.tasks = tasks
        self.tours = list(tours)
        self.legs = [Legs(tasks, vehicle) for vehicle in tasks.problem.vehicles]
        self.standings = [
            Standing.of(legs, tour) if _keeps(tour, legs.vehicle.frozen) else None
            for legs, tour in zip(self.legs, tours, strict=True)
        ]
        numbers: dict[object, int] = {}
        self.likeness = [
            numbers.setdefault(replace(vehicle, id=""), len(numbers))
            for vehicle in tasks.problem.vehicles
        ]
        self.before: dict[int, list[tuple[int, int]]] = {}
        for pair in tasks.problem.pickup_order:
            for job in pair:
                self.before.setdefault(job, []).append(pair)

    def put(self, insertion: Insertion) -> None:
        at = insertion.vehicle
        self.tours[at] = insertion.tour
        self.standings[at] = Standing.of(self.legs[at], insertion.tour)

    def cheapest(self, unit: Sequence[int], *, enough: int | None = ENOUGH) -> Insertion | None:
        """The cheapest place for jobs that go together; None if there is none.

        ``enough`` feasible ways end the search for it; None tries all there are.
        """
        if len(unit) == 1:
            vehicles = self._different(unit)
            return self._cheapest(unit[0], vehicles, enough)
        found = (self.together(unit, vehicle, enough=enough) for vehicle in self._different(unit))
        return min(
            (one for one in found if one is not None),
            key=lambda one: one.added_cost,
            default=None,
        )

    def together(
        self, unit: Iterable[int], vehicle: int, *, enough: int | None = ENOUGH
    ) -> Insertion | None:
        """Jobs one after the other into one tour; None if one of them does not fit."""
        before = self.standings[vehicle]
        if before is None:
            return None
        standing: Standing | None = before
        for job in unit:
            one = None if standing is None else self._into({vehicle: standing}, job, enough)
            if one is None:
                return None
            standing = Standing.of(self.legs[vehicle], one.tour)
        assert standing is not None
        return Insertion(vehicle, standing.tour, standing.cost - before.cost)

    def _different(self, unit: Sequence[int]) -> list[int]:
        """Vehicles that may give different answers: equal empty ones have equal answers."""
        jobs = [self.tasks.problem.jobs[job] for job in unit]
        named = {
            name
            for job in jobs
            for name in (job.only_vehicle, job.planned_vehicle, *job.not_vehicles)
        }
        seen: set[tuple[int, str | None]] = set()
        different = []
        for at, vehicle in enumerate(self.tasks.problem.vehicles):
            if not self.tours[at]:
                twin = (self.likeness[at], vehicle.id if vehicle.id in named else None)
                if twin in seen:
                    continue
                seen.add(twin)
            different.append(at)
        return different

    def _cheapest(self, job: int, vehicles: Iterable[int], enough: int | None) -> Insertion | None:
        standings = {
            at: standing for at in vehicles if (standing := self.standings[at]) is not None
        }
        return self._into(standings, job, enough)

    def _into(
        self, standings: dict[int, Standing], job: int, enough: int | None
    ) -> Insertion | None:
        """The likely ways first, and all of them if none of those is feasible."""
        if enough is None:
            return self._best(standings, job, wide=True, enough=None)
        best = self._best(standings, job, wide=False, enough=enough)
        return best or self._best(standings, job, wide=True, enough=enough)

    def _best(
        self, standings: dict[int, Standing], job: int, *, wide: bool, enough: int | None
    ) -> Insertion | None:
        best: Insertion | None = None
        feasible = 0
        for _, at, added in ways(standings.items(), job, wide=wide):
            cost = self._cost(standings[at], job, added)
            if cost is None:
                continue
            feasible += 1
            extra = cost - standings[at].cost
            if best is None or extra < best.added_cost:
                best = Insertion(at, standings[at].with_added(added), extra)
            if feasible == enough:
                break
        return best

    def _cost(self, standing: Standing, job: int, added: Added) -> int | None:
        """Cost of the longer tour, or None when it breaks a rule; loads were looked at before."""
        if not standing.in_time(added):
            return None
        longer = standing.with_added(added)
        if not orderly(longer, self.before.get(job, ())):
            return None
        return route_cost(standing.legs, longer)


def _keeps(tour: Tour, frozen: Tour) -> bool:
    return tour[: len(frozen)] == frozen


def orderly(tour: Sequence[int], pairs: Iterable[tuple[int, int]]) -> bool:
    """True if the first of each pair of jobs is picked up before the second, if both are here."""
    for first, second in pairs:
        one, other = 2 * first, 2 * second
        if one in tour and other in tour and tour.index(one) > tour.index(other):
            return False
    return True


# -- routes under way ----------------------------------------------------------------------------


def _join_the_frozen(board: Board) -> None:
    """Companions of what is under way come first, at any price: they go with it or break a rule."""
    bound = companions(board.tasks.problem)
    for vehicle, tour in enumerate(list(board.tours)):
        aboard = {job_of(task) for task in tour if task != RELOAD}
        missing = frozenset[int]().union(*(bound[job] for job in aboard)) - aboard
        if missing:
            joined = board.together(
                sorted(missing, key=lambda job: _urgency(board.tasks.problem, job)), vehicle
            )
            if joined is not None:
                board.put(joined)
