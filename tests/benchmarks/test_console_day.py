"""The console's budgets on the wire, with the day of 2,000 stops that its benchmark draws."""

from benchmarks.console import City, cursor, on_the_wire, reads

MOST_POLL_BYTES = 5_000


def test_an_ordinary_poll_is_small() -> None:
    """One driver taps, eight outlooks are renewed, a quarter of 100 drivers is looked at."""
    city = City(seed=7)
    assert max(on_the_wire(city.tick(turn)) for turn in range(8)) <= MOST_POLL_BYTES


def test_a_poll_in_which_nothing_happens_is_next_to_nothing() -> None:
    city = City(seed=7)
    assert reads(city, outlooks=0, routes=0) == 1
    assert on_the_wire({"at": city.day()["at"], "cursor": cursor()}) <= 200
