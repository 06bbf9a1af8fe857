"""The day's money: the books are closed as an operator closes them, and everything is compared.

Nothing here adds up what another part of it added up: what merchants owe is read delivery by
delivery (``/charges``), what drivers earned route by route (``/earnings``), and both are compared
with the invoices and the payouts that the close made, with the accounts, and with the journal.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from local.demo.brands import Brand
from local.demo.day import Day, read_all
from local.demo.doors import Door

CURRENCY = "EUR"
#: The books are closed two hours after the period's end, by the day's own clock.
SETTLED = timedelta(hours=2, minutes=1)
#: What is behind, the stream, the queue or the close itself, has so long [real s].
_PATIENCE_S = 120
#: Every other driver hands the day's cash over at the hub; the others keep it as a part of the pay.
_HANDS_OVER = 2


@dataclass
class Books:
    """The close of one day."""

    day: Day
    brands: Sequence[Brand]
    operator_key: str = field(repr=False)
    #: Whatever does not agree, in words.
    wrong: list[str] = field(default_factory=list)

    @property
    def api(self) -> Door:
        return self.day.watch.api

    def close(self) -> dict[str, Any]:
        """Settle the cash, close the books up to now, pay; what it came to, for the summary."""
        due = {brand.merchant_id: self._charged(brand) for brand in self.brands}
        for brand in self.brands:
            owed = due[brand.merchant_id]["charged_minor"] + due[brand.merchant_id]["tips_minor"]
            self._wait_for(f"{brand.name} owes", owed, self._balance_of(brand))
        cash = self._settle_cash()
        until_at = self.day.clock.now()
        self.day.clock.wait_until(until_at + SETTLED)
        until = until_at.isoformat()
        self._operate("POST", "/v1/books/closes", {"until": until})
        path = f"/v1/books/closes?until={until.replace('+', '%2B')}"
        self._wait_for("closed", True, lambda: self._operate("GET", path)["is_closed"])
        merchants = [self._merchant(brand, due[brand.merchant_id]) for brand in self.brands]
        drivers = [self._driver(driver_id) for driver_id in self.day.driver_ids]
        self._hand_on()
        kept_minor = sum(one["kept_minor"] for one in drivers)
        left_minor = cash["collected_minor"] - cash["handed_over_minor"] - kept_minor
        return {
            "merchants": merchants,
            "drivers": drivers,
            "cash": {**cash, "kept_minor": kept_minor, "carried_on_minor": left_minor},
            "tips": self._tips(merchants, drivers),
            "journal": self._check(left_minor),
            "wrong": self.wrong,
        }

    def _charged(self, brand: Brand) -> dict[str, int]:
        """Delivery by delivery, as the merchant reads it."""
        own = [one for one in self.day.watch.deliveries.values() if one["brand"] == brand.name]
        total = tips = 0
        for one in own:
            path = f"/v1/deliveries/{one['id']}"
            told = self.api.call("GET", f"{path}/charges", token=brand.api_key)
            total += told["total_minor"]
            if one["status"] == "delivered":
                whole = self.api.call("GET", path, token=brand.api_key)
                tips += (whole["tip"] or {}).get("amount_minor", 0)
        return {"deliveries": len(own), "charged_minor": total, "tips_minor": tips}

    def _merchant(self, brand: Brand, due: Mapping[str, int]) -> dict[str, Any]:
        """The invoice against the deliveries; then the merchant pays it."""
        said = self.api.call("GET", "/v1/invoices", token=brand.api_key)["invoices"]
        number = said[0]["number"] if said else None
        lines = [
            line
            for one in said
            for line in read_all(
                self.api, f"/v1/invoices/{one['number']}/lines?limit=500", "lines", brand.api_key
            )
        ]
        invoice_minor = sum(one["total_minor"] for one in said)
        lines_minor = sum(line["total_minor"] for line in lines)
        owed_minor = due["charged_minor"] + due["tips_minor"]
        self._agree(f"{brand.name}: invoice and deliveries", invoice_minor, owed_minor)
        self._agree(f"{brand.name}: invoice and its lines", invoice_minor, lines_minor)
        if invoice_minor:
            body = {"amount_minor": invoice_minor, "currency": CURRENCY, "reference": number}
            self._operate("POST", f"/v1/merchants/{brand.merchant_id}/payments", body)
            self._wait_for(f"{brand.name} owes", 0, self._balance_of(brand))
        return {
            "name": brand.name,
            **due,
            "invoice": number,
            "invoice_lines": len(lines),
            "invoice_minor": invoice_minor,
            "paid_minor": invoice_minor,
        }

    def _driver(self, driver_id: str) -> dict[str, Any]:
        """The payout against the statements of the routes."""
        path = f"/v1/drivers/{driver_id}"
        earned = self._operate("GET", f"{path}/earnings")
        routes = [route for day in earned["days"] for route in day["routes"]]
        statements_minor = sum(route["pay"]["total_minor"] for route in routes)
        tips = (line for route in routes for line in route["pay"]["lines"])
        paid = self._operate("GET", f"{path}/payouts")["payouts"]
        kept_minor = sum(one["kept_minor"] for one in paid)
        paid_minor = sum(one["paid_minor"] for one in paid)
        name = self._operate("GET", path)["name"]
        self._agree(f"{name}: payout and statements", kept_minor + paid_minor, statements_minor)
        return {
            "name": name,
            "routes": len(routes),
            "statements_minor": statements_minor,
            "tips_minor": sum(one["amount_minor"] for one in tips if one["kind"] == "tips"),
            "kept_minor": kept_minor,
            "paid_minor": paid_minor,
        }

    def _settle_cash(self) -> dict[str, int]:
        """Every other driver hands over what was taken at doors."""
        taken = {one: self._account("drivers", one, "cash") for one in self.day.driver_ids}
        owed = sum(-self._account("merchants", b.merchant_id, "collected") for b in self.brands)
        self._agree("cash taken at doors and owed to merchants", sum(taken.values()), owed)
        handed = {
            one: minor
            for at, (one, minor) in enumerate((k, v) for k, v in taken.items() if v)
            if at % _HANDS_OVER == 0
        }
        for driver_id, minor in handed.items():
            body = {"amount_minor": minor, "currency": CURRENCY, "reference": "evening"}
            self._operate("POST", f"/v1/drivers/{driver_id}/handovers", body)
            left = self._cash_of(driver_id)
            self._wait_for("cash in a pocket", 0, left)
        return {"collected_minor": owed, "handed_over_minor": sum(handed.values())}

    def _cash_of(self, driver_id: str) -> Callable[[], int]:
        return lambda: self._account("drivers", driver_id, "cash")

    def _hand_on(self) -> None:
        """What was collected is sent to its merchants: all of it, whoever has it by now."""
        for brand in self.brands:
            minor = -self._account("merchants", brand.merchant_id, "collected")
            if minor > 0:
                path = f"/v1/merchants/{brand.merchant_id}/remittances"
                body = {"amount_minor": minor, "currency": CURRENCY, "reference": "collected"}
                self._operate("POST", path, body)
                owed = self._collected_of(brand.merchant_id)
                self._wait_for(f"{brand.name} is owed", 0, owed)

    def _collected_of(self, merchant_id: str) -> Callable[[], int]:
        return lambda: self._account("merchants", merchant_id, "collected")

    def _tips(
        self, merchants: Sequence[Mapping[str, Any]], drivers: Sequence[Mapping[str, Any]]
    ) -> dict[str, int]:
        given = sum(one["tips_minor"] for one in merchants)
        passed = sum(one["tips_minor"] for one in drivers)
        self._agree("tips given and passed on", given, passed)
        return {"given_minor": given, "passed_on_minor": passed}

    def _check(self, left_minor: int) -> dict[str, Any]:
        """Everything read again, by the books' own check."""
        pages = [self._operate("GET", "/v1/books/check")]
        while pages[-1]["next_cursor"]:
            pages.append(self._operate("GET", f"/v1/books/check?cursor={pages[-1]['next_cursor']}"))
        balances: dict[str, int] = {}
        for one in (balance for page in pages for balance in page["balances"]):
            balances[one["account"]] = balances.get(one["account"], 0) + one["amount_minor"]
        self._agree("the journal and nothing", sum(balances.values()), 0)
        self.wrong += [f"{one['account']}: {one['what']}" for p in pages for one in p["faults"]]
        for account in ("receivable", "collected", "earnings", "tips"):
            self._agree(f"{account} and nothing", balances.get(account, 0), 0)
        self._agree("cash that drivers carry on", balances.get("cash", 0), left_minor)
        return {
            "entries": sum(page["entries"] for page in pages),
            "sum_minor": sum(balances.values()),
            "balances_minor": balances,
        }

    def _balance_of(self, brand: Brand) -> Callable[[], int]:
        return lambda: self._account("merchants", brand.merchant_id, "receivable")

    def _account(self, kind: str, owner: str, account: str) -> int:
        path = f"/v1/{kind}/{owner}/account?currency={CURRENCY}&account={account}"
        return int(self._operate("GET", path)["closing_minor"])

    def _operate(self, method: str, path: str, body: Any = None) -> Any:
        return self.api.call(method, path, body, self.operator_key)

    def _wait_for(self, what: str, wanted: object, read: Callable[[], object]) -> None:
        """Look again until it is so: events, queues and a close take their moments."""
        deadline = time.monotonic() + _PATIENCE_S
        found = read()
        while found != wanted and time.monotonic() < deadline:
            time.sleep(1)
            found = read()
        self._agree(what, found, wanted)

    def _agree(self, what: str, one: object, other: object) -> None:
        if one != other:
            self.wrong.append(f"{what}: {one} and {other}")
