"""What an order weighs when its shop does not say: the catalogue, else the usual piece, visibly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from chalicelib.domain.intake import generic, shopify, woocommerce
from chalicelib.domain.intake import order as words
from chalicelib.domain.intake.order import Order, Piece
from chalicelib.domain.merchants.catalogue import Article, Numbering
from chalicelib.kit.parcel import Parcel
from tests.domain.intake.shops import (
    DEFAULTS,
    generic_headers,
    golden,
    shopify_headers,
    woocommerce_headers,
    written,
)


@dataclass
class Shelf:
    """A catalogue that counts how often it is asked."""

    articles: Mapping[str, Article]
    asked: list[list[str]] = field(default_factory=list)

    def __call__(self, refs: Sequence[str]) -> Mapping[str, Article]:
        self.asked.append(list(refs))
        return {ref: self.articles[ref] for ref in refs if ref in self.articles}


def a_shelf(**weights: int) -> Shelf:
    """Articles by SKU, ``T=250``; four times as many millilitres."""
    articles = [Article(Numbering.SKU, sku, grams, 4 * grams) for sku, grams in weights.items()]
    return Shelf({one.ref: one for one in articles})


def weigh(platform: str, shelf: Shelf, **changes: Any) -> Parcel:
    defaults = replace(DEFAULTS, find_articles=shelf)
    body = written(golden(platform, **changes))
    order = {
        "woocommerce": lambda: woocommerce.parse(woocommerce_headers(body), body, defaults),
        "shopify": lambda: shopify.parse(shopify_headers(body), body, defaults),
        "generic": lambda: generic.parse(generic_headers(body), body, defaults),
    }[platform]()
    assert isinstance(order, Order)
    assert order.parcel is not None
    return order.parcel


def test_a_woocommerce_order_weighs_what_the_catalogue_says() -> None:
    shelf = a_shelf(T=250)
    assert weigh("woocommerce", shelf) == Parcel(500, 2000, 2, assumed_count=0)
    assert shelf.asked == [["sku:T", "id:93"]]


def test_without_an_entry_the_usual_piece_is_assumed_and_shown() -> None:
    assert weigh("woocommerce", a_shelf()) == Parcel(1000, 5000, 2, assumed_count=2)


def test_a_variations_own_weight_goes_before_its_products() -> None:
    by_id = {
        "id:93": Article(Numbering.PRODUCT, "93", 900, None),
        "id:94": Article(Numbering.PRODUCT, "94", 100, None),
    }
    line = {"product_id": 93, "variation_id": 94, "quantity": 3, "sku": ""}
    assert weigh("woocommerce", Shelf(by_id), line_items=[line]).weight_g == 300
    plain = {**line, "variation_id": 0}
    assert weigh("woocommerce", Shelf(by_id), line_items=[plain]).weight_g == 2700


@pytest.mark.parametrize(
    ("platform", "items"),
    [
        ("shopify", {"line_items": [{"sku": "T", "quantity": 2, "grams": 0}]}),
        ("generic", {"data__items": [{"sku": "T", "quantity": 2}]}),
    ],
)
def test_other_platforms_forget_weights_too(platform: str, items: dict[str, Any]) -> None:
    assert weigh(platform, a_shelf(T=250), **items) == Parcel(500, 2000, 2)


def test_what_the_shop_says_goes_before_the_catalogue() -> None:
    line = {"sku": "T", "quantity": 1, "grams": 999}
    assert weigh("shopify", a_shelf(T=250), line_items=[line]) == Parcel(999, 1000, 1)


def test_the_catalogue_is_asked_once_and_never_for_more_than_it_must_read() -> None:
    shelf = a_shelf(T=250)
    pieces = [Piece(1, None, refs=(f"sku:{number}",)) for number in range(1000)]
    words.look_up(pieces, shelf)
    assert [len(refs) for refs in shelf.asked] == [words.MOST_LOOKED_UP]


def test_an_order_that_says_everything_asks_nothing() -> None:
    shelf = a_shelf(T=250)
    words.look_up([Piece(1, 5, 5, refs=("sku:T",)), Piece(2, None)], shelf)
    assert shelf.asked == []
