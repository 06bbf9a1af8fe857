"""What does a route promise? One declaration per route: who may call, what goes in, what comes out.

The declaration works out the caller, reads the path, the query and the body, and hands them to the
view; so no view can forget to ask who is there. ``/openapi.json``, ``/docs`` and the tests of every
route for every role are made from it. A worked example, whole::

    bp = Blueprint(__name__)
    doors = Doors(bp, tag="Quotes")


    class QuoteForm(rest.Body):                       # what they send
        dropoff: DropoffForm
        model_config = rest.example(dropoff={...})    # one example; it must be valid


    class QuoteAnswer(rest.Answer):                   # what they read
        '''A price that holds for fifteen minutes.'''
        id: str
        amount_minor: int
        model_config = rest.example(id="qte_...", amount_minor=690)


    QuoteId = Annotated[str, IdOf("qte", "quote")]    # a part of a path (entry.path_parts)


    @doors.route(
        "POST",
        "/v1/quotes/{quote_id}/accept",
        who=(merchant(Scope.QUOTES),),                # or OPERATOR, DRIVER, RECIPIENT, public(why)
        answers={201: DeliveryAnswer},                # the first is the one of a plain return
        errors=(ExpiredQuote, UsedQuote),             # only its own; see errors_of
    )
    def accept_quote(merchant_id: str, quote_id: QuoteId, body: QuoteForm) -> Mapping[str, Any]:
        '''Accept a quote.

        The first line is the summary in /docs, the rest the description. The name of the function
        is the operation's id.
        '''
        ...
        return {"id": ..., "status": ...}             # 201; or rest.answer(...) for anything else

A view takes, by name and in any order, what it needs of

=============  ===================================================================================
merchant_id    the caller's merchant. With ``{merchant_id}`` in the path: that one, and a merchant
               who names another gets the 404 of a merchant that does not exist; on a page of the
               portal, the merchant of whoever signed in
driver_id      the caller's driver; on the desk's routes, the one in the path
caller         the ``auth.Caller``, where several roles are let in
sender         what ``signed(verify)`` made of the signature
body           a ``rest.Body``; an empty body is as good as ``{}`` where no field is required
query          a ``rest.Body`` of the query string; a list field takes a repeated parameter
raw_body       the bytes, capped
request        Chalice's request, for declared headers
anything else  a part of the path, annotated with its kind
=============  ===================================================================================

The order is: caller, path, body or query, view. What a declaration gets wrong is a TypeError when
the module is imported.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chalice.app import Blueprint, Chalice, Request, Response
from pydantic import BaseModel

from chalicelib.entry import forms, limits, rest, to_sign_in
from chalicelib.entry.auth import AUDIENCES, Caller, Role, SignInFirst, Who, identify
from chalicelib.entry.observed import answered
from chalicelib.entry.path_parts import PathPart
from chalicelib.kit import errors as problems
from chalicelib.kit.errors import LastmileError

View = Callable[..., Any]
_JSON = "application/json"
_SUPPLIED = {"request", "caller", "sender", "raw_body", "body", "query", "driver_id"}


@dataclass(frozen=True, slots=True)
class Media:
    """An answer that is not JSON."""

    content_type: str
    what: str


@dataclass(frozen=True, slots=True)
class Header:
    """A header that a route reads; ``pattern`` is what its value must match."""

    name: str
    what: str
    example: str
    pattern: str = ""
    required: bool = False

    def schema(self) -> dict[str, Any]:
        pattern = {"pattern": self.pattern} if self.pattern else {}
        return {"type": "string", "minLength": 1, **pattern, "examples": [self.example]}


#: What is answered with a status: a form, a medium, or nothing at all (a redirect, a 204).
Answer = type[BaseModel] | Media | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """All that there is to know about a route."""

    method: str
    path: str
    who: tuple[Who, ...]
    answers: Mapping[int, Answer]
    errors: tuple[type[LastmileError], ...]
    tag: str
    headers: tuple[Header, ...]
    accepts: tuple[str, ...]
    largest_body_bytes: int
    may_be_empty: bool
    view: View
    wants: frozenset[str]
    parts: Mapping[str, PathPart]
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    summary: str
    description: str

    @property
    def name(self) -> str:
        return self.view.__name__

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(who.role for who in self.who)

    @property
    def takes_body(self) -> bool:
        return self.body is not None or "raw_body" in self.wants

    @property
    def needs_body(self) -> bool:
        """Whether an empty body would lack a field."""
        if self.body is None:
            return "raw_body" in self.wants and not self.may_be_empty
        return any(one.is_required() for one in self.body.model_fields.values())


#: Tests listen here: every answer is compared with what its route declares.
listeners: list[Callable[[Route, Response], None]] = []


@dataclass(frozen=True, slots=True)
class Doors:
    """The routes of one Blueprint; ``tag`` is the chapter of /docs that they stand in."""

    bp: Blueprint
    tag: str

    def route(
        self,
        method: str,
        path: str,
        *,
        who: tuple[Who, ...],
        answers: Mapping[int, Answer],
        errors: tuple[type[LastmileError], ...] = (),
        headers: tuple[Header, ...] = (),
        accepts: tuple[str, ...] = (_JSON,),
        largest_body_bytes: int = rest.LARGEST_BODY_BYTES,
        may_be_empty: bool = False,
        also_head: bool = False,
    ) -> Callable[[View], View]:
        """Declare a route and register it with Chalice."""

        def declare(view: View) -> View:
            summary, _, description = inspect.cleandoc(view.__doc__ or "").partition("\n")
            if not summary:
                raise TypeError(f"{view.__name__} has no docstring for /docs")
            route = Route(
                method=method,
                path=path,
                who=who,
                answers=_with_sign_in(answers, who),
                errors=errors,
                tag=self.tag,
                headers=headers,
                accepts=accepts,
                largest_body_bytes=largest_body_bytes,
                may_be_empty=may_be_empty,
                view=view,
                summary=summary,
                description=description.strip(),
                **_wanted(view, path, who),
            )
            _check(route)
            # Chalice's own check of content types would not answer as a problem.
            methods = [method, "HEAD"] if also_head else [method]
            self.bp.route(path, methods=methods, content_types=["*/*"], name=view.__name__)(
                _entrance(self.bp, route)
            )
            return view

        return declare

    def form(
        self,
        path: str,
        *,
        who: tuple[Who, ...],
        answers: Mapping[int, Answer],
        errors: tuple[type[LastmileError], ...] = (),
    ) -> Callable[[View], View]:
        """Declare a route that takes a form of a page, as browsers send it without a script."""
        return self.route(
            "POST",
            path,
            who=who,
            answers=answers,
            errors=errors,
            accepts=(forms.FORM,),
            largest_body_bytes=forms.LARGEST_FORM_BYTES,
            may_be_empty=True,
        )


def routes_of(app: Chalice) -> Iterator[Route]:
    """Every declared route of an app, in the order of declaration.

    Raises
    ------
    TypeError
        If two routes have one name: it is the operation's id, and one would hide the other.
    """
    seen: dict[str, Route] = {}
    for methods in app.routes.values():
        for entry in methods.values():
            route: Route | None = getattr(entry.view_function, "route", None)
            if route is None or seen.get(route.name) is route:
                continue
            if route.name in seen:
                raise TypeError(f"two routes are called {route.name}")
            seen[route.name] = route
            yield route


def errors_of(route: Route) -> tuple[type[LastmileError], ...]:
    """What a route can answer beside its own errors: it follows from the rest of it."""
    found: list[type[LastmileError]] = [LastmileError, problems.Upstream]
    if any(role.has_bearer for role in route.roles):
        found.append(problems.Unauthenticated)
    if any(who.scope is not None for who in route.who):
        found += [problems.NotAllowed, problems.TooManyRequests]
    if Role.OPERATOR in route.roles or any(role.is_page for role in route.roles):
        found.append(problems.NotAllowed)
    if Role.PLATFORM in route.roles:
        found.append(problems.BadSignature)
    if route.parts or Role.DRIVER in route.roles:
        found.append(problems.NotFound)
    if route.takes_body:
        found += [problems.Malformed, problems.TooLarge, problems.UnsupportedMedia]
    if route.body is not None or route.query is not None:
        found.append(problems.Invalid)
    if route.query is not None and "cursor" in route.query.model_fields:
        found.append(problems.Malformed)
    if route.method != "GET":
        found.append(problems.StaleVersion)
    return tuple(dict.fromkeys([*found, *route.errors]))


def _wanted(view: View, path: str, who: tuple[Who, ...]) -> dict[str, Any]:
    """What the view's own parameters say."""
    annotations = inspect.get_annotations(view)
    names = list(inspect.signature(view).parameters)
    braced = {piece[1:-1] for piece in path.split("/") if piece.startswith("{")}
    parts = {}
    for name in names:
        kinds = [one for one in getattr(annotations[name], "__metadata__", ()) if _reads(one)]
        if name in braced:
            if not kinds:
                raise TypeError(f"{view.__name__}: {name} needs a kind of entry.path_parts")
            parts[name] = kinds[0]
        elif name not in _SUPPLIED and not (name == "merchant_id" and _is_of_a_merchant(who)):
            raise TypeError(f"{view.__name__}: nobody supplies {name}")
    if braced - set(parts):
        raise TypeError(f"{view.__name__} leaves {braced - set(parts)} of its path unread")
    return {
        "wants": frozenset(names),
        "parts": parts,
        "body": annotations.get("body"),
        "query": annotations.get("query"),
    }


