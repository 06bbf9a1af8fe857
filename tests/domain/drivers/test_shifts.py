"""Shifts: what may be planned beside what, when they begin, and what the clock tells of them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.drivers import crew_clock, crew_rules, rota, service, store
from chalicelib.domain.drivers.changes import WantedDocument, set_documents
from chalicelib.domain.drivers.crew_rules import CrewRules
from chalicelib.domain.drivers.documents import DocumentKind
from chalicelib.domain.drivers.model import BreakWindow
from chalicelib.domain.drivers.rota import NewShift
from chalicelib.domain.drivers.service import NewDriver
from chalicelib.domain.drivers.shifts import (
    Shift,
    ShiftStatus,
    check_plan,
    planned_by_hour,
)
from chalicelib.domain.merchants import store as merchants
from chalicelib.kit.clock import FrozenClock
from chalicelib.kit.errors import Conflict, Invalid, NotFound
from chalicelib.kit.events import Event
from chalicelib.kit.phone import Phone
from chalicelib.storage.table import Refused
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import HUB_AT, NOON, SERVER_KEY, a_hub, a_vehicle

Begin = Callable[[], UnitOfWork]
BERLIN = "Europe/Berlin"
RULES = CrewRules()
HOUR = timedelta(hours=1)


def a_shift(start_h: float = 1, hours: float = 8, **changes: object) -> Shift:
    start = NOON + start_h * HOUR
    shift = Shift("shf_1", "drv_1", "hub_1", start, start + hours * HOUR, rota.BY_DRIVER)
    return replace(shift, **changes)  # type: ignore[arg-type]


def a_break(start_h: float, latest_h: float, minutes: int = 30) -> BreakWindow:
    return BreakWindow(NOON + start_h * HOUR, NOON + latest_h * HOUR, minutes * 60)


def refusal(new: Shift, *others: Shift, rules: CrewRules = RULES) -> str:
    with pytest.raises(Conflict) as refused:
        check_plan(new, others, rules, BERLIN, NOON)
    return str(refused.value.extra["reason"])


def test_shifts_do_not_overlap_and_may_touch() -> None:
    other = a_shift(9, 4, id="shf_2")
    assert refusal(a_shift(5, 5), a_shift(9, 4, id="shf_2")) == "shift_overlaps"
    check_plan(a_shift(5, 4), [other], replace(RULES, most_minutes_a_day=900), BERLIN, NOON)
    gone = replace(other, status=ShiftStatus.CANCELLED)
    check_plan(a_shift(5, 5), [gone], RULES, BERLIN, NOON)


def test_shifts_are_planned_for_days_to_come_and_not_too_many() -> None:
    assert refusal(a_shift(-9, 8)) == "shift_in_the_past"
    assert refusal(a_shift(24 * 28 + 1)) == "shift_too_far_ahead"
    check_plan(a_shift(24 * 28), [], RULES, BERLIN, NOON)


def test_a_day_and_a_week_have_limits_and_breaks_do_not_count() -> None:
    assert refusal(a_shift(1, 10.5)) == "shift_day_limit"
    check_plan(a_shift(1, 10.5, breaks=(a_break(4, 5),)), [], RULES, BERLIN, NOON)
    # NOON is a Friday: five shifts from Monday on, and one that begins on Sunday night.
    monday = 66
    week = [a_shift(monday + 24 * day, 9, id=f"shf_{day}") for day in range(5)]
    assert refusal(a_shift(monday + 24 * 5, 4, id="shf_x"), *week) == "shift_week_limit"
    check_plan(a_shift(monday + 24 * 5, 3, id="shf_x"), week, RULES, BERLIN, NOON)


@pytest.mark.parametrize(
    "breaks",
    [
        (a_break(0, 2),),
        (a_break(3, 8.9),),
        (a_break(4, 3),),
        (a_break(2, 4), a_break(4, 5)),
        (a_break(5, 6), a_break(2, 3)),
    ],
)
def test_breaks_that_do_not_fit_are_refused(breaks: tuple[BreakWindow, ...]) -> None:
    with pytest.raises(Invalid):
        check_plan(a_shift(1, 8, breaks=breaks), [], RULES, BERLIN, NOON)
    check_plan(a_shift(1, 8, breaks=(a_break(2, 4), a_break(4.5, 6))), [], RULES, BERLIN, NOON)


@pytest.mark.parametrize("hours", [-1, 0, 0.25, 16.5])
def test_a_shift_has_a_length(hours: float) -> None:
    with pytest.raises(Invalid):
        check_plan(a_shift(1, hours), [], RULES, BERLIN, NOON)


@given(st.lists(st.tuples(st.integers(-20, 40), st.integers(1, 16)), max_size=12))
def test_the_hours_of_a_day_count_each_driver_once(spans: list[tuple[int, int]]) -> None:
    shifts = [
        a_shift(start, hours, driver_id=f"drv_{number % 4}")
        for number, (start, hours) in enumerate(spans)
    ]
    hours = planned_by_hour(shifts, date(2026, 11, 27), BERLIN)
    assert len(hours) == 24
    for at, drivers in hours:
        there = {one.driver_id for one in shifts if one.start_at <= at < one.end_at}
        assert drivers == len(there)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_a_day_has_as_many_hours_as_its_clock_shows(day: date, hours: int) -> None:
    assert len(planned_by_hour([], day, BERLIN)) == hours


@pytest.fixture
def driver_id(begin: Begin) -> str:
    uow = begin()
    merchants.save_hub(uow, a_hub())
    new = NewDriver("Kim", Phone("+491713920010"), "hub_1", a_vehicle())
    made = service.enrol(uow, new, SERVER_KEY)
    uow.commit()
    return made.id


def run[T](begin: Begin, use_case: Callable[[UnitOfWork], T]) -> tuple[T, list[Event]]:
    uow = begin()
    result = use_case(uow)
    news = list(uow._events)
    uow.commit()
    return result, news


def plan(begin: Begin, driver_id: str, start_h: float, hours: float = 6) -> Shift:
    new = NewShift(NOON + start_h * HOUR, NOON + (start_h + hours) * HOUR)
    return run(begin, lambda uow: rota.plan(uow, driver_id, new, rota.BY_DRIVER))[0]


def test_a_shift_is_kept_listed_and_taken_back(begin: Begin, driver_id: str) -> None:
    first, second = plan(begin, driver_id, 24), plan(begin, driver_id, 2)
    assert plan(begin, driver_id, 2) == second
    assert rota.list_from(begin(), driver_id, NOON) == [second, first]
    gone, news = run(begin, lambda uow: rota.cancel(uow, driver_id, second.id))
    assert (gone.status, [one.type for one in news]) == (
        ShiftStatus.CANCELLED,
        ["shift.cancelled"],
    )
    assert run(begin, lambda uow: rota.cancel(uow, driver_id, second.id)) == (gone, [])
    day = NOON.date()
    assert rota.list_of_hub(begin(), a_hub(), day) == []
    assert rota.list_of_hub(begin(), a_hub(), day + timedelta(days=1)) == [first]
    with pytest.raises(NotFound):
        rota.cancel(begin(), "drv_other", first.id)


def test_a_shift_over_midnight_is_seen_on_both_days(begin: Begin, driver_id: str) -> None:
    night = plan(begin, driver_id, 9, 6)
    for day in (27, 28):
        assert rota.list_of_hub(begin(), a_hub(), date(2026, 11, day)) == [night]
    assert rota.list_of_hub(begin(), a_hub(), date(2026, 11, 29)) == []


def test_two_shifts_at_once_do_not_both_fit(begin: Begin, driver_id: str) -> None:
    one, other = begin(), begin()
    rota.plan(one, driver_id, NewShift(NOON + HOUR, NOON + 5 * HOUR), rota.BY_DRIVER)
    rota.plan(other, driver_id, NewShift(NOON + 2 * HOUR, NOON + 6 * HOUR), rota.BY_DESK)
    one.commit()
    with pytest.raises(Refused):
        other.commit()


def test_going_on_duty_within_a_shift_takes_its_end_and_its_breaks(
    begin: Begin, driver_id: str, clock: FrozenClock
) -> None:
    rest = a_break(3, 4)
    new = NewShift(NOON + HOUR, NOON + 7 * HOUR, (rest,))
    shift = run(begin, lambda uow: rota.plan(uow, driver_id, new, rota.BY_DRIVER))[0]
    go_on = lambda uow: service.go_on_duty(uow, driver_id, HUB_AT, None)  # noqa: E731
    early, _ = run(begin, go_on)
    assert (early.shift_id, early.breaks) == (None, ())
    clock.advance(minutes=40)
    work, news = run(begin, go_on)
    assert (work.shift_ends_at, work.breaks, work.shift_id) == (NOON + 7 * HOUR, (rest,), shift.id)
    assert [one.type for one in news] == ["shift.started"]
    assert store.load_work(begin(), driver_id) == work
    with pytest.raises(Conflict):
        rota.cancel(begin(), driver_id, shift.id)
    off, _ = run(begin, lambda uow: service.go_off_duty(uow, driver_id))
    assert (off.shift_id, off.breaks) == (None, ())


def tick(begin: Begin) -> list[str | None]:
    return [
        run(begin, lambda uow, key=key: crew_clock.look_at(uow, key))[0]  # type: ignore[misc]
        for key in list(crew_clock.due(begin()))
    ]


def test_the_clock_reminds_once_and_reports_once_who_does_not_come(
    begin: Begin, driver_id: str, clock: FrozenClock
) -> None:
    plan(begin, driver_id, 3)
    assert tick(begin) == []
    clock.advance(hours=2)
    assert tick(begin) == ["shift.reminded"]
    assert tick(begin) == []
    clock.advance(hours=1, minutes=14)
    assert tick(begin) == []
    clock.advance(minutes=2)
    assert tick(begin) == ["shift.start_missed"]
    assert tick(begin) == []


def test_who_came_is_not_reported(begin: Begin, driver_id: str, clock: FrozenClock) -> None:
    plan(begin, driver_id, 1)
    assert tick(begin) == ["shift.reminded"]
    clock.advance(hours=1)
    run(begin, lambda uow: service.go_on_duty(uow, driver_id, HUB_AT, None))
    clock.advance(hours=1)
    assert tick(begin) == []


def test_a_reminder_that_comes_too_late_is_none(
    begin: Begin, driver_id: str, clock: FrozenClock
) -> None:
    plan(begin, driver_id, 1)
    clock.advance(hours=1, minutes=5)
    assert tick(begin) == [None]
    clock.advance(minutes=15)
    assert tick(begin) == ["shift.start_missed"]


def test_papers_that_end_are_told_of_thirty_and_seven_days_before(
    begin: Begin, driver_id: str, clock: FrozenClock
) -> None:
    ends_on = NOON.date() + timedelta(days=40)
    paper = WantedDocument(DocumentKind.INSURANCE, ends_on, True)
    run(begin, lambda uow: set_documents(uow, driver_id, [paper]))
    told = {}
    for day in range(45):
        clock.at = NOON + timedelta(days=day)
        found = tick(begin)
        if any(found):
            told[day] = found
    assert told == {10: ["document_expiring"], 33: ["document_expiring"]}
    assert list(crew_clock.due(begin())) == []


def test_of_two_papers_that_end_at_once_each_is_told_of(
    begin: Begin, driver_id: str, clock: FrozenClock
) -> None:
    """A text has room for one: the other waits for the next tick, and is not taken for told."""
    ends_on = NOON.date() + timedelta(days=7)
    kinds = {DocumentKind.INSURANCE, DocumentKind.DRIVING_LICENCE}
    papers = [WantedDocument(kind, ends_on, True) for kind in sorted(kinds)]
    run(begin, lambda uow: set_documents(uow, driver_id, papers))
    told: list[str] = []
    for _ in range(4):
        for key in list(crew_clock.due(begin())):
            uow = begin()
            crew_clock.look_at(uow, key)
            told += [one.data["documents"][0]["document"] for one in uow._events]
            uow.commit()
    assert sorted(told) == sorted(kinds)


def test_a_paper_that_ended_by_the_hubs_clock_is_looked_at_no_more(
    begin: Begin, driver_id: str, clock: FrozenClock
) -> None:
    """East of Greenwich its day is over hours before the day of UTC is."""
    hub = replace(a_hub(), timezone="Pacific/Auckland", version=2)
    run(begin, lambda uow: merchants.save_hub(uow, hub))
    paper = WantedDocument(DocumentKind.INSURANCE, NOON.date() + timedelta(days=40), True)
    run(begin, lambda uow: set_documents(uow, driver_id, [paper]))
    clock.advance(days=40, hours=1)
    tick(begin)
    before = store.load(begin(), driver_id).version
    tick(begin)
    tick(begin)
    assert store.load(begin(), driver_id).version == before


def test_a_duty_that_nobody_ended_ends_with_the_shift(
    begin: Begin, driver_id: str, clock: FrozenClock
) -> None:
    run(begin, lambda uow: service.go_on_duty(uow, driver_id, HUB_AT, NOON + 2 * HOUR))
    clock.advance(hours=2)
    assert not run(begin, lambda uow: service.end_overdue_duty(uow, driver_id))[0]
    clock.advance(hours=1)
    assert run(begin, lambda uow: service.end_overdue_duty(uow, driver_id))[0]
    assert not store.load_work(begin(), driver_id).on_duty
    assert not run(begin, lambda uow: service.end_overdue_duty(uow, driver_id))[0]


def test_rules_are_read_as_they_were_set(begin: Begin) -> None:
    assert crew_rules.load(begin(), "hub_1") == CrewRules()
    rules = CrewRules(plan_ahead_days=7, fairness_permille=50, version=1)
    run(begin, lambda uow: crew_rules.save(uow, "hub_1", rules))
    assert crew_rules.load(begin(), "hub_1") == rules


def test_the_day_of_noon_is_a_friday() -> None:
    assert datetime(2026, 11, 27, 12, 0, tzinfo=UTC) == NOON
    assert NOON.isoweekday() == 5
