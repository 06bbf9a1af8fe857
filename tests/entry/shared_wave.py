"""A stage for waves that are shared out: real functions and tables, workers played by the test.

Queues and payloads are kept in memory, so a test decides which message arrives, when and how often.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.model import Route, Wave
from chalicelib.domain.dispatch.waves import cuts, fanout, planning, snapshots
from chalicelib.domain.dispatch.waves.fanout import SharedWave
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.routing.assemble import assemble
from chalicelib.domain.routing.construct import complete
from chalicelib.domain.routing.travel import matrix
from chalicelib.entry.functions.merge_wave import merge_wave
from chalicelib.entry.functions.plan_waves import plan_waves
from chalicelib.gateways.queues import Queue
from chalicelib.kit.clock import FrozenClock
from chalicelib.kit.geo import LatLng
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.storage.keys import Index, hub_day
from chalicelib.storage.table import Tables
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import a_driver_at_work, a_hub, a_request
from tests.entry.lambda_stage import TICK, Context, from_queue, json

WAVE = "wav_large"
FAN_OUT_ABOVE = 9
DUE, DRIVERS, PARTS = 15, 6, 5


@dataclass
class FakeQueues:
    """SQS: what was sent, and after how many real seconds it shows."""

    sent: list[tuple[Queue, dict[str, Any], float]] = field(default_factory=list)

    def send(self, queue: Queue, message: dict[str, Any], *, delay_s: float = 0) -> None:
        self.sent.append((queue, dict(message), delay_s))


@dataclass
class FakePayloads:
    """S3: refuses to write a key twice, which the real one would let pass."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def put(self, key: str, packed: bytes) -> None:
        assert key not in self.kept
        self.kept[key] = packed

    def get(self, key: str) -> bytes:
        return self.kept[key]


@dataclass
class Workshop:
    """One hub with a large wave; ``deaf``: (round, part) of workers that die over their part."""

    tables: Tables
    clock: FrozenClock
    queues: FakeQueues = field(default_factory=FakeQueues)
    payloads: FakePayloads = field(default_factory=FakePayloads)
    deaf: Callable[[int, int], bool] = lambda round_, part: False
    refs: list[DeliveryRef] = field(default_factory=list)
    hub: Hub = field(default_factory=a_hub)

    @property
    def hub_id(self) -> str:
        return self.hub.id

    def begin(self) -> UnitOfWork:
        return UnitOfWork(self.tables, self.clock)

    def run[T](self, use_case: Callable[[UnitOfWork], T]) -> T:
        uow = self.begin()
        result = use_case(uow)
        uow.commit()
        return result

    def stand_there(self, due: int = DUE, on_duty: int = DRIVERS, hours: int = 4) -> None:
        self.run(lambda uow: merchants.save_hub(uow, self.hub))
        for number in range(on_duty):
            work = a_driver_at_work(f"drv_{number}")
            self.run(lambda uow, one=work: drivers.save_work(uow, one))
        now = self.clock.now()
        for number in range(due):
            request = a_request(
                external_id=str(number),
                dropoff=LatLng(51.2 + number % 6 / 150, 9.4 + number // 6 / 100),
                window=TimeWindow(now, now + timedelta(hours=hours)),
            )
            made = self.run(lambda uow, one=request: deliveries.create(uow, one))
            self.refs.append(deliveries.ref_of(made))

    # -- what functions hear -----------------------------------------------------------------------

    def tick(self) -> dict[str, int]:
        return dict(plan_waves(TICK, Context()))

    def tell(self, message: dict[str, Any]) -> None:
        answered = merge_wave(from_queue(json.dumps(message)), Context())
        assert answered == {"batchItemFailures": []}

    def open(self, wave_id: str = WAVE) -> None:
        self.tell(
            {"wave_id": wave_id, "hub_id": self.hub_id, "slot": "2026-11-27T13", "step": "open"}
        )

    def step(self, step: str, **more: Any) -> None:
        self.tell({"wave_id": WAVE, "hub_id": self.hub_id, "step": step, **more})

    def taken(self, *, delayed: bool = False) -> list[tuple[Queue, dict[str, Any]]]:
        """Messages that show now, or those that were put off; taken from the queues."""
        chosen = [one for one in self.queues.sent if (one[2] > 0) is delayed]
        self.queues.sent = [one for one in self.queues.sent if one not in chosen]
        return [(queue, message) for queue, message, _ in chosen]

    def pump(self, times: int = 1) -> None:
        """Handle what shows, and what comes of it; each message so many times over."""
        while ready := self.taken():
            for _ in range(times):
                for queue, message in ready:
                    if queue is Queue.MERGES:
                        self.tell(message)
                    elif "part" in message:
                        self.solve_part(message)

    def late(self) -> None:
        """The time of the messages that were put off has come, but for the deadline's."""
        for _, message in self.taken(delayed=True):
            if message["step"] == "merge":
                self.tell(message)

    def solve_part(self, message: dict[str, Any]) -> None:
        """A worker: simple insertion for an engine."""
        round_, part = message["round"], message["part"]
        wave = self.shared()
        if self.deaf(round_, part) or wave.round != round_:
            return
        outline, cut = self.outline(wave), self.cut(wave)
        problem, tours = outline.part(cut.shares[part], cut.tours, matrix)
        plan = assemble(problem, complete(problem, tours), engine="construct")
        answer = cuts.answer_of(problem, plan)
        self.run(lambda uow: fanout.keep_answer(uow, WAVE, round_, part, answer))
        self.step("merge", round=round_)

    # -- what came of it ---------------------------------------------------------------------------

    def shared(self) -> SharedWave:
        found = fanout.find(self.begin(), WAVE)
        assert found is not None
        return found

    def outline(self, wave: SharedWave) -> Any:
        packed = self.payloads.get(wave.snapshot)
        return planning.build_outline(snapshots.read_snapshot(packed, self.hub))

    def cut(self, wave: SharedWave) -> cuts.Cut:
        return cuts.read_cut(self.payloads.get(wave.cut))

    def record(self) -> Wave:
        found = dispatch.find_wave(self.begin(), self.hub_id, WAVE)
        assert found is not None
        return found

    def routes(self) -> list[Route]:
        uow = self.begin()
        rows = uow.query_all(Index.LISTS, hub_day(self.hub_id, uow.now.date()))
        return [dispatch.load_route(uow, row["g2sk"]) for row in rows]

    def on_routes(self) -> list[DeliveryRef]:
        return [ref for route in self.routes() for ref in route.deliveries()]


def a_workshop(tables: Tables, clock: FrozenClock, patch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    made = Workshop(tables, clock)
    settings = SimpleNamespace(fan_out_above=FAN_OUT_ABOVE, roads="detours")
    for name, thing in (
        ("tables", tables),
        ("clock", clock),
        ("queues", made.queues),
        ("payloads", made.payloads),
        ("settings", settings),
    ):
        patch.setattr(wiring, name, lambda thing=thing: thing)
    yield made