def _reads(kind: object) -> bool:
    return hasattr(kind, "read") and hasattr(kind, "schema")


def _is_of_a_merchant(who: tuple[Who, ...]) -> bool:
    return _only(Role.MERCHANT, who) or _only(Role.TEAM, who)


def _with_sign_in(answers: Mapping[int, Answer], who: tuple[Who, ...]) -> Mapping[int, Answer]:
    """What is answered; pages also lead to the sign-in, or say that they are not for a role."""
    return (
        {**answers, 303: None, 403: _NOT_OPEN} if any(one.role.is_page for one in who) else answers
    )


_NOT_OPEN = Media("text/html", "A page that says that the role does not allow it")


def _only(role: Role, who: tuple[Who, ...]) -> bool:
    return all(one.role is role for one in who)


def _check(route: Route) -> None:
    """Refuse declarations that could let somebody in by mistake."""
    if not route.who:
        raise TypeError(f"{route.name} does not say who may call it")
    if len(route.who) > 1 and not all(one.role.has_bearer for one in route.who):
        raise TypeError(f"{route.name}: roles without a bearer token stand alone")
    if "driver_id" in route.wants and _only(Role.DRIVER, route.who) == ("driver_id" in route.parts):
        raise TypeError(f"{route.name}: driver_id belongs to routes of drivers, or to the path")
    if Role.RECIPIENT in route.roles and "token" not in route.parts:
        raise TypeError(f"{route.name}: a recipient's route has a {{token}}")
    if Role.MERCHANT in route.roles and any(
        one.role is Role.MERCHANT and one.scope is None for one in route.who
    ):
        raise TypeError(f"{route.name}: a merchant's route names its scope")
    if any(one.role.is_page and one.least is None for one in route.who):
        raise TypeError(f"{route.name}: a page says which role it needs")
    if not route.answers:
        raise TypeError(f"{route.name} does not say what it answers")


