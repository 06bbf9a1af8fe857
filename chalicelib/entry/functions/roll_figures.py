"""The ``figures`` queue: a delivery or a route has ended, a day's rollups are due, a day is looked
over.

A message names what to look at, never a number. So one that comes twice or late sets what is right
by then; one that fails for ever is made up for by the night that follows (``settle_figures``).
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from itertools import islice
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit, single_metric
from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.analytics import figures, rolling, store, totals
from chalicelib.domain.analytics.rollups import HUB
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.merchants import store as merchants
from chalicelib.entry import work
from chalicelib.entry.observed import logger, per_record
from chalicelib.gateways.queues import Queue
from chalicelib.kit.errors import Malformed
from chalicelib.kit.hours import local_day
from chalicelib.kit.timewindow import read_instant
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)

#: Facts that are looked over in one run: some 60 s of them.
LOOKED_OVER_AT_ONCE = 2000


@bp.on_sqs_message(queue="figures", batch_size=10)
@per_record
def roll_figures(message: Mapping[str, Any]) -> None:
    match message.get("task"):
        case "delivery":
            ref = DeliveryRef.parse(str(message["delivery"]))
            work.run(_then_order(partial(rolling.note_delivery, ref=ref)))
        case "route":
            route_id = str(message["route_id"])
            work.run(_then_order(partial(rolling.note_route, route_id=route_id)))
        case "crew":
            hub_id, at = str(message["hub_id"]), read_instant(str(message["at"]))
            work.run(_then_order(partial(rolling.note_crew, hub_id=hub_id, at=at)))
        case "roll":
            _roll(str(message["hub_id"]), date.fromisoformat(str(message["day"])))
        case "look_over":
            _look_over(message)
        case _:
            raise Malformed("there is no such task")


def _then_order(
    note: Callable[[UnitOfWork], list[tuple[str, date]]],
) -> Callable[[UnitOfWork], None]:
    """Set a fact, and order the rollups that it changes, in one commit."""

    def use_case(uow: UnitOfWork) -> None:
        for hub_id, day in note(uow):
            _send_if_due(uow, hub_id, day)

    return use_case


def _send_if_due(uow: UnitOfWork, hub_id: str, day: date) -> None:
    """Sent before the commit that notes it: of a worker that dies in between, one too many."""
    if rolling.order(uow, hub_id, day):
        message = {"task": "roll", "hub_id": hub_id, "day": day.isoformat()}
        wiring.queues().send(Queue.FIGURES, message, delay_s=rolling.EVERY.total_seconds())


def _roll(hub_id: str, day: date) -> None:
    work.run(partial(rolling.begin_roll, hub_id=hub_id, day=day))
    changed = work.read(lambda uow: rolling.changes(uow, hub_id, day))
    for wanted, before in changed:
        work.run(partial(store.save_rollup, wanted=wanted, before=before))
    if changed:
        _tell_watchers(hub_id, day)
    logger.info("figures rolled", hub_id=hub_id, day=day.isoformat(), rollups=len(changed))


def _tell_watchers(hub_id: str, day: date) -> None:
    """What the dashboard shows of a hub's today: three metrics by hub (infra/template/board.py)."""
    uow = work.begin()
    if local_day(uow.now, merchants.load_hub(uow, hub_id).timezone) != day:
        return
    found = store.find_rollups(uow, [(hub_id, day, HUB)])
    made = figures.from_totals(found[0].sums if found else totals.NOTHING)
    on_time, door = made.of("on_time_rate"), made.of("order_to_door_p50_s")
    told = (
        ("DeliveriesEnded", MetricUnit.Count, made.of("deliveries").value),
        ("OnTimePercent", MetricUnit.Percent, on_time.value and 100 * on_time.value),
        ("DoorMinutes", MetricUnit.NoUnit, door.value and door.value / 60),
    )
    for name, unit, value in told:
        if value is not None:
            with single_metric(name=name, unit=unit, value=value, namespace="Lastmile") as metric:
                metric.add_dimension("stage", wiring.settings().stage)
                metric.add_dimension("service", "lastmile")
                metric.add_dimension("hub", hub_id)


def _look_over(message: Mapping[str, Any]) -> None:
    hub_id, day = str(message["hub_id"]), date.fromisoformat(str(message["day"]))
    first = int(message.get("from", 0))
    steps = work.read(lambda uow: list(rolling.look_over(uow, hub_id, day)))
    for step in islice(steps, first, first + LOOKED_OVER_AT_ONCE):
        work.run(step)
    if first + LOOKED_OVER_AT_ONCE < len(steps):
        rest = {**message, "from": first + LOOKED_OVER_AT_ONCE}
        wiring.queues().send(Queue.FIGURES, rest)
    else:
        _roll(hub_id, day)
