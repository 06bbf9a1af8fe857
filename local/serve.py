"""`make serve`: the packaged stack on this machine with a merchant to try it, until Ctrl-C.

Writes build/local.json (addresses, keys, ids; only its owner may read it) and removes it at the
end.
"""

import argparse
import signal
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from local import driver_link, neighbourhood
from local.cloud import ROOT, CloudNotStarted
from local.deploy import DeploymentFailed
from local.seed import CallRefused, seed
from local.stack import RunningStack, ensure_package, start_stack, written_down

FACTS = ROOT / "build/local.json"


def _stop_on_sigterm(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _serve(gazetteer: Path | None) -> None:
    begun = time.monotonic()

    def tell(text: str) -> None:
        print(f"{time.monotonic() - begun:6.1f} s  {text}", flush=True)

    ensure_package(tell)
    places = gazetteer or neighbourhood.write(ROOT / "build/neighbourhood.json")
    with start_stack(label="serve", gazetteer_path=places, progress=tell) as running:
        tell("making a hub, a merchant and three drivers")
        facts = seed(running.base_url, running.operator_key, shifts_from=datetime.now(UTC))
        with written_down(running, FACTS, facts):
            print(_what_next(running, facts), flush=True)
            while running.cloud.running:
                threading.Event().wait(1)
            print(f"the embedded cloud has ended:\n{running.cloud.log_tail()}", file=sys.stderr)


def _what_next(running: RunningStack, facts: dict[str, Any]) -> str:
    return f"""
Lastmile runs.

  API and pages       {running.base_url}
  Texts sent so far   {running.sms_url}
  The console         {running.base_url}/ops   {known(facts["dispatcher"])}
  The portal          {running.base_url}/m     {known(facts["member"])}
  A driver's app      {driver_link.link(running.base_url, facts["drivers"][0]["phone"])}
  AWS interfaces      {running.aws_endpoint_url}   (any credentials, region eu-central-1)
  Keys and ids        {FACTS.relative_to(ROOT)}
  Log                 {running.log_path.relative_to(ROOT)}

Try it from another terminal:

  curl -s {running.base_url}/v1/deliveries -H 'Authorization: Bearer {facts["api_key"]}'

docs/quickstart.md goes on from here with a signed order. Ctrl-C ends everything.
"""


def known(account: dict[str, str]) -> str:
    """How somebody signs in."""
    return f"{account['email']}, password {account['password']}"


def main() -> int:
    parser = argparse.ArgumentParser(description="Serve the stack on this machine.")
    parser.add_argument("--gazetteer", type=Path, help="JSON list of addresses to geocode with")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, _stop_on_sigterm)
    try:
        _serve(arguments.gazetteer)
    except KeyboardInterrupt:
        print("\nstopped")
        return 0
    except (CloudNotStarted, DeploymentFailed, CallRefused, RuntimeError) as error:
        print(error, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
