"""What is covered and promised, for one order: coverage, asked within the order's unit of work."""

from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.coverage import capacity, service
from chalicelib.domain.coverage.model import Booking, Covered, NotCovered, Promise
from chalicelib.domain.coverage.promises import Offerable, WhyNot
from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.intake import points
from chalicelib.domain.intake.order import Refusal
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.pickup_points.model import PickupPoint
from chalicelib.domain.pricing import store as cards
from chalicelib.kit.errors import NoCapacityLeft, StaleVersion
from chalicelib.kit.geo import LatLng
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Ground:
    """Coverage of one hub for one merchant; a test takes no place that counts."""

    uow: UnitOfWork
    merchant_id: str
    hub: Hub
    is_counted: bool = True
    _known: dict[LatLng, Covered | NotCovered] = field(default_factory=dict, compare=False)

    def look_up(self, position: LatLng) -> Covered | NotCovered:
        """Ask once for each place: the door and its promises want the same answer."""
        if position not in self._known:
            answer = service.look_up(self.uow, self.merchant_id, self.hub, position)
            self._known[position] = answer
        return self._known[position]

    def currency(self) -> str:
        """In which the merchant pays, and cash is collected for it."""
        return cards.load_card(self.uow, self.merchant_id).currency

    def point(self, point_id: str) -> PickupPoint | Refusal:
        return points.find(self.uow, point_id)

    def place_in(
        self, point: PickupPoint, parcel: Parcel, promise: TimeWindow
    ) -> points.Place | Refusal:
        return points.place_in(self.uow, point, parcel, promise)

    def place_again(self, before: Delivery, parcel: Parcel) -> points.Place | Refusal | None:
        if before.pickup_point_id is None or parcel == before.parcel:
            return None
        ref = str(DeliveryRef(before.merchant_id, before.id))
        return points.place_again(self.uow, before.pickup_point_id, ref, parcel)

    def choose(
        self,
        promises: tuple[Promise, ...],
        wish: TimeWindow | None,
        since: datetime,
        held: Booking | None,
    ) -> Offerable | WhyNot:
        return capacity.choose(self.uow, promises, wish, since, held)

    def take(self, place: Offerable | Booking | None, held: Booking | None) -> Booking | None:
        """Exchange the place that is held for the one that was agreed on.

        Raises
        ------
        StaleVersion
            If the place went since it was chosen: decide again.
        """
        if not self.is_counted:
            return None
        wanted = place.booking if isinstance(place, Offerable) else place
        if wanted == held:
            return held
        if held is not None:
            capacity.release(self.uow, held)
        if not isinstance(place, Offerable):
            return None
        try:
            return capacity.book(self.uow, place)
        except NoCapacityLeft as error:
            raise StaleVersion from error
