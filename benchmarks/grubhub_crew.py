"""Who takes part in Grubhub's day: restaurants behind merchants, couriers as gig drivers.

Couriers come and go with the shifts that they really had, and drive a car as fast as the instance
says. Phones are kept free for films; see local.demo.brands.
"""

import contextlib
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from benchmarks.grubhub_day import GRID_DETOUR, LATEST_MIN, Courier, GrubhubDay
from local.demo.brands import TIMEZONE, VEHICLES, DriverSpec
from local.demo.doors import Door, Refused
from local.demo.drivers import Driver
from local.town.places import Town
from local.town.streets import SIDE_MPS, latlng

#: The platform's limit of stores per merchant; restaurants beyond it get a second merchant.
MOST_STORES = 100
#: Drivers of the demo take this much longer than empty streets would let them.
_TRAFFIC = 1.25


@dataclass(slots=True)
class Merchant:
    """Up to a hundred restaurants behind one credential."""

    restaurants: tuple[str, ...]
    id: str
    api_key: str
    secret: str


class GigCourier(Driver):
    """A driver who comes at the shift's beginning, and goes off duty after its end."""

    def __init__(self, courier: Courier, day_begins_at: datetime, **rest: Any) -> None:
        self._shift_over = threading.Event()
        super().__init__(over=self._shift_over, **rest)
        self._everything_over: threading.Event | None = None
        self._on_at = day_begins_at + timedelta(minutes=courier.on_min)
        self._off_at = day_begins_at + timedelta(minutes=courier.off_min)
        self._at = latlng(courier.start)

    def work_until(self, everything_over: threading.Event) -> threading.Thread:
        """Start the courier's day; returns the thread that ends with it."""
        self._everything_over = everything_over
        threading.Thread(target=self._watch_shift, name=self.name, daemon=True).start()
        day = threading.Thread(target=self.run, name=self.name, daemon=True)
        day.start()
        return day

    def run(self) -> None:
        self._clock.wait_until(self._on_at)
        super().run()
        if self._token:
            # Refused while a route is under way: then the day ended before the courier did.
            with contextlib.suppress(Refused):
                self._call("POST", "/v1/driver/duty", self._off_duty())

    def _off_duty(self) -> dict[str, Any]:
        return {"on_duty": False, "latitude": self._at[0], "longitude": self._at[1]}

    def _watch_shift(self) -> None:
        assert self._everything_over is not None
        while self._clock.now() < self._off_at and not self._everything_over.wait(1):
            pass
        self._shift_over.set()


def set_up(api: Door, operator_key: str, day: GrubhubDay, town: Town) -> tuple[str, list[Merchant]]:
    """Make the hub and the merchants; returns the hub's id and the merchants."""
    desk = town.hubs[0].house
    hub = {
        "name": "Hub",
        "address": "Gridtown",
        "latitude": desk.latitude,
        "longitude": desk.longitude,
        "radius_m": 30_000,
        "timezone": TIMEZONE,
        "country": "DE",
        "offer_ttl_s": 300,
        "wave_horizon_s": 2 * 3600,
        "waves": {"holds_back": False},
    }
    hub_id = str(api.call("POST", "/v1/hubs", hub, operator_key)["id"])
    names = sorted(day.restaurants)
    groups = [tuple(names[n : n + MOST_STORES]) for n in range(0, len(names), MOST_STORES)]
    return hub_id, [_merchant(api, operator_key, hub_id, day, group) for group in groups]


def _merchant(
    api: Door, operator_key: str, hub_id: str, day: GrubhubDay, restaurants: tuple[str, ...]
) -> Merchant:
    places = [latlng(day.restaurants[name]) for name in restaurants]
    body = {
        "name": "Restaurants",
        "hub_id": hub_id,
        "platforms": ["generic"],
        "stores": [
            {
                "external_id": str(700_000_000_000_000_000 + number),
                "name": f"Restaurant {name}",
                "address": "Gridtown",
                "latitude": at[0],
                "longitude": at[1],
            }
            for number, (name, at) in enumerate(zip(restaurants, places, strict=True))
        ],
        "default_weight_g": 1500,
        "promise_s": LATEST_MIN * 60,
    }
    made = api.call("POST", "/v1/merchants", body, operator_key)
    return Merchant(restaurants, made["id"], made["api_key"], made["webhook_secrets"]["generic"])


def hire(api: Door, operator_key: str, hub_id: str, day: GrubhubDay) -> list[DriverSpec]:
    """Enrol the couriers as drivers of cars as fast as the instance says, on the grid."""
    driven_mps = day.metres_per_minute / 60 * GRID_DETOUR
    pace = SIDE_MPS / _TRAFFIC / driven_mps
    vehicle = {"kind": "car", **VEHICLES["car"]}
    specs = []
    for number, courier in enumerate(day.couriers):
        # Phones kept free for films; see local.demo.brands.
        spec = DriverSpec(courier.name, 0, "car", f"+49171392{number:04d}", pace=pace)
        body = {"name": f"Courier {courier.name}", "phone_number": spec.phone, "hub_id": hub_id}
        api.call("POST", "/v1/drivers", {**body, "vehicle": vehicle}, operator_key)
        specs.append(spec)
    return specs
