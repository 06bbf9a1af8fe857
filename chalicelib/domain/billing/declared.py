"""Which tax does a paper declare at each rate, where the books hold the sum of many roundings?

Each delivery's tax is rounded by itself, so those of a thousand may sum to some units more or less
than the rate times the whole. Receivers allow less than one unit of the currency between the two
(EN 16931, BR-CO-17 and BR-S-09). Within that a paper declares what the books hold; beyond it the
rate times the whole, and what is left stands as its rounding (BT-114): what is to be paid is what
the books say, always. Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.domain.billing.invoices import InvoiceLine, TaxGroup, tax_groups
from chalicelib.domain.pricing.model import divide_half_up
from chalicelib.kit.money import decimals


@dataclass(frozen=True, slots=True)
class DeclaredTax:
    """The groups, the highest rate first, and what is left to the sum that the books hold."""

    groups: tuple[TaxGroup, ...]
    rounding_minor: int

    @property
    def tax_minor(self) -> int:
        return sum(group.tax_minor for group in self.groups)


def declare(lines: Iterable[InvoiceLine], currency: str) -> DeclaredTax:
    booked = tax_groups(lines)
    groups = tuple(_declared(group, 10 ** decimals(currency)) for group in booked)
    left = sum(group.tax_minor for group in booked) - sum(group.tax_minor for group in groups)
    return DeclaredTax(groups, left)


def _declared(group: TaxGroup, unit_minor: int) -> TaxGroup:
    by_rate = divide_half_up(group.net_minor * group.permille, 1000)
    if not group.permille or abs(group.tax_minor - by_rate) < unit_minor:
        return group
    return TaxGroup(group.permille, group.net_minor, by_rate)
