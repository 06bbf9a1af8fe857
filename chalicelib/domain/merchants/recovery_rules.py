"""What may become of a parcel that nobody took? A merchant's rules for its failed deliveries.

``recovery.choices`` weighs by them; docs/recovery.md says how to choose them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any


class Remedy(StrEnum):
    """What can be done; of two that cost the same the one that stands first here is chosen."""

    SAFE_PLACE = "safe_place"  # the driver leaves it where the recipient said, on this tour
    NEIGHBOUR = "neighbour"  # the driver gives it to the neighbour that the recipient named
    POINT_ON_TOUR = "point_on_tour"  # to a locker or counter on the rest of this tour
    AGAIN_TODAY = "again_today"  # from the hub with the next wave
    ANOTHER_DAY = "another_day"
    PICKUP_POINT = "pickup_point"  # from the hub to a locker or counter
    RETURN = "return"  # to the merchant
    DISPOSE = "dispose"
    WRITE_OFF = "write_off"  # nobody has it


#: What costs the goods themselves has to be allowed by name.
USUALLY_ALLOWED = tuple(one for one in Remedy if one is not Remedy.DISPOSE)
#: What no rule can forbid: every parcel comes to an end.
ALWAYS_ALLOWED = frozenset({Remedy.RETURN, Remedy.WRITE_OFF})


@dataclass(frozen=True, slots=True)
class RecoveryRules:
    """The rules of one merchant. The defaults are guesses of an ordinary shop's.

    Parameters
    ----------
    allows
        Remedies that are considered at all; the way back always is.
    most_attempts
        Tries at the door, without those that failed through a driver or us.
    wish_within_s
        So long after a failure the recipient may still choose before a parcel goes back or is
        thrown away [s].
    always_returns
        Whatever failed goes back; nobody is asked.
    goods_minor
        What a parcel of this merchant usually holds.
    dispose_below_minor
        What holds less than this may be thrown away instead of going back, if ``dispose`` is
        allowed.
    lost_sale_minor
        What it costs to take goods back: refund handling, putting on the shelf, the customer.
    most_walk_m
        Nobody is sent further to a pickup point without being asked [m].
    trouble_percent
        How much a recipient's time and waiting count beside money.
    """

    allows: tuple[Remedy, ...] = USUALLY_ALLOWED
    most_attempts: int = 3
    wish_within_s: int = 4 * 3600
    always_returns: bool = False
    goods_minor: int = 4000
    dispose_below_minor: int = 0
    lost_sale_minor: int = 800
    most_walk_m: int = 1_500
    trouble_percent: int = 100

    def allow(self, remedy: Remedy) -> bool:
        return remedy in ALWAYS_ALLOWED or remedy in self.allows


#: What a merchant goes by that says nothing.
USUAL = RecoveryRules()


def to_item(rules: RecoveryRules) -> dict[str, Any]:
    kept: dict[str, Any] = {one.name: getattr(rules, one.name) for one in fields(rules)}
    return {**kept, "allows": [one.value for one in rules.allows]}


def from_item(item: Mapping[str, Any] | None) -> RecoveryRules:
    """A merchant from before there were such rules has the usual ones."""
    if item is None:
        return USUAL
    return RecoveryRules(**{**item, "allows": tuple(Remedy(one) for one in item["allows"])})
