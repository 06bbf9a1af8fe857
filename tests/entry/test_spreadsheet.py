"""Tables as spreadsheets write them: dialects, lines, and files that are none."""

import contextlib
import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.billing.invoices import Invoice, InvoiceLine, PaperKind
from chalicelib.domain.billing.model import Book
from chalicelib.entry import invoice_papers
from chalicelib.entry.spreadsheet import Row, decimal_point, read_sheet, write_sheet
from chalicelib.kit.errors import Invalid, Malformed, TooLarge

KNOWN = ("sku", "weight_g", "notes")


def rows(body: bytes, most_rows: int = 10) -> list[Row]:
    return list(read_sheet(body, KNOWN, ("sku",), most_rows=most_rows).rows)


@pytest.mark.parametrize(
    "body",
    [
        b"sku,weight_g\nT,250\n",
        b"\xef\xbb\xbfsku,weight_g\r\nT,250\r\n",
        b"sku;weight_g\r\nT;250",
        b"sep=;\r\nsku;weight_g\r\nT;250\r\n",
        b"sku\tweight_g\nT\t250",
        b'"SKU","Weight g"\n"T"," 250 "\n',
        b"Weight-G,Sku\n250,T\n",
    ],
)
def test_every_dialect_is_the_same_table(body: bytes) -> None:
    (row,) = rows(body)
    assert row.cells == {"sku": "T", "weight_g": "250"}


def test_a_row_knows_the_line_it_began_on() -> None:
    body = b'sku,notes\nA,"two\nlines"\n\nB,one\n,\nC,\n'
    assert [(row.line, row.cells["sku"]) for row in rows(body)] == [(2, "A"), (5, "B"), (7, "C")]
    assert [row.line for row in rows(b"sep=,\nsku\nA\nB\n")] == [3, 4]


def test_unknown_columns_are_passed_over_and_told() -> None:
    sheet = read_sheet(b"sku,Colour,wieght_g\nT,red,250\n", KNOWN, ("sku",), most_rows=5)
    assert sheet.ignored_columns == ("colour", "wieght_g")
    assert sheet.rows[0].cells == {"sku": "T"}


def test_more_cells_than_columns_is_seen_and_fewer_are_empty_ones() -> None:
    ragged, short = rows(b"sku,weight_g\nT,250,9\nU\n")
    assert ragged.is_ragged
    assert (short.is_ragged, short.cells) == (False, {"sku": "U"})


def test_missing_and_repeated_columns_are_named() -> None:
    with pytest.raises(Invalid) as wrong:
        rows(b"weight_g,notes,notes\n1,2,3\n")
    assert [field["field"] for field in wrong.value.fields] == ["sku", "notes"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xef\xbb\xbf",
        "sku\nMüller".encode("latin-1"),
        "sku\nT".encode("utf-16"),
        b"sku\n\x00",
        b'sku\n"never closed',
        b'sku\n"T"x\n',
        b"," * 1000,
    ],
)
def test_what_is_no_csv_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        rows(body)


def test_more_rows_than_may_come_at_once_are_too_many() -> None:
    body = b"sku\n" + b"T\n" * 3
    assert len(rows(body, most_rows=3)) == 3
    with pytest.raises(TooLarge):
        rows(body, most_rows=2)


@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: b"sku\n" + text.encode()))
def test_no_bytes_are_a_fault_of_ours(body: bytes) -> None:
    with contextlib.suppress(Malformed, TooLarge):
        rows(body, most_rows=500)


@given(
    cells=st.lists(
        st.text(st.characters(exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), min_size=1),
        min_size=1,
        max_size=5,
    ),
    delimiter=st.sampled_from(",;\t"),
)
def test_whatever_a_spreadsheet_writes_is_read_back(cells: list[str], delimiter: str) -> None:
    sheet = io.StringIO()
    writer = csv.writer(sheet, delimiter=delimiter)
    writer.writerow(["notes", "sku"])
    writer.writerows([cell, "T"] for cell in cells)
    written = [row.cells["notes"] for row in rows(sheet.getvalue().encode())]
    assert written == [cell.strip() for cell in cells]


def test_a_decimal_comma_is_a_point_and_thousands_are_not_guessed() -> None:
    assert [decimal_point(cell) for cell in ("52,5208", "52.5208", "1,234.5", "7")] == [
        *("52.5208", "52.5208", "1,234.5", "7"),
    ]


def test_what_is_written_is_read_back_and_numbers_stay_numbers() -> None:
    body = write_sheet(["sku", "weight_g", "notes"], [["A;1", -5, None], ['say "hi"', 0, "ü\nb"]])
    assert body.startswith("\ufeff")
    assert [row.cells for row in rows(body.encode())] == [
        {"sku": "A;1", "weight_g": "-5"},
        {"sku": 'say "hi"', "weight_g": "0", "notes": "ü\nb"},
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " ="])
def test_no_text_is_a_formula_to_whoever_opens_it(start: str) -> None:
    body = write_sheet(["sku"], [[f'{start}HYPERLINK("https://evil.example")']])
    cell = list(csv.reader(io.StringIO(body)))[1][0]
    assert cell.startswith("'")


def test_nor_is_one_on_an_invoice() -> None:
    """An order is called what its shop calls it; a space in front hides no formula."""
    at = datetime(2026, 11, 27, tzinfo=UTC)
    line = InvoiceLine(Book("delivery", "mer_1/del_1"), "e", at, 490, 93, 0, 190, " =1+1")
    made = Invoice(
        *("2026-000001", PaperKind.INVOICE, "mer_1", "EUR"), *(at, at, at), *(1, 490, 93, 0)
    )
    assert "' =1+1" in invoice_papers.table(made, [line]).decode()
