"""What did a day of the cloud cost? Our own meters, at the operator's prices.

Meters are per worker and day (UTC) and grow only; a day is the sum of its workers' last words.
What they do not see is said in docs/figures.md: starting up, logs, polled queues, storage, traffic.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from chalicelib.domain.analytics.rules import Prices
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage import figure_keys
from chalicelib.storage.keys import TableName
from chalicelib.storage.unit_of_work import UnitOfWork

MILLI = 1000
METERS_KEPT = timedelta(days=400)
#: Days whose meters are read while somebody waits: some hundred workers each.
MOST_DAYS = 31


def note(uow: UnitOfWork, worker: str, counts: Mapping[str, int]) -> None:
    """Put a worker's counts of today in place; whatever was there is less, and part of them."""
    item = {"counts": dict(counts), "at": write_instant(uow.now)}
    uow.put(
        figure_keys.meter(uow.now.date(), worker),
        item,
        expect=None,
        expires_at=uow.wall_now + METERS_KEPT,
    )


def used(uow: UnitOfWork, days: Iterable[date]) -> dict[str, int]:
    """What all workers counted on some days (UTC)."""
    found: dict[str, int] = {}
    for day in days:
        for item in uow.query_all(TableName.EPH, figure_keys.meters(day)):
            for name, number in item["counts"].items():
                found[name] = found.get(name, 0) + int(number)
    return found


def micro_usd(counts: Mapping[str, int], prices: Prices) -> int:
    """What it costs [millionths of a dollar]: a price per million is one per piece, here."""
    of = counts.get
    parts = (
        of("dynamodb_milli_writes", 0) / MILLI * prices.dynamodb_writes,
        of("dynamodb_milli_reads", 0) / MILLI * prices.dynamodb_reads,
        of("lambda_calls", 0) * prices.lambda_calls,
        of("lambda_milli_gb_s", 0) / MILLI * prices.lambda_gb_s,
        of("gateway_calls", 0) * prices.gateway_calls,
        # Whoever sends a message also has it received and deleted.
        of("sqs_calls", 0) * 3 * prices.sqs_calls,
        of("s3_calls", 0) * prices.s3_calls,
        of("sns_calls", 0) * prices.sns_calls,
    )
    return round(sum(parts))
