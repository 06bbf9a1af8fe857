"""How many texts does an attacker get out of us? Ten thousand requests, and what each number got.

Somebody has a merchant's key and a list of numbers, dear ones among them, and asks for as many
texts as there are ways to: orders with every text chosen, some with an address that nobody finds;
sign-in codes of drivers; messages of the desk to whoever waits for a parcel; the words that undo an
opt-out. Events are heard twice, as a queue may have it. The use cases are the real ones, on tables
in memory and a clock that runs through the attack.

``python -m benchmarks.pumping --requests 10000 --seed 1 --json FILE``
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.drivers import service as drivers
from chalicelib.domain.drivers.model import Vehicle, VehicleKind
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.texting import MOST, ORDINARY, TextChoice
from chalicelib.domain.messaging import (
    conversations,
    inbound,
    plan,
    rule_store,
    service,
    signing_in,
)
from chalicelib.domain.messaging.conversation_store import Side
from chalicelib.domain.messaging.conversations import Post
from chalicelib.domain.messaging.facts import Links
from chalicelib.domain.messaging.inbound import Reply
from chalicelib.domain.messaging.limits import TextRules
from chalicelib.kit.errors import LastmileError
from chalicelib.kit.events import Event
from chalicelib.kit.phone import Phone
from chalicelib.storage.notebook import Notebook
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.telling import ANNA, NOON, SERVER_KEY, World, steps_to

LINKS = Links("https://lm.example", SERVER_KEY)
HOUR = timedelta(hours=1)
#: Plain mobiles of the hub's country; mobiles of dear countries; premium services.
TARGETS = (
    *(f"+4915112345{number:03d}" for number in range(40)),
    *("+18765550123", "+252611234567", "+5352345678", "+22507123456", "+447700900123"),
    *("+499001234567", "+449098790000", "+19005551234"),
)
DRIVERS = 5


@dataclass
class Network:
    """The carrier: takes every text, and remembers when."""

    clock: "Attack"
    sent: list[tuple[datetime, str, str]] = field(default_factory=list)

    def send(self, phone: str, body: str, kind: str) -> "Taken":
        self.sent.append((self.clock.now(), phone, kind))
        return Taken()

    def is_opted_out(self, phone: str) -> bool:
        return False


@dataclass(frozen=True)
class Taken:
    message_id: str = "1"
    refusal: None = None


class Attack:
    """A town with one merchant whose key was stolen, and the attacker's moves."""

    def __init__(self, seed: int, lasts: timedelta, requests: int) -> None:
        self.rng = random.Random(seed)
        self.at, self.step = NOON, lasts / requests
        self.tables, self.network = Notebook(), Network(self)
        self.world = World(self.begin)
        self.asked: Counter[str] = Counter()
        self.targets = TARGETS
        #: Numbers with a delivery whose driver is on the way.
        self.waiting: list[Delivery] = []
        self._prepare()

    def now(self) -> datetime:
        return self.at

    wall_now = now

    def begin(self) -> UnitOfWork:
        return UnitOfWork(self.tables, self)

    def run[T](self, use_case: Callable[[UnitOfWork], T]) -> T:
        uow = self.begin()
        result = use_case(uow)
        uow.commit()
        return result

    def _prepare(self) -> None:
        hub_id = self.world.hub.id
        for number in range(DRIVERS):
            vehicle = Vehicle(VehicleKind.VAN, 500_000, 3_000_000)
            new = drivers.NewDriver("Kim Meyer", Phone(self.targets[number]), hub_id, vehicle)
            self.run(lambda uow, new=new: drivers.enrol(uow, new, SERVER_KEY))
        merchant = merchants.load_merchant(self.begin(), self.world.merchant.id)
        everything = TextChoice(ORDINARY, MOST)
        after = replace(merchant, texts=everything, version=merchant.version + 1)
        self.run(lambda uow: merchants.save_merchant(uow, after))

    def one(self) -> None:
        """One request, and all the texts that follow from it."""
        self.at += self.step
        moves = (self.order, self.doubtful_order, self.code, self.desk_message, self.start)
        move = self.rng.choices(moves, weights=(35, 15, 30, 15, 5))[0]
        self.asked[move.__name__] += 1
        move(self.rng.choice(self.targets))

    def order(self, phone: str) -> None:
        """An order that goes all its way: the attacker's accomplice drives."""
        recipient = replace(ANNA, phone=Phone(phone))
        far = self.rng.choice((Status.READY, Status.EN_ROUTE_TO_DROPOFF, Status.DELIVERED))
        delivery = self.world.deliver(*steps_to(far), recipient=recipient)
        if far is Status.EN_ROUTE_TO_DROPOFF:
            self.waiting.append(delivery)
            self.run(
                lambda uow: deliveries.foretell(
                    uow, delivery_store.load(uow, deliveries.ref_of(delivery)), "announced"
                )
            )
        for entry in delivery.history:
            self._hear(f"delivery.{entry.what}", delivery, entry.version)
        self._hear("delivery.announced", delivery, delivery.version + 1)

    def doubtful_order(self, phone: str) -> None:
        delivery = self.world.in_doubt(recipient=replace(ANNA, phone=Phone(phone)))
        self._hear("delivery.address_review", delivery, delivery.version)

    def code(self, phone: str) -> None:
        code = self.run(lambda uow: signing_in.start(uow, Phone(phone), SERVER_KEY))
        if code is not None:
            self.network.send(phone, code, "sign_in_code")

    def desk_message(self, phone: str) -> None:
        if not self.waiting:
            return
        delivery = self.rng.choice(self.waiting[-200:])
        try:
            head = self.run(
                lambda uow: conversations.post(uow, delivery, Post(Side.DESK, "Call 0900 123"))
            )
        except LastmileError:
            return
        data = {
            "merchant_id": delivery.merchant_id,
            "delivery_id": delivery.id,
            # Asked for each time, as if the pause of a quarter of an hour were not there.
            "tells_recipient": True,
        }
        self._send(Event(conversations.POSTED, head.id, head.version, self.at, data))

    def start(self, phone: str) -> None:
        reply = Reply(str(self.rng.random()), Phone(phone), "START")
        self.run(lambda uow: inbound.receive(uow, SERVER_KEY, reply))

    def _hear(self, kind: str, delivery: Delivery, version: int) -> None:
        if kind in plan.EVENTS:
            data = {"merchant_id": delivery.merchant_id}
            self._send(Event(kind, delivery.id, version, self.at, data))

    def _send(self, event: Event) -> None:
        if not service.is_wanted(self.begin(), event):
            return
        order = service.read_order(service.message_for(event))
        for _ in range(2):
            service.send_text(self.run, self.network, LINKS, order)


