"""One round of matching at a hub: expire, release, give up, match, offer; each its own commit."""

from functools import partial

from aws_lambda_powertools.metrics import MetricUnit, single_metric

from chalicelib import wiring
from chalicelib.domain.dispatch import store
from chalicelib.domain.dispatch.matching import candidates, escalation, matching, offers, releases
from chalicelib.domain.dispatch.waves import adoption
from chalicelib.domain.merchants.model import Hub
from chalicelib.entry import work
from chalicelib.entry.observed import logger
from chalicelib.kit.errors import Conflict


def match_hub(hub: Hub) -> int:
    """Make the offers that can be made now; returns how many."""
    _tidy_up(hub)
    found = work.read(
        lambda uow: matching.find_matches(uow, hub, candidates.muster(uow, hub)),
    )
    if found.note:
        logger.error("drivers were chosen one by one", hub_id=hub.id, note=found.note)
    made = [_unless_lost(partial(matching.offer_match, found=one, hub=hub)) for one in found.due]
    return sum(made)


def _tidy_up(hub: Hub) -> None:
    """End what is over: offers, patience, waiting for drivers who do not come."""
    waiting = work.read(lambda uow: store.list_unassigned(uow, hub.id))
    for route_id, offer_id in work.read(lambda uow: matching.expired(uow, waiting)):
        work.run(partial(offers.expire, route_id=route_id, offer_id=offer_id))
    now = wiring.clock().now()
    for route_id in matching.overdue(waiting, hub, now):
        _unless_lost(partial(adoption.give_up, route_id=route_id))
    for route in waiting:
        if escalation.needs_the_desk(route, hub.asking, now):
            _alert(hub, route.id)
    crew = work.read(lambda uow: candidates.muster(uow, hub))
    for route_id in releases.no_shows(crew, hub.asking, now):
        if _unless_lost(partial(releases.release_no_show, route_id=route_id, asking=hub.asking)):
            logger.warning("a driver did not come", hub_id=hub.id, route_id=route_id)


def _alert(hub: Hub, route_id: str) -> None:
    if not _unless_lost(partial(matching.tell_desk, route_id=route_id, hub=hub)):
        return
    logger.warning("nobody takes a route", hub_id=hub.id, route_id=route_id)
    with single_metric(
        name="RoutesEscalated", unit=MetricUnit.Count, value=1, namespace="Lastmile"
    ) as metric:
        # Both are the alarm's dimensions; see infra/template/watch.py.
        metric.add_dimension("stage", wiring.settings().stage)
        metric.add_dimension("service", "lastmile")


def _unless_lost(use_case: work.UseCase) -> bool:
    """Do it unless somebody else was faster; then the next round sees what is left to do."""
    uow = work.begin()
    try:
        result = use_case(uow)
        uow.commit()
    except Conflict as lost:
        logger.info("round lost a race", code=lost.code)
        return False
    return bool(result)
