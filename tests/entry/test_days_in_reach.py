"""The first and the last day that can be written lie outside of what anybody can reckon with."""

from typing import Any

import pytest

from chalicelib.entry import rest
from chalicelib.entry.path_parts import ADay
from chalicelib.kit.errors import Invalid, NotFound
from tests.entry.conftest import OPERATOR_KEY, Doors
from tests.entry.visitors import Visitor

ENDS = ("0001-01-01", "9999-12-31")


class Form(rest.Body):
    at: rest.Instant | None = None
    day: rest.Day | None = None


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_an_instant_that_no_other_zone_could_write_is_invalid(at: str) -> None:
    """In UTC it would lie before the first year, or after the last."""
    with pytest.raises(Invalid):
        rest.parse_value(Form, {"at": at})


def test_a_phone_whose_clock_began_again_is_heard() -> None:
    assert rest.parse_value(Form, {"at": "1970-01-01T00:00:00Z"}).at is not None


@pytest.mark.parametrize("day", ENDS)
def test_a_day_with_none_before_or_after_it_is_none(day: str) -> None:
    with pytest.raises(Invalid):
        rest.parse_value(Form, {"day": day})
    with pytest.raises(NotFound):
        ADay().read(day)


@pytest.mark.parametrize("day", ENDS)
def test_no_door_breaks_on_it(doors: Doors, member_client: Visitor, day: str) -> None:
    hub, (driver_id, token) = doors.hub_id, doors.a_driver()
    asked: tuple[tuple[str, str], ...] = (
        (f"/ops/replay?hub_id={hub}&day={day}", OPERATOR_KEY),
        (f"/v1/hubs/{hub}/recordings/{day}", OPERATOR_KEY),
        (f"/v1/hubs/{hub}/shifts?day={day}", OPERATOR_KEY),
        (f"/v1/drivers/{driver_id}/earnings?to={day}", OPERATOR_KEY),
        (f"/v1/driver/statements.csv?to={day}", token),
    )
    answers: list[Any] = [doors.call("GET", path, token=one) for path, one in asked]
    answers += [member_client.get(f"/m/account?{name}={day}") for name in ("first", "last")]
    assert [one.status for one in answers if one.status >= 500] == []