def most_within(times: list[datetime], span: timedelta) -> int:
    """The most texts in any span of that length."""
    ordered, most, first = sorted(times), 0, 0
    for last, at in enumerate(ordered):
        while ordered[first] <= at - span:
            first += 1
        most = max(most, last - first + 1)
    return most


def attack(
    requests: int, seed: int, lasts: timedelta, rules: TextRules | None = None
) -> dict[str, Any]:
    """Run an attack; what was asked for, and what was sent. ``rules``: others than the usual."""
    town = Attack(seed, lasts, requests)
    if rules is not None:
        town.run(lambda uow: rule_store.save(uow, rules))
    for _ in range(requests):
        town.one()
    by_number: dict[str, list[datetime]] = {}
    for at, phone, _ in town.network.sent:
        by_number.setdefault(phone, []).append(at)
    return {
        "seed": seed,
        "requests": requests,
        "hours": lasts / HOUR,
        "asked": dict(town.asked),
        "sent": len(town.network.sent),
        "kinds": dict(Counter(kind for _, _, kind in town.network.sent)),
        "numbers": len(by_number),
        "most_in_an_hour": max((most_within(t, HOUR) for t in by_number.values()), default=0),
        "most_in_a_day": max((most_within(t, 24 * HOUR) for t in by_number.values()), default=0),
        "outside_of_the_country": sum(not phone.startswith("+49") for phone in by_number),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hours", type=float, default=2.0, help="how long the attack lasts")
    parser.add_argument("--json", help="write the result there")
    given = parser.parse_args()
    result = attack(given.requests, given.seed, given.hours * HOUR)
    table = Table("", "", title="Texts that an attack gets")
    for name, value in result.items():
        table.add_row(name.replace("_", " "), str(value))
    Console().print(table)
    if given.json:
        Path(given.json).write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
