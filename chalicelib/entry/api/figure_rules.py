"""What do figures go by? The operator's emission factors and the cloud's prices."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Annotated, Any

from chalice.app import Blueprint
from pydantic import Field

from chalicelib.domain.analytics import rules
from chalicelib.domain.analytics.emissions import Factor
from chalicelib.domain.analytics.rules import FigureRules, Prices
from chalicelib.domain.drivers.model import VehicleKind
from chalicelib.entry import rest, work
from chalicelib.entry.auth import OPERATOR
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import Invalid

bp = Blueprint(__name__)
doors = Doors(bp, tag="Figures")

Grams = Annotated[int, Field(ge=0, le=100_000)]
Dollars = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
_LISTED = Prices()
_EXAMPLE: dict[str, Any] = {
    "factors": {"van": {"empty_g_per_km": 0, "full_g_per_km": 0, "capacity_g": 900_000}},
    "return_permille": 1000,
    "prices": {"sqs_calls": 0.4},
}


class FactorForm(rest.Body):
    """Grams of CO2e a kilometre, well to wheel, empty and full; and what full is."""

    empty_g_per_km: Grams
    full_g_per_km: Grams
    capacity_g: Annotated[int, Field(gt=0, le=100_000_000)]


class PricesForm(rest.Body):
    """US dollars per million: writes, reads, calls, gigabyte-seconds; what is left out is the list
    price of us-east-1 in November 2026."""

    dynamodb_writes: Dollars = _LISTED.dynamodb_writes
    dynamodb_reads: Dollars = _LISTED.dynamodb_reads
    lambda_calls: Dollars = _LISTED.lambda_calls
    lambda_gb_s: Dollars = _LISTED.lambda_gb_s
    gateway_calls: Dollars = _LISTED.gateway_calls
    sqs_calls: Dollars = _LISTED.sqs_calls
    s3_calls: Dollars = _LISTED.s3_calls
    sns_calls: Dollars = _LISTED.sns_calls


class FigureRulesForm(rest.Body):
    """`return_permille`: how much of the empty way back to the hub counts. A kind of vehicle that
    is left out goes by the shipped factor."""

    factors: dict[VehicleKind, FactorForm] = Field(default_factory=dict)
    return_permille: Annotated[int, Field(ge=0, le=1000)] = 1000
    prices: PricesForm = Field(default_factory=PricesForm)

    model_config = rest.example(**_EXAMPLE)

    def rules(self) -> FigureRules:
        try:
            factors = {kind: Factor(**dict(one)) for kind, one in self.factors.items()}
        except ValueError as error:
            raise Invalid(str(error), fields=[{"field": "factors", "error": str(error)}]) from error
        return FigureRules(
            {**rules.FACTORS, **factors}, self.return_permille, Prices(**dict(self.prices))
        )


class FactorAnswer(rest.Answer):
    empty_g_per_km: int
    full_g_per_km: int
    capacity_g: int


class PricesAnswer(rest.Answer):
    dynamodb_writes: float
    dynamodb_reads: float
    lambda_calls: float
    lambda_gb_s: float
    gateway_calls: float
    sqs_calls: float
    s3_calls: float
    sns_calls: float


class FigureRulesAnswer(rest.Answer):
    """The factors and prices that count now; version 0 are the shipped ones, which are inputs."""

    factors: dict[VehicleKind, FactorAnswer]
    return_permille: int
    prices: PricesAnswer
    version: int

    model_config = rest.example(
        factors={"van": {"empty_g_per_km": 230, "full_g_per_km": 320, "capacity_g": 1_000_000}},
        return_permille=1000,
        prices={one.name: getattr(_LISTED, one.name) for one in fields(Prices)},
        version=1,
    )


@doors.route("GET", "/v1/figure-rules", who=(OPERATOR,), answers={200: FigureRulesAnswer})
def show_figure_rules() -> Mapping[str, Any]:
    """Show by which emission factors and prices figures are made."""
    return _write(work.read(rules.load))


@doors.route("PUT", "/v1/figure-rules", who=(OPERATOR,), answers={200: FigureRulesAnswer})
def set_figure_rules(body: FigureRulesForm) -> Mapping[str, Any]:
    """Set emission factors and prices: they count from the next route that ends, and for what the
    next night looks over. Days before keep theirs."""
    wanted = body.rules()
    return _write(work.run(lambda uow: rules.save(uow, wanted)))


def _write(made: FigureRules) -> dict[str, Any]:
    return {
        "factors": {
            kind.value: {
                "empty_g_per_km": one.empty_g_per_km,
                "full_g_per_km": one.full_g_per_km,
                "capacity_g": one.capacity_g,
            }
            for kind, one in made.factors.items()
        },
        "return_permille": made.return_permille,
        "prices": {one.name: getattr(made.prices, one.name) for one in fields(Prices)},
        "version": made.version,
    }
