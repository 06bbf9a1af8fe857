"""How big and heavy is it?

One :class:`Parcel` stands for all that one delivery carries: grams, millilitres and the number of
pieces. Integers only: the optimizer adds them up thousands of times and must agree with the scale.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parcel:
    """The load of a delivery: weight [g], volume [ml], pieces [count].

    ``assumed_count``: for so many of the pieces nobody said a weight, and the merchant's usual one
    was taken.
    """

    weight_g: int
    volume_ml: int
    count: int = 1
    assumed_count: int = 0

    def __post_init__(self) -> None:
        if self.weight_g < 0 or self.volume_ml < 0 or self.count < 1:
            raise ValueError("a parcel weighs and measures at least nothing, and is at least one")

    def __add__(self, other: "Parcel") -> "Parcel":
        return Parcel(
            self.weight_g + other.weight_g,
            self.volume_ml + other.volume_ml,
            self.count + other.count,
            self.assumed_count + other.assumed_count,
        )


def total(parcels: Iterable[Parcel]) -> Parcel | None:
    """The sum of some parcels, or None of none."""
    result: Parcel | None = None
    for parcel in parcels:
        result = parcel if result is None else result + parcel
    return result
