"""What do all our buckets have in common? Nothing in them is public, everything travels by TLS."""

from __future__ import annotations

from infra.template.intrinsics import Json, ref, sub


def closed_bucket(
    days: int, below: str = "", also: dict[str, int] | None = None, **properties: Json
) -> Json:
    """A private bucket whose objects, or those below a prefix, go after so many days.

    ``also``: further prefixes, with days of their own.
    """
    return {
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
            "LifecycleConfiguration": {
                "Rules": [
                    {
                        "Id": "forget",
                        "Status": "Enabled",
                        "ExpirationInDays": days,
                        **({"Prefix": below} if below else {}),
                        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
                    },
                    *(
                        {
                            "Id": f"forget-{prefix.strip('/')}",
                            "Status": "Enabled",
                            "ExpirationInDays": after,
                            "Prefix": prefix,
                        }
                        for prefix, after in (also or {}).items()
                    ),
                ]
            },
            **properties,
        },
    }


def only_by_tls(bucket: str) -> Json:
    return {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {
            "Bucket": ref(bucket),
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "OnlyByTls",
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "s3:*",
                        "Resource": [sub("${" + bucket + ".Arn}"), sub("${" + bucket + ".Arn}/*")],
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    }
                ],
            },
        },
    }
