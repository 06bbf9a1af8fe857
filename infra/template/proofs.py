"""Where do photographs of delivered parcels lie, and who may put them there?

The driver's page uploads straight to the bucket with a form we signed; the bucket tells EventBridge
of each new object, which wakes check_proof. Nothing in it is public, everything travels by TLS,
and a photograph goes after 90 days (its record stays with the delivery).
"""

from __future__ import annotations

from infra.template.intrinsics import Json, ref, sub

KEPT_DAYS = 90

PROOFS: Json = {
    "ProofsBucket": {
        "Type": "AWS::S3::Bucket",
        # A bucket that holds objects refuses to be deleted, and keeping it is right.
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
                ]
            },
            "NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}},
            "LifecycleConfiguration": {
                "Rules": [
                    {
                        "Id": "forget",
                        "Status": "Enabled",
                        "ExpirationInDays": KEPT_DAYS,
                        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
                    }
                ]
            },
            "CorsConfiguration": {
                "CorsRules": [
                    {
                        "AllowedMethods": ["POST"],
                        "AllowedOrigins": [ref("ProofUploadOrigin")],
                        "AllowedHeaders": ["*"],
                        "MaxAge": 3600,
                    }
                ]
            },
        },
    },
    "ProofsBucketPolicy": {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {
            "Bucket": ref("ProofsBucket"),
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "OnlyByTls",
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "s3:*",
                        "Resource": [
                            sub("${ProofsBucket.Arn}"),
                            sub("${ProofsBucket.Arn}/*"),
                        ],
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    }
                ],
            },
        },
    },
}
