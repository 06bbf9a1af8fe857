"""What is a service area, a promise, an answer about a door?

An area belongs to a hub of the network or to a merchant. A hub's areas say where it delivers; a hub
without any delivers within its radius. A merchant's areas change nothing for others: they narrow
where it sells, or, drawn by the network, name a price zone for it. Promises belong to an area of
the hub, else to the hub itself; where nobody set any, the merchant's own ``promise_s`` counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from chalicelib.domain.coverage.shape import Shape
from chalicelib.kit.hours import WeekHours


class Use(StrEnum):
    """What an area is for: to say where is delivered, or to name a price zone and no more."""

    DELIVERY = "delivery"
    PRICING = "pricing"


class PromiseClass(StrEnum):
    SAME_DAY = "same_day"
    NEXT_DAY = "next_day"
    SCHEDULED = "scheduled"
    PICKUP_POINT = "pickup_point"


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a hub, or an area, works: hours of the week, except on holidays."""

    timezone: str
    hours: WeekHours
    holidays: frozenset[date] = frozenset()

    def is_working_day(self, day: date) -> bool:
        return day not in self.holidays and bool(self.hours.of(day))


@dataclass(frozen=True, slots=True)
class Promise:
    """One class of delivery with its rules, complete with the calendar that it follows.

    Attributes
    ----------
    scope
        Whose places are counted: the id of the hub, or of the area that has promises of its own.
    cut_off_min
        Until when one may order, in minutes since local midnight of the day on which it counts.
    lead_days
        The cut-off counts so many *working* days before the day of delivery (0: on the day).
    horizon_days
        How many calendar days ahead one may book.
    window_s
        Length of a window; None for one window over each span of opening hours.
    notice_s
        How long before a window ends the order is needed, whatever the cut-off says.
    capacity_per_day
        Deliveries that the scope promises for one day, all classes together; None for any number.
    capacity_per_window
        Deliveries that the scope promises for one window; None for any number.
    """

    kind: PromiseClass
    scope: str
    calendar: Calendar
    cut_off_min: int
    lead_days: int
    horizon_days: int
    window_s: int | None
    notice_s: int = 0
    capacity_per_day: int | None = None
    capacity_per_window: int | None = None

    @property
    def is_counted(self) -> bool:
        return self.capacity_per_day is not None or self.capacity_per_window is not None


@dataclass(frozen=True, slots=True)
class ClassRule:
    """One promise class as an operator sets it; the fields are those of :class:`Promise`."""

    kind: PromiseClass
    cut_off_min: int
    lead_days: int
    horizon_days: int
    window_s: int | None
    notice_s: int = 0
    capacity_per_window: int | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What a hub, or an area of it, promises; what an area leaves out is the hub's.

    ``classes`` empty, ``timezone``, ``hours`` and ``capacity_per_day`` None: left out. Holidays of
    an area are added to those of its hub.
    """

    classes: tuple[ClassRule, ...] = ()
    timezone: str | None = None
    hours: WeekHours | None = None
    holidays: frozenset[date] = frozenset()
    capacity_per_day: int | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """A service area; ``owner`` is the id of its hub or of its merchant.

    ``zone`` is the price zone's name, the area's own id when None. Where areas overlap, the higher
    ``priority`` decides, then the smaller area.
    """

    id: str
    owner: str
    name: str
    use: Use
    shape: Shape
    zone: str | None = None
    priority: int = 0
    rules: Rules | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Taken:
    """How many deliveries a scope has promised for one day: altogether, and by window."""

    day: int = 0
    windows: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Booking:
    """One counted place: a delivery keeps it, and its cancellation gives it back."""

    scope: str
    day: date
    window: str


class Outside(StrEnum):
    """Why a door is not covered."""

    NETWORK = "outside_service_area"
    MERCHANT = "outside_merchant_area"


@dataclass(frozen=True, slots=True)
class Covered:
    """We deliver there.

    Attributes
    ----------
    zone_id
        The price zone: the merchant's own if it has drawn one there, else the network's; None when
        no area is drawn.
    area_ids
        Every area that the door lies in, the deciding one first.
    promises
        What may be promised; none means that the merchant's ``promise_s`` counts, as ever.
    """

    zone_id: str | None
    area_ids: tuple[str, ...]
    promises: tuple[Promise, ...]


@dataclass(frozen=True, slots=True)
class NotCovered:
    reason: Outside
