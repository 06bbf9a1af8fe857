"""The portal's page of an order at each of its turns: on a route, failed, delivered with photo."""

from datetime import timedelta

from chalicelib import wiring
from chalicelib.domain.accounts.model import TeamRole
from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import proofs
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import FailureReason
from chalicelib.domain.deliveries.proofs import ProofState
from chalicelib.domain.deliveries.requirements import Proof, ProofKind
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.model import StopKind
from chalicelib.domain.dispatch.waves import adoption
from chalicelib.domain.dispatch.waves.adoption import PlannedStop, RouteDraft
from chalicelib.domain.drivers.model import VehicleKind
from chalicelib.domain.recovery import deciding
from chalicelib.entry import work
from chalicelib.storage import keys
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import DOOR_AT, STORE_AT
from tests.entry.conftest import Doors
from tests.entry.portal_pages import an_order, hidden, read, words
from tests.entry.visitors import Visitor, a_visitor


def go_on(doors: Doors, delivery_id: str, *commands: life.Command) -> DeliveryRef:
    ref = DeliveryRef(doors.stage.merchant_id, delivery_id)
    work.run(lambda uow: deliveries.carry_out(uow, ref, *commands))
    return ref


def out(doors: Doors, delivery_id: str) -> DeliveryRef:
    """A route of its own, and a driver on the way to its door."""
    ref = DeliveryRef(doors.stage.merchant_id, delivery_id)
    at = doors.stage.clock.now()
    made = delivery_store.load(wiring.unit_of_work(), ref)
    stops = (
        PlannedStop(StopKind.PICKUP, "Shop", STORE_AT, (ref,), at + timedelta(minutes=10), 200),
        PlannedStop(StopKind.DROPOFF, "", DOOR_AT, (ref,), at + timedelta(minutes=30), 180),
    )
    draft = RouteDraft(
        hub_id=made.hub_id,
        wave_id="wav_1",
        vehicle_kind=VehicleKind.VAN,
        starts_at=at + timedelta(minutes=10),
        ends_at=at + timedelta(hours=1),
        distance_m=9000,
        duration_s=3000,
        load_weight_g=400,
        load_volume_ml=4000,
        stops=stops,
        versions={ref: made.version},
    )
    work.run(lambda uow: adoption.adopt_route(uow, draft))
    return go_on(
        doors, delivery_id, life.Assign(at, "drv_1"), life.PickUp(at), life.SetOutForDropoff(at)
    )


def test_while_it_is_on_its_way_the_shop_writes_once_and_may_bring_it_back(
    doors: Doors, member_client: Visitor
) -> None:
    made = an_order(doors)
    out(doors, made)
    page = read(member_client.get(f"/m/orders/{made}"))
    assert "Out for delivery" in words(page)
    assert "Planned Fri 27 Nov, 13:30" in words(page)
    fields = {"text": "Please ring twice", "once": hidden(page, "once")}
    for _ in range(2):
        sent = member_client.send(f"/m/orders/{made}/messages", **fields)
        assert sent.headers["Location"].endswith("?said=sent")
    told = words(read(member_client.get(f"/m/orders/{made}?said=sent")))
    assert told.count("Please ring twice") == 1
    assert "Your message is sent" in told
    end = read(member_client.get(f"/m/orders/{made}/end"))
    assert "comes back to the hub" in words(end)
    answer = {"reason": "out_of_stock", "version": hidden(end, "version")}
    sent = member_client.send(f"/m/orders/{made}/end", **answer)
    assert sent.headers["Location"].endswith("?said=returning")
    told = words(read(member_client.get(f"/m/orders/{made}")))
    assert "Coming back" in told
    assert "Return" in told


def test_after_a_failed_attempt_the_shop_sees_what_follows_and_chooses(
    doors: Doors, member_client: Visitor
) -> None:
    made = an_order(doors)
    ref = out(doors, made)
    failed = life.FailAttempt(doors.stage.clock.now(), FailureReason.CUSTOMER_UNAVAILABLE)
    go_on(doors, made, failed)
    work.run(lambda uow: deciding.begin(uow, delivery_store.load(uow, ref)))
    told = words(read(member_client.get(f"/m/orders/{made}")))
    assert "After the failed attempt" in told
    assert "Customer unavailable" in told
    assert "chosen by the system" in told
    sent = member_client.send(f"/m/orders/{made}/recovery", remedy="return")
    assert sent.headers["Location"].endswith("?said=decided")
    assert "chosen by the merchant" in words(read(member_client.get(f"/m/orders/{made}")))
    assert made in read(member_client.get("/m/orders?failed=yes"))
    assert "The last attempt failed" in words(read(member_client.get("/m")))


def test_a_delivered_order_shows_its_photo_and_whether_it_was_late(doors: Doors) -> None:
    made = an_order(doors)
    ref = out(doors, made)

    proof_id = work.run(
        lambda uow: proofs.announce(uow, ref, "image/jpeg", driver_id="drv_1", stop_id="stp_1")
    )
    work.run(lambda uow: _arrive(uow, ref, proof_id))
    doors.stage.clock.advance(hours=9)
    at = doors.stage.clock.now()
    shown = (
        Proof(ProofKind.PHOTO, proof_id),
        Proof(ProofKind.ID_AGE, min_age=18),
        Proof(ProofKind.CASH, cash_minor=1250),
        Proof(ProofKind.BARCODE, barcode="P-1"),
    )
    go_on(doors, made, life.Deliver(at, shown))
    # The session of this morning is over.
    member = a_visitor(doors.stage, TeamRole.VIEWER)
    answer = member.get(f"/m/orders/{made}")
    page = read(answer)
    assert 'alt="Photo of the handover of order' in page
    bucket = page.split('<img src="')[1].split("/proofs/")[0]
    assert bucket.split("/")[2] in answer.headers["Content-Security-Policy"]
    told = words(page)
    assert "Late" in told
    assert "Handed over" in told
    assert "Id age: at least 18 years Cash: EUR 12.50 Barcode: P-1" in told
    assert made in read(member.get("/m/orders?late=yes&status=delivered"))


def _arrive(uow: UnitOfWork, ref: DeliveryRef, proof_id: str) -> None:
    """As if the bucket had told and the picture had been good."""
    key = keys.proof(ref.merchant_id, ref.delivery_id, proof_id)
    item = uow.get(key)
    assert item is not None
    told = {**item, "status": ProofState.ARRIVED.value, "version": item["version"] + 1}
    uow.put(key, told, expect=item["version"])
