"""Who is near and could take this route over? For the desk, when its driver cannot go on.

The two have to meet, so it is looked for around the route's next stop, whatever the hub's size: by
the cells that drivers were last seen in. Whoever cannot is named with what stops them, for the desk
may insist.
"""

from dataclasses import dataclass

from chalicelib.domain.dispatch.model import Route
from chalicelib.domain.dispatch.rules import eligibility
from chalicelib.domain.dispatch.rules.eligibility import Bar
from chalicelib.domain.dispatch.today.last_seen import Near, nearest_drivers
from chalicelib.domain.drivers import store as drivers
from chalicelib.storage.unit_of_work import UnitOfWork

#: So many of the nearest are looked at; busy ones count.
MOST = 20


@dataclass(frozen=True, slots=True)
class Relief:
    """A driver near the route's next stop.

    ``bar``: what stops them, a no to this very route not counted; ``may_insist``: no law does.
    """

    near: Near
    is_free: bool
    bar: Bar | None
    may_insist: bool


def nearby(uow: UnitOfWork, route: Route) -> list[Relief]:
    """Drivers on duty near the next stop, nearest first; nobody where the route is over."""
    coming = route.next_stop()
    if coming is None:
        return []
    around = nearest_drivers(uow, route.hub_id, coming.position, MOST)
    found = drivers.load_works(uow, [one.driver_id for one in around])
    works = {work.driver_id: work for work in found if work.on_duty}
    return [
        Relief(
            near,
            works[near.driver_id].is_free,
            eligibility.bar(route, works[near.driver_id], uow.now, refusals=False),
            eligibility.forbidden(route, works[near.driver_id], uow.now) is None,
        )
        for near in around
        if near.driver_id in works and near.driver_id != route.driver_id
    ]
