"""A small world to tell people about: a hub, a shop, a delivery and its life."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import lifecycle
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.model import (
    Address,
    Confidence,
    Delivery,
    FailureReason,
    HistoryEntry,
    Place,
    Recipient,
    Status,
)
from chalicelib.domain.deliveries.requirements import Proof, ProofKind
from chalicelib.domain.intake import review
from chalicelib.domain.intake.addresses import Doubt
from chalicelib.domain.intake.doors import Question
from chalicelib.domain.merchants import service as merchants
from chalicelib.domain.merchants.model import Platform
from chalicelib.kit import tokens
from chalicelib.kit.geo import LatLng
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.phone import Phone
from chalicelib.kit.places import Extent, Found, PlaceKind
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.storage import keys
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import an_agreed_price

SERVER_KEY = b"k" * 32
NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
BERLIN = LatLng(52.52, 13.405)
ANNA = Recipient(
    "Anna Maria Schmidt",
    Phone("+4915112345678"),
    Address("Torstraße 12", "4th floor", "Berlin", "10119", "DE"),
    notes="ring twice",
)


#: What the geocoder has for "Torstraße, 10119 Berlin": the street, and two of its houses.
STREET = Found(PlaceKind.STREET, BERLIN, 0.8, "Torstraße", "10119", "Berlin")
HOUSE = Found(
    PlaceKind.POINT, LatLng(52.5212, 13.4075), 0.75, "Torstraße 21", "10119", "Berlin", True
)
OTHER_HOUSE = Found(PlaceKind.INTERPOLATED, LatLng(52.519, 13.401), 0.7, "Torstraße 2", "10119")


def minutes(count: float) -> datetime:
    return NOON + timedelta(minutes=count)


def new_delivery(**changes: object) -> Delivery:
    values = {
        "id": "del_0000000000000000000000000a",
        "merchant_id": "mer_a",
        "hub_id": "hub_a",
        "platform": "generic",
        "external_id": "1042",
        "order_name": "#1042",
        "status": Status.CREATED,
        "version": 1,
        "created_at": NOON,
        "pickup": Place("str_a", "Store", BERLIN),
        "dropoff": BERLIN,
        "window": TimeWindow(minutes(60), minutes(180)),
        "parcel": Parcel(1000, 1000),
        "service_s": 120,
        "source_updated_at": NOON,
        "history": (HistoryEntry(1, "created", Status.CREATED, NOON),),
        **changes,
    }
    return Delivery(**values)


def steps_to(status: Status) -> list[life.Command]:
    """Commands that lead a new delivery there, a few minutes apart."""
    ready = [life.MakeReady(NOON)]
    planned = [*ready, life.Plan(minutes(5), "rte_a")]
    assigned = [*planned, life.Assign(minutes(10), "drv_a")]
    out = [*assigned, life.ArriveAtPickup(minutes(20)), life.PickUp(minutes(25))]
    door = [*out, life.SetOutForDropoff(minutes(26)), life.ArriveAtDropoff(minutes(70))]
    failed = [*door, life.FailAttempt(minutes(75), FailureReason.CUSTOMER_UNAVAILABLE)]
    back = [*failed, life.Return(minutes(80), "customer_refused")]
    ways = {
        Status.CREATED: [],
        Status.READY: ready,
        Status.PLANNED: planned,
        Status.ASSIGNED: assigned,
        Status.EN_ROUTE_TO_PICKUP: [*assigned, life.SetOutForPickup(minutes(12))],
        Status.ARRIVED_AT_PICKUP: [*assigned, life.ArriveAtPickup(minutes(20))],
        Status.PICKED_UP: out,
        Status.EN_ROUTE_TO_DROPOFF: [*out, life.SetOutForDropoff(minutes(26))],
        Status.ARRIVED_AT_DROPOFF: door,
        Status.DELIVERED: [*door, life.Deliver(minutes(75), (Proof(ProofKind.PHOTO, "prf_a"),))],
        Status.ATTEMPT_FAILED: failed,
        Status.AT_PICKUP_POINT: [*failed, life.LeaveAtPickupPoint(minutes(90))],
        Status.COLLECTED: [
            *failed,
            life.LeaveAtPickupPoint(minutes(90)),
            life.Collect(minutes(99)),
        ],
        Status.RETURNING: back,
        Status.RETURNED: [*back, life.ReceiveReturn(minutes(120))],
        Status.CANCELLED: [*ready, life.Cancel(minutes(3), "merchant_request")],
        Status.DISPOSED: [*back, life.Dispose(minutes(130))],
        Status.LOST: [*out, life.Lose(minutes(60))],
        Status.DAMAGED: [*out, life.Damage(minutes(60))],
        Status.ADDRESS_REVIEW: [life.AskForAddress(NOON, "street_only")],
    }
    return list(ways[status])


def lived(*commands: life.Command, before: Delivery | None = None) -> Delivery:
    delivery = before or new_delivery()
    for command in commands:
        delivery, _ = lifecycle.apply(delivery, command)
    return delivery


class World:
    """One hub, one merchant, deliveries in the tables."""

    def __init__(self, begin: Callable[[], UnitOfWork], brand: str = "Blumen & Söhne") -> None:
        self.begin = begin
        uow = begin()
        self.hub = merchants.open_hub(
            uow,
            merchants.NewHub("Mitte", "Hubstr. 1", BERLIN, 20_000, "Europe/Berlin", "DE", 60, 3600),
        )
        store = merchants.NewStore("s1", "Store", "Storestr. 1", BERLIN)
        self.merchant = merchants.open_merchant(
            uow,
            merchants.NewMerchant(brand, self.hub.id, (Platform.GENERIC,), (store,), 500, 7200),
            SERVER_KEY,
        ).merchant
        uow.commit()

    def deliver(self, *commands: life.Command, recipient: Recipient = ANNA) -> Delivery:
        """Promise a delivery, link it, and let it live."""
        uow = self.begin()
        plain = new_delivery()
        delivery = deliveries.create(
            uow,
            deliveries.Request(
                merchant_id=self.merchant.id,
                hub_id=self.hub.id,
                platform="generic",
                external_id="1042",
                order_name="#1042",
                pickup=plain.pickup,
                dropoff=plain.dropoff,
                window=plain.window,
                parcel=plain.parcel,
                service_s=120,
                source_updated_at=NOON,
                recipient=recipient,
                agreed=an_agreed_price(),
            ),
        )
        token = self.token(delivery)
        link = {"merchant_id": delivery.merchant_id, "delivery_id": delivery.id}
        uow.put(keys.tracking_link(tokens.hash_secret(token)), link, expect=0)
        uow.commit()
        return self.go_on(delivery, *[one for one in commands if type(one) is not life.MakeReady])

    def in_doubt(
        self, *candidates: Found, areas: tuple[Extent, ...] = (), recipient: Recipient = ANNA
    ) -> Delivery:
        """A delivery whose recipient is asked where the door is; BERLIN is all that is known."""
        uow = self.begin()
        plain = new_delivery()
        delivery = deliveries.create(
            uow,
            deliveries.Request(
                merchant_id=self.merchant.id,
                hub_id=self.hub.id,
                platform="generic",
                external_id="1042",
                order_name="#1042",
                pickup=plain.pickup,
                dropoff=BERLIN,
                window=plain.window,
                parcel=plain.parcel,
                service_s=120,
                source_updated_at=NOON,
                recipient=recipient,
                confidence=Confidence.ASK,
                doubt=Doubt.STREET_ONLY,
                door_key="somewhere",
                agreed=an_agreed_price(),
            ),
        )
        question = Question(Doubt.STREET_ONLY, BERLIN, areas, candidates)
        review.save(uow, deliveries.ref_of(delivery), review.asked(question, NOON))
        link = {"merchant_id": delivery.merchant_id, "delivery_id": delivery.id}
        uow.put(keys.tracking_link(tokens.hash_secret(self.token(delivery))), link, expect=0)
        uow.commit()
        return delivery

    def go_on(self, delivery: Delivery, *commands: life.Command) -> Delivery:
        uow = self.begin()
        after = deliveries.carry_out(uow, deliveries.ref_of(delivery), *commands)
        uow.commit()
        return after

    def token(self, delivery: Delivery) -> str:
        return tokens.tracking_token(SERVER_KEY, delivery.id)
