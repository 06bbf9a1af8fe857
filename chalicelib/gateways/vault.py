"""The installation's own secrets: two SecureString parameters of SSM, made once by the deployment.

They cost nothing (a Secrets Manager secret would cost by the month) and are kept in memory for five
minutes, so that a replaced operator key ends soon everywhere.
"""

import base64
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

KEPT_S = 300


class SsmVault:
    """Reads the server's key and the operator's key."""

    def __init__(self, client: "SSMClient", server_key_name: str, operator_key_name: str) -> None:
        self._client = client
        self._server_key_name = server_key_name
        self._operator_key_name = operator_key_name
        self._kept: dict[str, tuple[float, str]] = {}

    def server_key(self) -> bytes:
        """The key that everything else is derived from, 32 bytes."""
        return base64.b64decode(self._read(self._server_key_name))

    def operator_key(self) -> str:
        """The bearer key of the operations desk."""
        return self._read(self._operator_key_name)

    def _read(self, name: str) -> str:
        # perf_counter measures a span; nothing here asks what time it is.
        kept = self._kept.get(name)
        if kept is not None and time.perf_counter() - kept[0] < KEPT_S:
            return kept[1]
        value = self._client.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
        self._kept[name] = (time.perf_counter(), value)
        return value
