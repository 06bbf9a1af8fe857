"""What goes together? Waves: the deliveries of one hub that are due in one slot.

A delivery is due when its window opens within the hub's horizon; an overdue one is due above all. A
slot is the minute of a tick, or a longer one if the hub's ticks are rarer than the schedule's. It
has one wave, whose id follows from it: a tick that comes twice asks for the same wave, and one that
comes late makes it all the same. The message names the slot, not the deliveries: the solver reads
them when it starts, so it sees the latest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.domain.deliveries import lists
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.model import Delivery, Place
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.merchants.wave_rules import SCHEDULE_S
from chalicelib.domain.pickup_points import room
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.kit.geo import LatLng
from chalicelib.kit.ids import named_id
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.timewindow import TimeWindow, read_instant
from chalicelib.storage import keys
from chalicelib.storage.unit_of_work import UnitOfWork

#: Of hubs at the schedule's own rhythm [s]: two ticks are never in one, whatever their jitter.
FINEST_SLOT_S = 60


@dataclass(frozen=True, slots=True)
class Pending:
    """What the planner knows of a ready delivery; see deliveries.store.

    ``open_at``: when its pickup point takes it; nothing where it goes to a door, or is shut anyway.
    """

    ref: DeliveryRef
    version: int
    pickup: Place
    dropoff: LatLng
    window: TimeWindow
    parcel: Parcel
    service_s: int
    attempts: int
    ready_at: datetime | None = None
    door_key: str | None = None
    needs: frozenset[str] = frozenset()
    pickup_point_id: str | None = None
    open_at: tuple[TimeWindow, ...] = ()


@dataclass(frozen=True, slots=True)
class WaveOrder:
    """The request to plan one wave."""

    wave_id: str
    hub_id: str
    slot: str
    size: int

    def to_message(self) -> dict[str, Any]:
        return {"wave_id": self.wave_id, "hub_id": self.hub_id, "slot": self.slot}

    @classmethod
    def from_message(cls, message: Mapping[str, Any], size: int) -> "WaveOrder":
        return cls(message["wave_id"], message["hub_id"], message["slot"], size)


def form(uow: UnitOfWork, hub: Hub) -> list[WaveOrder]:
    """The waves of a hub at this tick: one; none if nothing is due or the slot had its wave."""
    due = due_deliveries(uow, hub)
    if not due:
        return []
    begins_at = slot_begins_at(hub, uow.now)
    wave_id = named_id("wav", begins_at, hub.id)
    if uow.get(keys.wave(hub.id, wave_id)) is not None:
        return []
    return [WaveOrder(wave_id, hub.id, slot_name(hub, begins_at), len(due))]


def due_deliveries(uow: UnitOfWork, hub: Hub) -> list[Pending]:
    """Ready deliveries of a hub whose window opens within its horizon, by deadline."""
    latest = uow.now + timedelta(seconds=hub.wave_horizon_s)
    found = [_pending(item) for item in lists.pending_refs(uow, hub.id)]
    due = [pending for pending in found if pending.window.start_at < latest]
    return with_hours(uow, hub, due)


def all_pending(uow: UnitOfWork, hub_id: str) -> list[Pending]:
    """Ready deliveries of a hub, however far ahead, by deadline."""
    return [_pending(item) for item in lists.pending_refs(uow, hub_id)]


def pending_of(one: Delivery) -> Pending:
    """What the planner would know of a delivery if it waited."""
    return Pending(
        ref=DeliveryRef(one.merchant_id, one.id),
        version=one.version,
        pickup=one.pickup,
        dropoff=one.dropoff,
        window=one.window,
        parcel=one.parcel,
        service_s=one.service_s,
        attempts=len(one.attempts),
        door_key=one.door_key,
        needs=one.needs,
        pickup_point_id=one.pickup_point_id,
    )


def with_hours(uow: UnitOfWork, hub: Hub, due: list[Pending]) -> list[Pending]:
    """With the hours of the pickup points that some of them go to; a door has none."""
    wanted = [one.pickup_point_id for one in due if one.pickup_point_id is not None]
    points = pickup_points.load_many(uow, wanted) if wanted else {}
    # What is overdue is brought as soon as anybody takes it.
    ahead = TimeWindow(uow.now, uow.now + timedelta(seconds=2 * hub.wave_horizon_s))
    timed = []
    for one in due:
        point = points.get(one.pickup_point_id or "")
        when = one.window if one.window.end_at > uow.now else ahead
        timed.append(replace(one, open_at=room.open_within(point, when)) if point else one)
    return timed


def slot_begins_at(hub: Hub, at: datetime) -> datetime:
    """The slot that an instant belongs to, by when it begins."""
    wide_s = hub.waves.tick_s if hub.waves.tick_s > SCHEDULE_S else FINEST_SLOT_S
    return datetime.fromtimestamp(int(at.timestamp()) // wide_s * wide_s, UTC)


def slot_name(hub: Hub, begins_at: datetime) -> str:
    """E.g. ``2026-11-27T14:35+01:00``, on the hub's wall."""
    return begins_at.astimezone(ZoneInfo(hub.timezone)).isoformat(timespec="minutes")


def _pending(item: dict[str, Any]) -> Pending:
    return Pending(
        ref=DeliveryRef(item["merchant_id"], item["delivery_id"]),
        version=item["version"],
        pickup=deliveries.place_from_item(item["pickup"]),
        dropoff=LatLng.parse(item["dropoff"]),
        window=TimeWindow.from_item(item["window"]),
        parcel=deliveries.parcel_from_item(item["parcel"]),
        service_s=item["service_s"],
        attempts=item["attempts"],
        ready_at=read_instant(item["ready_at"]),
        door_key=item.get("door_key"),
        needs=frozenset(item.get("needs", ())),
        pickup_point_id=item.get("pickup_point_id"),
    )
