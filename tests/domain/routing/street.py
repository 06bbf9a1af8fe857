"""Small plans that one can check by hand: five places on a street, 100 s and 1,000 m apart.

Place 0 is the hub. Whoever stops there needs 5 s of setup, elsewhere 10 s. ``MORNING`` has pairs,
companions, an open route and every part of the cost; ``TWO_TRIPS`` a reload under way; ``WAITING``
two pickups at one place of which one is ready later; ``LONG_DAY`` three breaks: on the road, on
arrival and on the way home.
"""

from dataclasses import replace
from datetime import UTC, datetime

from chalicelib.domain.routing.fleet import Break, Reload, Vehicle, Window
from chalicelib.domain.routing.matrix import Matrix, Travel
from chalicelib.domain.routing.plan import (
    Cost,
    Plan,
    PlannedRoute,
    Reason,
    Rest,
    Unserved,
    Visit,
    VisitKind,
)
from chalicelib.domain.routing.problem import RELOAD, Fairness, Job, Place, Problem
from chalicelib.kit.geo import LatLng

SECONDS = (
    (0, 100, 200, 300, 400),
    (100, 0, 100, 200, 300),
    (200, 100, 0, 100, 200),
    (300, 200, 100, 0, 100),
    (400, 300, 200, 100, 0),
)
METRES = tuple(tuple(10 * s for s in row) for row in SECONDS)
TRAVEL = {"van": Travel(Matrix.of(SECONDS), Matrix.of(METRES))}
PLACES = tuple(Place(LatLng(52.5, 13.4 + i / 100), setup_s=10 if i else 5) for i in range(5))
ALL_DAY = Window(0, 86_400)
EPOCH_AT = datetime(2026, 11, 23, tzinfo=UTC)


def a_vehicle(id_: str = "van", **changes) -> Vehicle:
    """From the hub and back."""
    plain = Vehicle(id_, "van", 0, 0, max_weight_g=5_000, max_volume_ml=7_000, shift=ALL_DAY)
    return replace(plain, **changes)


def a_job(id_: str, pickup: int | None, dropoff: int, **changes) -> Job:
    """20 s to pick it up, 30 s to hand it over, at any time."""
    service_s = 0 if pickup is None else 20
    return replace(
        Job(id_, pickup, dropoff, ALL_DAY, (ALL_DAY,), service_s, dropoff_service_s=30), **changes
    )


def a_problem(vehicles: tuple[Vehicle, ...], jobs: tuple[Job, ...], **changes) -> Problem:
    return replace(Problem(EPOCH_AT, PLACES, vehicles, jobs, TRAVEL), **changes)


def pick(place: int, *times_s: int, of: str) -> Visit:
    """Arrival, start, departure."""
    return Visit(place, VisitKind.PICKUP, tuple(of.split()), *times_s)


def drop(place: int, *times_s: int, of: str) -> Visit:
    return Visit(place, VisitKind.DROPOFF, (of,), *times_s)


def load(place: int, *times_s: int, of: str) -> Visit:
    return Visit(place, VisitKind.RELOAD, tuple(of.split()), *times_s)


def a_plan(*routes: PlannedRoute, cost: Cost, unserved: tuple[str, ...] = ()) -> Plan:
    left = tuple(Unserved(job_id, Reason.NOT_WORTH_THE_DETOUR) for job_id in unserved)
    return Plan(routes, left, cost, engine="by hand")


