"""The day itself: set up, let orders flow and drivers drive, watch until everything has ended."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from local.demo import orders
from local.demo.brands import Brand, DriverSpec, set_up
from local.demo.doors import DayClock, Door
from local.demo.drivers import Driver, Tally
from local.demo.orders import Sending
from local.demo.payloads import Webhook
from local.demo.recipients import Recipients
from local.demo.streets import lay_streets
from local.demo.ticks import keep_ticking
from local.demo.watch import Watch, keep_watching
from local.stack import RunningStack
from local.town.places import Town

#: The day is given up when it has not ended by then [real s].
LONGEST_S = 400
_SENDERS = 2
Progress = Callable[["Day"], None]


@dataclass
class Day:
    """A running day: what is shown while it runs, what is counted when it is over."""

    clock: DayClock
    watch: Watch
    tally: Tally
    sendings: list[Sending]
    hub_ids: list[str]
    driver_ids: list[str]
    answers: Counter[str] = field(default_factory=Counter)
    mistakes: list[str] = field(default_factory=list)

    @property
    def sent(self) -> int:
        return sum(self.answers.values())


def play(
    stack: RunningStack,
    town: Town,
    brands: Sequence[Brand],
    crew: Sequence[DriverSpec],
    sendings_of: Callable[[], list[Sending]],
    progress: Progress,
) -> Day:
    """Run the whole day; returns when every delivery has ended or the time is up."""
    api, over = Door(stack.base_url), threading.Event()
    sms_path = stack.sms_url.removeprefix(stack.base_url)
    clock = day_clock(stack)
    hub_ids, driver_ids = set_up(api, stack.operator_key, town, brands, crew)
    lay_streets(stack, hub_ids)
    sendings = sendings_of()
    recipients = Recipients(api, clock)
    watch = Watch(api, clock, brands, sendings, sms_path, stack.operator_key, recipients)
    day = Day(clock, watch, Tally(), sendings, hub_ids, driver_ids)
    opening_at = clock.now()
    drivers = [
        threading.Thread(target=driver.run, name=driver.name, daemon=True)
        for driver in (Driver(spec, town, api, clock, day.tally, over, sms_path) for spec in crew)
    ]
    for thread in drivers:
        thread.start()
    senders = [
        threading.Thread(
            target=_send_all, args=(day, api, opening_at, part), name="shops", daemon=True
        )
        for part in _shares(sendings)
    ]
    for thread in senders:
        thread.start()
    watching = keep_watching(watch, over)
    ticking = keep_ticking(stack, clock, over, day.tally.troubles)
    _wait_for_the_end(day, senders, drivers, progress)
    over.set()
    for thread in (*drivers, watching, ticking):
        thread.join(timeout=20)
    watch.look()
    progress(day)
    return day


def day_clock(stack: RunningStack) -> DayClock:
    """The clock that was deployed with the stack."""
    if "ClockStart" not in stack.clock:
        now = datetime.now(UTC)
        return DayClock(1.0, now, now)
    return DayClock(
        float(stack.clock["ClockRate"]),
        datetime.fromisoformat(stack.clock["ClockAnchor"]),
        datetime.fromisoformat(stack.clock["ClockStart"]),
    )


def read_all(api: Door, path: str, key: str, token: str) -> list[dict[str, Any]]:
    """Every page of one of the operator's lists."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = api.call("GET", path + (f"&cursor={cursor}" if cursor else ""), token=token)
        found.extend(page[key])
        cursor = page.get("next_cursor") or ""
        if not cursor:
            return found


def _shares(sendings: Sequence[Sending]) -> list[list[Sending]]:
    """Share the sendings out; all of one order go through the same hands, in their order."""
    keys = sorted({one.key for one in sendings})
    hand = {key: number % _SENDERS for number, key in enumerate(keys)}
    return [[one for one in sendings if hand[one.key] == share] for share in range(_SENDERS)]


def _send_all(day: Day, api: Door, opening_at: datetime, sendings: Sequence[Sending]) -> None:
    sent: dict[str, Webhook] = {}
    for one in sendings:
        day.clock.wait_until(opening_at + timedelta(minutes=one.minute))
        hook = sent[one.repeats] if one.repeats else one.make(day.clock.now())
        sent.setdefault(one.key, hook)
        answer = api.send("POST", hook.path, hook.body, hook.headers)
        said = answer.json
        outcome = str(said.get("outcome") or said.get("code"))
        reason = str(said.get("code") or "") if outcome == "rejected" else ""
        day.answers[f"{outcome}/{reason}" if reason else outcome] += 1
        if outcome != one.outcome or (one.reason and one.reason != reason):
            wanted = f"{one.outcome} {one.reason}".strip()
            day.mistakes.append(
                f"{one.key}: wanted {wanted}, got {answer.status} {outcome} {said.get('code')}"
            )


def _wait_for_the_end(
    day: Day,
    senders: Sequence[threading.Thread],
    drivers: Sequence[threading.Thread],
    progress: Progress,
) -> None:
    deadline = time.monotonic() + LONGEST_S
    while time.monotonic() < deadline:
        progress(day)
        time.sleep(1)
        everything_sent = not any(sender.is_alive() for sender in senders)
        wanted = sum(one.outcome == "created" and not one.repeats for one in day.sendings)
        if day.tally.troubles and not any(thread.is_alive() for thread in drivers):
            return
        if everything_sent and len(day.watch.deliveries) >= wanted and not day.watch.unfinished:
            return


def town_orders(town: Town, brands: Sequence[Brand], seed: int) -> Callable[[], list[Sending]]:
    """The demo's own orders; made after the brands have their secrets."""
    return lambda: orders.plan_day(town, brands, seed)
