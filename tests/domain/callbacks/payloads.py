"""One real body per event: what docs/webhooks.md shows, made by the code that sends them."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.callbacks import catalogue, payload
from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import lifecycle, news
from chalicelib.domain.deliveries.foretelling import FORETOLD
from chalicelib.domain.deliveries.instructions import DOOR_MOVED, INSTRUCTIONS_CHANGED
from chalicelib.domain.deliveries.model import (
    CancelReason,
    Confidence,
    Delivery,
    DoorKind,
    HistoryEntry,
    Home,
    Place,
    Status,
)
from chalicelib.domain.deliveries.requirements import NOTHING
from chalicelib.kit.events import Event
from tests.telling import BERLIN, NOON, minutes, new_delivery, steps_to

DELIVERY_ID = "del_01m83qpnc10y2w525st46371np"
ROUTE_ID = "rte_01m83qypq5sjys92fezhdt7tmm"
RECOVERY_ID = "rcv_01m83r0c4e7m2t9xv6kq3j8w5h"
RECOVERY = {
    "delivery_id": DELIVERY_ID,
    "external_id": "A-1001",
    "attempt": 1,
    "reason": "customer_unavailable",
    "remedy": "another_day",
    "by": "system",
    "state": "waiting",
    "until": "2026-11-27T17:20:00.000Z",
    "point_id": None,
    "outcome": None,
}
ENDPOINT_ID = "whe_01m8cdh2w2q0t7bq3m8xk9w5v4"
LINK = "https://delivery.example.com/t/px7eWHVhU9wi_SMsg1Kjkg"
LOCKER = Home(BERLIN, DoorKind.PICKUP_POINT, NOTHING, Confidence.ACCEPT, 60)
#: Lives that between them have every step.
LIVES = (
    [life.AskForAddress(NOON, "street_only"), life.MakeReady(minutes(2))],
    [life.AskForAddress(NOON, "street_only"), life.ReferAddress(minutes(1), "answer_out_of_reach")],
    *(steps_to(status) for status in Status),
    [*steps_to(Status.PLANNED), life.Unplan(minutes(9))],
    [*steps_to(Status.PLANNED), life.Move(minutes(9), "rte_b")],
    [*steps_to(Status.ASSIGNED), life.SetOutForPickup(minutes(12))],
    [*steps_to(Status.ASSIGNED), life.Unassign(minutes(12), "driver_cancelled")],
    [*steps_to(Status.ATTEMPT_FAILED), life.Retry(minutes(90), Place("hub_a", "Hub", BERLIN))],
    [*steps_to(Status.ATTEMPT_FAILED), life.Resume(minutes(82))],
    [*steps_to(Status.PICKED_UP), life.Redirect(minutes(30), LOCKER, "pup_a")],
    [*steps_to(Status.DELIVERED), life.Undo(minutes(76))],
    [*steps_to(Status.AT_PICKUP_POINT), life.RemindToCollect(minutes(95))],
    [*steps_to(Status.AT_PICKUP_POINT), life.KeepLonger(minutes(96), minutes(5_000))],
    [*steps_to(Status.READY), life.Cancel(minutes(3), CancelReason.MERCHANT_REQUEST)],
)


PROOF = {
    "delivery_id": DELIVERY_ID,
    "reasons": ["far_from_door"],
    "head": "9f2c1b7a40d85e63",
    "head_version": 9,
}
DISPUTE = {
    "merchant_id": "mer_a",
    "hub_id": "hub_1",
    "delivery_id": DELIVERY_ID,
    "status": "open",
    "reason": "late",
    "currency": "EUR",
    "charged_minor": 583,
    "credited_minor": 0,
    "refusal": None,
    "due_at": "2026-12-04T13:35:00.000Z",
}
CASE = {
    "delivery_id": DELIVERY_ID,
    "status": "open",
    "kinds": ["damaged"],
    "opened_by": "recipient",
    "due_at": "2026-11-27T17:00:00.000Z",
}


def link(delivery_id: str) -> str:
    return LINK


def _born() -> Delivery:
    return new_delivery(id=DELIVERY_ID, external_id="A-1001")


def _on_its_way() -> Delivery:
    delivery = _born()
    for step in steps_to(Status.EN_ROUTE_TO_DROPOFF):
        kept = life.Plan(step.at, ROUTE_ID) if isinstance(step, life.Plan) else step
        delivery, _ = lifecycle.apply(delivery, kept)
    return delivery


def _lived() -> dict[str, Event]:
    """The first event of each type over all lives."""
    found = {}
    for steps in LIVES:
        delivery = _born()
        events = [news.event_of(delivery)]
        for step in steps:
            if isinstance(step, life.Plan):
                step = life.Plan(step.at, ROUTE_ID)
            delivery, told = lifecycle.apply(delivery, step)
            events += told
        for event in events:
            found.setdefault(event.type, event)
    for what in sorted(FORETOLD):
        (told_ahead,) = lifecycle.foretell(_on_its_way(), what, minutes(40))[1]
        found[told_ahead.type] = told_ahead
    ready, _ = lifecycle.apply(_born(), life.MakeReady(NOON))
    _, updated = lifecycle.record_update(ready, ready, minutes(4))
    data = {**found["delivery.delivered"].data, "delivery_id": DELIVERY_ID, "stars": 5}
    subject = f"rat_{DELIVERY_ID.partition('_')[2]}"
    rated = Event("delivery.rated", subject, 1, minutes(180), data)
    aside = {event.type: event for event in map(_told_aside, (INSTRUCTIONS_CHANGED, DOOR_MOVED))}
    return {**found, updated.type: updated, rated.type: rated, **aside}


def _told_aside(what: str) -> Event:
    """What the recipient says beside the steps of the delivery's life."""
    before = _on_its_way()
    version = before.version + 1
    entry = HistoryEntry(version, what, before.status, minutes(35), by="recipient")
    return news.event_of(replace(before, version=version, history=(*before.history, entry)))


