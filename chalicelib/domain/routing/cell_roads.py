"""How are a provider's travel times used that charges for each pair? By cells, and within a budget.

Places are gathered in H3 cells (about 900 m across), and a pair of cells is asked for once for a
part of the day and a kind of day; the answer is kept for 30 days and scaled by the places' own
distance. Short legs are no business of cells: they, and all that was not answered, are told by
``near``, the own streets or the model. A day has so many pairs; they are reserved before they are
asked for, so two workers never spend the same ones, and a reply that is lost is paid for once.

Median errors of such a cache on three OpenStreetMap extracts: 6 to 11 % at this size of cell, 2 to
6 % at the next finer one, which has fifteen times as many pairs to pay for.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import batched
from typing import Any, Protocol

from chalicelib.domain.routing.matrix import Matrix, Travel
from chalicelib.domain.routing.travel import Roads
from chalicelib.kit.errors import StaleVersion, Upstream
from chalicelib.kit.geo import LatLng
from chalicelib.storage import travel_keys as keys
from chalicelib.storage.unit_of_work import UnitOfWork

RESOLUTION = 8
#: Cells tell nothing of what is nearer [m].
NEAREST_M = 1_500
#: First hours of the parts of the day, in the hub's own time.
HOURS = (0, 6, 9, 12, 15, 19)
KEPT = timedelta(days=30)
#: Pairs of one question. Source: CalculateRouteMatrix takes 500 destinations, answers up to 6 MB.
MOST_ORIGINS, MOST_DESTINATIONS = 50, 50
#: So much more than is lacking may be asked for, so that one question does for many origins.
_MOST_ASKED = 1.1
#: Rows that are written in one commit.
_ROWS_AT_ONCE = 50
#: Kinds whose travel is asked for, by car, and what they take of its time [permille]; bikes and
#: walkers do not feel traffic.
KINDS = {"car": 1000, "van": 1080}
#: A place at the edge of its cell is not so far from the middle that more is likely.
_LEAST_SCALE, _MOST_SCALE = 0.5, 2.0

type Cell = str
type Leg = tuple[int, int]
"""Seconds, metres."""


class AskMatrix(Protocol):
    """A provider: legs from each origin to each destination, None where no way leads.

    Raises Upstream.
    """

    def __call__(
        self, origins: Sequence[LatLng], destinations: Sequence[LatLng], depart_at: datetime
    ) -> list[list[Leg | None]]: ...


class Commit(Protocol):
    """Run a use case and commit it (entry.work.run)."""

    def __call__[T](self, use_case: Callable[[UnitOfWork], T]) -> T: ...


@dataclass(slots=True)
class Asked:
    """What became of the questions: pairs known, asked for, refused for want of budget, failed."""

    known: int = 0
    asked: int = 0
    over_budget: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class CellRoads:
    """Roads by cells; see the module's page.

    Parameters
    ----------
    pairs_per_day
        So many pairs may be asked for in a day of UTC, by all hubs together.
    report
        Hears what became of the questions of one matrix, if there were any.
    """

    commit: Commit
    ask: AskMatrix
    near: Roads
    pairs_per_day: int
    report: Callable[[Asked], None] = lambda _: None

    def __call__(self, points: Sequence[LatLng], depart_at: datetime, kind: str) -> Travel:
        by_near = self.near(points, depart_at, kind)
        if kind not in KINDS:
            return by_near
        cells = [_cell(point) for point in points]
        wanted = _wanted(points, cells)
        legs = self._legs(wanted, depart_at) if wanted else {}
        slower = KINDS[kind] / 1000
        scaled = {pair: (leg[0] * slower, leg[1]) for pair, leg in legs.items()}
        return _laid_over(by_near, points, cells, scaled)

    def _legs(
        self, wanted: Mapping[Cell, set[Cell]], depart_at: datetime
    ) -> dict[tuple[Cell, Cell], Leg]:
        hours = hours_of(depart_at)
        rows = self.commit(partial(_load, hours=hours, cells=sorted(wanted)))
        missing = {
            origin: frozenset(others - rows.get(origin, {}).keys())
            for origin, others in wanted.items()
        }
        asked = Asked(known=_size(wanted) - _size(missing))
        fresh: dict[Cell, dict[Cell, Leg | None]] = {}
        for origins, destinations in _questions(missing):
            answer = self._answer(origins, destinations, depart_at, asked)
            for origin, row in answer.items():
                fresh.setdefault(origin, {}).update(row)
        for some in batched(fresh.items(), _ROWS_AT_ONCE):
            self.commit(partial(_save, hours=hours, fresh=dict(some)))
        if _size(missing):
            self.report(asked)
        found: dict[tuple[Cell, Cell], Leg] = {}
        for origin, others in wanted.items():
            row = {**rows.get(origin, {}), **fresh.get(origin, {})}
            found |= {(origin, one): leg for one in others if (leg := row.get(one)) is not None}
        return found

    def _answer(
        self, origins: list[Cell], destinations: list[Cell], depart_at: datetime, asked: Asked
    ) -> dict[Cell, dict[Cell, Leg | None]]:
        """One question, if the day still has room for it."""
        pairs = len(origins) * len(destinations)
        try:
            granted = self.commit(partial(_reserve, pairs=pairs, most=self.pairs_per_day))
        except StaleVersion:
            granted = False
        if not granted:
            asked.over_budget += pairs
            return {}
        try:
            answer = self.ask(
                [_middle(one) for one in origins], [_middle(one) for one in destinations], depart_at
            )
        except Upstream:
            # What was reserved stays spent: whether it is billed, nobody can tell.
            asked.failed += pairs
            return {}
        asked.asked += pairs
        return {
            origin: {to: leg for to, leg in zip(destinations, row, strict=True) if to != origin}
            for origin, row in zip(origins, answer, strict=True)
        }


def _size(rows: Mapping[Cell, Set[Cell]]) -> int:
    return sum(len(others) for others in rows.values())


def hours_of(depart_at: datetime) -> str:
    """The part and the kind of the day that a leg begins in: ``wd06``, ``sa00``, ``su19``."""
    part = HOURS[bisect_right(HOURS, depart_at.hour) - 1]
    day = {5: "sa", 6: "su"}.get(depart_at.weekday(), "wd")
    return f"{day}{part:02d}"


def coming(depart_at: datetime, now: datetime) -> datetime:
    """The same hour of the same day of a week to come: providers know no past."""
    weeks = max(0, -(-(now - depart_at) // timedelta(weeks=1)))
    return depart_at + weeks * timedelta(weeks=1)


def _wanted(points: Sequence[LatLng], cells: Sequence[Cell]) -> dict[Cell, set[Cell]]:
    """Which cells' pairs are of use."""
    wanted: dict[Cell, set[Cell]] = {}
    for i, here in enumerate(points):
        for j, there in enumerate(points):
            is_new = cells[i] != cells[j] and cells[j] not in wanted.get(cells[i], ())
            if is_new and here.distance_m(there) >= NEAREST_M:
                wanted.setdefault(cells[i], set()).add(cells[j])
    return wanted


