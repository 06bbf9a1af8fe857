"""When does each stop of a tour happen? As early as possible, then left as late as that allows.

Without breaks the end as a function of the start is flat first and rises with slope one after, so
that the latest start with the earliest end has the shortest route. (Source: Savelsbergh 1992, "The
VRP with time windows: minimizing route duration"; with several windows per stop that holds only
for the windows that the earliest schedule uses, and the rule stays the same.)

A break is taken in a *gap*, the way from being free at one stop to handling at the next: driving,
setup and waiting. Where in the gap does not matter for the end, hence the earliest start of a stop
is kept for each number of breaks behind it, and earlier is never worse. A break that is over before
the route leaves, or begins after it ends, is not due; see ``fleet.Break``.

Units: [s].
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from chalicelib.domain.routing.fleet import Break

#: Later than anything.
NEVER = 1 << 62

type Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Course:
    """A tour as the clock sees it: n stops, and n + 1 gaps between them, the start and the end.

    Parameters
    ----------
    gaps_s
        (n + 1,) driving and setup before each stop, and driving to the end.
    handling_s
        (n,) handling, or loading.
    windows
        (n,) when handling may begin: (earliest, latest) in order.
    calm_s
        (n,) until when handling may begin without being late; ``NEVER`` where it is never late.
    ready_s
        (n + 1,) when the trip that begins may leave: at the start, and after each stop that is a
        reload; 0 where no trip begins.
    unbroken
        (n + 1,) True for a gap inside one visit, where no break can be.
    earliest_s, latest_s
        The shift.
    """

    gaps_s: Sequence[int]
    handling_s: Sequence[int]
    windows: Sequence[Spans]
    calm_s: Sequence[int]
    ready_s: Sequence[int]
    unbroken: Sequence[bool]
    earliest_s: int
    latest_s: int
    breaks: tuple[Break, ...]

    @property
    def first_s(self) -> int:
        """The earliest start."""
        return max(self.earliest_s, self.ready_s[0])


@dataclass(frozen=True, slots=True)
class Timing:
    """When a course happens.

    Parameters
    ----------
    starts_s, frees_s
        (n,) handling begins; free to go on.
    rests
        (gap, begins, ends) of each break that is due.
    """

    leave_s: int
    starts_s: Sequence[int]
    frees_s: Sequence[int]
    end_s: int
    rests: tuple[tuple[int, int, int], ...] = ()


def timed(course: Course) -> Timing | None:
    """The times of a course, or None when a window, a break or the shift cannot be kept."""
    if course.breaks:
        return _with_breaks(course)
    early = forward(course, course.first_s)
    if early is None or early.end_s > course.latest_s:
        return None
    by_s = early.end_s
    for k in range(len(early.starts_s), 0, -1):
        by_s = _pushed(course, k - 1, early.starts_s[k - 1], by_s - course.gaps_s[k])
    leave_s = max(by_s - course.gaps_s[0], early.leave_s)
    return early if leave_s == early.leave_s else forward(course, leave_s)


def forward(course: Course, leave_s: int) -> Timing | None:
    """Each stop as early as possible after a start, without breaks; None if a window is missed."""
    starts: list[int] = []
    frees: list[int] = []
    free_s = leave_s
    for gap_s, windows, handling_s, ready_s in zip(
        course.gaps_s, course.windows, course.handling_s, course.ready_s[1:], strict=False
    ):
        start_s = opening(windows, free_s + gap_s)
        if start_s is None:
            return None
        starts.append(start_s)
        free_s = max(start_s + handling_s, ready_s)
        frees.append(free_s)
    return Timing(leave_s, starts, frees, free_s + course.gaps_s[-1])


def opening(windows: Spans, at_s: int) -> int | None:
    """The first moment from ``at_s`` on that lies in a window; None after the last one."""
    for earliest_s, latest_s in windows:
        if at_s <= latest_s:
            return at_s if at_s > earliest_s else earliest_s
    return None


def _pushed(course: Course, stop: int, start_s: int, free_by_s: int) -> int:
    """The latest start of a stop that is free in time and no later for anybody who minds."""
    by_s = min(free_by_s - course.handling_s[stop], max(start_s, course.calm_s[stop]))
    for earliest_s, latest_s in reversed(course.windows[stop]):
        if earliest_s <= by_s:
            return max(start_s, min(by_s, latest_s))
    return start_s


# -- breaks --------------------------------------------------------------------------------------


def _with_breaks(course: Course) -> Timing | None:
    """As without them; ``taken[k]`` says how many breaks lie before stop k, home included."""
    starts, before = _reach(course)
    found = _earliest_end(course, starts)
    if found is None:
        return None
    end_s, taken_at_end, in_last = found
    n = len(course.handling_s)
    taken = [0] * (n + 1)
    taken[n], taken[n - 1] = taken_at_end, in_last
    for k in range(n - 1, 0, -1):
        taken[k - 1] = before[k][taken[k]]
    by_s = end_s
    for k in range(n, 0, -1):
        by_s = _crossed_by(course, k, by_s, taken[k - 1], taken[k])
        early_s = starts[k - 1][taken[k - 1]]
        assert early_s is not None
        by_s = _pushed(course, k - 1, early_s, by_s)
    leave_s = max(_left_by(course, by_s, taken[0]), course.first_s)
    return _along(course, leave_s, taken)


def _reach(course: Course) -> tuple[list[list[int | None]], list[list[int]]]:
    """Earliest starts, (n, breaks + 1), and how many breaks lie before the gap that leads there."""
    most = len(course.breaks)
    starts: list[list[int | None]] = []
    before: list[list[int]] = []
    for k, windows in enumerate(course.windows):
        row: list[int | None] = []
        row_before: list[int] = []
        for taken in range(most + 1):
            arrival_s, earlier = _arrival(course, starts, k, taken)
            row.append(None if arrival_s is None else opening(windows, arrival_s))
            row_before.append(earlier)
        starts.append(row)
        before.append(row_before)
    return starts, before


def _arrival(
    course: Course, starts: Sequence[Sequence[int | None]], k: int, taken: int
) -> tuple[int | None, int]:
    """Earliest arrival at stop k (n: the end) with so many breaks behind, and the gap's first."""
    if k == 0:
        return _left_home(course, taken), 0
    best_s, best = None, taken
    fewest = taken if course.unbroken[k] else 0
    for earlier in range(taken, fewest - 1, -1):
        start_s = starts[k - 1][earlier]
        if start_s is None:
            continue
        free_s = max(start_s + course.handling_s[k - 1], course.ready_s[k])
        arrival_s = _crossed(course, k, free_s, earlier, taken)
        if arrival_s is not None and (best_s is None or arrival_s < best_s):
            best_s, best = arrival_s, earlier
    return best_s, best


