"""``make test``: the whole suite, and the few tests that failed of it once more, alone.

Many tests stand on real browsers, on real processes and on schedules that tick by themselves, all
on two shared cores. What fails there and passes alone is still a fault, of the test or of the
product: it is named last and loudest, to be mended, but it does not turn away work that has no part
in it. More than a few failures are no chance, and are not looked at again.

CPython's own suite does the same: "Re-run failed tests" (``python -m test --rerun``, devguide,
"Running and writing tests").
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

MOST = 3
#: Where pytest's own cache keeps what failed last. Source: pytest, "How to re-run failed tests".
LAST_FAILED = Path(".pytest_cache/v/cache/lastfailed")

Run = Callable[[Sequence[str]], int]


def run_pytest(arguments: Sequence[str]) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], check=False).returncode


def main(
    arguments: Sequence[str], run: Run = run_pytest, last_failed: Path = LAST_FAILED
) -> tuple[int, str]:
    """The status to end with, and what there is to say of the second look."""
    last_failed.unlink(missing_ok=True)
    status = run(arguments)
    if status != pytest.ExitCode.TESTS_FAILED or not last_failed.exists():
        return status, ""
    failed = sorted(json.loads(last_failed.read_text()))
    if not 0 < len(failed) <= MOST:
        return status, ""
    again = run(failed)
    if again != pytest.ExitCode.OK:
        return again, ""
    return 0, "\n".join(["FAILED AT FIRST, THEN PASSED ALONE: mend these.", *failed, ""])


if __name__ == "__main__":
    status, told = main(sys.argv[1:])
    sys.stderr.write(told)
    sys.exit(status)
