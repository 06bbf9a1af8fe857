"""Is there time between this route's visits? Driving, setup, rests, and the hours of duty.

What a visit takes itself is judged in ``judge``. Arrivals are judged to the second, because
recipients are told of them: waiting comes after arriving and setup, so that a vehicle arrives when
driving, and the rests that it takes on the road, are over. The codes:

====================== =========================================================================
faster_than_travel     arrives sooner than driving (and rests on the road) allow
slower_than_travel     arrives later than they take: waiting comes after arriving
setup_too_short        handling begins before the place's setup (and rests there) are over
wrong_end              the route is over at another time
outside_shift          it begins before, or ends after the hours of duty
break_missing          a break is due and not taken
break_not_due          more rests than breaks are due
break_outside_window   a rest begins outside its break's window
wrong_break_length     a rest is longer or shorter than its break
break_while_busy       a rest is not between two visits
====================== =========================================================================
"""

from collections.abc import Iterable, Iterator

from chalicelib.domain.routing.fleet import Vehicle
from chalicelib.domain.routing.plan import PlannedRoute, Rest
from chalicelib.domain.routing.problem import Problem

#: A stable code, and where.
type Fault = tuple[str, str]


def breaks(vehicle: Vehicle, route: PlannedRoute) -> Iterator[Fault]:
    """Every break that is due is taken, and no other; see ``fleet.Break`` for which are."""
    rests = route.rests
    due = [
        rest
        for rest in vehicle.breaks
        if route.end_s > rest.window.latest_s
        and route.start_s < rest.window.earliest_s + rest.duration_s
    ]
    if len(rests) < len(due):
        yield "break_missing", vehicle.id
    elif len(rests) > len(due):
        yield "break_not_due", vehicle.id
    else:
        for rest, rule in zip(rests, due, strict=True):
            where = f"{vehicle.id} at {rest.begins_s} s"
            if not rule.window.earliest_s <= rest.begins_s <= rule.window.latest_s:
                yield "break_outside_window", where
            if rest.ends_s - rest.begins_s != rule.duration_s:
                yield "wrong_break_length", where


def legs(problem: Problem, vehicle: Vehicle, route: PlannedRoute) -> Iterator[Fault]:
    """Driving, setup and rests, from the start over every visit to the end."""
    drive_s = problem.travel[vehicle.kind].duration_s
    if route.start_s < vehicle.shift.earliest_s or route.end_s > vehicle.shift.latest_s:
        yield "outside_shift", vehicle.id
    here, free_s = vehicle.start, route.start_s
    fitting = 0
    for position, visit in enumerate(route.visits):
        where = f"{vehicle.id}[{position}]"
        rests = _within(route.rests, free_s, visit.start_s)
        fitting += len(rests)
        # Nobody arrives in the middle of a rest: it is on the road as a whole, or not at all.
        on_road_s = _resting_s(rest for rest in rests if rest.begins_s < visit.arrival_s)
        leg_s = 0 if here is None else drive_s[here][visit.place]
        driven_s = visit.arrival_s - free_s - on_road_s
        if driven_s != leg_s:
            slow = driven_s > leg_s
            yield "slower_than_travel" if slow else "faster_than_travel", where
        # The first visit pays its setup even next to the start.
        stays = position > 0 and here == visit.place
        setup_s = 0 if stays else problem.places[visit.place].setup_s
        resting_s = _resting_s(rests) - on_road_s
        if visit.start_s < visit.arrival_s + setup_s + resting_s:
            yield "setup_too_short", where
        here, free_s = visit.place, visit.departure_s
    rests = _within(route.rests, free_s, route.end_s)
    if fitting + len(rests) < len(route.rests):
        yield "break_while_busy", vehicle.id
    end = vehicle.end
    home_s = 0 if end is None or here is None else drive_s[here][end]
    if route.end_s != free_s + home_s + _resting_s(rests):
        yield "wrong_end", vehicle.id


def _within(rests: tuple[Rest, ...], from_s: int, to_s: int) -> list[Rest]:
    return [rest for rest in rests if from_s <= rest.begins_s and rest.ends_s <= to_s]


def _resting_s(rests: Iterable[Rest]) -> int:
    return sum(rest.ends_s - rest.begins_s for rest in rests)
