"""How much dearer is it while drivers are few? Pure; one step per round and hub.

The pressure is open stops over the stops that drivers have time for. It is smoothed (a quarter of
the news each round, so that one large order is no surge), the surge that it asks for is cut to
steps, and the surge moves at most one step a round towards it, never out of 1.0 to 2.0. What it was
made from stays with it, so that a price can show its reasons.
"""

from dataclasses import dataclass

from chalicelib.domain.pricing.model import LEAST_SURGE_PERMILLE, MOST_SURGE_PERMILLE

STEP_PERMILLE = 100
#: Source: our choice. At 1.0 every open stop has a place in somebody's shift and nothing is dearer,
#: at 3.0 two of three have none and the surge is at its most.
FULL_PRESSURE_PERMILLE, MOST_PRESSURE_PERMILLE = 1000, 3000
#: The share of the news in the smoothed pressure: one part of so many.
SMOOTHING = 4


@dataclass(frozen=True, slots=True)
class Surge:
    """The factor, and what it was made from; ``pressure_permille`` is the smoothed one."""

    permille: int = LEAST_SURGE_PERMILLE
    pressure_permille: int = 0
    open_stops: int = 0
    free_capacity: int = 0
    before_permille: int = LEAST_SURGE_PERMILLE

    @property
    def inputs(self) -> dict[str, int]:
        """What a price shows beside the factor."""
        return {
            "open_stops": self.open_stops,
            "free_capacity_stops": self.free_capacity,
            "pressure_permille": self.pressure_permille,
            "before_permille": self.before_permille,
        }


def surge(open_stops: int, free_capacity: int, before: Surge | None = None) -> Surge:
    """The surge of a round.

    Parameters
    ----------
    open_stops
        Stops that wait for a driver.
    free_capacity
        Stops that the drivers on duty still have time for.
    before
        The surge of the round before; None starts at the plain price.

    Raises
    ------
    ValueError
        If one of them is below zero.
    """
    if open_stops < 0 or free_capacity < 0:
        raise ValueError("stops are counted from zero")
    earlier = before or Surge()
    pressure = _pressure(open_stops, free_capacity)
    smoothed = earlier.pressure_permille + _towards(pressure - earlier.pressure_permille)
    aim = _aim(smoothed)
    step = max(-STEP_PERMILLE, min(STEP_PERMILLE, aim - earlier.permille))
    return Surge(
        permille=earlier.permille + step,
        pressure_permille=smoothed,
        open_stops=open_stops,
        free_capacity=free_capacity,
        before_permille=earlier.permille,
    )


def _pressure(open_stops: int, free_capacity: int) -> int:
    if open_stops == 0:
        return 0
    if free_capacity == 0:
        return MOST_PRESSURE_PERMILLE
    return min(MOST_PRESSURE_PERMILLE, open_stops * 1000 // free_capacity)


def _towards(difference: int) -> int:
    """A part of the way, and at least one: else the last steps were never made."""
    size = -(-abs(difference) // SMOOTHING)
    return size if difference > 0 else -size


def _aim(pressure_permille: int) -> int:
    """Where the pressure would have the surge, in whole steps."""
    above = max(0, pressure_permille - FULL_PRESSURE_PERMILLE)
    room = MOST_PRESSURE_PERMILLE - FULL_PRESSURE_PERMILLE
    span = MOST_SURGE_PERMILLE - LEAST_SURGE_PERMILLE
    raw = above * span // room
    return LEAST_SURGE_PERMILLE + raw // STEP_PERMILLE * STEP_PERMILLE
