"""What a round makes of its answers: never an infeasible plan, never a worse one."""

from dataclasses import replace

import pytest

from chalicelib.domain.dispatch.waves import cuts
from chalicelib.domain.dispatch.waves.cuts import OUT_OF_TIME, Answer, Cut
from chalicelib.domain.routing.assemble import assemble, tours_cost
from chalicelib.domain.routing.check import InfeasiblePlan, check
from chalicelib.domain.routing.construct import construct
from chalicelib.domain.routing.parts import Outline
from chalicelib.domain.routing.plan import Reason
from chalicelib.domain.routing.problem import Problem
from chalicelib.domain.routing.travel import matrix
from tests.domain.routing.cities import a_city

MOST = 8


@pytest.fixture
def city() -> Problem:
    return a_city(11, jobs=30, vehicles=9, mandatory=True)


@pytest.fixture
def outline(city: Problem) -> Outline:
    return Outline.of(city)


@pytest.fixture
def cut(outline: Outline) -> Cut:
    made = cuts.first_cut(outline, MOST)
    assert len(made.shares) == 4
    return made


def answered(outline: Outline, cut: Cut, part: int) -> Answer:
    """As a worker does it, with simple insertion for an engine."""
    problem, _ = outline.part(cut.shares[part], cut.tours, matrix)
    return cuts.answer_of(problem, assemble(problem, construct(problem), engine="construct"))


def all_answered(outline: Outline, cut: Cut) -> dict[int, Answer]:
    return {part: answered(outline, cut, part) for part in range(len(cut.shares))}


def test_the_answers_of_all_parts_are_a_plan_of_the_whole(
    city: Problem, outline: Outline, cut: Cut
) -> None:
    merged, refused = cuts.merge_answers(outline, cut, all_answered(outline, cut), matrix)
    assert refused == ()
    plan = assemble(city, merged.tours, engine="construct")
    check(city, plan)
    assert plan.served > 25
    assert merged.engines == {"construct"}
    assert set(merged.left()) == {int(one.job_id[-3:]) for one in plan.unserved}
    assert OUT_OF_TIME not in merged.left().values()


def test_a_part_without_an_answer_keeps_its_routes(outline: Outline, cut: Cut) -> None:
    first, _ = cuts.merge_answers(outline, cut, all_answered(outline, cut), matrix)
    second = cuts.next_cut(outline, first, MOST, 1)
    assert second.shares != cut.shares
    nobody, refused = cuts.merge_answers(outline, second, {}, matrix)
    assert (nobody, refused) == (second, ())


def test_what_nobody_looked_at_in_time_says_so(outline: Outline, cut: Cut) -> None:
    merged, _ = cuts.merge_answers(outline, cut, {0: answered(outline, cut, 0)}, matrix)
    assert [merged.unseen(part) for part in range(4)] == [False, True, True, True]
    others = {job for share in cut.shares[1:] for job in share.jobs}
    out_of_time = {job for job, reason in merged.left().items() if reason == OUT_OF_TIME}
    assert out_of_time == others


def test_a_dearer_answer_is_refused(city: Problem, outline: Outline, cut: Cut) -> None:
    first, _ = cuts.merge_answers(outline, cut, all_answered(outline, cut), matrix)
    idle = Answer(((),) * len(cut.shares[2].vehicles), {}, "native")
    merged, refused = cuts.merge_answers(outline, first, {2: idle}, matrix)
    assert refused == (2,)
    assert merged.tours == first.tours
    assert tours_cost(city, merged.tours) == tours_cost(city, first.tours)


def test_an_answer_that_changes_nothing_is_no_news_about_the_engine(
    outline: Outline, cut: Cut
) -> None:
    answer = replace(answered(outline, cut, 0), engine="initial")
    merged, _ = cuts.merge_answers(outline, cut, {0: answer}, matrix)
    assert merged.engines == frozenset()


