"""The judge refuses whatever breaks a family's rules, and says what."""

import pytest

from benchmarks.instances import Route, judge, read


def verdict(path, *routes):
    return judge(read(path), [Route(truck, tuple(stops)) for truck, stops in routes])


BROKEN = {
    "too heavy": ("vrptw_solomon", [(0, [1, 2, 3])], "carries 16 of 10"),
    "left out": ("vrptw_solomon", [(0, [1, 2])], "3 is left out"),
    "twice": ("vrptw_solomon", [(0, [1, 2]), (1, [3, 3])], "3 is visited 2 times"),
    "one truck twice": ("vrptw_solomon", [(0, [1, 2]), (0, [3])], "truck 0 drives 2 routes"),
    "no such truck": ("vrptw_solomon", [(0, [1, 2]), (2, [3])], "there is no truck 2"),
    "delivered first": ("pdptw_lilim100", [(0, [2, 1, 3, 4])], "not picked up at 1"),
    "pair parted": ("pdptw_lilim100", [(0, [1, 3, 4]), (1, [2])], "not brought to 2"),
    "too much aboard": ("pdptw_lilim100", [(0, [1, 3, 2, 4])], "carries 11 of 10"),
    "too small a truck": ("hfvrp_x", [(0, [1, 2])], "carries 10 of 6"),
    "one truck of many": ("hfvrp_x", [(0, [1]), (2, [2])], "there is no truck 2"),
    "not reloaded": ("mtvrptwr", [(0, [1, 2])], "carries 10 of 6"),
    "before its release": ("mtvrptwr", [(0, [2, 0, 1])], "is at 1 at 37"),
    "cannot reload": ("pcvrptw_gh1000", [(0, [1, 0, 2])], "no reloads"),
    "too long away": ("mdvrptw", [(0, [3, 2]), (1, [])], "longer than 20"),
    "lacks a skill": ("sdvrptw_skills", [(1, [1, 2])], "1 is not for this truck"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_answer_is_refused(a_file, case):
    family, routes, said = BROKEN[case]
    found = verdict(a_file(family), *routes)
    assert not found.feasible
    assert any(said in fault for fault in found.faults), found.faults


def test_a_stop_past_its_window_is_refused(a_file):
    path = a_file("vrptw_solomon", ("0    50   10", "0    30   10"))
    assert verdict(path, (0, [1, 2]), (1, [3])).feasible
    late = verdict(path, (0, [2, 1]), (1, [3]))
    assert late.faults == ("route 0: is at 1 at 35, past 30",)


def test_coming_home_after_the_day_is_refused(a_file):
    path = a_file("vrptw_solomon", ("0   0   0   0    0   100", "0   0   0   0    0   39"))
    assert "is back at 40, past 39" in verdict(path, (0, [1, 2]), (1, [3])).faults[0]


def test_waiting_at_a_window_is_no_duration_if_leaving_later_does(a_file):
    """Customer 2 opens at 40; leaving at 38.6 takes 5.8 in all."""
    assert verdict(a_file("mdvrptw"), (0, [2]), (1, [3])).feasible
    shorter = a_file("mdvrptw", ("VEHICLES_MAX_DURATION: 20", "VEHICLES_MAX_DURATION: 5.8"))
    found = verdict(shorter, (0, [2]), (1, [3]))
    assert found.faults == ("route 0: takes 5.828, longer than 5.8",)


def test_prizes_that_stay_behind_are_paid(a_file):
    path = a_file("pcvrptw_gh1000")
    assert (verdict(path, (0, [1])).cost, verdict(path).cost) == (130, 280)
    assert verdict(path, (0, [1])).left_out == 1


def test_a_fleet_that_does_not_bind_may_be_larger_than_the_file_says(a_file):
    path = a_file("vrptw_ortec_asym")
    assert verdict(path, (0, [1]), (7, [2])).feasible


def test_kinds_of_trucks_have_their_prices(a_file):
    found = verdict(a_file("hfvrp_x"), (0, [1]), (1, [2]))
    assert (found.cost, found.distance) == (13 + 40, 30)
