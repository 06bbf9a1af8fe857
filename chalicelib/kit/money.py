"""How much? Exact money: an integer of the currency's minor unit and its ISO 4217 code.

Currencies never mix, and no cent is ever lost: :meth:`Money.allocate` splits an amount by weights
so that the parts always sum to the whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from chalicelib.kit.errors import CurrencyMismatch

#: Digits behind the point, where they are not two. Source: ISO 4217.
_DECIMALS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF"), 0),
    **dict.fromkeys(("UGX", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
#: Longer than any amount of money: more digits only cost time.
_LONGEST_AMOUNT = 30


def decimals(currency: str) -> int:
    """How many digits stand behind the point."""
    return _DECIMALS.get(currency, 2)


def minor_units(text: str, currency: str) -> int | None:
    """An amount as shops write it ("45.90"), in minor units; None when it is none."""
    if len(text) > _LONGEST_AMOUNT:
        return None
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        return None
    if not amount.is_finite() or amount < 0 or amount.adjusted() > _LONGEST_AMOUNT:
        return None
    return int(amount.scaleb(decimals(currency)).to_integral_value(ROUND_HALF_UP))


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

    def __str__(self) -> str:
        """``EUR 45.90``: the code leads, because a recipient may not know the sign."""
        digits = decimals(self.currency)
        whole, rest = divmod(abs(self.amount_minor), 10**digits)
        sign = "-" if self.amount_minor < 0 else ""
        return f"{self.currency} {sign}{whole}" + (f".{rest:0{digits}d}" if digits else "")

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
