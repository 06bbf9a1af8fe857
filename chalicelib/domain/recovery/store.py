"""How are decisions kept? Codec and queries; see storage/recipient_keys.py.

Some 2 kB each, one for every failed tap: nine remedies with their terms, and who chose what. While
one is open it stands in the hub's list, so the sweep and the desk read no delivery that is well.
"""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.deliveries.model import Delivery, FailureReason, HistoryEntry
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.merchants.recovery_rules import Remedy
from chalicelib.domain.recovery.chances import Experience, Seen
from chalicelib.domain.recovery.model import (
    By,
    Chosen,
    Decision,
    State,
    Term,
    Weighed,
    WhyNot,
)
from chalicelib.kit.events import Event
from chalicelib.kit.timewindow import TimeWindow, read_instant, write_instant
from chalicelib.storage import recipient_keys
from chalicelib.storage.cursors import Cursor
from chalicelib.storage.keys import Index, Key, TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork


def last_failure(delivery: Delivery) -> HistoryEntry | None:
    """The failed tap that counts: the last one that was not taken back."""
    undone = {entry.undoes for entry in delivery.history}
    return next(
        (
            entry
            for entry in reversed(delivery.history)
            if entry.what == "attempt_failed" and entry.version not in undone
        ),
        None,
    )


def find(uow: UnitOfWork, ref: DeliveryRef, failed_version: int) -> Decision | None:
    item = uow.get(recipient_keys.recovery(ref.merchant_id, ref.delivery_id, failed_version))
    return None if item is None else from_item(item)


def find_for(uow: UnitOfWork, delivery: Delivery) -> Decision | None:
    """What was decided after a delivery's last failure; None if it never failed, or not yet."""
    entry = last_failure(delivery)
    ref = DeliveryRef(delivery.merchant_id, delivery.id)
    return None if entry is None else find(uow, ref, entry.version)


def save(uow: UnitOfWork, decision: Decision, *events: str) -> None:
    """Save a version of a decision, with its news if it has any: one name for each version."""
    uow.put(
        recipient_keys.recovery(
            decision.ref.merchant_id, decision.ref.delivery_id, decision.failed_version
        ),
        to_item(decision),
        expect=decision.version - 1,
        subject=decision.id,
    )
    uow.emit(*(event_of(decision, what, uow) for what in events))


def event_of(decision: Decision, what: str, uow: UnitOfWork) -> Event:
    chosen = decision.chosen
    data = {
        "merchant_id": decision.ref.merchant_id,
        "delivery_id": decision.ref.delivery_id,
        "external_id": decision.external_id,
        "hub_id": decision.hub_id,
        "route_id": decision.route_id,
        "stop_id": decision.stop_id,
        "failed_version": decision.failed_version,
        "attempt": decision.attempt,
        "reason": decision.reason.value,
        "remedy": chosen.remedy.value,
        "by": chosen.by.value,
        "state": decision.state.value,
        "until": write_instant(decision.until),
        "point_id": chosen.point_id,
        "outcome": decision.outcome,
    }
    return Event(what, decision.id, decision.version, uow.now, data)


def page_of_open(
    uow: UnitOfWork, hub_id: str, *, limit: int, after: Cursor | None
) -> tuple[list[Decision], Cursor | None]:
    """Decisions of a hub that are not carried out yet, the most pressing first."""
    pk = recipient_keys.open_recoveries(hub_id)
    page = uow.query(Index.ATTENTION, pk, limit=limit, after=after)
    # The index holds keys alone, and may lag.
    wanted = [Key(TableName.CORE, row["pk"], row["sk"]) for row in page.items]
    found = uow.get_many(wanted)
    decisions = [from_item(found[key]) for key in wanted if key in found]
    return [one for one in decisions if one.is_open], page.cursor


def load_experience(uow: UnitOfWork, hub_id: str) -> Experience:
    item = uow.get(recipient_keys.second_visits(hub_id))
    if item is None:
        return Experience(hub_id)
    seen = {FailureReason(reason): Seen(*counts) for reason, counts in item["seen"].items()}
    return Experience(hub_id, seen, item["version"])


