"""Which sums does a day have? One rollup each for the hub, every merchant, zone and driver. Pure.

A merchant and a zone have their deliveries' shares of routes, never a whole route: so no time on
the road, and no forecasts.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from chalicelib.domain.analytics import totals
from chalicelib.domain.analytics.model import CrewDay, Facts, RouteFacts
from chalicelib.domain.analytics.store import Rollup
from chalicelib.domain.analytics.totals import Totals

#: Scopes of rollups: the hub as it is, the others with their id behind.
HUB, MERCHANT, ZONE, DRIVER = "H", "M#", "Z#", "V#"
#: What lies in no service area, or is older than areas are.
NO_ZONE = "none"


def rollups_of(
    hub_id: str,
    day: date,
    facts: list[Facts],
    routes: list[RouteFacts],
    crew: list[CrewDay],
    now: datetime,
) -> dict[str, Rollup]:
    """Every rollup of a day, by scope. Pure."""
    made = {HUB: _rollup(hub_id, day, HUB, facts, routes, crew, now)}
    merchant_ids = {one.merchant_id for one in facts} | _of_shares(routes, "merchant_id")
    for merchant_id in sorted(merchant_ids):
        mine = [one for one in facts if one.merchant_id == merchant_id]
        parts = _only(routes, merchant_id=merchant_id)
        scope = f"{MERCHANT}{merchant_id}"
        made[scope] = replace(
            _rollup(hub_id, day, scope, mine, parts, [], now),
            zones={
                zone_id: _slim(
                    _sums([one for one in mine if (one.zone_id or NO_ZONE) == zone_id], cut, [])
                )
                for zone_id in sorted(_zones(mine, parts))
                for cut in [_only(parts, zone_id=zone_id)]
            },
        )
    for zone_id in sorted(_zones(facts, routes)):
        mine = [one for one in facts if (one.zone_id or NO_ZONE) == zone_id]
        scope = f"{ZONE}{zone_id}"
        made[scope] = _rollup(hub_id, day, scope, mine, _only(routes, zone_id=zone_id), [], now)
    driver_ids = {one.driver_id for one in facts if one.driver_id and one.is_brought}
    driver_ids |= {one.driver_id for one in routes} | {one.driver_id for one in crew}
    for driver_id in sorted(driver_ids):
        scope = f"{DRIVER}{driver_id}"
        made[scope] = _rollup(
            hub_id,
            day,
            scope,
            [one for one in facts if one.driver_id == driver_id and one.is_brought],
            [one for one in routes if one.driver_id == driver_id],
            [one for one in crew if one.driver_id == driver_id],
            now,
        )
    return made


def _rollup(
    hub_id: str,
    day: date,
    scope: str,
    facts: list[Facts],
    routes: list[RouteFacts],
    crew: list[CrewDay],
    now: datetime,
) -> Rollup:
    hours = sorted({one.hour for one in facts} | {one.hour for one in routes})
    by_hour = {
        hour: _slim(
            _sums(
                [one for one in facts if one.hour == hour],
                [one for one in routes if one.hour == hour],
                [],
                scope,
            )
        )
        for hour in hours
    }
    return Rollup(hub_id, day, scope, _sums(facts, routes, crew, scope), by_hour, {}, now)


def _sums(
    facts: Iterable[Facts], routes: list[RouteFacts], crew: Iterable[CrewDay], scope: str = MERCHANT
) -> Totals:
    if scope.startswith((MERCHANT, ZONE)):
        shares = totals.of_shares((share, one) for one in routes for share in one.shares)
        return totals.added((totals.of_facts(facts), shares))
    return totals.of(facts, routes, crew)


def _slim(sums: Totals) -> Totals:
    """An hour's or a zone's part: sums without spreads, which would be most of the item."""
    return replace(sums, door_min={}, misses_s={}, reasons={}, crew={})


def _only(
    routes: list[RouteFacts], *, merchant_id: str | None = None, zone_id: str | None = None
) -> list[RouteFacts]:
    """Routes with the shares of a merchant, of a zone; without those that have none."""
    cut = [
        replace(
            one,
            shares=tuple(
                share
                for share in one.shares
                if merchant_id in (None, share.merchant_id)
                and zone_id in (None, share.zone_id or NO_ZONE)
            ),
        )
        for one in routes
    ]
    return [one for one in cut if one.shares]


def _zones(facts: list[Facts], routes: list[RouteFacts]) -> set[str]:
    named = {one.zone_id for one in facts} | _of_shares(routes, "zone_id")
    return {zone_id or NO_ZONE for zone_id in named}


def _of_shares(routes: list[RouteFacts], what: str) -> set[str]:
    return {getattr(share, what) for one in routes for share in one.shares}
