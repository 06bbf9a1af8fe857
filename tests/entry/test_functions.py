"""Functions as Lambda has them: one module in a fresh interpreter, never the app, real events."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FUNCTIONS = sorted(path.stem for path in (ROOT / "chalicelib/entry/functions").glob("[a-z]*.py"))
HEAVY = ("ortools", "numpy", "pandas", "app")


def python(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def said() -> Any:
    return json.loads(python("-m", "tests.entry.lambda_stage").splitlines()[-1])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_imported_by_its_name_and_brings_nothing_heavy(function: str) -> None:
    """A cold start pays for every import; the solver is loaded when there is something to solve."""
    script = (
        "import sys, json\n"
        f"from chalicelib.entry.functions.{function} import {function}\n"
        f"print(json.dumps([callable({function}), [n for n in {HEAVY!r} if n in sys.modules]]))"
    )
    assert json.loads(python("-c", script)) == [True, []]


def test_a_tick_makes_a_wave_and_the_solver_makes_its_routes(said: Any) -> None:
    assert said["plan_waves"] == {"waves": 1}
    assert said["solve_wave"] == {"batchItemFailures": []}
    assert said["routes"] == 1
    assert not said["app"]


def test_a_wave_message_that_comes_twice_makes_no_second_route(said: Any) -> None:
    assert said["solve_wave again"] == {"batchItemFailures": []}
    assert said["routes"] == 1


def test_a_route_under_way_gets_a_better_order(said: Any) -> None:
    assert said["a better order"] == {"batchItemFailures": []}
    assert said["reordered"] == 1


def test_the_stream_leads_to_an_offer(said: Any) -> None:
    assert said["relay_events"] == {"events": 1}
    assert said["match_drivers"] == {"offers": 1}


def test_only_the_message_that_failed_comes_back(said: Any) -> None:
    """The first one found nothing left to match; the second was no message of ours."""
    assert said["rematch_routes"] == {"batchItemFailures": [{"itemIdentifier": "message-1"}]}
    failed = [one["itemIdentifier"] for one in said["send_messages"]["batchItemFailures"]]
    assert failed == ["message-0", "message-1"]


def test_a_redelivery_reaches_the_one_subscriber(said: Any) -> None:
    assert said["redeliver_events"] == {"batchItemFailures": []}
    assert said["redelivered"] == 1


def test_an_order_of_webhooks_that_is_none_comes_back(said: Any) -> None:
    assert said["post_webhooks"] == {"batchItemFailures": [{"itemIdentifier": "message-0"}]}


def test_a_sweep_that_finds_nothing_wakes_nobody(said: Any) -> None:
    assert said["wake_callbacks"] == {"wakes": 0}
    assert said["wake_texts"] == {"texts": 0}
    assert said["sweep_points"] == {"steps": 0, "failed": 0}
    assert said["mind_cases"] == {"late": 0, "failed": 0}


def test_a_book_that_is_none_comes_back_and_every_night_orders_the_close_of_the_month(
    said: Any,
) -> None:
    assert said["keep_books"] == {"batchItemFailures": [{"itemIdentifier": "message-0"}]}
    until = said["close_books"]["until"]
    assert until.endswith("-01T00:00:00.000Z")
    assert said["close ordered"] == [f'{{"book":"close","until":"{until}"}}']


def test_a_text_that_cannot_be_read_is_not_asked_for_again(said: Any) -> None:
    assert said["receive_texts"] == {"texts": 0}


def test_news_orders_one_day_sheet_and_the_function_draws_it(said: Any) -> None:
    assert said["sheets ordered"] == 1
    assert said["draw_sheets"] == {"batchItemFailures": [{"itemIdentifier": "message-1"}]}
    assert said["sheet kept"]


def test_a_strangers_object_is_ignored(said: Any) -> None:
    assert said["check_proof"] is None
