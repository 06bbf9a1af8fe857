"""How fast is the dispatchers' console with a large day? 2,000 stops and 100 drivers, in Chromium.

The day is drawn by a seed, written by the very functions that answer ``/ops/board`` and
``/ops/changes``, and served on loopback beside the console's own files. Told are, in processor time
of the page's main thread (so that a busy machine does not count) and on the clock: opening the page
until its list can be read; news of drivers until the frame that shows them; a press on a stop until
list and timeline show it. And the bytes of polls, gzipped as API Gateway sends them. On the clock,
frames come 60 times a second: up to 17 ms of each figure are waiting for one; what measuring itself
costs is told as two frames in which nothing happens.

``python -m benchmarks.console --runs 60`` (needs Debian's chromium).
"""

import argparse
import gzip
import json
import random
import statistics
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chalicelib.domain.board.cursor import TURNS, Heard, write
from chalicelib.domain.board.model import Day, News, OnDuty, OnRoute
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind, StopStatus
from chalicelib.domain.drivers.model import Vehicle, VehicleKind, Work
from chalicelib.domain.tracking import outlook_store
from chalicelib.domain.tracking.eta import Arrival, Outlook
from chalicelib.domain.tracking.whereabouts import Fix
from chalicelib.domain.tracking.windows import Shown, Window
from chalicelib.entry.api.board_answers import write_day, write_news
from chalicelib.kit.geo import LatLng
from chalicelib.kit.ids import new_id
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.web import assets, ops_app

ROUTES, STOPS = 100, 20
HUB = {"id": "hub_01m83qpn8tsfztk8g4j2we32hb", "name": "Mitte", "timezone": "Europe/Berlin"}
HUB |= {"latitude": 52.52, "longitude": 13.41}
NOW = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
#: What a hub of this size does in five seconds: a driver renews an outlook once a minute and taps
#: twice a stop.
TICK_OUTLOOKS, TICK_ROUTES = 8, 1
_CHROMIUM = "/usr/bin/chromium"
_LEFT = "new Promise((go) => requestAnimationFrame(() => setTimeout(go)))"


