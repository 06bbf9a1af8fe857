"""What do we ask of a locker's operator? To keep a compartment, and to give it free again.

No public standard of locker operators exists, so the protocol is ours (docs/lockers.md): two calls
that are safe to repeat, signed as Standard Webhooks are. The reservation's name is ours, so a reply
that was lost is asked for again by the same call. The address is an operator's word: connections go
where ``pinned`` allows.
"""

import json
from datetime import datetime
from typing import Any
from urllib.parse import quote

from chalicelib.gateways.guarded_http import GuardedHttp
from chalicelib.gateways.shop_http import Reply
from chalicelib.kit.errors import Upstream
from chalicelib.kit.locker_calls import WantedCompartment
from chalicelib.kit.shop_errors import ShopError
from chalicelib.kit.signing import sign_standard_webhook

_GONE = (200, 202, 204, 404, 410)
_REFUSED = (409, 422)
_LONGEST_CODE = 32


class HttpLockers:
    """Calls operators at their addresses."""

    def __init__(self, calls: GuardedHttp) -> None:
        self._calls = calls

    def reserve(
        self, base_url: str, secret: str, wanted: WantedCompartment, at: datetime
    ) -> str | None:
        """Reserve a compartment; the same again gets the same answer.

        Returns
        -------
        What the courier types to open a door; None when they have no room, whatever we count.

        Raises
        ------
        Upstream
            If nobody can tell whether it is reserved: ask again.
        """
        body = {
            "point": wanted.point,
            "size": wanted.size,
            "weight_g": wanted.weight_g,
            "volume_ml": wanted.volume_ml,
            "keep_days": wanted.keep_days,
            "collect_code": wanted.collect_code,
        }
        reply = self._call("PUT", base_url, secret, wanted.reservation, body, at)
        if reply.status in _REFUSED:
            return None
        if reply.status not in (200, 201):
            raise Upstream(f"the locker's operator answered {reply.status}")
        return _open_code(reply.body)

    def release(self, base_url: str, secret: str, reservation: str, at: datetime) -> None:
        """Give it free; what is free already is fine. Raise Upstream if nobody can tell."""
        reply = self._call("DELETE", base_url, secret, reservation, None, at)
        if reply.status not in _GONE:
            raise Upstream(f"the locker's operator answered {reply.status}")

    def _call(
        self,
        method: str,
        base_url: str,
        secret: str,
        reservation: str,
        body: dict[str, Any] | None,
        at: datetime,
    ) -> Reply:
        raw = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
        message_id = f"{method.lower()}.{reservation}"
        headers = {
            "content-type": "application/json",
            "user-agent": "Lastmile-Lockers/1",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": sign_standard_webhook(secret, message_id, at, raw),
        }
        address = f"{base_url}/reservations/{quote(reservation, safe='')}"
        try:
            return self._calls.call(method, address, raw or None, headers)
        except ShopError as error:
            raise Upstream("the locker's operator did not answer") from error
        except Upstream as error:
            raise Upstream("the locker's operator did not answer") from error


def _open_code(raw: bytes) -> str:
    """What opens the door; raise Upstream for an answer that we cannot read."""
    try:
        code = json.loads(raw)["open_code"]
    except (ValueError, KeyError, TypeError) as error:
        raise Upstream("the locker's operator answered something else") from error
    if not isinstance(code, str) or not 0 < len(code) <= _LONGEST_CODE or not code.isprintable():
        raise Upstream("the locker's operator answered something else")
    return code
