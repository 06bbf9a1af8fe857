"""How do pings get past the web function? Three methods of the same API lead to another one.

The address stays one: the phone's page may post to its own origin (`diversions` lays it over). Each
method gets a throttle of its own, for the API's default would let pings and orders wait for each
other.
Source: API Gateway, "Throttle requests to your REST APIs" (per method); CloudFormation,
`MethodSetting` (`/` in ResourcePath is written `~1`).
"""

from __future__ import annotations

from infra.template.intrinsics import Json

PATHS = {"/v1/driver/location": ("post",), "/v1/trackers/{device_key}": ("get", "post")}
#: 3,000 phones that send every half minute, and every phone of a dead spot at once.
BATCHES_PER_S = 100
BATCHES_AT_ONCE = 200


def method_settings() -> list[Json]:
    return [
        {
            "ResourcePath": path.replace("/", "~1").replace("~1", "/~1", 1),
            "HttpMethod": method.upper(),
            "ThrottlingRateLimit": BATCHES_PER_S,
            "ThrottlingBurstLimit": BATCHES_AT_ONCE,
        }
        for path, methods in PATHS.items()
        for method in methods
    ]
