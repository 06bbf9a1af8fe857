"""How is pay shown? A total and its lines, each with its quantity and its rate."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.drivers.pay import LineKind, Pay, PayLine, Unit
from chalicelib.entry import rest

EXAMPLE_PAY: Mapping[str, Any] = {
    "currency": "EUR",
    "total_minor": 600,
    "lines": [
        {
            "kind": "stops",
            "quantity": 2,
            "unit": "stop",
            "rate_minor": 40,
            "amount_minor": 80,
        },
        {
            "kind": "distance",
            "quantity": 1345,
            "unit": "m",
            "rate_minor": 35,
            "amount_minor": 47,
        },
        {
            "kind": "time",
            "quantity": 581,
            "unit": "s",
            "rate_minor": 25,
            "amount_minor": 242,
        },
        {
            "kind": "guarantee",
            "quantity": 1,
            "unit": "route",
            "rate_minor": None,
            "amount_minor": 231,
        },
    ],
}


class PayLineAnswer(rest.Answer):
    """``rate_minor``: for one stop, kilometre or minute."""

    kind: LineKind
    quantity: int
    unit: Unit
    rate_minor: int | None
    amount_minor: int


class PayAnswer(rest.Answer):
    """The lines sum to the total."""

    currency: str
    total_minor: int
    lines: list[PayLineAnswer]


def write_pay(pay: Pay) -> dict[str, Any]:
    return {
        "currency": pay.currency,
        "total_minor": pay.total_minor,
        "lines": [write_line(line) for line in pay.lines],
    }


def write_line(line: PayLine) -> dict[str, Any]:
    return {
        "kind": line.kind,
        "quantity": line.quantity,
        "unit": line.unit,
        "rate_minor": line.rate_minor,
        "amount_minor": line.amount_minor,
    }
