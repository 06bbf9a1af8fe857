"""What do a driver's phone and a merchant read of a recipient's instructions?"""

from collections.abc import Mapping
from typing import Any

from pydantic import AwareDatetime

from chalicelib.domain.deliveries.instructions import NO_INSTRUCTIONS, IfMissed
from chalicelib.domain.deliveries.model import Delivery, Recipient
from chalicelib.entry import rest
from chalicelib.kit.timewindow import write_instant

EXAMPLE_INSTRUCTIONS: Mapping[str, Any] = {
    "gate_code": "4711#",
    "note": "The bell is broken, please knock",
    "safe_place": "",
    "neighbour": {"name": "Familie Roth", "house": "42"},
    "if_missed": "neighbour",
    "changed_at": "2026-11-23T08:19:40.112Z",
}


class NeighbourAnswer(rest.Answer):
    name: str
    house: str


class InstructionsAnswer(rest.Answer):
    """What the recipient told us; empty where nothing was said."""

    gate_code: str
    note: str
    safe_place: str
    neighbour: NeighbourAnswer | None
    if_missed: IfMissed | None
    changed_at: AwareDatetime


def write_instructions(delivery: Delivery, person: Recipient | None) -> dict[str, Any] | None:
    """Null where the recipient never said anything."""
    changed_at = delivery.instructions_changed_at
    if changed_at is None:
        return None
    said = NO_INSTRUCTIONS if person is None else person.instructions
    beside = said.neighbour
    return {
        "gate_code": said.gate_code,
        "note": said.note,
        "safe_place": said.safe_place,
        "neighbour": beside and {"name": beside.name, "house": beside.house},
        "if_missed": delivery.if_missed,
        "changed_at": write_instant(changed_at),
    }
