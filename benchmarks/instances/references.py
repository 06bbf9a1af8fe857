"""What is the best known value? Read from a family's ``bks.json``, as its README says.

Keys: ``value`` (the family's own objective), ``distance_dimacs`` and ``distance_only`` (least
distance), ``hierarchical`` (vehicles, then distance), or ``vehicles`` with ``cost`` (the same).
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

#: Some of HFVRP's values are whole numbers of 1/100,000 of the others' unit; no cost is so high.
_TOO_DEAR = 1e8
_HFVRP_UNIT = 100_000

OBJECTIVES = ("distance", "hierarchical")


@dataclass(frozen=True, slots=True)
class Reference:
    """``vehicles`` is None where only the cost counts; ``cost`` is in the unit of ``bks.json``."""

    cost: float
    vehicles: int | None = None


def entry(path: Path) -> dict[str, Any]:
    """What ``bks.json`` says of an instance's file; empty if nothing."""
    known = _known(path.parent / "bks.json")
    return known.get(stem(path), {})


def stem(path: Path) -> str:
    """Name of the instance in a file, gzipped or not."""
    return path.name.removesuffix(".gz").removesuffix(".txt").removesuffix(".vrp")


@cache
def _known(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text()) if path.exists() else {}


def reference(path: Path, objective: str = "distance") -> Reference | None:
    """The reference for an objective; None where ``bks.json`` has none."""
    known = entry(path)
    if objective == "hierarchical":
        found = known.get("hierarchical", known)
        if "vehicles" not in found:
            return None
        return Reference(float(found.get("distance", found.get("cost"))), int(found["vehicles"]))
    for key in ("value", "distance_dimacs", "distance_only"):
        if key in known:
            found = known[key]
            value = float(found["value"] if isinstance(found, dict) else found)
            heterogeneous = "hfvrp" in f"{path.parent.name} {known.get('source', '')}".lower()
            return Reference(_in_money(value) if heterogeneous else value)
    return None


def _in_money(value: float) -> float:
    return value / _HFVRP_UNIT if value > _TOO_DEAR else value
