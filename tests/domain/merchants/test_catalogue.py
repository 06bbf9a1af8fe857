"""The merchant's catalogue: what is kept, what an order finds in it, what a reader sees."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib.domain.merchants import catalogue
from chalicelib.domain.merchants.catalogue import Article, Numbering
from chalicelib.kit.errors import Malformed
from chalicelib.storage.unit_of_work import UnitOfWork

Begin = Callable[[], UnitOfWork]
TEA = Article(Numbering.SKU, "T-1", 250, None)
VASE = Article(Numbering.PRODUCT, "93", 1800, 9000)


def upload(begin: Begin, *articles: Article, merchant_id: str = "mer_1") -> catalogue.Uploaded:
    uow = begin()
    done = catalogue.upload(uow, merchant_id, articles)
    uow.commit()
    return done


def test_what_was_uploaded_is_found_by_its_number(begin: Begin) -> None:
    assert upload(begin, TEA, VASE) == catalogue.Uploaded(saved=2, unchanged=0)
    found = catalogue.find(begin(), "mer_1", ["sku:T-1", "id:93", "id:T-1", "sku:none"])
    assert found == {"sku:T-1": TEA, "id:93": VASE}


def test_another_merchants_articles_are_not_found(begin: Begin) -> None:
    upload(begin, TEA)
    assert catalogue.find(begin(), "mer_2", ["sku:T-1"]) == {}
    assert catalogue.list_articles(begin(), "mer_2", limit=10, after=None) == ([], None)


def test_a_second_upload_writes_only_what_changed(begin: Begin) -> None:
    upload(begin, TEA, VASE)
    heavier = replace(TEA, weight_g=300)
    assert upload(begin, heavier, VASE) == catalogue.Uploaded(saved=1, unchanged=1)
    assert catalogue.find(begin(), "mer_1", ["sku:T-1"])["sku:T-1"] == heavier


def test_pages_follow_each_other_until_the_end(begin: Begin) -> None:
    articles = [Article(Numbering.SKU, f"{number:03}", number, None) for number in range(5)]
    upload(begin, *articles)
    seen: list[Article] = []
    cursor = None
    while True:
        page, cursor = catalogue.list_articles(begin(), "mer_1", limit=2, after=cursor)
        seen += page
        if cursor is None:
            break
    assert seen == articles


def test_a_cursor_of_another_merchants_list_opens_nothing(begin: Begin) -> None:
    upload(begin, TEA, VASE)
    _, cursor = catalogue.list_articles(begin(), "mer_1", limit=1, after=None)
    with pytest.raises(Malformed):
        catalogue.list_articles(begin(), "mer_2", limit=1, after=cursor)


def test_a_line_is_looked_for_by_sku_then_variation_then_product() -> None:
    assert catalogue.refs(" T-1 ", "94", "93") == ("sku:T-1", "id:94", "id:93")
    assert catalogue.refs("", "0", "93") == ("id:93",)
    assert catalogue.refs(None) == ()
    assert catalogue.refs("x" * 1000) == ()
