"""Shifts: planned by drivers, and by the desk for them; who is there in which hour."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from chalice.app import Blueprint, Response

from chalicelib.domain.drivers import rota
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.shifts import planned_by_hour
from chalicelib.domain.merchants import store as merchants
from chalicelib.entry import rest, work
from chalicelib.entry.api import shift_forms as forms
from chalicelib.entry.auth import DRIVER, OPERATOR
from chalicelib.entry.path_parts import HubId, IdOf
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import Conflict
from chalicelib.kit.hours import local_day
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
mine = Doors(bp, tag="Driver")
desk = Doors(bp, tag="Operator")

ShiftId = Annotated[str, IdOf("shf", "shift")]
DriverId = Annotated[str, IdOf("drv", "driver")]


@mine.route(
    "POST",
    "/v1/driver/shifts",
    who=(DRIVER,),
    answers={201: forms.ShiftAnswer},
    errors=(Conflict,),
)
def plan_my_shift(driver_id: str, body: forms.ShiftForm) -> Mapping[str, Any]:
    """Plan a shift; the very same one again is the one that is there.

    A `conflict` says why not in `reason`: `shift_overlaps`, `shift_in_the_past`,
    `shift_too_far_ahead`, `shift_day_limit`, `shift_week_limit`.
    """
    wanted = body.wanted()
    planned = work.run(lambda uow: rota.plan(uow, driver_id, wanted, rota.BY_DRIVER))
    return forms.write_shift(planned)


@mine.route("GET", "/v1/driver/shifts", who=(DRIVER,), answers={200: forms.ShiftList})
def list_my_shifts(driver_id: str) -> Mapping[str, Any]:
    """List your shifts from a week ago on."""
    return work.read(lambda uow: _list(uow, driver_id))


@mine.route(
    "DELETE",
    "/v1/driver/shifts/{shift_id}",
    who=(DRIVER,),
    answers={204: None},
    errors=(Conflict,),
)
def cancel_my_shift(driver_id: str, shift_id: ShiftId) -> Response:
    """Take a shift back that has not begun."""
    work.run(lambda uow: rota.cancel(uow, driver_id, shift_id))
    return rest.answer("", 204)


@desk.route(
    "POST",
    "/v1/drivers/{driver_id}/shifts",
    who=(OPERATOR,),
    answers={201: forms.ShiftAnswer},
    errors=(Conflict,),
)
def plan_shift(driver_id: DriverId, body: forms.ShiftForm) -> Mapping[str, Any]:
    """Plan a shift for a driver, by the same rules."""
    wanted = body.wanted()
    planned = work.run(lambda uow: rota.plan(uow, driver_id, wanted, rota.BY_DESK))
    return forms.write_shift(planned)


@desk.route(
    "GET", "/v1/drivers/{driver_id}/shifts", who=(OPERATOR,), answers={200: forms.ShiftList}
)
def list_shifts(driver_id: DriverId) -> Mapping[str, Any]:
    """List a driver's shifts from a week ago on."""
    return work.read(lambda uow: _list(uow, drivers.load(uow, driver_id).id))


@desk.route(
    "DELETE",
    "/v1/drivers/{driver_id}/shifts/{shift_id}",
    who=(OPERATOR,),
    answers={204: None},
    errors=(Conflict,),
)
def cancel_shift(driver_id: DriverId, shift_id: ShiftId) -> Response:
    """Take a driver's shift back that has not begun."""
    work.run(lambda uow: rota.cancel(uow, driver_id, shift_id))
    return rest.answer("", 204)


@desk.route("GET", "/v1/hubs/{hub_id}/shifts", who=(OPERATOR,), answers={200: forms.HubShifts})
def show_hub_shifts(hub_id: HubId, query: forms.ShiftDay) -> Mapping[str, Any]:
    """Show a hub's day: its shifts, and how many drivers are planned in each hour."""
    uow = work.begin()
    hub = merchants.load_hub(uow, hub_id)
    day = query.day or local_day(uow.now, hub.timezone)
    shifts = rota.list_of_hub(uow, hub, day)
    return {
        "day": day.isoformat(),
        "shifts": [forms.write_shift(one) for one in shifts],
        "hours": [_hour(*one) for one in planned_by_hour(shifts, day, hub.timezone)],
    }


def _list(uow: UnitOfWork, driver_id: str) -> dict[str, Any]:
    shown = rota.list_from(uow, driver_id, uow.now - rota.SHOWN_BACK)
    return {"shifts": [forms.write_shift(one) for one in shown if one.counts]}


def _hour(starts_at: datetime, drivers: int) -> dict[str, Any]:
    return {"starts_at": write_instant(starts_at), "drivers": drivers}
