"""Where do snapshots and cuts of shared waves lie, which are too large for a message?

In a bucket of their own: what a new object starts in the bucket of proofs must not start here.
They hold positions and ids, serve for minutes, and go after a day; recorded and simulated days and
their reports go after a month. Hubs' street graphs lie beside
them (`python -m local.streets put`) and stay.
"""

from __future__ import annotations

from infra.template.buckets import closed_bucket, only_by_tls
from infra.template.intrinsics import Json

KEPT_DAYS, SIMULATIONS_KEPT_DAYS = 1, 30

PAYLOADS: Json = {
    "PayloadsBucket": closed_bucket(
        KEPT_DAYS, below="waves/", also={"simulations/": SIMULATIONS_KEPT_DAYS}
    ),
    "PayloadsBucketPolicy": only_by_tls("PayloadsBucket"),
}
