"""Proof photos in S3: uploaded by the driver's phone, looked at by the recipient's browser.

No photo goes through a function. A phone gets a presigned POST for one exact key, type and size
range, valid for five minutes; a browser gets a presigned GET for sixty seconds, made only after the
reader's right was checked. Keys are ``proofs/<merchant>/<delivery>/<proof>``.
Source: S3 "Creating a POST policy"; limits from our security design (5 MB, private bucket).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from chalicelib.kit.errors import Invalid, NotFound
from chalicelib.kit.ids import is_id

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONTENT_TYPES = ("image/jpeg", "image/png", "image/webp")
MOST_BYTES = 5 * 1024 * 1024
UPLOAD_S = 300
VIEW_S = 60
#: Enough for the magic numbers of every type that we take.
PEEK_BYTES = 32


@dataclass(frozen=True, slots=True)
class Upload:
    """A form that the phone posts, with the photo as its last field ``file``."""

    url: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Peek:
    """What an uploaded object claims to be and how it begins."""

    size_bytes: int
    content_type: str
    first_bytes: bytes


def proof_key(merchant_id: str, delivery_id: str, proof_id: str) -> str:
    return f"proofs/{merchant_id}/{delivery_id}/{proof_id}"


def read_proof_key(key: str) -> tuple[str, str, str] | None:
    """The merchant, delivery and proof of a key; None when it is not a proof's."""
    parts = key.split("/")
    if len(parts) != 4 or parts[0] != "proofs" or not is_id(parts[2], "del"):
        return None
    return parts[1], parts[2], parts[3]


class S3Photos:
    """The bucket of proofs."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def upload_form(self, key: str, content_type: str) -> Upload:
        """Let a phone upload one photo to one key; raise Invalid on a type we do not take."""
        if content_type not in CONTENT_TYPES:
            raise Invalid(
                "a photo is JPEG, PNG or WebP",
                fields=[{"field": "content_type", "error": f"one of {', '.join(CONTENT_TYPES)}"}],
            )
        form = self._client.generate_presigned_post(
            self._bucket,
            key,
            Fields={"Content-Type": content_type},
            Conditions=[
                {"Content-Type": content_type},
                ["content-length-range", 1, MOST_BYTES],
            ],
            ExpiresIn=UPLOAD_S,
        )
        return Upload(form["url"], form["fields"])

    def view_url(self, key: str) -> str:
        """A link to look at one photo for sixty seconds."""
        return self._client.generate_presigned_url(
            "get_object", Params={"Bucket": self._bucket, "Key": key}, ExpiresIn=VIEW_S
        )

    def peek(self, key: str) -> Peek:
        """Size, declared type and first bytes of an object; raise NotFound if there is none."""
        try:
            reply = self._client.get_object(
                Bucket=self._bucket, Key=key, Range=f"bytes=0-{PEEK_BYTES - 1}"
            )
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code")
            if code == "NoSuchKey":
                raise NotFound("there is no such photo") from error
            if code == "InvalidRange":
                return Peek(0, "", b"")
            raise
        with reply["Body"] as body:
            first_bytes = body.read(PEEK_BYTES)
        whole = reply.get("ContentRange", "").rpartition("/")[2]
        size = int(whole) if whole.isdecimal() else reply["ContentLength"]
        return Peek(size, reply.get("ContentType", ""), first_bytes)

    def remove(self, key: str) -> None:
        """Delete a photo; one that is not there is as good as deleted."""
        self._client.delete_object(Bucket=self._bucket, Key=key)