def real_bodies() -> dict[str, str]:
    """Type of event -> body."""
    bodies = {
        name: payload.with_link(payload.write(event, payload.delivery_data(event)), link)
        for name, event in _lived().items()
    }
    for number, name in enumerate(catalogue.ROUTE_EVENTS, start=1):
        event = Event(name, ROUTE_ID, number, NOON + timedelta(minutes=number), {})
        bodies[name] = payload.write(event, payload.route_data(event, [DELIVERY_ID]))
    for number, name in enumerate(catalogue.RECOVERY_EVENTS, start=1):
        decided = Event(name, RECOVERY_ID, number, minutes(80 + number), RECOVERY)
        bodies[name] = payload.with_link(
            payload.write(decided, payload.recovery_data(decided)), link
        )
    bodies |= _of_proofs_cases_and_texts()
    told = {"merchant_id": "mer_a", "url": "https://shop.example.com/hook", "reason": "gone"}
    ended = Event(catalogue.ENDPOINT_DISABLED, ENDPOINT_ID, 2, NOON, told)
    bodies[ended.type] = payload.write(ended, payload.disabled_data(ended))
    tried = "tst_01m8cdh2w2q0t7bq3m8xk9w5v5"
    test = Event(catalogue.TEST, tried, 1, NOON, {"endpoint_id": ENDPOINT_ID})
    bodies[test.type] = payload.write(test, payload.test_data(test))
    return bodies


def _of_proofs_cases_and_texts() -> dict[str, str]:
    bodies = {}
    for name in catalogue.EVENTS:
        match name.partition(".")[0]:
            case "proof":
                event = Event(name, "prc_01m83r1f7q2c5w8h4z6nd9k3xv", 1, minutes(77), PROOF)
                bodies[name] = payload.write(event, payload.proof_data(event))
            case "support_case":
                event = Event(name, "sup_01m83r2b9d4x7k1m6v8tq5j3wc", 1, minutes(90), CASE)
                bodies[name] = payload.write(event, payload.case_data(event))
            case "dispute":
                event = Event(name, "dsp_01m83r4k2v7w9x3c5n8qj6t1hb", 1, minutes(95), DISPUTE)
                bodies[name] = payload.write(event, payload.dispute_data(event))
            case "notification":
                told = {"delivery_id": DELIVERY_ID, "by": "page"}
                event = Event(name, "opt_01m83r3n5h8v2q6c9x4kw7j1td", 1, minutes(50), told)
                bodies[name] = payload.write(event, payload.notification_data(event))
    return bodies
