"""What answers say about an endpoint's health, for every sequence of them."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.callbacks import breaker
from chalicelib.domain.callbacks.model import EndpointRef, Line, Reply
from tests.domain.callbacks.stage import BROKEN, OK, START, hours

REPLIES = st.one_of(
    st.just(OK),
    st.sampled_from([301, 302, 400, 404, 410, 429, 500, 503]).map(Reply),
    st.integers(0, 10**6).map(lambda wish: Reply(429, wished_delay_s=wish)),
    st.just(Reply(None, "timeout")),
)
GAPS = st.integers(0, 40 * 3600).map(lambda seconds: timedelta(seconds=seconds))
LINE = Line(EndpointRef("mer_1", "whe_1"))


def played(story: list[tuple[timedelta, Reply]]) -> tuple[Line, datetime]:
    line, now = LINE, START
    for gap, reply in story:
        now += gap
        line = breaker.after(line, reply, now)
    return line, now


@given(st.lists(st.tuples(GAPS, REPLIES), max_size=30))
def test_a_pause_is_an_hour_at_most_and_a_success_forgives_everything(
    story: list[tuple[timedelta, Reply]],
) -> None:
    line, now = played(story)
    if line.paused_until is not None:
        assert line.paused_until - now <= breaker.LONGEST_WISHED_PAUSE
    assert breaker.after(line, OK, now) == LINE


@given(st.lists(st.tuples(GAPS, REPLIES), max_size=30))
def test_only_five_days_of_nothing_but_failures_are_hopeless(
    story: list[tuple[timedelta, Reply]],
) -> None:
    line, now = played(story)
    assert not (breaker.is_hopeless(line) and (now - START) < timedelta(days=5))
    times, at = [], START
    for gap, reply in story:
        at += gap
        times.append((at, reply.is_success))
    since = [at for at, fine in times if not fine]
    last_success = max((at for at, fine in times if fine), default=None)
    if breaker.is_hopeless(line):
        assert last_success is None or all(fine is False for at, fine in times if at > last_success)
        assert since[-1] - (last_success or START) >= timedelta(days=5)


def test_four_failures_in_a_row_pause_nothing_and_the_fifth_does() -> None:
    four, now = played([(timedelta(seconds=1), BROKEN)] * 4)
    assert breaker.may_call(four, now)
    five = breaker.after(four, BROKEN, now)
    assert not breaker.may_call(five, now)
    assert breaker.may_call(five, now + breaker.FIRST_PAUSE)


def test_pauses_double_up_to_a_quarter_of_an_hour() -> None:
    line, now, pauses = LINE, START, []
    for _ in range(12):
        line = breaker.after(line, BROKEN, now)
        pauses.append((line.paused_until or now) - now)
        now = line.paused_until or now
    minutes = [pause / timedelta(minutes=1) for pause in pauses]
    assert minutes == [0, 0, 0, 0, 1, 2, 4, 8, 15, 15, 15, 15]


def test_a_wish_to_wait_counts_from_the_first_failure() -> None:
    line = breaker.after(LINE, Reply(503, wished_delay_s=90), START)
    assert line.paused_until == START + timedelta(seconds=90)


def test_the_gaps_of_the_schedule_are_one_story() -> None:
    """A day and its jitter lie between the last tries of one message."""
    story = [(hours(26.5), BROKEN)] * 6
    assert breaker.is_hopeless(played(story)[0])


def test_silence_is_no_failure() -> None:
    """Two failures a week apart say nothing of the days between."""
    line, _ = played([(hours(0), BROKEN), (hours(24 * 7), BROKEN)])
    assert not breaker.is_hopeless(line)
