"""The desk's drivers: enrol, list, change, papers, blocks, deactivate."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.drivers import changes, store
from chalicelib.domain.drivers import service as drivers
from chalicelib.domain.drivers.model import Driver
from chalicelib.domain.merchants import store as merchants
from chalicelib.entry import work
from chalicelib.entry.api import crew_answers as answers
from chalicelib.entry.api import crew_forms as forms
from chalicelib.entry.auth import OPERATOR
from chalicelib.entry.path_parts import IdOf
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import Conflict, DriverBusy, Invalid, NotFound
from chalicelib.kit.phone import Phone
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Operator")

DriverId = Annotated[str, IdOf("drv", "driver")]


@doors.route(
    "POST",
    "/v1/drivers",
    who=(OPERATOR,),
    answers={201: answers.DriverAnswer},
    errors=(NotFound, Conflict),
)
def enrol_driver(body: forms.NewDriver) -> Mapping[str, Any]:
    """Enrol a driver at a hub.

    A number without a country code is read in the hub's country; a second driver with the same
    number is a `conflict`. `skills` are codes that you agree on, such as `age_check`,
    `cold_chain`, `heavy`, `cash`.
    """
    hub = work.read(lambda uow: merchants.load_hub(uow, body.hub_id))
    wanted = drivers.NewDriver(
        name=body.name,
        phone=_phone(body.phone_number, hub.country),
        hub_id=hub.id,
        vehicle=body.vehicle.vehicle(),
        skills=frozenset(body.skills),
        plate=body.vehicle.plate,
    )
    server_key = wiring.vault().server_key()
    return _shown(lambda uow: drivers.enrol(uow, wanted, server_key))


@doors.route("GET", "/v1/drivers", who=(OPERATOR,), answers={200: answers.DriverPage})
def list_drivers(query: forms.DriversOf) -> Mapping[str, Any]:
    """List the drivers of a hub, those who were deactivated among them."""
    uow = work.begin()
    found, cursor = store.list_of_hub(uow, query.hub_id, limit=query.limit, after=query.cursor)
    people = store.load_people(uow, [one.id for one in found])
    return {
        "drivers": [answers.write_driver(one, people[one.id]) for one in found],
        "next_cursor": cursor,
    }


@doors.route("GET", "/v1/drivers/{driver_id}", who=(OPERATOR,), answers={200: answers.DriverAnswer})
def show_driver(driver_id: DriverId) -> Mapping[str, Any]:
    """Show a driver."""
    return _shown(lambda uow: store.load(uow, driver_id))


@doors.route(
    "PATCH",
    "/v1/drivers/{driver_id}",
    who=(OPERATOR,),
    answers={200: answers.DriverAnswer},
    errors=(Conflict, DriverBusy),
)
def change_driver(driver_id: DriverId, body: forms.DriverChanges) -> Mapping[str, Any]:
    """Change a driver's name, phone, hub, skills or vehicles.

    `vehicles` are all of them, the usual one first; give the `id` of those that stay. A driver on
    duty cannot change hubs (`driver_busy`).
    """
    current = work.read(lambda uow: store.load(uow, driver_id))
    hub_id = body.hub_id or current.hub_id
    country = work.read(lambda uow: merchants.load_hub(uow, hub_id)).country
    wanted = changes.Changes(
        name=body.name,
        phone=None if body.phone_number is None else _phone(body.phone_number, country),
        hub_id=body.hub_id,
        skills=None if body.skills is None else frozenset(body.skills),
        vehicles=None if body.vehicles is None else tuple(one.wanted() for one in body.vehicles),
    )
    server_key = wiring.vault().server_key()
    return _shown(lambda uow: changes.change(uow, driver_id, wanted, server_key))


@doors.route(
    "PUT",
    "/v1/drivers/{driver_id}/documents",
    who=(OPERATOR,),
    answers={200: answers.DriverAnswer},
)
def set_documents(driver_id: DriverId, body: forms.Documents) -> Mapping[str, Any]:
    """Set a driver's papers, all of them.

    Each is good from when it is `verified` to the end of the day on which it expires, by the hub's
    clock. What a kind of vehicle needs is set with the hub's crew rules.
    """
    return _shown(lambda uow: changes.set_documents(uow, driver_id, body.wanted()))


@doors.route(
    "PUT",
    "/v1/drivers/{driver_id}/blocks",
    who=(OPERATOR,),
    answers={200: answers.DriverAnswer},
)
def set_blocks(driver_id: DriverId, body: forms.Blocks) -> Mapping[str, Any]:
    """Set whom a driver does not drive for: merchants and hubs, with who says so and why."""
    wanted = [one.wanted() for one in body.blocks]
    return _shown(lambda uow: changes.set_blocks(uow, driver_id, wanted))


@doors.route(
    "POST",
    "/v1/drivers/{driver_id}/deactivate",
    who=(OPERATOR,),
    answers={200: answers.DriverAnswer},
    errors=(DriverBusy,),
)
def deactivate_driver(driver_id: DriverId) -> Mapping[str, Any]:
    """End a driver's sessions and duty; nobody signs in with this phone until it is activated.

    While a route is under way it is refused (`driver_busy`).
    """
    return _shown(lambda uow: changes.deactivate(uow, driver_id))


@doors.route(
    "POST",
    "/v1/drivers/{driver_id}/activate",
    who=(OPERATOR,),
    answers={200: answers.DriverAnswer},
)
def activate_driver(driver_id: DriverId) -> Mapping[str, Any]:
    """Let a driver who was deactivated sign in again."""
    return _shown(lambda uow: changes.activate(uow, driver_id))


def _phone(text: str, country: str) -> Phone:
    try:
        return Phone.parse(text, country)
    except ValueError as error:
        field = {"field": "phone_number", "error": str(error)}
        raise Invalid("the phone number is wrong", fields=[field]) from error


def _shown(use_case: Callable[[UnitOfWork], Driver]) -> dict[str, Any]:
    """Run it, and show the driver as he or she now is."""
    driver = work.run(use_case)
    return answers.write_driver(driver, work.read(lambda uow: store.load_person(uow, driver.id)))
