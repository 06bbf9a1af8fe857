"""What can go wrong? Every error that Lastmile raises on purpose, drawn once.

::

    LastmileError                      500 internal_error
    ├── Malformed                      400 malformed_request      the body cannot be read
    │   └── Invalid                    422 validation_error       it reads, a field is wrong
    │       └── UnusableArea           422 unusable_area
    ├── TooLarge                       413 payload_too_large
    ├── UnsupportedMedia               415 unsupported_media_type
    ├── Unauthenticated                401 authentication_error
    │   ├── BadSignature               401 bad_signature
    │   └── WrongCode                  401 wrong_code
    ├── NotAllowed                     403 authorization_error
    ├── NotFound                       404 not_found
    ├── Conflict                       409 conflict
    │   ├── IllegalTransition          409 illegal_transition
    │   ├── NoncancelableDelivery      409 noncancelable_delivery
    │   ├── StaleVersion               409 stale_version          retry
    │   ├── OfferTaken                 409 offer_taken
    │   ├── OfferExpired               409 offer_expired
    │   ├── DriverBusy                 409 driver_busy
    │   ├── DuplicateDelivery          409 duplicate_delivery
    │   ├── UndoTooLate                409 undo_too_late
    │   ├── WrongPin                   409 wrong_pin
    │   ├── WrongBarcode               409 wrong_barcode
    │   ├── ProofMissing               409 proof_missing
    │   ├── WrongCollectionCode        409 wrong_collection_code
    │   ├── CurrencyMismatch           409 currency_mismatch
    │   ├── IdempotencyMismatch        409 idempotency_mismatch
    │   ├── NoCapacityLeft             409 no_capacity_left
    │   ├── TooManyWebhookEndpoints    409 too_many_webhook_endpoints
    │   ├── WebhookEndpointDisabled    409 webhook_endpoint_disabled
    │   ├── UsedQuote                  409 used_quote
    │   └── MismatchedQuote            409 mismatched_quote
    ├── Gone                           410 gone
    │   ├── LinkExpired                410 link_expired
    │   └── ExpiredQuote               410 expired_quote
    ├── Undeliverable                  422 address_undeliverable
    │   └── ImpossibleRequirements     422 impossible_requirements
    ├── ShopError                      422 shop_error
    │   ├── ShopRefused                422 shop_refused
    │   ├── ShopRejected               422 shop_rejected
    │   └── ShopAddressRefused         422 shop_address_refused
    ├── TooManyRequests                429 rate_limited           retry
    └── Upstream                       503 upstream_unavailable   retry
        ├── BatchCutShort              503 batch_cut_short        retry
        ├── TextNotSent                503 text_not_sent          retry
        ├── PlacesUnavailable          503 places_unavailable     retry
        └── ShopUnavailable            503 shop_unavailable       retry

``code`` is stable and documented in docs/errors.md (a test compares the two); ``detail`` is safe to
show to a stranger: it never carries personal data. The edge alone turns errors into answers. What
merchants' shops do wrong stands in ``kit.shop_errors``, what goes wrong at the desk in
``kit.desk_errors``: branches of the same tree.
"""

from collections.abc import Mapping, Sequence
from typing import Any


