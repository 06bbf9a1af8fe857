"""How requests are read and answered.

Bodies are capped before they are parsed and parsed by pydantic straight from the raw bytes, so that
nothing a stranger can write (NaN, half a surrogate, a five-thousand-digit number) is ever a fault
of ours.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, get_args, get_origin

from chalice.app import Request, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from chalicelib.kit.errors import Invalid, Malformed, TooLarge, UnsupportedMedia
from chalicelib.kit.geo import LatLng

LARGEST_BODY_BYTES = 256 * 1024

_UNPRINTABLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def clean(text: str) -> str:
    """Drop control and direction characters, which have no place in a name or an address."""
    return _UNPRINTABLE.sub("", text).strip()


def _not_blank(text: str) -> str:
    if not text:
        raise ValueError("there is nothing to read in it")
    return text


Text = Annotated[str, Field(max_length=300), AfterValidator(clean)]
#: Cleaned first: a space alone, or a mark that nobody sees, is no name.
Name = Annotated[str, Field(max_length=120), AfterValidator(clean), AfterValidator(_not_blank)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Instant = AwareDatetime


class Body(BaseModel):
    """Base of every request: unknown fields are refused, because they are misspelt ones.

    Validators are built when a form is first read: a cold start builds one, not all of them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


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
    """Read a JSON body into a model; raise Malformed or Invalid."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise _explained(error) from error


def read_cells[M: BaseModel](model: type[M], cells: Mapping[str, object]) -> M:
    """Read a row of a table into a model, where every value is a text; raise Invalid."""
    try:
        return model.model_validate(cells)
    except ValidationError as error:
        raise _explained(error) from error


def query[M: BaseModel](model: type[M], request: Request) -> M:
    """Read the query string into a model; raise Invalid."""
    try:
        return model.model_validate(_parameters(model, request))
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


def _parameters(model: type[BaseModel], request: Request) -> dict[str, Any]:
    """The query: the last of each parameter, or all of them where the model has a list."""
    given: Any = request.query_params
    if not given:
        return {}
    lists = {name for name, one in model.model_fields.items() if _is_list(one.annotation)}
    return {name: given.getlist(name) if name in lists else given[name] for name in given}


def _is_list(annotation: Any) -> bool:
    return any(get_origin(one) is list for one in (annotation, *get_args(annotation)))


def _explained(error: ValidationError) -> Malformed:
    """Say which fields are wrong, without repeating what they held."""
    details = error.errors(include_url=False, include_context=False, include_input=False)
    if any(detail["type"] == "json_invalid" for detail in details):
        return Malformed("the body is not JSON")
    fields = [
        {"field": ".".join(str(part) for part in detail["loc"])[:200], "error": detail["msg"][:200]}
        for detail in details[:20]
    ]
    return Invalid("the request has wrong fields", fields=fields)
