"""What does the merchants' calculator know? Brands and networks of several sizes, driven once each.

Writes what ``pricing.own_fleet`` reads. Ways and times only, in whole numbers: money is put on them
there.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.domain.pricing.own_fleet import Driven, Measured, Network
from chalicelib.domain.simulation import pooling
from chalicelib.domain.simulation.city import City
from chalicelib.domain.simulation.inputs import Inputs
from chalicelib.domain.simulation.tours import Tour

VOLUMES = (1, 2, 3, *pooling.VOLUMES, 800)
NETWORKS = (150, 300, 600, 1_200)


def one_brand(city: City, volume: int, seed: int) -> Driven:
    """A day of one brand with vans of its own."""
    return driven(city.inputs, pooling.own_tours(city, volume, seed))


def one_network(city: City, parcels: int, seed: int) -> Network:
    """A day of the network of thirty mixed brands."""
    inputs = city.inputs
    sends = pooling.mix(pooling.MIXES[0], parcels)
    day = pooling.NetworkDay(city, seed)
    return Network(
        sum(sends),
        len(sends),
        driven(inputs, day.brought(sum(sends))),
        driven(inputs, day.fetched(sends)),
        inputs.collect_parcel_s * sum(sends),
    )


def driven(inputs: Inputs, made: Sequence[Tour]) -> Driven:
    return Driven(
        sum(tour.metres for tour in made),
        sum(tour.seconds for tour in made),
        sum(max(inputs.least_shift_s, tour.seconds) for tour in made),
        len(made),
    )


def written(known: Measured) -> str:
    """The file's text: a line for each size, so that a change can be read."""
    own = {size: [_numbers(one) for one in days] for size, days in known.own.items()}
    networks = {
        size: [
            [one.parcels, one.brands, _numbers(one.brought), _numbers(one.fetched), one.loading_s]
            for one in days
        ]
        for size, days in known.networks.items()
    }
    return (
        '{\n "by": "python -m local.simulate calculator",\n'
        f' "seeds": {json.dumps(known.seeds)},\n'
        f' "own": {_lines(own)},\n "networks": {_lines(networks)}\n}}\n'
    )


def _numbers(one: Driven) -> list[int]:
    return [one.metres, one.seconds, one.paid_s, one.vans]


def _lines(rows: Mapping[int, Any]) -> str:
    lines = (
        f'  "{size}": {json.dumps(days, separators=(",", ":"))}' for size, days in rows.items()
    )
    return "{\n" + ",\n".join(lines) + "\n }"
