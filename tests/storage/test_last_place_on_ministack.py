"""Who gets the last place, in many threads: never more than there are, and none is lost."""

from functools import partial

from chalicelib.domain.coverage import capacity, service, store
from chalicelib.domain.coverage.model import Covered, Use
from chalicelib.domain.coverage.promises import Offerable
from chalicelib.domain.coverage.service import Drawing
from chalicelib.kit.clock import FrozenClock
from chalicelib.kit.errors import NoCapacityLeft, StaleVersion, Upstream
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.storage import keys
from chalicelib.storage.table import Tables
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import DOOR_AT, HUB_AT, NOON, a_hub
from tests.domain.coverage.outlines import a_polygon, a_shape
from tests.domain.coverage.plans import MONDAY, at, scheduled
from tests.storage.conftest import at_once

PLACES, SHOPS = 5, 16
PROMISE = scheduled(capacity_per_window=PLACES)
MORNING = TimeWindow(at(MONDAY, 9), at(MONDAY, 11))


def begin(tables: Tables) -> UnitOfWork:
    return UnitOfWork(tables, FrozenClock(NOON))


def take(tables: Tables, shop: int) -> bool:
    """One order of one shop, tried again as long as others are faster."""
    while True:
        uow = begin(tables)
        found = capacity.choose(uow, (PROMISE,), MORNING, NOON)
        if not isinstance(found, Offerable):
            return False
        try:
            capacity.book(uow, found)
            # What the place is for, in the same transaction.
            uow.put(keys.order(f"mer_{shop}", "api", "1"), {}, expect=0)
            uow.commit()
        except (StaleVersion, Upstream, NoCapacityLeft):
            continue
        return True


def test_as_many_shops_get_a_place_as_there_are_places(atomic_tables: Tables) -> None:
    got = at_once([lambda shop=shop: take(atomic_tables, shop) for shop in range(SHOPS)])
    assert sum(got) == PLACES
    assert store.load_taken(begin(atomic_tables), "hub_1", MONDAY)[0].day == PLACES
    orders = [keys.order(f"mer_{shop}", "api", "1") for shop in range(SHOPS)]
    assert len(begin(atomic_tables).get_many(orders)) == PLACES


def test_a_covered_door_is_found_at_every_moment_of_a_change(atomic_tables: Tables) -> None:
    """Areas come and go around a door that the radius, or any of them, covers."""
    shapes = [a_shape(a_polygon(seed, 300, 12_000, HUB_AT)) for seed in range(3)]
    changing = [True]
    looks = [0, 0, 0]

    def change() -> list[bool]:
        for number in range(300):
            # A thread that gets no turn for a while has not looked yet.
            if number >= 2 * len(shapes) and min(looks) > 5:
                break
            shape = shapes[number % len(shapes)]
            uow = begin(atomic_tables)
            area = service.draw_area(uow, "hub_1", Drawing("x", Use.DELIVERY, shape))
            uow.commit()
            for other in shapes:
                uow = begin(atomic_tables)
                drawing = Drawing("x", Use.DELIVERY, other)
                service.redraw_area(uow, "hub_1", area.id, drawing)
                uow.commit()
            uow = begin(atomic_tables)
            service.erase_area(uow, "hub_1", area.id)
            uow.commit()
        changing.clear()
        return []

    def look(who: int) -> list[bool]:
        seen = []
        while changing:
            answer = service.look_up(begin(atomic_tables), "mer_1", a_hub(), DOOR_AT)
            seen.append(isinstance(answer, Covered))
            looks[who] += 1
        return seen

    assert all(shape.contains(DOOR_AT) for shape in shapes)
    _, *seen = at_once([change, *(partial(look, who) for who in range(len(looks)))])
    assert min(len(one) for one in seen) > 5
    assert all(all(one) for one in seen)
