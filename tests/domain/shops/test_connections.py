"""A connection remembers a shop's address and credentials, and shows the latter to nobody."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib.domain.shops import store
from chalicelib.domain.shops.model import Connection, Failure, Mark, State
from chalicelib.kit.errors import StaleVersion
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import NOON, SERVER_KEY

CREDENTIALS = {"access_token": "shpat_0123456789", "client_secret": "s3cret-of-the-app"}


def a_connection(merchant_id: str = "mer_1") -> Connection:
    return Connection(
        merchant_id=merchant_id,
        platform="shopify",
        shop="vases.myshopify.com",
        sealed_credentials=store.seal_credentials(SERVER_KEY, merchant_id, "shopify", CREDENTIALS),
        settings={"notify_customer": "no"},
        connected_at=NOON,
    )


def saved(begin: Callable[[], UnitOfWork], connection: Connection) -> Connection:
    uow = begin()
    saved = store.save_connection(uow, connection)
    uow.commit()
    return saved


def test_a_connection_is_what_it_was_after_a_reload(begin: Callable[[], UnitOfWork]) -> None:
    kept = saved(begin, a_connection())
    assert store.load_connection(begin(), "mer_1", "shopify") == kept
    assert store.load_connection(begin(), "mer_1", "woocommerce") is None


def test_credentials_come_back_to_their_own_merchant_only() -> None:
    mine = a_connection()
    assert store.open_credentials(SERVER_KEY, mine) == CREDENTIALS
    stolen = Connection(
        "mer_2", "shopify", "vases.myshopify.com", mine.sealed_credentials, mine.settings
    )
    with pytest.raises(ValueError, match="not sealed"):
        store.open_credentials(SERVER_KEY, stolen)


def test_no_credential_stands_in_the_item_or_in_a_log(begin: Callable[[], UnitOfWork]) -> None:
    connection = a_connection()
    uow = begin()
    store.save_connection(uow, connection)
    written = repr(uow._writes) + repr(connection)
    assert [value for value in CREDENTIALS.values() if value in written] == []
    assert connection.sealed_credentials not in repr(connection)


def test_two_changes_of_one_connection_do_not_overwrite_each_other(
    begin: Callable[[], UnitOfWork],
) -> None:
    kept = saved(begin, a_connection())
    broken = kept.with_failure(Failure("shop_refused", "401", NOON), breaks=True)
    assert saved(begin, broken).state is State.BROKEN
    with pytest.raises(StaleVersion):
        saved(begin, kept)


def test_a_closed_connection_stays_closed_whatever_fails_afterwards() -> None:
    """Deliveries under way still tell their news; what then fails must not look like a break."""
    connection = Connection("mer_1", "shopify", "a", "", {}, state=State.CLOSED)
    after = connection.with_failure(Failure("shop_refused", "", NOON), breaks=True)
    assert after.state is State.CLOSED
    assert not after.is_usable


def test_the_shop_not_looked_at_for_longest_comes_first(begin: Callable[[], UnitOfWork]) -> None:
    for number, minutes in enumerate((5, 90, 30)):
        uow = begin()
        polled_at = NOON - timedelta(minutes=minutes)
        store.save_mark(uow, Mark(f"mer_{number}", "shopify", NOON, polled_at))
        uow.commit()
    assert store.longest_unpolled(begin(), limit=2) == [("mer_1", "shopify"), ("mer_2", "shopify")]
    mark = store.load_mark(begin(), "mer_1", "shopify")
    assert mark is not None
    uow = begin()
    store.save_mark(uow, Mark("mer_1", "shopify", NOON, NOON, version=mark.version))
    uow.commit()
    assert store.longest_unpolled(begin(), limit=1) == [("mer_2", "shopify")]
