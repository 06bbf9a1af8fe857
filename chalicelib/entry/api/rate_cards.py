"""Rate cards: set by the operator, read by the merchants that pay by them, tried by both.

A merchant reads its own cards and the network's, which count for whoever has none; another
merchant's are simply not found.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from chalice.app import Blueprint
from pydantic import Field

from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Scope
from chalicelib.domain.pricing import rules, store
from chalicelib.domain.pricing.model import RateCard
from chalicelib.entry import rest, work
from chalicelib.entry.api import rate_card_answers as answers
from chalicelib.entry.api.rate_card_forms import NewRateCard, PreviewForm
from chalicelib.entry.auth import MANAGER, OPERATOR, Caller, Role, merchant
from chalicelib.entry.path_parts import VersionNumber
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import CurrencyMismatch, NotFound
from chalicelib.storage.keys import NETWORK
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Prices")

READERS = (OPERATOR, merchant(Scope.SETTINGS_READ))


class WhoseCard(rest.Body):
    """``owner``: the merchant's, the network's or the built-in card; a merchant need not name
    itself, and the operator who names no merchant means the network."""

    merchant_id: Annotated[str, Field(max_length=64)] | None = None
    owner: answers.Owner | None = None


class CardPage(WhoseCard):
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[str, Field(max_length=1024)] | None = None


@doors.route(
    "POST",
    "/v1/rate-cards",
    who=(MANAGER,),
    answers={201: answers.SavedRateCard},
    errors=(NotFound,),
)
def save_rate_card(body: NewRateCard) -> Mapping[str, Any]:
    """Set a merchant's rate card, or the network's.

    It is a new version that counts from now on. Deliveries that were promised before keep their
    price, and the fees that follow it, by the version that they were promised by.
    """
    card = body.card()
    owner = body.merchant_id or NETWORK

    def save(uow: UnitOfWork) -> RateCard:
        if body.merchant_id is not None:
            double = merchants.load_merchant(uow, body.merchant_id).test_id
            if double is not None:
                store.save_card(uow, double, card)
        return store.save_card(uow, owner, card)

    return answers.write_card(work.run(save))


@doors.route(
    "GET",
    "/v1/rate-cards",
    who=READERS,
    answers={200: answers.RateCardPage},
    errors=(NotFound,),
)
def list_rate_cards(caller: Caller, query: CardPage) -> Mapping[str, Any]:
    """List the versions of a rate card, newest first, with the card that counts now."""
    uow = work.begin()
    merchant_id = _merchant_id(uow, caller, query)
    versions, cursor = store.list_versions(
        uow, _owner(merchant_id, query), limit=query.limit, after=query.cursor
    )
    return {
        "current": answers.write_card(store.load_card(uow, merchant_id or NETWORK)),
        "rate_cards": [answers.write_card(card) for card in versions],
        "next_cursor": cursor,
    }


@doors.route(
    "GET",
    "/v1/rate-cards/{version}",
    who=READERS,
    answers={200: answers.SavedRateCard},
)
def show_rate_card(
    caller: Caller, version: Annotated[int, VersionNumber("rate card")], query: WhoseCard
) -> Mapping[str, Any]:
    """Show a version of a rate card as it was saved."""
    uow = work.begin()
    owner = _owner(_merchant_id(uow, caller, query), query)
    return answers.write_card(store.load_version(uow, owner, version))


@doors.route(
    "POST",
    "/v1/rate-cards/preview",
    who=READERS,
    answers={200: answers.PreviewedPrice},
    errors=(CurrencyMismatch,),
)
def preview_price(caller: Caller, body: PreviewForm) -> Mapping[str, Any]:
    """Price an example by a draft, or by the card that counts now; nothing is kept."""
    if body.rate_card is not None:
        card = body.rate_card.card()
    else:
        card = store.load_card(work.begin(), caller.id or NETWORK)
    return answers.write_preview(card, rules.price(card, body.job.job(card.currency)))


def _merchant_id(uow: UnitOfWork, caller: Caller, query: WhoseCard) -> str | None:
    """Whose cards are asked for; raise NotFound when a merchant asks for another's, or the operator
    for those of nobody."""
    if caller.role is Role.OPERATOR:
        if query.merchant_id is not None:
            merchants.load_merchant(uow, query.merchant_id)
        return query.merchant_id
    if query.merchant_id not in (None, caller.id):
        raise NotFound("there is no such merchant")
    return caller.id


def _owner(merchant_id: str | None, query: WhoseCard) -> str:
    chosen = query.owner or ("network" if merchant_id is None else "merchant")
    if chosen == "merchant":
        if merchant_id is None:
            raise NotFound("there is no such merchant")
        return merchant_id
    return NETWORK if chosen == "network" else store.BUILT_IN
