"""Who is calling? Bearer credentials: operator key, merchant's API key, driver's token.

The tenant is what the credential says, never what the request says. Recipients have no credential;
their link is one (see entry.api.pages).
"""

from chalice.app import Request

from chalicelib import wiring
from chalicelib.domain.drivers import sessions
from chalicelib.domain.merchants import service as merchants
from chalicelib.entry import work
from chalicelib.kit.errors import Unauthenticated
from chalicelib.kit.signing import same

_LONGEST = 4096


def bearer(request: Request) -> str:
    """The token of the Authorization header; raise Unauthenticated when there is none."""
    header: str = (request.headers or {}).get("authorization", "")
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token or len(token) > _LONGEST:
        raise Unauthenticated
    return token.strip()


def operator(request: Request) -> None:
    """Raise Unauthenticated unless the operations desk calls."""
    if not same(bearer(request), wiring.vault().operator_key()):
        raise Unauthenticated


def merchant(request: Request) -> str:
    """The id of the merchant whose API key this is; raise Unauthenticated."""
    key = bearer(request)
    if not key.startswith("lm_live_"):
        raise Unauthenticated
    return work.read(lambda uow: merchants.authenticate(uow, key)).merchant_id


def driver(request: Request) -> str:
    """The id of the driver whose access token this is; raise Unauthenticated."""
    return sessions.verify_access_token(
        bearer(request), wiring.vault().server_key(), wiring.clock().wall_now()
    )