def save_experience(uow: UnitOfWork, experience: Experience) -> None:
    seen = {reason.value: [one.visits, one.failed] for reason, one in experience.by_reason.items()}
    item = {"seen": seen, "version": experience.version}
    uow.put(recipient_keys.second_visits(experience.hub_id), item, expect=experience.version - 1)


def to_item(decision: Decision) -> Item:
    item: Item = {
        "id": decision.id,
        "merchant_id": decision.ref.merchant_id,
        "delivery_id": decision.ref.delivery_id,
        "external_id": decision.external_id,
        "hub_id": decision.hub_id,
        "failed_version": decision.failed_version,
        "attempt": decision.attempt,
        "failed_at": write_instant(decision.failed_at),
        "reason": decision.reason.value,
        "route_id": decision.route_id,
        "stop_id": decision.stop_id,
        "options": [_weighed_to_item(one) for one in decision.options],
        "choices": [_chosen_to_item(one) for one in decision.choices],
        "until": write_instant(decision.until),
        "state": decision.state.value,
        "fails_again_permille": decision.fails_again_permille,
        "back_at": decision.back_at and write_instant(decision.back_at),
        "from_point_id": decision.from_point_id,
        "done_at": decision.done_at and write_instant(decision.done_at),
        "outcome": decision.outcome,
        "version": decision.version,
    }
    if decision.is_open:
        item["g3pk"] = recipient_keys.open_recoveries(decision.hub_id)
        item["g3sk"] = f"{write_instant(decision.until)}#{decision.ref}#{decision.failed_version}"
    return item


def from_item(item: Item) -> Decision:
    return Decision(
        id=item["id"],
        ref=DeliveryRef(item["merchant_id"], item["delivery_id"]),
        hub_id=item["hub_id"],
        failed_version=item["failed_version"],
        attempt=item["attempt"],
        failed_at=read_instant(item["failed_at"]),
        reason=FailureReason(item["reason"]),
        route_id=item["route_id"],
        stop_id=item["stop_id"],
        options=tuple(_weighed_from_item(one) for one in item["options"]),
        choices=tuple(_chosen_from_item(one) for one in item["choices"]),
        until=read_instant(item["until"]),
        state=State(item["state"]),
        version=item["version"],
        external_id=item["external_id"],
        fails_again_permille=item["fails_again_permille"],
        back_at=read_instant(item["back_at"]) if item["back_at"] else None,
        from_point_id=item["from_point_id"],
        done_at=read_instant(item["done_at"]) if item["done_at"] else None,
        outcome=item["outcome"],
    )


def _weighed_to_item(one: Weighed) -> dict[str, Any]:
    item: dict[str, Any] = {
        "remedy": one.remedy.value,
        "terms": {term.value: amount for term, amount in one.terms.items()},
        "why_not": None if one.why_not is None else one.why_not.value,
    }
    return {**item, **_place_to_item(one)}


def _weighed_from_item(item: Mapping[str, Any]) -> Weighed:
    return Weighed(
        Remedy(item["remedy"]),
        {Term(term): amount for term, amount in item["terms"].items()},
        None if item["why_not"] is None else WhyNot(item["why_not"]),
        TimeWindow.from_item(item["window"]) if "window" in item else None,
        item.get("point_id"),
    )


def _chosen_to_item(one: Chosen) -> dict[str, Any]:
    item: dict[str, Any] = {
        "remedy": one.remedy.value,
        "by": one.by.value,
        "at": write_instant(one.at),
        "who": one.who,
        "why": one.why,
    }
    return {**item, **_place_to_item(one)}


def _chosen_from_item(item: Mapping[str, Any]) -> Chosen:
    return Chosen(
        Remedy(item["remedy"]),
        By(item["by"]),
        read_instant(item["at"]),
        TimeWindow.from_item(item["window"]) if "window" in item else None,
        item.get("point_id"),
        item["who"],
        item["why"],
    )


def _place_to_item(one: Weighed | Chosen) -> dict[str, Any]:
    window = {} if one.window is None else {"window": one.window.to_item()}
    return window | ({} if one.point_id is None else {"point_id": one.point_id})
