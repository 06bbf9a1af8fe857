"""The judge passes what is true, and finds exactly what is broken."""

import re
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.routing import check as between_routes
from chalicelib.domain.routing import judge, timekeeper
from chalicelib.domain.routing.check import InfeasiblePlan, check, findings
from chalicelib.domain.routing.cost import Cost
from chalicelib.domain.routing.fleet import Reload, Window
from chalicelib.domain.routing.plan import Plan, PlannedRoute, Rest, VisitKind
from chalicelib.domain.routing.problem import MANDATORY_PENALTY, Fairness, Problem
from tests.domain.routing.altered import job, rest_of, rests, route, vehicle, visit
from tests.domain.routing.breakings import BREAKINGS, RELOADED, RICE, SALT
from tests.domain.routing.delays import DELAYS, HOMEWARD, WAITED_INSTEAD, a_break
from tests.domain.routing.street import (
    LONG_DAY,
    LONG_DAY_PLAN,
    MORNING,
    MORNING_PLAN,
    TWO_TRIPS,
    TWO_TRIPS_PLAN,
    WAITING,
    WAITING_PLAN,
    a_job,
    a_plan,
    drop,
    load,
    pick,
)

SCENES = {
    "morning": (MORNING, MORNING_PLAN),
    "two trips": (TWO_TRIPS, TWO_TRIPS_PLAN),
    "waiting": (WAITING, WAITING_PLAN),
    "long day": (LONG_DAY, LONG_DAY_PLAN),
}
IN_TIME = (Window(0, 9), Window(1_400, 1_400), Window(2_000, 3_000))
AT_ITS_LIMITS = {
    "max_weight_g": 4_500,
    "max_volume_ml": 5_500,
    "max_parcels": 4,
    "max_jobs": 3,
    "max_distance_m": 8_000,
    "max_duration_s": 970,
    "shift": Window(1_000, 1_970),
    "skills": frozenset({"cool", "heavy"}),
}
COOL = {"skills": frozenset({"cool"}), "not_vehicles": frozenset({"bike"}), "only_vehicle": "van"}
ANOTHER_RELOAD = route(
    TWO_TRIPS_PLAN, visits=(SALT, RELOADED, RICE, load(0, 890, 895, 955, of="")), end_s=955
)
THROUGH_A_RELOAD = route(
    TWO_TRIPS_PLAN,
    visits=(
        SALT,
        pick(1, 240, 240, 260, of="silk"),
        load(0, 360, 365, 450, of="rice"),
        RICE,
        drop(2, 690, 690, 720, of="silk"),
    ),
    end_s=920,
    load_parcels=2,
)


@pytest.mark.parametrize(
    ("problem", "plan"),
    [
        *(pytest.param(*scene, id=name) for name, scene in SCENES.items()),
        pytest.param(
            job(MORNING, "cake", dropoff_windows=IN_TIME), MORNING_PLAN, id="one window of several"
        ),
        pytest.param(
            job(vehicle(MORNING, **AT_ITS_LIMITS), "milk", **COOL), MORNING_PLAN, id="at its limits"
        ),
        pytest.param(vehicle(MORNING, frozen=(0, 2, 3)), MORNING_PLAN, id="what is frozen first"),
        pytest.param(
            vehicle(MORNING, "bike", start=2), MORNING_PLAN, id="setup even next to the start"
        ),
        pytest.param(
            vehicle(MORNING, breaks=(a_break(940, 990, 60), a_break(1_500, 1_970, 9))),
            MORNING_PLAN,
            id="breaks at home",
        ),
        pytest.param(
            rest_of(
                rest_of(LONG_DAY, 0, window=Window(1_210, 1_210)), 1, window=Window(1_300, 1_300)
            ),
            rests(
                visit(WAITED_INSTEAD, 1, arrival_s=1_600),
                *(Rest(1_210, 1_270), Rest(1_300, 1_400), HOMEWARD),
            ),
            id="breaks up to a handover and from one on",
        ),
        pytest.param(
            vehicle(TWO_TRIPS, reload=Reload(0, service_s=60, max_times=2)),
            ANOTHER_RELOAD,
            id="a reload of nothing",
        ),
        pytest.param(
            replace(
                vehicle(TWO_TRIPS, max_parcels=2, frozen=()),
                jobs=(*TWO_TRIPS.jobs, a_job("silk", 1, 2)),
            ),
            THROUGH_A_RELOAD,
            id="a parcel on board through a reload",
        ),
        pytest.param(
            MORNING,
            a_plan(
                cost=Cost(penalties=4 * MANDATORY_PENALTY + 1_500),
                unserved=("cake", "book", "milk", "note", "soap", "lamp"),
            ),
            id="nobody served",
        ),
    ],
)
def test_a_true_plan_has_no_findings(problem: Problem, plan: Plan) -> None:
    check(problem, plan)


@pytest.mark.parametrize(
    ("found", "problem", "plan"),
    [
        pytest.param(set(codes.split()), problem, plan, id=f"{codes}: {what}")
        for codes, what, problem, plan in BREAKINGS + DELAYS
    ],
)
def test_what_is_broken_is_found_and_nothing_else(
    found: set[str], problem: Problem, plan: Plan
) -> None:
    assert {finding.code for finding in findings(problem, plan)} == found


def test_every_code_has_its_row_and_every_row_is_broken_once() -> None:
    docs = "\n".join(module.__doc__ or "" for module in (between_routes, judge, timekeeper))
    documented = re.findall(r"^([a-z_]+) {2,}\S", docs, re.M)
    broken = {code for codes, *_ in BREAKINGS + DELAYS for code in codes.split()} | {"wrong_cost"}
    assert sorted(documented) == sorted(broken)


