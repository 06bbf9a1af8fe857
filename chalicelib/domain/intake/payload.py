"""How are platforms' bodies read without trusting them?

Parsed by pydantic straight from the signed bytes: NaN, half a surrogate, numbers of five thousand
digits, nesting without end and wrong types all end as ``Malformed`` or ``Invalid``, and what the
field was is told while what it held is not. Unknown fields are ignored, because platforms add some
every quarter.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from chalicelib.kit.errors import Invalid, Malformed

#: Header names are lower case here; the edge makes them so.
Headers = Mapping[str, str]

LONGEST_ID = 128
LONGEST_EVENT_ID = 200


class Payload(BaseModel):
    """Base of what platforms send."""

    model_config = ConfigDict(
        extra="ignore", frozen=True, allow_inf_nan=False, coerce_numbers_to_str=True
    )


def _exact_id(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("an id is a whole number or a text")
    text = str(value).strip()
    if not 1 <= len(text) <= LONGEST_ID or not text.isprintable():
        raise ValueError(f"an id has 1 to {LONGEST_ID} printable characters")
    return text


def _shop_time(at: datetime) -> datetime:
    # Anything else is a fault of the sender's clock, and years beyond these cannot be stored.
    if not 2000 <= at.year < 2200:
        raise ValueError("a time lies between the years 2000 and 2200")
    zoned = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return zoned.replace(microsecond=zoned.microsecond // 1000 * 1000)


def _none_is_empty(value: object) -> object:
    return () if value is None else value


#: Integers beyond 2^53 and texts alike, digit by digit.
Id = Annotated[str, BeforeValidator(_exact_id)]
#: To the millisecond, in UTC; a time without a zone is taken as UTC (WooCommerce's ``_gmt``).
ShopTime = Annotated[datetime, AfterValidator(_shop_time)]
#: Platforms write "no elements" as null, too.
type Elements[T] = Annotated[tuple[T, ...], BeforeValidator(_none_is_empty)]
Quantity = Annotated[float, Field(ge=0, le=100_000)]
Grams = Annotated[float, Field(ge=0, le=10_000_000)]
Millilitres = Annotated[float, Field(ge=0, le=100_000_000)]


def read[M: BaseModel](model: type[M], raw_body: bytes) -> M:
    """Parse a body.

    Raises
    ------
    Malformed
        If it is no JSON.
    Invalid
        If a field is not what the platform documents.
    """
    try:
        return model.model_validate_json(raw_body)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False, include_input=False)
    if any(detail["type"] == "json_invalid" for detail in details):
        raise Malformed("the body is not JSON")
    fields = [
        {"field": ".".join(map(str, detail["loc"]))[:200], "error": detail["msg"][:200]}
        for detail in details[:20]
    ]
    raise Invalid("the payload has wrong fields", fields=fields)


def header(headers: Headers, *names: str) -> str:
    """The first of these headers that is there; an empty text if none is."""
    return next((headers[name] for name in names if headers.get(name)), "")


def event_id(parts: Iterable[str], raw_body: bytes) -> str:
    """A key for the inbox: the platform's id as it is, or the body's digest when it has none."""
    given = [part for part in parts if part]
    text = ":".join(given)
    if len(given) > 1 and len(text) <= LONGEST_EVENT_ID and text.isascii() and text.isprintable():
        return text
    digest = hashlib.sha256(text.encode("utf-8", "replace") + b"\n" + raw_body)
    return f"sha256:{digest.hexdigest()}"
