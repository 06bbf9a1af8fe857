"""How is pay kept? As part of an offer or of a statement: its lines, never only the sum."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.drivers.pay import LineKind, Pay, PayLine, Unit


def pay_to_item(pay: Pay) -> dict[str, Any]:
    return {
        "currency": pay.currency,
        "rates_version": pay.rates_version,
        "lines": [
            [line.kind.value, line.quantity, line.unit.value, line.rate_minor, line.amount_minor]
            for line in pay.lines
        ],
    }


def pay_from_item(item: Mapping[str, Any]) -> Pay:
    return Pay(
        item["currency"],
        tuple(
            PayLine(LineKind(kind), quantity, Unit(unit), rate, amount)
            for kind, quantity, unit, rate, amount in item["lines"]
        ),
        item["rates_version"],
    )