def _left_home(course: Course, taken: int) -> int | None:
    """Arrival at the first stop: breaks that are half over are best slept through at home."""
    leave_s, home = course.first_s, 0
    while home < taken and leave_s > course.breaks[home].window.earliest_s:
        leave_s = max(leave_s, _over_s(course.breaks[home]))
        home += 1
    return _crossed(course, 0, leave_s, home, taken)


def _over_s(rest: Break) -> int:
    """Who leaves from here on has had it at home."""
    return rest.window.earliest_s + rest.duration_s


def _crossed(course: Course, gap: int, free_s: int, first: int, last: int) -> int | None:
    """When a gap is behind with breaks ``first`` to ``last - 1`` in it; None if one is missed."""
    arrival_s = free_s + course.gaps_s[gap]
    for rest in course.breaks[first:last]:
        begins_s = max(free_s, rest.window.earliest_s)
        if begins_s > rest.window.latest_s:
            return None
        free_s = begins_s + rest.duration_s
        arrival_s = max(arrival_s, rest.window.earliest_s) + rest.duration_s
    return arrival_s


def _earliest_end(
    course: Course, starts: Sequence[Sequence[int | None]]
) -> tuple[int, int, int] | None:
    """The end, breaks taken by then, and breaks taken before the last gap.

    A break that is left must not be due; on a tie fewer are taken, for the last is not due then.
    """
    best: tuple[int, int, int] | None = None
    for taken in range(len(course.breaks) + 1):
        end_s, earlier = _arrival(course, starts, len(course.handling_s), taken)
        if end_s is None or end_s > course.latest_s or (best is not None and end_s >= best[0]):
            continue
        if taken < len(course.breaks) and end_s > course.breaks[taken].window.latest_s:
            continue
        best = end_s, taken, earlier
    return best


def _crossed_by(course: Course, gap: int, by_s: int, first: int, last: int) -> int:
    """The latest moment to be free before a gap with such breaks that is behind by ``by_s``."""
    resting_s, bound_s = 0, NEVER
    for rest in course.breaks[first:last]:
        bound_s = min(bound_s, rest.window.latest_s - resting_s)
        resting_s += rest.duration_s
    return min(bound_s, by_s - course.gaps_s[gap] - resting_s)


def _left_by(course: Course, by_s: int, taken: int) -> int:
    """The latest start; as many of the first gap's breaks as possible are slept through."""
    for home in range(taken, 0, -1):
        leave_s = _crossed_by(course, 0, by_s, home, taken)
        if leave_s >= _over_s(course.breaks[home - 1]):
            return leave_s
    return _crossed_by(course, 0, by_s, 0, taken)


def _along(course: Course, leave_s: int, taken: Sequence[int]) -> Timing:
    """Each stop as early as possible after a start, with the breaks in the gaps as chosen."""
    starts: list[int] = []
    frees: list[int] = []
    rests: list[tuple[int, int, int]] = []
    free_s, arrival_s = leave_s, leave_s
    for gap, (first, last) in enumerate(pairwise((0, *taken))):
        arrival_s = free_s + course.gaps_s[gap]
        for rest in course.breaks[first:last]:
            if leave_s < _over_s(rest):
                begins_s = max(free_s, rest.window.earliest_s)
                free_s = begins_s + rest.duration_s
                arrival_s = max(arrival_s, rest.window.earliest_s) + rest.duration_s
                rests.append((gap, begins_s, free_s))
        if gap < len(course.handling_s):
            start_s = opening(course.windows[gap], arrival_s)
            assert start_s is not None
            starts.append(start_s)
            free_s = max(start_s + course.handling_s[gap], course.ready_s[gap + 1])
            frees.append(free_s)
    return Timing(leave_s, starts, frees, arrival_s, tuple(rests))
