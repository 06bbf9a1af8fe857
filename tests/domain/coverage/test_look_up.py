"""A door is looked up in one request, in whatever state its areas are."""

import random
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from chalicelib.domain.coverage import service, store
from chalicelib.domain.coverage.index import MOST_CELLS
from chalicelib.domain.coverage.model import (
    ClassRule,
    Covered,
    NotCovered,
    Outside,
    PromiseClass,
    Rules,
    Use,
)
from chalicelib.domain.coverage.service import Drawing
from chalicelib.domain.coverage.shape import Shape
from chalicelib.kit.errors import NotFound, UnusableArea
from chalicelib.kit.geo import LatLng
from chalicelib.storage import keys
from chalicelib.storage.keys import Key, TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import DOOR_AT, HUB_AT, a_hub
from tests.domain.coverage.outlines import a_polygon, a_ring, a_shape, a_square, slowly_inside

Begin = Callable[[], UnitOfWork]
FAR = LatLng(48.1, 11.6)
NEAR_THE_DOOR = (51.215, 9.41, 51.225, 9.43)


def draw(begin: Begin, owner: str = "hub_1", square=NEAR_THE_DOOR, **changes: Any) -> str:
    rules = {"name": "x", "use": Use.DELIVERY, "shape": a_shape(a_square(*square))} | changes
    uow = begin()
    area = service.draw_area(uow, owner, Drawing(**rules))
    uow.commit()
    return area.id


def look_up(begin: Begin, position: LatLng = DOOR_AT, merchant_id: str = "mer_1"):
    return service.look_up(begin(), merchant_id, a_hub(), position)


def covered(begin: Begin, position: LatLng = DOOR_AT) -> Covered:
    answer = look_up(begin, position)
    assert isinstance(answer, Covered)
    return answer


def test_without_any_area_the_hub_delivers_within_its_radius(begin: Begin) -> None:
    assert covered(begin) == Covered(None, (), ())
    assert look_up(begin, FAR) == NotCovered(Outside.NETWORK)


def test_an_area_replaces_the_radius(begin: Begin) -> None:
    area_id = draw(begin)
    assert covered(begin) == Covered(area_id, (area_id,), ())
    assert look_up(begin, HUB_AT) == NotCovered(Outside.NETWORK)


def test_the_last_area_erased_brings_the_radius_back(begin: Begin) -> None:
    area_id = draw(begin)
    uow = begin()
    service.erase_area(uow, "hub_1", area_id)
    uow.commit()
    assert covered(begin, HUB_AT) == Covered(None, (), ())
    assert begin().query_all(TableName.CORE, "S#hub_1", "C#") == []


def test_an_area_that_moves_leaves_its_old_cells(begin: Begin) -> None:
    area_id = draw(begin)
    uow = begin()
    there = a_shape(a_polygon(1, 30, 4_000, FAR))
    service.redraw_area(uow, "hub_1", area_id, Drawing("x", Use.DELIVERY, there))
    uow.commit()
    assert look_up(begin) == NotCovered(Outside.NETWORK)
    assert covered(begin, FAR).area_ids == (area_id,)
    assert store.load_area(begin(), "hub_1", area_id)[0].shape == there


def test_areas_that_share_a_cell_do_not_disturb_each_other(begin: Begin) -> None:
    first = draw(begin)
    second = draw(begin, square=(51.195, 9.395, 51.205, 9.405))
    uow = begin()
    service.erase_area(uow, "hub_1", first)
    uow.commit()
    assert look_up(begin) == NotCovered(Outside.NETWORK)
    assert covered(begin, HUB_AT).area_ids == (second,)


def test_a_price_zone_covers_nothing_by_itself(begin: Begin) -> None:
    zone = draw(begin, use=Use.PRICING, zone="inner")
    assert covered(begin) == Covered("inner", (zone,), ())
    assert covered(begin, HUB_AT).zone_id is None
    assert look_up(begin, FAR) == NotCovered(Outside.NETWORK)


