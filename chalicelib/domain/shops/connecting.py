"""Use cases of connections: connect a shop, take it off, close it when the shop does.

What each platform needs stands in one table: which credentials, which settings, and which of the
credentials signs its webhooks. That one goes to the merchant's webhook secrets, where the one
before it stays live beside it, so a rotation loses no order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.merchants import service as merchants
from chalicelib.domain.merchants.model import Platform
from chalicelib.domain.shops import store
from chalicelib.domain.shops.model import Connection, Failure, Mark, State
from chalicelib.domain.shops.seeking import first_mark
from chalicelib.kit.errors import Invalid, NotFound
from chalicelib.storage import keys
from chalicelib.storage.unit_of_work import UnitOfWork

_YES_OR_NO = ("yes", "no")


@dataclass(frozen=True, slots=True)
class Needs:
    """What a platform needs of a merchant; settings by name with the values that they may have."""

    credentials: tuple[str, ...]
    settings: Mapping[str, tuple[str, ...]]
    #: The credential that signs its webhooks; not needed where we make the secret ourselves.
    signs_webhooks: str | None = None


NEEDS: Mapping[str, Needs] = {
    "shopify": Needs(
        credentials=("access_token",),
        settings={
            "notify_customer": _YES_OR_NO,
            "takes_test_orders": _YES_OR_NO,
            "takes_unpaid_orders": _YES_OR_NO,
        },
        signs_webhooks="client_secret",
    ),
    "woocommerce": Needs(
        credentials=("consumer_key", "consumer_secret"),
        settings={"notify_customer": _YES_OR_NO, "credentials_in": ("header", "query")},
    ),
    # The store's own settings say whom it mails about a shipment.
    "bigcommerce": Needs(credentials=("access_token",), settings={}),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A connection as the merchant asks for it; no credentials: keep those that are there."""

    merchant_id: str
    platform: str
    shop: str
    credentials: Mapping[str, str]
    settings: Mapping[str, str]


def check_wanted(wanted: Wanted, known: Connection | None) -> None:
    """Raise Invalid when something is missing, misspelt or not a value of its setting."""
    needs = NEEDS[wanted.platform]
    allowed = {*needs.credentials, *((needs.signs_webhooks,) if needs.signs_webhooks else ())}
    wrong = [
        {"field": f"credentials.{name}", "error": "not a credential of this platform"}
        for name in wanted.credentials
        if name not in allowed
    ]
    keeps = known is not None and known.shop == wanted.shop and not wanted.credentials
    if not keeps:
        wrong += [
            {"field": f"credentials.{name}", "error": "needed"}
            for name in needs.credentials
            if not wanted.credentials.get(name, "").strip()
        ]
    for name, value in wanted.settings.items():
        values = needs.settings.get(name)
        if values is None:
            wrong.append({"field": f"settings.{name}", "error": "not a setting of this platform"})
        elif value not in values:
            wrong.append({"field": f"settings.{name}", "error": f"one of {', '.join(values)}"})
    if wrong:
        raise Invalid("the connection lacks something", fields=wrong)


def connect(
    uow: UnitOfWork, wanted: Wanted, server_key: bytes, failure: Failure | None = None
) -> Connection:
    """Keep a connection that was checked; ``failure``: why it could not be tried just now."""
    known = store.load_connection(uow, wanted.merchant_id, wanted.platform)
    check_wanted(wanted, known)
    needs = NEEDS[wanted.platform]
    kept = {name: wanted.credentials[name] for name in needs.credentials if wanted.credentials}
    sealed = (
        store.seal_credentials(server_key, wanted.merchant_id, wanted.platform, kept)
        if kept or known is None
        else known.sealed_credentials
    )
    is_same_shop = known is not None and known.shop == wanted.shop and known.is_usable
    connection = store.save_connection(
        uow,
        Connection(
            merchant_id=wanted.merchant_id,
            platform=wanted.platform,
            shop=wanted.shop,
            sealed_credentials=sealed,
            settings=wanted.settings,
            version=0 if known is None else known.version,
            connected_at=known.connected_at if known and is_same_shop else uow.wall_now,
            failure=failure,
        ),
    )
    if store.load_mark(uow, wanted.merchant_id, wanted.platform) is None:
        store.save_mark(uow, first_mark(connection, uow.wall_now))
    secret = wanted.credentials.get(needs.signs_webhooks or "", "")
    if secret:
        platform = Platform(wanted.platform)
        merchants.take_webhook_secret(uow, wanted.merchant_id, platform, secret, server_key)
    if failure is None:
        # Whoever opens the shop now hears what its platform says of it by other doors.
        uow.put(
            keys.shop(wanted.platform, wanted.shop),
            {"merchant_id": wanted.merchant_id},
            expect=None,
        )
    return connection


def find(uow: UnitOfWork, merchant_id: str, platform: str) -> Connection | None:
    return store.load_connection(uow, merchant_id, platform)


def show(
    uow: UnitOfWork, merchant_id: str, platform: str
) -> tuple[Connection, Mark | None, list[str]]:
    """A connection, how far its orders were sought, and the deliveries whose news waits for it.

    Raises
    ------
    NotFound
    """
    connection = store.load_connection(uow, merchant_id, platform)
    if connection is None:
        raise NotFound("there is no such connection")
    mark = store.load_mark(uow, merchant_id, platform)
    return connection, mark, store.list_untold(uow, merchant_id, platform, limit=100)


def disconnect(uow: UnitOfWork, merchant_id: str, platform: str) -> None:
    """Forget a connection and its credentials; webhooks go on being taken."""
    connection, _, _ = show(uow, merchant_id, platform)
    store.delete_connection(uow, connection)
    store.delete_mark(uow, merchant_id, platform)
    owner = uow.get(keys.shop(platform, connection.shop))
    if owner is not None and owner["merchant_id"] == merchant_id:
        uow.delete(keys.shop(platform, connection.shop), expect=None)


def close(uow: UnitOfWork, merchant_id: str, platform: str, triggered_at: datetime | None) -> bool:
    """The shop took our app off; deliveries under way go on. False when that is old news."""
    connection = store.load_connection(uow, merchant_id, platform)
    if connection is None or connection.state is State.CLOSED:
        return False
    is_old = (
        triggered_at is not None
        and connection.connected_at is not None
        and triggered_at < connection.connected_at
    )
    if is_old:
        return False
    why = Failure("shop_refused", "The shop has uninstalled the app.", uow.wall_now)
    # What it opened is taken back already; there is no reason to keep it.
    sealed = ""
    store.save_connection(
        uow,
        replace(connection, state=State.CLOSED, failure=why, sealed_credentials=sealed),
    )
    store.delete_mark(uow, merchant_id, platform)
    return True


def merchant_of(uow: UnitOfWork, platform: str, shop: str) -> str | None:
    """Whose shop that is, for doors that name the shop instead of the merchant."""
    item = uow.get(keys.shop(platform, shop))
    return None if item is None else str(item["merchant_id"])
