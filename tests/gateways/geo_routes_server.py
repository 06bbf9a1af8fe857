"""Amazon Location's route matrix on loopback, in its documented shape, with its errors.

``legs`` tells what it knows; ``moods`` are errors that it answers before it comes to itself. What
is billed is counted: every pair of a question that was answered.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config

from tests.gateways.loopback import Asked, Said, serving

Position = tuple[float, float]  # longitude, latitude, as the service has them
Leg = tuple[int, int] | str  # seconds and metres, or the error of a pair


def refusal(kind: str, status: int, **more: Any) -> Said:
    return Said(status, {"message": "Sorry.", **more}, {"x-amzn-errortype": kind})


THROTTLED = refusal("ThrottlingException", 429)
BROKEN = refusal("InternalServerException", 500)
INVALID = refusal(
    "ValidationException", 400, reason="FieldValidationFailed", fieldList=[{"name": "Origins"}]
)
LOST = Said(0)


def one_a_metre(here: Position, there: Position) -> Leg:
    """Ten metres a second along both axes."""
    metres = round((abs(here[0] - there[0]) * 0.62 + abs(here[1] - there[1])) * 111_195)
    return metres // 10, metres


@dataclass
class GeoRoutes:
    legs: Callable[[Position, Position], Leg] = one_a_metre
    moods: list[Said] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    calls: int = 0
    pairs: int = 0
    url: str = ""

    def client(self) -> Any:
        return boto3.client(
            "geo-routes",
            endpoint_url=self.url,
            region_name="eu-central-1",
            aws_access_key_id="key",
            aws_secret_access_key="secret",
            config=Config(retries={"mode": "standard", "total_max_attempts": 2}, read_timeout=5),
        )

    def answer(self, asked: Asked) -> Said | None:
        self.calls += 1
        mood = self.moods.pop(0) if self.moods else None
        if mood is not None:
            return None if mood is LOST else mood
        if (asked.method, asked.path) != ("POST", "/v2/route-matrix"):
            return refusal("UnknownOperationException", 404)
        body = asked.body
        origins = [tuple(one["Position"]) for one in body["Origins"]]
        destinations = [tuple(one["Position"]) for one in body["Destinations"]]
        if not origins or not 1 <= len(destinations) <= 500:
            return INVALID
        self.asked.append(body)
        self.pairs += len(origins) * len(destinations)
        rows = [[_entry(self.legs(a, b)) for b in destinations] for a in origins]
        errors = sum("Error" in entry for row in rows for entry in row)
        return Said(
            200,
            {"ErrorCount": errors, "RouteMatrix": rows, "RoutingBoundary": body["RoutingBoundary"]},
            {"x-amz-geo-pricing-bucket": "Core", "Content-Type": "application/json"},
        )


def _entry(leg: Leg) -> dict[str, Any]:
    if isinstance(leg, str):
        return {"Distance": 0, "Duration": 0, "Error": leg}
    return {"Distance": leg[1], "Duration": leg[0]}


@contextmanager
def a_geo_routes() -> Iterator[GeoRoutes]:
    service = GeoRoutes()
    with serving(service.answer) as url:
        service.url = url
        yield service