def test_of_overlapping_areas_the_higher_priority_decides_then_the_smaller(begin: Begin) -> None:
    wide = draw(begin, square=(51.1, 9.2, 51.3, 9.6), zone="wide")
    small = draw(begin, zone="small")
    assert covered(begin).zone_id == "small"
    assert covered(begin).area_ids == (small, wide)
    above = draw(begin, square=(51.0, 9.2, 51.3, 9.6), zone="above", priority=1)
    assert covered(begin).zone_id == "above"
    assert covered(begin).area_ids == (above, small, wide)


def test_a_merchant_can_only_narrow(begin: Begin) -> None:
    draw(begin, "mer_1", square=(51.1, 9.2, 51.6, 9.6))
    assert look_up(begin, LatLng(51.5, 9.5)) == NotCovered(Outside.NETWORK)
    covered(begin)
    draw(begin, "mer_2", square=(51.195, 9.395, 51.205, 9.405))
    assert look_up(begin, DOOR_AT, "mer_2") == NotCovered(Outside.MERCHANT)
    assert isinstance(look_up(begin, HUB_AT, "mer_2"), Covered)


def test_a_price_zone_drawn_for_a_merchant_is_its_alone(begin: Begin) -> None:
    draw(begin, zone="inner")
    draw(begin, "mer_1", use=Use.PRICING, zone="friends")
    assert covered(begin).zone_id == "friends"
    other = look_up(begin, DOOR_AT, "mer_2")
    assert isinstance(other, Covered)
    assert other.zone_id == "inner"


def test_what_a_merchant_narrows_to_names_no_price_zone(begin: Begin) -> None:
    """Else it could draw itself out of a dear zone."""
    draw(begin, zone="islands")
    draw(begin, "mer_1")
    assert covered(begin).zone_id == "islands"


def test_an_area_of_another_owner_is_not_found(begin: Begin) -> None:
    area_id = draw(begin, "mer_1")
    with pytest.raises(NotFound):
        store.load_area(begin(), "mer_2", area_id)
    with pytest.raises(NotFound):
        service.erase_area(begin(), "hub_1", area_id)


def a_class(kind: PromiseClass = PromiseClass.SAME_DAY) -> ClassRule:
    return ClassRule(kind, cut_off_min=840, lead_days=0, horizon_days=0, window_s=None)


def test_an_area_has_the_promises_of_its_hub_unless_it_has_its_own(begin: Begin) -> None:
    uow = begin()
    service.set_rules(uow, "hub_1", Rules(classes=(a_class(),), capacity_per_day=9))
    uow.commit()
    [of_hub] = covered(begin).promises
    assert (of_hub.scope, of_hub.capacity_per_day) == ("hub_1", 9)
    assert of_hub.calendar.timezone == "Europe/Berlin"
    area_id = draw(begin, rules=Rules(classes=(a_class(PromiseClass.NEXT_DAY),)))
    [of_area] = covered(begin).promises
    assert (of_area.scope, of_area.kind) == (area_id, PromiseClass.NEXT_DAY)


def test_an_area_in_another_zone_keeps_its_own_time(begin: Begin) -> None:
    uow = begin()
    service.set_rules(uow, "hub_1", Rules(classes=(a_class(),)))
    uow.commit()
    draw(begin, rules=Rules(timezone="Europe/London"))
    [promise] = covered(begin).promises
    assert promise.calendar.timezone == "Europe/London"
    assert promise.scope == "hub_1"


class Torn:
    """Tables that give one item as it was before: reads of several items are of no one moment."""

    def __init__(self, uow: UnitOfWork, stale: dict[Key, Item | None]) -> None:
        self.uow, self.stale, self.asked = uow, stale, 0

    def get_many(self, wanted: Iterable[Key]) -> dict[Key, Item]:
        self.asked += 1
        found = self.uow.get_many(wanted)
        if self.asked == 1:
            for key, before in self.stale.items():
                found.pop(key, None)
                if before is not None:
                    found[key] = before
        return found


