"""A merchant's catalogue through its door: CSV and JSON, row by row, page by page."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.domain.intake.shops import golden, hmac_base64, written
from tests.entry.intake_stage import Answered, Stage, a_stage


@pytest.fixture(scope="module")
def stage(aws: None) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch, a_stage(patch, "catalogue") as made:
        yield made


def put_csv(stage: Stage, text: str, key: str | None = None) -> Answered:
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Authorization": f"Bearer {key or stage.api_key}",
    }
    return stage.call("PUT", "/v1/catalogue", text.encode(), headers)


def listed(stage: Stage, key: str | None = None) -> dict[str, Any]:
    page = stage.as_merchant("GET", "/v1/catalogue?limit=100", key=key).body
    return {one["sku"] or one["product_id"]: one for one in page["articles"]}


def test_a_csv_is_taken_row_by_row(stage: Stage) -> None:
    answered = put_csv(
        stage,
        "\ufeffSKU;Weight g;length_cm;width_cm;height_cm;colour\r\n"
        "CUP;350;10;10,5;8;red\r\n"
        ";350;;;;\r\n"
        "LID;heavy;;;;\r\n"
        "BOX;;;;;\r\n"
        "TIN;90\r\n"
        "TIN;95;;;;;;;\r\n",
    )
    assert answered.status == 200
    assert (answered.body["saved"], answered.body["unchanged"]) == (2, 0)
    assert answered.body["ignored_columns"] == ["colour"]
    refused = answered.body["refused"]
    assert [row["line"] for row in refused] == [3, 4, 5]
    assert refused[1]["fields"][0]["field"] == "weight_g"
    assert listed(stage)["CUP"]["weight_g"] == 350
    assert listed(stage)["CUP"]["volume_ml"] == 840
    assert listed(stage)["TIN"]["weight_g"] == 95


def test_a_json_body_is_right_as_a_whole_or_refused(stage: Stage) -> None:
    good = {"product_id": "93", "weight_g": 10, "volume_ml": 20}
    assert stage.as_merchant("PUT", "/v1/catalogue", {"articles": [good]}).body["saved"] == 1
    again = stage.as_merchant("PUT", "/v1/catalogue", {"articles": [good]}).body
    assert (again["saved"], again["unchanged"]) == (0, 1)
    bad = stage.as_merchant("PUT", "/v1/catalogue", {"articles": [good, {"sku": "x"}]})
    assert (bad.status, bad.body["code"]) == (422, "validation_error")
    many = {"articles": [{"sku": str(number), "weight_g": 1} for number in range(2001)]}
    assert stage.as_merchant("PUT", "/v1/catalogue", many).status == 422


def test_more_articles_than_one_commit_holds_are_all_kept(stage: Stage) -> None:
    rows = "\n".join(f"M-{number:04},{number + 1}" for number in range(250))
    assert put_csv(stage, f"sku,weight_g\n{rows}\n").body["saved"] == 250
    seen, cursor = [], ""
    while cursor is not None:
        tail = f"&cursor={cursor}" if cursor else ""
        page = stage.as_merchant("GET", f"/v1/catalogue?limit=100{tail}").body
        seen += [one["sku"] for one in page["articles"] if (one["sku"] or "").startswith("M-")]
        cursor = page["next_cursor"]
    assert seen == [f"M-{number:04}" for number in range(250)]


def test_another_merchant_sees_none_of_it(stage: Stage) -> None:
    assert put_csv(stage, "sku,weight_g\nMINE,5\n").body["saved"] == 1
    assert listed(stage, stage.other_api_key) == {}
    assert stage.call("GET", "/v1/catalogue").status == 401
    assert stage.call("PUT", "/v1/catalogue", b"{}").status == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"sku\n" + b"\xff", 400),
        (b"sku,sku\nA,B\n", 422),
        (b"sku,weight_g\n" + b"A,1\n" * 2001, 413),
        (b" " * (1024 * 1024 + 1), 413),
    ],
)
def test_a_file_that_is_none_is_the_senders_fault(stage: Stage, body: bytes, status: int) -> None:
    headers = {"Content-Type": "text/csv", "Authorization": f"Bearer {stage.api_key}"}
    assert stage.call("PUT", "/v1/catalogue", body, headers).status == status


def test_a_woocommerce_order_weighs_what_was_uploaded(stage: Stage) -> None:
    """The whole way: upload, signed order, the delivery with its weight and what was assumed."""
    put_csv(stage, "sku,weight_g\nKETTLE,1250\n")
    lines = [
        {"sku": "KETTLE", "product_id": 1, "quantity": 2},
        {"sku": "UNKNOWN", "product_id": 2, "quantity": 1},
    ]
    body = written(golden("woocommerce", id=9100, line_items=lines))
    headers = {
        "X-WC-Webhook-Topic": "order.created",
        "X-WC-Webhook-Signature": hmac_base64(body, stage.secrets["woocommerce"]),
    }
    created = stage.webhook("woocommerce", body, headers)
    shown = stage.as_merchant("GET", f"/v1/deliveries/{created.body['delivery_id']}").body
    assert shown["parcel"]["weight_g"] == 2 * 1250 + 500
    assert (shown["parcel"]["count"], shown["parcel"]["assumed_count"]) == (3, 1)


def test_the_merchants_own_requests_may_name_articles(stage: Stage) -> None:
    put_csv(stage, "sku,weight_g,volume_ml\nPOT,700,2000\n")
    body = {
        "external_id": "own-1",
        "dropoff": {
            "name": "Ada",
            "address": {"line1": "Weg 1", "city": "Kassel", "country": "DE"},
        },
        "items": [{"sku": "POT", "quantity": 3}],
    }
    made = stage.as_merchant("POST", "/v1/deliveries", body)
    assert made.status == 201
    parcel = json.loads(made.raw)["parcel"]
    assert (parcel["weight_g"], parcel["volume_ml"]) == (2100, 6000)
