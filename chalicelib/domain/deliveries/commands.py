"""What can somebody do to a delivery? The commands of its life, as words.

They say what was done and when; what may follow from them is the state machine's to know
(``lifecycle``).
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.deliveries.model import CancelReason, FailureReason, Home, Place
from chalicelib.domain.deliveries.requirements import Proof
from chalicelib.kit.timewindow import TimeWindow

#: Why it will come at another time, as ``delivery.rescheduled`` says it.
ANOTHER_ATTEMPT = "another_attempt"
ANOTHER_WINDOW = "another_window"


class Whither(StrEnum):
    """Where a redirected delivery goes now, as ``delivery.redirected`` says it."""

    PICKUP_POINT = "pickup_point"
    HOME = "home"


@dataclass(frozen=True, slots=True)
class Command:
    """Somebody did something, at a time; ``by`` is whoever at the desk did it by hand."""

    at: datetime
    by: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class AskForAddress(Command):
    """The address is doubtful; the recipient is asked."""

    reason: str


@dataclass(frozen=True, slots=True)
class ReferAddress(Command):
    """What the recipient answered needs the eyes of the desk."""

    reason: str


class MakeReady(Command):
    """It can be planned."""


@dataclass(frozen=True, slots=True)
class Plan(Command):
    route_id: str


class Unplan(Command):
    """Its route is given up before a driver took it."""


@dataclass(frozen=True, slots=True)
class Move(Command):
    """It goes with another route, which waits for a driver."""

    route_id: str


@dataclass(frozen=True, slots=True)
class MoveToDriver(Command):
    """It goes with another route, which has a driver."""

    route_id: str
    driver_id: str


@dataclass(frozen=True, slots=True)
class Assign(Command):
    driver_id: str


@dataclass(frozen=True, slots=True)
class Unassign(Command):
    """The driver gave the route back, or never came, before the pickup."""

    reason: str


class SetOutForPickup(Command):
    """The pickup is the driver's next stop."""


class ArriveAtPickup(Command):
    pass


class PickUp(Command):
    pass


class SetOutForDropoff(Command):
    """The recipient's door is the driver's next stop."""


class ArriveAtDropoff(Command):
    pass


@dataclass(frozen=True, slots=True)
class Deliver(Command):
    proofs: tuple[Proof, ...] = ()


@dataclass(frozen=True, slots=True)
class FailAttempt(Command):
    reason: FailureReason


@dataclass(frozen=True, slots=True)
class Retry(Command):
    """The parcel lies at a place again and waits for the next wave.

    ``window``: another one than it was promised for. ``to_point``: no try at a door, so none is
    used up.
    """

    pickup: Place
    reason: str = ANOTHER_ATTEMPT
    window: TimeWindow | None = None
    to_point: bool = False


class Resume(Command):
    """It is still on board, and goes to somebody or somewhere on the same tour after all."""


@dataclass(frozen=True, slots=True)
class Redirect(Command):
    """It goes somewhere else: to a pickup point, or back to its recipient's door.

    ``home`` is where it would go, if ever it came home again.
    """

    to: Home
    point_id: str | None = None
    home: Home | None = None

    @property
    def reason(self) -> Whither:
        return Whither.HOME if self.point_id is None else Whither.PICKUP_POINT


@dataclass(frozen=True, slots=True)
class Reschedule(Command):
    """It comes in another window that somebody chose, and leaves the route that it is on."""

    window: TimeWindow
    reason: str = ANOTHER_WINDOW


@dataclass(frozen=True, slots=True)
class WaitAtHub(Command):
    """It came back on board untried, and waits at the hub for the next wave."""

    pickup: Place


@dataclass(frozen=True, slots=True)
class LeaveAtPickupPoint(Command):
    """It lies where its recipient collects it, until then."""

    collect_by: datetime | None = None


class RemindToCollect(Command):
    """It is about to go back, and nobody has come yet."""


@dataclass(frozen=True, slots=True)
class KeepLonger(Command):
    """Its recipient cannot come in time, and nobody waits for the compartment."""

    collect_by: datetime


class Collect(Command):
    pass


@dataclass(frozen=True, slots=True)
class Return(Command):
    reason: str


class ReceiveReturn(Command):
    pass


class Dispose(Command):
    pass


class Lose(Command):
    pass


class Damage(Command):
    pass


@dataclass(frozen=True, slots=True)
class Cancel(Command):
    """Before the pickup it ends there; after it, the parcel has to come back first."""

    reason: CancelReason


class Undo(Command):
    """The driver takes the last tap back."""