def broken(answer: Answer) -> dict[str, Answer]:
    """Answers that no worker of ours gives."""
    longest = max(answer.tours, key=len)
    rest = [tour for tour in answer.tours if tour is not longest]
    assert len(longest) >= 4

    def with_tour(*tours: tuple[int, ...]) -> Answer:
        return Answer(tuple(tours), {}, "native")

    return {
        "a tour too few": with_tour(*answer.tours[1:]),
        "a dropoff before its pickup": with_tour(longest[::-1], *rest),
        "a job twice": with_tour(longest + longest[:2], *rest),
        "a task of nobody": with_tour((998, 999), *[() for _ in rest]),
        "a job half done": with_tour(longest[1:], *rest),
    }


@pytest.mark.parametrize("fault", broken(Answer(((0, 1, 2, 3), (4,)), {}, "x")))
def test_an_answer_that_breaks_a_rule_leaves_the_routes_as_they_were(
    outline: Outline, cut: Cut, fault: str
) -> None:
    answer = broken(answered(outline, cut, 1))[fault]
    good = answered(outline, cut, 3)
    merged, refused = cuts.merge_answers(outline, cut, {1: answer, 3: good}, matrix)
    assert refused == (1,)
    assert not any(merged.tours[vehicle] for vehicle in cut.shares[1].vehicles)
    assert any(merged.tours[vehicle] for vehicle in cut.shares[3].vehicles)


def test_an_answer_that_parts_companions_is_refused(outline: Outline) -> None:
    bound = replace(outline, same_route=((0, 1),))
    cut = cuts.first_cut(bound, MOST)
    part = next(part for part, share in enumerate(cut.shares) if 0 in share.jobs)
    share = cut.shares[part]
    alone = [2 * share.jobs.index(0), 2 * share.jobs.index(0) + 1]
    tours = (tuple(alone), *[()] * (len(share.vehicles) - 1))
    _, refused = cuts.merge_answers(bound, cut, {part: Answer(tours, {}, "native")}, matrix)
    assert refused == (part,)


def test_a_job_that_was_refused_before_and_is_served_now_has_no_reason_left(
    outline: Outline, cut: Cut
) -> None:
    job = cut.shares[0].jobs[0]
    before = replace(cut, reasons={job: Reason.CAPACITY_EXHAUSTED.value})
    assert before.left()[job] == "capacity_exhausted"
    answer = answered(outline, cut, 0)
    merged, _ = cuts.merge_answers(outline, before, {0: answer}, matrix)
    told = {cut.shares[0].jobs[index] for index in answer.reasons}
    assert {one for one in merged.left() if one in cut.shares[0].jobs} == told


def test_each_route_is_checked_once_more_before_it_is_used(outline: Outline, cut: Cut) -> None:
    merged, _ = cuts.merge_answers(outline, cut, all_answered(outline, cut), matrix)
    routes = list(cuts.checked_routes(outline, merged.tours, matrix))
    assert len(routes) == sum(1 for tour in merged.tours if tour)
    assert all(len(plan.routes) == 1 and not plan.unserved for _, plan in routes)
    reversed_tours = [tour[::-1] for tour in merged.tours]
    with pytest.raises(InfeasiblePlan):
        list(cuts.checked_routes(outline, reversed_tours, matrix))


def test_a_job_on_two_routes_is_never_made_real(outline: Outline) -> None:
    with pytest.raises(ValueError, match="two routes"):
        list(cuts.checked_routes(outline, [(0, 1), (0, 1)], matrix))


def test_cuts_and_answers_are_read_as_they_were_written(outline: Outline, cut: Cut) -> None:
    merged, _ = cuts.merge_answers(outline, cut, all_answered(outline, cut), matrix)
    assert cuts.read_cut(cuts.write_cut(merged)) == merged
    answer = answered(outline, cut, 2)
    assert cuts.read_answer(cuts.write_answer(answer)) == answer


def test_what_is_no_list_of_tours_is_no_answer() -> None:
    odd = Answer(("nonsense",), {}, "native")  # type: ignore[arg-type]
    assert cuts.read_answer(cuts.write_answer(odd)) is None
