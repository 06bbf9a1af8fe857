"""A stranger's tool reads /openapi.json and tries everything: every check on, nothing found."""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

from tests.entry import belongings
from tests.entry.conftest import OPERATOR_KEY, Doors
from tests.entry.loopback import serving

#: The systematic phase sends 8,000 requests and takes minutes: `make check-api` runs it, too.
PHASES = "examples,fuzzing,stateful"
if os.environ.get("SCHEMATHESIS") == "full":
    PHASES = "examples,coverage,fuzzing,stateful"

CONFIG = """
[auth.openapi.operatorKey]
bearer = "{operator}"
[auth.openapi.merchantKey]
bearer = "{merchant}"
[auth.openapi.driverToken]
bearer = "{driver}"

# Ids of things that are there: else every answer would be 404. Those of strangers have tests of
# their own (test_tenants.py).
[parameters]
delivery_id = "{delivery_id}"
offer_id = "{offer_id}"
stop_id = "{stop_id}"
merchant_id = "{merchant_id}"

# Rules between fields, real phones, time zones and our own cursors stand in no schema.
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "400", "401", "403", "404", "409", "422"]
"""


def test_schemathesis_finds_nothing(doors: Doors, tmp_path: Path) -> None:
    offer = belongings.an_offer(doors)
    doors.call("POST", f"/v1/offers/{offer.id}/accept", {}, offer.token)
    route = doors.call("GET", "/v1/driver/route", token=offer.token).body["route"]
    config = CONFIG.format(
        operator=OPERATOR_KEY,
        merchant=doors.stage.api_key,
        driver=offer.token,
        delivery_id=belongings.a_delivery(doors).id,
        offer_id=offer.id,
        stop_id=route["stops"][0]["id"],
        merchant_id=doors.stage.merchant_id,
    )
    (tmp_path / "schemathesis.toml").write_text(config)
    # As a file: for what it fetches itself, the tool waits ten seconds and no more.
    (tmp_path / "openapi.json").write_bytes(doors.call("GET", "/openapi.json").raw)
    # A key has ten calls a second; the driver's token lives for fifteen minutes.
    later = partial(doors.stage.clock.advance, seconds=0.11)
    with serving(doors.stage.client, later) as address:
        done = subprocess.run(
            [
                Path(sys.executable).with_name("st"),
                "--config-file=schemathesis.toml",
                "run",
                "openapi.json",
                f"--url={address}",
                "--checks=all",
                "--max-examples=3",
                f"--phases={PHASES}",
                "--seed=7",
                "--generation-database=none",
                # A busy machine is no fault of ours.
                "--request-timeout=300",
                "--suppress-health-check=too_slow",
                "--no-color",
                # Pages of people who sign in lead a stranger there, whatever was asked for.
                "--exclude-path-regex=^/(m|ops)(/|$)",
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=1800,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-60_000:] + done.stderr[-2000:]
