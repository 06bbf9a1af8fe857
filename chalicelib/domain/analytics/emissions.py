"""How much greenhouse gas did a route cause, and how much of it is one parcel's? Pure.

By the method of ISO 14083:2023 (which the GLEC framework follows) for a collection and delivery
round: all of the round's fuel, well to wheel, its empty parts included, shared out by transport
activity, which is items times the *direct* distance from pickup to door; so a parcel does not pay
for the order of the stops. A vehicle's factor lies between empty and full by its load. Every factor
is the operator's input (``rules``); the shipped ones are orders of magnitude, to be replaced.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WHOLE_PERMILLE = 1000


@dataclass(frozen=True, slots=True)
class Factor:
    """One kind of vehicle: grams of CO2e a kilometre, empty and full, and what full is [g].

    Raises
    ------
    ValueError
        If one is negative, or a full vehicle causes less than an empty one.
    """

    empty_g_per_km: int
    full_g_per_km: int
    capacity_g: int

    def __post_init__(self) -> None:
        if not 0 <= self.empty_g_per_km <= self.full_g_per_km or self.capacity_g <= 0:
            raise ValueError("a full vehicle causes at least what an empty one does")


@dataclass(frozen=True, slots=True)
class Load:
    """What one delivery asks of a round; ``direct_m`` is from its pickup to its door."""

    items: int
    direct_m: int

    @property
    def activity(self) -> int:
        """Items times metres; what lies next door is carried a metre."""
        return max(1, self.items) * max(1, self.direct_m)


def round_mg(
    factor: Factor, distance_m: int, return_m: int, load_g: int, return_permille: int
) -> int:
    """What a round causes [mg CO2e].

    Parameters
    ----------
    load_g
        The most on board at once: on average half of it is, since a round empties as it goes.
    return_permille
        How much of the empty way back counts: all of it (1000) for a vehicle that drives back to
        its hub, none where it goes on to the next round from its last door.
    """
    share = min(WHOLE_PERMILLE, load_g * WHOLE_PERMILLE // (2 * factor.capacity_g))
    more = factor.full_g_per_km - factor.empty_g_per_km
    # Grams a kilometre are milligrams a metre.
    laden_mg = distance_m * (factor.empty_g_per_km * WHOLE_PERMILLE + more * share)
    empty_mg = return_m * factor.empty_g_per_km * return_permille
    return (laden_mg + empty_mg) // WHOLE_PERMILLE


def shared_out(total: int, weights: Sequence[int]) -> list[int]:
    """A whole in parts by weight, to the last unit: what rounding leaves goes to the first ones."""
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    left = total - sum(parts)
    return [part + (index < left) for index, part in enumerate(parts)]
