"""Who drives? Vehicles with their hours, limits, prices, rests and reloads.

Units and points: see ``problem``.
"""

from dataclasses import dataclass
from itertools import pairwise


def require(condition: bool, message: str) -> None:
    """Refuse what cannot be meant.

    Raises
    ------
    ValueError
        With the message, unless the condition holds.
    """
    if not condition:
        raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Window:
    """When something may begin: both ends belong to it."""

    earliest_s: int
    latest_s: int

    def __post_init__(self) -> None:
        require(0 <= self.earliest_s <= self.latest_s, f"{self} is empty or before the epoch")


@dataclass(frozen=True, slots=True)
class Break:
    """A rest that begins within its window.

    It is taken between two visits: on leaving one, on the road, or on arrival before handling
    begins. A driver who has not left yet, or is back already, rests at home: no break is due on a
    route that ends by ``window.latest_s`` or leaves at ``window.earliest_s + duration_s`` or later.
    """

    window: Window
    duration_s: int

    def __post_init__(self) -> None:
        require(self.duration_s > 0, "a break takes time")


@dataclass(frozen=True, slots=True)
class Reload:
    """Going back for more during a route.

    Parameters
    ----------
    place
        Index into ``Problem.places``: where parcels that are loaded at the hub wait.
    service_s
        Loading time per visit [s], on top of the place's setup.
    max_times
        How often in one route.
    """

    place: int
    service_s: int = 0
    max_times: int = 1

    def __post_init__(self) -> None:
        require(min(self.place, self.service_s) >= 0, "a reload has a negative amount")
        require(self.max_times >= 1, "a vehicle that never reloads has no reload")


@dataclass(frozen=True, slots=True)
class Vehicle:
    """Something that drives one route.

    Parameters
    ----------
    kind
        Key into ``Problem.travel``.
    start, end
        Indices into ``Problem.places``; None where the route is open: it then begins at its first
        stop, or ends at its last one.
    max_weight_g, max_volume_ml, max_parcels
        The most on board at once; None without a limit.
    shift
        The route begins no earlier [s], and ends (handed over, or back at ``end``) no later [s].
    fixed_cost, cost_per_m, cost_per_s
        [points] for being used, per metre, and per second from leaving the start to the end.
    max_jobs, max_distance_m, max_duration_s
        Limits of the route: jobs, metres from start to end, seconds from leaving to the end; None
        without a limit.
    overtime_after_s, overtime_cost_per_s
        Each second of duration past the first number costs so much more [points].
    skills
        What it offers; see ``Job.skills``.
    breaks
        In order, their windows apart from each other by at least the earlier one's duration.
    frozen
        Tasks that its route begins with, in this order: a route under way keeps what its driver is
        about to do. Numbers as in ``Problem``.
    """

    id: str
    kind: str
    start: int | None
    end: int | None
    max_weight_g: int
    max_volume_ml: int
    shift: Window
    fixed_cost: int = 0
    cost_per_m: int = 0
    cost_per_s: int = 0
    max_jobs: int | None = None
    max_parcels: int | None = None
    max_distance_m: int | None = None
    max_duration_s: int | None = None
    overtime_after_s: int = 0
    overtime_cost_per_s: int = 0
    skills: frozenset[str] = frozenset()
    breaks: tuple[Break, ...] = ()
    reload: Reload | None = None
    frozen: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        amounts = (self.max_weight_g, self.max_volume_ml, self.fixed_cost, self.cost_per_m)
        prices = (self.cost_per_s, self.overtime_after_s, self.overtime_cost_per_s)
        limits = (self.max_jobs, self.max_parcels, self.max_distance_m, self.max_duration_s)
        require(
            min(*amounts, *prices, *(limit or 0 for limit in limits)) >= 0,
            f"vehicle {self.id} has a negative amount",
        )
        require(
            all(
                a.window.latest_s + a.duration_s <= b.window.earliest_s
                for a, b in pairwise(self.breaks)
            ),
            f"the breaks of vehicle {self.id} overlap or are out of order",
        )
