"""The merchants' own API: asked once, answered once; what is somebody else's is not there."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from chalicelib import wiring
from chalicelib.domain.deliveries import proofs
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.commands import Assign, Deliver, PickUp, Plan
from chalicelib.domain.deliveries.pictures import Picture
from chalicelib.domain.deliveries.requirements import Proof, ProofKind
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.kit import tokens
from tests.builders import DOOR_AT, NOON, SERVER_KEY
from tests.entry.intake_stage import Stage, a_stage


@pytest.fixture(scope="module")
def stage(aws: None) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch, a_stage(patch, "direct") as made:
        yield made


def a_form(external_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "external_id": external_id,
        "dropoff": {
            "name": "Mara Vogel",
            "phone_number": "0171 3920009",
            "address": {
                "line1": "Am Markt 3",
                "city": "Kassel",
                "postal_code": "34117",
                "country": "DE",
            },
            "latitude": 51.224,
            "longitude": 9.415,
        },
        "items": [{"name": "Book", "quantity": 2, "weight_g": 350}],
        **changes,
    }


def ask(stage: Stage, external_id: str, key: str | None = None, **changes: Any) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return stage.as_merchant("POST", "/v1/deliveries", a_form(external_id, **changes), **headers)


def test_a_delivery_is_promised_with_a_link_for_the_recipient(stage: Stage) -> None:
    answered = ask(stage, "D-1")
    assert answered.status == 201
    token = tokens.tracking_token(SERVER_KEY, answered.body["id"])
    assert answered.body["tracking_url"] == f"https://track.example/t/{token}"
    assert answered.body["status"] == "ready"
    assert answered.body["window"] == {
        "start_time": "2026-11-27T12:00:00.000Z",
        "end_time": "2026-11-27T20:00:00.000Z",
    }


def test_one_delivery_is_shown_with_its_recipient_and_lists_go_without(stage: Stage) -> None:
    made = ask(stage, "D-2").body
    shown = stage.as_merchant("GET", f"/v1/deliveries/{made['id']}").body
    assert shown["dropoff"]["phone_number"] == "+491713920009"
    listed = stage.as_merchant("GET", "/v1/deliveries?day=2026-11-27").body
    assert made["id"] in {one["id"] for one in listed["deliveries"]}
    assert all("name" not in one["dropoff"] for one in listed["deliveries"])


def test_a_repeated_key_gets_the_first_answer_byte_for_byte(stage: Stage) -> None:
    first, second = ask(stage, "D-3", "key-3"), ask(stage, "D-3", "key-3")
    assert (first.status, first.raw) == (second.status, second.raw)


def test_a_key_with_another_body_is_refused(stage: Stage) -> None:
    ask(stage, "D-4", "key-4")
    answered = ask(stage, "D-4", "key-4", store_external_id="main")
    assert (answered.status, answered.body["code"]) == (409, "idempotency_mismatch")


def test_a_key_is_the_merchants_own(stage: Stage) -> None:
    ask(stage, "D-5", "key-5")
    other = stage.as_merchant(
        "POST",
        "/v1/deliveries",
        a_form("other"),
        key=stage.other_api_key,
        **{"Idempotency-Key": "key-5"},
    )
    assert other.status == 201


def test_a_refused_request_may_be_mended_under_the_same_key(stage: Stage) -> None:
    assert ask(stage, "D-6", "key-6", store_external_id="nowhere").status == 422
    assert ask(stage, "D-6", "key-6").status == 201


def test_a_second_delivery_of_one_external_id_names_the_first(stage: Stage) -> None:
    made = ask(stage, "D-7").body
    answered = ask(stage, "D-7")
    assert (answered.status, answered.body["code"]) == (409, "duplicate_delivery")
    assert answered.body["delivery_id"] == made["id"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"items": []}, "items"),
        ({"items": [{"quantity": 0}]}, "items.0.quantity"),
        ({"external_id": "a\u202eb"}, "external_id"),
        ({"itmes": []}, "itmes"),
        (
            {"window": {"start_time": "2026-11-27T14:00:00", "end_time": "2026-11-27T15:00:00Z"}},
            "window.start_time",
        ),
        (
            {"window": {"start_time": "2026-11-27T15:00:00Z", "end_time": "2026-11-27T14:00:00Z"}},
            "window",
        ),
        (
            {
                "window": {
                    "start_time": "0001-01-01T00:00:00+14:00",
                    "end_time": "2026-11-27T14:00:00Z",
                }
            },
            "window.start_time",
        ),
    ],
)
def test_a_wrong_field_is_named(stage: Stage, changes: dict[str, Any], field: str) -> None:
    answered = stage.as_merchant("POST", "/v1/deliveries", a_form("D-8") | changes)
    assert answered.status == 422
    assert answered.body["fields"][0]["field"] == field


def test_a_door_out_of_reach_is_refused_with_its_reason(stage: Stage) -> None:
    form = a_form("D-9")
    form["dropoff"]["latitude"] = 45.4
    stage.places.position = None
    answered = stage.as_merchant("POST", "/v1/deliveries", form)
    stage.places.position = DOOR_AT
    assert (answered.status, answered.body["code"]) == (422, "address_undeliverable")
    assert answered.body["reason"] == "outside_service_area"


def test_a_bad_phone_is_a_warning(stage: Stage) -> None:
    form = a_form("D-10")
    form["dropoff"]["phone_number"] = "ring the bell"
    answered = stage.as_merchant("POST", "/v1/deliveries", form)
    assert (answered.status, answered.body["warnings"]) == (201, ["phone_unusable"])


def test_the_history_is_told_by_its_events(stage: Stage) -> None:
    made = ask(stage, "D-11").body
    events = stage.as_merchant("GET", f"/v1/deliveries/{made['id']}/events").body["events"]
    assert [event["type"] for event in events] == ["delivery.created", "delivery.ready"]
    assert events[0]["id"] == f"evt_{made['id']}_000001"


def test_cancelling_twice_is_cancelling_once(stage: Stage) -> None:
    made = ask(stage, "D-12").body
    path = f"/v1/deliveries/{made['id']}/cancel"
    first = stage.as_merchant("POST", path, {"reason": "out_of_stock"})
    second = stage.as_merchant("POST", path)
    assert first.status == second.status == 200
    assert first.body["status"] == "cancelled"
    assert first.body == second.body


def _hand_over(stage: Stage, delivery_id: str, *, arrived: bool) -> str:
    """Drive it by the domain; return the id of the photo at the door."""
    ref = DeliveryRef(stage.merchant_id, delivery_id)
    uow = wiring.unit_of_work()
    photo = proofs.announce(uow, ref, "image/jpeg", driver_id="drv_1", stop_id="stp_1")
    shown = (Proof(ProofKind.PHOTO, photo),)
    deliveries.carry_out(
        uow, ref, Plan(NOON, "rte_1"), Assign(NOON, "drv_1"), PickUp(NOON), Deliver(NOON, shown)
    )
    uow.commit()
    if arrived:
        uow = wiring.unit_of_work()
        arrival = proofs.Arrival(100, "image/jpeg", b"\xff\xd8\xff\xe0")
        picture = Picture(1280, 960, 480, 7_000, 900)
        proofs.record_arrival(uow, ref, photo, proofs.Seen(arrival, picture, sha256="0" * 64))
        uow.commit()
    return photo


@pytest.mark.parametrize("arrived", [True, False])
def test_a_photo_gets_a_link_once_it_arrived(stage: Stage, arrived: bool) -> None:
    boto3.client("s3").create_bucket(Bucket="direct-proofs")
    made = ask(stage, f"D-13-{arrived}").body
    photo = _hand_over(stage, made["id"], arrived=arrived)
    shown = stage.as_merchant("GET", f"/v1/deliveries/{made['id']}/proofs").body
    assert shown["proofs"] == [{"kind": "photo", "proof_id": photo}]
    (only,) = shown["photos"]
    assert only["id"] == photo
    assert (only["url"] is not None) == arrived


def test_a_delivery_that_is_over_cannot_be_cancelled(stage: Stage) -> None:
    made = ask(stage, "D-14").body
    _hand_over(stage, made["id"], arrived=False)
    answered = stage.as_merchant("POST", f"/v1/deliveries/{made['id']}/cancel")
    assert (answered.status, answered.body["code"]) == (409, "noncancelable_delivery")


@pytest.mark.parametrize("what", ["", "/events", "/proofs", "/cancel"])
def test_somebody_elses_delivery_is_simply_not_found(stage: Stage, what: str) -> None:
    made = ask(stage, f"D-15{what}").body
    method = "POST" if what == "/cancel" else "GET"
    foreign = stage.as_merchant(
        method, f"/v1/deliveries/{made['id']}{what}", key=stage.other_api_key
    )
    nowhere = stage.as_merchant(method, f"/v1/deliveries/del_{'0' * 26}{what}")
    assert foreign.status == nowhere.status == 404


def test_nonsense_in_the_path_is_not_found(stage: Stage) -> None:
    for delivery_id in ("x", "del_" + "u" * 26, "d" * 3000):
        assert stage.as_merchant("GET", f"/v1/deliveries/{delivery_id}").status == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/deliveries"),
        ("GET", "/v1/deliveries"),
        ("GET", "/v1/deliveries/del_1"),
        ("GET", "/v1/deliveries/del_1/events"),
        ("GET", "/v1/deliveries/del_1/proofs"),
        ("POST", "/v1/deliveries/del_1/cancel"),
        ("GET", "/v1/rejections"),
    ],
)
def test_every_route_asks_for_a_key(stage: Stage, method: str, path: str) -> None:
    assert stage.call(method, path).status == 401
    assert stage.as_merchant(method, path, key="lm_live_" + "0" * 43).status == 401


def test_lists_are_read_page_by_page(stage: Stage) -> None:
    for number in range(3):
        ask(stage, f"D-16-{number}")
    seen: list[str] = []
    path = "/v1/deliveries?limit=2"
    cursor = ""
    while cursor is not None:
        page = stage.as_merchant("GET", path + (f"&cursor={cursor}" if cursor else "")).body
        seen += [one["id"] for one in page["deliveries"]]
        cursor = page["next_cursor"]
    assert len(seen) == len(set(seen)) >= 3


def test_a_key_that_outlived_its_memory_starts_anew(stage: Stage) -> None:
    """Last in the module, because it moves the clock: three days on, the key is free again."""
    ask(stage, "D-17", "key-17")
    stage.clock.advance(hours=73)
    assert ask(stage, "D-18", "key-17").status == 201


def test_a_delivery_is_found_by_the_shops_own_id(stage: Stage) -> None:
    made = ask(stage, "A 1001/7").body
    for name in ("ext:A%201001%2F7", "ext:api:A%201001%2F7"):
        assert stage.as_merchant("GET", f"/v1/deliveries/{name}").body["id"] == made["id"]
    for name in ("ext:nobody", "ext:", "ext:shopify:A%201001%2F7", "ext:" + "a" * 200):
        assert stage.as_merchant("GET", f"/v1/deliveries/{name}").status == 404


def test_a_batch_creates_what_can_be_and_says_why_the_rest_cannot(stage: Stage) -> None:
    forms = [a_form("B-1"), {"external_id": "B-2"}, a_form("B-1"), a_form("B-3")]
    answered = stage.as_merchant("POST", "/v1/deliveries/batch", {"deliveries": forms})
    results = answered.body["results"]
    assert [one["status"] for one in results] == [201, 422, 409, 201]
    assert answered.body["created"] == 2
    assert results[1]["problem"]["code"] == "validation_error"
    assert results[2]["problem"]["delivery_id"] == results[0]["delivery"]["id"]


def test_a_batch_that_is_sent_again_creates_nothing_twice(stage: Stage) -> None:
    """The answer was lost on the way; the shop's job sends all of it again under the same key."""
    forms = {"deliveries": [a_form("B-4"), a_form("B-5", items=[]), a_form("B-6")]}
    key = {"Idempotency-Key": "batch-1"}
    first = stage.as_merchant("POST", "/v1/deliveries/batch", forms, **key).body
    again = stage.as_merchant("POST", "/v1/deliveries/batch", forms, **key).body
    assert again["created"] == first["created"] == 2
    assert [one.get("delivery") for one in again["results"]] == [
        one.get("delivery") for one in first["results"]
    ]


def test_what_changed_since_is_listed_with_its_time(stage: Stage) -> None:
    made = ask(stage, "N-1").body
    stage.clock.advance(minutes=5)
    since = stage.clock.now().isoformat().replace("+00:00", "Z")
    stage.as_merchant("POST", f"/v1/deliveries/{made['id']}/cancel", {})
    listed = stage.as_merchant("GET", f"/v1/deliveries?updated_since={since}").body
    assert [one["id"] for one in listed["deliveries"]] == [made["id"]]
    assert listed["deliveries"][0]["changed_at"] == since.replace("Z", ".000Z")
    ready = stage.as_merchant("GET", f"/v1/deliveries?updated_since={since}&status=ready").body
    assert ready["deliveries"] == []
    for wrong in ("2026-01-01T00:00:00Z", "2026-11-27T12:00:00Z&day=2026-11-27", "yesterday"):
        asked = stage.as_merchant("GET", f"/v1/deliveries?updated_since={wrong}")
        assert asked.status == 422
