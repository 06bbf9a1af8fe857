"""The declarations of the routes: nobody is let in by mistake, and the documents tell no lies."""

import re
from typing import Any

import pytest
from chalice.app import Blueprint, Chalice, Response
from chalice.test import Client
from pydantic import BaseModel

from app import app
from chalicelib.domain.merchants.model import Scope
from chalicelib.entry import rest
from chalicelib.entry.auth import DRIVER, OPERATOR, RECIPIENT, Role, Who, merchant, public
from chalicelib.entry.path_parts import DeliveryId, MerchantId
from chalicelib.entry.problems import problem
from chalicelib.entry.surface import Doors, Route, View, routes_of
from chalicelib.kit.errors import DriverBusy, Invalid
from tests.entry import promises
from tests.house import sources

ROUTES = list(routes_of(app))
FORMS = sorted(
    {
        form
        for route in ROUTES
        for form in (route.body, *route.answers.values())
        if isinstance(form, type)
    },
    key=lambda form: form.__name__,
)


class Ok(rest.Answer):
    """Fine."""

    ok: bool


class Asked(rest.Body):
    kinds: list[str] | None = None
    limit: int = 5


def test_every_route_of_the_app_is_declared() -> None:
    """Default deny: a route that Chalice knows and the surface does not is a hole."""
    undeclared = [
        f"{method} {path}"
        for path, methods in app.routes.items()
        for method, entry in methods.items()
        if not isinstance(getattr(entry.view_function, "route", None), Route)
    ]
    assert undeclared == []
    assert len(ROUTES) > 20


def test_nobody_else_registers_routes() -> None:
    registering = [
        str(path)
        for path in sources.tracked(".py")
        if path.parts[0] == "chalicelib" and re.search(r"\b(bp|app)\.route\(", sources.read(path))
    ]
    assert registering == ["chalicelib/entry/surface.py"]


def test_every_public_route_says_why() -> None:
    silent = [
        route.name
        for route in ROUTES
        for who in route.who
        if not who.role.has_bearer and not who.why
    ]
    assert silent == []


def test_the_doors_without_a_credential_are_these() -> None:
    """Whoever opens another one changes this line too, and is asked why."""
    assert {route.path for route in ROUTES if route.roles == {Role.PUBLIC}} == {
        "/",
        "/calculator",
        "/d",
        "/d/manifest.webmanifest",
        "/d/sw.js",
        "/docs",
        "/healthz",
        "/m/sign-in",
        "/openapi.json",
        "/ops/sign-in",
        "/rates/bigcommerce/{merchant_id}/check_connection_options",
        "/s/{name}",
        "/shops/{merchant_id}/track",
        "/track",
        "/v1/driver/codes",
        "/v1/driver/tokens",
        "/v1/driver/tokens/refresh",
        "/v1/trackers/{device_key}",
        "/widget.js",
    }


def test_no_two_operations_share_a_name() -> None:
    names = [entry.view_name for methods in app.routes.values() for entry in methods.values()]
    assert len(set(names)) == len(ROUTES)


def test_every_route_has_its_chapter_in_the_api_page() -> None:
    page = sources.read("docs/api.md")
    missing = [
        f"{route.method} {route.path}"
        for route in ROUTES
        if not re.search(rf"^#+ {route.method} {re.escape(route.path)}(\?|$)", page, re.M)
    ]
    assert missing == []


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_every_form_has_an_example_that_is_true(form: type[BaseModel]) -> None:
    extra: Any = form.model_config.get("json_schema_extra") or {}
    assert "examples" in extra, "give it model_config = rest.example(...)"
    for example in extra["examples"]:
        form.model_validate_json(rest_json(example))


def rest_json(value: Any) -> bytes:
    return bytes(rest.answer(value).to_dict()["body"], "utf-8")


def declare(view: View, path: str = "/x", **declared: Any) -> None:
    promises = {"who": (OPERATOR,), "answers": {200: Ok}, **declared}
    Doors(Blueprint(__name__), tag="x").route("GET", path, **promises)(view)


def plain() -> dict[str, bool]:
    """Say yes."""
    return {"ok": True}


def of_a_merchant(merchant_id: str) -> dict[str, bool]:
    """Say yes."""
    return {"ok": True}


def of_a_driver(driver_id: str) -> dict[str, bool]:
    """Say yes."""
    return {"ok": True}


def of_a_delivery(delivery_id: DeliveryId) -> dict[str, bool]:
    """Say yes."""
    return {"ok": True}


def of_a_bare_part(delivery_id: str) -> dict[str, bool]:
    """Say yes."""
    return {"ok": True}


def silent() -> None:
    pass


