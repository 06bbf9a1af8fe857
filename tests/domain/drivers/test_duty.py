"""Enrolled, on duty, off duty."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.drivers import service, store
from chalicelib.domain.drivers.model import Work
from chalicelib.domain.drivers.service import USUAL_SHIFT, NewDriver
from chalicelib.domain.merchants import store as merchants
from chalicelib.kit.clock import FrozenClock
from chalicelib.kit.errors import Conflict, DriverBusy, NotFound
from chalicelib.kit.phone import Phone
from chalicelib.storage import keys
from chalicelib.storage.table import Refused
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import HUB_AT, NOON, SERVER_KEY, STORE_AT, a_driver_at_work, a_hub, a_vehicle

Begin = Callable[[], UnitOfWork]
PHONE = Phone("+491713920010")


def enrol(begin: Begin, phone: Phone = PHONE) -> str:
    uow = begin()
    if uow.get(keys.hub("hub_1")) is None:
        merchants.save_hub(uow, a_hub())
    driver = service.enrol(uow, NewDriver("Kim", phone, "hub_1", a_vehicle()), SERVER_KEY)
    uow.commit()
    return driver.id


def go_on(begin: Begin, driver_id: str, until: timedelta | None = None) -> Work:
    uow = begin()
    ends = None if until is None else uow.now + until
    work = service.go_on_duty(uow, driver_id, HUB_AT, ends)
    uow.commit()
    return work


def go_off(begin: Begin, driver_id: str) -> Work:
    uow = begin()
    work = service.go_off_duty(uow, driver_id)
    uow.commit()
    return work


def test_name_and_phone_are_kept_apart_from_the_work(begin: Begin) -> None:
    driver_id = enrol(begin)
    uow = begin()
    assert replace(store.load(uow, driver_id).vehicle, id="") == a_vehicle()
    assert store.load_person(uow, driver_id).phone == PHONE
    for key in (keys.driver(driver_id), keys.driver_work(driver_id)):
        assert not {"Kim", PHONE.e164} & set(map(str, (uow.get(key) or {}).values()))


def test_a_phone_belongs_to_one_driver(begin: Begin) -> None:
    enrol(begin)
    with pytest.raises(Conflict):
        enrol(begin)


def test_two_enrolments_of_one_phone_at_once_are_one(begin: Begin) -> None:
    new = NewDriver("Kim", PHONE, "hub_1", a_vehicle())
    first, second = begin(), begin()
    service.enrol(first, new, SERVER_KEY)
    service.enrol(second, new, SERVER_KEY)
    first.commit()
    with pytest.raises(Refused):
        second.commit()


def test_a_shift_lasts_as_said_or_as_usual(begin: Begin) -> None:
    driver_id = enrol(begin)
    assert go_on(begin, driver_id).shift_ends_at == NOON + USUAL_SHIFT
    assert go_on(begin, driver_id, timedelta(hours=2)).shift_ends_at == NOON + timedelta(hours=2)
    assert store.load_work(begin(), driver_id).is_free


def test_going_on_duty_is_news_once_and_moving_is_none(begin: Begin) -> None:
    driver_id = enrol(begin)
    uow = begin()
    service.go_on_duty(uow, driver_id, HUB_AT, None)
    assert [event.type for event in uow._events] == ["driver.on_duty"]
    uow.commit()
    uow = begin()
    moved = service.go_on_duty(uow, driver_id, STORE_AT, None)
    assert (uow._events, moved.position) == ([], STORE_AT)


def test_going_off_duty_twice_is_once(begin: Begin) -> None:
    driver_id = enrol(begin)
    go_on(begin, driver_id)
    off = go_off(begin, driver_id)
    assert go_off(begin, driver_id) == off
    assert not off.is_free


def test_who_has_a_route_stays_on_duty(begin: Begin) -> None:
    uow = begin()
    store.save_work(uow, a_driver_at_work(route_id="rte_1"))
    uow.commit()
    with pytest.raises(DriverBusy):
        go_off(begin, "drv_1")


def test_the_hub_lists_who_is_on_duty(begin: Begin) -> None:
    people = [enrol(begin, Phone(f"+49171392001{number}")) for number in range(3)]
    for driver_id in people:
        go_on(begin, driver_id)
    go_off(begin, people[0])
    listed = store.list_on_duty(begin(), "hub_1")
    assert [work.driver_id for work in listed] == sorted(people[1:])
    assert store.list_on_duty(begin(), "hub_2") == []


def test_two_changes_at_once_are_not_both_believed(begin: Begin, clock: FrozenClock) -> None:
    """An offer is made while the driver signs off: one of the two has to look again."""
    driver_id = enrol(begin)
    work = go_on(begin, driver_id)
    offering, leaving = begin(), begin()
    store.save_work(offering, replace(work, offer=("rte_1", "ofr_1"), version=work.version + 1))
    service.go_off_duty(leaving, driver_id)
    offering.commit()
    with pytest.raises(Refused):
        leaving.commit()


def test_work_is_read_as_it_was_written(begin: Begin) -> None:
    full = a_driver_at_work(
        offer=("rte_1", "ofr_1"), route_id="rte_2", last_route_id="rte_3", position=STORE_AT
    )
    uow = begin()
    store.save_work(uow, full)
    uow.commit()
    assert store.load_work(begin(), "drv_1") == full


def test_nobody_is_not_found(begin: Begin) -> None:
    for load in (store.load, store.load_person, store.load_work):
        with pytest.raises(NotFound):
            load(begin(), "drv_unknown")
