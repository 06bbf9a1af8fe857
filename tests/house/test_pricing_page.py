"""docs/pricing.md is recomputed: its example, its tables, and who pays for what."""

import json
import re
from datetime import datetime, timedelta

import pytest

from chalicelib.domain.pricing import rules
from chalicelib.domain.pricing.charges import Charges, charges
from chalicelib.domain.pricing.faults import AT_FAULT, PAYS
from chalicelib.domain.pricing.model import Kind, Price, RateCard
from chalicelib.domain.pricing.rules import RULES
from chalicelib.domain.pricing.stages import STAGE_RULES, Happening
from chalicelib.domain.pricing.surge import Surge, surge
from chalicelib.entry.api.rate_card_forms import JobForm, RateCardForm
from tests.builders import NOON
from tests.house import sources

PAGE = sources.read("docs/pricing.md")


def rows(columns: int) -> list[list[str]]:
    found = [row for row in sources.table_rows(PAGE) if len(row) == columns]
    return [[cell.replace("`", "") for cell in row] for row in found]


def quoted(name: str) -> str:
    """What the page's shell puts into a variable."""
    found = re.search(rf"^{name}='(.*?)'$", PAGE, re.M | re.S)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def card() -> RateCard:
    return RateCardForm.model_validate_json(quoted("CARD")).card()


@pytest.fixture(scope="module")
def price(card: RateCard) -> Price:
    return rules.price(card, JobForm.model_validate_json(quoted("JOB")).job(card.currency))


def test_the_worked_example_is_what_the_rules_make(price: Price) -> None:
    told = [f"{one.kind.value:>22} {one.amount_minor:6}  agreed\n" for one in price.components]
    assert "".join([*told, f"{'total':>22} {price.total_minor:6}  {price.currency}\n"]) in PAGE


def test_every_component_is_told_with_its_rule() -> None:
    told = {row[0]: row[1] for row in rows(3) if row[0] in set(Kind)}
    assert told == {kind.value: rule for kind, rule in {**RULES, **STAGE_RULES}.items()}


def test_the_examples_amounts_stand_beside_the_rules(price: Price) -> None:
    shown = {row[0]: row[2] for row in rows(3) if row[0] in {kind.value for kind in RULES}}
    made = {one.kind.value: str(one.amount_minor) for one in price.components}
    assert {kind: text.partition(":")[0] for kind, text in shown.items()} == {
        kind: made.get(kind, "no line") for kind in shown
    }


def test_the_fault_table_is_the_one_that_is_used() -> None:
    told = {
        reason: (party, payer)
        for reasons, party, payer in rows(3)
        if party in set(PAYS)
        for reason in reasons.split(", ")
    }
    assert told == {reason: (party.value, PAYS[party].value) for reason, party in AT_FAULT.items()}


def test_the_surge_table_is_what_the_rounds_make() -> None:
    told = [[int(cell) for cell in row] for row in rows(5)]
    assert [row[0] for row in told] == list(range(1, 12))
    made = Surge()
    for _, open_stops, free_capacity, pressure, permille in told:
        made = surge(open_stops, free_capacity, made)
        assert (made.pressure_permille, made.permille) == (pressure, permille)


PICKED_UP = ("0 created", "1 assigned", "9 picked_up")
AGAIN = ("60 rescheduled", "70 assigned", "80 picked_up", "90 delivered")

#: What the page tells in words, as histories: minute, event, reason.
STORIES = {
    "delivered": (*PICKED_UP, "20 arrived_at_dropoff", "22 delivered"),
    "delivered after 11 minutes at the door": (
        *PICKED_UP,
        "20 arrived_at_dropoff",
        "31 delivered",
    ),
    "nobody home, delivered at the second attempt": (
        *PICKED_UP,
        "20 attempt_failed customer_unavailable",
        *AGAIN,
    ),
    "vehicle breakdown, delivered at the second attempt": (
        *PICKED_UP,
        "20 attempt_failed vehicle_breakdown",
        *AGAIN,
    ),
    "refused at the door, returned": (
        *PICKED_UP,
        "20 attempt_failed customer_refused",
        "60 returning customer_refused",
        "60 returned",
    ),
    "damaged on the way, returned": (
        *PICKED_UP,
        "20 attempt_failed package_damaged",
        "60 returning package_damaged",
        "60 returned",
    ),
    "cancelled before a driver was assigned": ("0 created", "1 cancelled out_of_stock"),
    "cancelled by the shop after a driver was assigned": (
        "0 created",
        "1 assigned",
        "2 cancelled merchant_request",
    ),
    "cancelled because no driver was found, after one was assigned": (
        "0 created",
        "1 assigned",
        "2 cancelled no_driver_found",
    ),
    "cancelled by the customer after the pickup, returned": (
        *PICKED_UP,
        "12 returning customer_request",
        "40 returned",
    ),
}


def happened(story: tuple[str, ...]) -> list[Happening]:
    made = []
    for version, entry in enumerate(story, start=1):
        minute, what, *reason = entry.split()
        at: datetime = NOON + timedelta(minutes=int(minute))
        made.append(Happening(version, what, at, f"evt_{version}", *reason))
    return made


def test_what_it_costs_in_the_end_is_what_the_history_makes(card: RateCard, price: Price) -> None:
    told = {row[0]: [int(cell) for cell in row[1:]] for row in rows(4)}
    ended: dict[str, Charges] = {
        story: charges(card, price, happened(entries)) for story, entries in STORIES.items()
    }
    assert told == {
        story: [made.total_minor, made.tax_minor, made.platform_minor]
        for story, made in ended.items()
    }


def test_the_page_shows_json_that_the_form_takes() -> None:
    assert set(json.loads(quoted("CARD"))) <= set(RateCardForm.model_fields)
