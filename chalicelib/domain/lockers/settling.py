"""Does the operator keep what the delivery needs, and no more? Claim, call, mark.

Never inside a transaction of ours: the wish is written first, then the operator is asked, then what
came of it is written. Whoever dies between leaves a wish that the next run asks about again, and as
the reservation has our own name the operator answers the same. Two runs at once do no harm: each
looks again when it has written, and gives back what is not needed any more.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Protocol

from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.lockers import holds
from chalicelib.domain.lockers.holds import Hold, HoldState
from chalicelib.domain.pickup_points import operators, room
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.domain.pickup_points.model import LockerOperator, PickupPoint
from chalicelib.kit import tokens
from chalicelib.kit.errors import NotFound
from chalicelib.kit.events import Event
from chalicelib.kit.locker_calls import WantedCompartment
from chalicelib.storage.unit_of_work import UnitOfWork

#: Each round ends with nothing to do unless the delivery moved on meanwhile.
MOST_ROUNDS = 4


class Lockers(Protocol):
    """What we call (see ``gateways.lockers``): the code that opens a door, or None for full."""

    def reserve(
        self, base_url: str, secret: str, wanted: WantedCompartment, at: datetime
    ) -> str | None: ...
    def release(self, base_url: str, secret: str, reservation: str, at: datetime) -> None: ...


class Runner(Protocol):
    """Carries out one unit of work and commits it."""

    def __call__[T](self, use_case: Callable[[UnitOfWork], T]) -> T: ...


@dataclass(frozen=True, slots=True)
class Office:
    """With what, and by which key, operators are called."""

    run: Runner
    lockers: Lockers
    server_key: bytes

    def secret_of(self, operator: LockerOperator) -> str:
        return tokens.locker_secret(self.server_key, operator.id)


@dataclass(frozen=True, slots=True)
class _Todo:
    """What is to be given back, and what to be asked for, at which wall time."""

    at: datetime
    release: tuple[tuple[LockerOperator, str], ...]
    ask: tuple[LockerOperator, PickupPoint, WantedCompartment] | None


def settle(office: Office, ref: DeliveryRef) -> None:
    """Bring the operators in line with where a delivery goes now.

    Raises
    ------
    Upstream
        If one of them cannot be reached: come again.
    """
    for _ in range(MOST_ROUNDS):
        todo = office.run(lambda uow: _look(office, uow, ref))
        if not (todo.release or todo.ask):
            return
        for operator, point_id in todo.release:
            name = reservation_of(ref, point_id)
            office.lockers.release(operator.base_url, office.secret_of(operator), name, todo.at)
            office.run(partial(_mark_released, ref=ref, point_id=point_id))
        if todo.ask is not None:
            operator, point, wanted = todo.ask
            secret = office.secret_of(operator)
            code = office.lockers.reserve(operator.base_url, secret, wanted, todo.at)
            office.run(partial(_mark, ref=ref, point_id=point.id, code=code))


def reservation_of(ref: DeliveryRef, point_id: str) -> str:
    """Our name for it: one per delivery and point, the same at every try."""
    return f"{ref.delivery_id}.{point_id}"


def goes_to(delivery: Delivery) -> str | None:
    """Where a compartment is needed; one that lies there needs it until it was fetched."""
    if delivery.status.is_final or not delivery.live:
        return None
    lay_there = any(entry.status is Status.AT_PICKUP_POINT for entry in delivery.history)
    if delivery.status is Status.RETURNING and not lay_there:
        return None
    return delivery.pickup_point_id


def is_concerned(uow: UnitOfWork, event: Event) -> bool:
    """Whether an operator has to hear of this, by what is known before anything is asked."""
    point_id = event.data.get("pickup_point_id")
    if point_id is not None and _operated(uow, point_id) is not None:
        return True
    ref = DeliveryRef(event.data["merchant_id"], event.subject)
    moved = event.type == "delivery.redirected"
    return moved and any(one.state.may_be_there for one in holds.load_all(uow, ref))


def _look(office: Office, uow: UnitOfWork, ref: DeliveryRef) -> _Todo:
    """What is to be done, with the wish written down."""
    delivery = deliveries.load(uow, ref)
    there = goes_to(delivery)
    known = {hold.point_id: hold for hold in holds.load_all(uow, ref)}
    leaving = [
        hold for hold in known.values() if hold.point_id != there and hold.state.may_be_there
    ]
    for hold in leaving:
        if hold.state is HoldState.HELD:
            # From the call on nobody knows: whoever comes back meanwhile has to ask again.
            holds.save(uow, ref, replace(hold, state=HoldState.WANTED, open_code=None))
    release = tuple((operators.load(uow, hold.operator_id), hold.point_id) for hold in leaving)
    return _Todo(uow.wall_now, release, _ask(office, uow, delivery, known))


def _ask(
    office: Office, uow: UnitOfWork, delivery: Delivery, known: Mapping[str, Hold]
) -> tuple[LockerOperator, PickupPoint, WantedCompartment] | None:
    there = goes_to(delivery)
    point = None if there is None else _operated(uow, there)
    if point is None or point.operator is None:
        return None
    ref = DeliveryRef(delivery.merchant_id, delivery.id)
    hold = known.get(point.id) or Hold(point.id, point.operator.operator_id, HoldState.WANTED)
    size = room.load(uow, point.id).held.get(str(ref))
    if hold.state in (HoldState.HELD, HoldState.REFUSED) or size is None:
        return None
    holds.save(uow, ref, replace(hold, state=HoldState.WANTED))
    wanted = WantedCompartment(
        reservation=reservation_of(ref, point.id),
        point=point.operator.name_there,
        size=size.value,
        weight_g=delivery.parcel.weight_g,
        volume_ml=delivery.parcel.volume_ml,
        keep_days=point.keeps_days,
        collect_code=tokens.collection_code(office.server_key, delivery.id),
    )
    return operators.load(uow, point.operator.operator_id), point, wanted


def _mark_released(uow: UnitOfWork, ref: DeliveryRef, point_id: str) -> None:
    """It is free there; a delivery that came back meanwhile has to ask for it again."""
    hold = holds.load(uow, ref, point_id)
    if hold is not None:
        came_back = goes_to(deliveries.load(uow, ref)) == point_id
        state = HoldState.WANTED if came_back else HoldState.RELEASED
        holds.save(uow, ref, replace(hold, state=state, open_code=None))


def _mark(uow: UnitOfWork, ref: DeliveryRef, point_id: str, code: str | None) -> None:
    """What came of it; a refusal is told, so that another point is looked for."""
    hold = holds.load(uow, ref, point_id)
    if hold is None:
        return
    if code is not None:
        holds.save(uow, ref, replace(hold, state=HoldState.HELD, open_code=code))
        return
    refused = replace(hold, state=HoldState.REFUSED)
    holds.save(uow, ref, refused)
    data = {"merchant_id": ref.merchant_id, "delivery_id": ref.delivery_id, "point_id": point_id}
    subject = holds.subject_of(ref, point_id)
    uow.emit(Event("locker.refused", subject, refused.version + 1, uow.now, data))


def _operated(uow: UnitOfWork, point_id: str) -> PickupPoint | None:
    """The point, if an operator runs it."""
    try:
        point = pickup_points.load(uow, point_id)
    except NotFound:
        return None
    return None if point.operator is None else point
