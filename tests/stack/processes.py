"""What do the processes of an embedded cloud do right now? Read off the kernel's own files."""

import os
from contextlib import suppress
from pathlib import Path


def pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def command(pid: int) -> str:
    try:
        return (
            Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        )
    except OSError:
        return ""


def parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def group(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0


def has_core(pid: int) -> bool:
    with suppress(OSError):
        return "lastmile_core/libcore.so" in Path(f"/proc/{pid}/maps").read_text()
    return False


def wants_processor(pid: int) -> bool:
    """Whether one of its threads runs, or would if the machine had a processor left for it."""
    with suppress(OSError):
        return any(
            (thread / "stat").read_text().rpartition(")")[2].split()[0] == "R"
            for thread in Path(f"/proc/{pid}/task").iterdir()
        )
    return False
