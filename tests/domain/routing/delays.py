"""What can be wrong between the visits of a plan: roads, setups, ends and breaks.

Each row as in ``breakings``: a true plan with exactly that broken.
"""

from chalicelib.domain.routing.fleet import Break, Window
from chalicelib.domain.routing.plan import Rest
from tests.domain.routing.altered import (
    Broken,
    rest_of,
    rests,
    road,
    route,
    setup,
    vehicle,
    visit,
)
from tests.domain.routing.street import (
    LONG_DAY,
    LONG_DAY_PLAN,
    MORNING,
    MORNING_PLAN,
    TWO_TRIPS,
    TWO_TRIPS_PLAN,
    drop,
)


def a_break(begins_s: int, until_s: int, duration_s: int) -> Break:
    return Break(Window(begins_s, until_s), duration_s)


_, ON_ARRIVAL, HOMEWARD = LONG_DAY_PLAN.routes[0].rests
ALREADY_THERE = route(
    TWO_TRIPS_PLAN,
    start_s=201,
    distance_m=5_000,
    visits=(drop(1, 201, 210, 240, of="salt"), *TWO_TRIPS_PLAN.routes[0].visits[1:]),
)
WAITED_INSTEAD = visit(LONG_DAY_PLAN, 0, arrival_s=1_200)

DELAYS: list[Broken] = [
    ("wrong_distance", "a longer way", road(TWO_TRIPS, 0, 1, metres=1), TWO_TRIPS_PLAN),
    ("wrong_distance", "a longer way home", road(TWO_TRIPS, 2, 0, metres=1), TWO_TRIPS_PLAN),
    ("faster_than_travel", "a slower way", road(MORNING, 2, 3, seconds=1), MORNING_PLAN),
    ("slower_than_travel", "a faster way", road(MORNING, 2, 3, seconds=-1), MORNING_PLAN),
    ("faster_than_travel", "driving while resting", LONG_DAY, WAITED_INSTEAD),
    ("wrong_end", "a slower way home", road(MORNING, 4, 0, seconds=1), MORNING_PLAN),
    ("wrong_end", "a faster way home", road(MORNING, 4, 0, seconds=-1), MORNING_PLAN),
    ("setup_too_short", "a long way in", setup(MORNING, 3, 11), MORNING_PLAN),
    ("setup_too_short", "a rest instead of setup", setup(LONG_DAY, 4, 11), LONG_DAY_PLAN),
    ("setup_too_short", "a start next door", vehicle(TWO_TRIPS, start=1), ALREADY_THERE),
    (
        "break_missing",
        "one more is due",
        vehicle(LONG_DAY, breaks=(*LONG_DAY.vehicles[0].breaks, a_break(1_900, 2_089, 10))),
        LONG_DAY_PLAN,
    ),
    (
        "break_missing",
        "left too early to rest at home",
        vehicle(MORNING, breaks=(a_break(941, 990, 60),)),
        MORNING_PLAN,
    ),
    (
        "break_not_due",
        "back already",
        rest_of(LONG_DAY, 2, window=Window(1_700, 2_090)),
        LONG_DAY_PLAN,
    ),
    ("break_not_due", "not yet left", rest_of(LONG_DAY, 0, window=Window(940, 990)), LONG_DAY_PLAN),
    (
        "break_outside_window",
        "early",
        rest_of(LONG_DAY, 0, window=Window(1_151, 1_200)),
        LONG_DAY_PLAN,
    ),
    (
        "break_outside_window",
        "late",
        rest_of(LONG_DAY, 0, window=Window(1_100, 1_149)),
        LONG_DAY_PLAN,
    ),
    ("wrong_break_length", "too short", rest_of(LONG_DAY, 0, duration_s=61), LONG_DAY_PLAN),
    (
        "break_while_busy",
        "while handing over",
        rest_of(LONG_DAY, 0, window=Window(1_100, 1_275)),
        rests(WAITED_INSTEAD, Rest(1_275, 1_335), ON_ARRIVAL, HOMEWARD),
    ),
    (
        "break_while_busy",
        "before leaving",
        rest_of(LONG_DAY, 0, window=Window(950, 1_200)),
        rests(WAITED_INSTEAD, Rest(990, 1_050), ON_ARRIVAL, HOMEWARD),
    ),
]
