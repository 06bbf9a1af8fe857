"""How do rows become a table? Markdown, one line per instance, a mean per family and of all.

Distance: gap to the best known value; where there is none, the cost itself. Vehicles first:
vehicles and distance beside the reference's. Memory is the most of any row.
"""

import platform
from collections.abc import Iterable, Sequence
from typing import Any

type Row = dict[str, Any]

#: Whose cost the others' are told in where there is no best known value.
_YARDSTICK = "pyvrp"


def markdown(rows: Sequence[Row]) -> str:
    """The table of all rows, with conditions above and engines below it."""
    if not rows:
        return "Nothing was measured.\n"
    engines = list(dict.fromkeys(row["engine"] for row in rows))
    instances = list(dict.fromkeys((row["family"], row["instance"]) for row in rows))
    by_place = {(row["family"], row["instance"], row["engine"]): row for row in rows}
    lines = [_conditions(rows), "", _line("instance", "customers", "best known", *engines)]
    lines.append(_line(*["---"] * (3 + len(engines))))
    for family, name in instances:
        found = [by_place.get((family, name, engine)) for engine in engines]
        known = next((row for row in found if row and row["customers"]), found[0] or {})
        cells = [in_words(row) for row in found]
        lines.append(_line(f"{family}/{name}", known["customers"] or "", _best(known), *cells))
    families = list(dict.fromkeys(family for family, _ in instances))
    for family in families:
        some = [row for row in rows if row["family"] == family]
        lines.append(_summary(f"**mean of {family}**", some, engines))
    if len(families) > 1:
        lines.append(_summary("**mean of all**", rows, engines))
    return "\n".join([*lines, "", *_engines(rows, engines), ""])


def _conditions(rows: Sequence[Row]) -> str:
    def each(key: str) -> str:
        return ", ".join(str(one) for one in dict.fromkeys(row[key] for row in rows))

    return (
        f"Objective {each('objective')}; {each('budget_s')} CPU seconds of each core, "
        f"model building counted; threads {each('threads')}; seed {each('seed')}; "
        f"Python {platform.python_version()}, {platform.machine()}."
    )


def _line(*cells: object) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def _best(row: Row) -> str:
    if row.get("reference") is None:
        return "-"
    vehicles = row["reference_vehicles"]
    return f"{row['reference']:.10g}" if vehicles is None else f"{vehicles} / {row['reference']:g}"


def in_words(row: Row | None) -> str:
    """A row in a few words, for progress and cells."""
    if row is None:
        return ""
    if row["feasible"] is None:
        return "not stated"
    if not row["feasible"]:
        return "infeasible"
    if row["objective"] == "hierarchical":
        return f"{row['vehicles']} / {row['cost']:.10g}"
    return f"{row['cost']:.10g}" if row["gap_percent"] is None else _percent(row["gap_percent"])


def _percent(gap: float) -> str:
    """Without a minus before nothing: references are rounded."""
    return f"{round(gap, 2) + 0.0:.2f} %"


def _summary(title: str, rows: Sequence[Row], engines: Iterable[str]) -> str:
    """Means over what every engine that stated all of it was given; others have their count."""
    cells = []
    for engine in engines:
        some = [row for row in rows if row["engine"] == engine]
        cells.append(_mean(some) or _ratio(some, rows))
    return _line(title, "", "", *cells)


def _ratio(rows: Sequence[Row], everybody: Sequence[Row]) -> str:
    """Mean cost in terms of PyVRP's, for instances without a reference; "-" if it has none."""
    theirs = {row["instance"]: row["cost"] for row in everybody if row["engine"] == _YARDSTICK}
    ratios = [
        row["cost"] / theirs[row["instance"]]
        for row in rows
        if row["feasible"] and theirs.get(row["instance"])
    ]
    return f"{sum(ratios) / len(ratios):.4f} of {_YARDSTICK}" if ratios else "-"


def _mean(rows: Sequence[Row]) -> str:
    """Of gaps, or sums of vehicles and distance; nothing where there is no reference."""
    stated = [row for row in rows if row["feasible"]]
    if not stated:
        return "-"
    count = "" if len(stated) == len(rows) else f" (of {len(stated)})"
    if stated[0]["objective"] == "hierarchical":
        known = [row for row in stated if row["reference_vehicles"]]
        used = sum(row["vehicles"] for row in known)
        best = sum(row["reference_vehicles"] for row in known)
        distance = sum(row["cost"] for row in known) / (sum(r["reference"] for r in known) or 1)
        return f"{used} of {best} vehicles, distance {100 * (distance - 1):+.2f} %{count}"
    gaps = [row["gap_percent"] for row in stated if row["gap_percent"] is not None]
    return f"**{_percent(sum(gaps) / len(gaps))}**{count}" if gaps else ""


def _engines(rows: Sequence[Row], engines: Iterable[str]) -> list[str]:
    lines = [_line("engine", "version", "CPU s, mean", "memory MB, most"), _line(*["---"] * 4)]
    for engine in engines:
        some = [row for row in rows if row["engine"] == engine and row["seconds"] is not None]
        if some:
            spent = sum(row["seconds"] for row in some) / len(some)
            most = max(row["memory_mb"] for row in some)
            lines.append(_line(engine, some[0]["version"], f"{spent:.1f}", most))
    said = [
        f"- {row['family']}/{row['instance']}, {row['engine']}: {row['note']}"
        for row in rows
        if row["note"]
    ]
    return [*lines, "", *said] if said else lines
