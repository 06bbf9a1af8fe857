"""How much? Exact money: an integer of the currency's minor unit and its ISO 4217 code.

Currencies never mix, and no cent is ever lost: :meth:`Money.allocate` splits an amount by weights
so that the parts always sum to the whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.kit.errors import CurrencyMismatch


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in minor units (cents, pence, yen) of one currency.

    Raises
    ------
    ValueError
        If the currency is not three capital letters.
    CurrencyMismatch
        If two currencies meet.
    """

    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.amount_minor, bool) or not isinstance(self.amount_minor, int):
            raise ValueError("an amount is an integer of minor units")
        if not (len(self.currency) == 3 and self.currency.isascii() and self.currency.isupper()):
            raise ValueError(f"{self.currency!r} is not an ISO 4217 code")

    def __add__(self, other: "Money") -> "Money":
        self._must_match(other)
        return Money(self.amount_minor + other.amount_minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._must_match(other)
        return Money(self.amount_minor - other.amount_minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount_minor, self.currency)

    def allocate(self, weights: Sequence[int]) -> tuple["Money", ...]:
        """Split by weights without losing a minor unit.

        Largest remainder method (Hamilton): every part gets the floor of its share, the units that
        are left go to the largest remainders, the earlier part first where they tie.

        Parameters
        ----------
        weights
            Non-negative integers, at least one of them positive.

        Raises
        ------
        ValueError
            If there is no weight, a negative one, or all are zero.
        """
        whole = sum(weights)
        if not weights or min(weights) < 0 or whole == 0:
            raise ValueError("weights are non-negative and not all zero")
        sign = -1 if self.amount_minor < 0 else 1
        amount = abs(self.amount_minor)
        parts = [amount * weight // whole for weight in weights]
        order = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % whole), i))
        for i in order[: amount - sum(parts)]:
            parts[i] += 1
        return tuple(Money(sign * part, self.currency) for part in parts)

    def _must_match(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} do not mix")
