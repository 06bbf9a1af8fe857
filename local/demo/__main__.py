"""``make demo``: the day, with progress, its figures and its pages.

With ``DEMO_EXIT=1``, or without a terminal, it ends after the day, with status 0 only if every
order came to its proper end. Otherwise the pages stay open until Ctrl-C.
"""

import contextlib
import os
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.table import Table

from local import driver_link
from local.demo import figures, report, waking
from local.demo.books import Books
from local.demo.brands import brands as all_brands
from local.demo.brands import drivers as all_drivers
from local.demo.day import Day, play, read_all, town_orders
from local.demo.orders import expected_rejections
from local.seed import Api, sign_ins
from local.serve import FACTS, known
from local.stack import PlayClock, ensure_package, start_stack, written_down
from local.town.places import build_town

FOLDER = Path("build/demo")
SEED = 7
#: A minute of ours is three hours and more of theirs; for when waves are formed see ``ticks``.
RATE = 200.0
#: The clock runs while the stack is set up: the shops open between six and seven [h, UTC].
DEPLOYED_AT_H = 5


def main() -> int:
    console = Console()
    ends = bool(os.environ.get("DEMO_EXIT")) or not sys.stdout.isatty()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = time.monotonic()

    def say(text: str) -> None:
        console.print(f"[dim]{time.monotonic() - began:6.1f} s[/dim]  {text}")

    ensure_package(say)
    town = build_town(SEED)
    gazetteer = town.write_gazetteer(FOLDER / "gazetteer.json")
    today = datetime.now(UTC).replace(hour=DEPLOYED_AT_H, minute=0, second=0, microsecond=0)
    clock = PlayClock(RATE, today)
    with start_stack(clock=clock, gazetteer_path=gazetteer, progress=say, label="demo") as stack:
        say("waking the other functions")
        waking.wake(stack)
        say("setting up 3 hubs, 4 brands and 12 drivers; then the day begins")
        brands, crew = all_brands(), all_drivers()
        say(f"look over a driver's shoulder: {driver_link.link(stack.base_url, crew[0].phone)}")
        with _shown(console) as progress:
            day = play(stack, town, brands, crew, town_orders(town, brands, SEED), progress)
        key = stack.operator_key
        opened_on = f"&day={day.clock.start_at:%Y-%m-%d}"
        lists = [
            [
                row
                for hub_id in day.hub_ids
                for row in read_all(day.watch.api, f"/v1/{what}?hub_id={hub_id}{on}", what, key)
            ]
            for what, on in (("routes", opened_on), ("waves", ""))
        ]
        wall_s = time.monotonic() - began
        summary = report.summarise(
            day.watch, day.tally, lists[0], lists[1], day.answers, day.mistakes, wall_s
        )
        # Last: the figures of the last ends need a moment, which the rest does not.
        last_day = day.clock.now().date()
        summary["metrics"] = figures.agree(day.watch, day.clock.start_at.date(), last_day)
        say("the day is over; the books are closed, everybody is paid, and all of it compared")
        summary["money"] = Books(day, brands, key).close()
        summary["wall_s"] = round(time.monotonic() - began, 1)
        report.write(FOLDER, summary, town, day.watch, day.tally)
        report.show(console, summary, day.watch, FOLDER)
        report.show_money(console, summary["money"])
        proper = report.is_proper(summary, expected_rejections(day.sendings))
        if ends:
            return 0 if proper else 1
        accounts = sign_ins(Api(stack.base_url, key), brands[0].merchant_id)
        console.print(f"The console: {stack.base_url}/ops, {known(accounts['dispatcher'])}")
        console.print(f"{brands[0].name}'s portal: {stack.base_url}/m, {known(accounts['member'])}")
        console.print("The stack keeps running. Ctrl-C ends it.")
        with written_down(stack, FACTS, accounts), contextlib.suppress(KeyboardInterrupt):
            signal.pause()
    return 0


@contextlib.contextmanager
def _shown(console: Console):  # type: ignore[no-untyped-def]
    """A live panel in a terminal, a line every ten seconds elsewhere."""
    if console.is_terminal:
        with Live(console=console, refresh_per_second=2) as live:
            yield lambda day: live.update(_panel(day))
        return
    last = [0.0]

    def line(day: Day) -> None:
        if time.monotonic() - last[0] >= 10:
            last[0] = time.monotonic()
            found = ", ".join(f"{n} {status}" for status, n in sorted(_counts(day).items()))
            console.print(f"{day.clock.now():%H:%M}  {day.sent} webhooks; {found}")

    yield line


def _counts(day: Day) -> dict[str, int]:
    return dict(day.watch.statuses)


def _panel(day: Day) -> Table:
    table = Table(title=f"{day.clock.now():%A %H:%M}", show_header=False, min_width=60)
    table.add_column(style="dim")
    table.add_column()
    counts = _counts(day)
    done = sum(counts.get(status, 0) for status in ("delivered", "cancelled", "returned"))
    whole = max(1, len(day.watch.deliveries))
    filled = round(36 * done / whole)
    table.add_row("done", f"[green]{'█' * filled}[/green][dim]{'░' * (36 - filled)}[/dim] {done}")
    table.add_row("webhooks in", f"{day.sent} of {len(day.sendings)}")
    on_the_way = ", ".join(f"{n} {status}" for status, n in sorted(counts.items()))
    table.add_row("deliveries", on_the_way or "none yet")
    told = day.tally.counts
    accepted, declined = told.get("offers_accepted", 0), told.get("offers_declined", 0)
    on_duty = told.get("drivers_on_duty", 0)
    table.add_row("drivers", f"{on_duty} on duty, {accepted} offers accepted, {declined} declined")
    table.add_row("drivers earned", f"{told.get('pay_earned_minor', 0) / 100:.2f} EUR")
    table.add_row("driven", f"{day.tally.distance_m / 1000:.1f} km")
    table.add_row("texts", str(len(day.watch.texts)))
    return table


if __name__ == "__main__":
    sys.exit(main())
