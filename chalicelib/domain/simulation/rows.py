"""What does an arm yield? One row of figures for one seed."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """What one arm of a group came to in the city of one seed."""

    group: str
    arm: str
    seed: int
    figures: Mapping[str, float]
