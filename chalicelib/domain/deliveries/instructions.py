"""What does the recipient want the driver to know? How to get in, and where to leave it.

Personal data: :class:`Instructions` stand in the recipient's item of ``pii`` and are forgotten with
it. What the planner and recovery need of them stands in ``core`` and names nobody: that there is a
safe place, and what to do if nobody is there (:class:`IfMissed`). They are changed by
``deliveries.instructing`` alone.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

#: What stands in a delivery's history; no steps of its life.
INSTRUCTIONS_CHANGED = "instructions_changed"
DOOR_MOVED = "door_moved"

#: Source: Uber Direct takes notes of 280 characters.
LONGEST_NOTE = 280
LONGEST_PLACE = 120
LONGEST_CODE = 40
LONGEST_NAME = 80
LONGEST_HOUSE = 20


class IfMissed(StrEnum):
    """What the recipient wishes if nobody is there."""

    ASK = "ask"
    SAFE_PLACE = "safe_place"
    NEIGHBOUR = "neighbour"
    ANOTHER_DAY = "another_day"
    PICKUP_POINT = "pickup_point"


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Who else may take it; ``house`` is a house number, or a flat of the same house."""

    name: str
    house: str

    def __str__(self) -> str:
        return ", ".join(part for part in (self.name, self.house) if part)


@dataclass(frozen=True, slots=True)
class Instructions:
    """``safe_place``: where it may be left without anybody being there."""

    gate_code: str = ""
    note: str = ""
    safe_place: str = ""
    neighbour: Neighbour | None = None


#: Nothing was said.
NO_INSTRUCTIONS = Instructions()


def instructions_to_item(said: Instructions) -> dict[str, Any]:
    """Only what was said."""
    beside = said.neighbour
    item: dict[str, Any] = {
        "gate_code": said.gate_code,
        "note": said.note,
        "safe_place": said.safe_place,
        "neighbour": beside and {"name": beside.name, "house": beside.house},
    }
    return {name: value for name, value in item.items() if value}


def instructions_from_item(item: dict[str, Any]) -> Instructions:
    beside = item.get("neighbour")
    return Instructions(**{**item, "neighbour": Neighbour(**beside) if beside else None})
