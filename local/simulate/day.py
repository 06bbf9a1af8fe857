"""A recorded day, or a made-up one, again with other choices: what would have come of it?

Plays as the function of simulations does, in this process and its siblings. See docs/what-if.md.
"""

import argparse
import json
import os
import sys
import urllib.request
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from chalicelib.domain.simulation import comparing, made_up, recorded, standing
from chalicelib.domain.simulation.choices import Choices, Scenario
from chalicelib.domain.simulation.comparing import Result
from chalicelib.domain.simulation.day import Run, simulate
from chalicelib.domain.simulation.model import Engine
from chalicelib.domain.simulation.recorded import RecordedDay
from chalicelib.entry import what_if_report
from chalicelib.entry.api.simulation_forms import RecipeForm, ScenarioForm
from chalicelib.entry.what_if_report import NAMES, Played
from chalicelib.kit.errors import Invalid
from local.simulate.working import Work, cpu_s, together

#: The operator's key, for ``--url``.
KEY = "LASTMILE_OPERATOR_KEY"
AS_IT_WAS = Scenario("as it was")
#: What is tried when nothing is asked for.
USUAL = (
    AS_IT_WAS,
    Scenario("one driver more", Choices(drivers=1)),
    Scenario("one driver fewer", Choices(drivers=-1)),
    Scenario("send everything at once", Choices(holds_back=False)),
    Scenario("an hour more to deliver", Choices(window_s=3600)),
)


def add_to(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--recording", type=Path, help="a file of GET /v1/hubs/.../recordings/...")
    source.add_argument("--url", help=f"a stage to record from; the key is in {KEY}")
    source.add_argument("--generated", nargs="*", metavar="NAME=VALUE", help="a made-up day")
    parser.add_argument("--hub", help="with --url")
    parser.add_argument("--day", type=date.fromisoformat, help="with --url; of a made-up day too")
    parser.add_argument(
        "--choices", type=Path, help='a JSON list: [{"name": "...", "choices": {...}}]'
    )
    parser.add_argument(
        "--scenario",
        action="append",
        default=[],
        metavar='"NAME: drivers=1 lockers=false"',
        help="one more scenario; the day as it was always comes first",
    )
    parser.add_argument("--seeds", type=int, default=1, help="how many")
    parser.add_argument("--engine", choices=[one.value for one in Engine], default="native")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--save", type=Path, help="keep the recording here")
    parser.add_argument("--out", type=Path, help="write the report here, as one HTML file")
    parser.add_argument("--json", type=Path, help="write the figures here")


def run(chosen: argparse.Namespace) -> int:
    try:
        day = day_of(chosen)
        scenarios = scenarios_of(chosen)
    except (Invalid, ValidationError, ValueError, OSError) as error:
        print(f"{getattr(error, 'detail', None) or error}", file=sys.stderr)
        return 2
    if chosen.save:
        chosen.save.write_bytes(recorded.write(day))
    works = [
        Work(f"{one.name}, seed {seed}", play, (day, number, Run(one, seed, chosen.engine)))
        for seed in range(1, chosen.seeds + 1)
        for number, one in enumerate(scenarios)
    ]
    outcomes = list(together(works, chosen.workers, "day"))
    results = [result for result, _ in outcomes]
    was = comparing.values_of(day, standing.figures_of(day)) if day.routes else {}
    if chosen.out:
        packed = {result.scenario: kept for result, kept in outcomes if result.seed == 1}
        played = [
            Played(one, recorded.unpack(packed[number])) for number, one in enumerate(scenarios)
        ]
        html = what_if_report.write(day, was, played, comparing.compare(results), chosen.seeds)
        chosen.out.write_text(html, encoding="utf-8")
    if chosen.json:
        chosen.json.write_text(_document(scenarios, was, results), encoding="utf-8")
    print(table(scenarios, was, results))
    print(f"{cpu_s():.0f} s of CPU", file=sys.stderr)
    return 0


def day_of(chosen: argparse.Namespace) -> RecordedDay:
    """The day that is played; raise Invalid or ValueError for what is none."""
    if chosen.recording:
        return recorded.read(chosen.recording.read_bytes())
    if chosen.url:
        return recorded.read(_downloaded(chosen))
    given = dict(one.partition("=")[::2] for one in chosen.generated)
    recipe = RecipeForm.model_validate({name: json.loads(v) for name, v in given.items()})
    day = chosen.day or date(2026, 11, 26)
    return made_up.make(recipe.recipe(), day, datetime.combine(day, time(23), UTC))


def _downloaded(chosen: argparse.Namespace) -> bytes:
    if not (chosen.hub and chosen.day and os.environ.get(KEY)):
        raise ValueError(f"--url wants --hub, --day, and the operator's key in {KEY}")
    address = f"{chosen.url.rstrip('/')}/v1/hubs/{chosen.hub}/recordings/{chosen.day}"
    if not address.startswith(("http://", "https://")):
        raise ValueError("--url is an address: https://...")
    asked = urllib.request.Request(address)  # noqa: S310 - checked above
    asked.add_header("Authorization", f"Bearer {os.environ[KEY]}")
    with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310 - checked above
        document: bytes = answer.read()
    return document


def scenarios_of(chosen: argparse.Namespace) -> list[Scenario]:
    """The day as it was first, then what is asked for, within the bounds of the API."""
    told: list[Any] = json.loads(chosen.choices.read_text()) if chosen.choices else []
    told += [_shorthand(text) for text in chosen.scenario]
    if not told:
        return list(USUAL)
    forms = [ScenarioForm.model_validate(one) for one in told]
    wanted = [Scenario(one.name, one.choices.choices()) for one in forms]
    return wanted if wanted[0].choices == Choices() else [AS_IT_WAS, *wanted]


def _shorthand(text: str) -> dict[str, Any]:
    name, _, rest = text.partition(":")
    pairs = (one.partition("=")[::2] for one in rest.replace(",", " ").split())
    return {"name": name.strip(), "choices": {key: json.loads(value) for key, value in pairs}}


def play(day: RecordedDay, number: int, wanted: Run) -> tuple[Result, bytes]:
    """One run, in whatever process it lands."""
    came_out = simulate(day, wanted)
    values = comparing.values_of(came_out, standing.figures_of(came_out))
    return Result(number, wanted.seed, values), recorded.pack(came_out)


def _document(
    scenarios: Sequence[Scenario], was: dict[str, float], results: Sequence[Result]
) -> str:
    rows = [
        {
            "scenario": scenarios[one.scenario].name,
            "choices": scenarios[one.scenario].choices.told(),
            "seed": one.seed,
            "values": dict(one.values),
        }
        for one in results
    ]
    return json.dumps({"recorded": was, "runs": rows}, indent=1) + "\n"


def table(scenarios: Sequence[Scenario], was: dict[str, float], results: Sequence[Result]) -> str:
    """The figures by scenario, as Markdown: means, their intervals, and what was recorded."""
    compared = comparing.compare(results)
    heads = [*(["recorded"] if was else []), *(one.name for one in scenarios)]
    lines = [f"| figure | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    for name, title in NAMES.items():
        cells = [what_if_report.number(name, was[name]) if name in was else "–"] if was else []
        for one in compared:
            value = one.values.get(name)
            cells.append("–" if value is None else what_if_report.with_interval(name, value))
        if any(cell != "–" for cell in cells):
            lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join(lines)
