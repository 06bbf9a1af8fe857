"""What does the merchant owe for it, up to now? The agreed price, and what happened since. Pure.

The lines of both are put one below the other, the tax is computed once on the sum of the lines that
the merchant pays, and the total is the sum of those lines and the tax: never below zero, and for a
delivery that went well exactly the price that was agreed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.pricing.faults import Party, Payer
from chalicelib.domain.pricing.lateness import late_refund
from chalicelib.domain.pricing.model import Component, Kind, Price, RateCard, Tax
from chalicelib.domain.pricing.rules import tax_component
from chalicelib.domain.pricing.stages import Happening, stage_fees
from chalicelib.kit.errors import CurrencyMismatch


@dataclass(frozen=True, slots=True)
class Line:
    """A component with who pays it; ``event_id`` and ``party_at_fault`` are None for what was
    agreed."""

    component: Component
    payer: Payer
    event_id: str | None = None
    party_at_fault: Party | None = None


@dataclass(frozen=True, slots=True)
class Charges:
    """Every line, the tax last. A line of ours is told, and is no part of the total."""

    currency: str
    lines: tuple[Line, ...]

    @property
    def total_minor(self) -> int:
        return self._sum(Payer.MERCHANT)

    @property
    def platform_minor(self) -> int:
        """What the driver or we caused, at the card's prices, and the merchant does not pay."""
        return self._sum(Payer.PLATFORM)

    @property
    def tax_minor(self) -> int:
        found = [line.component for line in self.lines if line.component.kind is Kind.TAX]
        return sum(int(one.inputs["tax_minor"]) for one in found)

    @property
    def tax_permille(self) -> int:
        """The rate of that tax; 0 where there is none."""
        found = [line.component for line in self.lines if line.component.kind is Kind.TAX]
        return max((int(one.inputs["permille"]) for one in found), default=0)

    def _sum(self, payer: Payer) -> int:
        return sum(line.component.amount_minor for line in self.lines if line.payer is payer)


def charges(
    card: RateCard,
    agreed: Price,
    happened: Sequence[Happening],
    promised_until: datetime | None = None,
) -> Charges:
    """The charges of a delivery; ``promised_until`` is the end of the window that counts.

    Raises
    ------
    CurrencyMismatch
        If the price was not agreed in the card's currency.
    """
    if card.currency != agreed.currency:
        raise CurrencyMismatch(f"{agreed.currency} was agreed, the card is in {card.currency}")
    lines = [
        Line(component, Payer.MERCHANT)
        for component in agreed.components
        if component.kind is not Kind.TAX
    ]
    kinds = {component.kind for component in agreed.components}
    is_discounted = Kind.PICKUP_POINT_DISCOUNT in kinds
    lines += [
        Line(fee.component, fee.payer, fee.event_id, fee.party_at_fault)
        for fee in stage_fees(card, agreed.fee_minor, happened, is_discounted=is_discounted)
    ]
    late = late_refund(card, agreed.fee_minor, _due(lines), happened, promised_until)
    if late is not None:
        lines.append(Line(late.component, late.payer, late.event_id, late.party_at_fault))
    lines += [Line(tax, Payer.MERCHANT) for tax in tax_component(card.tax, _due(lines))]
    return Charges(agreed.currency, tuple(lines))


def before_late_refund(made: Charges) -> Charges:
    """The charges as if it had come in time: what stands on the invoice beside the refund."""
    apart = (Kind.LATE_REFUND, Kind.TAX)
    kept = [line for line in made.lines if line.component.kind not in apart]
    taxed = [line.component.inputs for line in made.lines if line.component.kind is Kind.TAX]
    for inputs in taxed:
        tax = Tax(int(inputs["permille"]), inputs["mode"] == "included")
        kept += [Line(one, Payer.MERCHANT) for one in tax_component(tax, _due(kept))]
    return Charges(made.currency, tuple(kept))


def _due(lines: Sequence[Line]) -> int:
    return sum(line.component.amount_minor for line in lines if line.payer is Payer.MERCHANT)
