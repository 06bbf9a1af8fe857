"""On the deployed stack: what ends becomes a fact by the relay, a roll makes it a figure."""

import json
from typing import Any

from local.seed import HUB, PLATFORMS, STORE, Api
from local.stack import RunningStack
from tests.stack.town import wait_until


def test_what_ended_is_in_the_figures_soon(stack: RunningStack) -> None:
    operator = Api(stack.base_url, stack.operator_key)
    hub_id = operator.call("POST", "/v1/hubs", HUB)["id"]
    shop = operator.call(
        "POST",
        "/v1/merchants",
        {
            "name": "Papeterie Sommer",
            "hub_id": hub_id,
            "platforms": PLATFORMS,
            "stores": [STORE],
            "promise_s": 3 * 3600,
        },
    )
    merchant = Api(stack.base_url, shop["api_key"])
    order = {
        "external_id": "figures-1",
        "dropoff": {
            "name": "Ada Sommer",
            "address": {"line1": "Lindenweg 7", "city": "Neustadt", "country": "DE"},
            "latitude": STORE["latitude"],
            "longitude": STORE["longitude"],
        },
        "items": [{"weight_g": 400}],
    }
    made = merchant.call("POST", "/v1/deliveries", order)
    ended = merchant.call("POST", f"/v1/deliveries/{made['id']}/cancel", {})
    day = ended["created_at"][:10]
    roll = json.dumps({"task": "roll", "hub_id": hub_id, "day": day})
    sqs = stack.cloud.client("sqs")

    def outcomes() -> Any:
        # The stack rolls by itself, half a minute later: nobody waits for that here.
        sqs.send_message(QueueUrl=stack.outputs["FiguresQueueUrl"], MessageBody=roll)
        asked = f"/v1/metrics?from={day}&to={day}&definitions=false"
        return merchant.call("GET", asked)["rows"][0]["outcomes"]

    assert wait_until(outcomes, pause_s=2) == {"cancelled": 1}
