"""Where did parcels for this door end? Positions of past handovers, by door.

A door's key is a keyed hash of its normalised address, scoped to the hub: nobody reads an address
out of it, and nobody without the server's key can ask for one. Each sample bears its delivery's id,
so hearing of a delivery twice changes nothing, an undone tap takes its sample back, and redacting a
delivery can forget it. Ten samples are kept, the latest.
"""

from dataclasses import dataclass

from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.model import Address, Delivery, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.intake.addresses import comparable
from chalicelib.kit import tokens
from chalicelib.kit.events import Event
from chalicelib.kit.geo import LatLng
from chalicelib.storage import keys
from chalicelib.storage.unit_of_work import UnitOfWork

MOST_SAMPLES = 10


@dataclass(frozen=True, slots=True)
class Memory:
    """What a hub remembers of doors."""

    uow: UnitOfWork
    hub_id: str
    server_key: bytes

    def key_of(self, address: Address) -> str:
        return tokens.door_key(self.server_key, comparable(address))

    def handovers(self, key: str) -> tuple[LatLng, ...]:
        return load(self.uow, self.hub_id, key)


def load(uow: UnitOfWork, hub_id: str, door_key: str) -> tuple[LatLng, ...]:
    """Where parcels for this door were handed over, oldest first."""
    item = uow.get(keys.drop_points(hub_id, door_key))
    return () if item is None else tuple(LatLng.parse(one["at"]) for one in item["samples"])


def learn(uow: UnitOfWork, event: Event) -> None:
    """On ``delivery.delivered`` and ``delivery.undone``: keep the sample, or take it back."""
    ref = DeliveryRef(event.data["merchant_id"], event.subject)
    delivery = deliveries.load(uow, ref)
    position = next((proof.position for proof in delivery.proofs if proof.position), None)
    if delivery.status is not Status.DELIVERED:
        position = None
    _write(uow, delivery, position)


def forget(uow: UnitOfWork, delivery: Delivery) -> None:
    """Take a delivery's sample out: its recipient asked to be forgotten."""
    _write(uow, delivery, None)


def _write(uow: UnitOfWork, delivery: Delivery, position: LatLng | None) -> None:
    if delivery.door_key is None:
        return
    key = keys.drop_points(delivery.hub_id, delivery.door_key)
    item = uow.get(key)
    before = [] if item is None else item["samples"]
    samples = [one for one in before if one["delivery_id"] != delivery.id]
    if position is not None:
        known = next((one for one in before if one["delivery_id"] == delivery.id), None)
        if known is not None and known["at"] == str(position):
            return
        samples.append({"delivery_id": delivery.id, "at": str(position)})
    if samples == before:
        return
    version = 0 if item is None else item["version"]
    written = {"samples": samples[-MOST_SAMPLES:], "version": version + 1}
    uow.put(key, written, expect=version)
