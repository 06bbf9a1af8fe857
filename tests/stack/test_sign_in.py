"""Behind the real gateway nobody enters with a forged token, and people with theirs do."""

import base64
import json
import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

from app import app
from chalicelib.entry.auth import Role
from chalicelib.entry.surface import Route, routes_of
from local.seed import Api, sign_ins
from tests.stack.town import Town

GUARDED = [
    route for route in routes_of(app) if any(one.has_bearer or one.is_page for one in route.roles)
]


def unsigned() -> str:
    """A token whose algorithm is none: what a check that only reads claims would take."""
    parts = (
        {"alg": "none", "typ": "JWT"},
        {"iss": "urn:lastmile:accounts", "aud": "desk", "token_use": "id", "exp": 4_000_000_000},
    )
    written = (base64.urlsafe_b64encode(json.dumps(one).encode()).decode() for one in parts)
    return ".".join(one.rstrip("=") for one in written) + "."


def test_no_guarded_route_of_the_stack_takes_an_unsigned_token(town: Town) -> None:
    token = unsigned()

    def status(route: Route) -> tuple[str, int]:
        path = re.sub(r"\{\w+\}", "x_1", route.path)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        return route.name, town.call(route.method, path, b"{}", headers=headers).status

    with ThreadPoolExecutor(4) as pool:
        answered = dict(pool.map(status, GUARDED))
    pages = {route.name for route in GUARDED if any(one.is_page for one in route.roles)}
    wrong = {
        name: found for name, found in answered.items() if found != (303 if name in pages else 401)
    }
    assert wrong == {}
    assert any(Role.OPERATOR in route.roles for route in GUARDED)


def test_people_of_the_seed_sign_in_and_only_our_pages_may_use_their_cookie(town: Town) -> None:
    merchant_id = town.open_place("sign-in").merchant_id
    accounts = sign_ins(Api(town.stack.base_url, town.stack.operator_key), merchant_id)
    for place, account, path in (
        ("ops", accounts["dispatcher"], "/v1/hubs"),
        ("m", accounts["member"], f"/v1/merchants/{merchant_id}"),
    ):
        form = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Sec-Fetch-Site": "same-origin",
        }
        entered = town.call("POST", f"/{place}/sign-in", urlencode(account).encode(), headers=form)
        assert entered.status == 303
        cookie = {"Cookie": entered.headers["set-cookie"].partition(";")[0]}
        assert town.call("GET", path, b"", headers=cookie).status == 200
        foreign = {**cookie, "Sec-Fetch-Site": "cross-site", "Content-Type": "application/json"}
        assert town.call("POST", "/v1/plans", b"{}", headers=foreign).status in (401, 403)
        out = town.call("POST", f"/{place}/sign-out", b"", headers={**form, **cookie})
        assert out.status == 303
        assert town.call("GET", path, b"", headers=cookie).status == 401