class City:
    """A day with 100 drivers under way, half of their stops done."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.merchants = [new_id("mer", NOW) for _ in range(12)]
        self.late: dict[str, int] = {}
        self.works = [
            Work(
                new_id("drv", NOW),
                HUB["id"],
                Vehicle(VehicleKind.VAN, 500_000, 3_000_000),
                1,
                on_duty=True,
                shift_ends_at=NOW + timedelta(hours=6),
            )
            for _ in range(ROUTES)
        ]
        self.routes = [self._route(work) for work in self.works]

    def place(self) -> LatLng:
        return LatLng(52.52 + self.dice.gauss(0, 0.04), 13.41 + self.dice.gauss(0, 0.07))

    def _route(self, work: Work) -> Route:
        starts_at = NOW - timedelta(minutes=self.dice.randint(60, 180))
        stops = tuple(self._stop(starts_at, number) for number in range(STOPS))
        return Route(
            id=new_id("rte", NOW),
            hub_id=HUB["id"],
            wave_id=new_id("wav", NOW),
            vehicle_kind=VehicleKind.VAN,
            load_weight_g=90_000,
            load_volume_ml=400_000,
            status=RouteStatus.UNDER_WAY,
            version=STOPS,
            planned_at=starts_at,
            starts_at=starts_at,
            ends_at=stops[-1].planned_arrival_at + timedelta(minutes=5),
            distance_m=41_000,
            duration_s=4 * 3600,
            stops=stops,
            driver_id=work.driver_id,
            asked=1,
        )

    def _stop(self, starts_at: datetime, number: int) -> Stop:
        at = starts_at + timedelta(minutes=12 * number)
        end = at + timedelta(minutes=self.dice.randint(-5, 120))
        is_over = at < NOW
        stop_id = new_id("stp", NOW)
        self.late[stop_id] = self.dice.choice((0, 0, 2, 2, 8, 30, 60, 90))
        return Stop(
            id=stop_id,
            kind=StopKind.DROPOFF,
            place_name="",
            position=self.place(),
            deliveries=(DeliveryRef(self.dice.choice(self.merchants), new_id("del", NOW)),),
            planned_arrival_at=at,
            service_s=180,
            status=StopStatus.DONE if is_over else StopStatus.PENDING,
            arrived_at=at if is_over else None,
            done_at=at + timedelta(minutes=3) if is_over else None,
            window=TimeWindow(end - timedelta(hours=2), end),
        )

    def outlook(self, route: Route) -> Outlook:
        """The stops ahead, a few minutes off the plan."""
        off = timedelta(seconds=self.dice.randint(-300, 900))
        arrivals = []
        for number, stop in enumerate(one for one in route.stops if not one.status.is_over):
            at = stop.planned_arrival_at + off
            span = (at - timedelta(minutes=4), at, at + timedelta(minutes=6))
            usual = self.late[stop.id]
            late = max(0, min(100, usual + self.dice.randint(-4, 4)))
            shown = Shown(span[0], span[2], 0, 0)
            until = stop.window.end_at if stop.window else None
            arrivals.append(
                Arrival(stop.id, stop.deliveries, True, number, Window(*span), shown, until, late)
            )
        return Outlook(route.id, route.hub_id, route.driver_id or "", NOW, tuple(arrivals))

    def fixes(self, turn: int) -> dict[str, Fix]:
        """Where a quarter of the drivers are."""
        ids = [work.driver_id for work in self.works][turn::TURNS]
        return {one: Fix(self.place(), NOW, 1) for one in ids}

    def day(self) -> dict[str, Any]:
        fixes = {one: fix for turn in range(TURNS) for one, fix in self.fixes(turn).items()}
        day = Day(
            at=NOW,
            cursor=cursor(),
            routes=tuple(OnRoute(one, self.outlook(one)) for one in self.routes),
            drivers=tuple(OnDuty(work, f"Driver {n}") for n, work in enumerate(self.works)),
            fixes=fixes,
            waiting=(),
            merchants={one: f"Brand {n}" for n, one in enumerate(self.merchants)},
        )
        return write_day(HUB["id"], day)

    def tick(self, turn: int, routes: int = TICK_ROUTES, outlooks: int = TICK_OUTLOOKS) -> Any:
        """What an ordinary poll answers."""
        at = NOW + timedelta(seconds=5 * turn)
        some = self.dice.sample(range(ROUTES), routes + outlooks)
        for number in some[:routes]:
            self.routes[number] = tapped(self.routes[number], at)
        told = [self.routes[number] for number in some]
        news = News(
            at=at,
            cursor=cursor(),
            routes=tuple(OnRoute(one, self.outlook(one)) for one in told[:routes]),
            outlooks=tuple(self.outlook(one) for one in told[routes:]),
            fixes=self.fixes(turn % TURNS),
        )
        return write_news(news)


def tapped(route: Route, at: datetime) -> Route:
    """The route after its driver has done the next stop."""
    ahead = next((n for n, one in enumerate(route.stops) if not one.status.is_over), None)
    if ahead is None:
        return route
    done = replace(route.stops[ahead], status=StopStatus.DONE, arrived_at=at, done_at=at)
    stops = (*route.stops[:ahead], done, *route.stops[ahead + 1 :])
    return replace(route, stops=stops, version=route.version + 1)


def cursor() -> str:
    return write(HUB["id"], Heard(int(NOW.timestamp() * 1000), "0123456789abcdef"))


def on_the_wire(told: Any) -> int:
    return len(gzip.compress(json.dumps(told, separators=(",", ":")).encode(), 6))


def item_bytes(value: Any) -> int:
    """What DynamoDB counts of a value: names and texts by their bytes, three for a list or map."""
    if isinstance(value, dict):
        return 3 + sum(1 + len(name) + item_bytes(one) for name, one in value.items())
    if isinstance(value, list | tuple):
        return 3 + sum(1 + item_bytes(one) for one in value)
    return len(value.encode()) if isinstance(value, str) else 8


def units(*sizes: int) -> int:
    """Read units of items that are read by their keys, strongly consistent."""
    return sum(-(-size // 4096) for size in sizes)


def reads(city: City, outlooks: int, routes: int) -> float:
    """Read units of a poll: marks of 90 seconds, who is on duty, a quarter of the positions, and
    what changed."""
    marks = 90 / 5 * (outlooks + 2 * routes)
    marked = units(round(marks * 190)) or 1
    if not outlooks:
        return marked
    on_duty = units(ROUTES * 190) / 2
    items = [dispatch.route_to_item(one) for one in city.routes[:routes]]
    items += [outlook_store.to_item(city.outlook(one)) for one in city.routes[: outlooks + routes]]
    return marked + on_duty + ROUTES // TURNS + units(*map(item_bytes, items))


def serve(city: City) -> ThreadingHTTPServer:
    answers = {
        "/v1/hubs": {"hubs": [HUB]},
        "/ops/board": city.day(),
        "/ops/changes": {"at": city.day()["at"], "cursor": cursor()},
        "/ops/streets": {"main": [], "side": [], "credit": ""},
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            headers = {"Content-Type": "application/json"}
            if path == "/ops":
                body = ops_app.page()
                headers = ops_app.headers(body)
            elif path.startswith("/s/"):
                asset = assets.by_name()[path.removeprefix("/s/")]
                body, headers = asset.content, {"Content-Type": asset.content_type}
            else:
                body = json.dumps(answers.get(path, {"detail": "not a part of this day"}))
            packed = gzip.compress(body.encode(), 6)
            is_there = path in answers or path == "/ops" or path.startswith("/s/")
            self.send_response(200 if is_there else 404)
            sizes = {"Content-Encoding": "gzip", "Content-Length": str(len(packed))}
            for name, value in {**headers, **sizes}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(packed)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class Page:
    """A tab, and how much its main thread has worked [s]."""

    def __init__(self, browser: Any, address: str) -> None:
        self.tab = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        self._devtools = self.tab.context.new_cdp_session(self.tab)
        self._devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
        self.tab.goto(address)
        self.tab.wait_for_selector(".list .row")
        self.opened = Spent(self.tab.evaluate(f"{_LEFT}.then(() => performance.now())"), self.busy)
        self.tab.wait_for_selector("html[data-map=yes]")

    @property
    def busy(self) -> float:
        told = self._devtools.send("Performance.getMetrics")["metrics"]
        return 1000 * next(one["value"] for one in told if one["name"] == "TaskDuration")

    def spent(self, module: str, script: str, given: Any) -> "Spent":
        """What a call of one of the console's modules takes until it is painted."""
        name = assets.served(f"static/ops/{module}")
        self.tab.evaluate(f"""import("./s/{name}").then((module) => (window.module = module))""")
        before = self.busy
        clock_ms = self.tab.evaluate(
            f"""async (given) => {{ await {_LEFT}; const from = performance.now();
              {script}; await {_LEFT}; return performance.now() - from; }}""",
            given,
        )
        return Spent(clock_ms, self.busy - before)


