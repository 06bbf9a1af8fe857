"""Facts with defaults: a test says only what it is about."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalicelib.domain.analytics.model import CrewDay, Facts, RouteFacts, Share
from tests.builders import NOON


def a_fact(**changes: Any) -> Facts:
    """A delivery that was handed over in time, at the first try, 90 minutes after its order."""
    fact = Facts(
        delivery_id="del_1",
        merchant_id="mer_1",
        hub_id="hub_1",
        zone_id="zon_1",
        status="delivered",
        created_at=NOON,
        ended_at=NOON + timedelta(minutes=90),
        day=NOON.date(),
        hour=14,
        on_time=True,
        order_to_door_s=5400,
        attempts=1,
        failures=(),
        driver_id="drv_1",
        route_id="rte_1",
        texts=3,
        net_minor=490,
        currency="EUR",
        version=9,
    )
    return replace(fact, **changes)


def a_share(**changes: Any) -> Share:
    return replace(Share("del_1", "mer_1", "zon_1", 1, True, 3_000, 300, 750_000), **changes)


def a_route_fact(**changes: Any) -> RouteFacts:
    """Two doors in half an hour."""
    fact = RouteFacts(
        route_id="rte_1",
        hub_id="hub_1",
        driver_id="drv_1",
        vehicle_kind="van",
        ended_at=NOON + timedelta(hours=2),
        day=NOON.date(),
        hour=15,
        doors=2,
        duration_s=1800,
        distance_m=6_000,
        return_m=1_000,
        cost_minor=600,
        tips_minor=100,
        currency="EUR",
        co2e_mg=1_500_000,
        eta_errors=((300, 70), (1500, -200)),
        shares=(a_share(), a_share(delivery_id="del_2", merchant_id="mer_2")),
        version=7,
    )
    return replace(fact, **changes)


def a_crew_day(driver_id: str = "drv_1", **changes: Any) -> CrewDay:
    return replace(CrewDay(driver_id, 7200, 3000, "EUR"), **changes)