def _questions(
    missing: Mapping[Cell, frozenset[Cell]],
) -> Iterator[tuple[list[Cell], list[Cell]]]:
    """Blocks of origins and destinations, as large as they may be.

    Neighbours lack nearly the same destinations: they are asked for together, as long as few pairs
    are asked for that are known, or lead from a cell to itself.
    """
    group: list[Cell] = []
    lacked: Set[Cell] = frozenset()
    for origin in sorted(one for one in missing if missing[one]):
        joined = lacked | missing[origin]
        needed = sum(len(missing[one]) for one in (*group, origin))
        if group and (
            len(group) == MOST_ORIGINS or len(joined) * (len(group) + 1) > _MOST_ASKED * needed
        ):
            yield from _blocks(group, lacked)
            group, joined = [], missing[origin]
        group, lacked = [*group, origin], joined
    if group:
        yield from _blocks(group, lacked)


def _blocks(origins: list[Cell], lacked: Set[Cell]) -> Iterator[tuple[list[Cell], list[Cell]]]:
    destinations = sorted(lacked)
    for to in range(0, len(destinations), MOST_DESTINATIONS):
        yield origins, destinations[to : to + MOST_DESTINATIONS]


def _laid_over(
    near: Travel,
    points: Sequence[LatLng],
    cells: Sequence[Cell],
    legs: Mapping[tuple[Cell, Cell], tuple[float, int]],
) -> Travel:
    """Near travel with what cells tell in its place, scaled by the places' own distance."""
    seconds = [list(near.duration_s[i]) for i in range(near.size)]
    metres = [list(near.distance_m[i]) for i in range(near.size)]
    middles = {cell: _middle(cell) for cell in set(cells)} if legs else {}
    apart = {pair: middles[pair[0]].distance_m(middles[pair[1]]) for pair in legs}
    for i, here in enumerate(points):
        for j, there in enumerate(points):
            leg = legs.get((cells[i], cells[j]))
            if leg is None:
                continue
            far = here.distance_m(there)
            if far >= NEAREST_M:
                scale = min(_MOST_SCALE, max(_LEAST_SCALE, far / apart[cells[i], cells[j]]))
                seconds[i][j], metres[i][j] = round(leg[0] * scale), round(leg[1] * scale)
    return Travel(Matrix.of(seconds), Matrix.of(metres))


