"""What can a merchant do with its endpoints? Make, change, rotate, end; and how one is disabled."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.callbacks import catalogue, store
from chalicelib.domain.callbacks.model import (
    MOST_ENDPOINTS,
    DisabledReason,
    Endpoint,
    EndpointRef,
    EndpointStatus,
    Secret,
)
from chalicelib.kit import tokens
from chalicelib.kit.errors import Invalid, TooManyWebhookEndpoints
from chalicelib.kit.events import Event
from chalicelib.kit.urls import read_callable_url
from chalicelib.storage.unit_of_work import UnitOfWork

#: How long a replaced secret still signs beside the new one.
OLD_SECRET_SIGNS = timedelta(days=1)
#: Receivers look at a handful of signatures; more rotations a day than that end the oldest early.
MOST_SECRETS = 3


@dataclass(frozen=True, slots=True)
class NewEndpoint:
    url: str
    events: tuple[str, ...] = (catalogue.EVERYTHING,)
    description: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """None: as it is."""

    url: str | None = None
    events: tuple[str, ...] | None = None
    description: str | None = None
    status: EndpointStatus | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What the installation allows."""

    server_key: bytes
    allow_loopback: bool = False


def create(
    uow: UnitOfWork, merchant_id: str, new: NewEndpoint, rules: Rules
) -> tuple[Endpoint, str]:
    """Make an endpoint; its secret is returned this once.

    Raises
    ------
    Invalid
        If the URL may not be called, or an event is unknown.
    TooManyWebhookEndpoints
    """
    _check(new.url, new.events, rules)
    book = store.load_book(uow, merchant_id)
    if len(book.endpoints) >= MOST_ENDPOINTS:
        raise TooManyWebhookEndpoints(f"a merchant has at most {MOST_ENDPOINTS}")
    secret = tokens.new_webhook_secret()
    endpoint = Endpoint(
        id=uow.new_id("whe"),
        merchant_id=merchant_id,
        url=new.url,
        events=tuple(dict.fromkeys(new.events)),
        description=new.description,
        status=EndpointStatus.ENABLED,
        secrets=(Secret(tokens.seal(rules.server_key, secret, merchant_id)),),
        created_at=uow.now,
    )
    store.save_book(uow, book.with_endpoint(endpoint))
    return endpoint, secret


def change(uow: UnitOfWork, ref: EndpointRef, changes: Changes, rules: Rules) -> Endpoint:
    """Change an endpoint. Enabled again, or at another URL, it begins with a clean record.

    Raises
    ------
    NotFound, Invalid
    """
    book, before = store.load_endpoint(uow, ref)
    endpoint = replace(
        before,
        url=before.url if changes.url is None else changes.url,
        events=before.events if changes.events is None else tuple(dict.fromkeys(changes.events)),
        description=before.description if changes.description is None else changes.description,
    )
    _check(endpoint.url, endpoint.events, rules)
    if endpoint != before:
        endpoint = replace(endpoint, version=before.version + 1)
    if changes.status is EndpointStatus.ENABLED and not before.is_enabled:
        endpoint = endpoint.enable()
    if changes.status is EndpointStatus.DISABLED and before.is_enabled:
        endpoint = endpoint.disable(DisabledReason.BY_MERCHANT, uow.now)
    if endpoint == before:
        return before
    store.save_book(uow, book.with_endpoint(endpoint))
    if endpoint.url != before.url or (endpoint.is_enabled and not before.is_enabled):
        _forgive(uow, ref)
    return endpoint


def rotate_secret(uow: UnitOfWork, ref: EndpointRef, rules: Rules) -> str:
    """Make a new secret; the one before it signs beside it for a day.

    Raises
    ------
    NotFound
    """
    book, before = store.load_endpoint(uow, ref)
    secret = tokens.new_webhook_secret()
    ends_at = uow.wall_now + OLD_SECRET_SIGNS
    old = [
        one if one.ends_at is not None else replace(one, ends_at=ends_at)
        for one in _living(before.secrets, uow.wall_now)
    ]
    sealed = Secret(tokens.seal(rules.server_key, secret, ref.merchant_id))
    secrets = (sealed, *old)[:MOST_SECRETS]
    after = replace(before, secrets=secrets, version=before.version + 1)
    store.save_book(uow, book.with_endpoint(after))
    return secret


def delete(uow: UnitOfWork, ref: EndpointRef) -> None:
    """End an endpoint; what waited for it is never sent. Raise NotFound."""
    book, _ = store.load_endpoint(uow, ref)
    store.save_book(uow, book.without(ref.endpoint_id))


def disable(uow: UnitOfWork, ref: EndpointRef, reason: DisabledReason) -> None:
    """End an endpoint for a reason of ours, and tell of it."""
    book = store.load_book(uow, ref.merchant_id)
    endpoint = book.find(ref.endpoint_id)
    if endpoint is None or not endpoint.is_enabled:
        return
    disabled = endpoint.disable(reason, uow.now)
    store.save_book(uow, book.with_endpoint(disabled), about=disabled.id)
    data = {"merchant_id": ref.merchant_id, "url": endpoint.url, "reason": reason.value}
    uow.emit(Event(catalogue.ENDPOINT_DISABLED, disabled.id, disabled.version, uow.now, data))


def live_secrets(endpoint: Endpoint, server_key: bytes, wall_now: datetime) -> list[str]:
    """The secrets that sign now, in the clear, newest first.

    Raises
    ------
    ValueError
        If all were sealed by an earlier server key: nothing is sent without a signature.
    """
    living = [one.sealed for one in _living(endpoint.secrets, wall_now)]
    opened = tokens.unseal_all(server_key, living, endpoint.merchant_id)
    if not opened:
        raise ValueError("no secret of this endpoint can be opened: rotate it")
    return opened


def _living(secrets: Sequence[Secret], wall_now: datetime) -> list[Secret]:
    return [one for one in secrets if one.ends_at is None or one.ends_at > wall_now]


def _forgive(uow: UnitOfWork, ref: EndpointRef) -> None:
    line = store.load_line(uow, ref)
    if line.version == 0:
        return
    clean = replace(line, failures=0, paused_until=None, failing_since=None, last_failure_at=None)
    store.save_line(uow, clean)


def _check(url: str, events: Sequence[str], rules: Rules) -> None:
    try:
        read_callable_url(url, allow_loopback=rules.allow_loopback)
    except ValueError as error:
        fields = [{"field": "url", "error": str(error)}]
        raise Invalid("we cannot call this URL", fields=fields) from error
    strangers = catalogue.unknown(events)
    if strangers or not events:
        wrong = f"there is no event {strangers[0][:60]!r}" if strangers else "it is empty"
        raise Invalid("an event is unknown", fields=[{"field": "events", "error": wrong}])
