"""What is known of one failed attempt? What could be done, what was chosen, by whom, what came.

One record per failed tap, in ``core``: ids, times and amounts, nobody's name. It is found by the
delivery's version that the tap made, so an attempt that was undone and failed again has two.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.deliveries.model import FailureReason
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.merchants.recovery_rules import Remedy
from chalicelib.domain.pricing.faults import Party, party_at_fault
from chalicelib.kit.timewindow import TimeWindow


class Term(StrEnum):
    """What a remedy's cost is made of [minor units]."""

    DRIVING = "driving"  # the driver's time and the vehicle's metres for what is certain
    ANOTHER_VISIT = "another_visit"  # one more stop at the door
    FAILS_AGAIN = "fails_again"  # what follows if that fails, times how likely that is
    POINT_FEE = "point_fee"
    NOT_COLLECTED = "not_collected"  # the way back from a point, times how likely that is
    RETURN = "return"
    GOODS = "goods"  # what is in it, where that is gone or may go
    LOST_SALE = "lost_sale"  # certain, or as likely as the buyer gives up
    TROUBLE = "trouble"  # the recipient's walk and waiting


class WhyNot(StrEnum):
    """Why a remedy is out of the question; stable codes that merchants read."""

    FORBIDDEN = "forbidden_by_merchant"
    ALWAYS_RETURNS = "always_returns"
    REASON = "pointless_for_this_reason"
    NO_ATTEMPTS_LEFT = "no_attempts_left"
    NOT_ON_THE_ROAD = "not_on_the_road"
    TRIED = "tried_on_this_tour"
    NOT_WISHED = "not_wished_by_recipient"
    NEEDS_RECIPIENT = "needs_the_recipient"
    NO_POINT = "no_point_fits"
    TOO_FAR = "too_far_to_walk"
    NO_WINDOW = "no_window_left"
    LATE = "makes_others_late"
    WORTH_TOO_MUCH = "worth_too_much"
    NOT_LOST = "not_lost"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Weighed:
    """One remedy: what it would cost, term by term, and where and when it would be.

    ``why_not`` None: it is allowed. One that cannot be done at all has no terms.
    """

    remedy: Remedy
    terms: Mapping[Term, int] = field(default_factory=dict)
    why_not: WhyNot | None = None
    window: TimeWindow | None = None
    point_id: str | None = None

    @property
    def cost_minor(self) -> int:
        return sum(self.terms.values())

    @property
    def is_allowed(self) -> bool:
        return self.why_not is None


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asked for; ``window`` and ``point_id`` only where they are meant."""

    remedy: Remedy
    window: TimeWindow | None = None
    point_id: str | None = None


class By(StrEnum):
    """Who chose; whoever stands later here is not overruled by whoever stands before."""

    SYSTEM = "system"
    RECIPIENT = "recipient"
    MERCHANT = "merchant"
    DESK = "desk"


class State(StrEnum):
    WAITING = "waiting"  # for the parcel to be back, or for the recipient's time to be over
    ON_TOUR = "on_tour"  # the driver is at it
    DONE = "done"  # carried out; ``outcome`` says what came of it once that is known
    TAKEN_BACK = "taken_back"  # the driver took the tap back


@dataclass(frozen=True, slots=True)
class Chosen:
    """A choice and its author; ``who`` is a name at the desk, ``why`` a code or a desk's words."""

    remedy: Remedy
    by: By
    at: datetime
    window: TimeWindow | None = None
    point_id: str | None = None
    who: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The record; ``choices`` has the first choice and every change of it, the last one counts.

    ``failed_version``: of the delivery, by the tap. ``until``: how long the recipient may choose.
    ``back_at``: when the parcel was at the hub again. ``from_point_id``: the pickup point that it
    was to go to, for a tap that is taken back. ``fails_again_permille``: how likely the next visit
    was thought to fail.
    """

    id: str
    ref: DeliveryRef
    hub_id: str
    failed_version: int
    attempt: int
    failed_at: datetime
    reason: FailureReason
    route_id: str | None
    stop_id: str | None
    options: tuple[Weighed, ...]
    choices: tuple[Chosen, ...]
    until: datetime
    state: State
    version: int
    external_id: str = ""
    fails_again_permille: int = 0
    back_at: datetime | None = None
    from_point_id: str | None = None
    done_at: datetime | None = None
    outcome: str | None = None

    @property
    def chosen(self) -> Chosen:
        return self.choices[-1]

    @property
    def party_at_fault(self) -> Party:
        return party_at_fault(self.reason)

    @property
    def is_open(self) -> bool:
        return self.state in (State.WAITING, State.ON_TOUR)

    def option(self, remedy: Remedy) -> Weighed:
        return next(one for one in self.options if one.remedy is remedy)
