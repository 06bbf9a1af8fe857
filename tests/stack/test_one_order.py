"""The main job on the deployed stack: one order from a shop's webhook to the recipient's door."""

import base64
import hashlib
import hmac
import json
import re
import urllib.request
import uuid
from typing import Any

from local.seed import CENTRE
from tests.gateways import photo_shop
from tests.stack.town import Place, Reply, Town, wait_until

RECIPIENT = "+491713920009"
JPEG = photo_shop.encoded(photo_shop.a_door(480, 640))


def shopify_order(number: int) -> bytes:
    order = {
        "id": 820982911946154508 + number,
        "name": f"#{1000 + number}",
        "created_at": "2026-11-27T09:00:00Z",
        "updated_at": "2026-11-27T09:00:00Z",
        "financial_status": "paid",
        "test": False,
        "shipping_address": {
            "first_name": "Ada",
            "name": "Ada Sommer",
            "address1": "Torstraße 12",
            "city": "Berlin",
            "zip": "10119",
            "country_code": "DE",
            "phone": "0171 3920009",
            "latitude": 52.53,
            "longitude": 13.41,
        },
        "line_items": [
            {
                "id": 1,
                "name": "Tulpen",
                "quantity": 2,
                "grams": 500,
                "requires_shipping": True,
                "gift_card": False,
            }
        ],
    }
    return json.dumps(order).encode()


def send_order(town: Town, place: Place, body: bytes, event_id: str) -> Reply:
    secret = place.secrets["shopify"].encode()
    signature = base64.b64encode(hmac.new(secret, body, hashlib.sha256).digest()).decode()
    return town.call(
        "POST",
        f"/webhooks/shopify/{place.merchant_id}",
        body,
        headers={
            "X-Shopify-Hmac-SHA256": signature,
            "X-Shopify-Topic": "orders/create",
            "X-Shopify-Event-Id": event_id,
            "X-Shopify-Shop-Domain": "papeterie.myshopify.com",
        },
    )


def sign_in(town: Town, phone: str) -> str:
    assert town.call("POST", "/v1/driver/codes", {"phone_number": phone}).status == 202
    text = wait_until(lambda: town.texts(phone))[-1]
    code = re.search(r"\d{6}", text)
    assert code is not None
    opened = town.call("POST", "/v1/driver/tokens", {"phone_number": phone, "code": code.group()})
    assert opened.status == 200
    return str(opened.body["access_token"])


def upload(form: dict[str, Any], photo: bytes) -> int:
    """What a phone's browser does with the form that it was given."""
    boundary = uuid.uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in form["fields"].items()
    ]
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="p.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n".encode()
    )
    body = b"".join(parts) + photo + f"\r\n--{boundary}--\r\n".encode()
    request = urllib.request.Request(form["url"], data=body, method="POST")
    request.add_header("Content-Type", f"multipart/form-data; boundary={boundary}")
    with urllib.request.urlopen(request, timeout=30) as reply:
        return int(reply.status)


def drive(town: Town, token: str) -> str:
    """Work off the route; returns the proof's id."""
    route = town.call("GET", "/v1/driver/route", token=token).body["route"]
    assert [stop["kind"] for stop in route["stops"]] == ["pickup", "dropoff"]
    pickup, dropoff = (stop["id"] for stop in route["stops"])
    assert route["stops"][1]["name"] == "Ada Sommer"
    for tap in (f"{pickup}/arrive", f"{pickup}/complete", f"{dropoff}/arrive"):
        assert town.call("POST", f"/v1/stops/{tap}", {}, token).status == 200
    # Nobody drives in no time: a parcel that is there already would need no "on its way".
    assert wait_until(lambda: town.texts(RECIPIENT))
    photo = {"content_type": "image/jpeg", "size_bytes": len(JPEG)}
    announced = town.call("POST", f"/v1/stops/{dropoff}/proofs", photo, token)
    assert announced.status == 201
    assert upload(announced.body["upload"], JPEG) in (200, 201, 204)
    proof = {"kind": "photo", "proof_id": announced.body["proof_id"]}
    for _ in range(2):  # tapped twice, done once
        done = town.call("POST", f"/v1/stops/{dropoff}/complete", {"proofs": [proof]}, token)
        assert done.status == 200
    assert done.body["route"]["status"] == "completed"
    return str(announced.body["proof_id"])


def test_one_order_goes_from_the_shop_to_the_door(town: Town) -> None:
    place = town.open_place("Spine")
    # Without the one that says "near": which of the first two comes first is a matter of moments.
    chosen = {"texts": {"ordinary": ["out_for_delivery", "delivered"], "most": 2}}
    path = f"/v1/merchants/{place.merchant_id}"
    assert town.call("PATCH", path, chosen, place.api_key).status == 200
    token = sign_in(town, town.enrol(place).phone.e164)
    duty = {"on_duty": True, "latitude": CENTRE[0], "longitude": CENTRE[1]}
    assert town.call("POST", "/v1/driver/duty", duty, token).status == 200

    received = send_order(town, place, shopify_order(1), "spine-1")
    assert received.body["outcome"] == "created"
    delivery_id = received.body["delivery_id"]

    # Other tests' hubs have waves, too.
    assert town.invoke("plan_waves")["waves"] >= 1
    offer = town.offers(token)[0]
    accepted = town.call("POST", f"/v1/offers/{offer['id']}/accept", {}, token)
    assert accepted.body["status"] == "accepted"

    proof_id = drive(town, token)

    def shown(part: str = "") -> Any:
        return town.call("GET", f"/v1/deliveries/{delivery_id}{part}", token=place.api_key).body

    delivery = shown()
    assert delivery["status"] == "delivered"
    events = shown("/events")["events"]
    assert [event["version"] for event in events] == list(range(1, delivery["version"] + 1))
    assert events[-1]["type"] == "delivery.delivered"

    bill = shown("/charges")
    paid = [line for line in bill["lines"] if line["payer"] == "merchant"]
    assert bill["total_minor"] == sum(line["amount_minor"] for line in paid)
    assert bill["total_minor"] >= bill["agreed"]["total_minor"] > 0
    # On this stage's fast clock a slow machine may let the driver wait.
    assert {line["kind"] for line in bill["lines"] if line["event"]} <= {"waiting"}

    # The bucket tells check_proof, over EventBridge, that the photo is there.
    assert wait_until(lambda: shown("/proofs")["photos"][0]["status"] == "arrived")
    assert shown("/proofs")["photos"][0]["id"] == proof_id

    texts = wait_until(lambda: found if len(found := town.texts(RECIPIENT)) > 1 else [])
    assert ["on its way" in text for text in texts] == [True, False]
    links = {match.group() for text in texts if (match := re.search(r"/t/\S+", text))}
    assert len(links) == 1
    page = town.call("GET", links.pop())
    assert page.status == 200
    assert "delivered" in page.raw.decode().lower()
    assert len(town.texts(RECIPIENT)) == 2
