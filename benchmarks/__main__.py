"""``make bench``: which benchmarks there are, and the ones that can run here.

Instances are never part of the repository; ``$MDRP_INSTANCES`` names a folder of Grubhub's public
meal-delivery instances. Without it there is nothing to run, and that is said.
"""

import os
import sys
from pathlib import Path

from benchmarks import grubhub_orders

BENCHMARKS = {
    "python -m benchmarks.grubhub_orders --instances DIR": (
        "a Grubhub city-day of 150 orders through the public doors of the packaged stack"
    ),
}


def main() -> int:
    for command, what in BENCHMARKS.items():
        print(f"{command}\n    {what}")
    folder = Path(os.environ.get("MDRP_INSTANCES", ""))
    if not os.environ.get("MDRP_INSTANCES") or not folder.is_dir():
        print("\n$MDRP_INSTANCES names no folder: nothing to run.")
        return 0
    return grubhub_orders.main(["--instances", str(folder), "--rate", "40"])


if __name__ == "__main__":
    sys.exit(main())
