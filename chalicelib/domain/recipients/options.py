"""What is one thing that can be chosen on a form?"""

from dataclasses import dataclass

from chalicelib.kit.timewindow import TimeWindow, read_instant, write_instant


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose; ``value`` is what the form sends."""

    value: str
    label: str
    note: str = ""
    is_chosen: bool = False


def write_window(window: TimeWindow) -> str:
    return f"{write_instant(window.start_at)}/{write_instant(window.end_at)}"


def read_window(value: str) -> TimeWindow:
    """Raise ValueError for what :func:`write_window` did not write."""
    start, _, end = value.partition("/")
    return TimeWindow(read_instant(start), read_instant(end))
