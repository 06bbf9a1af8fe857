"""How are the desk's rules kept? One item each, under their hub; read whole by every wave."""

from collections.abc import Iterable
from typing import Any

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.model import RouteStatus
from chalicelib.domain.dispatch.rules.desk_rules import Rule, RuleKind, Rules
from chalicelib.kit.errors import NotFound
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import desk_keys, keys
from chalicelib.storage.keys import TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

_OVER = (RouteStatus.COMPLETED.value, RouteStatus.CANCELLED.value)


def load(uow: UnitOfWork, hub_id: str, rule_id: str) -> Rule:
    item = uow.get(desk_keys.desk_rule(hub_id, rule_id))
    if item is None:
        raise NotFound("there is no such rule")
    return rule_from_item(item)


def list_rules(uow: UnitOfWork, hub_id: str) -> list[Rule]:
    """Every rule of a hub, oldest first; also those that have ended."""
    return [
        rule_from_item(item)
        for item in uow.query_all(TableName.CORE, *desk_keys.desk_rules(hub_id))
    ]


def counting(uow: UnitOfWork, hub_id: str) -> Rules:
    """The rules that count now; a pin to a route that is over counts no more."""
    rules = Rules.counting(list_rules(uow, hub_id), uow.now)
    pinned = rules.pinned_routes()
    if not pinned:
        return rules
    routes = uow.get_many(keys.route(route_id) for route_id in pinned)
    open_ = {item["id"] for item in routes.values() if item["status"] not in _OVER}
    return Rules(
        tuple(rule for rule in rules.every if rule.route_id is None or rule.route_id in open_)
    )


def save(uow: UnitOfWork, rule: Rule) -> None:
    """Write a new rule down; DynamoDB forgets it some time after it has ended."""
    uow.put(
        desk_keys.desk_rule(rule.hub_id, rule.id),
        rule_to_item(rule),
        expect=0,
        expires_at=rule.ends_at,
    )


def delete(uow: UnitOfWork, rule: Rule) -> None:
    uow.delete(desk_keys.desk_rule(rule.hub_id, rule.id), expect=1)


def rule_to_item(rule: Rule) -> Item:
    item: dict[str, Any] = {
        "id": rule.id,
        "hub_id": rule.hub_id,
        "kind": rule.kind.value,
        "by": rule.by,
        "reason": rule.reason,
        "made_at": write_instant(rule.made_at),
        "deliveries": [str(ref) for ref in rule.deliveries],
    }
    texts = ("driver_id", "route_id", "door_key")
    item |= {name: value for name in texts if (value := getattr(rule, name)) is not None}
    times = ("leave_by_at", "ends_at")
    item |= {name: write_instant(at) for name in times if (at := getattr(rule, name)) is not None}
    return item


def rule_from_item(item: Item) -> Rule:
    leave_by_at, ends_at = item.get("leave_by_at"), item.get("ends_at")
    return Rule(
        id=item["id"],
        hub_id=item["hub_id"],
        kind=RuleKind(item["kind"]),
        by=item["by"],
        reason=item["reason"],
        made_at=read_instant(item["made_at"]),
        deliveries=tuple(DeliveryRef.parse(ref) for ref in item["deliveries"]),
        driver_id=item.get("driver_id"),
        route_id=item.get("route_id"),
        leave_by_at=None if leave_by_at is None else read_instant(leave_by_at),
        door_key=item.get("door_key"),
        ends_at=None if ends_at is None else read_instant(ends_at),
    )


def write_rules(rules: Rules) -> list[Item]:
    """As a snapshot carries them: all workers of a wave keep the same."""
    return [rule_to_item(rule) for rule in rules.every]


def read_rules(items: Iterable[Item]) -> Rules:
    return Rules(tuple(map(rule_from_item, items)))
