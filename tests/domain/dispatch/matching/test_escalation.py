"""One driver, then two, then several with a bonus, then the desk; no step is left out."""

from datetime import timedelta

import pytest

from chalicelib.domain.dispatch.matching import escalation
from chalicelib.domain.dispatch.model import Level, Route, RouteStatus
from chalicelib.domain.merchants.asking import Asking
from tests.builders import NOON
from tests.domain.dispatch.matching.test_matching import a_route

ASKING = Asking()


def waiting(age_min: float, start_in_min: float, asked: int = 0, **changes: object) -> Route:
    return a_route(
        planned_at=NOON - timedelta(minutes=age_min),
        starts_at=NOON + timedelta(minutes=start_in_min),
        asked=asked,
        **changes,
    )


@pytest.mark.parametrize(
    ("age_min", "start_in_min", "asked", "level"),
    [
        (0, 60, 0, Level.EXCLUSIVE),
        (2, 60, 1, Level.EXCLUSIVE),
        (4, 60, 1, Level.PAIR),
        (0, 14, 1, Level.PAIR),
        (0, 14, 0, Level.EXCLUSIVE),
        (0, 1, 0, Level.EXCLUSIVE),
        (0, 1, 1, Level.PAIR),
        (0, 4, 3, Level.BROADCAST),
        (60, 6, 9, Level.PAIR),
        (60, -30, 9, Level.BROADCAST),
    ],
)
def test_urgency_climbs_step_by_step(
    age_min: float, start_in_min: float, asked: int, level: Level
) -> None:
    assert escalation.level_of(waiting(age_min, start_in_min, asked), ASKING, NOON) is level


def test_offers_that_wait_for_an_answer_take_slots() -> None:
    live = (("ofr_1", "drv_1"), ("ofr_2", "drv_2"))
    route = waiting(0, 1, 3, live_offers=live, status=RouteStatus.OFFERED)
    assert escalation.open_slots(route, ASKING, NOON) == ASKING.broadcast_to - 2
    taken = waiting(0, 1, 3, status=RouteStatus.ASSIGNED)
    assert escalation.open_slots(taken, ASKING, NOON) == 0


def test_only_the_last_step_pays_a_bonus() -> None:
    assert [escalation.bonus_minor(level, ASKING) for level in Level] == [0, 0, 200]


def test_the_desk_is_told_when_the_time_has_come_and_every_step_had_its_time() -> None:
    assert not escalation.needs_the_desk(waiting(20, 1), ASKING, NOON)
    assert escalation.needs_the_desk(waiting(20, 0), ASKING, NOON)
    assert not escalation.needs_the_desk(waiting(7, -5), ASKING, NOON)
    assert escalation.needs_the_desk(waiting(8, -5), ASKING, NOON)
    assert not escalation.needs_the_desk(waiting(20, 0, alerted_at=NOON), ASKING, NOON)
    assert not escalation.needs_the_desk(waiting(20, 0, status=RouteStatus.ASSIGNED), ASKING, NOON)
