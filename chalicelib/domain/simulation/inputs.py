"""What does the study assume? Every number of its world, with what it is and where it comes from.

Nothing here is a result. Whoever knows better sets it: ``--set service_s=240``. What people do
(``Kind.BEHAVIOUR``) and what things cost (``Kind.MONEY``) decides a good part of every figure, so
reports and docs/study.md list all of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

from chalicelib.domain.pricing.own_fleet import USUAL


class Kind(StrEnum):
    WORLD = "world"  # the shape of the city, its roads and its work
    MONEY = "money"
    BEHAVIOUR = "behaviour"  # what people do, or would do
    METHOD = "method"  # how we search and compare


GUESS = "guess"


def _given(value: object, kind: Kind, says: str, source: str = GUESS) -> Any:
    return field(default=value, metadata={"kind": kind, "says": says, "source": source})


@dataclass(frozen=True, slots=True)
class Inputs:
    """The world of the study. Money is in minor units of any one currency."""

    # The city.
    disc_m: int = _given(9_000, Kind.WORLD, "radius of the city", "made up")
    clusters: int = _given(14, Kind.WORLD, "districts where doors crowd", "made up")
    cluster_m: int = _given(900, Kind.WORLD, "standard deviation of a district", "made up")
    anywhere_percent: int = _given(35, Kind.WORLD, "doors that are anywhere in the disc", "made up")
    hub_m: int = _given(10_000, Kind.WORLD, "from the middle to the hub", "made up")
    wave_hub_m: int = _given(3_000, Kind.WORLD, "the same for same-day waves", "made up")
    road_percent: int = _given(
        135, Kind.WORLD, "road to crow's way", "median of three street maps 137 to 140, rounded"
    )
    van_kmh: int = _given(24, Kind.WORLD, "a van's speed, all day")
    service_s: int = _given(180, Kind.WORLD, "at a door, parking counted")
    shift_s: int = _given(28_800, Kind.WORLD, "longest shift, from the hub and back")
    most_parcels: int = _given(150, Kind.WORLD, "what a van holds")
    history_days: int = _given(3, Kind.METHOD, "earlier days from which territories are drawn")
    steps_per_parcel: int = _given(30, Kind.METHOD, "search of our optimizer, in steps")
    door_steps_per_parcel: int = _given(
        15, Kind.METHOD, "the same for shut doors, which take thirty plans a seed"
    )
    least_steps: int = _given(1_000, Kind.METHOD, "the same for small problems")

    # Money.
    hour_minor: int = _given(USUAL.hour_minor, Kind.MONEY, "a driver's hour, also a rider's")
    van_day_minor: int = _given(USUAL.van_day_minor, Kind.MONEY, "a van's day")
    km_minor: int = _given(USUAL.km_minor, Kind.MONEY, "a van's kilometre")
    margin_percent: int = _given(
        USUAL.margin_percent, Kind.MONEY, "what a platform adds to its cost"
    )
    sorting_minor: int = _given(
        USUAL.sorting_minor, Kind.MONEY, "sorting a pooled parcel, 160 an hour and worker"
    )
    least_shift_s: int = _given(14_400, Kind.MONEY, "an employed driver is paid at least")
    carrier_tariff: str = _given(
        ",".join(f"{least}:{minor}" for least, minor in USUAL.carrier),
        Kind.MONEY,
        "a parcel carrier's price by parcels a day; next day, no windows",
    )
    collect_stop_s: int = _given(300, Kind.WORLD, "collecting at a brand, once")
    collect_parcel_s: int = _given(5, Kind.WORLD, "loading a parcel there")
    collect_parcels: int = _given(400, Kind.WORLD, "what a collecting van holds, unsorted")

    # Waves.
    orders_from_s: int = _given(8 * 3600, Kind.BEHAVIOUR, "first orders, on the wall clock")
    orders_until_s: int = _given(18 * 3600, Kind.BEHAVIOUR, "last ones; evenly in between")
    same_day_by_s: int = _given(21 * 3600, Kind.WORLD, "same day means by then")
    trip_s: int = _given(10_800, Kind.WORLD, "longest trip of a van that comes back for more")
    load_s: int = _given(300, Kind.WORLD, "loading a van for a trip")
    safety_s: int = _given(900, Kind.METHOD, "margin of the product's waves", "their default")

    # At the door.
    fails_permille: int = _given(100, Kind.BEHAVIOUR, "first visits at a shut door")
    alerts_low_percent: int = _given(
        15, Kind.BEHAVIOUR, "fewer shut doors by alerts, low", "vendors' claims, nobody measured it"
    )
    alerts_high_percent: int = _given(
        25,
        Kind.BEHAVIOUR,
        "fewer shut doors by alerts, high",
        "vendors' claims, nobody measured it",
    )
    lockers: int = _given(30, Kind.WORLD, "lockers, where people live")
    few_lockers: int = _given(10, Kind.WORLD, "lockers of the thin network")
    chosen_within_m: int = _given(800, Kind.BEHAVIOUR, "nobody chooses a locker further away")
    locker_room: int = _given(24, Kind.WORLD, "parcels that a locker takes a day")
    locker_stop_s: int = _given(60, Kind.WORLD, "walking in at a locker")
    locker_parcel_s: int = _given(45, Kind.WORLD, "each parcel there")
    planned_percent: int = _given(94, Kind.METHOD, "of a shift that tours with shut doors plan")

    # E-bikes.
    bike_kmh: int = _given(15, Kind.WORLD, "an e-bike's speed")
    bike_parcels: int = _given(30, Kind.WORLD, "what it carries at once")
    bike_service_s: int = _given(120, Kind.WORLD, "its stop: no parking to look for")
    slow_van_service_s: int = _given(210, Kind.WORLD, "a van's stop where bikes compete")
    bike_zone_m: int = _given(5_000, Kind.WORLD, "doors so near to the middle go by bike")
    bike_day_minor: int = _given(900, Kind.MONEY, "an e-bike's day")
    micro_hub_day_minor: int = _given(6_000, Kind.MONEY, "rent of the micro-hub a day")
    micro_hub_stop_s: int = _given(600, Kind.WORLD, "unloading a van there")

    @property
    def metres_per_s(self) -> float:
        return self.van_kmh / 3.6

    def carrier_minor(self, parcels_a_day: int) -> int:
        """What a parcel costs at a carrier for somebody who hands over so many a day."""
        steps = reversed(_tariff(self.carrier_tariff))
        return next(minor for least, minor in steps if parcels_a_day >= least)

    def steps(self, jobs: int) -> int:
        """How long our optimizer searches a problem of so many jobs."""
        return max(self.least_steps, self.steps_per_parcel * jobs)


def _tariff(text: str) -> list[tuple[int, int]]:
    """Steps from the first parcel on.

    Raises
    ------
    ValueError
        If it is none.
    """
    steps = [step.partition(":")[::2] for step in text.split(",")]
    read = [(int(least), int(minor)) for least, minor in steps]
    if read[0][0] != 1 or read != sorted(read):
        raise ValueError("a tariff begins with one parcel, and its steps are in order")
    return read


@dataclass(frozen=True, slots=True)
class Told:
    """One input as a reader wants it."""

    name: str
    value: object
    kind: Kind
    says: str
    source: str


def told(inputs: Inputs) -> Iterator[Told]:
    for one in fields(inputs):
        about = one.metadata
        yield Told(
            one.name, getattr(inputs, one.name), about["kind"], about["says"], about["source"]
        )


def changed(inputs: Inputs, settings: Mapping[str, str]) -> Inputs:
    """With settings from a command line.

    Raises
    ------
    ValueError
        If there is no such input, or the value is no whole number of zero or more.
    """
    known = {one.name: one for one in fields(inputs)}
    values: dict[str, Any] = {}
    for name, text in settings.items():
        if name not in known:
            raise ValueError(f"there is no input {name}")
        if isinstance(known[name].default, str):
            _tariff(text)
            values[name] = text
        elif text.isdecimal():
            values[name] = int(text)
        else:
            raise ValueError(f"{name} is a whole number, not {text}")
    return replace(inputs, **values)
