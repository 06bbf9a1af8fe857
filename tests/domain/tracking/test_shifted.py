"""No window moves without a word: what counts as moved, and which reason it carries."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from chalicelib.domain.deliveries.model import Status
from chalicelib.domain.tracking import nearness, shifted
from chalicelib.domain.tracking.eta import Progress
from chalicelib.domain.tracking.headlines import Known
from chalicelib.domain.tracking.shifted import Shift, Why
from chalicelib.domain.tracking.windows import Shown
from chalicelib.domain.tracking.words import Reading
from chalicelib.kit.languages import Language, translator
from tests.domain.tracking.test_forecast import route as a_route
from tests.domain.tracking.test_forecast import stop
from tests.telling import lived, minutes, steps_to

ROUTE = a_route(stop(1), stop(2), stop(3))
WAS = Shown(minutes(80), minutes(100))


def note(start, end, doors=(2, 2), route=ROUTE, now=60):
    shown = Shown(minutes(start), minutes(end))
    return shifted.note(route, WAS, shown, doors, minutes(now))


@pytest.mark.parametrize(("start", "end"), [(80, 100), (85, 100), (80, 95), (90, 95)])
def test_a_window_that_narrows_moves_nothing(start, end):
    assert note(start, end) is None


def test_the_first_window_moves_nothing():
    shown = Shown(minutes(80), minutes(100))
    assert shifted.note(ROUTE, None, shown, (None, 2), minutes(60)) is None


@pytest.mark.parametrize(
    ("start", "end", "doors", "why"),
    [
        (90, 110, (2, 2), Why.TRAFFIC),
        (90, 110, (2, 3), Why.STOP_ADDED),
        (70, 95, (2, 2), Why.AHEAD),
        (70, 95, (2, 1), Why.STOP_FELL_AWAY),
    ],
)
def test_a_window_that_moves_says_why(start, end, doors, why):
    moved = note(start, end, doors)
    assert (moved.why, moved.start_at, moved.end_at) == (why, WAS.start_at, WAS.end_at)


def test_a_driver_who_stands_at_a_stop_for_long_is_the_reason():
    first = ROUTE.stops[0]
    held = replace(first, arrived_at=minutes(60) - timedelta(seconds=first.service_s + 300))
    route = replace(ROUTE, stops=(held, *ROUTE.stops[1:]))
    assert note(90, 110, route=route).why is Why.STOP_TOOK_LONGER


def known(progress, now=60, language=Language.EN):
    return Known(
        delivery=lived(*steps_to(Status.EN_ROUTE_TO_DROPOFF)),
        recipient=None,
        brand="Blumen",
        reading=Reading(ZoneInfo("Europe/Berlin"), False, translator(language)),
        now=minutes(now),
        progress=progress,
    )


def test_a_shift_is_told_for_half_an_hour():
    moved = Shift(minutes(60), Why.STOP_TOOK_LONGER, WAS.start_at, WAS.end_at, True)
    progress = Progress(minutes(95), minutes(90), minutes(110), 2, moved)
    told = nearness.shift(known(progress, 61))
    assert told == "Before, it was 14:20–14:40: an earlier stop is taking longer."
    assert nearness.shift(known(progress, 91)) == ""


@pytest.mark.parametrize(
    ("left_min", "stops", "said"),
    [
        (0, 0, ("any minute now", "you’re next")),
        (2, 0, ("about 2 minutes", "you’re next")),
        (9, 1, ("about 9 minutes", "1 stop away")),
        (23, 3, ("about 25 minutes", "3 stops away")),
        (90, 12, ("12 stops away",)),
    ],
)
def test_minutes_and_stops_are_counted_as_people_count(left_min, stops, said):
    at = minutes(60 + left_min)
    assert nearness.near(known(Progress(at, at, at, stops)), stops) == said


@pytest.mark.parametrize(("stops", "left_min", "poll_s"), [(9, 60, 60), (3, 60, 10), (9, 15, 10)])
def test_the_page_looks_often_only_when_it_is_near(stops, left_min, poll_s):
    at = minutes(60 + left_min)
    assert nearness.poll_s(known(Progress(at, at, at, stops))) == poll_s
