"""An attack in small: the benchmark's own, so that it stays true between its runs."""

from datetime import timedelta

from benchmarks.pumping import attack, most_within
from chalicelib.domain.messaging.limits import TextRules
from tests.telling import minutes

HOUR = timedelta(hours=1)


def test_no_number_gets_more_than_three_texts_in_an_hour_whoever_asks() -> None:
    result = attack(400, 3, HOUR / 2)
    assert result["most_in_an_hour"] == 3
    assert result["outside_of_the_country"] == 0
    assert set(result["kinds"]) >= {"sign_in_code", "message", "address_review"}


def test_without_the_ceiling_the_same_attack_gets_more() -> None:
    loose = TextRules(per_number_hour=20, per_number_day=50)
    assert attack(400, 3, HOUR / 2, loose)["most_in_an_hour"] > 3


def test_the_worst_hour_is_found_wherever_it_lies() -> None:
    times = [minutes(at) for at in (0, 50, 61, 70, 80, 200)]
    assert most_within(times, HOUR) == 4
    assert most_within([minutes(0), minutes(60)], HOUR) == 1
