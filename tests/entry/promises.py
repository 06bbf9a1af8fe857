"""Do answers keep what their routes declare? Listens to every answer of the stage's tests."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from chalice.app import Response
from pydantic import BaseModel, ValidationError

from chalicelib.entry import surface
from chalicelib.entry.surface import Media, Route


@contextmanager
def kept() -> Iterator[None]:
    """Fail at the end if any answer meanwhile was not as declared."""
    complaints: list[str] = []

    def listen(route: Route, response: Response) -> None:
        found = broken(route, response)
        if found:
            complaints.append(f"{route.name} {response.status_code}: {found}")

    surface.listeners.append(listen)
    try:
        yield
    finally:
        surface.listeners.remove(listen)
    found = sorted(set(complaints))
    assert found == [], found


def broken(route: Route, response: Response) -> str:
    """What is wrong with an answer; nothing if it is as declared."""
    media = response.headers.get("Content-Type", "").partition(";")[0]
    if media == "application/problem+json":
        return _broken_problem(route, response)
    if response.status_code not in route.answers:
        return "undeclared status"
    declared = route.answers[response.status_code]
    if isinstance(declared, Media):
        known = declared.content_type in (media, "*/*")
        return "" if known else f"undeclared medium {media}"
    if declared is None:
        return "" if not response.body else "an undeclared body"
    return _broken_body(declared, response)


def _broken_problem(route: Route, response: Response) -> str:
    code = response.body["code"]
    known = {(error.code, error.status) for error in surface.errors_of(route)}
    return "" if (code, response.status_code) in known else f"undeclared code {code}"


def _broken_body(declared: type[BaseModel], response: Response) -> str:
    body = response.body
    text = body if isinstance(body, str) else json.dumps(body, default=str)
    try:
        declared.model_validate_json(text)
    except ValidationError as error:
        return str(error)
    return ""
