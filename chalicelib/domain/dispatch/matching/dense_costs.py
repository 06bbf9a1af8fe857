"""What does each route cost with each driver, for thousands of both? The terms, by numpy.

The same filters as ``eligibility`` and the same sums as ``match_terms``, a route at a time against
all drivers at once; a test compares them pair by pair. Numpy is imported lazily: it comes with the
solver layer.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chalicelib.domain.dispatch.matching.assignment import BARRED
from chalicelib.domain.dispatch.matching.match_terms import (
    HOME_PERCENT,
    MISFIT_S_PER_PERCENT,
    WAIT_PERCENT,
    Column,
    Pricing,
    Row,
    fill_percent,
)
from chalicelib.domain.dispatch.rules.eligibility import SHIFT_GRACE, Bar, carries, parties
from chalicelib.domain.routing.plane import STEPS, Legs

if TYPE_CHECKING:
    import numpy as np

    type Line = np.ndarray[Any, np.dtype[np.int64]]

#: No shift's end [s from now]: a day for each second of an hour.
_NEVER_S = 86_400 * 3_600


class DenseCosts:
    """Prices one route against all drivers at once."""

    def __init__(self, pricing: Pricing, columns: Sequence[Column]) -> None:
        import numpy as np

        self._np = np
        works = [column.candidate.work for column in columns]
        self._index = {work.driver_id: at for at, work in enumerate(works)}
        vehicles = [work.vehicle for work in works]
        # Vehicles are few kinds: what depends on one is worked out once for all who have it.
        alike = {(one.kind, one.max_weight_g, one.max_volume_ml): one for one in vehicles}
        number = {key: at for at, key in enumerate(alike)}
        self._vehicles = list(alike.values())
        self._vehicle = self._of(
            [number[one.kind, one.max_weight_g, one.max_volume_ml] for one in vehicles]
        )
        self._busy = self._of([column.busy_s for column in columns])
        self._own = self._busy + self._of([one.acceptance_s + one.fairness_s for one in columns])
        here = [column.spot or (0, 0) for column in columns]
        home = [column.home or (0, 0) for column in columns]
        self._here = self._of(here).reshape(-1, 2)
        self._home = self._of(home).reshape(-1, 2)
        self._is_placed = np.array([column.spot is not None for column in columns])
        self._has_home = np.array(
            [column.home is not None and column.spot is not None for column in columns]
        )
        graced = [work.shift_ends_at and work.shift_ends_at + SHIFT_GRACE for work in works]
        self._shift_left = self._of([_left_s(one, pricing.now) for one in graced])
        self._papers_left = self._of([_left_s(work.papers_end_at, pricing.now) for work in works])
        self._skills = [work.skills for work in works]
        self._lacking: dict[frozenset[str], Any] = {}
        self._blocks = [(at, work.blocks) for at, work in enumerate(works) if work.blocks]
        self._now = pricing.now
        self._counts: dict[str, list[int]] = {}
        self._seconds: dict[int, Line] = {}
        self._from_here: dict[int, Line] = {}

    def line(self, row: Row) -> "Line":
        """(drivers,) cost of a route with each [s]; :data:`BARRED` where a filter stops."""
        np, legs = self._np, row.legs
        approach = self._approach(row)
        early = np.maximum(0, row.start_in_s - self._busy - approach)
        cost = self._own + approach + early * WAIT_PERCENT // 100
        cost += (100 - self._fill(row)) * MISFIT_S_PER_PERCENT - row.age_s - row.priority_s
        if self._has_home.any():
            saved = np.maximum(0, self._way_home(legs) - self._way(legs, self._home, row.end))
            cost -= np.where(self._has_home, saved * HOME_PERCENT // 100, 0)
        stopped = self._stopped(row, approach)
        self._counts[row.route.id] = np.bincount(stopped, minlength=len(Bar) + 1)[1:].tolist()
        barred: Line = np.where(stopped > 0, BARRED, cost)
        return barred

    def bars(self, row: Row) -> dict[str, int]:
        """How many drivers each filter stops, of a route whose line was told."""
        counts = zip(Bar, self._counts[row.route.id], strict=True)
        return {bar.value: count for bar, count in counts if count}

    def _approach(self, row: Row) -> "Line":
        way = self._way(row.legs, self._here, row.start)
        found: Line = self._np.where(self._is_placed, way, 0)
        return found

    def _stopped(self, row: Row, approach: "Line") -> "Line":
        """(drivers,) the number of the filter that stops each, in their order; 0 for none."""
        np, route = self._np, row.route
        # Plan's end, or as much later as the driver begins later.
        end = int((route.ends_at - self._now).total_seconds())
        ends = np.maximum(end, self._busy + approach + route.duration_s)
        other = [one.kind is not route.vehicle_kind for one in self._vehicles]
        small = [not carries(route, one) for one in self._vehicles]
        masks = {
            Bar.VEHICLE: np.array(other)[self._vehicle],
            Bar.CAPACITY: np.array(small)[self._vehicle],
            Bar.SKILLS: self._unskilled(route.skills),
            Bar.SHIFT: self._shift_left < ends,
            # A paper ends at an instant, a shift after it.
            Bar.PAPERS: self._papers_left <= ends,
            Bar.BLOCKED: self._listed([n for n, ids in self._blocks if ids & parties(route)]),
            Bar.RULES: self._ruled_out(row),
            Bar.REFUSED: self._listed(
                [self._index[one] for one in route.refused_by if one in self._index]
            ),
        }
        stopped: Line = np.zeros(len(self._busy), dtype=np.int64)
        # The first that stops is the one that counts, so it is written last.
        for number, name in reversed(list(enumerate(Bar, start=1))):
            stopped[masks[name]] = number
        return stopped

    def _ruled_out(self, row: Row) -> Any:
        route = row.route
        if route.only_driver_id is None and not route.barred_drivers:
            return self._listed([])
        return self._listed([at for one, at in self._index.items() if not route.allows(one)])

    def _listed(self, at: Sequence[int]) -> Any:
        found = self._np.zeros(len(self._busy), dtype=bool)
        found[list(at)] = True
        return found

    def _unskilled(self, wanted: frozenset[str]) -> Any:
        if wanted not in self._lacking:
            lacking = [not wanted <= skills for skills in self._skills]
            self._lacking[wanted] = self._np.array(lacking, dtype=bool)
        return self._lacking[wanted]

    def _fill(self, row: Row) -> "Line":
        fill: Line = self._of([fill_percent(row.route, one) for one in self._vehicles])
        return fill[self._vehicle]

    def _way_home(self, legs: Legs) -> "Line":
        if id(legs) not in self._from_here:
            self._from_here[id(legs)] = self._way_between(legs, self._here, self._home)
        return self._from_here[id(legs)]

    def _way(self, legs: Legs, here: "Line", there: tuple[int, int]) -> "Line":
        return self._way_between(legs, here, self._np.array([there], dtype=self._np.int64))

    def _way_between(self, legs: Legs, here: "Line", there: "Line") -> "Line":
        np = self._np
        apart = here - there
        # As exact as hypot for whole metres below a hundred thousand kilometres, and quicker.
        far = np.sqrt(apart[:, 0] ** 2 + apart[:, 1] ** 2).astype(np.int64)
        step = np.minimum(STEPS - 1, (far + (1 << legs.shift) - 1) >> legs.shift)
        found: Line = self._table(legs)[step]
        return found

    def _table(self, legs: Legs) -> "Line":
        if id(legs) not in self._seconds:
            self._seconds[id(legs)] = self._of(legs.seconds)
        return self._seconds[id(legs)]

    def _of(self, values: Sequence[Any]) -> "Line":
        made: Line = self._np.array(values, dtype=self._np.int64)
        return made


def _left_s(until: datetime | None, now: datetime) -> int:
    return _NEVER_S if until is None else int((until - now).total_seconds())
