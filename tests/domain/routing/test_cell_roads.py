"""A provider that charges for pairs: asked once for a pair of cells, within a day's budget."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from chalicelib.domain.routing import cell_roads, travel
from chalicelib.domain.routing.cell_roads import Asked, CellRoads, Leg, coming, hours_of
from chalicelib.kit.clock import FrozenClock
from chalicelib.kit.errors import StaleVersion, Upstream
from chalicelib.kit.geo import LatLng
from chalicelib.storage.notebook import Notebook
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import NOON

CENTRE = LatLng(52.52, 13.40)
#: Four places, each some kilometres from the others, and a neighbour of the first.
TOWN = [CENTRE, LatLng(52.56, 13.40), LatLng(52.52, 13.48), LatLng(52.48, 13.35)]
NEXT_DOOR = LatLng(52.5205, 13.4008)


@dataclass
class Provider:
    """Knows that everything takes half an hour and ten kilometres, and what it was asked."""

    leg: Leg | None = (1800, 10_000)
    fails: bool = False
    pairs: int = 0
    questions: list[tuple[int, int]] = field(default_factory=list)

    def ask(
        self, origins: Sequence[LatLng], destinations: Sequence[LatLng], depart_at: datetime
    ) -> list[list[Leg | None]]:
        self.questions.append((len(origins), len(destinations)))
        if self.fails:
            raise Upstream
        self.pairs += len(origins) * len(destinations)
        return [[self.leg] * len(destinations) for _ in origins]


@dataclass
class Desk:
    """Cells over tables in memory, committed as the edge does."""

    provider: Provider = field(default_factory=Provider)
    tables: Notebook = field(default_factory=Notebook)
    at: datetime = NOON
    most: int = 1000
    told: list[Asked] = field(default_factory=list)
    #: What another worker does between our reading and our commit.
    meanwhile: list[Callable[[], object]] = field(default_factory=list)

    def commit[T](self, use_case: Callable[[UnitOfWork], T]) -> T:
        for _ in range(4):
            uow = UnitOfWork(self.tables, FrozenClock(self.at))
            result = use_case(uow)
            if self.meanwhile:
                self.meanwhile.pop()()
            try:
                uow.commit()
            except StaleVersion:
                continue
            return result
        raise StaleVersion

    def roads(self) -> CellRoads:
        ask, report = self.provider.ask, self.told.append
        return CellRoads(self.commit, ask, travel.matrix, self.most, report=report)

    def seconds(self, points: Sequence[LatLng] = TOWN, kind: str = "car", hour: int = 12) -> int:
        depart_at = self.at.replace(hour=hour)
        return self.roads()(points, depart_at, kind).duration_s[0][1]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_pair_of_cells_is_asked_for_once(desk: Desk) -> None:
    first = desk.seconds()
    assert first != travel.matrix(TOWN, NOON, "car").duration_s[0][1]
    assert desk.provider.pairs == 12
    assert desk.seconds() == first
    assert desk.provider.pairs == 12
    assert desk.told == [Asked(known=0, asked=12)]


def test_another_part_or_kind_of_day_is_asked_for_anew(desk: Desk) -> None:
    desk.seconds(hour=12)
    desk.seconds(hour=14)
    assert desk.provider.pairs == 12
    desk.seconds(hour=15)
    assert desk.provider.pairs == 24
    desk.at += timedelta(days=1)
    desk.seconds(hour=12)
    assert desk.provider.pairs == 36


def test_places_of_known_cells_need_no_question(desk: Desk) -> None:
    desk.seconds()
    desk.seconds([NEXT_DOOR, *TOWN[1:]])
    assert desk.provider.pairs == 12
    desk.seconds([*TOWN, LatLng(52.45, 13.45)])
    assert desk.provider.pairs == 12 + 8


def test_an_answer_is_scaled_by_the_places_own_distance(desk: Desk) -> None:
    near, far = LatLng(52.5590, 13.40), LatLng(52.5600, 13.40)
    found = desk.roads()([CENTRE, near, far], NOON, "car").distance_m[0]
    assert found[2] / found[1] == pytest.approx(4448 / 4337, abs=0.005)
    assert 8_000 < found[1] < 12_500
    assert desk.provider.pairs == 2


def test_short_legs_are_told_by_who_knows_the_streets(desk: Desk) -> None:
    points = [CENTRE, NEXT_DOOR, LatLng(52.53, 13.40)]
    near = travel.matrix(points, NOON, "car")
    assert desk.roads()(points, NOON, "car") == near
    assert desk.provider.pairs == 0


def test_bikes_are_not_asked_for_and_vans_are_slower_cars(desk: Desk) -> None:
    walker = travel.matrix(TOWN, NOON, "walker")
    assert desk.roads()(TOWN, NOON, "walker") == walker
    assert desk.provider.pairs == 0
    assert desk.seconds(kind="van") > desk.seconds(kind="car")
    assert desk.provider.pairs == 12


def test_when_the_days_budget_is_spent_the_model_answers_and_says_so(desk: Desk) -> None:
    desk.most = 2
    model = travel.matrix(TOWN, NOON, "car").duration_s[0][1]
    assert desk.seconds() == model
    assert desk.told == [Asked(over_budget=12)]
    assert desk.provider.pairs == 0
    desk.at += timedelta(days=3)
    desk.most = 12
    assert desk.seconds() != model


def test_the_last_pairs_of_a_day_are_not_spent_twice(desk: Desk) -> None:
    """Another worker reserves them between our reading and our commit: we find them gone."""
    desk.most = 12
    other = Desk(tables=desk.tables, most=12)

    desk.meanwhile = [other.seconds, lambda: None]
    desk.seconds()
    assert desk.provider.pairs + other.provider.pairs == 12


def test_a_provider_that_fails_costs_its_pairs_and_the_model_answers(desk: Desk) -> None:
    desk.provider.fails = True
    assert desk.seconds() == travel.matrix(TOWN, NOON, "car").duration_s[0][1]
    assert desk.told[-1].failed == 12
    desk.provider.fails = False
    desk.most = 23
    desk.seconds()
    assert desk.told[-1].over_budget > 0


def test_that_no_way_leads_somewhere_is_remembered_too(desk: Desk) -> None:
    desk.provider.leg = None
    model = travel.matrix(TOWN, NOON, "car").duration_s[0][1]
    assert desk.seconds() == desk.seconds() == model
    assert desk.provider.pairs == 12


def test_answers_are_forgotten_after_thirty_days(desk: Desk) -> None:
    desk.seconds()
    desk.at += timedelta(days=28)
    desk.seconds()
    assert desk.provider.pairs == 12
    desk.at += timedelta(days=7)
    desk.seconds()
    assert desk.provider.pairs == 24


def test_large_questions_are_asked_in_blocks(desk: Desk) -> None:
    desk.most = 100_000
    grid = [LatLng(52.4 + 0.02 * i, 13.2 + 0.04 * j) for i in range(9) for j in range(9)]
    desk.roads()(grid, NOON, "car")
    assert max(rows for rows, _ in desk.provider.questions) <= cell_roads.MOST_ORIGINS
    assert max(columns for _, columns in desk.provider.questions) <= cell_roads.MOST_DESTINATIONS
    assert 81 * 80 <= desk.provider.pairs <= 1.1 * 81 * 80
    assert len(desk.provider.questions) <= 8


def test_the_kind_of_day_and_its_part_are_told_apart() -> None:
    friday = datetime.fromisoformat("2026-11-27T05:59:00+01:00")
    assert hours_of(friday) == "wd00"
    assert hours_of(friday + timedelta(minutes=1)) == "wd06"
    assert hours_of(friday + timedelta(days=1, hours=14)) == "sa19"
    assert hours_of(friday + timedelta(days=2)) == "su00"


def test_providers_are_asked_about_the_same_hour_of_a_day_to_come() -> None:
    assert coming(NOON, NOON - timedelta(days=3)) == NOON
    late = coming(NOON, NOON + timedelta(days=8))
    assert late == NOON + timedelta(weeks=2)
    assert coming(NOON, NOON) == NOON
