"""Where do snapshots and cuts of shared waves lie, which are too large for a message?

In a bucket of their own: what a new object starts in the bucket of proofs must not start here.
They hold positions and ids, serve for minutes, and go after a day. Hubs' street graphs lie beside
them (`python -m local.streets put`) and stay.
"""

from __future__ import annotations

from infra.template.buckets import closed_bucket, only_by_tls
from infra.template.intrinsics import Json

KEPT_DAYS = 1

PAYLOADS: Json = {
    "PayloadsBucket": closed_bucket(KEPT_DAYS, below="waves/"),
    "PayloadsBucketPolicy": only_by_tls("PayloadsBucket"),
}
