"""How do days become a table? Markdown: one line per instance, policies beside each other."""

import platform
from collections.abc import Sequence
from statistics import mean
from typing import Any

type Row = dict[str, Any]

#: Whom the others are compared with.
YARDSTICK = "everything"


def markdown(rows: Sequence[Row], tuned_on: Sequence[str]) -> str:
    """Driving against sending everything, in the mean over the seeds, and its range."""
    policies = [p for p in dict.fromkeys(row["policy"] for row in rows) if p != YARDSTICK]
    names = list(dict.fromkeys(row["instance"] for row in rows))
    seeds = ", ".join(str(one) for one in dict.fromkeys(row["asked_seed"] for row in rows))
    spent = mean(row["cpu_s"] / row["epochs"] for row in rows)
    lines = [
        f"{rows[0]['budget_s']:g} CPU seconds of search per epoch, {spent:.2f} s in all; seeds "
        f"{seeds} (0: the competition's own); Python {platform.python_version()}.",
        "",
        _line("instance", "requests", "everything, driving s", *policies),
        _line(*["---"] * (3 + len(policies))),
    ]
    for name in names:
        some = [row for row in rows if row["instance"] == name]
        base = [row for row in some if row["policy"] == YARDSTICK]
        requests = round(mean(row["requests"] for row in base))
        tuned = " (tuned on)" if any(one in name for one in tuned_on) else ""
        short = name.removeprefix("ORTEC-VRPTW-ASYM-") + tuned
        driving = f"{mean(row['driving_s'] for row in base):,.0f}"
        lines.append(_line(short, requests, driving, *(_told(some, p) for p in policies)))
    held_out = [row for row in rows if not any(one in row["instance"] for one in tuned_on)]
    for title, some in (("**mean of all**", rows), ("**mean of those held out**", held_out)):
        lines.append(_line(title, "", "", *(f"**{_told(some, p)}**" for p in policies)))
    return "\n".join([*lines, ""])


def changes(rows: Sequence[Row], policy: str) -> list[float]:
    """By how much a policy drives more than the yardstick on the same day, per day [%]."""
    base = {
        (row["instance"], row["seed"]): row["driving_s"]
        for row in rows
        if row["policy"] == YARDSTICK
    }
    return [
        100 * (row["driving_s"] / base[row["instance"], row["seed"]] - 1)
        for row in rows
        if row["policy"] == policy and (row["instance"], row["seed"]) in base
    ]


def _told(rows: Sequence[Row], policy: str) -> str:
    found = changes(rows, policy)
    if not found:
        return "-"
    if len(found) == 1:
        return f"{found[0]:+.1f} %"
    return f"{mean(found):+.1f} % ({min(found):+.1f} to {max(found):+.1f})"


def _line(*cells: object) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"
