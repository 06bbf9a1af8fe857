"""Whom do we ask? Routes and drivers at hand, matched per hub, all at once.

Hard filters first (``eligibility``), then a cost in seconds whose terms have names
(``match_terms``), then one optimal assignment (``assignment``). A route that may ask several
drivers at once stands in the assignment several times. What comes out is asked only when it has to
be: a route that has time yet waits, for somebody who suits better may come on duty or finish, and
so does one whose best driver is still on the road.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.domain.dispatch import store
from chalicelib.domain.dispatch.matching import assignment, escalation, offers
from chalicelib.domain.dispatch.matching.assignment import BARRED, MOST_DENSE, MOST_SMALL
from chalicelib.domain.dispatch.matching.candidates import Candidate, Crew, at_hand
from chalicelib.domain.dispatch.matching.dense_costs import DenseCosts
from chalicelib.domain.dispatch.matching.match_terms import Column, Pricing, Row
from chalicelib.domain.dispatch.matching.widening import assign_widening
from chalicelib.domain.dispatch.model import Level, Route, RouteStatus, RunnerUp, Why
from chalicelib.domain.dispatch.rules.eligibility import bar
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.model import VehicleKind
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.routing.plane import Legs
from chalicelib.kit.events import Event
from chalicelib.storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    import numpy as np

    type Line = np.ndarray[Any, np.dtype[np.int64]]

#: What leaving a route to nobody costs, and leaving a second or further driver unasked [s].
UNASSIGNED_S = 2 * 3600
UNASKED_S = 1800
#: So many others are kept beside the choice, for explanations.
RUNNERS_UP = 3
#: A route that nobody took this long after its planned start is planned anew, but not before ...
GIVE_UP_AFTER = timedelta(hours=1)
#: ... so many drivers had the time to answer, one after the other.
OFFERS_BEFORE_GIVING_UP = 3


@dataclass(frozen=True, slots=True)
class Match:
    """A route and the driver to ask about it, with the reasons."""

    route: Route
    candidate: Candidate
    level: Level
    why: Why

    @property
    def terms(self) -> Mapping[str, int]:
        return self.why.terms

    @property
    def approach_m(self) -> int:
        coming, at = self.route.next_stop(), self.candidate.at
        return 0 if coming is None or at is None else at.distance_m(coming.position)


@dataclass(frozen=True, slots=True)
class Matching:
    """``due`` are asked now; ``held`` are matched for now, and matched anew next time.

    ``engine`` tells how the assignment was found, ``note`` what went wrong, if anything did.
    """

    due: tuple[Match, ...] = ()
    held: tuple[Match, ...] = ()
    engine: str = "none"
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Pairs:
    """The assignment as it was stated: rows of routes, columns of drivers, and the price of none.

    ``rows`` has a route once for each driver that it may ask.
    """

    pricing: Pricing
    rows: list[Row]
    columns: list[Column]
    unassigned: list[int]


def match(
    hub: Hub,
    routes: Sequence[Route],
    crew: Sequence[Candidate],
    now: datetime,
    roads: Mapping[VehicleKind, Legs] | None = None,
) -> Matching:
    """Match the routes that seek a driver with those at hand; pure.

    Parameters
    ----------
    roads
        What legs take by kind of vehicle, where it is better known than by the usual model.
    """
    pricing = Pricing(hub, now, roads or {})
    columns = pricing.columns(crew)
    rows, unassigned = [], []
    for route in routes:
        slots = escalation.open_slots(route, hub.asking, now)
        first = not route.live_offers
        rows += [pricing.row(route)] * slots
        unassigned += [UNASSIGNED_S if first and not n else UNASKED_S for n in range(slots)]
    if not rows or not columns:
        return Matching()
    stated = _Pairs(pricing, rows, columns, unassigned)
    if len(rows) * len(columns) <= MOST_SMALL:
        return _matched(_Small(stated), hub, now)
    return _matched(_Large(stated), hub, now)


class _Small:
    """Costs and choice of a small problem, in pure Python."""

    def __init__(self, stated: _Pairs) -> None:
        self.stated, self.engine, self.note = stated, "paths", ""
        self._lines: dict[str, list[int | None]] = {}
        self._bars: dict[str, Counter[str]] = {}
        for row in stated.rows:
            if row.route.id not in self._lines:
                self._lines[row.route.id] = self._line(row)
        costs = [self._lines[row.route.id] for row in stated.rows]
        self.choices = assignment.assign(costs, stated.unassigned)

    def cheapest(self, row: Row, most: int) -> list[int]:
        priced = [
            (cost, at) for at, cost in enumerate(self._lines[row.route.id]) if cost is not None
        ]
        return [at for _, at in sorted(priced)[:most]]

    def bars(self, row: Row) -> dict[str, int]:
        return dict(self._bars[row.route.id])

    def _line(self, row: Row) -> list[int | None]:
        pricing = self.stated.pricing
        line: list[int | None] = []
        stopped: Counter[str] = Counter()
        self._bars[row.route.id] = stopped
        for column in self.stated.columns:
            terms = pricing.terms(row, column)
            begins_at = pricing.now + timedelta(seconds=terms["busy"] + terms["approach"])
            barred = bar(row.route, column.candidate.work, begins_at)
            line.append(None if barred else sum(terms.values()))
            if barred is not None:
                stopped[barred.value] += 1
        return _without_silent(row.route, line, self.stated.columns)


def _without_silent(
    route: Route, line: list[int | None], columns: Sequence[Column]
) -> list[int | None]:
    """Who did not answer before is asked again only if nobody else is left."""
    silent = {
        at
        for at, column in enumerate(columns)
        if column.candidate.work.driver_id in route.ignored_by
    }
    others = any(cost is not None for at, cost in enumerate(line) if at not in silent)
    return [None if at in silent and others else cost for at, cost in enumerate(line)]


class _Large:
    """Costs and choice of a large problem, by numpy and OR-Tools."""

    def __init__(self, stated: _Pairs) -> None:
        import numpy as np

        self.stated, self.engine, self.note = stated, "dense", ""
        self._np = np
        self._dense = DenseCosts(stated.pricing, stated.columns)
        self._silent = {
            column.candidate.work.driver_id: at for at, column in enumerate(stated.columns)
        }
        self._lines: dict[str, Line] = {}
        self._cheapest: dict[str, list[int]] = {}
        unassigned = np.array(stated.unassigned, dtype=np.int64)
        rows, columns = len(stated.rows), len(stated.columns)
        try:
            if max(rows, columns) <= MOST_DENSE:
                costs = np.stack([self._line(row) for row in stated.rows])
                self.choices = assignment.assign_dense(costs, unassigned)
            else:
                found = assign_widening(lambda at: self._line(stated.rows[at]), columns, unassigned)
                self.choices, self.engine = found.chosen, "flow"
                self._cheapest = {
                    row.route.id: nearest
                    for row, nearest in zip(stated.rows, found.cheapest, strict=True)
                }
        except RuntimeError as error:
            # The one case in which drivers are chosen one by one; who calls us logs the note.
            self.engine, self.note = "greedy", str(error)
            lines = [self._line(row) for row in stated.rows]
            told = [[int(c) if c < BARRED else None for c in line] for line in lines]
            self.choices = assignment.greedy(told, stated.unassigned)

    def cheapest(self, row: Row, most: int) -> list[int]:
        if row.route.id in self._cheapest:
            return self._cheapest[row.route.id][:most]
        line = self._line(row)
        order = self._np.argpartition(line, most)[:most] if most < len(line) else range(len(line))
        nearest = sorted((int(line[at]), int(at)) for at in order)
        return [at for cost, at in nearest if cost < BARRED]

    def bars(self, row: Row) -> dict[str, int]:
        return self._dense.bars(row)

    def _line(self, row: Row) -> "Line":
        # Kept for a route that may ask several drivers, and where the matrix is wanted anyway.
        found = self._lines.get(row.route.id)
        if found is None:
            found = self._fresh_line(row)
            if len(self._lines) < MOST_DENSE:
                self._lines[row.route.id] = found
        return found

    def _fresh_line(self, row: Row) -> "Line":
        line = self._dense.line(row)
        silent = [self._silent[one] for one in row.route.ignored_by if one in self._silent]
        if silent:
            others = line.copy()
            others[silent] = BARRED
            line = others if (others < BARRED).any() else line
        return line


def _matched(solved: "_Small | _Large", hub: Hub, now: datetime) -> Matching:
    due: list[Match] = []
    held: list[Match] = []
    for row, choice in zip(solved.stated.rows, solved.choices, strict=True):
        if choice is None:
            continue
        level = escalation.level_of(row.route, hub.asking, now)
        column = solved.stated.columns[choice]
        terms = solved.stated.pricing.terms(row, column)
        found = Match(row.route, column.candidate, level, Why(terms))
        if _is_due(found, hub, now):
            due.append(replace(found, why=_why(solved, row, choice, terms)))
        else:
            held.append(found)
    return Matching(tuple(due), tuple(held), solved.engine, solved.note)


def _is_due(found: Match, hub: Hub, now: datetime) -> bool:
    """Whether to ask now: the driver is free, and has to set out before long."""
    if not found.candidate.work.is_free:
        return False
    sets_out_at = found.route.starts_at - timedelta(seconds=found.terms["approach"])
    return sets_out_at <= now + timedelta(seconds=hub.asking.ask_ahead_s)


def _why(solved: "_Small | _Large", row: Row, choice: int, terms: Mapping[str, int]) -> Why:
    pricing, columns = solved.stated.pricing, solved.stated.columns
    others = [at for at in solved.cheapest(row, RUNNERS_UP + 1) if at != choice][:RUNNERS_UP]
    return Why(
        terms=terms,
        runners_up=tuple(
            RunnerUp(columns[at].candidate.work.driver_id, pricing.terms(row, columns[at]))
            for at in others
        ),
        considered=len(columns),
        ruled_out=solved.bars(row),
    )


# -- on tables -------------------------------------------------------------------------------------


def expired(uow: UnitOfWork, waiting: Sequence[Route]) -> list[tuple[str, str]]:
    """Offers whose time is over, of routes that wait: ``(route_id, offer_id)``, for the sweep."""
    live = [(route.id, offer_id) for route in waiting for offer_id, _ in route.live_offers]
    return [
        (route_id, offer_id)
        for route_id, offer_id in live
        if store.load_offer(uow, route_id, offer_id).expires_at <= uow.now
    ]


def overdue(waiting: Sequence[Route], hub: Hub, now: datetime) -> list[str]:
    """Routes that waited too long for a driver."""
    patience = max(GIVE_UP_AFTER, timedelta(seconds=OFFERS_BEFORE_GIVING_UP * hub.offer_ttl_s))
    return [
        route.id
        for route in waiting
        if route.status is RouteStatus.PLANNED and route.starts_at + patience < now
    ]


def tell_desk(uow: UnitOfWork, route_id: str, hub: Hub) -> bool:
    """Tell the desk, once, that nobody takes a route whose time has come."""
    route = store.load_route(uow, route_id)
    if not escalation.needs_the_desk(route, hub.asking, uow.now):
        return False
    told = replace(route, alerted_at=uow.now, version=route.version + 1)
    store.save_route(uow, told)
    data = {"hub_id": hub.id, "asked": route.asked, "refused": len(route.refused_by)}
    uow.emit(Event("route.escalated", route.id, told.version, uow.now, data))
    return True


def find_matches(uow: UnitOfWork, hub: Hub, crew: Crew) -> Matching:
    """Match what waits at a hub now; nothing is written."""
    return match(hub, store.list_unassigned(uow, hub.id), at_hand(crew, uow.now), uow.now)


def offer_match(uow: UnitOfWork, found: Match, hub: Hub) -> bool:
    """Make the offer of one match, if route and driver are still there for it.

    Both are read again: of a route's several offers each changes the route, and one driver that is
    gone must not keep the others from being asked.
    """
    route = store.load_route(uow, found.route.id)
    work = drivers.load_work(uow, found.candidate.work.driver_id)
    if not work.is_free or not escalation.open_slots(route, hub.asking, uow.now):
        return False
    begins_at = uow.now + timedelta(seconds=found.terms["approach"])
    if bar(route, work, begins_at) is not None:
        return False
    offers.make(
        uow,
        route,
        work,
        found.approach_m,
        hub.offer_ttl_s,
        escalation.bonus_minor(found.level, hub.asking),
        level=found.level,
        approach_s=found.terms["approach"],
        why=found.why,
    )
    return True
