"""The portal's other pages: calculators, coverage, weights, peak days; what they keep or not."""

import csv
import io
from datetime import date, timedelta

import boto3
import pytest

from chalicelib import wiring
from chalicelib.domain.accounts.model import TeamRole
from chalicelib.domain.analytics import store as figure_store
from chalicelib.domain.analytics import totals
from chalicelib.domain.analytics.model import Facts
from chalicelib.domain.analytics.rollups import MERCHANT
from chalicelib.domain.analytics.store import Rollup
from chalicelib.domain.merchants import store as merchants
from chalicelib.entry import forms
from chalicelib.storage.keys import TableName
from tests.domain.analytics.facts import a_fact
from tests.entry.conftest import Doors
from tests.entry.intake_stage import Answered
from tests.entry.portal_pages import read, words
from tests.entry.visitors import Visitor, a_visitor

PARCEL = {
    **{"line1": "Lindenweg 7", "postal_code": "37213", "city": "Neustadt", "country": "DE"},
    **{"pieces": "2", "weight_g": "400"},
}


def how_many_items() -> int:
    table = wiring.tables()._names[TableName.CORE]
    return int(boto3.client("dynamodb").scan(TableName=table, Select="COUNT")["Count"])


def test_a_price_is_worked_out_in_parts_and_no_quote_is_left(member_client: Visitor) -> None:
    assert "Nothing is ordered" in words(read(member_client.get("/m/quote")))
    before = how_many_items()
    told = words(read(member_client.send("/m/quote", **PARCEL)))
    assert "EUR" in told
    assert "Base the same for every delivery" in told
    assert "In all" in told
    assert how_many_items() == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"pieces": "two"},
        {"weight_g": "1e9"},
        {"country": "Germany"},
        {"line1": ""},
        {"service": "x"},
    ],
)
def test_a_parcel_that_cannot_be_keeps_the_form_and_says_why(
    member_client: Visitor, wrong: dict[str, str]
) -> None:
    page = read(member_client.send("/m/quote", **{**PARCEL, **wrong}), 422)
    assert 'role="alert"' in page
    assert "Neustadt" in page


def test_where_nobody_delivers_is_told(doors: Doors, member_client: Visitor) -> None:
    doors.stage.places.position = None
    try:
        assert 'role="alert"' in read(member_client.send("/m/quote", **PARCEL), 422)
    finally:
        doors.stage.places.position = doors.stage.places.__class__().position


def test_coverage_is_drawn_and_listed_with_the_card_that_counts(
    doors: Doors, member_client: Visitor
) -> None:
    page = read(member_client.get("/m/coverage"))
    assert 'class="areas"' in page
    told = words(page)
    assert "Everywhere within the hub’s radius" in told
    assert "Each delivery EUR 4.90" in told
    card = {"merchant_id": doors.stage.merchant_id, "currency": "EUR", "base_minor": 555}
    assert doors.operate("POST", "/v1/rate-cards", card).status == 201
    told = words(read(member_client.get("/m/coverage")))
    assert "Each delivery EUR 5.55" in told
    assert "Version 1" in told
    assert member_client.get("/m/coverage?version=7").status == 404
    assert member_client.get("/m/coverage?version=one").status == 422


def test_weights_are_pasted_as_a_spreadsheet_has_them(member_client: Visitor) -> None:
    pasted = (
        "SKU\tweight_g\tlength_cm\tWidth cm\theight_cm\nVASE\t1200\t10\t10\t30,5\nBAD\tx\t\t\t\n"
    )
    page = read(member_client.send("/m/articles", table=pasted), 422)
    told = words(page)
    assert "Nothing was saved" in told
    assert "Line 3" in told
    assert "BAD" in told, "what was pasted can be mended"
    assert "The list is empty" in told
    good = pasted.partition("BAD")[0]
    assert member_client.send("/m/articles", table=good).status == 303
    saved = member_client.send("/m/articles", sku="VASE", weight_g="1300")
    assert saved.headers["Location"].endswith("?said=saved")
    again = member_client.send("/m/articles", sku="VASE", weight_g="1300")
    assert again.headers["Location"].endswith("?said=same")
    table = member_client.get("/m/articles.csv").raw.decode("utf-8-sig")
    assert {row["sku"]: row["weight_g"] for row in csv.DictReader(io.StringIO(table))} == {
        "VASE": "1300"
    }
    assert member_client.send("/m/articles", table="nothing").status in (400, 422)


def upload(member: Visitor, file: bytes, name: str = "file") -> Answered:
    """A file as a browser sends it."""
    head = f'Content-Disposition: form-data; name="{name}"; filename="w.csv"\r\n'.encode()
    head += b"Content-Type: text/csv\r\n\r\n"
    body = b"--XyZ\r\n" + head + file + b"\r\n--XyZ--\r\n"
    return member.call(
        "POST", "/m/articles", body, {"Content-Type": "multipart/form-data; boundary=XyZ"}
    )


def test_a_file_is_taken_as_a_whole_or_not_at_all(doors: Doors, member_client: Visitor) -> None:
    def known() -> str:
        return member_client.get("/m/articles.csv").raw.decode("utf-8-sig")

    good = "\ufeffsku;weight_g\r\nKRUG;800\r\nT\u00fcr;1200\r\n".encode()
    before = known()
    told = words(read(upload(member_client, good + b"BAD;x\r\nWORSE;-1\r\n"), 422))
    assert "2 rows could not be read" in told
    assert "Line 4" in told
    assert "Line 5" in told
    assert known() == before
    for said in ("saved", "same"):
        assert upload(member_client, good).headers["Location"].endswith(f"?said={said}")
    assert "T\u00fcr" in known()


