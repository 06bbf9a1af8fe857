"""What does this worker use of the cloud? Counted at the clients, and by the clock.

Every client of ours tells its calls here, DynamoDB also what they consumed (it says so in its own
answers); entries tell how long they ran and in how much memory. A worker's counts of a day grow
only and are put whole under its own name, so that writing them twice changes nothing and no two
workers meet. What a worker counted after it was last written is lost when it ends.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Consumption comes in halves of a unit, memory-time in thousandths of a gigabyte-second.
MILLI = 1000


@dataclass(slots=True)
class Meter:
    """Counts of one worker; see ``domain.analytics.cloud`` for the names."""

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, number: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + number

    def ran(self, duration_s: float, memory_mb: int) -> None:
        """One call of a function: what it is billed for, but for starting up."""
        self.add("lambda_calls")
        self.add("lambda_milli_gb_s", round(duration_s * memory_mb * MILLI / 1024))

    def watch[C](self, client: C) -> C:
        """Let a boto3 client tell its calls here."""
        events = client.meta.events  # type: ignore[attr-defined]
        for operation in (*_READS, *_WRITES):
            events.register(f"provide-client-params.dynamodb.{operation}", _ask_for_consumption)
        events.register("after-call", self._called)
        return client

    def _called(self, model: Any, parsed: Mapping[str, Any], **_: Any) -> None:
        service = str(model.service_model.service_name)
        if service != "dynamodb":
            self.add(f"{service.replace('-', '_')}_calls")
            return
        told = parsed.get("ConsumedCapacity") or ()
        units = sum(float(one.get("CapacityUnits", 0)) for one in _listed(told))
        kind = "reads" if model.name in _READS else "writes"
        self.add(f"dynamodb_milli_{kind}", round(units * MILLI))


_READS = ("GetItem", "BatchGetItem", "Query")
_WRITES = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems")


def _listed(told: Any) -> Any:
    return (told,) if isinstance(told, Mapping) else told


def _ask_for_consumption(params: dict[str, Any], **_: Any) -> dict[str, Any]:
    return {**params, "ReturnConsumedCapacity": "TOTAL"}
