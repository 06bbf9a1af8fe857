"""What a route pays, for any rates and any route."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.drivers import pay_rates
from chalicelib.domain.drivers.pay import (
    LineKind,
    Pay,
    PayRates,
    at_least,
    pay_of,
    waiting_of,
    with_line,
    with_tips,
)
from chalicelib.domain.drivers.pay_items import pay_from_item, pay_to_item
from chalicelib.kit.errors import CurrencyMismatch

amounts = st.integers(0, 10_000)
rates = st.builds(
    PayRates,
    currency=st.sampled_from(["EUR", "USD", "SEK"]),
    guarantee_minor=amounts,
    per_stop_minor=amounts,
    per_km_minor=amounts,
    per_minute_minor=amounts,
    failed_stop_permille=st.integers(0, 1000),
    wait_free_s=st.integers(0, 1200),
    wait_per_minute_minor=amounts,
)
work = st.tuples(
    st.integers(0, 98),
    st.integers(0, 200_000),
    st.integers(0, 36_000),
    amounts,
    st.integers(0, 98),
)


@given(rates, work, amounts)
def test_it_is_the_guarantee_at_least_and_the_lines_are_the_total(
    rates: PayRates, done: tuple[int, ...], tips: int
) -> None:
    pay, bonus = with_tips(pay_of(rates, *done), tips), done[3]
    assert pay.total_minor >= rates.guarantee_minor + bonus + tips
    assert pay.total_minor == sum(line.amount_minor for line in pay.lines)
    assert (pay.amount_of(LineKind.BONUS), pay.amount_of(LineKind.TIPS)) == (bonus, tips)
    assert pay.currency == rates.currency
    worked = sum(
        pay.amount_of(kind)
        for kind in (LineKind.STOPS, LineKind.FAILED_STOPS, LineKind.DISTANCE, LineKind.TIME)
    )
    assert pay.total_minor - bonus - tips == max(rates.guarantee_minor, worked)


@given(rates, work, work)
def test_who_does_more_gets_no_less(
    rates: PayRates, done: tuple[int, ...], more: tuple[int, ...]
) -> None:
    longer = tuple(a + b for a, b in zip(done, more, strict=True))
    assert pay_of(rates, *longer).total_minor >= pay_of(rates, *done).total_minor


@given(rates, work)
def test_each_line_can_be_worked_out_from_what_it_says(
    rates: PayRates, done: tuple[int, ...]
) -> None:
    """A part of a kilometre or a minute is paid to the nearest unit, half of one up."""
    per = {"stop": 1, "m": 1000, "s": 60}
    for line in pay_of(rates, *done).lines:
        if line.rate_minor is not None:
            exact = line.quantity * line.rate_minor / per[line.unit]
            assert abs(line.amount_minor - exact) <= 0.5
            assert line.amount_minor >= exact - 0.5


@given(rates, work)
def test_pay_is_read_as_it_was_kept(rates: PayRates, done: tuple[int, ...]) -> None:
    pay = pay_of(rates, *done)
    assert pay_from_item(pay_to_item(pay)) == pay
    assert pay_rates.rates_from_item(pay_rates.rates_to_item(rates)) == rates


@given(rates, st.lists(st.integers(0, 7200)))
def test_waiting_is_paid_by_the_full_minute_after_the_free_time(
    rates: PayRates, waits_s: list[int]
) -> None:
    line = waiting_of(rates, waits_s)
    minutes = sum(max(0, (wait - rates.wait_free_s) // 60) for wait in waits_s)
    assert (0 if line is None else line.amount_minor) == minutes * rates.wait_per_minute_minor


@given(rates, work, work)
def test_what_was_agreed_is_kept(
    rates: PayRates, done: tuple[int, ...], promised: tuple[int, ...]
) -> None:
    agreed, owed = pay_of(rates, *promised), pay_of(rates, *done)
    kept = at_least(owed, agreed)
    assert kept.total_minor == max(owed.total_minor, agreed.total_minor)


def test_the_worked_example_of_the_documents() -> None:
    found = pay_rates.built_in("DE")
    assert found is not None
    pay = pay_of(found.default, 2, 1345, 581)
    assert [(line.kind.value, line.amount_minor) for line in pay.lines] == [
        ("stops", 80),
        ("distance", 47),
        ("time", 242),
        ("guarantee", 231),
    ]
    assert pay.total_minor == 600


def test_currencies_do_not_mix() -> None:
    euros, francs = (pay_of(PayRates(code, 100), 1, 1, 1) for code in ("EUR", "CHF"))
    with pytest.raises(CurrencyMismatch):
        at_least(euros, francs)


@pytest.mark.parametrize(
    "wrong",
    [{"per_stop_minor": -1}, {"guarantee_minor": 1_000_001}, {"failed_stop_permille": 1001}],
)
def test_rates_that_cannot_be_meant_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"pay|rate"):
        PayRates("EUR", **wrong)
    with pytest.raises(ValueError, match="ISO"):
        PayRates("Euro")


def test_nothing_negative_is_paid() -> None:
    with pytest.raises(ValueError, match="nothing"):
        pay_of(PayRates("EUR"), -1, 0, 0)


def test_a_line_more_is_in_the_total() -> None:
    rates = PayRates("EUR", 600, wait_free_s=300, wait_per_minute_minor=25)
    pay = with_line(pay_of(rates, 1, 0, 0), waiting_of(rates, [480, 100]))
    assert pay.total_minor == 600 + 3 * 25
    assert with_line(Pay("EUR", ()), None) == Pay("EUR", ())


def test_every_currency_that_we_know_has_rates() -> None:
    for country in pay_rates.CURRENCIES:
        found = pay_rates.built_in(country)
        assert found is not None
        assert found.default.guarantee_minor > 0
    assert pay_rates.built_in("XX") is None