@pytest.mark.parametrize(
    ("view", "declared", "complaint"),
    [
        (plain, {"who": ()}, "who may call"),
        (plain, {"answers": {}}, "what it answers"),
        (plain, {"who": (OPERATOR, public("why not"))}, "stand alone"),
        (plain, {"who": (RECIPIENT,)}, "has a {token}"),
        (plain, {"who": (Who(Role.MERCHANT),)}, "names its scope"),
        (of_a_merchant, {"who": (OPERATOR,)}, "nobody supplies merchant_id"),
        (of_a_driver, {"who": (OPERATOR, DRIVER)}, "belongs to routes of drivers"),
        (of_a_delivery, {}, "nobody supplies delivery_id"),
        (of_a_bare_part, {"path": "/x/{delivery_id}"}, "needs a kind"),
        (plain, {"path": "/x/{delivery_id}"}, "unread"),
        (silent, {}, "docstring"),
    ],
)
def test_a_wrong_declaration_is_refused_when_it_is_imported(
    view: View, declared: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(TypeError, match=re.escape(complaint)):
        declare(view, **declared)


def test_a_merchant_who_names_another_one_finds_nothing(doors: Any) -> None:
    """``{merchant_id}`` in a path is the caller's own, or it does not exist."""
    small = Chalice(app_name="small")
    bp = Blueprint(__name__)

    @Doors(bp, tag="x").route(
        "GET",
        "/m/{merchant_id}",
        who=(OPERATOR, merchant(Scope.SETTINGS_READ)),
        answers={200: Ok},
    )
    def show(merchant_id: MerchantId) -> dict[str, bool]:
        """Say yes."""
        return {"ok": True}

    small.register_blueprint(bp)
    stage = doors.stage
    own, other = f"/m/{stage.merchant_id}", "/m/mer_01m83qpn9gec8xh7wbacsaen6x"
    with Client(small) as client:

        def status(path: str, token: str) -> int:
            headers = {"Authorization": f"Bearer {token}"}
            return int(client.http.get(path, headers=headers).status_code)

        assert status(own, stage.api_key) == 200
        assert status(other, stage.api_key) == 404
        assert status(own, stage.other_api_key) == 404
        assert status(other, "operator") == 200
        assert status("/m/mer_1", "operator") == 404


def test_a_repeated_parameter_is_a_list_where_a_list_is_declared() -> None:
    small = Chalice(app_name="small")
    bp = Blueprint(__name__)
    asked: list[Asked] = []

    @Doors(bp, tag="x").route("GET", "/q", who=(public("a test"),), answers={200: Ok})
    def ask(query: Asked) -> dict[str, bool]:
        """Say yes."""
        asked.append(query)
        return {"ok": True}

    small.register_blueprint(bp)
    with Client(small) as client:
        assert client.http.get("/q?kinds=a&kinds=b&limit=1&limit=2").status_code == 200
        assert client.http.get("/q?limit=1&kind=a").status_code == 422
    assert asked == [Asked(kinds=["a", "b"], limit=2)]


@pytest.mark.parametrize(
    ("response", "complaint"),
    [
        (rest.answer({"status": "ok"}), ""),
        (rest.answer({"status": "ok", "mood": "good"}), "mood"),
        (rest.answer({}), "Field required"),
        (rest.answer({"status": "ok"}, 201), "undeclared status"),
        (problem(DriverBusy(), "r"), "undeclared code driver_busy"),
    ],
)
def test_an_answer_that_breaks_its_promise_is_told(response: Response, complaint: str) -> None:
    """Else every test of an answer would prove nothing."""
    healthz = next(route for route in ROUTES if route.name == "healthz")
    told = promises.broken(healthz, response)
    assert (complaint in told) if complaint else (told == "")


class Dated(rest.Body):
    at: rest.Instant | None = None
    day: rest.Day | None = None
    count: int = 1
    weight: float = 1.0


@pytest.mark.parametrize(
    "body",
    [
        b'{"at": "2026-11-27T12:00:00Z"}',
        b'{"at": "2026-11-27T12:00:00+01:00", "day": "2026-11-27"}',
        b'{"count": 2, "weight": 2}',
    ],
)
def test_what_is_written_as_documented_is_read(body: bytes) -> None:
    rest.parse_bytes(Dated, body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"at": 0}',
        b'{"at": "0"}',
        b'{"at": "2026-11-27T12:00:00"}',
        b'{"at": false}',
        b'{"day": 20000}',
        b'{"day": "20000"}',
        b'{"count": "2"}',
        b'{"count": true}',
        b'{"weight": "2"}',
        b'{"weight": false}',
    ],
)
def test_types_are_taken_at_their_word(body: bytes) -> None:
    """A schema that says time and a door that reads 0 as 1970 would disagree."""
    with pytest.raises(Invalid):
        rest.parse_bytes(Dated, body)
