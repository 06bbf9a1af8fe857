"""The desk's rules: which contradict each other, what they cover, and when they end."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.plans.effects import Aboard
from chalicelib.domain.dispatch.rules import desk_rules
from chalicelib.domain.dispatch.rules.desk_rules import MOST_RULES, Rule, RuleKind, Rules
from chalicelib.kit.desk_errors import RuleConflict
from tests.builders import NOON

ONE, OTHER = DeliveryRef("mer_1", "del_1"), DeliveryRef("mer_2", "del_2")


def rule(kind: RuleKind, number: int = 1, **what: Any) -> Rule:
    return Rule(f"rul_{number}", "hub_1", kind, "jo", "because", NOON, **what)


PIN = rule(RuleKind.PIN_TO_DRIVER, deliveries=(ONE,), driver_id="drv_1")


@pytest.mark.parametrize(
    "second",
    [
        rule(RuleKind.PIN_TO_DRIVER, 2, deliveries=(ONE,), driver_id="drv_2"),
        rule(RuleKind.EXCLUDE_DRIVER, 2, deliveries=(ONE,), driver_id="drv_1"),
    ],
    ids=lambda one: one.kind.value,
)
def test_a_rule_that_contradicts_another_is_refused(second: Rule) -> None:
    for first, new in ((PIN, second), (second, PIN)):
        with pytest.raises(RuleConflict) as refused:
            desk_rules.must_agree(Rules((first,)), new, {})
        assert refused.value.extra == {"rule_id": first.id}


def test_a_pin_to_a_driver_who_is_kept_from_that_door_is_refused() -> None:
    away = rule(RuleKind.EXCLUDE_DRIVER, 2, door_key="door", driver_id="drv_1")
    with pytest.raises(RuleConflict):
        desk_rules.must_agree(Rules((away,)), PIN, {ONE: "door"})
    desk_rules.must_agree(Rules((away,)), PIN, {ONE: "elsewhere"})


def test_what_does_not_meet_does_not_contradict() -> None:
    others = (
        rule(RuleKind.PIN_TO_DRIVER, 2, deliveries=(OTHER,), driver_id="drv_2"),
        rule(RuleKind.EXCLUDE_DRIVER, 3, deliveries=(OTHER,), driver_id="drv_1"),
        rule(RuleKind.EXCLUDE_DRIVER, 4, deliveries=(ONE,), driver_id="drv_2"),
        rule(RuleKind.TOGETHER, 5, deliveries=(ONE, OTHER)),
    )
    desk_rules.must_agree(Rules(others), PIN, {})


def test_a_hub_has_room_for_so_many() -> None:
    full = Rules(tuple(replace(PIN, id=f"rul_{number}") for number in range(MOST_RULES)))
    with pytest.raises(RuleConflict, match="at most"):
        desk_rules.must_agree(full, rule(RuleKind.TOGETHER, deliveries=(ONE, OTHER)), {})


def test_a_rule_covers_a_delivery_or_a_door() -> None:
    rules = Rules(
        (
            rule(RuleKind.EXCLUDE_DRIVER, 1, deliveries=(ONE,), driver_id="drv_1"),
            rule(RuleKind.EXCLUDE_DRIVER, 2, deliveries=(ONE, OTHER), driver_id="drv_2"),
            rule(RuleKind.EXCLUDE_DRIVER, 3, door_key="door", driver_id="drv_3"),
        )
    )
    assert rules.barred(Aboard(ONE, "door")) == {"drv_1", "drv_2", "drv_3"}
    assert rules.barred(Aboard(OTHER, "door")) == {"drv_2", "drv_3"}
    assert rules.barred(Aboard(OTHER, None)) == {"drv_2"}


def test_a_rule_ends_by_itself() -> None:
    short = replace(PIN, ends_at=NOON + timedelta(hours=1))
    assert Rules.counting([short], NOON).every == (short,)
    assert Rules.counting([short], NOON + timedelta(hours=1)).every == ()
