"""Cards are kept by version, agreed prices for ever, a hub's surge by rounds."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given

from chalicelib.domain.pricing import agreed as agreements
from chalicelib.domain.pricing import store
from chalicelib.domain.pricing.model import RateCard
from chalicelib.domain.pricing.rounds import current_surge
from chalicelib.kit.clock import FrozenClock
from chalicelib.kit.errors import NotFound, StaleVersion
from chalicelib.storage.keys import NETWORK
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import NOON
from tests.domain.pricing.cards import CARDS, a_card, a_job

Begin = Callable[[], UnitOfWork]


def save(begin: Begin, owner: str, card: RateCard) -> RateCard:
    uow = begin()
    saved = store.save_card(uow, owner, card)
    uow.commit()
    return saved


@given(CARDS)
def test_a_card_is_read_as_it_was_written(card: RateCard) -> None:
    assert store.from_item(store.to_item(card)) == card


def test_a_merchant_pays_by_its_own_card_else_by_the_networks_else_by_the_built_in(
    begin: Begin,
) -> None:
    assert store.load_card(begin(), "mer_1") == store.BUILT_IN_CARDS[-1]
    network = save(begin, NETWORK, a_card(base_minor=700))
    assert store.load_card(begin(), "mer_1") == network
    own = save(begin, "mer_1", a_card(base_minor=600))
    assert store.load_card(begin(), "mer_1") == own
    assert store.load_card(begin(), "mer_2") == network


def test_a_version_never_changes_and_the_newest_counts(begin: Begin, clock: FrozenClock) -> None:
    first = save(begin, "mer_1", a_card(base_minor=600))
    clock.advance(hours=1)
    second = save(begin, "mer_1", a_card(base_minor=650))
    assert (first.version, second.version) == (1, 2)
    assert second.valid_from == NOON + timedelta(hours=1)
    assert store.load_version(begin(), "mer_1", 1) == first
    assert store.load_card(begin(), "mer_1") == second
    versions, _ = store.list_versions(begin(), "mer_1", limit=10, after=None)
    assert versions == [second, first]


def test_two_who_save_at_once_do_not_overwrite_each_other(begin: Begin) -> None:
    one, two = begin(), begin()
    store.save_card(one, "mer_1", a_card(base_minor=600))
    store.save_card(two, "mer_1", a_card(base_minor=650))
    one.commit()
    with pytest.raises(StaleVersion):
        two.commit()
    assert store.load_card(begin(), "mer_1").base_minor == 600


@pytest.mark.parametrize(
    ("owner", "version"), [("mer_1", 1), (NETWORK, 1), ("built_in", 0), ("built_in", 99)]
)
def test_a_version_that_was_never_saved_is_not_found(
    begin: Begin, owner: str, version: int
) -> None:
    with pytest.raises(NotFound):
        store.load_version(begin(), owner, version)


def test_the_built_in_card_is_found_by_its_version_too(begin: Begin) -> None:
    card = store.BUILT_IN_CARDS[-1]
    assert store.load_version(begin(), card.owner, card.version) == card


def test_an_agreed_price_outlives_the_card_that_made_it(begin: Begin) -> None:
    save(begin, "mer_1", a_card())
    uow = begin()
    made = agreements.agree(uow, "mer_1", a_job(zone_id="zon_island", cash_on_delivery_minor=5))
    agreements.save_agreed(uow, "mer_1", "del_1", made)
    uow.commit()
    save(begin, "mer_1", a_card(base_minor=9_999))
    kept = agreements.load_agreed(begin(), "mer_1", "del_1")
    assert kept == made
    assert (kept.card_owner, kept.card_version) == ("mer_1", 1)


def test_an_agreed_price_is_never_replaced(begin: Begin) -> None:
    for cards_base in (500, 600):
        uow = begin()
        made = replace(agreements.agree(uow, "mer_1", a_job()), quote_id=f"qte_{cards_base}")
        agreements.save_agreed(uow, "mer_1", "del_1", made)
        if cards_base == 500:
            uow.commit()
        else:
            with pytest.raises(StaleVersion):
                uow.commit()
    assert agreements.load_agreed(begin(), "mer_1", "del_1").quote_id == "qte_500"


def test_a_delivery_without_an_agreed_price_is_told_so(begin: Begin) -> None:
    with pytest.raises(NotFound):
        agreements.load_agreed(begin(), "mer_1", "del_1")


def ask_surge(begin: Begin, open_stops: int, free_capacity: int) -> int:
    uow = begin()
    made = current_surge(uow, "hub_1", open_stops, free_capacity)
    uow.commit()
    return made.permille


def test_the_surge_takes_one_step_a_round_however_often_it_is_asked(
    begin: Begin, clock: FrozenClock
) -> None:
    seen = []
    for _ in range(12):
        seen.append([ask_surge(begin, 90, 10) for _ in range(5)])
        clock.advance(minutes=5)
    assert all(len(set(one)) == 1 for one in seen)
    steps = [after[0] - before[0] for before, after in itertools.pairwise(seen)]
    assert max(steps) == 100
    assert seen[-1][0] > 1300


def test_a_quiet_hour_brings_the_surge_down(begin: Begin, clock: FrozenClock) -> None:
    for _ in range(20):
        ask_surge(begin, 90, 10)
        clock.advance(minutes=5)
    assert ask_surge(begin, 90, 10) > 1500
    clock.advance(hours=3)
    assert ask_surge(begin, 1, 10) == 1000
