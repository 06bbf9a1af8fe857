"""What is too large for a message: a shared wave's snapshot and cuts, in S3.

Every payload has a key of its own that nobody writes twice; the wave's item says which one counts.
So a worker that comes late, or twice, spoils nothing. Payloads hold positions and ids, no people;
the bucket is private and forgets waves after a day, simulations after a month.
Source: SQS takes 256 kB per message, or 1 MB.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def payload_key(wave_id: str, payload_id: str) -> str:
    return f"waves/{wave_id}/{payload_id}"


def day_key(simulation_id: str) -> str:
    """The day that a simulation plays."""
    return f"simulations/{simulation_id}/day"


def played_key(simulation_id: str, scenario: int) -> str:
    """What a scenario came to under the first seed: what the report's maps show."""
    return f"simulations/{simulation_id}/played-{scenario}"


def report_key(simulation_id: str) -> str:
    return f"simulations/{simulation_id}/report.html"


class S3Payloads:
    """The bucket of payloads."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, key: str, packed: bytes) -> None:
        self._client.put_object(
            Bucket=self._bucket, Key=key, Body=packed, ContentType="application/octet-stream"
        )

    def get(self, key: str) -> bytes:
        """What was put; S3 shows a new object to every reader at once.

        Raises
        ------
        ClientError
            If it is not there any more: the message came a day late.
        """
        with self._client.get_object(Bucket=self._bucket, Key=key)["Body"] as body:
            return body.read()
