"""The checkout's own door: ask what a delivery would cost and when it could come, and accept it."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any

from chalice.app import Blueprint, Request, Response

from chalicelib import wiring
from chalicelib.domain.intake.repeats import Answer
from chalicelib.domain.merchants import store as merchant_store
from chalicelib.domain.merchants.model import Scope
from chalicelib.domain.quotes import service, store
from chalicelib.entry import work
from chalicelib.entry.api import delivery_answers as answers
from chalicelib.entry.api.delivery_forms import created
from chalicelib.entry.api.quote_forms import (
    AcceptForm,
    NewQuote,
    OneQuote,
    QuoteForm,
    write_offer,
    write_point,
    write_quote,
)
from chalicelib.entry.auth import merchant
from chalicelib.entry.once import IDEMPOTENCY_KEY, once
from chalicelib.entry.orders_in import articles_of, locate
from chalicelib.entry.path_parts import IdOf
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import (
    DuplicateDelivery,
    ExpiredQuote,
    IdempotencyMismatch,
    ImpossibleRequirements,
    MismatchedQuote,
    NoCapacityLeft,
    PlacesUnavailable,
    Undeliverable,
    UsedQuote,
)
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Quotes")

QUOTES = merchant(Scope.QUOTES)
QuoteId = Annotated[str, IdOf("qte", "quote")]


@doors.route(
    "POST",
    "/v1/quotes",
    who=(QUOTES,),
    answers={201: NewQuote},
    errors=(Undeliverable, ImpossibleRequirements, PlacesUnavailable),
)
def ask_quote(merchant_id: str, body: QuoteForm) -> Mapping[str, Any]:
    """Ask for a quote.

    The price and the window hold for fifteen minutes; no place is reserved. Without a `window` it
    is the widest of the first day that has one. `reason` says why there is none:
    `outside_service_area`, `past_cut_off`, `no_capacity_left` and others.
    """
    server_key = wiring.vault().server_key()
    find = cache(locate)

    def ask(uow: UnitOfWork) -> Mapping[str, Any]:
        owner = merchant_store.load_merchant(uow, merchant_id)
        hub = merchant_store.load_hub(uow, owner.hub_id)
        made = service.quote(
            uow, owner, hub, body.ask(owner, articles_of(owner.id)), find, server_key
        )
        return {
            **write_quote(made.quote, uow),
            "windows": [write_offer(offer) for offer in made.others],
            "pickup_points": [write_point(one) for one in made.pickup_points],
        }

    return work.run(ask)


@doors.route("GET", "/v1/quotes/{quote_id}", who=(QUOTES,), answers={200: OneQuote})
def show_quote(merchant_id: str, quote_id: QuoteId) -> Mapping[str, Any]:
    """Show a quote, for a day after it expired."""
    uow = work.begin()
    return write_quote(store.load(uow, merchant_id, quote_id), uow)


@doors.route(
    "POST",
    "/v1/quotes/{quote_id}/accept",
    who=(merchant(Scope.DELIVERIES_WRITE),),
    answers={201: answers.CreatedDelivery},
    errors=(
        UsedQuote,
        ExpiredQuote,
        MismatchedQuote,
        DuplicateDelivery,
        NoCapacityLeft,
        Undeliverable,
        ImpossibleRequirements,
        IdempotencyMismatch,
        PlacesUnavailable,
    ),
    headers=(IDEMPOTENCY_KEY,),
)
def accept_quote(
    merchant_id: str, quote_id: QuoteId, body: AcceptForm, raw_body: bytes, request: Request
) -> Response:
    """Accept a quote: create the delivery at its price.

    `items`, `window` and `store_external_id` may be left out, and must be as quoted where they are
    not; so must the address and the cash to collect. What else is asked at the door
    (`requirements`) may be said now. The same acceptance again is answered with the same delivery.
    """
    server_key = wiring.vault().server_key()
    find = cache(locate)

    def accept(uow: UnitOfWork) -> Answer:
        owner = merchant_store.load_merchant(uow, merchant_id)
        hub = merchant_store.load_hub(uow, owner.hub_id)
        order = body.order(owner.default_weight_g, articles_of(owner.id))
        delivery = service.accept_quote(uow, owner, hub, quote_id, order, find, server_key)
        return created(delivery, order)

    return once(merchant_id, request, raw_body, accept)
