"""What are forecasts off by, before a hub has learned it? Percentiles by horizon [s].

Made by ``python -m benchmarks.eta --write``; do not edit.
"""

from chalicelib.domain.tracking.windows import Spread

SPREADS = (
    Spread(-40, 0, 54),
    Spread(-117, -8, 154),
    Spread(-194, -10, 253),
    Spread(-307, -3, 413),
    Spread(-481, 19, 666),
    Spread(-772, 77, 1118),
    Spread(-1390, 251, 2365),
)
