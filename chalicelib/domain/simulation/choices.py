"""What would we do otherwise? The choices of one scenario, and a recorded day with them made.

What people do is among them as an input (how many doors stay shut, how many choose a locker), what
follows from it is not: that is played. A scenario without choices is the day as it was planned,
simulated: what separates it from the recording is the error bar of all the others.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import timedelta

from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.drivers.model import Vehicle, VehicleKind
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.simulation.recorded import CrewMember
from chalicelib.kit.ids import named_id
from chalicelib.kit.timewindow import TimeWindow

#: What a scenario may ask for at most; the API's form says the same.
MOST_DRIVERS_MORE = 200
WINDOW_CHANGE_S = 8 * 3600
#: A promise is never narrowed to less than this [s].
LEAST_WINDOW_S = 1800
#: What an e-bike carries; source: the field's usual cargo bike.
BIKE = Vehicle(VehicleKind.CARGO_BIKE, 80_000, 300_000)


@dataclass(frozen=True, slots=True)
class Choices:
    """One scenario's choices; None and 0: as it was.

    Parameters
    ----------
    drivers
        So many drivers more, or fewer.
    window_s
        Every promise ends so much later, or earlier [s].
    holds_back, tick_s, prize_percent, decay_percent_per_h, full_percent, horizon_s
        The hub's waves; see ``merchants.wave_rules``.
    lockers
        False: no pickup points at all. ``more_lockers``: so many more, where parcels went.
    locker_percent
        An input: so many in a hundred of those who live within ``locker_walk_m`` of a point have
        their parcel brought there.
    e_bikes
        So many drivers ride a cargo bike instead of what they drove.
    own_fleet
        Merchants that are not pooled: their parcels have drivers of their own, by volume.
    travel_percent
        How long driving takes, in hundredths of what it took.
    shut_door_permille
        An input: so many of a thousand visits find nobody; None: those that did on the day.
    """

    drivers: int = 0
    window_s: int = 0
    holds_back: bool | None = None
    tick_s: int | None = None
    prize_percent: int | None = None
    decay_percent_per_h: int | None = None
    full_percent: int | None = None
    horizon_s: int | None = None
    lockers: bool = True
    more_lockers: int = 0
    locker_percent: int = 0
    locker_walk_m: int = 800
    e_bikes: int = 0
    own_fleet: tuple[str, ...] = ()
    travel_percent: int = 100
    shut_door_permille: int | None = None

    def told(self) -> dict[str, object]:
        """Only what differs from the day, by name."""
        usual = Choices()
        values = ((one.name, getattr(self, one.name)) for one in fields(self))
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in values
            if value != getattr(usual, name)
        }

    @classmethod
    def of(cls, told: Mapping[str, object]) -> "Choices":
        """What ``told`` told."""
        given = {name: tuple(v) if isinstance(v, list) else v for name, v in told.items()}
        return cls(**given)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A name that stays the same in every table, and its choices."""

    name: str
    choices: Choices = Choices()


def rules_of(hub: Hub, choices: Choices) -> Hub:
    """The hub with the waves of a scenario."""
    chosen = {
        "holds_back": choices.holds_back,
        "tick_s": choices.tick_s,
        "prize_percent": choices.prize_percent,
        "decay_percent_per_h": choices.decay_percent_per_h,
        "full_percent": choices.full_percent,
    }
    set_ones = {name: value for name, value in chosen.items() if value is not None}
    waves = replace(hub.waves, **set_ones)  # type: ignore[arg-type]
    return replace(hub, waves=waves, wave_horizon_s=choices.horizon_s or hub.wave_horizon_s)


def crew_of(
    crew: Sequence[CrewMember], deliveries: Iterable[Delivery], choices: Choices
) -> list[CrewMember]:
    """Who drives: more or fewer, on bikes, and for whom.

    More drivers keep the hours of those who were there longest; fewer lose those who were there
    shortest. So the first driver more adds the most hours, as whoever hires one would have it.
    """
    by_hours = sorted(crew, key=lambda one: (-_hours(one), one.work.driver_id))
    if choices.drivers < 0:
        by_hours = by_hours[: max(0, len(by_hours) + choices.drivers)]
    elif by_hours:
        by_hours += [_twin(by_hours[n % len(by_hours)], n) for n in range(choices.drivers)]
    riding = [
        replace(one, work=replace(one.work, vehicle=replace(BIKE, id=one.work.vehicle.id)))
        if n < choices.e_bikes
        else one
        # From the end: who is there longest keeps the van that the day leans on.
        for n, one in enumerate(reversed(by_hours))
    ]
    return _allotted(riding[::-1], deliveries, choices.own_fleet)


def window_of(window: TimeWindow, choices: Choices) -> TimeWindow:
    """A promise that ends later or earlier, but keeps half an hour."""
    if not choices.window_s:
        return window
    length_s = max(LEAST_WINDOW_S, window.duration_s + choices.window_s)
    return TimeWindow(window.start_at, window.start_at + timedelta(seconds=length_s))


def _allotted(
    crew: list[CrewMember], deliveries: Iterable[Delivery], own_fleet: Sequence[str]
) -> list[CrewMember]:
    """Drivers by brand, by largest remainder of its parcels; at least one each, one left for all
    others. A driver of a brand does not drive for anybody else, and the others not for it."""
    if not own_fleet or not crew:
        return crew
    volume = Counter(one.merchant_id for one in deliveries)
    alone = [one for one in own_fleet if volume[one]][: max(0, len(crew) - 1)]
    every = frozenset(volume)
    shares = {one: len(crew) * volume[one] / volume.total() for one in alone}
    seats = {one: max(1, round(share)) for one, share in shares.items()}
    while seats and sum(seats.values()) > len(crew) - (1 if len(alone) < len(every) else 0):
        largest = max(seats, key=lambda one: (seats[one], one))
        seats[largest] -= 1
    owners = [one for one in alone for _ in range(seats[one])]
    found = []
    for n, member in enumerate(crew):
        mine = owners[n] if n < len(owners) else None
        barred = every - {mine} if mine else frozenset(alone)
        blocks = member.work.blocks | barred
        found.append(replace(member, work=replace(member.work, blocks=blocks)))
    return found


def _hours(member: CrewMember) -> int:
    return sum(span.duration_s for span in member.duty)


def _twin(member: CrewMember, number: int) -> CrewMember:
    begins_at = member.duty[0].start_at
    driver_id = named_id("drv", begins_at, f"{member.work.driver_id} twin {number}")
    return replace(member, work=replace(member.work, driver_id=driver_id))
