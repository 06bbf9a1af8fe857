"""On a schedule: who is to be told of shifts and papers, and whose duty was never ended?

Each is a commit of its own; one that fails does not hold up the others and is found by the next
tick.
"""

from functools import partial
from typing import Any

from chalice.app import Blueprint

from chalicelib.domain.drivers import crew_clock
from chalicelib.domain.drivers import service as drivers
from chalicelib.domain.drivers import store as driver_store
from chalicelib.domain.merchants import store as merchants
from chalicelib.entry import work
from chalicelib.entry.observed import logger, observed
from chalicelib.kit.errors import LastmileError

bp = Blueprint(__name__)


@bp.schedule("rate(5 minutes)")
@observed
def mind_crew(event: Any) -> dict[str, int]:
    told = sum(
        _done(partial(crew_clock.look_at, key=key))
        for key in work.read(lambda uow: list(crew_clock.due(uow)))
    )
    ended = 0
    for hub in work.read(merchants.list_hubs):
        for one in work.read(partial(driver_store.list_on_duty, hub_id=hub.id)):
            ended += _done(partial(drivers.end_overdue_duty, driver_id=one.driver_id))
    logger.info("crew minded", told=told, ended=ended)
    return {"told": told, "ended": ended}


def _done(use_case: work.UseCase) -> bool:
    try:
        return bool(work.run(use_case))
    except LastmileError as error:
        logger.warning("left for the next tick", code=error.code)
        return False