@dataclass(frozen=True)
class Spent:
    clock_ms: float
    busy_ms: float


def chosen(page: Page, city: City) -> Spent:
    stop = city.dice.choice(city.dice.choice(city.routes).stops).id
    script = """window.module.select({ kind: "stop", id: given });
      while (!document.querySelector(`.list [data-id="${given}"][aria-current]`) ||
        !document.querySelector(`.gantt .chosen[data-stop="${given}"]`)) await """
    return page.spent("state.js", script + _LEFT, stop)


def median(name: str, all_of_it: list[Spent]) -> dict[str, float]:
    busy = sorted(one.busy_ms for one in all_of_it)
    return {
        f"{name}, median of work [ms]": statistics.median(busy),
        f"{name}, 95 % of work [ms]": busy[int(0.95 * len(busy))],
        f"{name}, median on the clock [ms]": statistics.median(one.clock_ms for one in all_of_it),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", default="")
    asked = parser.parse_args()
    from playwright.sync_api import sync_playwright

    city = City(asked.seed)
    server = serve(city)
    address = f"http://127.0.0.1:{server.server_port}/ops"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        Page(browser, address)
        pages = [Page(browser, address) for _ in range(3)]
        page, runs = pages[-1], range(asked.runs)
        news = "window.module.takeNews(given)"
        nothing = [page.spent("board.js", "void given", city.tick(turn)) for turn in runs]
        moved = [page.spent("board.js", news, city.tick(turn)) for turn in runs]
        pressed = [chosen(page, city) for _ in runs]
        browser.close()
    server.shutdown()
    sizes = [on_the_wire(city.tick(turn)) for turn in runs]
    figures = {
        **median("list can be read", [one.opened for one in pages]),
        **median("two frames in which nothing happens", nothing),
        **median("news of drivers shown", moved),
        **median("selection shown", pressed),
        "ordinary poll, median [bytes]": statistics.median(sizes),
        "ordinary poll, most [bytes]": max(sizes),
        "poll without news [bytes]": on_the_wire({"at": city.day()["at"], "cursor": cursor()}),
        "whole day [bytes]": on_the_wire(city.day()),
        "ordinary poll, DynamoDB [read units]": reads(city, TICK_OUTLOOKS, TICK_ROUTES),
        "poll while nothing happens [read units]": reads(city, 0, 0),
        "scripts, gzip [bytes]": sum(
            len(gzip.compress(assets.by_name()[one].content.encode(), 9)) for one in ops_app.files()
        ),
    }
    for name, value in figures.items():
        print(f"{name:<45} {value:>10,.0f}")
    if asked.json:
        Path(asked.json).write_text(json.dumps(figures, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
