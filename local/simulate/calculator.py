"""Drive what the merchants' calculator knows, and write it where the web function reads it.

Same seeds, same bytes, on any machine: the search counts steps.
"""

import argparse
import random
from pathlib import Path

from chalicelib.domain.pricing.own_fleet import Measured
from chalicelib.domain.simulation import calculator
from chalicelib.domain.simulation.city import City
from chalicelib.domain.simulation.inputs import Inputs
from local.simulate.working import Work, together

FILE = Path("chalicelib/domain/pricing/own_fleet.json")


def add_to(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--out", type=Path, default=FILE)


def run(chosen: argparse.Namespace) -> int:
    seeds = range(1, chosen.seeds + 1)
    sizes = [(one_brand, size) for size in calculator.VOLUMES]
    sizes += [(one_network, size) for size in calculator.NETWORKS]
    asked = [
        Work(f"{size} a day, seed {seed}", what, (size, seed))
        for what, size in sizes
        for seed in seeds
    ]
    found = together(asked, chosen.workers, "calculator")
    own = {size: tuple(next(found) for _ in seeds) for size in calculator.VOLUMES}
    networks = {size: tuple(next(found) for _ in seeds) for size in calculator.NETWORKS}
    found.close()
    chosen.out.write_text(calculator.written(Measured(tuple(seeds), own, networks)))
    print(f"{chosen.out}: {len(asked)} days")
    return 0


def one_brand(size: int, seed: int) -> object:
    return calculator.one_brand(city(seed), size, seed)


def one_network(size: int, seed: int) -> object:
    return calculator.one_network(city(seed), size, seed)


def city(seed: int, inputs: Inputs | None = None) -> City:
    """The city of a seed."""
    return City(inputs or Inputs(), lambda name: random.Random(f"{seed} {name}"))
