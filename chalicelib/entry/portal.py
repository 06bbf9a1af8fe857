"""How does a view of the portal answer? With a page, on to another one, or with what is wrong.

Pages change nothing when they are read; their forms are posted and lead on with a 303, so reloading
sends nothing again. What was done is told on the next page by the word in ``?said=``, which only
chooses among texts of ours. A view that is ``in_words`` answers errors as a page for people.
"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalice.app import Request, Response

from chalicelib.domain.accounts.model import Person, TeamRole
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Hub, Merchant
from chalicelib.entry import forms, work
from chalicelib.entry.auth import Caller, Role
from chalicelib.entry.surface import Answer, Media
from chalicelib.kit.errors import LastmileError, Unauthenticated
from chalicelib.web import portal, portal_words
from chalicelib.web.portal import Shop, Signed
from chalicelib.web.portal_words import Local

PAGE = Media("text/html", "A page that needs no script")
_WRONG = Media("text/html", "A page that says what is wrong")
#: What a page of the portal may answer.
PAGES: Mapping[int, Answer] = {
    200: PAGE,
    303: None,
    **dict.fromkeys((400, 404, 409, 410, 413, 422, 429, 503), _WRONG),
}
#: What a form of the portal may answer: on to a page, or the page again with what is wrong.
FORMS: Mapping[int, Answer] = {303: None, **PAGES}


def show(
    request: Request,
    person: Signed,
    merchant: Shop,
    template: str,
    *,
    section: str,
    title: str,
    status: int = 200,
    photo_url: str | None = None,
    sheet: str = portal.SHEET,
    **values: Any,
) -> Response:
    """A page as an answer; ``section`` is the line of the navigation that it stands below."""
    html = portal.page(
        template,
        section=section,
        title=title,
        person=person,
        merchant=merchant,
        depth=_depth(request),
        sheet=sheet,
        **values,
    )
    headers = portal.headers(html, photo_url=photo_url, sheet=sheet)
    return Response(body=html, status_code=status, headers=headers)


def go(request: Request, path: str, **told: str) -> Response:
    """303, on to a page whose path counts from the stage's root: ``go(request, "m/orders")``."""
    return forms.go(portal.climbing(_depth(request))(path), told)


def asked(request: Request) -> dict[str, str]:
    """The query of a page, the last of each name; what is empty was not filled in."""
    return {name: value for name, value in (request.query_params or {}).items() if value.strip()}


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody on a page of their shop: what nearly every page of it needs."""

    request: Request
    person: Person
    merchant: Merchant
    hub: Hub
    now: datetime

    @property
    def local(self) -> Local:
        """How times are told: on the clock of the hub."""
        return Local(self.hub.timezone)

    @property
    def may_act(self) -> bool:
        """Whether the forms that change deliveries are for them."""
        return self.person.role.reaches(TeamRole.STAFF)

    @property
    def as_caller(self) -> Caller:
        """The same person at the merchants' own API, whose views a form of ours may call."""
        return Caller(Role.MERCHANT, self.merchant.id, person=self.person)

    def show(self, template: str, **values: Any) -> Response:
        """``portal.show`` with the words and times of this shop."""
        return show(
            self.request,
            self.person,
            self.merchant,
            template,
            local=self.local,
            say=portal_words,
            may_act=self.may_act,
            **values,
        )


def visit(request: Request, caller: Caller) -> Visit:
    """Who is here, and whose shop it is."""
    person = person_of(caller)
    uow = work.begin()
    merchant = merchants.load_merchant(uow, caller.id)
    return Visit(request, person, merchant, merchants.load_hub(uow, merchant.hub_id), uow.now)


def person_of(caller: Caller) -> Person:
    """Who signed in; raise Unauthenticated for a caller who is no person."""
    if caller.person is None:
        raise Unauthenticated
    return caller.person


def in_words(view: Callable[..., Response]) -> Callable[..., Response]:
    """Answer a view's errors as pages; the view takes ``request`` and ``caller``."""

    @functools.wraps(view)
    def wrapper(**given: Any) -> Response:
        try:
            return view(**given)
        except LastmileError as error:
            if error.status >= 500 and not error.retry:
                raise
            caller = given["caller"]
            return _wrong(given["request"], person_of(caller), caller.id, error)

    return wrapper


def _wrong(request: Request, person: Signed, merchant_id: str, error: LastmileError) -> Response:
    merchant = work.read(lambda uow: merchants.load_merchant(uow, merchant_id))
    response = show(
        request,
        person,
        merchant,
        "portal/problem.html",
        section="",
        title="We do not have this" if error.status == 404 else error.title,
        status=error.status,
        lead=error.detail or "",
        fields=error.fields,
        say=portal_words,
    )
    if error.retry_after_s is not None:
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def _depth(request: Request) -> int:
    """How many parts the path has; the resource's, whatever stage stands in front."""
    return max(1, str(request.context["resourcePath"]).strip("/").count("/") + 1)
