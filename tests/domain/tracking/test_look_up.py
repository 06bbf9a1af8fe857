"""A look-up tells little, and the same of everything that it does not find."""

from dataclasses import replace

import pytest

from chalicelib.domain.deliveries import order_numbers
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.model import Status
from chalicelib.domain.tracking import look_up, service
from chalicelib.domain.tracking.look_up import Asked
from chalicelib.kit.errors import NotFound, TooManyRequests
from tests.telling import ANNA, SERVER_KEY, World, steps_to

RIGHT = Asked("#1042", "10119")


@pytest.fixture
def world(begin):
    return World(begin)


def findable(world, *commands):
    delivery = world.deliver(*commands)
    uow = world.begin()
    order_numbers.save(uow, delivery, ANNA.address.postal_code, SERVER_KEY)
    uow.commit()
    return delivery


def find(world, asked):
    uow = world.begin()
    token = look_up.find(uow, asked, SERVER_KEY)
    uow.commit()
    return token


@pytest.mark.parametrize("number", ["#1042", "1042", " # 10 42 "])
def test_a_number_is_found_however_it_is_written(world, number):
    findable(world)
    assert find(world, Asked(number, " 10 119 ")) is not None


@pytest.mark.parametrize(
    "wrong",
    [Asked("1043", "10119"), Asked("1042", "10117"), Asked("", ""), Asked("1042", "")],
)
def test_an_unknown_number_and_a_wrong_code_are_alike(world, wrong):
    findable(world)
    assert find(world, wrong) is None


def test_a_number_of_two_shops_needs_the_shops_name(world, begin):
    findable(world)
    findable(World(begin, brand="Ziegler Wein"))
    assert find(world, RIGHT) is None
    token = find(world, replace(RIGHT, shop="ziegler"))
    assert service.open_glance(world.begin(), token).brand == "Ziegler Wein"
    of_a_shop = find(world, replace(RIGHT, merchant_id=world.merchant.id))
    assert service.open_glance(world.begin(), of_a_shop).brand == "Blumen & Söhne"


@pytest.mark.parametrize("status", [Status.PLANNED, Status.EN_ROUTE_TO_DROPOFF, Status.DELIVERED])
def test_a_glance_shows_nothing_of_people_or_places(world, status):
    findable(world, *steps_to(status))
    shown = service.open_glance(world.begin(), find(world, RIGHT))
    text = repr(shown)
    for private in ("Anna", "Torstraße", "52.52", "PIN"):
        assert private not in text
    assert (shown.place, shown.dot, shown.has_photo, shown.may_rate) == (None, None, False, False)
    assert shown.headline


def test_a_glance_is_no_link_and_ends_after_half_an_hour(world, clock):
    delivery = findable(world)
    token = find(world, RIGHT)
    with pytest.raises(NotFound):
        service.delivery_of(world.begin(), token)
    with pytest.raises(NotFound):
        look_up.glance_of(world.begin(), world.token(delivery))
    clock.advance(minutes=31)
    with pytest.raises(NotFound):
        look_up.glance_of(world.begin(), token)


def test_guesses_at_one_number_are_counted_whoever_makes_them(world):
    for caller in range(look_up.MOST_FOR_A_NUMBER):
        look_up.count(world.begin(), RIGHT, f"caller-{caller}", "hop", SERVER_KEY)
    with pytest.raises(TooManyRequests):
        look_up.count(world.begin(), RIGHT, "another", "hop", SERVER_KEY)


def test_one_caller_gets_only_so_many_guesses(world):
    for number in range(look_up.MOST_OF_A_CALLER):
        look_up.count(world.begin(), Asked(str(number), "1"), "caller", "hop", SERVER_KEY)
    with pytest.raises(TooManyRequests):
        look_up.count(world.begin(), Asked("x", "1"), "caller", "hop", SERVER_KEY)


def test_a_delivery_without_a_postal_code_cannot_be_looked_up(world):
    uow = world.begin()
    delivery = deliveries.store.load(uow, deliveries.ref_of(world.deliver()))
    order_numbers.save(uow, delivery, "", SERVER_KEY)
    # Only its shop finds it by its number.
    assert uow.write_count == 1
