"""Where was each driver last seen? Apart from matching, for who asks this needs no solver."""

from collections.abc import Sequence
from datetime import timedelta

from chalicelib.domain.drivers.model import Work
from chalicelib.kit.geo import LatLng
from chalicelib.kit.timewindow import read_instant
from chalicelib.storage import keys
from chalicelib.storage.unit_of_work import UnitOfWork


def last_positions(uow: UnitOfWork, works: Sequence[Work]) -> dict[str, LatLng]:
    """Where drivers were last seen; expired fixes do not count, DynamoDB deletes them late."""
    found = uow.get_many(keys.position(work.driver_id) for work in works)
    return {
        key.pk.removeprefix("G#"): LatLng.parse(item["position"])
        for key, item in found.items()
        if read_instant(item["at"]) > uow.now - timedelta(hours=1)
    }
