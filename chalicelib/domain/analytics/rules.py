"""What does the operator say that figures go by? Emission factors, and what the cloud costs.

One item; a hub without any goes by the shipped ones, which are inputs and no measurements: replace
them by your vehicles' and your contract's. Facts keep the version that they were made by.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from chalicelib.domain.analytics.emissions import WHOLE_PERMILLE, Factor
from chalicelib.domain.drivers.model import VehicleKind
from chalicelib.storage import figure_keys
from chalicelib.storage.unit_of_work import UnitOfWork

#: Well to wheel [g CO2e/km], orders of magnitude of public conversion factors: a diesel van of
#: 3.5 t, a middling petrol car, a cargo bike on the grid's electricity, somebody on foot.
FACTORS: Mapping[VehicleKind, Factor] = {
    VehicleKind.VAN: Factor(230, 320, 1_000_000),
    VehicleKind.CAR: Factor(190, 220, 300_000),
    VehicleKind.CARGO_BIKE: Factor(6, 9, 100_000),
    VehicleKind.WALKER: Factor(0, 0, 15_000),
}


@dataclass(frozen=True, slots=True)
class Prices:
    """List prices of us-east-1 in November 2026 [USD per million, but for memory and logs].

    ``lambda_gb_s``: per million gigabyte-seconds on arm64; ``log_gb``: a gigabyte of logs, in
    millionths of a dollar.
    """

    dynamodb_writes: float = 0.625
    dynamodb_reads: float = 0.125
    lambda_calls: float = 0.20
    lambda_gb_s: float = 13.3334
    gateway_calls: float = 3.50
    sqs_calls: float = 0.40
    s3_calls: float = 5.00
    sns_calls: float = 0.50

    def __post_init__(self) -> None:
        if min(getattr(self, one.name) for one in fields(self)) < 0:
            raise ValueError("nothing costs less than nothing")


@dataclass(frozen=True, slots=True)
class FigureRules:
    """``return_permille``: how much of the empty way back to the hub counts, see ``emissions``."""

    factors: Mapping[VehicleKind, Factor] = field(default_factory=lambda: FACTORS)
    return_permille: int = WHOLE_PERMILLE
    prices: Prices = Prices()
    version: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.return_permille <= WHOLE_PERMILLE:
            raise ValueError("a way back counts between nothing and wholly")

    def of(self, kind: VehicleKind) -> Factor:
        return self.factors.get(kind, FACTORS[kind])


USUAL = FigureRules()


def load(uow: UnitOfWork) -> FigureRules:
    """The rules that count now."""
    item = uow.get(figure_keys.figure_rules())
    return USUAL if item is None else _from_item(item)


def save(uow: UnitOfWork, wanted: FigureRules) -> FigureRules:
    """Set them; days that are over keep theirs, but for the last two, which are made anew."""
    before = load(uow)
    made = FigureRules(
        wanted.factors, wanted.return_permille, wanted.prices, version=before.version + 1
    )
    uow.put(figure_keys.figure_rules(), _to_item(made), expect=before.version)
    return made


def _to_item(rules: FigureRules) -> dict[str, Any]:
    return {
        "factors": {
            kind.value: [one.empty_g_per_km, one.full_g_per_km, one.capacity_g]
            for kind, one in rules.factors.items()
        },
        "return_permille": rules.return_permille,
        # Tables know whole numbers only.
        "prices": {one.name: repr(getattr(rules.prices, one.name)) for one in fields(Prices)},
        "version": rules.version,
    }


def _from_item(item: Mapping[str, Any]) -> FigureRules:
    return FigureRules(
        factors={VehicleKind(kind): Factor(*row) for kind, row in item["factors"].items()},
        return_permille=item["return_permille"],
        prices=Prices(**{name: float(text) for name, text in item["prices"].items()}),
        version=item["version"],
    )
