"""How soon does the recipient's page show something? On slow nets, with a slow phone, cold.

The page with its map, served on loopback as the tests serve it, opened in Chromium with the nets of
its developer tools and a processor four times slower. Each run is a new browser context: nothing is
kept. Told are the medians of first paint, of when the map can be moved, and the largest layout
shift; and how long a worker draws: the streets of a door, and a whole page.

``python -m benchmarks.pages --runs 7`` (needs Debian's chromium).
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from chalicelib.domain.deliveries.model import Status
from chalicelib.domain.routing.street_lines import StreetLines
from chalicelib.kit.languages import Language
from chalicelib.web import svgmap, track_page
from local.streets.__main__ import demo_town
from local.streets.contract import contract, pack
from tests.web.browser.track_stage import DOOR, Stage, served, streets

#: Round trip [ms], down and up [bits/s]: Chromium's presets, first paint that we promise [ms].
NETS = {
    "slow 4G": (150, 1_600_000, 750_000, 1_000),
    "slow 3G": (400, 400_000, 400_000, 1_600),
}
SLOWER = 4
_CHROMIUM = "/usr/bin/chromium"
_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
_SHIFT = """() => new Promise((done) => { let sum = 0;
  new PerformanceObserver((list) => { for (const one of list.getEntries()) sum += one.value; })
    .observe({type: 'layout-shift', buffered: true}); setTimeout(() => done(sum), 50); })"""


def paint(browser: Any, address: str, net: tuple[int, int, int, int]) -> tuple[float, float, float]:
    """First paint and moving map [ms], and the layout's shift, of one cold opening."""
    round_trip_ms, down, up, _ = net
    context = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2)
    tab = context.new_page()
    devtools = context.new_cdp_session(tab)
    devtools.send("Network.enable")
    devtools.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": round_trip_ms,
            "downloadThroughput": down / 8,
            "uploadThroughput": up / 8,
        },
    )
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    started = time.perf_counter()
    tab.goto(f"{address}/{Status.EN_ROUTE_TO_DROPOFF.value}", wait_until="load")
    tab.wait_for_selector("html[data-map=ready]", state="attached", timeout=60_000)
    moved_ms = 1000 * (time.perf_counter() - started)
    found = float(tab.evaluate(_PAINT)), moved_ms, float(tab.evaluate(_SHIFT))
    context.close()
    return found


def drawing() -> dict[str, float]:
    """What a worker takes [ms]: medians of twenty."""
    packed = pack(contract(demo_town().largest_part()))
    lines = StreetLines(packed)
    shown = Stage().shown(Status.EN_ROUTE_TO_DROPOFF, Language.EN)
    return {
        "read a town's streets": _median_ms(lambda: StreetLines(packed)),
        "draw the streets of a door": _median_ms(lambda: svgmap.paths(lines.around(DOOR))),
        "render the page": _median_ms(
            lambda: track_page.page(shown.t, shown, "t" * 22, streets=streets())
        ),
    }


def _median_ms(act: Any) -> float:
    took = []
    for _ in range(20):
        started = time.perf_counter()
        act()
        took.append(1000 * (time.perf_counter() - started))
    return statistics.median(took)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(arguments)
    from playwright.sync_api import sync_playwright

    rows, in_time = [], True
    with served() as stage, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        # The first opening is the browser's own start, and the town's.
        paint(browser, stage.address, NETS["slow 4G"])
        for name, net in NETS.items():
            runs = [paint(browser, stage.address, net) for _ in range(given.runs)]
            first, moved = (
                statistics.median(column) for column in list(zip(*runs, strict=True))[:2]
            )
            shift = max(one[2] for one in runs)
            in_time &= first <= net[3] and shift <= 0.02
            rows.append({"net": name, "paint_ms": first, "map_ms": moved, "shift": shift})
        browser.close()
    table = Table("net", "first paint [ms]", "map can be moved [ms]", "layout shift")
    for row in rows:
        figures = (f"{row['paint_ms']:.0f}", f"{row['map_ms']:.0f}", f"{row['shift']:.3f}")
        table.add_row(str(row["net"]), *figures)
    told = drawing()
    console = Console()
    console.print(table)
    for what, took_ms in told.items():
        console.print(f"{what}: {took_ms:.1f} ms")
    if given.json:
        given.json.write_text(json.dumps({"runs": given.runs, "nets": rows, "drawing_ms": told}))
    return 0 if in_time else 1


if __name__ == "__main__":
    sys.exit(main())
