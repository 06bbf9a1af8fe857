"""How does a snapshot travel to the workers that share its solving? As packed JSON, without people.

Positions, ids, times and sizes: no name, phone or address of a recipient is known here in the first
place, and a store's name is a shop's. Everything that a worker computes from it, it computes as the
others do: same jobs, same numbers.
"""

import json
import zlib
from collections.abc import Sequence
from typing import Any

from chalicelib.domain.deliveries.model import Place
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.rules import rule_store
from chalicelib.domain.dispatch.waves.forming import Pending
from chalicelib.domain.dispatch.waves.planning import Availability, Snapshot
from chalicelib.domain.drivers.model import Vehicle, VehicleKind, Work
from chalicelib.domain.drivers.store import breaks_from_item, breaks_to_item
from chalicelib.domain.merchants.model import Hub
from chalicelib.kit.geo import LatLng
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.timewindow import TimeWindow, read_instant, write_instant


def pack(document: Any) -> bytes:
    """JSON, compressed: a tenth of the size."""
    return zlib.compress(json.dumps(document, separators=(",", ":")).encode())


def unpack(packed: bytes) -> Any:
    return json.loads(zlib.decompress(packed))


def write_snapshot(snapshot: Snapshot) -> bytes:
    """Everything but the hub, whose settings are read where they are kept."""
    stores = {one.pickup.id: one.pickup for one in snapshot.due}
    return pack(
        {
            "at": write_instant(snapshot.at),
            "stores": [[one.id, one.name, str(one.position)] for one in stores.values()],
            "due": [_pending(one) for one in snapshot.due],
            "available": [_available(one) for one in snapshot.available],
            "before": {
                driver: [str(ref) for ref in refs] for driver, refs in snapshot.before.items()
            },
            "fairness": snapshot.fairness_permille,
            "rules": rule_store.write_rules(snapshot.rules),
        }
    )


def read_snapshot(packed: bytes, hub: Hub) -> Snapshot:
    """What ``write_snapshot`` wrote, equal in everything that planning looks at."""
    document = unpack(packed)
    stores = {row[0]: Place(row[0], row[1], LatLng.parse(row[2])) for row in document["stores"]}
    return Snapshot(
        hub=hub,
        at=read_instant(document["at"]),
        due=tuple(_read_pending(row, stores[row[2]]) for row in document["due"]),
        available=tuple(_read_available(row, hub) for row in document["available"]),
        before={
            driver: tuple(DeliveryRef.parse(ref) for ref in refs)
            for driver, refs in document["before"].items()
        },
        fairness_permille=document.get("fairness", 0),
        rules=rule_store.read_rules(document.get("rules", ())),
    )


def _pending(one: Pending) -> list[object]:
    window, parcel = one.window, one.parcel
    return [
        str(one.ref),
        one.version,
        one.pickup.id,
        str(one.dropoff),
        [write_instant(window.start_at), write_instant(window.end_at)],
        [parcel.weight_g, parcel.volume_ml, parcel.count],
        one.service_s,
        one.attempts,
        None if one.ready_at is None else write_instant(one.ready_at),
        one.door_key,
        sorted(one.needs),
        [[write_instant(span.start_at), write_instant(span.end_at)] for span in one.open_at],
    ]


def _read_pending(row: Sequence[Any], pickup: Place) -> Pending:
    # A snapshot that was written before points had hours has one column less.
    ref, version, _, dropoff, window, parcel, service_s, attempts, *others = row
    ready_at, door_key, needs, *hours = others
    return Pending(
        ref=DeliveryRef.parse(ref),
        version=version,
        pickup=pickup,
        dropoff=LatLng.parse(dropoff),
        window=TimeWindow(*(read_instant(end) for end in window)),
        parcel=Parcel(*parcel),
        service_s=service_s,
        attempts=attempts,
        ready_at=None if ready_at is None else read_instant(ready_at),
        door_key=door_key,
        needs=frozenset(needs),
        open_at=tuple(
            TimeWindow(*(read_instant(end) for end in span)) for spans in hours for span in spans
        ),
    )


def _available(one: Availability) -> list[object]:
    work, vehicle = one.work, one.work.vehicle
    ends_at = work.shift_ends_at
    return [
        work.driver_id,
        [vehicle.kind.value, vehicle.max_weight_g, vehicle.max_volume_ml],
        None if ends_at is None else write_instant(ends_at),
        write_instant(one.from_at),
        sorted(work.skills),
        sorted(work.blocks),
        breaks_to_item(work.breaks),
        None if work.papers_end_at is None else write_instant(work.papers_end_at),
    ]


def _read_available(row: Sequence[Any], hub: Hub) -> Availability:
    driver_id, (kind, max_weight_g, max_volume_ml), ends_at, from_at, *more = row
    skills, blocks, breaks, papers_end_at = more
    work = Work(
        driver_id=driver_id,
        hub_id=hub.id,
        vehicle=Vehicle(VehicleKind(kind), max_weight_g, max_volume_ml),
        # Not the item's version: nobody writes a driver from here.
        version=0,
        on_duty=True,
        shift_ends_at=None if ends_at is None else read_instant(ends_at),
        skills=frozenset(skills),
        blocks=frozenset(blocks),
        breaks=breaks_from_item(breaks),
        papers_end_at=None if papers_end_at is None else read_instant(papers_end_at),
    )
    return Availability(work, read_instant(from_at))
