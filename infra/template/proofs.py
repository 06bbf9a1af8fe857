"""Where do photographs of delivered parcels lie, and who may put them there?

The driver's page uploads straight to the bucket with a form we signed; the bucket tells EventBridge
of each new object below `incoming/`, which wakes check_proof. It keeps what it made of the picture
below `proofs/`; an upload that nobody looked at goes after a day. Nothing in the bucket is public,
everything travels by TLS, and a photograph goes after 90 days (its record stays with the delivery).
"""

from __future__ import annotations

from infra.template.buckets import closed_bucket, only_by_tls
from infra.template.intrinsics import Json, ref

KEPT_DAYS = 90

PROOFS: Json = {
    "ProofsBucket": closed_bucket(
        KEPT_DAYS,
        also={"incoming/": 1},
        NotificationConfiguration={"EventBridgeConfiguration": {"EventBridgeEnabled": True}},
        CorsConfiguration={
            "CorsRules": [
                {
                    "AllowedMethods": ["POST"],
                    "AllowedOrigins": [ref("ProofUploadOrigin")],
                    "AllowedHeaders": ["*"],
                    "MaxAge": 3600,
                }
            ]
        },
    ),
    "ProofsBucketPolicy": only_by_tls("ProofsBucket"),
}
