"""How long does a checkout wait for "can you take one more today"? Cheapest insertion, measured.

A city of two hundred routes of forty stops (districts of 2 km around centres in a disc of 9 km),
half under way and half not begun, with windows of one to eight hours; one newcomer after the other
asks for room in one window, then in seven more. Seeds are fixed. Times are CPU time of one core:
reading the sheet from its bytes, and asking it. Reading the bytes from DynamoDB is on top.
"""

import argparse
import json
import math
import random
import statistics
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from rich.console import Console
from rich.table import Table

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind, StopStatus
from chalicelib.domain.dispatch.store import route_from_item, route_to_item
from chalicelib.domain.dispatch.today.day_sheets import Ground, draw
from chalicelib.domain.drivers.model import Vehicle, VehicleKind, Work
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.routing import daysheet_wire
from chalicelib.domain.routing.daysheet import (
    Ahead,
    Columns,
    Head,
    Sheet,
    Start,
    Waiting,
    add_row,
)
from chalicelib.domain.routing.detours import Newcomer
from chalicelib.domain.routing.plane import FINEST_SHIFT, Spot, legs_of
from chalicelib.domain.routing.squeeze import Fit, Squeeze, Squeezed
from chalicelib.kit.geo import LatLng
from chalicelib.kit.timewindow import TimeWindow

_CENTRE = LatLng(52.52, 13.40)
_DISC_M, _DISTRICT_M = 9_000, 2_000
_VAN = ("van", 30, 500)
_TRAFFIC_PERCENT = 114
_SERVICE_S, _SETUP_S = 180, 180


@dataclass(frozen=True)
class City:
    """A sheet and where its stores are."""

    sheet: Sheet
    stores: tuple[Spot, ...]


def a_city(rng: random.Random, routes: int, stops: int, stores: int = 60) -> City:
    """The same generator in the same state makes the same city."""
    columns = Columns.empty()
    legs = legs_of(_VAN[0], _TRAFFIC_PERCENT, FINEST_SHIFT, *_VAN[1:])
    shops = tuple(_near(rng, (0, 0), 5_000) for _ in range(stores))
    rows = []
    for number in range(routes):
        head = Head(
            id=f"rte_{rng.getrandbits(100):026x}",
            kind=_VAN[0],
            cost_per_m=_VAN[1],
            cost_per_s=_VAN[2],
            fixed_cost=0,
            max_weight_g=800_000,
            max_volume_ml=4_000_000,
            room=98 - stops,
            until_s=rng.randrange(16_000, 30_000),
        )
        is_open = number % 2 == 0
        centre = _near(rng, (0, 0), _DISC_M)
        spots = _in_turn([_near(rng, centre, _DISTRICT_M) for _ in range(stops)])
        pickup = min(shops, key=lambda shop: math.dist(shop, centre))
        weight_g = 2_500 * stops
        start = Start(None if is_open else pickup, rng.randrange(1_800), weight_g, 5 * weight_g)
        doors = []
        for k, spot in enumerate(spots):
            expected_s = 1_200 + 420 * k
            opens_s = max(0, expected_s - rng.randrange(3_600, 14_000))
            left_g = weight_g - 2_500 * (k + 1)
            latest_s = expected_s + rng.randrange(600, 14_000)
            doors.append(Ahead(spot, 0, _SERVICE_S, opens_s, latest_s, left_g, 5 * left_g))
        if is_open:
            doors.insert(0, Ahead(pickup, _SETUP_S, 20 * stops, 0, 1 << 30, weight_g, 5 * weight_g))
        rows.append(add_row(columns, head, legs, start, doors))
    spare = tuple((row.until_s - rng.randrange(3_600), row.until_s) for row in rows)
    due = {900 * quarter: 2 for quarter in range(20, 32)}
    waiting = Waiting.of(420, due, spare)
    return City(
        Sheet(
            1_795_000_000,
            51_200_000,
            9_400_000,
            FINEST_SHIFT,
            _TRAFFIC_PERCENT,
            tuple(rows),
            columns,
            waiting,
        ),
        shops,
    )


def a_newcomer(rng: random.Random, city: City) -> Newcomer:
    return Newcomer(
        pickup=rng.choice(city.stores),
        dropoff=_near(rng, (0, 0), _DISC_M),
        weight_g=2_500,
        volume_ml=12_500,
        pickup_setup_s=_SETUP_S,
        pickup_service_s=20,
        dropoff_service_s=_SERVICE_S,
    )


def _near(rng: random.Random, centre: Spot, reach_m: int) -> Spot:
    far, angle = reach_m * math.sqrt(rng.random()), rng.random() * math.tau
    return centre[0] + round(far * math.cos(angle)), centre[1] + round(far * math.sin(angle))


def _in_turn(spots: list[Spot]) -> list[Spot]:
    """Nearest neighbour after nearest neighbour: a route that somebody might drive."""
    left, turn = spots[1:], spots[:1]
    while left:
        coming = min(left, key=lambda spot: math.dist(spot, turn[-1]))
        left.remove(coming)
        turn.append(coming)
    return turn


@dataclass(frozen=True)
class Asked:
    """What one newcomer took [ms of CPU]: reading the sheet, one window, seven more; and got."""

    read_ms: float
    one_ms: float
    more_ms: float
    found: Fit | Squeezed


def ask(packed: bytes, new: Newcomer, opens_s: int) -> Asked:
    # CPU time of this thread, because the question is what one core takes, not who else is there.
    clock = time.thread_time
    marks = [clock()]
    sheet = daysheet_wire.unpack(packed)
    marks.append(clock())
    squeeze = Squeeze(sheet, new)
    found = squeeze.into(opens_s, opens_s + 7_200)
    marks.append(clock())
    for at_s in range(0, 25_200, 3_600):
        squeeze.into(at_s, at_s + 3_600)
    marks.append(clock())
    return Asked(*(1000 * (after - before) for before, after in pairwise(marks)), found)