def _reserve(uow: UnitOfWork, pairs: int, most: int) -> bool:
    """Take pairs out of the day's budget, under its version: of two, the later is run again."""
    key = keys.roads_asked(uow.wall_now.date())
    item = uow.get(key)
    version, used = (0, 0) if item is None else (item["version"], item["pairs"])
    if used + pairs > most:
        return False
    spent = {"pairs": used + pairs, "version": version + 1}
    uow.put(key, spent, expect=version, expires_at=uow.wall_now + KEPT)
    return True


def _load(uow: UnitOfWork, hours: str, cells: Sequence[Cell]) -> dict[Cell, dict[Cell, Leg | None]]:
    """Rows of cells, without what is too old."""
    wanted = {keys.cell_row(hours, cell): cell for cell in cells}
    oldest = _day(uow.wall_now - KEPT)
    return {
        wanted[key]: {to: _leg(leg) for to, leg in item["to"].items() if leg[2] >= oldest}
        for key, item in uow.get_many(wanted).items()
    }


def _save(uow: UnitOfWork, hours: str, fresh: Mapping[Cell, Mapping[Cell, Leg | None]]) -> None:
    """Keep new legs beside those that are there; of two workers one may lose some, no more."""
    today, oldest = _day(uow.wall_now), _day(uow.wall_now - KEPT)
    known = uow.get_many(keys.cell_row(hours, cell) for cell in fresh)
    for cell, legs in fresh.items():
        key = keys.cell_row(hours, cell)
        item: Mapping[str, Any] = known.get(key, {"to": {}})
        row = {to: leg for to, leg in item["to"].items() if leg[2] >= oldest}
        row |= {to: [*(leg or (-1, -1)), today] for to, leg in legs.items()}
        uow.put(key, {"to": row}, expect=None, expires_at=uow.wall_now + KEPT)


def _leg(kept: Sequence[int]) -> Leg | None:
    return None if kept[0] < 0 else (int(kept[0]), int(kept[1]))


def _day(at: datetime) -> int:
    return at.date().toordinal()


def _cell(point: LatLng) -> Cell:
    cell: str = _h3().latlng_to_cell(point.latitude, point.longitude, RESOLUTION)
    return cell


def _middle(cell: Cell) -> LatLng:
    return LatLng(*_h3().cell_to_latlng(cell))


def _h3() -> Any:
    """Loaded when first needed: the default model does without."""
    import h3.api.basic_str as grid

    return grid
