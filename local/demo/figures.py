"""Do the product's figures say what was to be seen from outside? Asked until they do, or too long.

The demo counts for itself what the API showed of each delivery; ``GET /v1/metrics`` must come to
the same, to the last one. Figures follow within minutes of business time, so the last ends need a
moment.
"""

import time
from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from local.demo.watch import FINAL, Watch

#: Seconds of ours until the figures must agree.
PATIENCE_S = 45.0
#: What the report tells of them, and in which unit.
TOLD = (
    *("on_time_rate", "order_to_door_p50_s", "order_to_door_p90_s", "first_attempt_rate"),
    *("texts_per_delivery", "stops_per_hour", "distance_per_delivery_m"),
    *("cost_per_delivery_minor", "co2e_per_parcel_g", "utilisation", "earnings_gini"),
    *("earnings_per_hour_minor", "cloud_cost_per_delivery_micro_usd"),
)


def counted(deliveries: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What the deliveries came to, as anybody sees them who reads the API."""
    ended = [one for one in deliveries.values() if one["status"] in FINAL]
    doors = [one for one in ended if one["status"] == "delivered"]
    tried = [one for one in ended if one["status"] == "delivered" or one["attempts"]]
    reasons = Counter(str(each["reason"]) for one in ended for each in one["attempts"])
    return {
        "outcomes": dict(sorted(Counter(one["status"] for one in ended).items())),
        "on_time": [sum(bool(one["on_time"]) for one in doors), len(doors)],
        "first_attempt": [sum(not one["attempts"] for one in doors), len(tried)],
        "failure_reasons": dict(sorted(reasons.items())),
    }


def answered(row: Mapping[str, Any]) -> dict[str, Any]:
    """The same of an answer of ``GET /v1/metrics``."""
    found = {one["id"]: one for one in row["figures"]}
    pairs = {
        name: [found[id_]["numerator"], found[id_]["denominator"]]
        for name, id_ in (("on_time", "on_time_rate"), ("first_attempt", "first_attempt_rate"))
    }
    return {
        "outcomes": dict(sorted(row["outcomes"].items())),
        **pairs,
        "failure_reasons": dict(sorted(row["failure_reasons"].items())),
    }


def agree(watch: Watch, first: date, last: date) -> dict[str, Any]:
    """The figures of these days, and where they differ from what was counted."""
    path = f"/v1/metrics?from={first - timedelta(days=1)}&to={last + timedelta(days=1)}"
    wanted, until = counted(watch.deliveries), time.monotonic() + PATIENCE_S
    while True:
        answer = watch.api.call("GET", f"{path}&definitions=false", token=watch.operator_key)
        (row,) = answer["rows"]
        told = answered(row)
        differ = {
            name: {"counted": wanted[name], "answered": told[name]}
            for name in wanted
            if told[name] != wanted[name]
        }
        if not differ or time.monotonic() > until:
            return {"as_of": answer["as_of"], **_told(row), "differ": differ, "counted": wanted}
        time.sleep(0.5)


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    first: dict[str, Any] = {}
    for one in row["figures"]:
        first.setdefault(one["id"], {"value": one["value"], "unit": one["unit"], "n": one["n"]})
    return {"figures": {id_: first[id_] for id_ in TOLD if id_ in first}}
