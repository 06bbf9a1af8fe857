"""How does a program read what this API offers? OpenAPI 3.1, made from the declarations.

Nothing is written twice: paths, callers, forms, answers and errors are those of entry.surface, the
schemas those of the pydantic models. It is made when somebody first asks, never at a cold start.
Source: OpenAPI Specification 3.1.1, sections 4.8 (schema) and 4.8.30 (security requirement: for
schemes other than OAuth 2 the list may name the roles that are needed; ours are scopes).
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from chalicelib.domain.accounts.model import Audience
from chalicelib.entry import signed_in
from chalicelib.entry.auth import Role, Who
from chalicelib.entry.problems import TYPES
from chalicelib.entry.surface import Answer, Media, Route, errors_of
from chalicelib.kit.errors import LastmileError

Json = dict[str, Any]
#: How each form is referred to.
Refs = Mapping[type[BaseModel], Json]


class _InOrder(GenerateJsonSchema):
    """Keys stay as they were written: examples read better so."""

    def sort(self, value: Any, parent_key: str | None = None) -> Any:
        return value


_PROBLEM = "application/problem+json"
_REF = "#/components/schemas/{model}"
SCHEMES: Mapping[Role, tuple[str, str]] = {
    Role.OPERATOR: ("operatorKey", "The operations desk's key."),
    Role.MERCHANT: ("merchantKey", "A merchant's API key, `lm_live_...`; it carries scopes."),
    Role.DRIVER: ("driverToken", "A driver's access token, good for 15 minutes."),
}
#: Whoever has signed in needs no key: the cookie of a session, as far as the person's role goes.
SESSIONS: Mapping[Role, tuple[str, str, str]] = {
    Role.OPERATOR: (
        "deskSession",
        signed_in.COOKIES[Audience.DESK],
        "Somebody of the desk who has signed in; the token in it also counts as a bearer token.",
    ),
    Role.MERCHANT: (
        "teamSession",
        signed_in.COOKIES[Audience.TEAM],
        "A member of a merchant's team who has signed in; the token in it also counts as a bearer "
        "token.",
    ),
}
_ABOUT = (
    "Times are ISO 8601 with a zone, answered in UTC; weights are grams, volumes millilitres, "
    "distances metres, durations seconds. Unknown fields are refused, because they are misspelt "
    "ones. Lists take `limit` and `cursor`, and answer `next_cursor`, which is null at the end. "
    "Errors are `application/problem+json`; programs compare `code`."
)
_STATUS = {
    200: "Done",
    201: "Made",
    202: "Taken on",
    204: "Done",
    302: "It is elsewhere: see Location",
    303: "Done; look there: see Location",
    304: "It has not changed",
}


def document(routes: Iterable[Route], base_url: str) -> Json:
    """The whole document; ``base_url`` is where this deployment is reached."""
    routes = list(routes)
    schemas, refs = _schemas(routes)
    paths: dict[str, Json] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, refs)
    used = {error for route in routes for error in errors_of(route)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Lastmile",
            "version": "1",
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": base_url}],
        "tags": [{"name": tag} for tag in dict.fromkeys(route.tag for route in routes)],
        "paths": paths,
        "components": {
            "schemas": {"Problem": _problem_schema(), **schemas},
            "examples": {
                error.code: {"summary": error.title, "value": problem_example(error)}
                for error in sorted(used, key=lambda error: (error.status, error.code))
            },
            "securitySchemes": {
                name: {"type": "http", "scheme": "bearer", "description": what}
                for name, what in SCHEMES.values()
            }
            | {
                name: {"type": "apiKey", "in": "cookie", "name": cookie, "description": what}
                for name, cookie, what in SESSIONS.values()
            },
        },
    }


def problem_example(error: type[LastmileError]) -> Json:
    return {
        "type": f"{TYPES}:{error.code}",
        "title": error.title,
        "status": error.status,
        "code": error.code,
        "request_id": "0f3c1e0a-5b0e-4c7e-9a64-3d1c6b7a8e21",
        "retry": error.retry,
    }


def _schemas(routes: list[Route]) -> tuple[dict[str, Json], Refs]:
    """Every form's schema, and those of their parts; and how each form is referred to."""
    forms: dict[type[BaseModel], None] = {}
    for route in routes:
        for form in (route.body, *route.answers.values()):
            if isinstance(form, type):
                forms[form] = None
    referred, made = models_json_schema(
        [(form, "validation") for form in forms],
        ref_template=_REF,
        schema_generator=_InOrder,
    )
    text = json.dumps([{form.__name__: one} for (form, _), one in referred.items()])
    definitions = json.dumps(made.get("$defs", {}))
    for long, short in _short_names(made.get("$defs", {})).items():
        text, definitions = text.replace(long, short), definitions.replace(long, short)
    refs: dict[Any, Json] = {
        form: next(iter(one.values()))
        for (form, _), one in zip(referred, json.loads(text), strict=True)
    }
    schemas = sorted(json.loads(definitions).items())
    return {name: _tidy(schema) for name, schema in schemas}, refs


def _short_names(names: Iterable[str]) -> dict[str, str]:
    """Of two classes of one name, pydantic names both by their modules: here by room or file."""
    short = {}
    for name in names:
        *modules, last = name.split("__")
        if modules:
            place = modules[-2] if modules[-1] == "model" else modules[-1]
            place = place.removesuffix("_forms").removesuffix("_answers")
            short[name] = place.title().replace("_", "") + last
    return short


