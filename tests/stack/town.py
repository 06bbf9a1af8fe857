"""One deployed stack as a test sees it: its doors, its tables, its queues, its processes.

What a test is about goes through the public doors. What it only needs to stand there (hubs' drivers
on duty, waiting deliveries, routes) is made by the use cases themselves, straight on the stack's
tables, because forty sign-ins by text would take longer than everything else.
"""

import base64
import itertools
import json
import os
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from chalicelib.domain.deliveries import lists
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.model import Route, RouteStatus
from chalicelib.domain.drivers import service as drivers
from chalicelib.domain.drivers import sessions
from chalicelib.domain.drivers.model import Vehicle, VehicleKind
from chalicelib.kit.clock import Clock
from chalicelib.kit.geo import LatLng
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.phone import Phone
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.storage.keys import Index, TableName, hub_day
from chalicelib.storage.table import Item, Refused, Tables
from chalicelib.storage.unit_of_work import UnitOfWork
from local.seed import CENTRE, HUB, PLATFORMS, STORE, Api
from local.stack import RunningStack
from tests.builders import a_request
from tests.stack import processes

TICK = {
    "version": "0",
    "id": "1",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "000000000000",
    "time": "2026-11-27T09:00:00Z",
    "region": "eu-central-1",
    "resources": ["arn:aws:events:eu-central-1:000000000000:rule/tick"],
    "detail": {},
}
#: A hub that waits for its drivers as long as it may: on this stage's fast clock twelve minutes of
#: ours for an answer, and more for coming.
PATIENT = {"offer_ttl_s": 7200, "asking": {"no_show_after_s": 14_400}}
STORE_AT = LatLng(STORE["latitude"], STORE["longitude"])


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any
    raw: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Driver:
    id: str
    phone: Phone


@dataclass
class Place:
    """A hub with one merchant, apart from those of the other tests."""

    hub_id: str
    merchant_id: str
    api_key: str
    secrets: dict[str, str]
    store_id: str
    refs: list[DeliveryRef] = field(default_factory=list)


#: A bound on how long a test that fails takes. It proves nothing: machines are as slow as they are.
PATIENCE_S = 300


def wait_until[T](ask: Callable[[], T], within_s: float = PATIENCE_S, pause_s: float = 0.2) -> T:
    """Ask until the answer is true; the last answer, whatever it is, when time is over."""
    deadline = time.monotonic() + within_s
    while True:
        answer = ask()
        if answer or time.monotonic() > deadline:
            return answer
        time.sleep(pause_s)


