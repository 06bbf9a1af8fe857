"""Is it a photo of anything? What a picture must be, by numbers that whoever opened it measured.

Nobody sees here what a picture shows. A black one, an empty one, one blurred to nothing, one that
was taken elsewhere or at another time: those a number tells, and a person decides.

The bars are low on purpose, because a driver stands in the dark or in the rain: so dark is a
pocket, so even is a wall an inch away. Sources: three bits of luminance is CleanVision's bar for
"low information" (0.3 of ten), its "dark" is at 0.22 of full brightness, which evenings reach, so
ours is a fifth of it; the edges' bar was measured: a door in focus has 196, dimmed to a
quarter 20, and blurred by a hundredth of its width 8.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.deliveries.requirements import ProofKind
from chalicelib.kit.geo import LatLng

LEAST_SIDE_PX = 120
LEAST_BRIGHTNESS_PERMILLE = 40
LEAST_ENTROPY_MILLIBITS = 3_000
LEAST_EDGES = 12
#: A signature is ink on paper: a hundredth of its points, or one fine stroke, is enough.
LEAST_INK_MILLIBITS = 15
#: Of phones in streets of houses, with a margin.
PLAUSIBLE_M = 300
TAKEN_BEFORE, TAKEN_AFTER = timedelta(minutes=30), timedelta(minutes=10)


class Fault(StrEnum):
    """Why a picture cannot count, or has to be looked at."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    OTHER_TYPE = "other_type_than_announced"
    NOT_WHAT_IT_SAYS = "not_what_it_says"
    UNREADABLE = "unreadable"
    TOO_MANY_PIXELS = "too_many_pixels"
    NOT_A_STILL = "not_a_still"
    TOO_SMALL = "too_small"
    TOO_DARK = "too_dark"
    BLANK = "blank"
    BLURRED = "blurred"
    NO_INK = "no_ink"
    TAKEN_ELSEWHERE = "taken_elsewhere"
    TAKEN_AT_ANOTHER_TIME = "taken_at_another_time"


#: Nothing of these can be shown to anybody.
WORTHLESS = frozenset(
    {
        *(Fault.EMPTY, Fault.TOO_LARGE, Fault.OTHER_TYPE, Fault.NOT_WHAT_IT_SAYS),
        *(Fault.UNREADABLE, Fault.TOO_MANY_PIXELS, Fault.NOT_A_STILL),
    }
)


@dataclass(frozen=True, slots=True)
class Picture:
    """An opened picture's measures (see ``gateways.pictures.Look``)."""

    width: int
    height: int
    brightness_permille: int
    entropy_millibits: int
    edges: int
    taken_at: datetime | None = None
    position: LatLng | None = None


def faults_of(picture: Picture, kind: ProofKind) -> tuple[Fault, ...]:
    """What is wrong with the picture itself."""
    if kind is ProofKind.SIGNATURE:
        return (Fault.NO_INK,) if picture.entropy_millibits < LEAST_INK_MILLIBITS else ()
    wrong = {
        Fault.TOO_SMALL: min(picture.width, picture.height) < LEAST_SIDE_PX,
        Fault.TOO_DARK: picture.brightness_permille < LEAST_BRIGHTNESS_PERMILLE,
        Fault.BLANK: picture.entropy_millibits < LEAST_ENTROPY_MILLIBITS,
        Fault.BLURRED: picture.edges < LEAST_EDGES,
    }
    found = tuple(fault for fault, is_so in wrong.items() if is_so)
    # What is black or blank has no edges either: one word is enough.
    return found[:1]


def is_elsewhere(away_m: int | None, fence_m: int | None) -> bool:
    return away_m is not None and away_m > max(fence_m or 0, PLAUSIBLE_M)


def is_of_another_time(taken_at: datetime | None, tapped_at: datetime) -> bool:
    if taken_at is None:
        return False
    return not tapped_at - TAKEN_BEFORE <= taken_at <= tapped_at + TAKEN_AFTER
