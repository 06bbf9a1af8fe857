"""Could a driver bring it in that window? What the hub's day sheet says, and where it is silent.

The sheet knows who is on duty and what they do. So its no is a no for windows that end within the
hub's horizon, while for later ones, and for a hub where nobody is on duty, it knows nothing: there
the counts of coverage decide alone.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.deliveries.model import Place
from chalicelib.domain.dispatch.under_way.joining import handing_over, newcomer
from chalicelib.domain.intake.terms import SERVICE_S
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.quotes.model import NoQuote
from chalicelib.domain.routing.daysheet import Sheet
from chalicelib.domain.routing.squeeze import Fit, Squeeze, Squeezed
from chalicelib.kit.geo import LatLng
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.timewindow import TimeWindow


@dataclass(frozen=True, slots=True)
class Fitted:
    """Somebody can, without breaking any promise; ``dropoff_at`` is when it is handed over."""

    dropoff_at: datetime
    extra_s: int
    extra_m: int


@dataclass(frozen=True, slots=True)
class Load:
    """What surge is made of: stops that wait, and stops that drivers still have time for."""

    open_stops: int
    free_capacity: int


class Today:
    """A hub's day as its sheet shows it, for one parcel from one place to one door."""

    def __init__(
        self, sheet: Sheet, hub: Hub, now: datetime, pickup: Place, door: LatLng, parcel: Parcel
    ) -> None:
        self._sheet = sheet
        self._now = now
        self._known_until = now + timedelta(seconds=hub.wave_horizon_s)
        self._horizon_s = hub.wave_horizon_s
        self._passed_s = int(now.timestamp()) - sheet.at_s
        one = newcomer(sheet, pickup, door, parcel, now_s=self._passed_s, service_s=SERVICE_S)
        self._squeeze = Squeeze(sheet, one)

    def fit(self, window: TimeWindow) -> Fitted | NoQuote | None:
        """Whether it can come within a window; None where the sheet cannot tell."""
        opens_s, latest_s = handing_over(window, SERVICE_S, self._now)
        found = self._squeeze.into(self._passed_s + opens_s, self._passed_s + latest_s)
        if isinstance(found, Fit):
            done_s = found.gap.dropoff_s - self._passed_s + SERVICE_S
            at = self._now + timedelta(seconds=max(0, done_s))
            return Fitted(at, found.extra_s, found.extra_m)
        if found is Squeezed.NOBODY or window.end_at > self._known_until:
            return None
        if found is Squeezed.TOO_LARGE:
            return NoQuote.PARCEL_TOO_LARGE
        return NoQuote.NO_CAPACITY_LEFT

    def is_soon(self, window: TimeWindow) -> bool:
        """Whether it begins while today's drivers drive: only then may few of them make it dear."""
        return window.start_at < self._known_until

    @property
    def load(self) -> Load:
        waiting = self._sheet.waiting
        free_s = waiting.spare_s(self._passed_s + self._horizon_s)
        return Load(waiting.count, free_s // waiting.each_s)
