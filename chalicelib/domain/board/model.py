"""What stands on the board? A hub's day as it was read, and the changes since."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.model import Route
from chalicelib.domain.drivers.model import Work
from chalicelib.domain.tracking.eta import Arrival, Outlook
from chalicelib.domain.tracking.whereabouts import Fix
from chalicelib.kit.geo import LatLng
from chalicelib.kit.timewindow import TimeWindow


@dataclass(frozen=True, slots=True)
class OnRoute:
    """A route, and when its stops ahead are expected; no outlook before it is on the road."""

    route: Route
    outlook: Outlook | None = None

    def arrival(self, stop_id: str) -> Arrival | None:
        ahead = self.outlook.arrivals if self.outlook else ()
        return next((one for one in ahead if one.stop_id == stop_id), None)


@dataclass(frozen=True, slots=True)
class OnDuty:
    """A driver whom a dispatcher deals with: on duty, or on a route of the day."""

    work: Work
    name: str


@dataclass(frozen=True, slots=True)
class Waits:
    """A delivery on no route. ``reason``: why the last wave left it; ``until``: it waits by choice,
    and leaves with the first wave after that."""

    ref: DeliveryRef
    pickup_name: str
    dropoff: LatLng
    window: TimeWindow
    weight_g: int
    volume_ml: int
    attempts: int
    to_pickup_point: bool
    reason: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """All of a hub's day. ``is_whole``: False where it has more routes than a board holds."""

    at: datetime
    cursor: str
    routes: tuple[OnRoute, ...]
    drivers: tuple[OnDuty, ...]
    fixes: dict[str, Fix]
    waiting: tuple[Waits, ...]
    merchants: dict[str, str]
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class News:
    """What changed since a cursor; ``gone`` are deliveries that wait no more.

    ``is_told``: False when too much changed, or too long ago: then the day is to be read anew.
    """

    at: datetime
    cursor: str
    is_told: bool = True
    routes: tuple[OnRoute, ...] = ()
    outlooks: tuple[Outlook, ...] = ()
    drivers: tuple[OnDuty, ...] = ()
    off_duty: tuple[str, ...] = ()
    fixes: dict[str, Fix] | None = None
    waiting: tuple[Waits, ...] = ()
    gone: tuple[str, ...] = ()
    merchants: dict[str, str] | None = None
