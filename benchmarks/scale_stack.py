"""How long does one real wave take that is shared out: through SQS, on the embedded cloud?

Deliveries come by the public API, drivers sign in as drivers do, one tick of ``plan_waves`` starts
it all. The embedded cloud runs two workers per queue on this machine, so this shows that the way
is whole and what it costs beside searching, not how fast sixteen workers are.
"""

import json
import random
import re
import time
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from local.demo.day import read_all
from local.demo.doors import Door
from local.seed import CENTRE, HUB, STORE
from local.stack import RunningStack, ensure_package, start_stack

_VAN = {"kind": "van", "max_weight_g": 800_000, "max_volume_ml": 4_000_000}
_PATIENCE_S = 600
_TICK = {
    "source": "aws.events",
    "detail-type": "Scheduled Event",
    "account": "000000000000",
    "id": "1",
    "region": "eu-central-1",
    "resources": [],
    "time": "2026-11-27T09:00:00Z",
    "version": "0",
    "detail": {},
}


@dataclass(frozen=True, slots=True)
class Wave:
    """``wall_s``: from the tick to the wave's record, workers' cold starts and all."""

    deliveries: int
    drivers: int
    parts: int
    rounds: int
    engine: str
    routes: int
    served: int
    left_out: int
    dropped: int
    wall_s: float


def real_wave(deliveries: int, console: Console) -> Wave:
    """Deploy, order, plan, and read what came of it."""
    ensure_package(console.print)
    # A quarter of the wave is what one worker would still take alone: a dozen parts.
    limit = {"FanOutAbove": str(max(1, deliveries // 4))}
    with start_stack(label="scale", wave_schedule="rate(1 day)", parameters=limit) as stack:
        api = Door(stack.base_url)
        hub_id, api_key = _open(api, stack.operator_key)
        drivers = deliveries // 25 + 2
        console.print(f"{drivers} drivers sign in, {deliveries} orders come")
        for number in range(drivers):
            _go_on_duty(api, stack, hub_id, f"+49171392{number:04d}")
        _order(api, api_key, deliveries)
        began = time.monotonic()
        reply = stack.cloud.client("lambda").invoke(
            FunctionName="lastmile-local-plan_waves", Payload=json.dumps(_TICK).encode()
        )
        if "FunctionError" in reply:
            raise RuntimeError(reply["Payload"].read().decode())
        record = _record(api, stack.operator_key, hub_id)
        wall_s = time.monotonic() - began
        parts, rounds = _how(stack, record["id"])
        routes = len(record["routes"])
    return Wave(
        deliveries,
        drivers,
        parts,
        rounds,
        record["engine"],
        routes,
        record["served"],
        record["left_out"],
        record["dropped"],
        round(wall_s, 1),
    )


def _open(api: Door, operator_key: str) -> tuple[str, str]:
    hub_id = str(api.call("POST", "/v1/hubs", HUB, operator_key)["id"])
    merchant = {
        "name": "Papeterie Sommer",
        "hub_id": hub_id,
        "platforms": ["generic"],
        "stores": [STORE],
        "default_weight_g": 500,
        "promise_s": 3 * 3600,
    }
    return hub_id, str(api.call("POST", "/v1/merchants", merchant, operator_key)["api_key"])


def _go_on_duty(api: Door, stack: RunningStack, hub_id: str, phone: str) -> None:
    body = {"name": "Kim Meyer", "phone_number": phone, "hub_id": hub_id, "vehicle": _VAN}
    api.call("POST", "/v1/drivers", body, stack.operator_key)
    api.call("POST", "/v1/driver/codes", {"phone_number": phone})
    path = stack.sms_url.removeprefix(stack.base_url)
    (text,) = (text for text in api.call("GET", path) if text["to"] == phone)
    code = re.search(r"\d{6}", text["body"])
    assert code is not None
    token = api.call("POST", "/v1/driver/tokens", {"phone_number": phone, "code": code.group()})
    at = {"on_duty": True, "latitude": CENTRE[0], "longitude": CENTRE[1]}
    api.call("POST", "/v1/driver/duty", at, str(token["access_token"]))


def _order(api: Door, api_key: str, count: int) -> None:
    rng = random.Random(1)
    address = {"line1": "Torstraße 12", "city": "Berlin", "postal_code": "10119", "country": "DE"}
    for number in range(count):
        dropoff = {
            "name": "Guest",
            "address": address,
            "latitude": CENTRE[0] + rng.uniform(-0.04, 0.04),
            "longitude": CENTRE[1] + rng.uniform(-0.06, 0.06),
        }
        items = [{"name": "Notebook", "quantity": 1, "weight_g": rng.randrange(200, 4_000)}]
        body = {"external_id": f"S-{number}", "dropoff": dropoff, "items": items}
        api.call("POST", "/v1/deliveries", body, api_key)


def _record(api: Door, operator_key: str, hub_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        waves = read_all(api, f"/v1/waves?hub_id={hub_id}", "waves", operator_key)
        if waves:
            return waves[0]
        time.sleep(0.5)
    raise RuntimeError("the wave never ended")


def _how(stack: RunningStack, wave_id: str) -> tuple[int, int]:
    """Parts of the last round, and rounds; none of either when one worker did it all."""
    item = stack.cloud.client("dynamodb").get_item(
        TableName=stack.outputs["CoreTableName"],
        Key={"pk": {"S": f"F#{wave_id}"}, "sk": {"S": "A"}},
    )
    wave = item.get("Item")
    return (int(wave["parts"]["N"]), int(wave["round"]["N"]) + 1) if wave else (0, 0)
