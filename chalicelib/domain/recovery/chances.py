"""How likely does the next visit fail, too? A smoothed rate per hub, reason and time of day. Pure.

A hub starts with a prior per reason, worth :data:`PRIOR_VISITS` visits, and learns from every
second and later visit of its own: ``(prior x 40 + failed) / (40 + visits)`` (additive smoothing:
the mean of a Beta distribution after so many trials). No public data say how often a second visit
fails for which reason, so the priors are guesses by reason, and the first forty visits of a hub
count as much as they do. Source of the shape: the smoothed-rate baseline that every learned
predictor has to beat; Gelman et al., "Bayesian Data Analysis", 2.4 (beta-binomial).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from chalicelib.domain.deliveries.model import FailureReason as R

PRIOR_VISITS = 40
PERMILLE = 1000

#: Guesses. Nobody was there: a second visit at another time does better than the first; what no
#: recipient can change (weather, a breakdown) is as if nothing had been; an address that could not
#: be found is not found by driving there again.
PRIORS_PERMILLE: Mapping[R, int] = {
    R.CUSTOMER_UNAVAILABLE: 200,
    R.NO_SAFE_PLACE: 250,
    R.BUSINESS_CLOSED: 150,
    R.WRONG_ADDRESS: 600,
    R.ADDRESS_UNREACHABLE: 500,
    R.ID_CHECK_FAILED: 350,
    R.WRONG_PIN: 250,
    R.DATA_ERROR: 400,
    R.LOCKER_FULL: 300,
}
#: Of a reason that stands in no row: the rate of first visits.
USUAL_PERMILLE = 100
#: A visit at the same part of the day as the one that failed meets the same empty flat more often
#: than one at another part (guesses).
SAME_PART_PERCENT, OTHER_PART_PERCENT = 130, 80
_ABSENT = frozenset({R.CUSTOMER_UNAVAILABLE, R.NO_SAFE_PLACE, R.BUSINESS_CLOSED})


class PartOfDay(StrEnum):
    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


def part_of_day(at: datetime, timezone: str) -> PartOfDay:
    hour = at.astimezone(ZoneInfo(timezone)).hour
    if hour < 12:
        return PartOfDay.MORNING
    return PartOfDay.AFTERNOON if hour < 17 else PartOfDay.EVENING


@dataclass(frozen=True, slots=True)
class Seen:
    """Visits after a failure, and how many of them failed."""

    visits: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Experience:
    """What a hub has seen of visits after a failure, by the reason of that failure."""

    hub_id: str
    by_reason: Mapping[R, Seen] = field(default_factory=dict)
    version: int = 0

    def rate_permille(self, reason: R) -> int:
        prior = PRIORS_PERMILLE.get(reason, USUAL_PERMILLE)
        seen = self.by_reason.get(reason, Seen())
        return (prior * PRIOR_VISITS + PERMILLE * seen.failed) // (PRIOR_VISITS + seen.visits)

    def with_visit(self, reason: R, *, failed: bool, times: int = 1) -> "Experience":
        """With a visit more; ``times`` -1 takes one back."""
        seen = self.by_reason.get(reason, Seen())
        visits, fails = seen.visits + times, seen.failed + times * failed
        more = Seen(max(0, visits), max(0, min(fails, visits)))
        return replace(self, by_reason={**self.by_reason, reason: more})


def fails_again_permille(
    rate_permille: int, reason: R, failed_in: PartOfDay, then: PartOfDay
) -> int:
    """Of a visit at a part of the day, after one that failed in another or the same."""
    if reason not in _ABSENT:
        return rate_permille
    percent = SAME_PART_PERCENT if failed_in is then else OTHER_PART_PERCENT
    return min(950, rate_permille * percent // 100)
