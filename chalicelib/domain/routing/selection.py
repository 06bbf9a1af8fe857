"""What is a part of a problem? Some of its jobs and vehicles, in an order of one's own.

Indices inside (frozen tasks, groups, orders of pickups) are renumbered; places and travel stay.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.routing.problem import RELOAD, Problem, Tour, job_of


@dataclass(frozen=True, slots=True)
class Selection:
    """A part of a problem, and the way back.

    Parameters
    ----------
    problem
        The part: job ``i`` here is job ``jobs[i]`` there, and so for vehicles.
    """

    problem: Problem
    jobs: tuple[int, ...]
    vehicles: tuple[int, ...]

    @classmethod
    def of(cls, problem: Problem, jobs: Sequence[int], vehicles: Sequence[int]) -> "Selection":
        """Select. Groups of jobs that go together are whole here, or not here at all.

        Raises
        ------
        KeyError
            If a frozen task, or one of a group, belongs to a job that is not selected.
        """
        new = {job: index for index, job in enumerate(jobs)}
        chosen = [problem.vehicles[vehicle] for vehicle in vehicles]
        part = replace(
            problem,
            jobs=tuple(problem.jobs[job] for job in jobs),
            vehicles=tuple(replace(v, frozen=_renumbered(v.frozen, new)) for v in chosen),
            same_route=tuple(
                tuple(new[job] for job in group)
                for group in problem.same_route
                if any(job in new for job in group)
            ),
            pickup_order=tuple(
                (new[first], new[second])
                for first, second in problem.pickup_order
                if first in new and second in new
            ),
        )
        return cls(part, tuple(jobs), tuple(vehicles))

    def outside(self, tours: Sequence[Tour], count: int) -> list[Tour]:
        """The part's tours in the numbers of the whole, which has ``count`` vehicles."""
        back: list[Tour] = [()] * count
        old = dict(enumerate(self.jobs))
        for vehicle, tour in zip(self.vehicles, tours, strict=True):
            back[vehicle] = _renumbered(tour, old)
        return back

    def inside(self, tours: Sequence[Tour]) -> list[Tour]:
        """The whole's tours in the numbers of the part; jobs that are not in it are left out."""
        new = {job: index for index, job in enumerate(self.jobs)}
        return [
            _renumbered([t for t in tours[vehicle] if t == RELOAD or job_of(t) in new], new)
            for vehicle in self.vehicles
        ]


def _renumbered(tour: Sequence[int], numbers: dict[int, int]) -> Tour:
    return tuple(
        RELOAD if task == RELOAD else 2 * numbers[job_of(task)] + task % 2 for task in tour
    )
