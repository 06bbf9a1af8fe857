"""The calculator's file is what its command drives: the same seeds give the same numbers."""

import random

import pytest

from chalicelib.domain.pricing import own_fleet
from chalicelib.domain.simulation import calculator
from chalicelib.domain.simulation.city import City
from chalicelib.domain.simulation.inputs import Inputs


def city(seed: int) -> City:
    return City(Inputs(), lambda name: random.Random(f"{seed} {name}"))


@pytest.mark.parametrize("volume", [1, 12, 35])
def test_a_brand_drives_what_the_file_says(volume: int) -> None:
    assert calculator.one_brand(city(1), volume, 1) == own_fleet.measured().own[volume][0]


def test_a_network_drives_what_the_file_says() -> None:
    assert calculator.one_network(city(1), 150, 1) == own_fleet.measured().networks[150][0]


def test_the_file_holds_every_size_for_every_seed() -> None:
    known = own_fleet.measured()
    assert tuple(known.own) == calculator.VOLUMES
    assert tuple(known.networks) == calculator.NETWORKS
    assert {len(days) for days in (*known.own.values(), *known.networks.values())} == {
        len(known.seeds)
    }


def test_what_is_written_is_read_again() -> None:
    known = own_fleet.measured()
    assert own_fleet.read(calculator.written(known)) == known
