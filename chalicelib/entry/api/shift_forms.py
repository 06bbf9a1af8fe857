"""What is sent and shown of shifts?"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from chalicelib.domain.drivers.model import BreakWindow
from chalicelib.domain.drivers.rota import NewShift
from chalicelib.domain.drivers.shifts import MOST_BREAKS, Shift, ShiftStatus
from chalicelib.entry import rest
from chalicelib.entry.api.crew_forms import VehicleKey
from chalicelib.kit.timewindow import as_utc, write_instant

_BREAK = {
    "earliest_at": "2026-11-27T11:00:00Z",
    "latest_at": "2026-11-27T12:30:00Z",
    "duration_s": 1800,
}
_SHIFT: Mapping[str, Any] = {
    "id": "shf_01m83qpnbb853jczmpgmk52m8t",
    "driver_id": "drv_01m83qpnbb853jczmpgmk52m8t",
    "hub_id": "hub_01m83qpn8tsfztk8g4j2we32hb",
    "start_at": "2026-11-27T08:00:00.000Z",
    "end_at": "2026-11-27T16:00:00.000Z",
    "breaks": [_BREAK],
    "vehicle_id": None,
    "status": "planned",
    "by": "driver",
    "started_at": None,
}


class BreakForm(rest.Body):
    """A rest that begins between the two times and lasts so long."""

    earliest_at: rest.Instant
    latest_at: rest.Instant
    duration_s: Annotated[int, Field(ge=300, le=4 * 3600)]


class ShiftForm(rest.Body):
    start_at: rest.Instant
    end_at: rest.Instant
    breaks: Annotated[list[BreakForm], Field(max_length=MOST_BREAKS)] = Field(default_factory=list)
    vehicle_id: VehicleKey | None = None

    model_config = rest.example(
        start_at="2026-11-27T08:00:00Z", end_at="2026-11-27T16:00:00Z", breaks=[_BREAK]
    )

    def wanted(self) -> NewShift:
        return NewShift(
            _whole(self.start_at),
            _whole(self.end_at),
            tuple(
                BreakWindow(_whole(one.earliest_at), _whole(one.latest_at), one.duration_s)
                for one in self.breaks
            ),
            self.vehicle_id,
        )


class ShiftDay(rest.Body):
    """``day`` is the hub's; today when left out."""

    day: rest.Day | None = None


class BreakAnswer(rest.Answer):
    earliest_at: AwareDatetime
    latest_at: AwareDatetime
    duration_s: int


class ShiftAnswer(rest.Answer):
    """A shift. It is `started` once its driver went on duty."""

    id: str
    driver_id: str
    hub_id: str
    start_at: AwareDatetime
    end_at: AwareDatetime
    breaks: list[BreakAnswer]
    vehicle_id: str | None
    status: ShiftStatus
    by: str
    started_at: AwareDatetime | None

    model_config = rest.example(**_SHIFT)


class ShiftList(rest.Answer):
    """Shifts from a week ago on, by start."""

    shifts: list[ShiftAnswer]

    model_config = rest.example(shifts=[_SHIFT])


class PlannedHour(rest.Answer):
    starts_at: AwareDatetime
    drivers: int


class HubShifts(rest.Answer):
    """A hub's day: its shifts, and how many drivers are planned in each hour."""

    day: date
    shifts: list[ShiftAnswer]
    hours: list[PlannedHour]

    model_config = rest.example(
        day="2026-11-27",
        shifts=[_SHIFT],
        hours=[{"starts_at": "2026-11-27T08:00:00.000Z", "drivers": 1}],
    )


def write_breaks(breaks: tuple[BreakWindow, ...]) -> list[dict[str, Any]]:
    return [
        {
            "earliest_at": write_instant(one.earliest_at),
            "latest_at": write_instant(one.latest_at),
            "duration_s": one.duration_s,
        }
        for one in breaks
    ]


def write_shift(shift: Shift) -> dict[str, Any]:
    started = shift.started_at
    return {
        "id": shift.id,
        "driver_id": shift.driver_id,
        "hub_id": shift.hub_id,
        "start_at": write_instant(shift.start_at),
        "end_at": write_instant(shift.end_at),
        "breaks": write_breaks(shift.breaks),
        "vehicle_id": shift.vehicle_id,
        "status": shift.status,
        "by": shift.by,
        "started_at": None if started is None else write_instant(started),
    }


def _whole(at: AwareDatetime) -> AwareDatetime:
    """In UTC and whole seconds: what is read back equals what was sent."""
    return as_utc(at).replace(microsecond=0)