@pytest.mark.parametrize("part", [part.name for part in fields(Cost)])
@pytest.mark.parametrize("error", [-1, 1])
def test_a_false_part_of_the_cost_is_found_even_if_the_total_is_right(
    part: str, error: int
) -> None:
    other = "vehicles" if part == "distance" else "distance"
    parts = {
        part: getattr(MORNING_PLAN.cost, part) + error,
        other: getattr(MORNING_PLAN.cost, other) - error,
    }
    false = replace(MORNING_PLAN, cost=replace(MORNING_PLAN.cost, **parts))
    found = findings(MORNING, false)
    assert {finding.code for finding in found} == {"wrong_cost"}
    assert {finding.where.partition(":")[0] for finding in found} == {part, other}


@pytest.mark.parametrize(
    ("part", "problem"),
    [
        ("vehicles", vehicle(MORNING, fixed_cost=701)),
        ("distance", vehicle(MORNING, cost_per_m=3)),
        ("duration", vehicle(MORNING, cost_per_s=4)),
        ("overtime", vehicle(MORNING, overtime_after_s=899)),
        ("overtime", vehicle(MORNING, "bike", overtime_cost_per_s=1)),
        ("lateness", job(MORNING, "cake", due_s=1_389)),
        ("lateness", job(MORNING, "milk", due_s=0, late_cost_per_s=1)),
        ("fairness", replace(MORNING, fairness=Fairness(share_s=169, cost_per_s=6))),
        ("fairness", replace(MORNING, fairness=None)),
        ("changes", job(MORNING, "book", change_cost=81)),
        ("changes", job(MORNING, "note", planned_vehicle="gone", change_cost=1)),
        ("penalties", job(MORNING, "soap", priority=2)),
        ("penalties", job(MORNING, "lamp", penalty=None)),
    ],
)
def test_another_price_makes_another_cost(part: str, problem: Problem) -> None:
    (found,) = findings(problem, MORNING_PLAN)
    assert (found.code, found.where.partition(":")[0]) == ("wrong_cost", part)


@pytest.mark.parametrize("name", ["morning", "long day"])
@pytest.mark.parametrize("error", [-1, 1])
def test_no_second_metre_or_gram_can_be_wrong_unseen(name: str, error: int) -> None:
    problem, plan = SCENES[name]
    false = [
        replace(plan, routes=(*plan.routes[:at], other, *plan.routes[at + 1 :]))
        for at, one in enumerate(plan.routes)
        for other in wrong_by(one, error)
    ]
    assert len(false) > 10
    assert [one for one in false if not findings(problem, one)] == []


def wrong_by(one: PlannedRoute, error: int) -> list[PlannedRoute]:
    """The route with one of its figures, or one of those of its visits and rests, wrong."""
    wrong = [replace(one, **{name: value + error}) for name, value in figures(one)]
    for parts in ("visits", "rests"):
        for at, part in enumerate(getattr(one, parts)):
            for name, value in figures(part):
                changed = list(getattr(one, parts))
                changed[at] = replace(part, **{name: value + error})
                wrong.append(replace(one, **{parts: tuple(changed)}))
    return wrong


def figures(thing: object) -> list[tuple[str, int]]:
    named = [(field.name, getattr(thing, field.name)) for field in fields(thing)]
    return [(name, value) for name, value in named if isinstance(value, int)]


@settings(max_examples=200)
@given(data=st.data(), name=st.sampled_from(sorted(SCENES)))
def test_whatever_a_plan_says_the_judge_has_an_answer(data: st.DataObject, name: str) -> None:
    problem, plan = SCENES[name]
    number = st.integers(-(2**70), 2**70) | st.integers(-2, 6)
    every = [stop for one in plan.routes for stop in one.visits]
    shuffled = data.draw(st.permutations(every))
    visits = [
        replace(
            stop,
            place=data.draw(st.integers(-2, 6)),
            kind=data.draw(st.just(stop.kind) | st.sampled_from(VisitKind)),
            start_s=data.draw(number),
            departure_s=data.draw(number),
        )
        for stop in shuffled
    ]
    cut = data.draw(st.integers(0, len(visits)))
    halves = (tuple(visits[:cut]), tuple(visits[cut:]))
    routes = tuple(
        replace(one, visits=half, start_s=data.draw(number), end_s=data.draw(number))
        for one, half in zip(plan.routes, halves, strict=False)
    )
    found = findings(problem, replace(plan, routes=routes))
    assert all(finding.code and finding.where for finding in found)


def test_every_finding_is_told_at_once() -> None:
    false = route(MORNING_PLAN, distance_m=0, load_weight_g=0)
    with pytest.raises(InfeasiblePlan, match="wrong_load at van; wrong_distance at van") as refused:
        check(MORNING, false)
    assert [found.code for found in refused.value.findings] == ["wrong_load", "wrong_distance"]


def test_a_finding_says_at_which_stop() -> None:
    late = vehicle(TWO_TRIPS, reload=Reload(1, service_s=60))
    twice = visit(visit(MORNING_PLAN, 1, arrival_s=1), 3, start_s=1_539)
    assert [found.where for found in findings(late, TWO_TRIPS_PLAN)] == ["van[1]"]
    assert {found.where for found in findings(MORNING, twice)} == {"van[1]", "van[3]"}