def test_a_door_is_found_while_the_first_area_is_being_drawn(begin: Begin) -> None:
    """The owner's item is new, the cell's still missing: asked once more, the door is there."""
    area_id = draw(begin)
    [cell] = store.load_area(begin(), "hub_1", area_id)[1]
    torn = Torn(begin(), {keys.area_cell("hub_1", cell): None})
    assert isinstance(service.look_up(torn, "mer_1", a_hub(), DOOR_AT), Covered)  # type: ignore[arg-type]
    assert torn.asked == 2


def test_a_door_is_found_while_the_last_area_is_being_erased(begin: Begin) -> None:
    area_id = draw(begin)
    before = begin().get(keys.coverage("hub_1"))
    uow = begin()
    service.erase_area(uow, "hub_1", area_id)
    uow.commit()
    torn = Torn(begin(), {keys.coverage("hub_1"): before})
    assert isinstance(service.look_up(torn, "mer_1", a_hub(), DOOR_AT), Covered)  # type: ignore[arg-type]


def test_a_door_inside_is_answered_by_one_request(begin: Begin) -> None:
    draw(begin)
    counted = Torn(begin(), {})
    service.look_up(counted, "mer_1", a_hub(), DOOR_AT)  # type: ignore[arg-type]
    assert counted.asked == 1


def test_two_who_draw_at_once_do_not_lose_an_area(begin: Begin) -> None:
    first, second = begin(), begin()
    shape = a_shape(a_square(*NEAR_THE_DOOR))
    service.draw_area(first, "hub_1", Drawing("a", Use.DELIVERY, shape))
    service.draw_area(second, "hub_1", Drawing("b", Use.DELIVERY, shape))
    first.commit()
    with pytest.raises(Exception, match="changed by somebody else"):
        second.commit()


def test_an_area_that_would_not_fit_in_one_transaction_is_refused(begin: Begin) -> None:
    """A strip of a thousand kilometres: little area, many cells."""
    strip = a_square(51.0, 0.0, 51.02, 14.0)
    with pytest.raises(UnusableArea) as caught:
        draw(begin, shape=a_shape(strip))
    assert caught.value.extra["reason"] == "too_large"
    assert MOST_CELLS * 2 + 2 <= 100


def test_a_cell_that_is_drawn_full_takes_no_more(begin: Begin) -> None:
    crowded = [draw(begin, shape=an_intricate_shape(seed), zone="z") for seed in range(9)]
    with pytest.raises(UnusableArea) as caught:
        [draw(begin, shape=an_intricate_shape(seed)) for seed in range(9, 30)]
    assert caught.value.extra["reason"] == "too_many_areas_here"
    assert set(covered(begin, HUB_AT).area_ids) > set(crowded)


def an_intricate_shape(seed: int) -> Shape:
    """As much as one area may have; its check would take a second."""
    ring = a_ring(seed, 5_000, 2_000, HUB_AT)
    return Shape((((*((round(y * 1e6), round(x * 1e6)) for x, y in ring[:-1]),),),))


@pytest.mark.parametrize("seed", range(2))
def test_what_is_kept_answers_as_the_slow_judge_does(begin: Begin, seed: int) -> None:
    shapes = [
        a_shape(a_polygon(seed * 7 + number, 50, 9_000, centre, holes=2))
        for number, centre in enumerate([HUB_AT, LatLng(51.3, 9.5)])
    ]
    for shape in shapes:
        draw(begin, shape=shape)
    chance = random.Random(seed)
    for _ in range(60):
        door = LatLng(chance.uniform(51.0, 51.45), chance.uniform(9.2, 9.7))
        expected = any(slowly_inside(door, shape) for shape in shapes)
        assert isinstance(look_up(begin, door), Covered) is expected
