"""Orders from a spreadsheet: every row is answered, none stops another, twice is once."""

from collections.abc import Iterator

import pytest

from tests.entry.intake_stage import Answered, Stage, a_stage

HEAD = "external_id,name,phone_number,line1,city,postal_code,weight_g,quantity"


@pytest.fixture(scope="module")
def stage(aws: None) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch, a_stage(patch, "imports") as made:
        yield made


def send(stage: Stage, text: str | bytes, **headers: str) -> Answered:
    body = text if isinstance(text, bytes) else text.encode()
    credential = {"Content-Type": "text/csv", "Authorization": f"Bearer {stage.api_key}"}
    return stage.call("POST", "/v1/deliveries/import", body, {**credential, **headers})


def a_row(external_id: str, weight_g: str = "400") -> str:
    return f"{external_id},Ada Sommer,0171 3920050,Lindenweg 7,Kassel,34117,{weight_g},2"


def test_every_row_is_answered_by_its_line(stage: Stage) -> None:
    rows = [a_row("R-1"), a_row("R-2", "heavy"), "", a_row("R-1"), a_row("R-4"), "R-5,,,,,,,"]
    answered = send(stage, "\n".join([HEAD, *rows]))
    assert answered.status == 200
    told = [(row["line"], row["external_id"], row["result"]) for row in answered.body["rows"]]
    assert told == [
        (2, "R-1", "created"),
        (3, "R-2", "refused"),
        (5, "R-1", "refused"),
        (6, "R-4", "created"),
        (7, "R-5", "refused"),
    ]
    assert (answered.body["created"], answered.body["refused"]) == (2, 3)
    heavy, repeated = answered.body["rows"][1], answered.body["rows"][2]
    assert heavy["code"] == "validation_error"
    assert heavy["fields"][0]["field"] == "items.0.weight_g"
    assert "line 2" in repeated["message"]
    shown = stage.as_merchant("GET", f"/v1/deliveries/{answered.body['rows'][0]['delivery_id']}")
    assert shown.body["parcel"]["weight_g"] == 800
    assert shown.body["dropoff"]["phone_number"] == "+491713920050"
    assert shown.body["dropoff"]["address"]["country"] == "DE"


def test_a_mended_file_is_sent_again_as_a_whole(stage: Stage) -> None:
    first = send(stage, "\n".join([HEAD, a_row("M-1"), a_row("M-2", "x")])).body
    again = send(stage, "\n".join([HEAD, a_row("M-1"), a_row("M-2", "900")])).body
    assert [row["result"] for row in again["rows"]] == ["exists", "created"]
    assert again["rows"][0]["delivery_id"] == first["rows"][0]["delivery_id"]


def test_an_external_id_is_one_delivery_whichever_door_it_came_by(stage: Stage) -> None:
    body = {
        "external_id": "both",
        "dropoff": {
            "name": "Ada",
            "address": {"line1": "Weg 1", "city": "Kassel", "country": "DE"},
        },
        "items": [{"weight_g": 5}],
    }
    made = stage.as_merchant("POST", "/v1/deliveries", body).body
    row = send(stage, "\n".join([HEAD, a_row("both")])).body["rows"][0]
    assert (row["result"], row["delivery_id"]) == ("exists", made["id"])


def test_the_same_key_gets_the_same_answer_and_another_file_is_refused(stage: Stage) -> None:
    text = "\n".join([HEAD, a_row("K-1")])
    first = send(stage, text, **{"Idempotency-Key": "file-1"})
    assert first.body["created"] == 1
    assert send(stage, text, **{"Idempotency-Key": "file-1"}).raw == first.raw
    assert send(stage, text).body["exists"] == 1
    other = send(stage, text + "\n" + a_row("K-2"), **{"Idempotency-Key": "file-1"})
    assert (other.status, other.body["code"]) == (409, "idempotency_mismatch")


def test_excel_in_germany_writes_semicolons_and_decimal_commas(stage: Stage) -> None:
    text = (
        "\ufeffexternal_id;name;line1;city;latitude;longitude;delivery_date;delivery_time\r\n"
        "X-1;Jörg Müller;Weg 1;Kassel;51,22;9,42;2026-11-28;14:00 - 16:00\r\n"
        "X-2;Jörg Müller;Weg 1;Kassel;51,22;9,42;28. November;\r\n"
    )
    asked = len(stage.places.asked)
    rows = send(stage, text).body["rows"]
    assert [row["result"] for row in rows] == ["created", "refused"]
    assert rows[1]["fields"][0]["field"] == "delivery_date"
    # Coordinates are compared with the address; the row that is refused asks nobody.
    assert len(stage.places.asked) == asked + 1
    shown = stage.as_merchant("GET", f"/v1/deliveries/{rows[0]['delivery_id']}").body
    assert shown["dropoff"]["name"] == "Jörg Müller"
    assert shown["window"]["start_time"] == "2026-11-28T13:00:00.000Z"


def test_two_instants_are_a_window_and_one_is_none(stage: Stage) -> None:
    head = "external_id,name,line1,city,window_start,window_end"
    good = "W-1,Ada,Weg 1,Kassel,2026-11-28T14:00:00Z,2026-11-28T16:00:00Z"
    half = "W-2,Ada,Weg 1,Kassel,2026-11-28T14:00:00Z,"
    past = "W-3,Ada,Weg 1,Kassel,2026-11-20T14:00:00Z,2026-11-20T16:00:00Z"
    rows = send(stage, "\n".join([head, good, half, past])).body["rows"]
    assert [row.get("code") for row in rows] == [None, "validation_error", "window_impossible"]


def test_an_address_is_looked_up_once_for_a_whole_file(stage: Stage) -> None:
    stage.places.asked.clear()
    send(stage, "\n".join([HEAD, *(a_row(f"A-{number}") for number in range(5))]))
    assert stage.places.asked == ["Lindenweg 7"]


def test_texts_are_cleaned_and_formulas_are_only_texts(stage: Stage) -> None:
    text = 'external_id,name,line1,city,notes\nF-1,"=SUM(A1)\u202e",Weg 1,Kassel,"two\nlines"\n'
    made = send(stage, text).body["rows"][0]
    shown = stage.as_merchant("GET", f"/v1/deliveries/{made['delivery_id']}").body["dropoff"]
    assert (shown["name"], shown["notes"]) == ("=SUM(A1)", "two lines")


def test_a_bad_phone_is_a_warning_beside_its_row(stage: Stage) -> None:
    row = "P-1,Ada Sommer,12,Lindenweg 7,Kassel,34117,5,1"
    assert send(stage, "\n".join([HEAD, row])).body["rows"][0]["warnings"] == ["phone_unusable"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"\xff\xfe", 400),
        (b"name,line1\nAda,Weg 1\n", 422),
        ("\n".join([HEAD, *[a_row("x")] * 201]).encode(), 413),
        (b" " * (256 * 1024 + 1), 413),
    ],
)
def test_a_file_that_is_none_is_the_senders_fault(stage: Stage, body: bytes, status: int) -> None:
    assert send(stage, body).status == status


def test_another_content_type_is_not_taken(stage: Stage) -> None:
    assert send(stage, b"{}", **{"Content-Type": "application/json"}).status == 415


def test_without_a_key_nothing_is_read(stage: Stage) -> None:
    assert send(stage, HEAD, Authorization="Bearer lm_live_nobody").status == 401
