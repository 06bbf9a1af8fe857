"""The portal's catalogue of weights: ``/m/articles``, looked at, mended, uploaded, downloaded.

A table is taken as a whole or not at all: with one row that cannot be read nothing is saved, and
whoever sent it reads which rows to mend. Up to a hundred rows are one commit; where a later commit
of a large table fails, the same table may be sent again.
"""

from collections.abc import Mapping
from typing import Annotated

from chalice.app import Blueprint, Request, Response
from pydantic import Field

from chalicelib.domain.accounts.model import TeamRole
from chalicelib.domain.merchants import catalogue as articles
from chalicelib.domain.merchants.catalogue import Numbering
from chalicelib.entry import forms, portal, rest, work
from chalicelib.entry.api import catalogue
from chalicelib.entry.auth import Caller, portal_page
from chalicelib.entry.portal import Visit
from chalicelib.entry.spreadsheet import write_sheet
from chalicelib.entry.surface import Doors, Media
from chalicelib.kit.errors import Invalid, LastmileError, Malformed, TooLarge

bp = Blueprint(__name__)
doors = Doors(bp, tag="Portal")

VIEWER, OWNER = (portal_page(TeamRole.VIEWER),), (portal_page(TeamRole.OWNER),)
PAGE_ROWS = 50
#: A file of 20,000 articles has 1 MB.
MOST_ROWS = 20_000
#: What is pasted is url-encoded by the browser: up to three letters for one. A body that is larger
#: still is refused by the door, in no words for people.
LARGEST_BODY_BYTES = 4 * 1024 * 1024
LARGEST_TABLE_BYTES = 1024 * 1024
#: What API Gateway, which hands text on as UTF-8, makes of bytes that are none.
_NO_LETTER = "\N{REPLACEMENT CHARACTER}".encode()
SAID = {"saved": "Saved.", "same": "It was known like that already."}


class PageQuery(rest.Body):
    cursor: Annotated[str, Field(max_length=1024)] | None = None
    said: str = ""


@doors.route("GET", "/m/articles", who=VIEWER, answers=portal.PAGES)
@portal.in_words
def show_articles(request: Request, caller: Caller) -> Response:
    """Show what a merchant's articles weigh, by number."""
    visit = portal.visit(request, caller)
    return _page(visit)


@doors.route(
    "GET",
    "/m/articles.csv",
    who=VIEWER,
    answers={**portal.PAGES, 200: Media("text/csv", "The catalogue as a table")},
)
@portal.in_words
def download_articles(request: Request, caller: Caller) -> Response:
    """Download the catalogue as a table that may be pasted again."""
    visit = portal.visit(request, caller)
    uow, cursor, rows = work.begin(), None, []
    while True:
        found, cursor = articles.list_articles(uow, visit.merchant.id, limit=1000, after=cursor)
        for one in found:
            is_sku = one.numbering is Numbering.SKU
            number = (one.number, "") if is_sku else ("", one.number)
            rows.append([*number, one.weight_g, one.volume_ml])
        if cursor is None:
            break
        if len(rows) >= MOST_ROWS:
            raise TooLarge(f"A table holds at most {MOST_ROWS} articles.")
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="articles.csv"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    columns = ("sku", "product_id", "weight_g", "volume_ml")
    return Response(body=write_sheet(columns, rows), headers=headers)


@doors.route(
    "POST",
    "/m/articles",
    who=OWNER,
    answers=portal.FORMS,
    accepts=(forms.FORM, forms.PARTS),
    largest_body_bytes=LARGEST_BODY_BYTES,
)
@portal.in_words
def save_articles(request: Request, caller: Caller, raw_body: bytes) -> Response:
    """Add and replace articles: a CSV file in the part `file`; the field `table`, as pasted from a
    spreadsheet; or one article in `sku`, `weight_g` and `volume_ml`.

    Rows that cannot be read are told with their line, and then nothing is saved.
    """
    visit = portal.visit(request, caller)
    content_type = request.headers.get("content-type", "")
    pasted = ""
    try:
        if content_type.partition(";")[0].strip().lower() == forms.PARTS:
            table = _file(content_type, raw_body)
        else:
            given = forms.fields(raw_body)
            pasted = given.get("table", "")
            table = pasted.encode() if pasted.strip() else _one_row(given)
        if len(table) > LARGEST_TABLE_BYTES:
            raise TooLarge("The table may have 1 MB. Send it in parts: nothing is removed by any.")
        done = catalogue.take_table(visit.merchant.id, table, is_whole=True)
        if not (done["saved"] or done["unchanged"] or done["refused"]):
            raise Invalid("There is no row of an article in it.")
    except LastmileError as error:
        if error.status >= 500 and not error.retry:
            raise
        return _page(visit, pasted=pasted, problem=error, status=error.status)
    if done["refused"]:
        return _page(visit, pasted=pasted, refused=done["refused"], status=422)
    return portal.go(request, "m/articles", said="saved" if done["saved"] else "same")


def _file(content_type: str, raw_body: bytes) -> bytes:
    """The file that was sent; raise Invalid without one, Malformed for one that is no text."""
    file = forms.parts(content_type, raw_body).get("file", b"")
    if not file.strip():
        raise Invalid("There is no file, or nothing in it. Choose one and send it again.")
    if _NO_LETTER in file:
        raise Malformed('The file is not UTF-8. Save it as "CSV UTF-8" and send it again.')
    return file


def _one_row(given: Mapping[str, str]) -> bytes:
    names = ("sku", "weight_g", "volume_ml")
    return write_sheet(names, [[given.get(name, "").strip() for name in names]]).encode()


def _page(visit: Visit, *, status: int = 200, pasted: str = "", **told: object) -> Response:
    query = rest.read_cells(PageQuery, portal.asked(visit.request))
    found, cursor = articles.list_articles(
        work.begin(), visit.merchant.id, limit=PAGE_ROWS, after=query.cursor
    )
    return visit.show(
        "portal/articles.html",
        section="articles",
        title="Weights of your articles",
        status=status,
        articles=found,
        cursor=cursor,
        columns=catalogue.COLUMNS,
        most_rows=f"{catalogue.MOST_ARTICLES:,}",
        may_save=visit.person.role.reaches(TeamRole.OWNER),
        pasted=pasted,
        problem=told.get("problem"),
        refused=told.get("refused") or [],
        said=query.said,
        texts=SAID,
    )
