"""A first hub, merchant and drivers, made through the operator's public API and nothing else.

The demo city's centre and addresses are invented; the phones are from the ranges that Germany's
regulator keeps free for films. Source: Bundesnetzagentur, Mitteilung 148/2021 (0171 39200 00-99).
"""

import http.client
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

CENTRE = (52.5208, 13.4094)

HUB = {
    "name": "Mitte",
    "address": "Alexanderplatz 1, 10178 Berlin",
    "latitude": CENTRE[0],
    "longitude": CENTRE[1],
    "radius_m": 8000,
    "timezone": "Europe/Berlin",
    "country": "DE",
    "offer_ttl_s": 120,
    "wave_horizon_s": 4 * 3600,
    # Whoever tries things out sees an order leave with the next wave, not when it has to.
    "waves": {"holds_back": False},
}
STORE = {
    "external_id": "1",
    "name": "Papeterie Sommer",
    "address": "Torstraße 12, 10119 Berlin",
    "latitude": 52.5286,
    "longitude": 13.4102,
}
PLATFORMS = ["shopify", "woocommerce", "bigcommerce", "generic"]
VEHICLES = {
    "van": (800_000, 4_000_000),
    "car": (250_000, 600_000),
    "cargo_bike": (100_000, 300_000),
}
CREW_RULES = {
    "required_documents": {
        "van": ["driving_licence", "insurance"],
        "car": ["driving_licence", "insurance"],
    }
}
PAY_RATES = {
    "currency": "EUR",
    "default": {
        "guarantee_minor": 700,
        "per_stop_minor": 60,
        "per_km_minor": 40,
        "per_minute_minor": 22,
        "wait_per_minute_minor": 22,
    },
}
PAPERS = {
    "documents": [
        {"kind": "driving_licence", "expires_on": "2036-06-30", "verified": True},
        {"kind": "insurance", "expires_on": "2036-06-30", "verified": True},
    ]
}
DRIVERS = (
    ("Aylin Kaya", "+491713920001", "van"),
    ("Ben Vogt", "+491713920002", "car"),
    ("Chiara Rossi", "+491713920003", "cargo_bike"),
)


class CallRefused(RuntimeError):
    """The API did not answer with success; the message holds what it said."""


@dataclass(frozen=True, slots=True)
class Api:
    """JSON over HTTP with one credential."""

    base_url: str
    credential: str = ""

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        sent = {"Content-Type": "application/json", **(headers or {})}
        if self.credential:
            sent["Authorization"] = f"Bearer {self.credential}"
        payload = None if body is None else json.dumps(body).encode()
        status, answer = self._send(method, path, payload, sent)
        if status >= 300:
            raise CallRefused(f"{method} {path}: {status} {answer[:600].decode()}")
        return json.loads(answer) if answer else None

    def send_form(self, path: str, fields: Mapping[str, str]) -> None:
        """A form of one of our pages, as the page itself sends it; it leads on when it is taken."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Sec-Fetch-Site": "same-origin",
        }
        status, answer = self._send("POST", path, urlencode(fields).encode(), headers)
        if status != HTTPStatus.SEE_OTHER:
            raise CallRefused(f"the form at {path}: {status} {answer[:600].decode()}")

    def _send(
        self, method: str, path: str, payload: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        parts = urlsplit(self.base_url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        try:
            connection.request(method, path, payload, dict(headers))
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


def seed(
    base_url: str,
    operator_key: str,
    people: Sequence[tuple[str, str, str]] = DRIVERS,
    shifts_from: datetime | None = None,
) -> dict[str, Any]:
    """Make hub, merchant and drivers; returns what a client needs to act as each of them.

    ``people``: name, phone and vehicle of each driver; a phone belongs to one of them for ever.
    ``shifts_from``: when everybody's planned shift begins, by the stack's clock; None for none.
    """
    operator = Api(base_url, operator_key)
    hub = operator.call("POST", "/v1/hubs", HUB)
    operator.call("PUT", f"/v1/hubs/{hub['id']}/crew-rules", CREW_RULES)
    operator.call("POST", f"/v1/hubs/{hub['id']}/pay-rates", PAY_RATES)
    merchant = operator.call(
        "POST",
        "/v1/merchants",
        {
            "name": "Papeterie Sommer",
            "hub_id": hub["id"],
            "platforms": PLATFORMS,
            "stores": [STORE],
            "default_weight_g": 500,
            "promise_s": 3 * 3600,
        },
    )
    drivers = []
    for name, phone, kind in people:
        max_weight_g, max_volume_ml = VEHICLES[kind]
        vehicle = {"kind": kind, "max_weight_g": max_weight_g, "max_volume_ml": max_volume_ml}
        who = {"name": name, "phone_number": phone, "skills": ["age_check", "cash"]}
        body = {**who, "hub_id": hub["id"], "vehicle": vehicle}
        driver = operator.call("POST", "/v1/drivers", body)
        operator.call("PUT", f"/v1/drivers/{driver['id']}/documents", PAPERS)
        if shifts_from is not None:
            ends_at = shifts_from + timedelta(hours=8)
            shift = {"start_at": shifts_from.isoformat(), "end_at": ends_at.isoformat()}
            operator.call("POST", f"/v1/drivers/{driver['id']}/shifts", shift)
        drivers.append({"id": driver["id"], "phone": phone})
    people = sign_ins(operator, merchant["id"])
    return {
        "hub_id": hub["id"],
        "merchant_id": merchant["id"],
        "api_key": merchant["api_key"],
        "webhook_secrets": merchant["webhook_secrets"],
        "drivers": drivers,
        **people,
    }


def sign_ins(operator: Api, merchant_id: str) -> dict[str, Any]:
    """Somebody for the console and somebody for the portal, who have followed their invites."""
    return {
        # A stack may be seeded more than once, and an address has one account.
        "dispatcher": _account(operator, "Marta Roth", f"marta-{merchant_id[-6:]}", "manager"),
        "member": _account(
            operator, "Jonas Weber", f"jonas-{merchant_id[-6:]}", "owner", merchant_id
        ),
    }


def _account(
    operator: Api, name: str, mailbox: str, role: str, merchant_id: str | None = None
) -> dict[str, str]:
    email = f"{mailbox}@lastmile.example"
    password = secrets.token_urlsafe(12)
    new = {"name": name, "email": email, "role": role, "merchant_id": merchant_id, "mail": False}
    invited = operator.call("POST", "/v1/accounts", new)
    operator.send_form(urlsplit(invited["invite_url"]).path, {"password": password})
    return {"email": email, "password": password}
