"""A customer, or a whole shop, is forgotten: ended deliveries at once, others when they end."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import proofs, redaction
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import CancelReason, Delivery
from chalicelib.domain.deliveries.requirements import Proof, ProofKind
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.shops import notices, privacy, store
from chalicelib.domain.shops.model import State
from chalicelib.domain.shops.notices import Kind, Notice
from chalicelib.domain.shops.privacy import Progress
from chalicelib.kit.errors import Malformed
from chalicelib.storage import keys, support_keys
from chalicelib.storage.keys import TableName
from tests.builders import NOON, a_request
from tests.domain.intake.shops import shopify_headers, written
from tests.domain.shops.counter import Counter

#: As Shopify documents it; the personal data in it are not read.
REDACT = {
    "shop_id": 954889,
    "shop_domain": "vases.myshopify.com",
    "customer": {"id": 191167, "email": "ida@example.com", "phone": "555-625-1199"},
    "orders_to_redact": [299938, 280263, 220458],
}


@pytest.fixture
def counter() -> Counter:
    made = Counter()
    made.connect()
    return made


def an_order(counter: Counter, number: str, *, has_ended: bool, platform: str = "shopify") -> str:
    """A delivery of an order with its lock; returns its id."""

    def make(uow: Any) -> Delivery:
        delivery = deliveries.create(uow, a_request(external_id=number, platform=platform))
        uow.put(
            keys.order("mer_1", platform, number),
            {
                "state": "promised",
                "source_updated_at": "2026-11-27T12:00:00.000Z",
                "delivery_id": delivery.id,
                "refusal": None,
            },
            expect=0,
        )
        return delivery

    delivery = counter.commit(make)
    if has_ended:
        end(counter, delivery.id)
    return str(delivery.id)


def end(counter: Counter, delivery_id: str) -> None:
    cancel = life.Cancel(NOON, CancelReason.CUSTOMER_REQUEST)
    ref = DeliveryRef("mer_1", delivery_id)
    counter.commit(lambda uow: deliveries.carry_out(uow, ref, cancel))


def recipient_of(counter: Counter, delivery_id: str) -> Any:
    return delivery_store.load_recipient(counter.begin(), DeliveryRef("mer_1", delivery_id))


def a_notice(kind: Kind, *order_ids: str) -> Notice:
    return Notice(kind, f"{kind}:1", order_ids)


def carried_out(counter: Counter, notice: Notice) -> privacy.PrivacyRequest:
    erased: list[DeliveryRef] = []
    counter.commit(lambda uow: privacy.receive(uow, "mer_1", "shopify", notice))
    for _ in range(100):
        step = counter.commit(
            lambda uow: privacy.advance(uow, "mer_1", notice.source_id, erased.append)
        )
        if step.request.progress is Progress.DONE:
            return step.request
    raise AssertionError("it never ends")


def test_a_customers_ended_deliveries_lose_their_recipient(counter: Counter) -> None:
    mine = an_order(counter, "1", has_ended=True)
    other = an_order(counter, "2", has_ended=True)
    done = carried_out(counter, a_notice(Kind.REDACT_CUSTOMER, "1", "404"))
    assert (done.redacted, done.waiting) == (1, 0)
    assert recipient_of(counter, mine) is None
    assert recipient_of(counter, other) is not None
    kept = delivery_store.load(counter.begin(), DeliveryRef("mer_1", mine))
    assert str(kept.dropoff) == str(type(kept.dropoff)(51.22, 9.42))


def test_the_doors_position_is_coarsened_and_nothing_is_told_again(counter: Counter) -> None:
    mine = an_order(counter, "1", has_ended=True)
    ref = DeliveryRef("mer_1", mine)
    exact = type(a_request().dropoff)(51.22345, 9.41987)

    def move(uow: Any) -> None:
        item = delivery_store.to_item(replace(delivery_store.load(uow, ref), dropoff=exact))
        uow.put(keys.delivery("mer_1", mine), item, expect=item["version"])

    counter.commit(move)
    before = delivery_store.load(counter.begin(), ref)
    carried_out(counter, a_notice(Kind.REDACT_CUSTOMER, "1"))
    after = delivery_store.load(counter.begin(), ref)
    assert (after.dropoff.latitude, after.dropoff.longitude) == (51.22, 9.42)
    assert (after.version, after.history) == (before.version, before.history)
    assert "events" not in counter.tables.items[keys.delivery("mer_1", mine)]


def test_a_delivery_under_way_keeps_its_recipient_until_it_ends(counter: Counter) -> None:
    mine = an_order(counter, "1", has_ended=False)
    ref = DeliveryRef("mer_1", mine)
    done = carried_out(counter, a_notice(Kind.REDACT_CUSTOMER, "1"))
    assert (done.redacted, done.waiting) == (0, 1)
    assert recipient_of(counter, mine) is not None
    end(counter, mine)
    erased: list[DeliveryRef] = []
    counter.commit(lambda uow: privacy.finish(uow, ref, erased.append))
    assert erased == [ref]
    assert recipient_of(counter, mine) is None
    assert not redaction.is_wanted(counter.begin(), ref)


def test_an_end_that_nobody_waited_for_redacts_nothing(counter: Counter) -> None:
    mine = an_order(counter, "1", has_ended=True)
    erased: list[DeliveryRef] = []
    counter.commit(lambda uow: privacy.finish(uow, DeliveryRef("mer_1", mine), erased.append))
    assert erased == []
    assert recipient_of(counter, mine) is not None


def test_pictures_and_texts_are_erased_first_and_a_late_upload_is_nobodys(
    counter: Counter,
) -> None:
    erased: list[DeliveryRef] = []
    mine = an_order(counter, "1", has_ended=True)
    ref = DeliveryRef("mer_1", mine)
    proof = counter.commit(
        lambda uow: proofs.announce(uow, ref, "image/jpeg", driver_id="drv_1", stop_id="stp_1")
    )
    notice = a_notice(Kind.REDACT_CUSTOMER, "1")
    counter.commit(lambda uow: privacy.receive(uow, "mer_1", "shopify", notice))
    counter.commit(lambda uow: privacy.advance(uow, "mer_1", notice.source_id, erased.append))
    assert erased == [ref]
    assert proofs.is_expected(counter.begin(), ref, proof) is None


def test_the_place_of_the_tap_goes_with_the_door(counter: Counter) -> None:
    mine = an_order(counter, "1", has_ended=True)
    ref = DeliveryRef("mer_1", mine)
    before = delivery_store.load(counter.begin(), ref)
    tapped = replace(before, proofs=(Proof(ProofKind.PHOTO, "prf_1", before.dropoff),))
    counter.commit(lambda uow: delivery_store.save(uow, tapped, expect=before.version))
    carried_out(counter, a_notice(Kind.REDACT_CUSTOMER, "1"))
    after = delivery_store.load(counter.begin(), ref)
    assert after.proofs == (Proof(ProofKind.PHOTO, "prf_1"),)


def test_what_was_written_goes_in_parts_and_the_recipient_with_the_commit(
    counter: Counter,
) -> None:
    ref = DeliveryRef("mer_1", an_order(counter, "1", has_ended=True))
    for part in range(2):
        uow = counter.begin()
        for number in range(60):
            key = support_keys.case_text(
                ref.merchant_id, ref.delivery_id, "sup_1", part * 60 + number
            )
            uow.put(key, {"text": "not here"}, expect=0)
        uow.commit()
    rounds = 0
    while counter.commit(lambda uow: redaction.forget_texts(uow, ref)):
        rounds += 1
    assert rounds == 2
    held = counter.begin().query_all(TableName.PII, f"D#mer_1#{ref.delivery_id}")
    assert [item["sk"] for item in held] == ["A"]


def test_many_orders_are_done_in_steps(counter: Counter) -> None:
    numbers = [str(number) for number in range(2 * privacy.STEP + 3)]
    mine = [an_order(counter, number, has_ended=True) for number in numbers]
    done = carried_out(counter, a_notice(Kind.REDACT_CUSTOMER, *numbers))
    assert done.redacted == len(numbers)
    assert [one for one in mine if recipient_of(counter, one)] == []


def test_a_shop_that_left_is_forgotten_with_its_connection(counter: Counter) -> None:
    old = an_order(counter, "1", has_ended=True)
    counter.clock.advance(days=70)
    new = an_order(counter, "2", has_ended=False)
    foreign = an_order(counter, "3", has_ended=True, platform="woocommerce")
    connection = counter.connection()
    closed = replace(connection, state=State.CLOSED)
    counter.commit(lambda uow: store.save_connection(uow, closed))
    done = carried_out(counter, a_notice(Kind.REDACT_SHOP))
    assert (done.redacted, done.waiting) == (1, 1)
    assert recipient_of(counter, old) is None
    assert recipient_of(counter, new) is not None
    assert recipient_of(counter, foreign) is not None
    assert store.load_connection(counter.begin(), "mer_1", "shopify") is None


def test_the_same_request_twice_is_one_request(counter: Counter) -> None:
    notice = a_notice(Kind.REDACT_CUSTOMER, "1")
    first, again = (
        counter.commit(lambda uow: privacy.receive(uow, "mer_1", "shopify", notice))
        for _ in range(2)
    )
    assert first.id == again.id
    carried_out(counter, notice)
    assert len(privacy.list_requests(counter.begin(), "mer_1", limit=9, after=None)[0]) == 1


def test_what_is_held_of_a_customer_is_read_for_the_merchant(counter: Counter) -> None:
    mine = an_order(counter, "1", has_ended=True)
    notice = a_notice(Kind.DATA_REQUEST, "1", "404")
    request = counter.commit(lambda uow: privacy.receive(uow, "mer_1", "shopify", notice))
    assert request.progress is Progress.DONE
    (held,) = privacy.what_is_held(counter.begin(), request)
    assert (held.delivery.id, held.recipient) == (mine, recipient_of(counter, mine))


@pytest.mark.parametrize("prefix", ["x-shopify", "shopify"])
def test_shopifys_privacy_topics_are_read_without_the_person(prefix: str) -> None:
    body = written(REDACT)
    notice = notices.read_notice(shopify_headers(body, "customers/redact", prefix=prefix), body)
    assert notice is not None
    assert (notice.kind, notice.order_ids) == (Kind.REDACT_CUSTOMER, ("299938", "280263", "220458"))
    assert "ida@example.com" not in repr(notice)


def test_an_edit_names_the_order_that_has_to_be_fetched() -> None:
    body = written({"order_edit": {"id": 1, "order_id": 9007199254740993123}})
    notice = notices.read_notice(shopify_headers(body, "orders/edited"), body)
    assert notice is not None
    assert (notice.kind, notice.order_ids) == (Kind.EDITED, ("9007199254740993123",))


def test_an_order_is_no_notice_and_a_time_that_is_none_is_refused() -> None:
    assert notices.read_notice({"x-shopify-topic": "orders/create"}, b"{}") is None
    headers = {"x-shopify-topic": "app/uninstalled", "x-shopify-triggered-at": "yesterday"}
    with pytest.raises(Malformed):
        notices.read_notice(headers, b"{}")


def test_requests_of_kinds_that_came_after_us_are_none() -> None:
    assert notices.read_request(b'{"kind": "FULFILLMENT_REQUEST"}') is Kind.FULFILMENT_REQUESTED
    assert notices.read_request(b'{"kind": "HOLD_REQUEST"}') is None


def test_a_redaction_that_came_a_year_late_still_finds_its_deliveries(counter: Counter) -> None:
    mine = an_order(counter, "1", has_ended=True)
    counter.clock.advance(days=(privacy.FURTHEST_BACK - timedelta(days=1)).days)
    carried_out(counter, a_notice(Kind.REDACT_SHOP))
    assert recipient_of(counter, mine) is None