MORNING = a_problem(
    (
        a_vehicle(
            fixed_cost=700,
            cost_per_m=2,
            cost_per_s=3,
            overtime_after_s=900,
            overtime_cost_per_s=5,
        ),
        a_vehicle("bike", start=None, end=None, fixed_cost=50, cost_per_m=1, cost_per_s=2),
        a_vehicle("spare"),
    ),
    (
        a_job("cake", 1, 3, weight_g=3_000, volume_ml=4_000, due_s=1_390, late_cost_per_s=4),
        a_job("book", 1, 2, weight_g=500, volume_ml=600, planned_vehicle="bike", change_cost=80),
        a_job("milk", None, 4, weight_g=1_000, volume_ml=900, parcels=2, planned_vehicle="van"),
        a_job("note", 2, 1, weight_g=200, volume_ml=300),
        a_job("soap", 4, 3, penalty=500, priority=1),
        a_job("lamp", 4, 2, penalty=500),
    ),
    same_route=((0, 1, 2), (4, 5)),
    pickup_order=((0, 1), (3, 0)),
    fairness=Fairness(share_s=950, cost_per_s=6),
)
MORNING_PLAN = a_plan(
    PlannedRoute(
        "van",
        (
            pick(1, 1_100, 1_110, 1_150, of="cake book"),
            drop(2, 1_250, 1_260, 1_290, of="book"),
            drop(3, 1_390, 1_400, 1_430, of="cake"),
            drop(4, 1_530, 1_540, 1_570, of="milk"),
        ),
        start_s=1_000,
        end_s=1_970,
        distance_m=8_000,
        load_weight_g=4_500,
        load_volume_ml=5_500,
        load_parcels=4,
    ),
    PlannedRoute(
        "bike",
        (pick(2, 500, 510, 530, of="note"), drop(1, 630, 640, 670, of="note")),
        start_s=500,
        end_s=670,
        distance_m=1_000,
        load_weight_g=200,
        load_volume_ml=300,
        load_parcels=1,
    ),
    cost=Cost(
        vehicles=700 + 50,
        distance=2 * 8_000 + 1_000,
        duration=3 * 970 + 2 * 170,
        overtime=5 * 70,
        lateness=4 * 10,
        fairness=6 * 20,
        changes=80,
        penalties=500 * 2 + 500,
    ),
    unserved=("soap", "lamp"),
)

# Each parcel fills the van. The second one is at the hub from 450 s on.
TWO_TRIPS = a_problem(
    (a_vehicle(max_parcels=1, reload=Reload(0, service_s=60), frozen=(1, RELOAD)),),
    (
        a_job("salt", None, 1, weight_g=10, volume_ml=20, pickup_window=Window(100, 100)),
        a_job("rice", None, 2, weight_g=30, volume_ml=10, pickup_window=Window(450, 450)),
    ),
)
TWO_TRIPS_PLAN = a_plan(
    PlannedRoute(
        "van",
        (
            drop(1, 200, 210, 240, of="salt"),
            load(0, 340, 345, 450, of="rice"),
            drop(2, 650, 660, 690, of="rice"),
        ),
        start_s=100,
        end_s=890,
        distance_m=6_000,
        load_weight_g=30,
        load_volume_ml=20,
        load_parcels=1,
    ),
    cost=Cost(),
)

# Both parcels lie at one shop and go to one house: the setup is paid once at each.
WAITING = a_problem(
    (a_vehicle(),),
    (
        a_job("early", 1, 2, pickup_window=Window(0, 200)),
        a_job("late", 1, 2, pickup_window=Window(300, 310)),
    ),
)
WAITING_PLAN = a_plan(
    PlannedRoute(
        "van",
        (
            pick(1, 190, 200, 330, of="early late"),
            drop(2, 430, 440, 470, of="early"),
            drop(2, 470, 470, 500, of="late"),
        ),
        start_s=90,
        end_s=700,
        distance_m=4_000,
        load_weight_g=0,
        load_volume_ml=0,
        load_parcels=2,
    ),
    cost=Cost(),
)

LONG_DAY = a_problem(
    (
        a_vehicle(
            breaks=(
                Break(Window(1_100, 1_200), 60),
                Break(Window(1_400, 1_600), 100),
                Break(Window(1_700, 1_800), 50),
            ),
        ),
    ),
    (a_job("lace", None, 2), a_job("silk", None, 4)),
)
LONG_DAY_PLAN = a_plan(
    PlannedRoute(
        "van",
        (drop(2, 1_260, 1_270, 1_300, of="lace"), drop(4, 1_500, 1_610, 1_640, of="silk")),
        start_s=1_000,
        end_s=2_090,
        distance_m=8_000,
        load_weight_g=0,
        load_volume_ml=0,
        load_parcels=2,
        rests=(Rest(1_150, 1_210), Rest(1_500, 1_600), Rest(1_700, 1_750)),
    ),
    cost=Cost(),
)
