"""Whose travel times does a hub's plan go by? What the stack was set up with (``ROADS``).

The model is what everything falls back to: without a street graph, above the day's budget, and when
a provider does not answer.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache, partial

from chalicelib import wiring
from chalicelib.domain.dispatch.under_way import town_pace
from chalicelib.domain.routing import cell_roads, travel
from chalicelib.domain.routing.cell_roads import Asked, CellRoads
from chalicelib.domain.routing.streets import Streets, StreetsUnreadable, by_streets
from chalicelib.domain.routing.travel import Roads
from chalicelib.entry import work
from chalicelib.entry.observed import logger
from chalicelib.kit.errors import Upstream
from chalicelib.kit.geo import LatLng


def roads_of(hub_id: str) -> Roads:
    """A hub's roads, for one planning."""
    chosen = wiring.settings().roads
    near: Roads = travel.calibrated(work.read(lambda uow: town_pace.load(uow, hub_id)))
    if chosen != "detours":
        streets = _streets(hub_id)
        near = near if streets is None else by_streets(streets, near)
    if chosen != "amazon":
        return near
    pairs = wiring.settings().roads_pairs_per_day
    return CellRoads(work.run, _ask, near, pairs, report=partial(_report, hub_id))


def _ask(
    origins: Sequence[LatLng], destinations: Sequence[LatLng], depart_at: datetime
) -> list[list[cell_roads.Leg | None]]:
    coming = cell_roads.coming(depart_at, work.begin().wall_now)
    return wiring.route_matrix().legs(origins, destinations, coming)


def _streets(hub_id: str) -> Streets | None:
    try:
        return _read_streets(hub_id)
    except (Upstream, StreetsUnreadable) as error:
        logger.warning("no street graph", hub_id=hub_id, why=str(error))
        return None


@lru_cache(maxsize=8)
def _read_streets(hub_id: str) -> Streets | None:
    """A worker reads a hub's graph once; a new one counts for new workers."""
    packed = wiring.street_files().load(hub_id)
    return None if packed is None else Streets(packed)


def _report(hub_id: str, asked: Asked) -> None:
    """A line for each planning that asked a provider, and figures where the model had to do."""
    lacking = asked.over_budget + asked.failed
    logger.info(
        "roads asked",
        hub_id=hub_id,
        pairs_known=asked.known,
        pairs_asked=asked.asked,
        pairs_over_budget=asked.over_budget,
        pairs_failed=asked.failed,
    )
    if lacking:
        # The web function can do without until somebody's budget ends.
        from aws_lambda_powertools.metrics import MetricUnit, single_metric

        stage = {"stage": wiring.settings().stage}
        with single_metric(
            name="RoadPairsLeftToTheModel",
            unit=MetricUnit.Count,
            value=lacking,
            namespace="Lastmile",
            default_dimensions=stage,
        ):
            pass
