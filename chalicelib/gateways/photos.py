"""Proof photos in S3: uploaded by the driver's phone, looked at by the recipient's browser.

No photo goes through the web function. A phone gets a presigned POST for one exact key, type and
size range, valid for five minutes; a browser gets a presigned GET for sixty seconds, made only
after the reader's right was checked. What is uploaded lies under ``incoming/``, where nobody is led
to: its form may be used again as long as it is valid. What is shown lies under ``proofs/``, and
only we write there, after a look. Both go on with ``<merchant>/<delivery>/<proof>``; papers made of
them lie under
``papers/<merchant>/<delivery>/``.
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
class Uploaded:
    """An uploaded object: what it claims to be, and its bytes, or only the first of too many."""

    size_bytes: int
    content_type: str
    body: bytes


def upload_key(merchant_id: str, delivery_id: str, proof_id: str) -> str:
    """Where a picture is put by whoever took it."""
    return f"incoming/{merchant_id}/{delivery_id}/{proof_id}"


def proof_key(merchant_id: str, delivery_id: str, proof_id: str) -> str:
    """Where a picture that was looked at lies."""
    return f"proofs/{merchant_id}/{delivery_id}/{proof_id}"


def paper_key(merchant_id: str, delivery_id: str) -> str:
    return f"papers/{merchant_id}/{delivery_id}/proof.pdf"


def invoice_key(merchant_id: str, number: str, kind: str) -> str:
    """``kind``: pdf, xml, csv."""
    return f"papers/{merchant_id}/invoices/{number}.{kind}"


def read_upload_key(key: str) -> tuple[str, str, str] | None:
    """The merchant, delivery and proof of an upload's key; None when it is not one."""
    parts = key.split("/")
    if len(parts) != 4 or parts[0] != "incoming" or not is_id(parts[2], "del"):
        return None
    return parts[1], parts[2], parts[3]


class S3Photos:
    """The bucket of proofs."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def upload_form(self, key: str, content_type: str, *, leads_to: str | None = None) -> Upload:
        """Let a phone upload one photo to one key; raise Invalid on a type we do not take.

        ``leads_to``: where a browser goes on afterwards, for forms without a script.
        """
        back = {} if leads_to is None else {"success_action_redirect": leads_to}
        if content_type not in CONTENT_TYPES:
            raise Invalid(
                "a photo is JPEG, PNG or WebP",
                fields=[{"field": "content_type", "error": f"one of {', '.join(CONTENT_TYPES)}"}],
            )
        form = self._client.generate_presigned_post(
            self._bucket,
            key,
            Fields={"Content-Type": content_type, **back},
            Conditions=[
                {"Content-Type": content_type},
                *({name: value} for name, value in back.items()),
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

    def fetch(self, key: str) -> Uploaded:
        """An object, of which no more is read than may be; raise NotFound if there is none."""
        try:
            reply = self._client.get_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == "NoSuchKey":
                raise NotFound("there is no such photo") from error
            raise
        size = reply["ContentLength"]
        with reply["Body"] as body:
            read = body.read(PEEK_BYTES if size > MOST_BYTES else MOST_BYTES)
        return Uploaded(size, reply.get("ContentType", ""), read)

    def keep(self, key: str, body: bytes, content_type: str) -> None:
        """Store what we made ourselves: a picture that was looked at, a paper."""
        self._client.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=content_type)

    def remove(self, key: str) -> None:
        """Delete an object; one that is not there is as good as deleted."""
        self._client.delete_object(Bucket=self._bucket, Key=key)

    def remove_all(self, merchant_id: str, delivery_id: str) -> int:
        """Delete every picture and paper of a delivery; returns how many there were."""
        removed = 0
        for folder in ("incoming", "proofs", "papers"):
            prefix = f"{folder}/{merchant_id}/{delivery_id}/"
            page = self._client.list_objects_v2(Bucket=self._bucket, Prefix=prefix)
            # A delivery has a handful: far from the thousand of one page.
            for row in page.get("Contents", []):
                self.remove(row["Key"])
                removed += 1
        return removed
