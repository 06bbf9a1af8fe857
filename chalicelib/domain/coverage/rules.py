"""Whose rules count at a door? An area's own, and the hub's for whatever it leaves out."""

from datetime import date
from typing import Any

from chalicelib.domain.coverage.model import Calendar, ClassRule, Promise, PromiseClass, Rules
from chalicelib.domain.merchants.model import Hub
from chalicelib.kit.hours import Span, WeekHours

#: Nobody said: doors are usually opened to us then.
USUAL_HOURS = WeekHours(((Span(8 * 60, 21 * 60),),) * 7)


def promises(
    hub: Hub, of_hub: Rules, area_id: str | None, of_area: Rules | None
) -> tuple[Promise, ...]:
    """What is promised in an area of a hub (or, without one, anywhere that the hub delivers).

    Places are counted for the area by itself if it sets classes or a capacity of its own, else
    together with all that the hub promises.
    """
    own = of_area or Rules()
    is_counted_apart = bool(own.classes) or own.capacity_per_day is not None
    scope, most = (area_id, own) if area_id and is_counted_apart else (hub.id, of_hub)
    calendar = Calendar(
        timezone=own.timezone or of_hub.timezone or hub.timezone,
        hours=own.hours or of_hub.hours or USUAL_HOURS,
        holidays=own.holidays | of_hub.holidays,
    )
    return tuple(
        Promise(
            kind=rule.kind,
            scope=scope,
            calendar=calendar,
            cut_off_min=rule.cut_off_min,
            lead_days=rule.lead_days,
            horizon_days=rule.horizon_days,
            window_s=rule.window_s,
            notice_s=rule.notice_s,
            capacity_per_day=most.capacity_per_day,
            capacity_per_window=rule.capacity_per_window,
        )
        for rule in own.classes or of_hub.classes
    )


def to_item(rules: Rules) -> dict[str, Any]:
    return {
        "classes": [_class_to_item(rule) for rule in rules.classes],
        "timezone": rules.timezone,
        "hours": None if rules.hours is None else rules.hours.to_item(),
        "holidays": [day.isoformat() for day in sorted(rules.holidays)],
        "capacity_per_day": rules.capacity_per_day,
    }


def from_item(item: dict[str, Any]) -> Rules:
    hours = item["hours"]
    return Rules(
        classes=tuple(_class_from_item(rule) for rule in item["classes"]),
        timezone=item["timezone"],
        hours=None if hours is None else WeekHours.from_item(hours),
        holidays=frozenset(date.fromisoformat(day) for day in item["holidays"]),
        capacity_per_day=item["capacity_per_day"],
    )


def _class_to_item(rule: ClassRule) -> dict[str, Any]:
    return {
        "kind": rule.kind.value,
        "cut_off_min": rule.cut_off_min,
        "lead_days": rule.lead_days,
        "horizon_days": rule.horizon_days,
        "window_s": rule.window_s,
        "notice_s": rule.notice_s,
        "capacity_per_window": rule.capacity_per_window,
    }


def _class_from_item(item: dict[str, Any]) -> ClassRule:
    return ClassRule(**{**item, "kind": PromiseClass(item["kind"])})
