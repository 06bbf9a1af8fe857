"""What is a pickup point, and what fits in?"""

from dataclasses import dataclass
from enum import StrEnum

from chalicelib.kit.geo import LatLng
from chalicelib.kit.hours import WeekHours


class PointKind(StrEnum):
    LOCKER = "locker"
    COUNTER = "counter"


class Size(StrEnum):
    """Classes of compartments; a counter's shelf is one too."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    EXTRA_LARGE = "extra_large"


@dataclass(frozen=True, slots=True)
class Compartments:
    """So many of one class, and what one of them takes."""

    size: Size
    count: int
    max_weight_g: int
    max_volume_ml: int

    def fits(self, weight_g: int, volume_ml: int) -> bool:
        return weight_g <= self.max_weight_g and volume_ml <= self.max_volume_ml


@dataclass(frozen=True, slots=True)
class OperatedBy:
    """Whose locker it is, and what they call it."""

    operator_id: str
    name_there: str


@dataclass(frozen=True, slots=True)
class LockerOperator:
    """An outside company that knows what is in its compartments better than we do."""

    id: str
    name: str
    base_url: str
    version: int = 1


@dataclass(frozen=True, slots=True)
class PickupPoint:
    """``country`` as ISO 3166; hours are those of ``timezone``. An inactive one is offered to
    nobody and kept for what lies in it, which nobody keeps for longer than ``keeps_days``.
    ``operator``: None where the compartments are our own."""

    id: str
    name: str
    kind: PointKind
    line1: str
    city: str
    postal_code: str
    country: str
    position: LatLng
    timezone: str
    hours: WeekHours
    compartments: tuple[Compartments, ...]
    is_active: bool = True
    version: int = 1
    keeps_days: int = 7
    operator: OperatedBy | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody needs of a pickup point."""

    weight_g: int = 0
    volume_ml: int = 0
    kind: PointKind | None = None


@dataclass(frozen=True, slots=True)
class Nearby:
    point: PickupPoint
    distance_m: int


def smallest_fit(
    compartments: tuple[Compartments, ...], weight_g: int, volume_ml: int
) -> Compartments | None:
    """The least of the compartments that a parcel fits in, None for none."""
    fitting = [one for one in compartments if one.count and one.fits(weight_g, volume_ml)]
    return min(fitting, key=lambda one: (one.max_volume_ml, one.max_weight_g), default=None)
