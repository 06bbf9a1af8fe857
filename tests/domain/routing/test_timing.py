"""The clock against brute force: every start, and every way to spread the breaks, is tried."""

from dataclasses import replace
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.routing.fleet import Break, Window
from chalicelib.domain.routing.timing import NEVER, Course, Timing, timed

small = st.integers(0, 12)


@st.composite
def courses(draw: st.DrawFn) -> Course:
    n = draw(st.integers(1, 4))
    windows = []
    for _ in range(n):
        cuts = sorted(draw(st.sets(st.integers(0, 60), min_size=2, max_size=4)))
        pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
        windows.append(tuple(pairs) if draw(st.booleans()) else ((0, NEVER),))
    breaks, at = [], draw(small)
    for _ in range(draw(st.integers(0, 2))):
        latest = at + draw(small)
        lasts = draw(st.integers(1, 8))
        breaks.append(Break(Window(at, latest), lasts))
        at = latest + lasts + draw(small)
    earliest_s = draw(small)
    return Course(
        gaps_s=[draw(small) for _ in range(n + 1)],
        handling_s=[draw(small) for _ in range(n)],
        windows=windows,
        calm_s=[draw(st.integers(0, 60) | st.just(NEVER)) for _ in range(n)],
        ready_s=[draw(small), *(draw(st.sampled_from((0, 0, 30))) for _ in range(n))],
        unbroken=[False, *(draw(st.integers(0, 3)) == 0 for _ in range(n - 1)), False],
        earliest_s=earliest_s,
        latest_s=earliest_s + draw(st.integers(0, 120)),
        breaks=tuple(breaks),
    )


def ends_of(course: Course, leave_s: int) -> list[int]:
    """The end of each way to spread the breaks: at home, over the gaps, or after the end."""
    n = len(course.handling_s)
    ends = []
    for spread in product(range(-1, n + 2), repeat=len(course.breaks)):
        end_s = end_of(course, leave_s, spread)
        if list(spread) == sorted(spread) and end_s is not None:
            ends.append(end_s)
    return ends


def end_of(course: Course, leave_s: int, spread: tuple[int, ...]) -> int | None:
    """The end when each break is taken in its gap (-1: at home), or None."""
    n, end_s = len(course.handling_s), leave_s
    taken = list(zip(spread, course.breaks, strict=True))
    for at, rest in taken:
        if at == -1 and leave_s < rest.window.earliest_s + rest.duration_s:
            return None
    for gap in range(n + 1):
        crossed_s = crossed(course, gap, end_s, [rest for at, rest in taken if at == gap])
        if crossed_s is None:
            return None
        end_s = crossed_s
        if gap < n:
            opens = [max(end_s, a) for a, b in course.windows[gap] if end_s <= b]
            if not opens:
                return None
            end_s = max(opens[0] + course.handling_s[gap], course.ready_s[gap + 1])
    if any(at == n + 1 and end_s > rest.window.latest_s for at, rest in taken):
        return None
    return end_s if end_s <= course.latest_s else None


def crossed(course: Course, gap: int, now_s: int, rests: list[Break]) -> int | None:
    """Second by second: drive until a rest may begin, rest, and drive on."""
    drives_s = course.gaps_s[gap]
    for rest in rests:
        before_s = min(drives_s, max(0, rest.window.earliest_s - now_s))
        begins_s = max(now_s, rest.window.earliest_s)
        if begins_s > rest.window.latest_s or course.unbroken[gap]:
            return None
        now_s, drives_s = begins_s + rest.duration_s, drives_s - before_s
    return now_s + drives_s


def lateness(course: Course, timing: Timing) -> int:
    return sum(
        max(0, start - calm) for start, calm in zip(timing.starts_s, course.calm_s, strict=True)
    )


@settings(max_examples=600)
@given(courses())
def test_no_way_to_spread_the_breaks_ends_earlier(course):
    """Every start and every spread is tried."""
    possible = [end for leave_s in range(course.first_s, 100) for end in ends_of(course, leave_s)]
    timing = timed(course)
    assert (None if timing is None else timing.end_s) == min(possible, default=None)
    if timing is not None:
        assert timing.end_s in ends_of(course, timing.leave_s)


@settings(max_examples=600)
@given(courses())
def test_without_breaks_nobody_could_leave_later_for_the_same_end_and_lateness(course):
    course = replace(course, breaks=())
    timing = timed(course)
    if timing is None:
        return
    fixed = [replace(course, earliest_s=leave_s) for leave_s in range(timing.leave_s + 1, 200)]
    for later in fixed:
        other = timed(later)
        assert (
            other is None
            or other.end_s > timing.end_s
            or lateness(later, other) > lateness(course, timing)
        )