def _entrance(bp: Blueprint, route: Route) -> View:
    """What Chalice calls: caller, path, body or query, view, answer."""

    def enter(request: Request, **texts: str) -> Response:
        try:
            caller = identify(request, route.who, texts)
        except SignInFirst as first:
            return to_sign_in.lead(request, first.audience)
        except problems.NotAllowed:
            audience = AUDIENCES.get(route.who[0].role)
            if audience is None:
                raise
            return to_sign_in.refuse(audience)
        allowance = None if caller.key is None else limits.spend(caller.key)
        given = _read(route, request, texts, caller)
        result = route.view(**{name: given[name] for name in route.wants})
        if not isinstance(result, Response):
            result = rest.answer(result, next(iter(route.answers)))
        if allowance is not None:
            result.headers.update(allowance.headers())
        return result

    enter.__name__ = enter.__qualname__ = route.name
    inner = answered(bp)(enter)

    def entrance(**texts: str) -> Response:
        response = inner(**texts)
        for listen in listeners:
            listen(route, response)
        return response

    entrance.__name__ = entrance.__qualname__ = route.name
    entrance.route = route  # type: ignore[attr-defined]
    return entrance


def _read(
    route: Route, request: Request, texts: Mapping[str, str], caller: Caller
) -> dict[str, Any]:
    given: dict[str, Any] = {
        "request": request,
        "caller": caller,
        "sender": caller.sender,
        "merchant_id": caller.id,
        "driver_id": caller.id,
        **{name: part.read(texts[name]) for name, part in route.parts.items()},
    }
    if route.takes_body:
        given["raw_body"] = raw = rest.raw_body(request, largest=route.largest_body_bytes)
        if raw or route.needs_body:
            rest.require_media(request, route.accepts)
        if route.body is not None:
            given["body"] = rest.parse_bytes(route.body, _or_empty(raw, route))
    if route.query is not None:
        given["query"] = rest.query(route.query, request)
    return given


def _or_empty(raw: bytes, route: Route) -> bytes:
    return raw if route.needs_body or raw.strip() else b"{}"
