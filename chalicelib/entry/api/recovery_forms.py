"""How a merchant's rules for failed deliveries are written and read; see docs/recovery.md."""

from typing import Annotated, Any

from pydantic import Field

from chalicelib.domain.merchants.recovery_rules import USUAL, RecoveryRules, Remedy
from chalicelib.entry import rest

Amount = Annotated[int, Field(ge=0, le=100_000_000)]

_USUAL: dict[str, Any] = {
    "allows": [one.value for one in USUAL.allows],
    "most_attempts": USUAL.most_attempts,
    "wish_within_s": USUAL.wish_within_s,
    "always_returns": USUAL.always_returns,
    "goods_minor": USUAL.goods_minor,
    "dispose_below_minor": USUAL.dispose_below_minor,
    "lost_sale_minor": USUAL.lost_sale_minor,
    "most_walk_m": USUAL.most_walk_m,
    "trouble_percent": USUAL.trouble_percent,
}


class RecoveryRulesForm(rest.Body):
    """All rules for failed deliveries: what is left out is as usual."""

    allows: Annotated[list[Remedy], Field(max_length=len(Remedy))] = Field(
        default_factory=lambda: list(USUAL.allows)
    )
    most_attempts: Annotated[int, Field(ge=1, le=3)] = USUAL.most_attempts
    wish_within_s: Annotated[int, Field(ge=0, le=3 * 86_400)] = USUAL.wish_within_s
    always_returns: bool = USUAL.always_returns
    goods_minor: Amount = USUAL.goods_minor
    dispose_below_minor: Amount = USUAL.dispose_below_minor
    lost_sale_minor: Amount = USUAL.lost_sale_minor
    most_walk_m: Annotated[int, Field(ge=0, le=20_000)] = USUAL.most_walk_m
    trouble_percent: Annotated[int, Field(ge=0, le=1_000)] = USUAL.trouble_percent

    model_config = rest.example(**_USUAL)

    @property
    def rules(self) -> RecoveryRules:
        # In the order of the enumeration, each once: the same rules are the same item.
        allows = tuple(one for one in Remedy if one in self.allows)
        return RecoveryRules(
            allows,
            self.most_attempts,
            self.wish_within_s,
            self.always_returns,
            self.goods_minor,
            self.dispose_below_minor,
            self.lost_sale_minor,
            self.most_walk_m,
            self.trouble_percent,
        )


class UsualRecovery(rest.Answer):
    """What may become of a parcel of this merchant's that nobody took."""

    allows: list[Remedy]
    most_attempts: int
    wish_within_s: int
    always_returns: bool
    goods_minor: int
    dispose_below_minor: int
    lost_sale_minor: int
    most_walk_m: int
    trouble_percent: int

    model_config = rest.example(**_USUAL)


def write_rules(rules: RecoveryRules) -> dict[str, Any]:
    return {
        "allows": [one.value for one in rules.allows],
        "most_attempts": rules.most_attempts,
        "wish_within_s": rules.wish_within_s,
        "always_returns": rules.always_returns,
        "goods_minor": rules.goods_minor,
        "dispose_below_minor": rules.dispose_below_minor,
        "lost_sale_minor": rules.lost_sale_minor,
        "most_walk_m": rules.most_walk_m,
        "trouble_percent": rules.trouble_percent,
    }
