"""Where is the driver? The last valid fix of each, kept for fifteen minutes.

A phone reports in batches, late, twice and sometimes nonsense. Kept is the newest fix that can be
true: precise to 100 m, not from the future, not reached faster than 150 km/h from the fix before.
Sources: W3C Geolocation (``accuracy``: 95 % radius, ``speed``: m/s); the limits are our choice.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.kit.geo import LatLng
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import keys
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

WORST_ACCURACY_M = 100
FASTEST_MPS = 150 / 3.6
#: A phone's clock may be ahead of ours by so much; its fix then counts as of now.
CLOCK_SKEW = timedelta(minutes=5)
KEPT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Ping:
    """One fix of a phone."""

    position: LatLng
    at: datetime
    accuracy_m: float = 0.0
    speed_mps: float = 0.0


@dataclass(frozen=True, slots=True)
class Fix:
    """The last position that we believe."""

    position: LatLng
    at: datetime
    version: int


class Refusal(StrEnum):
    IMPRECISE = "imprecise"
    TOO_FAST = "too_fast"
    FROM_THE_FUTURE = "from_the_future"
    OLDER = "older"


def judge(ping: Ping, last: Fix | None, now: datetime) -> Refusal | None:
    """Why a ping is not believed; None when it is."""
    if not 0 <= ping.accuracy_m <= WORST_ACCURACY_M:
        return Refusal.IMPRECISE
    if not (math.isfinite(ping.speed_mps) and ping.speed_mps <= FASTEST_MPS):
        return Refusal.TOO_FAST
    if ping.at > now + CLOCK_SKEW:
        return Refusal.FROM_THE_FUTURE
    if last is None:
        return None
    elapsed_s = (min(ping.at, now) - last.at).total_seconds()
    if elapsed_s <= 0:
        return Refusal.OLDER
    # Two fixes may each be off by their radius; only what is left over was travelled.
    travelled_m = last.position.distance_m(ping.position) - 2 * WORST_ACCURACY_M
    return Refusal.TOO_FAST if travelled_m > FASTEST_MPS * elapsed_s else None


def record_pings(uow: UnitOfWork, driver_id: str, pings: Iterable[Ping]) -> Fix | None:
    """Take a batch in; return the fix that it brought, None when none of it is newer and valid.

    Raises
    ------
    Refused
        At commit, if another batch of the same driver came between; then run it again.
    """
    item = uow.get(keys.position(driver_id))
    before = None if item is None else _from_item(item)
    fix = before
    for ping in sorted(pings, key=lambda one: one.at):
        if judge(ping, fix, uow.now) is not None:
            continue
        version = 1 if before is None else before.version + 1
        fix = Fix(ping.position, min(ping.at, uow.now), version)
    if fix is None or fix is before:
        return None
    uow.put(
        keys.position(driver_id),
        {"position": str(fix.position), "at": write_instant(fix.at), "version": fix.version},
        expect=fix.version - 1,
        expires_at=uow.wall_now + KEPT,
    )
    return fix


def last_fix(uow: UnitOfWork, driver_id: str) -> Fix | None:
    """The driver's last fix; None when there is none, or only one that has expired."""
    item = uow.get(keys.position(driver_id))
    # DynamoDB deletes what has expired within days, not seconds.
    if item is None or item["expires"] <= uow.wall_now.timestamp():
        return None
    return _from_item(item)


def _from_item(item: Item) -> Fix:
    return Fix(LatLng.parse(item["position"]), read_instant(item["at"]), item["version"])