@pytest.mark.parametrize(
    ("file", "name", "told"),
    [
        (b"", "file", "no file"),
        (b"sku,weight_g\nA,1\n", "other", "no file"),
        (b"sku,weight_g\n", "file", "no row"),
        ("sku;weight_g\nT\ufffdr;1\n".encode(), "file", "not UTF-8"),
        (b"sku;weight_g\nT\xfcr;1\n", "file", "UTF-8"),
        (b"PK\x03\x04\x00\x00", "file", "no text"),
        (b"a,a\n1,2\n", "file", "comes twice"),
        (b"sku,weight_g\n" + b"A,1\n" * 2001, "file", "2000 rows"),
        (b"sku\n" + b"x" * (1024 * 1024), "file", "1 MB"),
    ],
)
def test_what_is_no_table_is_told_in_words(
    member_client: Visitor, file: bytes, name: str, told: str
) -> None:
    answered = upload(member_client, file, name)
    assert answered.status in (400, 413, 422)
    assert told in words(read(answered, answered.status))


def test_a_form_in_parts_that_is_none_has_no_fields() -> None:
    """Whatever a stranger writes there."""
    assert forms.parts("multipart/form-data", b"--x\r\n\r\n") == {}
    assert forms.parts("multipart/form-data; boundary=x", b"\xff\x00--y") == {}
    assert forms.parts('multipart/form-data; boundary="x"', b"--x\r\nfoo\r\n\r\nbar") == {}
    two = b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--"
    assert forms.parts("multipart/form-data; boundary=x; charset=y", two) == {"a": b"1"}


def test_only_owners_change_the_catalogue(doors: Doors) -> None:
    staff = a_visitor(doors.stage, TeamRole.STAFF)
    assert "A file" not in words(read(staff.get("/m/articles")))
    assert staff.send("/m/articles", sku="X", weight_g="1").status == 403


def test_a_peak_is_said_seen_by_the_desk_and_taken_back(
    doors: Doors, member_client: Visitor
) -> None:
    day = (doors.stage.clock.now() + timedelta(days=10)).date()
    until = day + timedelta(days=1)
    sent = member_client.send("/m/peak", day=f"{day}", until=f"{until}", orders="240")
    assert sent.headers["Location"].endswith("?said=saved")
    assert words(read(member_client.get("/m/peak"))).count("240") == 2
    hub_id = doors.stage.as_merchant("GET", f"/v1/merchants/{doors.stage.merchant_id}").body[
        "hub_id"
    ]
    listed = doors.operate("GET", f"/v1/forecasts?hub_id={hub_id}&last={until}")
    assert [one["orders"] for one in listed.body["forecasts"]] == [240, 240]
    assert doors.operate("GET", "/v1/forecasts").status == 422
    for odd in ("9999-12-31", "0001-01-01"):
        assert doors.operate("GET", f"/v1/forecasts?hub_id={hub_id}&first={odd}").status == 422
    own = doors.stage.as_merchant("GET", "/v1/forecasts", key=doors.stage.other_api_key)
    assert own.body["forecasts"] == []
    gone = member_client.send("/m/peak", day=f"{day}", until=f"{until}", orders="0")
    assert gone.status == 303, gone.raw
    assert doors.stage.as_merchant("GET", "/v1/forecasts").body["forecasts"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"day": "soon", "orders": "5"},
        {"day": "2026-12-01", "orders": "many"},
        {"day": "2026-11-01", "orders": "5"},
        {"day": "2026-12-01", "until": "2027-12-01", "orders": "5"},
    ],
)
def test_a_day_that_cannot_be_foretold_is_told_so(
    member_client: Visitor, wrong: dict[str, str]
) -> None:
    read(member_client.send("/m/peak", **wrong), 422)


def test_figures_stand_beside_the_period_before_with_their_samples(
    doors: Doors, member_client: Visitor
) -> None:
    assert "No delivery ended" in words(read(member_client.get("/m/figures")))
    today = doors.stage.clock.now().date()
    late = a_fact(on_time=False, attempts=2, failures=("customer_unavailable",))
    _keep(doors, today, [a_fact(), a_fact(), a_fact(), late])
    _keep(doors, today - timedelta(days=10), [a_fact(), late])
    page = read(member_client.get("/m/figures?days=7"))
    told = words(page)
    assert "On time at the door 75.0% Before: 50.0% (n = 2) n = 4" in told
    assert "Fewer than 30" in told
    assert "Customer unavailable" in told
    assert page.count('class="chart"') == page.count('class="chart-table"') == 3
    month = words(read(member_client.get("/m/figures")))
    assert "On time at the door 66.7% Before: – (n = 0) n = 6" in month
    read(member_client.get("/m/figures?days=8"), 422)


def _keep(doors: Doors, day: date, facts: list[Facts]) -> None:
    """What rolling up would have kept of these."""
    uow = wiring.unit_of_work()
    shop = merchants.load_merchant(uow, doors.stage.merchant_id)
    scope = f"{MERCHANT}{shop.id}"
    rollup = Rollup(shop.hub_id, day, scope, totals.of_facts(facts), {}, {}, uow.now)
    figure_store.save_rollup(uow, rollup, None)
    uow.commit()


def test_everybody_may_compare_and_the_inputs_count(doors: Doors, member_client: Visitor) -> None:
    usual = words(read(doors.call("GET", "/calculator?volume=20")))
    assert "With 20 parcels a day" in usual
    dear = words(read(doors.call("GET", "/calculator?volume=20&hour=9900")))
    assert dear != usual
    assert "only up to" in words(read(doors.call("GET", "/calculator?volume=5000")))
    assert "volume:" in words(read(doors.call("GET", "/calculator?volume=many&network=7")))
    assert "With 20 parcels a day" in words(read(member_client.get("/m/calculator?volume=20")))
