"""A merchant's articles and their weights: ``PUT`` and ``GET /v1/catalogue``.

An upload adds and replaces; it removes nothing, so a merchant may send what changed. A CSV's rows
are taken one by one and what is wrong with a row is told beside its line; a JSON body is right as a
whole or refused.
"""

import math
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Annotated, Any, Self

from chalice.app import Blueprint, Request
from pydantic import AfterValidator, Field, model_validator

from chalicelib.domain.intake.text import clean
from chalicelib.domain.merchants import catalogue
from chalicelib.domain.merchants.catalogue import Article, Numbering
from chalicelib.domain.merchants.model import Scope
from chalicelib.entry import rest, work
from chalicelib.entry.auth import merchant
from chalicelib.entry.spreadsheet import Row, WrongField, cells_of, read_sheet, wrong_fields
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import Invalid, Malformed

bp = Blueprint(__name__)
doors = Doors(bp, tag="Catalogue")

MOST_ARTICLES = 2000
LARGEST_UPLOAD_BYTES = 1024 * 1024
_DECIMALS = ("length_cm", "width_cm", "height_cm")
COLUMNS = ("sku", "product_id", "weight_g", "volume_ml", *_DECIMALS)

_Number = Annotated[
    str,
    Field(max_length=catalogue.LONGEST_NUMBER - 4),
    AfterValidator(lambda text: clean(text, catalogue.LONGEST_NUMBER)),
]
_Centimetres = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]


class ArticleForm(rest.Body):
    """One article: its number, and its weight, its volume or its three sides."""

    sku: _Number = ""
    product_id: _Number = ""
    weight_g: Annotated[int, Field(ge=1, le=2_000_000)] | None = None
    volume_ml: Annotated[int, Field(ge=1, le=20_000_000)] | None = None
    length_cm: _Centimetres | None = None
    width_cm: _Centimetres | None = None
    height_cm: _Centimetres | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.sku or self.product_id):
            raise ValueError("an article needs a sku or a product_id")
        if self.weight_g is None and self._volume_ml() is None:
            raise ValueError("an article needs weight_g, volume_ml or all three sides")
        return self

    def _volume_ml(self) -> int | None:
        if self.volume_ml is not None:
            return self.volume_ml
        if self.length_cm is None or self.width_cm is None or self.height_cm is None:
            return None
        return math.ceil(self.length_cm * self.width_cm * self.height_cm)

    def article(self) -> Article:
        """By its SKU if it has one, because that is what its orders will carry."""
        numbering = Numbering.SKU if self.sku else Numbering.PRODUCT
        return Article(numbering, self.sku or self.product_id, self.weight_g, self._volume_ml())


class CatalogueForm(rest.Body):
    articles: Annotated[list[ArticleForm], Field(min_length=1, max_length=MOST_ARTICLES)]


class CatalogueQuery(rest.Body):
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[str, Field(max_length=1024)] | None = None


class ArticleAnswer(rest.Answer):
    """An article; by its `sku`, or by its `product_id` if it has none."""

    sku: str | None
    product_id: str | None
    weight_g: int | None
    volume_ml: int | None

    model_config = rest.example(sku="NOTEBOOK", product_id=None, weight_g=400, volume_ml=630)


class RefusedRow(rest.Answer):
    line: int
    code: str
    message: str
    fields: list[WrongField]


class UploadAnswer(rest.Answer):
    """What an upload did; `refused` holds the rows of a table that could not be read."""

    saved: int
    unchanged: int
    refused: list[RefusedRow]
    ignored_columns: list[str]

    model_config = rest.example(saved=2, unchanged=0, refused=[], ignored_columns=["colour"])


class CataloguePage(rest.Answer):
    articles: list[ArticleAnswer]
    next_cursor: str | None

    model_config = rest.example(
        articles=[{"sku": "NOTEBOOK", "product_id": None, "weight_g": 400, "volume_ml": 630}],
        next_cursor=None,
    )


@doors.route(
    "PUT",
    "/v1/catalogue",
    who=(merchant(Scope.SETTINGS_WRITE),),
    answers={200: UploadAnswer},
    errors=(Invalid,),
    accepts=("application/json", "text/csv"),
    largest_body_bytes=LARGEST_UPLOAD_BYTES,
)
def put_catalogue(merchant_id: str, raw_body: bytes, request: Request) -> Mapping[str, Any]:
    """Add and replace articles, so that orders without weights can be weighed.

    A table (`text/csv`) is taken row by row; JSON, `{"articles": [...]}`, as a whole.
    """
    if rest.is_csv(request):
        return take_table(merchant_id, raw_body)
    forms = rest.parse_bytes(CatalogueForm, raw_body).articles
    saved, unchanged = _upload(merchant_id, (form.article() for form in forms))
    return {"saved": saved, "unchanged": unchanged, "refused": [], "ignored_columns": []}


@doors.route(
    "GET",
    "/v1/catalogue",
    who=(merchant(Scope.SETTINGS_READ),),
    answers={200: CataloguePage},
)
def list_catalogue(merchant_id: str, query: CatalogueQuery) -> Mapping[str, Any]:
    """List the catalogue, by SKU."""
    found, cursor = catalogue.list_articles(
        work.begin(), merchant_id, limit=query.limit, after=query.cursor
    )
    return {"articles": [_write(one) for one in found], "next_cursor": cursor}


def take_table(merchant_id: str, body: bytes, *, is_whole: bool = False) -> dict[str, Any]:
    """Take a table row by row; raise Malformed, Invalid or TooLarge for what is no table.

    ``is_whole``: with a row that cannot be read, nothing is saved.
    """
    sheet = read_sheet(body, COLUMNS, (), most_rows=MOST_ARTICLES)
    forms, refused = _read_rows(sheet.rows)
    saved = unchanged = 0
    if not (refused and is_whole):
        saved, unchanged = _upload(merchant_id, (form.article() for form in forms))
    answer = {"saved": saved, "unchanged": unchanged, "refused": refused}
    return {**answer, "ignored_columns": list(sheet.ignored_columns)}


def _upload(merchant_id: str, articles: Iterable[Article]) -> tuple[int, int]:
    """Commit by commit; one that fails leaves whole articles, and the upload may be sent again."""
    # An article that comes twice is what its last row says.
    last = list({one.ref: one for one in articles}.values())
    step = catalogue.MOST_AT_ONCE
    done = []
    for start in range(0, len(last), step):
        part = last[start : start + step]
        done.append(work.run(partial(catalogue.upload, merchant_id=merchant_id, articles=part)))
    return sum(one.saved for one in done), sum(one.unchanged for one in done)


def _read_rows(rows: Iterable[Row]) -> tuple[list[ArticleForm], list[dict[str, Any]]]:
    forms, refused = [], []
    for row in rows:
        try:
            forms.append(rest.read_cells(ArticleForm, cells_of(row, _DECIMALS)))
        except Malformed as wrong:
            refused.append(
                {
                    "line": row.line,
                    "code": wrong.code,
                    "message": str(wrong),
                    "fields": wrong_fields(wrong),
                }
            )
    return forms, refused


def _write(article: Article) -> dict[str, Any]:
    is_sku = article.numbering is Numbering.SKU
    return {
        "sku": article.number if is_sku else None,
        "product_id": None if is_sku else article.number,
        "weight_g": article.weight_g,
        "volume_ml": article.volume_ml,
    }
