"""Promises to test with: a hub in Berlin's time that works Monday to Saturday, nine to nine."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from chalicelib.domain.coverage.model import Calendar, Promise, PromiseClass
from chalicelib.kit.hours import Span, WeekHours, instant

BERLIN = "Europe/Berlin"
NINE_TO_NINE = (Span(9 * 60, 21 * 60),)
WORKING_WEEK = WeekHours((*(NINE_TO_NINE,) * 6, ()))
#: NOON of the tests is a Friday.
FRIDAY, SATURDAY, SUNDAY, MONDAY = (date(2026, 11, day) for day in (27, 28, 29, 30))


def a_calendar(**changes: Any) -> Calendar:
    return replace(Calendar(BERLIN, WORKING_WEEK), **changes)


def same_day(**changes: Any) -> Promise:
    promise = Promise(
        kind=PromiseClass.SAME_DAY,
        scope="hub_1",
        calendar=a_calendar(),
        cut_off_min=14 * 60,
        lead_days=0,
        horizon_days=0,
        window_s=None,
    )
    return replace(promise, **changes)


def next_day(**changes: Any) -> Promise:
    rules = {"kind": PromiseClass.NEXT_DAY, "cut_off_min": 20 * 60, "lead_days": 1}
    return same_day(**(rules | {"horizon_days": 7} | changes))


def scheduled(**changes: Any) -> Promise:
    rules = {"kind": PromiseClass.SCHEDULED, "cut_off_min": 24 * 60, "lead_days": 1}
    return same_day(**(rules | {"horizon_days": 14, "window_s": 7200} | changes))


def at(day: date, hour: int, minute: int = 0, timezone: str = BERLIN) -> datetime:
    """The instant at which a clock there shows that time."""
    return instant(day, hour * 60 + minute, timezone).astimezone(UTC)
