"""A stage for the drivers' and the operator's doors: the intake stage and a phone network."""

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.accounts.model import DeskRole, TeamRole
from tests.entry.intake_stage import Answered, Stage, a_stage
from tests.entry.visitors import Visitor, a_visitor

OPERATOR_KEY = "operator"
HUB = {
    "name": "Hub North",
    "address": "Dock Street 1",
    "latitude": 51.2,
    "longitude": 9.4,
    "radius_m": 15_000,
    "timezone": "Europe/Berlin",
    "country": "DE",
}
VEHICLE = {"kind": "van", "max_weight_g": 500_000, "max_volume_ml": 3_000_000}


@dataclass
class FakeTexts:
    """The phone network: keeps what was sent."""

    sent: list[tuple[str, str]] = field(default_factory=list)

    def send(self, phone: str, body: str, kind: str) -> None:
        self.sent.append((phone, body))

    def is_opted_out(self, phone: str) -> bool:
        return False

    def to(self, phone: str) -> list[str]:
        return [body for number, body in self.sent if number == phone]


@dataclass
class FakeQueues:
    """The queues: keep what was put in."""

    sent: list[tuple[str, Any]] = field(default_factory=list)

    def send(self, queue: str, message: Any, *, delay_s: int = 0) -> None:
        self.sent.append((queue, message))


@dataclass
class Doors:
    """The whole API with a credential each for whoever calls."""

    stage: Stage
    texts: FakeTexts
    hub_id: str = ""
    keys: dict[tuple[str, ...], str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(10))

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        token: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Answered:
        raw = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        credential = {"Authorization": f"Bearer {token}"} if token else {}
        return self.stage.call(method, path, raw, {**credential, **(headers or {})})

    def operate(self, method: str, path: str, body: Any = None) -> Answered:
        return self.call(method, path, body, OPERATOR_KEY)

    def a_phone(self) -> str:
        return f"+4917139200{next(self._numbers)}"

    def enrol(self, phone: str) -> str:
        body = {"name": "Kim", "phone_number": phone, "hub_id": self.hub_id, "vehicle": VEHICLE}
        enrolled = self.operate("POST", "/v1/drivers", body)
        assert enrolled.status == 201
        return str(enrolled.body["id"])

    def ask_code(self, phone: str) -> str:
        """Ask for a code and read it off the text."""
        assert self.call("POST", "/v1/driver/codes", {"phone_number": phone}).status == 202
        found = re.search(r"\d{6}", self.texts.to(phone)[-1])
        assert found is not None
        return found.group()

    def exchange(self, phone: str, code: str) -> Answered:
        return self.call("POST", "/v1/driver/tokens", {"phone_number": phone, "code": code})

    def sign_in(self, phone: str) -> dict[str, Any]:
        opened = self.exchange(phone, self.ask_code(phone))
        assert opened.status == 200
        return dict(opened.body)

    def a_driver(self) -> tuple[str, str]:
        """Somebody signed in: id and access token."""
        phone = self.a_phone()
        driver_id = self.enrol(phone)
        return driver_id, str(self.sign_in(phone)["access_token"])


@pytest.fixture(scope="module")
def doors(aws: None, request: pytest.FixtureRequest) -> Iterator[Doors]:
    """One stage for a module; its clock only goes forward, and each test brings its own people."""
    prefix = request.module.__name__.rpartition(".")[2].replace("_", "-")
    with pytest.MonkeyPatch.context() as patch, a_stage(patch, prefix) as stage:
        made = Doors(stage, FakeTexts())
        patch.setattr(wiring, "sms", lambda: made.texts)
        queues = FakeQueues()
        patch.setattr(wiring, "queues", lambda: queues)
        made.hub_id = made.operate("POST", "/v1/hubs", HUB).body["id"]
        yield made


@pytest.fixture
def desk_client(doors: Doors) -> Visitor:
    """A manager of the desk who has signed in, as a browser sends it."""
    return a_visitor(doors.stage, DeskRole.MANAGER)


@pytest.fixture
def member_client(doors: Doors) -> Visitor:
    """An owner of the first merchant's team who has signed in."""
    return a_visitor(doors.stage, TeamRole.OWNER)