def _percentile(values: Iterable[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def measure(seed: int, routes: int, stops: int, asks: int) -> dict[str, float]:
    """One city and so many newcomers; milliseconds and bytes."""
    rng = random.Random(seed)
    city = a_city(rng, routes, stops)
    packed = daysheet_wire.pack(city.sheet)
    asked = [ask(packed, a_newcomer(rng, city), rng.randrange(0, 9_000)) for _ in range(asks)]
    extra_s = [one.found.extra_s for one in asked if isinstance(one.found, Fit)]
    whole = [one.read_ms + one.one_ms for one in asked]
    return {
        "seed": seed,
        "bytes": len(packed),
        "fits_percent": 100 * len(extra_s) // asks,
        "extra_min": statistics.median(extra_s) / 60 if extra_s else 0,
        "read_p50_ms": _percentile((one.read_ms for one in asked), 50),
        "one_p50_ms": _percentile((one.one_ms for one in asked), 50),
        "one_p95_ms": _percentile((one.one_ms for one in asked), 95),
        "whole_p50_ms": _percentile(whole, 50),
        "whole_p95_ms": _percentile(whole, 95),
        "eight_windows_p95_ms": _percentile(
            (t + one.more_ms for t, one in zip(whole, asked, strict=True)), 95
        ),
    }


def a_ground(rng: random.Random, routes: int, stops: int) -> Ground:
    """The same kind of day as dispatch keeps it, half of the routes under way."""
    at = datetime(2026, 11, 27, 11, 0, tzinfo=UTC)
    hub = Hub("hub_1", "Hub", "", _CENTRE, 15_000, "Europe/Berlin", "DE", 45, 14_400)
    vehicle = Vehicle(VehicleKind.VAN, 800_000, 4_000_000)
    made, works = [], []
    for number in range(routes):
        route_id, driver_id = f"rte_{number:026d}", f"drv_{number:026d}"
        made.append(_a_route(rng, route_id, driver_id, at, stops, is_begun=number % 2 == 1))
        works.append(
            Work(
                driver_id,
                hub.id,
                vehicle,
                1,
                on_duty=True,
                shift_ends_at=at + timedelta(hours=7),
                route_id=route_id,
            )
        )
    return Ground(hub, at, tuple(works), tuple(made), {}, ())


def _a_route(
    rng: random.Random, route_id: str, driver_id: str, at: datetime, stops: int, *, is_begun: bool
) -> Route:
    store = _a_position(rng)
    refs = [
        DeliveryRef(f"mer_{rng.randrange(40):026d}", f"del_{rng.getrandbits(80):026d}"[:30])
        for _ in range(stops)
    ]
    pickup = Stop(
        "stp_" + "0" * 26,
        StopKind.PICKUP,
        "Store",
        store,
        tuple(refs),
        at,
        20 * stops,
        status=StopStatus.DONE if is_begun else StopStatus.PENDING,
        arrived_at=at if is_begun else None,
        weight_g=2_500 * stops,
        volume_ml=12_500 * stops,
    )
    doors = [
        Stop(
            f"stp_{number:026d}",
            StopKind.DROPOFF,
            "",
            _a_position(rng),
            (ref,),
            at + timedelta(minutes=20 + 7 * number),
            _SERVICE_S,
            window=TimeWindow(at, at + timedelta(hours=8)),
            weight_g=2_500,
            volume_ml=12_500,
        )
        for number, ref in enumerate(refs)
    ]
    status = RouteStatus.UNDER_WAY if is_begun else RouteStatus.ASSIGNED
    return Route(
        route_id,
        "hub_1",
        "wav_" + "0" * 26,
        VehicleKind.VAN,
        100_000,
        500_000,
        status,
        3,
        at,
        at,
        at + timedelta(hours=6),
        60_000,
        20_000,
        (pickup, *doors),
        driver_id,
    )


def _a_position(rng: random.Random) -> LatLng:
    return LatLng(
        _CENTRE.latitude + rng.uniform(-0.08, 0.08), _CENTRE.longitude + rng.uniform(-0.12, 0.12)
    )


def drawing(seed: int, routes: int, stops: int) -> str:
    """What drawing a sheet takes, beside reading the routes."""
    ground = a_ground(random.Random(seed), routes, stops)
    items = [route_to_item(route) for route in ground.routes]
    started = time.thread_time()
    for item in items:
        route_from_item(item)
    read_ms = 1000 * (time.thread_time() - started)
    started = time.thread_time()
    packed = daysheet_wire.pack(draw(ground))
    draw_ms = 1000 * (time.thread_time() - started)
    route_bytes = statistics.mean(len(json.dumps(item)) for item in items)
    return (
        f"drawing: {read_ms:.0f} ms to read {routes} routes of {route_bytes / 1000:.1f} kB, "
        f"{draw_ms:.0f} ms to draw and pack {len(packed) / 1000:.0f} kB"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--routes", type=int, default=200)
    parser.add_argument("--stops", type=int, default=40)
    parser.add_argument("--asks", type=int, default=200, help="newcomers per seed")
    parser.add_argument("--json", help="write the rows there")
    asked = parser.parse_args()
    rows = [
        measure(seed, asked.routes, asked.stops, asked.asks) for seed in range(1, asked.seeds + 1)
    ]
    table = Table(title=f"{asked.routes} routes of {asked.stops} stops")
    for name in rows[0]:
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(*(f"{value:,.2f}".removesuffix(".00") for value in row.values()))
    Console(width=180).print(table)
    Console(width=180).print(drawing(1, asked.routes, asked.stops))
    if asked.json:
        Path(asked.json).write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
