"""Do we deliver there, and when? ``/v1/coverage`` and ``/v1/delivery-windows``, for checkouts."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.coverage import capacity, service
from chalicelib.domain.coverage.model import Covered, NotCovered, Promise
from chalicelib.domain.coverage.promises import Offerable, Refused, WhyNot, assess
from chalicelib.domain.intake.order import Refusal
from chalicelib.domain.merchants import store as merchant_store
from chalicelib.domain.merchants.model import Hub, Merchant, Scope
from chalicelib.entry import work
from chalicelib.entry.api.coverage_forms import (
    CoverageAnswer,
    PlaceQuery,
    WindowsAnswer,
    WindowsQuery,
)
from chalicelib.entry.auth import merchant
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import PlacesUnavailable
from chalicelib.kit.geo import LatLng
from chalicelib.kit.hours import local_day
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Coverage")

CHECKOUT = merchant(Scope.QUOTES)
#: The promise of a merchant where neither hub nor area promises anything.
STANDARD = "standard"


@doors.route(
    "GET",
    "/v1/coverage",
    who=(CHECKOUT,),
    answers={200: CoverageAnswer},
    errors=(PlacesUnavailable,),
)
def show_coverage(merchant_id: str, query: PlaceQuery) -> Mapping[str, Any]:
    """Say whether we deliver to a door.

    By `lat` and `lng`, or by `postal_code`: then for its middle, which is a hint and no promise.
    """
    uow = work.begin()
    _, hub = _party(uow, merchant_id)
    position = _position(query, hub)
    answer = None if position is None else service.look_up(uow, merchant_id, hub, position)
    covered = answer if isinstance(answer, Covered) else None
    return {
        "covered": covered is not None,
        "reason": _why_not_covered(answer),
        "latitude": position and position.latitude,
        "longitude": position and position.longitude,
        "zone_id": covered and covered.zone_id,
        "area_ids": list(covered.area_ids) if covered else [],
        "services": list(dict.fromkeys(one.kind.value for one in covered.promises))
        if covered
        else [],
    }


@doors.route(
    "GET",
    "/v1/delivery-windows",
    who=(CHECKOUT,),
    answers={200: WindowsAnswer},
    errors=(PlacesUnavailable,),
)
def list_delivery_windows(merchant_id: str, query: WindowsQuery) -> Mapping[str, Any]:
    """List the windows of a day, with the places that are left, or the reason why not.

    `order_by` is the cut-off of each. Nothing is reserved: the place is taken when the delivery is
    created.
    """
    uow = work.begin()
    shop, hub = _party(uow, merchant_id)
    position = _position(query, hub)
    answer = None if position is None else service.look_up(uow, merchant_id, hub, position)
    day = query.date or local_day(uow.now, hub.timezone)
    windows: list[dict[str, Any]] = []
    nothing: list[dict[str, Any]] = []
    if isinstance(answer, Covered) and answer.promises:
        windows, nothing = _promised(uow, answer.promises, day)
    elif isinstance(answer, Covered):
        windows, nothing = _standard(uow, shop, hub, day)
    return {
        "covered": isinstance(answer, Covered),
        "reason": _why_not_covered(answer),
        "day": day.isoformat(),
        "windows": windows,
        "not_offered": nothing,
    }


def _party(uow: UnitOfWork, merchant_id: str) -> tuple[Merchant, Hub]:
    shop = merchant_store.load_merchant(uow, merchant_id)
    return shop, merchant_store.load_hub(uow, shop.hub_id)


def _position(query: PlaceQuery, hub: Hub) -> LatLng | None:
    if query.position is not None or query.postal_code is None:
        return query.position
    return wiring.hasty_places().centre(
        postal_code=query.postal_code, country=query.country or hub.country, near=hub.position
    )


def _why_not_covered(answer: Covered | NotCovered | None) -> str | None:
    if answer is None:
        return Refusal.UNKNOWN_LOCATION.value
    return answer.reason.value if isinstance(answer, NotCovered) else None


def _promised(
    uow: UnitOfWork, promises: tuple[Promise, ...], day: date
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    counts = capacity.counts_of(uow, promises, day)
    windows: list[Offerable] = []
    nothing = []
    for promise in promises:
        assessed = assess(promise, uow.now, day, counts)
        if isinstance(assessed, Refused):
            nothing.append({"service": promise.kind.value, "reason": assessed.why_not.value})
        else:
            windows += assessed
    windows.sort(key=lambda one: (one.window.start_at, one.window.end_at))
    return [_window(one) for one in windows], nothing


def _window(one: Offerable) -> dict[str, Any]:
    return {
        "service": one.kind.value,
        "start_time": write_instant(one.window.start_at),
        "end_time": write_instant(one.window.end_at),
        "order_by": write_instant(one.order_by),
        "left": one.left,
        "bookable": one.why_not is None,
        "reason": one.why_not and one.why_not.value,
    }


def _standard(
    uow: UnitOfWork, shop: Merchant, hub: Hub, day: date
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The merchant's own promise, from now for so long; told for the day on which it ends."""
    end_at = uow.now + timedelta(seconds=shop.promise_s)
    if local_day(end_at, hub.timezone) != day:
        return [], [{"service": STANDARD, "reason": WhyNot.NOT_OFFERED.value}]
    window = {
        "service": STANDARD,
        "start_time": write_instant(uow.now),
        "end_time": write_instant(end_at),
        "order_by": None,
        "left": None,
        "bookable": True,
        "reason": None,
    }
    return [window], []
