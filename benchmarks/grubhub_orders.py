"""One Grubhub city-day through the public doors: signed webhooks in, couriers on their shifts.

Takes the busiest orders in a row of one instance, sends each as a signed generic webhook when it
was placed, lets the couriers who worked then take what they are offered, and prints what became of
it. The clock runs faster than ours, so waves come every ``rate`` minutes of the day. Click-to-door
is from placing an order to handing it over. Source of the targets: the instances' own parameters
(40 minutes wanted, 90 at most).
"""

import argparse
import json
import statistics
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.grubhub_crew import GigCourier, Merchant, hire, set_up
from benchmarks.grubhub_day import (
    LATEST_MIN,
    TARGET_MIN,
    GrubhubDay,
    busiest_part,
    find_instance,
    grid_town,
    house,
    read_day,
)
from local.demo import payloads
from local.demo.day import day_clock, read_all
from local.demo.doors import DayClock, Door
from local.demo.drivers import Tally
from local.demo.watch import FINAL
from local.stack import PlayClock, RunningStack, ensure_package, start_stack

_MIDNIGHT = datetime(2026, 1, 5, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the day; times in minutes of the day."""

    instance: str
    orders: int
    accepted: int
    delivered: int
    couriers: int
    routes: int
    waves: int
    distance_m: int
    click_to_door_mean_min: float | None
    click_to_door_median_min: float | None
    click_to_door_p90_min: float | None
    within_target: int
    within_latest: int
    api_calls: int
    wall_s: float


def send_orders(
    api: Door, clock: DayClock, day: GrubhubDay, merchants: Sequence[Merchant], begins_at: datetime
) -> int:
    """Send each order when it was placed; returns how many were accepted."""
    accepted = 0
    for number, meal in enumerate(day.meals):
        clock.wait_until(begins_at + timedelta(minutes=meal.placed_min))
        merchant = next(one for one in merchants if meal.restaurant in one.restaurants)
        purchase = payloads.Purchase(
            number=number,
            order_id=1_000_000 + number,
            name="Guest",
            phone=f"+49176040690{number % 100:02d}",
            house=house(f"Door {number + 1}", meal.door),
            goods=(("Meal", 1500, 1),),
            store=merchant.restaurants.index(meal.restaurant),
        )
        hook = payloads.generic(merchant.id, merchant.secret, purchase, clock.now())
        answer = api.send("POST", hook.path, hook.body, hook.headers)
        accepted += answer.status == 200 and answer.json.get("outcome") == "created"
    return accepted


def list_deliveries(
    api: Door, merchants: Sequence[Merchant], begins_at: datetime
) -> list[dict[str, Any]]:
    path = f"/v1/deliveries?limit=100&day={begins_at.date().isoformat()}"
    return [row for one in merchants for row in read_all(api, path, "deliveries", one.api_key)]


def play(stack: RunningStack, day: GrubhubDay, patience_min: float, console: Console) -> Outcome:
    """Run the part of the day; it ends when all is delivered or patience after the last order."""
    began = time.monotonic()
    api, clock, town = Door(stack.base_url), day_clock(stack), grid_town(day)
    hub_id, merchants = set_up(api, stack.operator_key, day, town)
    specs = hire(api, stack.operator_key, hub_id, day)
    tally, over = Tally(), threading.Event()
    # The first order is placed now, whatever hour the deployment has come to.
    begins_at = clock.now() - timedelta(minutes=day.begins_min)
    sms_path = stack.sms_url.removeprefix(stack.base_url)
    couriers = [
        GigCourier(
            courier,
            begins_at,
            spec=spec,
            town=town,
            api=api,
            clock=clock,
            tally=tally,
            sms_path=sms_path,
        )
        for courier, spec in zip(day.couriers, specs, strict=True)
    ]
    days = [courier.work_until(over) for courier in couriers]
    console.print(f"{len(day.meals)} orders, {len(couriers)} couriers; the day runs")
    accepted = send_orders(api, clock, day, merchants, begins_at)
    deadline = clock.now() + timedelta(minutes=patience_min)
    rows = list_deliveries(api, merchants, clock.now())
    while clock.now() < deadline and any(row["status"] not in FINAL for row in rows):
        time.sleep(5)
        rows = list_deliveries(api, merchants, clock.now())
        done = sum(row["status"] == "delivered" for row in rows)
        console.print(f"{clock.now():%H:%M}  {done} of {accepted} delivered")
    over.set()
    for one in days:
        one.join(timeout=30)
    lists = {
        what: read_all(api, f"/v1/{what}?hub_id={hub_id}", what, stack.operator_key)
        for what in ("routes", "waves")
    }
    for trouble in tally.troubles:
        console.print(f"trouble: {trouble}")
    return summarise(
        day, rows, accepted, lists, round(tally.distance_m), api.calls, time.monotonic() - began
    )


def summarise(
    day: GrubhubDay,
    rows: Sequence[dict[str, Any]],
    accepted: int,
    lists: dict[str, list[dict[str, Any]]],
    distance_m: int,
    api_calls: int,
    wall_s: float,
) -> Outcome:
    waits = sorted(_click_to_door_min(row) for row in rows if row["status"] == "delivered")
    return Outcome(
        instance=day.name,
        orders=len(day.meals),
        accepted=accepted,
        delivered=len(waits),
        couriers=len(day.couriers),
        routes=sum(route["status"] == "completed" for route in lists["routes"]),
        waves=sum(bool(wave["routes"]) for wave in lists["waves"]),
        distance_m=distance_m,
        click_to_door_mean_min=round(statistics.mean(waits), 1) if waits else None,
        click_to_door_median_min=round(statistics.median(waits), 1) if waits else None,
        click_to_door_p90_min=round(waits[int(0.9 * (len(waits) - 1))], 1) if waits else None,
        within_target=sum(wait <= TARGET_MIN for wait in waits),
        within_latest=sum(wait <= LATEST_MIN for wait in waits),
        api_calls=api_calls,
        wall_s=round(wall_s, 1),
    )


def _click_to_door_min(row: dict[str, Any]) -> float:
    placed, done = (datetime.fromisoformat(row[name]) for name in ("created_at", "updated_at"))
    return (done - placed).total_seconds() / 60


def show(console: Console, outcome: Outcome) -> None:
    table = Table(title=f"Grubhub {outcome.instance}", show_header=False)
    for name, value in asdict(outcome).items():
        table.add_row(name, "-" if value is None else str(value))
    console.print(table)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--instances",
        type=Path,
        default=Path("mdrp_grubhub"),
        help="folder of Grubhub instances, or one of them",
    )
    parser.add_argument("--instance", default="", help="its name; default: the first")
    parser.add_argument("--orders", type=int, default=150)
    parser.add_argument("--couriers", type=int, default=24, help="at most this many (up to 100)")
    parser.add_argument("--rate", type=float, default=20.0, help="the day's seconds per second")
    parser.add_argument("--patience", type=float, default=120.0, help="after the last order [min]")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    chosen = parser.parse_args(arguments)
    found = find_instance(chosen.instances, chosen.instance)
    if found is None:
        print(f"no Grubhub instance in {chosen.instances}: nothing to replay (see --instances)")
        return 0
    day = busiest_part(read_day(found), chosen.orders, min(chosen.couriers, 100), tail_min=90)
    console = Console()
    ensure_package(console.print)
    # Early in a day of UTC, so that the part does not run into the next one.
    clock = PlayClock(chosen.rate, _MIDNIGHT + timedelta(hours=6))
    with start_stack(clock=clock, progress=console.print, label="grubhub") as stack:
        outcome = play(stack, day, chosen.patience, console)
    show(console, outcome)
    if chosen.json:
        chosen.json.parent.mkdir(parents=True, exist_ok=True)
        chosen.json.write_text(json.dumps(asdict(outcome), indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