class LastmileError(Exception):
    """Root of the tree; raised as itself only for faults of our own."""

    status = 500
    code = "internal_error"
    title = "Something went wrong on our side"
    retry = False

    def __init__(
        self,
        detail: str = "",
        *,
        fields: Sequence[Mapping[str, str]] = (),
        extra: Mapping[str, Any] | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.retry_after_s = retry_after_s
        self.detail = detail
        self.fields = tuple(fields)
        self.extra: dict[str, Any] = dict(extra or {})


class Malformed(LastmileError):
    """The request cannot be read at all."""

    status = 400
    code = "malformed_request"
    title = "The request cannot be read"


class Invalid(Malformed):
    """The request reads well, and a field of it is wrong; ``fields`` says which."""

    status = 422
    code = "validation_error"
    title = "A field is wrong"


class UnusableArea(Invalid):
    """A polygon that no service area can be made of; ``extra.reason`` says why."""

    code = "unusable_area"
    title = "The area cannot be used"


class TooLarge(LastmileError):
    """The body is larger than we take."""

    status = 413
    code = "payload_too_large"
    title = "The body is too large"


class UnsupportedMedia(LastmileError):
    """The body is of a kind that the route does not read."""

    status = 415
    code = "unsupported_media_type"
    title = "The body's content type is not one that we read here"


class Unauthenticated(LastmileError):
    """No credential, or one that we do not know: which of the two is not said."""

    status = 401
    code = "authentication_error"
    title = "The credential is missing or unknown"


class BadSignature(Unauthenticated):
    """A webhook's signature does not match its bytes; an unknown shop is answered alike."""

    code = "bad_signature"
    title = "The signature does not match"


class WrongCode(Unauthenticated):
    """A one-time code is wrong, used up or too old; which of the three is not said."""

    code = "wrong_code"
    title = "The code is wrong or too old"


class NotAllowed(LastmileError):
    """The credential is good, and lacks the scope for this."""

    status = 403
    code = "authorization_error"
    title = "This key may not do that"


class NotFound(LastmileError):
    """It does not exist, or is somebody else's: the answer is the same."""

    status = 404
    code = "not_found"
    title = "There is no such thing"


class Conflict(LastmileError):
    """It cannot be done to the thing as it now is."""

    status = 409
    code = "conflict"
    title = "That does not go with the present state"


class IllegalTransition(Conflict):
    """The delivery's life does not allow this step from where it is."""

    code = "illegal_transition"
    title = "The delivery cannot take this step now"


class NoncancelableDelivery(Conflict):
    """The delivery is over; ``reason`` says how."""

    code = "noncancelable_delivery"
    title = "The delivery can no longer be cancelled"


class StaleVersion(Conflict):
    """Somebody else changed it meanwhile: load again, decide again."""

    code = "stale_version"
    title = "It changed meanwhile"
    retry = True


class OfferTaken(Conflict):
    """Another driver said yes first, or the offer was withdrawn."""

    code = "offer_taken"
    title = "The route is taken"


class OfferExpired(Conflict):
    """The offer's time had run out by the server's clock."""

    code = "offer_expired"
    title = "The offer has expired"


class DriverBusy(Conflict):
    """The driver already has a route under way."""

    code = "driver_busy"
    title = "You already have a route"


class DuplicateDelivery(Conflict):
    """The merchant's ``external_id`` has a delivery already; ``delivery_id`` names it."""

    code = "duplicate_delivery"
    title = "There is a delivery for this order already"


class UndoTooLate(Conflict):
    """A mis-tap can be taken back for five minutes only, and before the next step."""

    code = "undo_too_late"
    title = "It is too late to undo that"


class WrongPin(Conflict):
    """The four digits are not the ones on the recipient's page."""

    code = "wrong_pin"
    title = "The PIN is wrong"


class WrongBarcode(Conflict):
    """What was scanned at the door is not this parcel's label."""

    code = "wrong_barcode"
    title = "This is another parcel's label"


class ProofMissing(Conflict):
    """A handover lacks what was asked for at this door; ``extra.missing`` names it."""

    code = "proof_missing"
    title = "Something that is asked for at this door is missing"


class WrongCollectionCode(Conflict):
    """The digits are not those of the parcel; after five in an hour none are, for that hour."""

    code = "wrong_collection_code"
    title = "That is not the parcel's code"


class CurrencyMismatch(Conflict):
    """Amounts of two currencies met; they are never added, and never converted."""

    code = "currency_mismatch"
    title = "Two currencies do not mix"


class IdempotencyMismatch(Conflict):
    """The same ``Idempotency-Key`` came with another body."""

    code = "idempotency_mismatch"
    title = "This idempotency key was used for another request"


class NoCapacityLeft(Conflict):
    """Somebody else took the last place of the window or of the day."""

    code = "no_capacity_left"
    title = "There is no room left at that time"


class TooManyWebhookEndpoints(Conflict):
    """The merchant has as many webhook endpoints as one may have."""

    code = "too_many_webhook_endpoints"
    title = "There are enough webhook endpoints"


class WebhookEndpointDisabled(Conflict):
    """Nothing is sent to a disabled endpoint, not even by hand."""

    code = "webhook_endpoint_disabled"
    title = "The webhook endpoint is disabled"


class UsedQuote(Conflict):
    """The quote has become a delivery already; ``extra.delivery_id`` names it."""

    code = "used_quote"
    title = "This quote has been accepted before"


class MismatchedQuote(Conflict):
    """What is accepted is not what was quoted; ``fields`` says what differs."""

    code = "mismatched_quote"
    title = "This is not what was quoted"


class Gone(LastmileError):
    """It was there, and is over."""

    status = 410
    code = "gone"
    title = "It is no longer there"


class LinkExpired(Gone):
    """A recipient's link outlived its delivery by more than it may."""

    code = "link_expired"
    title = "This link has expired"


class ExpiredQuote(Gone):
    """A quote's price is kept for fifteen minutes only."""

    code = "expired_quote"
    title = "This quote has expired"


class Undeliverable(LastmileError):
    """We do not deliver there, or cannot tell where it is; ``reason`` says which."""

    status = 422
    code = "address_undeliverable"
    title = "We cannot deliver there"


class ImpossibleRequirements(Undeliverable):
    """What is wished at the door excludes itself or cannot be done; ``extra.reason`` says why."""

    code = "impossible_requirements"
    title = "What is wished at the door cannot be done"


class TooManyRequests(LastmileError):
    """The key has used up its calls; the answer says when there are new ones."""

    status = 429
    code = "rate_limited"
    title = "Too many requests"
    retry = True


class Upstream(LastmileError):
    """Something that we call did not answer; trying again is right."""

    status = 503
    code = "upstream_unavailable"
    title = "A service that we need did not answer"
    retry = True


class BatchCutShort(Upstream):
    """The time of a batch was over before this item was begun; nothing was done about it."""

    code = "batch_cut_short"
    title = "The item was not begun"


class TextNotSent(Upstream):
    """The text service refused or did not answer before it took the text."""

    code = "text_not_sent"
    title = "The text could not be sent"


class PlacesUnavailable(Upstream):
    """The geocoder did not answer."""

    code = "places_unavailable"
    title = "The address service did not answer"


def code_of(error: Exception) -> str:
    """The code that a log names it by; what is none of ours is an internal error."""
    return error.code if isinstance(error, LastmileError) else LastmileError.code


def all_errors(root: type[LastmileError] = LastmileError) -> list[type[LastmileError]]:
    """The whole tree, depth first: what docs/errors.md must list."""
    return [root, *(error for child in root.__subclasses__() for error in all_errors(child))]
