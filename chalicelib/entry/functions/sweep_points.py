"""Every quarter of an hour: parcels for which nobody has done anything in time.

Those at pickup points get their reminder or their way back, those that failed and are back at the
hub what was decided: each in a commit of its own, so one that fails holds no other up.
A tick that comes twice finds the step taken; one that is missed is made up for by the next.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from chalice.app import Blueprint

from chalicelib.domain.deliveries import collecting
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.recovery import carrying_out
from chalicelib.entry import work
from chalicelib.entry.observed import logger, observed
from chalicelib.kit.errors import LastmileError
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)

#: Of one tick; what is left over is due at the next.
MOST_STEPS = 1_000


@bp.schedule("rate(15 minutes)")
@observed
def sweep_points(event: Any) -> dict[str, int]:
    taken = failed = 0
    for ref, step in work.read(_due)[:MOST_STEPS]:
        try:
            taken += work.run(step) is not None
        except LastmileError as error:
            logger.warning("a parcel was not swept", delivery_id=ref.delivery_id, code=error.code)
            failed += 1
    logger.info("pickup points swept", steps=taken, failed=failed)
    return {"steps": taken, "failed": failed}


def _due(uow: UnitOfWork) -> list[tuple[DeliveryRef, Callable[[UnitOfWork], object]]]:
    found: list[tuple[DeliveryRef, Callable[[UnitOfWork], object]]] = []
    for hub in merchants.list_hubs(uow):
        for ref in collecting.due(uow, hub.id):
            found.append((ref, partial(collecting.take_step, ref=ref)))
        for ref, failed_version in carrying_out.due(uow, hub.id):
            step = partial(carrying_out.carry_out, ref=ref, failed_version=failed_version)
            found.append((ref, step))
    return found