def _tidy(schema: Any) -> Any:
    """A schema without the titles that pydantic makes of every field's name."""
    if isinstance(schema, list):
        return [_tidy(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    tidied = {}
    for key, value in schema.items():
        if key == "properties":
            tidied[key] = {name: _tidy(one) for name, one in value.items()}
        elif key in ("examples", "default", "const", "enum"):
            tidied[key] = value
        elif key != "title":
            tidied[key] = _tidy(value)
    return tidied


def _operation(route: Route, refs: Refs) -> Json:
    operation: Json = {
        "operationId": route.name,
        "summary": route.summary.rstrip("."),
        "tags": [route.tag],
        "security": [one for who in route.who for one in _requirements(who)],
    }
    about = [route.description, *(f"No credential: {who.why}." for who in route.who if who.why)]
    if any(about):
        operation["description"] = "\n\n".join(filter(None, about))
    parameters = [*_path_parameters(route), *_query_parameters(route), *_headers(route)]
    if parameters:
        operation["parameters"] = parameters
    if route.takes_body:
        schema = {} if route.body is None else refs[route.body]
        operation["requestBody"] = {
            "required": route.needs_body,
            "content": {media: {"schema": schema} for media in route.accepts},
        }
    operation["responses"] = _responses(route, refs)
    return operation


def _requirements(who: Who) -> list[Json]:
    """What opens a door, each by itself: a key, or somebody's session."""
    if not who.role.has_bearer:
        return []
    scopes = [] if who.scope is None else [str(who.scope)]
    names = [SCHEMES[who.role][0]]
    names += [SESSIONS[who.role][0]] if who.role in SESSIONS else []
    return [{name: scopes} for name in names]


def _path_parameters(route: Route) -> list[Json]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": f"Which {part.noun}.",
            "schema": part.schema(),
        }
        for name, part in route.parts.items()
    ]


def _query_parameters(route: Route) -> list[Json]:
    if route.query is None:
        return []
    schema = route.query.model_json_schema(ref_template=_REF, schema_generator=_InOrder)
    required = set(schema.get("required", ()))
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "schema": _inlined(_without_null(_tidy(one)), schema.get("$defs", {})),
        }
        for name, one in schema.get("properties", {}).items()
    ]


def _inlined(schema: Any, definitions: Mapping[str, Json]) -> Any:
    """A schema with its references put in place: a query's parts are small."""
    if isinstance(schema, list):
        return [_inlined(one, definitions) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _tidy(_inlined(definitions[schema["$ref"].rpartition("/")[2]], definitions))
    return {key: _inlined(value, definitions) for key, value in schema.items()}


def _without_null(schema: Json) -> Json:
    """Left out is how a query says null."""
    options = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    kept = {key: value for key, value in schema.items() if key != "anyOf"}
    if kept.get("default", "") is None:
        del kept["default"]
    if len(options) == 1:
        return {**options[0], **kept}
    return {**kept, "anyOf": options} if options else kept


def _headers(route: Route) -> list[Json]:
    return [
        {
            "name": header.name,
            "in": "header",
            "required": header.required,
            "description": header.what,
            "schema": header.schema(),
        }
        for header in route.headers
    ]


def _responses(route: Route, refs: Refs) -> Json:
    responses: Json = {}
    for status, declared in route.answers.items():
        responses[str(status)] = _response(status, declared, refs)
    by_status: dict[int, list[type[LastmileError]]] = {}
    for error in errors_of(route):
        by_status.setdefault(error.status, []).append(error)
    for status, errors in sorted(by_status.items()):
        # A page may say an error in its own way, beside the problem.
        response = responses.setdefault(str(status), {"description": _said(errors)})
        content = response.setdefault("content", {})
        content[_PROBLEM] = _problem_content(errors)
    return responses


def _response(status: int, declared: Answer, refs: Refs) -> Json:
    if declared is None:
        return {"description": _STATUS[status]}
    if isinstance(declared, Media):
        return {
            "description": declared.what,
            # A checker reads what is JSON as JSON, whatever its name.
            "content": {declared.content_type: {"schema": {"type": _type_of(declared)}}},
        }
    what = (declared.__doc__ or "").partition("\n")[0] or _STATUS[status]
    return {"description": what, "content": {"application/json": {"schema": refs[declared]}}}


def _type_of(declared: Media) -> str:
    return "object" if declared.content_type.endswith("json") else "string"


def _said(errors: list[type[LastmileError]]) -> str:
    return "; ".join(f"`{error.code}`: {error.title}" for error in errors)


def _problem_content(errors: list[type[LastmileError]]) -> Json:
    codes = [error.code for error in errors]
    return {
        "schema": {
            "allOf": [{"$ref": _REF.format(model="Problem")}],
            "properties": {"code": {"enum": codes}},
        },
        "examples": {code: {"$ref": f"#/components/examples/{code}"} for code in codes},
    }


def _problem_schema() -> Json:
    text = {"type": "string"}
    return {
        "type": "object",
        "description": "What went wrong (RFC 9457). Programs compare `code`.",
        "required": ["type", "title", "status", "code", "request_id", "retry"],
        "properties": {
            "type": text,
            "title": text,
            "status": {"type": "integer"},
            "code": text,
            "request_id": {**text, "description": "Tell us this when you ask for help."},
            "retry": {"type": "boolean", "description": "The same may well succeed later."},
            "detail": text,
            "fields": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["field", "error"],
                    "properties": {"field": text, "error": text},
                },
            },
        },
    }
