"""Keep one child process exactly as long as somebody holds the other end of our standard input.

The kernel closes that pipe however our parent ends, SIGKILL included, so nothing has to be caught
there. Then the child gets SIGTERM, some seconds to save its state, and its whole process group
SIGKILL: an emulated Lambda's workers live in that group and must not outlive it.
Usage: python -I keeper.py GRACE_SECONDS FOLDER_TO_REMOVE COMMAND...
The folder (scratch space) goes last; "-" keeps everything. Prints the child's pid on one line.
"""

import ctypes
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

_PR_SET_PDEATHSIG = 1  # Source: prctl(2)


def _die_with_keeper() -> None:
    """In the child: on Linux, not even a killed keeper leaves the child behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _wait_for_the_end(child: subprocess.Popen[bytes]) -> None:
    """Return when our input has ended, the child has, or a signal asks us to stop."""
    while child.poll() is None:
        readable, _, _ = select.select([0], [], [], 0.5)
        if readable and not os.read(0, 4096):
            return


def _signal_group(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


def _end(child: subprocess.Popen[bytes], grace_s: float) -> None:
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(grace_s)
        except subprocess.TimeoutExpired:
            child.kill()
    child.wait()
    # Once more until none answers: a worker may have been about to fork.
    for _ in range(20):
        if not _signal_group(child.pid, signal.SIGKILL):
            return
        time.sleep(0.05)


def main(arguments: list[str]) -> int:
    grace_s, scratch, *command = arguments
    # SystemExit leaves the waiting below; Ctrl-C in the terminal is for our parent to decide on.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    child = subprocess.Popen(  # preexec_fn: this process has one thread
        command, stdin=subprocess.DEVNULL, process_group=0, preexec_fn=_die_with_keeper
    )
    try:
        print(child.pid, flush=True)
        _wait_for_the_end(child)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        _end(child, float(grace_s))
        if scratch != "-":
            shutil.rmtree(Path(scratch), ignore_errors=True)
    return child.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
