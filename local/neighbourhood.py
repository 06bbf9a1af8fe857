"""Some streets around the demo merchant's store, so that `make serve` can find addresses.

Houses are strung along a straight line between a street's ends, odd and even alike. The lines are
drawn by hand, right to about a hundred metres: good for trying things out, not for driving.
"""

import json
from pathlib import Path
from typing import Any

# Street, postal code, first and last house number, (latitude, longitude) of either end.
STREETS = (
    ("Torstraße", "10119", 1, 231, (52.5287, 13.4167), (52.5266, 13.3889)),
    ("Auguststraße", "10117", 1, 92, (52.5288, 13.4020), (52.5257, 13.3921)),
    ("Linienstraße", "10178", 1, 160, (52.5272, 13.4105), (52.5263, 13.3925)),
    ("Kastanienallee", "10435", 1, 104, (52.5412, 13.4117), (52.5330, 13.4040)),
    ("Invalidenstraße", "10115", 1, 160, (52.5320, 13.4010), (52.5268, 13.3690)),
    ("Karl-Marx-Allee", "10178", 1, 143, (52.5208, 13.4170), (52.5160, 13.4530)),
)

# Streets of which only every so many houses are known: numbers between them are interpolated.
KNOWN_EVERY = {"Linienstraße": 5}


def addresses() -> list[dict[str, Any]]:
    """One row per house, as a gazetteer file holds them."""
    return [
        {
            "street": street,
            "house_number": str(number),
            "postal_code": postal_code,
            "city": "Berlin",
            "country": "DE",
            "latitude": round(_between(start[0], end[0], number, first, last), 6),
            "longitude": round(_between(start[1], end[1], number, first, last), 6),
        }
        for street, postal_code, first, last, start, end in STREETS
        for number in range(first, last + 1, KNOWN_EVERY.get(street, 1))
    ]


def _between(start: float, end: float, number: int, first: int, last: int) -> float:
    return start + (end - start) * (number - first) / (last - first)


def write(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(addresses(), ensure_ascii=False))
    return path
