"""How does a test delivery get anywhere? Step by step, as an integrator asks, and with no driver.

Deliveries of test keys are in no wave and get no texts; everything else about them is real: their
life, their events, what webhooks tell. The steps are those of a parcel that goes well, and the
forks that a shop has to cope with.
"""

from datetime import datetime, timedelta

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries.commands import Command
from chalicelib.domain.deliveries.model import Delivery, FailureReason, Status
from chalicelib.domain.deliveries.requirements import Proof, ProofKind
from chalicelib.kit.errors import IllegalTransition

#: How long a test's parcel lies at a pickup point, for it lies in none.
KEPT = timedelta(days=7)
#: Stands where a route and a driver would.
NOBODY = "test"

_ROAD = (
    Status.READY,
    Status.PLANNED,
    Status.ASSIGNED,
    Status.EN_ROUTE_TO_PICKUP,
    Status.ARRIVED_AT_PICKUP,
    Status.PICKED_UP,
    Status.EN_ROUTE_TO_DROPOFF,
    Status.ARRIVED_AT_DROPOFF,
)
#: What can be asked for; everything on the road, and how it can end.
TARGETS = (
    *_ROAD[1:],
    Status.DELIVERED,
    Status.ATTEMPT_FAILED,
    Status.AT_PICKUP_POINT,
    Status.COLLECTED,
    Status.READY,
    Status.RETURNING,
    Status.RETURNED,
)


def steps_to(
    delivery: Delivery, target: Status, at: datetime, reason: FailureReason
) -> tuple[Command, ...]:
    """The commands that bring a test delivery to a status.

    Raises
    ------
    IllegalTransition
        If no parcel gets there from where it is.
    """
    if delivery.status is target:
        return ()
    if target is Status.READY and delivery.status is Status.ATTEMPT_FAILED:
        return (life.Retry(at, delivery.pickup),)
    if target in (Status.RETURNING, Status.RETURNED):
        back: tuple[Command, ...] = (life.Return(at, reason.value), life.ReceiveReturn(at))
        if delivery.status is Status.RETURNING:
            return back[1:]
        return back[:1] if target is Status.RETURNING else back
    if target is Status.COLLECTED:
        left = Status.AT_PICKUP_POINT
        return (*steps_to(delivery, left, at, reason), life.Collect(at))
    ends: dict[Status, Command] = {Status.ATTEMPT_FAILED: life.FailAttempt(at, reason)}
    if delivery.pickup_point_id is None:
        ends[Status.DELIVERED] = life.Deliver(at, _shown(delivery))
    else:
        ends[Status.AT_PICKUP_POINT] = life.LeaveAtPickupPoint(at, at + KEPT)
    if delivery.status not in _ROAD or target not in (*_ROAD, *ends):
        raise _impossible(delivery, target)
    end = _ROAD.index(target) if target in _ROAD else len(_ROAD) - 1
    road = _drive(at)[_ROAD.index(delivery.status) : end]
    if target in _ROAD and not road:
        raise _impossible(delivery, target)
    return (*road, ends[target]) if target in ends else road


def _shown(delivery: Delivery) -> tuple[Proof, ...]:
    """A name, and whatever this door asks for."""
    asked = delivery.requirements
    needed = tuple(
        Proof(kind, min_age=asked.id_min_age, cash_minor=asked.cash_minor or None)
        for kind in asked.proofs
    )
    return (Proof(ProofKind.NAME), *needed)


def _drive(at: datetime) -> tuple[Command, ...]:
    """From ready to the door, one command per status of the road."""
    return (
        life.Plan(at, NOBODY),
        life.Assign(at, NOBODY),
        life.SetOutForPickup(at),
        life.ArriveAtPickup(at),
        life.PickUp(at),
        life.SetOutForDropoff(at),
        life.ArriveAtDropoff(at),
    )


def _impossible(delivery: Delivery, target: Status) -> IllegalTransition:
    return IllegalTransition(
        f"a delivery that is {delivery.status} cannot become {target}",
        extra={"status": delivery.status},
    )
