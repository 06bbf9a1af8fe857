"""How requests are read and answered.

Bodies are capped before they are parsed and parsed by pydantic straight from the raw bytes, so that
nothing a stranger can write (NaN, half a surrogate, a five-thousand-digit number) is ever a fault
of ours.
"""

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, get_args, get_origin

from chalice.app import Request, Response
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)

from chalicelib.kit.errors import Invalid, Malformed, TooLarge, UnsupportedMedia
from chalicelib.kit.geo import LatLng

LARGEST_BODY_BYTES = 256 * 1024
_MOST_EXPLAINED = 500
#: Each wrong or missing field keeps a copy of what it stood in: sixty thousand empty objects in
#: 180 kB took 0.2 s to refuse. A batch of 100 full deliveries has 2,000 objects.
_MOST_OBJECTS, _MOST_COLONS = 15_000, 15_000

_UNPRINTABLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def clean(text: str) -> str:
    """Drop control and direction characters, which have no place in a name or an address."""
    return _UNPRINTABLE.sub("", text).strip()


def _written_out(value: Any) -> Any:
    if (isinstance(value, str) and value[4:5] == "-") or isinstance(value, date):
        return value
    raise ValueError("write it as in ISO 8601: 2026-11-27, or 2026-11-27T12:00:00Z")


def is_in_reach(day: date) -> bool:
    """Whether a week before it, a month after it and its time in another zone can be written, too;
    a phone whose clock has begun again at 1970 is still heard."""
    return 1900 <= day.year < 3000


def _in_reach[D: date](day: D) -> D:
    if not is_in_reach(day):
        raise ValueError("a year from 1900 to 2999")
    return day


def not_blank(text: str) -> str:
    if not text:
        raise ValueError("there is nothing to read in it")
    return text


#: What the documents say of a text that must not be blank; validators look closer.
NOT_BLANK = r"\S"
Text = Annotated[str, Field(max_length=300), AfterValidator(clean)]
#: Cleaned first: a space alone, or a mark that nobody sees, is no name.
Name = Annotated[
    str,
    Field(max_length=120, json_schema_extra={"pattern": NOT_BLANK}),
    AfterValidator(clean),
    AfterValidator(not_blank),
]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
#: Times and days are written out: pydantic alone would read ``"0"`` as the year 1970.
Instant = Annotated[
    AwareDatetime,
    Field(strict=False),
    BeforeValidator(_written_out),
    AfterValidator(_in_reach),
]
Day = Annotated[date, Field(strict=False), BeforeValidator(_written_out), AfterValidator(_in_reach)]


class Body(BaseModel):
    """Base of every request: unknown fields are refused, because they are misspelt ones.

    Types are taken at their word: a number is no time, and a text is no number. Validators are
    built when a form is first read: a cold start builds one, not all of them.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, strict=True, defer_build=True
    )


class Answer(BaseModel):
    """Base of every answer as it is documented; tests compare what is written with it."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def example(**values: Any) -> ConfigDict:
    """The ``model_config`` of a form with an example for the documents."""
    return ConfigDict(json_schema_extra={"examples": [values]})


class Positioned(Body):
    latitude: Latitude
    longitude: Longitude

    @property
    def position(self) -> LatLng:
        return LatLng(self.latitude, self.longitude)


def raw_body(request: Request, *, largest: int = LARGEST_BODY_BYTES) -> bytes:
    """The body's bytes; raise TooLarge before anybody parses them."""
    try:
        body: bytes = request.raw_body or b""
    except ValueError as error:
        # Half a surrogate, or something that is not base64.
        raise Malformed("the body is not text") from error
    if len(body) > largest:
        raise TooLarge(f"the body may have {largest} bytes")
    return body


def is_csv(request: Request) -> bool:
    """Whether the body says that it is a table of comma-separated values."""
    told: str = request.headers.get("content-type", "")
    return told.partition(";")[0].strip().lower() == "text/csv"


def require_media(request: Request, accepted: tuple[str, ...]) -> None:
    """Raise UnsupportedMedia for a body that says it is something else; silence counts as right."""
    told: str = (request.headers or {}).get("content-type") or accepted[0]
    if told.partition(";")[0].strip().lower() not in accepted:
        raise UnsupportedMedia(f"send the body as {accepted[0]}")


def parse_bytes[M: BaseModel](model: type[M], body: bytes) -> M:
    """Read a JSON body into a model; raise TooLarge, Malformed or Invalid."""
    if body.count(b"{") + body.count(b"[") > _MOST_OBJECTS or body.count(b":") > _MOST_COLONS:
        raise TooLarge(f"the body may have {_MOST_OBJECTS} objects and lists")
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise _explained(error) from error


def parse_value[M: BaseModel](model: type[M], value: Any) -> M:
    """Read a part of a body that was JSON into a model, as strictly as a body; raise Invalid."""
    return parse_bytes(model, json.dumps(value).encode())


def read_cells[M: BaseModel](model: type[M], cells: Mapping[str, object]) -> M:
    """Read a row of a table into a model, where every value is a text; raise Invalid."""
    try:
        return model.model_validate(cells, strict=False)
    except ValidationError as error:
        raise _explained(error) from error


def query[M: BaseModel](model: type[M], request: Request) -> M:
    """Read the query string into a model; raise Invalid."""
    try:
        return model.model_validate(_parameters(model, request), strict=False)
    except ValidationError as error:
        raise _explained(error) from error


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer that no cache keeps."""
    if isinstance(body, BaseModel):
        body = body.model_dump(mode="json")
    return Response(
        body=body,
        status_code=status,
        headers={
            "Content-Type": "application/json",
            "Cache-Control": "no-store",
            **(headers or {}),
        },
    )


def nothing() -> Response:
    """204: done, and there is nothing to read."""
    return Response(body="", status_code=204, headers={"Cache-Control": "no-store"})


def _parameters(model: type[BaseModel], request: Request) -> dict[str, Any]:
    """The query: the last of each parameter, or all of them where the model has a list."""
    given: Any = request.query_params
    if not given:
        return {}
    lists = {name for name, one in model.model_fields.items() if _is_list(one.annotation)}
    return {name: given.getlist(name) if name in lists else given[name] for name in given}


def _is_list(annotation: Any) -> bool:
    """Whether it is a list, however optional or annotated."""
    return get_origin(annotation) is list or any(
        _is_list(one) for one in get_args(annotation) if get_origin(one) is not None
    )


def _explained(error: ValidationError) -> Malformed:
    """Say which fields are wrong, without repeating what they held.

    Of a body with thousands of wrong fields only how many: listing them would take longer than
    everything else.
    """
    if error.error_count() > _MOST_EXPLAINED:
        return Invalid(f"the request has {error.error_count()} wrong fields")
    details = error.errors(include_url=False, include_context=False, include_input=False)
    if any(detail["type"] == "json_invalid" for detail in details):
        return Malformed("the body is not JSON")
    fields = [
        {"field": ".".join(str(part) for part in detail["loc"])[:200], "error": detail["msg"][:200]}
        for detail in details[:20]
    ]
    return Invalid("the request has wrong fields", fields=fields)
