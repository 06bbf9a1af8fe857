"""Which of the deliveries that are due must leave with this wave, and what are the others worth?

From places and hours to the numbers that ``sending`` decides by. A delivery's way is bounded by a
trip made for it alone: a driver answers, comes from the hub to its pickup, loads, and drives to the
door. Legs are priced as the crow flies (``routing.plane``), so that ten thousand take a moment and
whoever looks at the same snapshot finds the same. Pure.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.reasons import MustGo
from chalicelib.domain.dispatch.waves import sending
from chalicelib.domain.dispatch.waves.forming import Pending
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.routing.plane import Legs, Plane, Spot, legs_of, shift_for
from chalicelib.domain.routing.travel import traffic

#: Park, walk in, ask: once per visit to a store or hub; then so much per parcel that is loaded [s].
PICKUP_SETUP_S = 180
PICKUP_SERVICE_S = 20
#: A driver needs a moment to see and accept an offer before the route can begin.
LONGEST_LEAD_S = 600
#: What a bound made of crow-fly legs may be wrong, and what other stops on the way may cost.
WAY_PERCENT = 125
#: At a cut-off, a driver may be sent to wait at a door for so long, and no longer.
CUT_OFF_WAIT_S = 1800
#: Where the work and the hours of those who do it are compared, hours are worth so much less.
USABLE_PERCENT = 85


@dataclass(frozen=True, slots=True)
class Hands:
    """A driver whom the wave counts on: the vehicle's prices, hours of the shift [s from now]."""

    kind: str
    cost_per_m: int
    cost_per_s: int
    from_s: int
    until_s: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one delivery if no route has room for it on its way.

    Parameters
    ----------
    must
        Why it must go; None if it can wait.
    until
        It goes with the first wave after this, at the latest.
    penalty
        Price of leaving it out [points]; None if it must go.
    """

    must: MustGo | None
    until: datetime
    penalty: int | None


@dataclass(frozen=True, slots=True)
class _Case:
    """One delivery in numbers: seconds from now, points."""

    pending: Pending
    opens_s: int
    latest_s: int
    needs_s: int
    spare_s: int
    near_s: int
    worth: int


def verdicts(
    hub: Hub,
    at: datetime,
    due: Sequence[Pending],
    hands: Sequence[Hands],
    pressed: Set[DeliveryRef] = frozenset(),
) -> tuple[Verdict, ...]:
    """One for each delivery, in the order of ``due``; ``pressed``: what the desk wants to leave."""
    cases = list(_cases(hub, at, due, hands))
    crowded = _crowded(hub, cases, hands) if hub.waves.holds_back else frozenset()
    cut_off = last_cut_off(hub, at)
    found = []
    for index, case in enumerate(cases):
        must = _must_go(hub, case, cut_off)
        if must is None and case.pending.ref in pressed:
            must = MustGo.DESK
        if must is None and index in crowded:
            must = MustGo.DRIVERS
        until = at + timedelta(seconds=max(0, case.spare_s))
        found.append(Verdict(must, until, None if must else case.worth))
    return tuple(found)


def cannot_wait(hub: Hub, at: datetime, one: Pending) -> bool:
    """Whether it would miss its promise if it waited for a wave, whatever the hub holds back."""
    (case,) = _cases(hub, at, [one], [])
    return _is_pressing(case)


def last_cut_off(hub: Hub, at: datetime) -> datetime | None:
    """The hub's latest cut-off that is over; None if it has none.

    Whoever looks after a tick was missed finds the same one.
    """
    zone = ZoneInfo(hub.timezone)
    today = at.astimezone(zone).date()
    moments = [
        datetime.combine(day, cut_off, zone)
        for day in (today - timedelta(days=1), today)
        for cut_off in hub.waves.cut_offs
    ]
    # Compared as instants: two local times of one zone would be compared by their hands alone.
    return max((one for one in moments if one.timestamp() <= at.timestamp()), default=None)


def _must_go(hub: Hub, case: _Case, cut_off: datetime | None) -> MustGo | None:
    if not hub.waves.holds_back:
        return MustGo.NO_WAITING
    if _is_pressing(case):
        return MustGo.PROMISE
    if case.pending.attempts:
        return MustGo.SECOND_TRY
    ready_at = case.pending.ready_at
    was_ready = cut_off is not None and ready_at is not None and ready_at <= cut_off
    # What nobody could hand over yet waits for its hour.
    return MustGo.CUT_OFF if was_ready and case.opens_s <= case.needs_s + CUT_OFF_WAIT_S else None


def _is_pressing(case: _Case) -> bool:
    return case.latest_s <= case.opens_s or case.spare_s < 0


def _cases(
    hub: Hub, at: datetime, due: Sequence[Pending], hands: Sequence[Hands]
) -> Iterator[_Case]:
    plane = Plane(hub.position)
    doors = [plane.spot(one.dropoff) for one in due]
    stores = {one.pickup.id: plane.spot(one.pickup.position) for one in due}
    typical = _middle(hands)
    percent = round(100 * traffic(at.astimezone(ZoneInfo(hub.timezone))))
    shift = shift_for(3 * hub.radius_m)
    legs = legs_of(typical.kind, percent, shift, typical.cost_per_m, typical.cost_per_s)
    lead_s = min(hub.offer_ttl_s, LONGEST_LEAD_S)
    tick_s = hub.waves.tick_s + hub.waves.safety_s
    for one, door, steps in zip(due, doors, _nearest(doors, legs), strict=True):
        store, handling_s = stores[one.pickup.id], PICKUP_SERVICE_S * one.parcel.count
        way_s = legs.seconds[legs.step((0, 0), store)] + legs.seconds[legs.step(store, door)]
        needs_s = lead_s + PICKUP_SETUP_S + handling_s + way_s * WAY_PERCENT // 100
        latest_s = int((one.window.end_at - at).total_seconds()) - one.service_s - 1
        spare = sending.spare_s(latest_s, needs_s, tick_s)
        # Handling takes its time whenever it is done: that is no reason to wait.
        handling = (handling_s + one.service_s) * typical.cost_per_s
        near = sending.density(legs.cost[step] for step in steps)
        yield _Case(
            pending=one,
            opens_s=max(0, int((one.window.start_at - at).total_seconds())),
            latest_s=latest_s,
            needs_s=needs_s,
            spare_s=spare,
            near_s=sending.density(legs.seconds[step] for step in steps),
            worth=handling + sending.prize(hub.waves, near, spare),
        )


def _middle(hands: Sequence[Hands]) -> Hands:
    """Half of the drivers are at least that fast: by the speed of their vehicles over 2 km."""

    if not hands:
        return Hands("van", 0, 0, 0, 0)

    def over_2_km_s(one: Hands) -> float:
        return legs_of(one.kind, 100, 3, one.cost_per_m, one.cost_per_s).seconds[2000 >> 3]

    return sorted(hands, key=lambda one: (over_2_km_s(one), one.kind))[len(hands) // 2]


def _crowded(hub: Hub, cases: Sequence[_Case], hands: Sequence[Hands]) -> frozenset[int]:
    """Deliveries that must go because their drivers would not have the time if all waited a tick.

    The demand of all work up to each deadline against the hours until then.
    """
    lead_s = min(hub.offer_ttl_s, LONGEST_LEAD_S)
    begins_s = hub.waves.tick_s + hub.waves.safety_s + lead_s
    work_s, seen, last = 0, set(), -1
    hours: dict[int, int] = {}
    order = sorted(range(len(cases)), key=lambda index: cases[index].latest_s)
    for position, index in enumerate(order):
        case = cases[index]
        one = case.pending
        work_s += case.near_s + one.service_s + PICKUP_SERVICE_S * one.parcel.count
        if one.pickup.id not in seen:
            seen.add(one.pickup.id)
            work_s += PICKUP_SETUP_S
        # To the minute: thousands have few different deadlines then.
        until_s = (case.latest_s + one.service_s) // 60 * 60
        if until_s not in hours:
            hours[until_s] = sum(
                max(0, min(until_s, hand.until_s) - max(begins_s, hand.from_s)) for hand in hands
            )
        if 100 * work_s > USABLE_PERCENT * hours[until_s]:
            last = position
    return frozenset(order[: last + 1])


def _nearest(doors: Sequence[Spot], legs: Legs) -> Iterator[list[int]]:
    """Per door, the steps of ``legs`` to its nearest other ones: at least five where there are."""
    if not doors:
        return
    wide = max(1, max(x for x, _ in doors) - min(x for x, _ in doors))
    high = max(1, max(y for _, y in doors) - min(y for _, y in doors))
    # About two doors in a cell, if they were spread evenly.
    size = max(50, round((2 * wide * high / len(doors)) ** 0.5))
    cells: dict[Spot, list[int]] = defaultdict(list)
    for index, (x, y) in enumerate(doors):
        cells[x // size, y // size].append(index)
    rings = max(wide, high) // size + 2
    wanted = min(sending.NEIGHBOURS, len(doors) - 1)
    for index, (x, y) in enumerate(doors):
        found: list[int] = []
        for ring in range(rings):
            inner = len(found)
            found += [k for k in _ring(cells, x // size, y // size, ring) if k != index]
            # One ring further, since a cell's corner is nearer than the next cell's far side.
            if inner >= wanted and ring:
                break
        yield [legs.step(doors[index], doors[k]) for k in found]


def _ring(cells: dict[Spot, list[int]], x: int, y: int, ring: int) -> Iterator[int]:
    """Whoever is in the cells that are so many cells away."""
    for dx, dy in _border(ring):
        found = cells.get((x + dx, y + dy))
        if found is not None:
            yield from found


@lru_cache(maxsize=256)
def _border(ring: int) -> tuple[Spot, ...]:
    edge = range(-ring, ring + 1)
    border = {(dx, dy) for dx in edge for dy in (-ring, ring)}
    return tuple(sorted(border | {(dx, dy) for dy in edge for dx in (-ring, ring)}))