class Town:
    def __init__(self, stack: RunningStack) -> None:
        self.stack = stack
        self.cloud = stack.cloud
        self.clock = Clock(
            float(stack.clock["ClockRate"]),
            datetime.fromisoformat(stack.clock["ClockAnchor"]),
            datetime.fromisoformat(stack.clock["ClockStart"]),
        )
        names = {table: stack.outputs[f"{table.value.title()}TableName"] for table in TableName}
        self.names = names
        self.tables = Tables(self.cloud.client("dynamodb"), names)
        self.server_key = _server_key(self.cloud.client("ssm"), stack.outputs)
        self._sqs = self.cloud.client("sqs")
        self._lambda = self.cloud.client("lambda")
        self._numbers = itertools.count(10)

    # -- doors -----------------------------------------------------------------------------------

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        token: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """One request through the front door; bytes are sent as they are."""
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **(headers or {})}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        parts = urlsplit(self.stack.base_url)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE_S)
        try:
            connection.request(method, path, raw, sent)
            response = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        is_json = "json" in (response.getheader("Content-Type") or "")
        told = {name.lower(): text for name, text in response.getheaders()}
        return Reply(response.status, json.loads(answer) if is_json else None, answer, told)

    def texts(self, phone: str) -> list[str]:
        sent = self.call("GET", "/_local/sms").body
        return [text["body"] for text in sent if text["to"] == phone]

    def invoke(self, function: str, event: Mapping[str, Any] = TICK) -> Any:
        """Call a function: a scheduled one as its schedule does, unless an event is given."""
        reply = self._lambda.invoke(
            FunctionName=f"lastmile-local-{function}", Payload=json.dumps(event).encode()
        )
        assert "FunctionError" not in reply, reply["Payload"].read()
        return json.loads(reply["Payload"].read())

    def soon[T](self, ask: Callable[[], T], function: str) -> T:
        """What the news leads to. Should it not, because somebody else was faster in between, then
        the next tick of this function does, which the test's stack holds back (conftest)."""

        def ask_or_tick() -> T:
            answer = wait_until(ask, 10)
            if not answer:
                self.invoke(function)
            return answer

        return wait_until(ask_or_tick)

    def offers(self, token: str) -> list[dict[str, Any]]:
        """What a driver is asked, as soon as there is something."""

        def ask() -> Any:
            return self.call("GET", "/v1/driver/offers", token=token).body["offers"]

        return list(self.soon(ask, "match_drivers"))

    # -- what stands there -----------------------------------------------------------------------

    def open_place(self, name: str) -> Place:
        operator = Api(self.stack.base_url, self.stack.operator_key)
        hub = operator.call("POST", "/v1/hubs", {**HUB, "name": name})
        operator.call("PATCH", f"/v1/hubs/{hub['id']}", PATIENT)
        merchant = operator.call(
            "POST",
            "/v1/merchants",
            {
                "name": f"Papeterie {name}",
                "hub_id": hub["id"],
                "platforms": PLATFORMS,
                "stores": [STORE],
                "default_weight_g": 500,
                "promise_s": 3 * 3600,
            },
        )
        return Place(
            hub["id"],
            merchant["id"],
            merchant["api_key"],
            merchant["webhook_secrets"],
            merchant["stores"][0]["id"],
        )

    def begin(self) -> UnitOfWork:
        return UnitOfWork(self.tables, self.clock)

    def run[T](self, use_case: Callable[[UnitOfWork], T]) -> T:
        """As the edge does; set-up has nobody to race with, but the relay may be about."""
        for _ in range(5):
            uow = self.begin()
            result = use_case(uow)
            try:
                uow.commit()
            except Refused:
                continue
            return result
        raise AssertionError("kept losing")

    def enrol(self, place: Place) -> Driver:
        """A driver with a van."""
        phone = Phone(f"+491713921{next(self._numbers):03d}")
        vehicle = Vehicle(VehicleKind.VAN, 500_000, 3_000_000)
        new = drivers.NewDriver("Kim Meyer", phone, place.hub_id, vehicle)
        return Driver(self.run(lambda uow: drivers.enrol(uow, new, self.server_key)).id, phone)

    def on_duty(self, place: Place, count: int) -> list[Driver]:
        made = [self.enrol(place) for _ in range(count)]
        for driver in made:
            self.run(lambda uow, one=driver: drivers.go_on_duty(uow, one.id, STORE_AT, None))
        return made

    def token(self, driver: Driver) -> str:
        """Sign a driver in without the text."""
        code = self.run(lambda uow: sessions.start_sign_in(uow, driver.phone, self.server_key))
        assert code is not None
        opened = self.run(
            lambda uow: sessions.finish_sign_in(uow, driver.phone, code, self.server_key)
        )
        return opened.access_token

    def order_many(self, place: Place, count: int, **changes: Any) -> list[DeliveryRef]:
        """Ready deliveries around the hub."""
        made = [self._order(place, number, changes) for number in range(count)]
        refs = [deliveries.ref_of(one) for one in made]
        place.refs.extend(refs)
        return refs

    def _order(self, place: Place, number: int, changes: dict[str, Any]) -> Delivery:
        now = self.clock.now()
        row, column = divmod(number, 6)
        request = replace(
            a_request(),
            merchant_id=place.merchant_id,
            hub_id=place.hub_id,
            external_id=f"{place.hub_id}-{len(place.refs) + number}",
            pickup=_pickup(place.store_id),
            dropoff=LatLng(CENTRE[0] + 0.003 * row, CENTRE[1] + 0.004 * column),
            window=TimeWindow(now, now + timedelta(hours=4)),
            parcel=Parcel(800, 4_000),
            source_updated_at=now,
        )
        request = replace(request, **changes)
        return self.run(lambda uow: deliveries.create(uow, request))

    # -- what became of it -----------------------------------------------------------------------

    def ask_for_wave(self, place: Place, wave_id: str) -> None:
        url = self.stack.outputs["WavesQueueUrl"]
        self._sqs.send_message(QueueUrl=url, MessageBody=_wave_order(place, wave_id))

    def solve_wave(self, place: Place, wave_id: str) -> None:
        """Hand the same message to the function without the queue, which may let a second one wait
        until the first is done; it comes again as long as the function says so."""
        for receives in range(1, 6):
            record = {
                "messageId": wave_id,
                "body": _wave_order(place, wave_id),
                "attributes": {"ApproximateReceiveCount": str(receives)},
                "eventSource": "aws:sqs",
            }
            if not self.invoke("solve_wave", {"Records": [record]})["batchItemFailures"]:
                return
        raise AssertionError("kept failing")

    def send_merge(self, place: Place, wave_id: str, step: str, **more: Any) -> None:
        """A message for ``merge_wave``."""
        message = {"wave_id": wave_id, "hub_id": place.hub_id, "step": step, **more}
        url = self.stack.outputs["MergesQueueUrl"]
        self._sqs.send_message(QueueUrl=url, MessageBody=json.dumps(message))

    def in_queue(self, url_name: str, *, taken: bool = True) -> int:
        """How many messages a queue has, those that somebody works on included unless told so."""
        counts = self._sqs.get_queue_attributes(
            QueueUrl=self.stack.outputs[url_name], AttributeNames=["All"]
        )["Attributes"]
        hidden = int(counts["ApproximateNumberOfMessagesNotVisible"]) if taken else 0
        return int(counts["ApproximateNumberOfMessages"]) + hidden

    def empty_queue(self, url_name: str) -> None:
        """Throw away what other tests left, also what a killed worker had in its hands."""
        self._sqs.purge_queue(QueueUrl=self.stack.outputs[url_name])

    def wave(self, place: Place, wave_id: str) -> Any:
        return dispatch.find_wave(self.begin(), place.hub_id, wave_id)

    def routes(self, place: Place) -> list[Route]:
        """The hub's routes of today, read from the items themselves."""
        uow = self.begin()
        return [dispatch.load_route(uow, row["g2sk"]) for row in self._route_rows(uow, place)]

    def counted_routes(self, place: Place) -> int:
        return len(self._route_rows(self.begin(), place))

    def _route_rows(self, uow: UnitOfWork, place: Place) -> list[Item]:
        days = {uow.now.date(), (uow.now - timedelta(hours=3)).date()}
        return [
            row
            for day in sorted(days)
            for row in uow.query_all(Index.LISTS, hub_day(place.hub_id, day))
        ]

    def loaded(self, refs: list[DeliveryRef]) -> dict[DeliveryRef, Delivery]:
        found: dict[DeliveryRef, Delivery] = {}
        for start in range(0, len(refs), 50):
            found.update(delivery_store.load_many(self.begin(), refs[start : start + 50]))
        return found

    def waiting(self, place: Place) -> int:
        return self.waiting_at(place.hub_id)

    def waiting_at(self, hub_id: str) -> int:
        """How many deliveries wait for a wave."""
        return len(lists.pending_refs(self.begin(), hub_id))

    def unasked_at(self, hub_id: str) -> bool:
        """Whether there is a route that nobody is asked about."""
        routes = dispatch.list_unassigned(self.begin(), hub_id)
        return any(not route.live_offers for route in routes)

    def check_routes(self, place: Place) -> list[Route]:
        """No delivery in two live routes, and pointers agree both ways; returns the live routes."""
        live = [route for route in self.routes(place) if route.status is not RouteStatus.CANCELLED]
        listed = [ref for route in live for ref in route.deliveries()]
        assert len(listed) == len(set(listed)), "a delivery is in two routes"
        pointing = {ref: one.route_id for ref, one in self.loaded(place.refs).items()}
        assert {ref: route.id for route in live for ref in route.deliveries()} == {
            ref: route_id for ref, route_id in pointing.items() if route_id is not None
        }
        return live

    # -- processes -------------------------------------------------------------------------------

    def workers(self, function: str) -> list[int]:
        """The worker processes of a function in *our* embedded cloud, none of anybody else's."""
        mark = f"ministack-lambda-lastmile-local-{function}-"
        return [
            pid
            for pid in processes.pids()
            if processes.group(pid) == self.cloud.pid and mark in processes.command(pid)
        ]

    def engine_runs(self, function: str) -> bool:
        """Whether a worker searches: it has loaded the native core, and wants a processor at every
        look of a tenth of a second, however little of one a busy machine gives it."""
        busy = [pid for pid in self.workers(function) if processes.has_core(pid)]
        for pause_s in (0, 0.03, 0.03, 0.04):
            time.sleep(pause_s)
            busy = [pid for pid in busy if processes.wants_processor(pid)]
        return bool(busy)

    def kill_workers(self, function: str) -> int:
        """SIGKILL, as Lambda ends a sandbox: the worker and whatever it had started."""
        doomed = self.workers(function)
        children = [pid for pid in processes.pids() if processes.parent(pid) in doomed]
        for pid in (*doomed, *children):
            # Only what is still a process of our own cloud at this moment.
            if processes.group(pid) == self.cloud.pid:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        return len(doomed)


def _wave_order(place: Place, wave_id: str) -> str:
    message = {"wave_id": wave_id, "hub_id": place.hub_id, "slot": "2026-11-27T10"}
    return json.dumps(message)


def _pickup(store_id: str) -> Any:
    return replace(a_request().pickup, id=store_id, name=STORE["name"], position=STORE_AT)


def _server_key(ssm: Any, outputs: Mapping[str, str]) -> bytes:
    name = outputs["ServerKeyParameter"]
    value = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    return base64.b64decode(value)
