"""Why does it leave now, and what stands in its way? Reasons, kept with routes and waves.

They are found out in ``waves`` and told by everybody: so they lie below the model, apart from those
who decide.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class MustGo(StrEnum):
    """Why a delivery leaves with this wave, whatever it costs."""

    NO_WAITING = "no_waiting"  # the hub sends everything
    PROMISE = "promise"  # a tick later, it could not be there in time
    SECOND_TRY = "second_try"  # it has been at the door already
    CUT_OFF = "cut_off"  # it was ready by the hub's cut-off
    DESK = "desk"  # somebody at the desk said when it leaves
    DRIVERS = "drivers"  # the drivers' time until its deadline is needed for what is due by then


class Sent(StrEnum):
    """Why a route leaves now."""

    NO_WAITING = "no_waiting"
    MUST_GO = "must_go"
    CUT_OFF = "cut_off"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The cheapest lever, and how far it has to be moved (units: ``routing.relax.Lever``)."""

    lever: str
    amount: int
    added_cost: int
    vehicle_id: str | None
    pays: bool


@dataclass(frozen=True, slots=True)
class Blocking:
    """The rule that stands in the way; ``relaxed`` None: no single lever would do."""

    constraint: str
    relaxed: Relaxed | None

    def to_item(self) -> dict[str, Any]:
        one = self.relaxed
        told = one and [one.lever, one.amount, one.added_cost, one.vehicle_id, one.pays]
        return {"constraint": self.constraint, "relaxed": told}

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> "Blocking":
        told = item["relaxed"]
        return cls(item["constraint"], None if told is None else Relaxed(*told))
