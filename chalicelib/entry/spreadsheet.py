"""How is a table read that a spreadsheet wrote, and written for one? UTF-8 CSV, as people have it.

Excel puts a byte order mark in front, writes semicolons where the comma is a decimal sign, and some
write ``sep=;`` as the first line. The first row names the columns, in any order and case; columns
that we do not know are passed over and told. Every row keeps the line it began on, because that is
what a person looks for.
"""

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.entry import rest
from chalicelib.kit.errors import Invalid, LastmileError, Malformed, TooLarge

_DELIMITERS = ",;\t"
_MOST_COLUMNS = 200
#: What a spreadsheet takes for a formula. Source: OWASP, "CSV Injection".
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Row:
    """``cells`` holds what is not empty, by column. ``is_ragged``: more cells than columns."""

    line: int
    cells: Mapping[str, str]
    is_ragged: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    rows: tuple[Row, ...]
    ignored_columns: tuple[str, ...]


class WrongField(rest.Answer):
    """A cell of a row that cannot be what it is."""

    field: str
    error: str


def wrong_fields(error: LastmileError) -> list[dict[str, str]]:
    return [{"field": one["field"], "error": one["error"]} for one in error.fields]


def read_sheet(
    body: bytes, known: Collection[str], required: Sequence[str], *, most_rows: int
) -> Sheet:
    """Read a file.

    Raises
    ------
    Malformed
        If it is no CSV in UTF-8, or has no row that names the columns.
    Invalid
        If a required column is missing, or a column is named twice.
    TooLarge
        If it has more rows than may come at once.
    """
    records = _records(_text(body))
    first = next(records, None)
    if first is None:
        raise Malformed("the file is empty")
    names = [_name(cell) for cell in first[1]]
    _check(names, required)
    rows: list[Row] = []
    for line, cells in records:
        if not any(cells):
            continue
        if len(rows) == most_rows:
            raise TooLarge(f"the file may have {most_rows} rows")
        filled = zip(names, cells, strict=False)
        found = {name: cell for name, cell in filled if cell and name in known}
        rows.append(Row(line, found, any(cells[len(names) :])))
    ignored = [name for name in names if name and name not in known]
    return Sheet(tuple(rows), tuple(ignored))


def write_sheet(columns: Sequence[str], rows: Iterable[Sequence[str | int | None]]) -> str:
    """A file that spreadsheets open as it is meant: UTF-8 with a mark in front, every text a text.

    Numbers are ours and stay numbers, also negative ones.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return "\ufeff" + out.getvalue()


def harmless(text: str) -> str:
    """A text that a spreadsheet would compute (an order number ``=HYPERLINK(...)``) gets an
    apostrophe in front."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def cells_of(row: Row, decimals: Collection[str]) -> dict[str, str]:
    """A row's cells as a form takes them; ``decimals`` are the columns with numbers of a point.

    Raises
    ------
    Invalid
        If the row has more cells than there are columns: nobody can tell which is which.
    """
    if row.is_ragged:
        raise Invalid("the row has more cells than there are columns")
    return {
        name: decimal_point(cell) if name in decimals else cell for name, cell in row.cells.items()
    }


def decimal_point(cell: str) -> str:
    """A number as programs write it: a German spreadsheet has 52,5208."""
    return cell.replace(",", ".") if cell.count(",") == 1 and "." not in cell else cell


def _text(body: bytes) -> str:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Malformed('the file is not UTF-8; save it as "CSV UTF-8"') from None
    if "\x00" in text:
        raise Malformed("the file holds bytes that are no text")
    return text


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the lines they begin on, blank ones included."""
    begun, text, delimiter = _dialect(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = begun
    try:
        for cells in reader:
            yield line, [cell.strip() for cell in cells]
            line = begun + reader.line_num
    except csv.Error:
        raise Malformed(f"the file is no CSV from line {line} on") from None


def _dialect(text: str) -> tuple[int, str, str]:
    """The line that the table begins on, the table, its delimiter."""
    first, _, rest = text.partition("\n")
    told = first.strip()
    if told.lower().startswith("sep=") and len(told) == 5 and told[4] in _DELIMITERS:
        return 2, rest, told[4]
    # Names of columns hold none of the three, so the commonest is the one that divides them.
    return 1, text, max(_DELIMITERS, key=first.count)


def _name(cell: str) -> str:
    return cell.lower().replace(" ", "_").replace("-", "_")[:60]


def _check(names: list[str], required: Sequence[str]) -> None:
    if len(names) > _MOST_COLUMNS:
        raise Malformed(f"the file may have {_MOST_COLUMNS} columns")
    twice = {name for name in names if name and names.count(name) > 1}
    wrong = [{"field": name, "error": "the column is missing"} for name in required]
    fields = [field for field in wrong if field["field"] not in names]
    fields += [{"field": name, "error": "the column comes twice"} for name in sorted(twice)]
    if fields:
        raise Invalid("the first row must name the columns", fields=fields[:20])
