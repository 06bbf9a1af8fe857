"""One round of matching at a hub: expire, give up, match, offer; each step its own commit."""

from functools import partial

from chalicelib.domain.dispatch import adoption, matching, offers
from chalicelib.domain.merchants.model import Hub
from chalicelib.entry import work
from chalicelib.entry.observed import logger
from chalicelib.kit.errors import Conflict


def match_hub(hub: Hub) -> int:
    """Make the offers that can be made now; returns how many."""
    for route_id, offer_id in work.read(lambda uow: matching.expired(uow, hub)):
        work.run(partial(offers.expire, route_id=route_id, offer_id=offer_id))
    for route_id in work.read(lambda uow: matching.overdue(uow, hub)):
        _unless_lost(partial(adoption.give_up, route_id=route_id))
    found = work.read(lambda uow: matching.find_matches(uow, hub))
    made = [_unless_lost(partial(matching.offer_match, found=one, hub=hub)) for one in found]
    return sum(made)


def _unless_lost(use_case: work.UseCase) -> bool:
    """Do it unless somebody else was faster; then the next round sees what is left to do."""
    uow = work.begin()
    try:
        use_case(uow)
        uow.commit()
    except Conflict as lost:
        logger.info("round lost a race", code=lost.code)
        return False
    return True
