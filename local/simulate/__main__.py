"""Which simulation is meant? ``python -m local.simulate study`` and its siblings.

A command is a module with ``add_to(parser)``, which states its options, and ``run(chosen)``, which
returns the exit status.
"""

import argparse
import sys
from collections.abc import Sequence
from types import ModuleType

from local.simulate import calculator, day, study

COMMANDS: dict[str, ModuleType] = {"day": day, "study": study, "calculator": calculator}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m local.simulate", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, module in COMMANDS.items():
        headline = (module.__doc__ or "").splitlines()[0]
        command = commands.add_parser(name, help=headline, description=headline)
        module.add_to(command)
    chosen = parser.parse_args(arguments)
    status: int = COMMANDS[chosen.command].run(chosen)
    return status


if __name__ == "__main__":
    sys.exit(main())
