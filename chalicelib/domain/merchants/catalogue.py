"""How much does this article weigh? The merchant's catalogue, for shops that do not say.

WooCommerce's orders carry no weights at all, others forget them. A merchant uploads its articles
once; an order's are looked up together, by the number that the shop prints on them (SKU) or by the
platform's own product id. What stands nowhere weighs the merchant's usual piece, and the delivery
shows that it was assumed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.storage import keys
from chalicelib.storage.cursors import Cursor
from chalicelib.storage.keys import TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

LONGEST_NUMBER = 128
#: One commit's worth.
MOST_AT_ONCE = 100


class Numbering(StrEnum):
    """Whose number it is: the shop's own, or the platform's."""

    SKU = "sku"
    PRODUCT = "id"


@dataclass(frozen=True, slots=True)
class Article:
    """One thing that the merchant sells; None where it did not say."""

    numbering: Numbering
    number: str
    weight_g: int | None
    volume_ml: int | None

    @property
    def ref(self) -> str:
        return f"{self.numbering}:{self.number}"


@dataclass(frozen=True, slots=True)
class Uploaded:
    """How many articles an upload changed, and how many were known like that already."""

    saved: int
    unchanged: int


def refs(sku: str | None, *product_ids: str | None) -> tuple[str, ...]:
    """Where an order's line may be found: its SKU first, then its variation and its product."""
    found = [f"{Numbering.SKU}:{sku.strip()}"] if sku and sku.strip() else []
    # Platforms write "no variation" as 0.
    found += [f"{Numbering.PRODUCT}:{one}" for one in product_ids if one and one != "0"]
    return tuple(ref for ref in found if len(ref) <= LONGEST_NUMBER)


def upload(uow: UnitOfWork, merchant_id: str, articles: Sequence[Article]) -> Uploaded:
    """Keep these articles, at most a hundred different ones; what is known already costs a read."""
    wanted = {keys.article(merchant_id, one.ref): one for one in articles}
    if len(wanted) > MOST_AT_ONCE:
        raise ValueError(f"{len(wanted)} articles at once; {MOST_AT_ONCE} is the most")
    known = {key: _from_item(item) for key, item in uow.get_many(wanted).items()}
    fresh = {key: one for key, one in wanted.items() if known.get(key) != one}
    for key, one in fresh.items():
        # The last upload wins, whichever it is: two of them have no order of their own.
        uow.put(key, _to_item(one), expect=None)
    return Uploaded(len(fresh), len(wanted) - len(fresh))


def find(uow: UnitOfWork, merchant_id: str, wanted: Iterable[str]) -> dict[str, Article]:
    """What is known of these, by ref."""
    by_key = {keys.article(merchant_id, ref): ref for ref in wanted}
    return {by_key[key]: _from_item(item) for key, item in uow.get_many(by_key).items()}


def list_articles(
    uow: UnitOfWork, merchant_id: str, *, limit: int, after: Cursor | None
) -> tuple[list[Article], Cursor | None]:
    """A page of the catalogue, by numbering and number."""
    pk = keys.articles(merchant_id)
    page = uow.query(TableName.CORE, pk, limit=limit, after=after)
    return [_from_item(item) for item in page.items], page.cursor


def _to_item(article: Article) -> Item:
    return {
        "numbering": article.numbering.value,
        "number": article.number,
        "weight_g": article.weight_g,
        "volume_ml": article.volume_ml,
    }


def _from_item(item: Item) -> Article:
    return Article(
        numbering=Numbering(item["numbering"]),
        number=item["number"],
        weight_g=item["weight_g"],
        volume_ml=item["volume_ml"],
    )
