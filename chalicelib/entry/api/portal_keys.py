"""The portal's API keys: made, shown once, looked at, rotated, ended."""

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint, Request, Response

from chalicelib.domain.accounts.model import TeamRole
from chalicelib.domain.merchants import api_keys as keys
from chalicelib.domain.merchants.api_keys import ApiKey
from chalicelib.domain.merchants.model import Scope
from chalicelib.entry import forms, portal, rest, work
from chalicelib.entry.api import api_keys
from chalicelib.entry.api.api_keys import KeyId
from chalicelib.entry.auth import Caller, portal_page
from chalicelib.entry.portal import Visit
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import Invalid, NotFound

bp = Blueprint(__name__)
doors = Doors(bp, tag="Portal")

VIEWER, OWNER = (portal_page(TeamRole.VIEWER),), (portal_page(TeamRole.OWNER),)
SAID = {"ended": "The key has ended. Calls with it are refused from now on."}
SCOPES = {
    Scope.DELIVERIES_READ: "read deliveries",
    Scope.DELIVERIES_WRITE: "create and change deliveries",
    Scope.QUOTES: "ask for prices",
    Scope.SETTINGS_READ: "read settings",
    Scope.SETTINGS_WRITE: "change settings, stores and keys",
    Scope.WEBHOOKS: "webhook endpoints",
}


@doors.route("GET", "/m/keys", who=VIEWER, answers=portal.PAGES)
@portal.in_words
def show_keys(request: Request, caller: Caller) -> Response:
    """Show the shop's API keys by their beginnings, never their text."""
    return _page(portal.visit(request, caller))


@doors.form("/m/keys", who=OWNER, answers=portal.FORMS)
@portal.in_words
def make_key(request: Request, caller: Caller, raw_body: bytes) -> Response:
    """Make a key: `name`, `kind` (`live` or `test`), and a field `scope:...` for each scope; the
    page shows it this once.
    """
    visit = portal.visit(request, caller)
    given = forms.fields(raw_body)
    scopes = [one.value for one in SCOPES if given.get(f"scope:{one.value}")]
    wanted: dict[str, Any] = {"name": given.get("name", ""), "live": given.get("kind") != "test"}
    body = rest.parse_value(api_keys.NewKey, wanted | ({"scopes": scopes} if scopes else {}))
    return _page(visit, made=api_keys.create_api_key(visit.merchant.id, visit.as_caller, body))


@doors.form("/m/keys/{key_id}", who=OWNER, answers=portal.FORMS)
@portal.in_words
def change_key(request: Request, caller: Caller, key_id: KeyId, raw_body: bytes) -> Response:
    """Rotate or end a key: `do` is `rotate` or `revoke`. A rotated one works for another day."""
    visit = portal.visit(request, caller)
    owner = _owner(visit, key_id)
    wanted = forms.fields(raw_body).get("do")
    if wanted == "rotate":
        return _page(visit, made=api_keys.rotate_api_key(owner, visit.as_caller, key_id))
    if wanted == "revoke":
        api_keys.revoke_api_key(owner, key_id)
        return portal.go(request, "m/keys", said="ended")
    raise Invalid("Press one of the buttons.", fields=[{"field": "do", "error": "is unknown"}])


def _lists(visit: Visit) -> list[tuple[str, list[ApiKey]]]:
    """The shop's keys, and those of its double for trying things out."""
    uow = work.begin()
    owners = filter(None, (visit.merchant.id, visit.merchant.test_id))
    return [(owner, keys.list_keys(uow, owner)) for owner in owners]


def _owner(visit: Visit, key_id: str) -> str:
    for owner, found in _lists(visit):
        if any(one.id == key_id for one in found):
            return owner
    raise NotFound("there is no such key")


def _page(visit: Visit, *, made: Mapping[str, Any] | None = None) -> Response:
    if made is not None:
        # The double comes with the first test key.
        visit = portal.visit(visit.request, visit.as_caller)
    return visit.show(
        "portal/keys.html",
        section="keys",
        title="API keys",
        keys=[one for _, found in _lists(visit) for one in found],
        scopes=[(scope.value, what) for scope, what in SCOPES.items()],
        most=keys.MOST_KEYS,
        may_save=visit.person.role.reaches(TeamRole.OWNER),
        made=made,
        said=portal.asked(visit.request).get("said", ""),
        texts=SAID,
    )
