"""How did it stand in the end? A recorded day put back into tables, and the figures of it.

What analytics makes of a live day it makes of this one, by the same functions from the same items:
so a day's report and its replay agree to the last digit, and so do the figures of a simulated day,
which is recorded like any other. Texts are the exception: a simulated day sends none.
"""

from collections.abc import Callable
from dataclasses import replace

from chalicelib.domain.analytics import figures, gathering, rolling
from chalicelib.domain.analytics.figures import Figures
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.model import Driver
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.simulation.recorded import RecordedDay
from chalicelib.kit.clock import FrozenClock
from chalicelib.storage import keys
from chalicelib.storage.notebook import Notebook
from chalicelib.storage.unit_of_work import UnitOfWork


def as_it_was(day: RecordedDay) -> Callable[[], UnitOfWork]:
    """Tables in which the day stands as it was recorded; gives units of work to ask them by."""
    notebook, clock = Notebook(), FrozenClock(day.recorded_at)
    for key, item in (*day.kept, *day.came_of_it):
        notebook.seed(key, item)
    for delivery in day.deliveries:
        key = keys.delivery(delivery.merchant_id, delivery.id)
        notebook.seed(key, delivery_store.to_item(delivery))
    for route in day.routes:
        notebook.seed(keys.route(route.id), dispatch.route_to_item(route))
    for member in day.crew:
        work = member.work
        uow = UnitOfWork(notebook, clock)
        drivers.save(uow, Driver(work.driver_id, day.hub_id, work.vehicle, skills=work.skills))
        drivers.save_work(uow, replace(work, version=1))
        uow.commit()
    return lambda: UnitOfWork(notebook, clock)


def figures_of(day: RecordedDay) -> Figures:
    """What the day came to, in the figures of docs/figures.md."""
    uow = as_it_was(day)()
    hub = merchants.load_hub(uow, day.hub_id)
    ended = (gathering.gather_delivery(uow, one, hub.timezone) for one in day.deliveries)
    driven = (gathering.gather_route(uow, one.id) for one in day.routes)
    return figures.of(
        [one for one in ended if one is not None and one.day == day.day],
        [one for one in driven if one is not None and one.day == day.day],
        rolling.crew_of(uow, hub, day.day),
    )
