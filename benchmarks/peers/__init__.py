"""The engines that are compared: ours, and those that anybody can install from PyPI.

Each module has ``solve(instance, ask) -> Answer`` and ``version()``; one that has no words for an
instance raises ``NotStated`` and says why. ``ENGINES`` names them; a module is imported only in the
process that uses it, so that nobody's memory holds another engine.
"""

from importlib import import_module
from typing import cast

from benchmarks.peers.asking import Answer, Ask, Engine

ENGINES = ("ours", "ortools", "pyvrp", "vroom")


def engine(name: str) -> Engine:
    """The module of an engine of ``ENGINES``."""
    return cast(Engine, import_module(f"benchmarks.peers.{name}"))


__all__ = ["ENGINES", "Answer", "Ask", "engine"]
