"""What can be wrong with a plan: for each finding, true plans with exactly that broken.

Either the plan stays and its problem asks for something else, or the problem stays and the plan
claims something else. What lies between the visits is in ``delays``.
"""

from dataclasses import replace

from chalicelib.domain.routing.fleet import Reload, Window
from chalicelib.domain.routing.plan import Plan, Reason, Unserved, Visit, VisitKind
from chalicelib.domain.routing.problem import RELOAD
from tests.domain.routing.altered import Broken, job, route, vehicle, visit
from tests.domain.routing.street import (
    LONG_DAY,
    LONG_DAY_PLAN,
    MORNING,
    MORNING_PLAN,
    TWO_TRIPS,
    TWO_TRIPS_PLAN,
    WAITING,
    WAITING_PLAN,
    drop,
    load,
    pick,
)


def left(*job_ids: str) -> Plan:
    unserved = tuple(Unserved(id_, Reason.NOT_WORTH_THE_DETOUR) for id_ in job_ids)
    return replace(MORNING_PLAN, unserved=unserved)


def morning(*visits: Visit) -> Plan:
    """The morning with other visits of the van."""
    return route(MORNING_PLAN, visits=visits)


VAN, BIKE = MORNING_PLAN.routes
BOTH, BOOK, CAKE, MILK = VAN.visits
SALT, RELOADED, RICE = TWO_TRIPS_PLAN.routes[0].visits
BIKE_TURNED = (drop(1, 500, 510, 540, of="note"), pick(2, 640, 650, 670, of="note"))
UNUSED = replace(VAN, vehicle_id="spare", visits=(), end_s=1_000, distance_m=0)
TWO_AT_ONCE = Visit(4, VisitKind.DROPOFF, ("lace", "silk"), 1_400, 1_410, 1_470)

CENSUS: list[Broken] = [
    ("unknown_vehicle", "nobody's route", MORNING, route(MORNING_PLAN, vehicle_id="tram")),
    (
        "vehicle_used_twice",
        "two routes of one vehicle",
        MORNING,
        route(MORNING_PLAN, 1, vehicle_id="van"),
    ),
    ("unknown_job", "an unknown job left", MORNING, left("soap", "lamp", "moon")),
    (
        "unknown_job",
        "an unknown job picked up",
        MORNING,
        visit(MORNING_PLAN, 0, job_ids=("cake", "book", "moon")),
    ),
    ("unknown_job", "an unknown job loaded", TWO_TRIPS, visit(TWO_TRIPS_PLAN, 1, job_ids=("x",))),
    ("job_twice", "left twice", MORNING, left("soap", "soap", "lamp")),
    ("job_twice", "served and left", MORNING, left("milk", "soap", "lamp")),
    ("job_twice", "handed over twice", MORNING, morning(BOTH, BOOK, CAKE, MILK, MILK)),
    ("job_halved", "picked up only", MORNING, morning(BOTH, BOOK, MILK)),
    ("job_halved", "handed over only", MORNING, visit(MORNING_PLAN, 0, job_ids=("cake",))),
    ("job_lost", "a job forgotten", MORNING, left("soap")),
    ("job_lost", "a whole route forgotten", TWO_TRIPS, replace(TWO_TRIPS_PLAN, routes=())),
    (
        "job_has_no_pickup",
        "a hub's parcel picked up",
        MORNING,
        morning(pick(1, 1_100, 1_110, 1_110, of="milk"), BOTH, BOOK, CAKE, MILK),
    ),
]

BETWEEN_ROUTES: list[Broken] = [
    ("routes_out_of_order", "turned", MORNING, replace(MORNING_PLAN, routes=(BIKE, VAN))),
    ("unserved_out_of_order", "turned", MORNING, left("lamp", "soap")),
    ("companions_parted", "on two routes", replace(MORNING, same_route=((2, 3),)), MORNING_PLAN),
    ("companions_parted", "one left", replace(MORNING, same_route=((2, 4),)), MORNING_PLAN),
    (
        "pickups_out_of_order",
        "within a visit",
        replace(MORNING, pickup_order=((1, 0),)),
        MORNING_PLAN,
    ),
    (
        "frozen_vehicle_unused",
        "a driver under way forgotten",
        vehicle(MORNING, "spare", frozen=(8,)),
        MORNING_PLAN,
    ),
]

ASSIGNMENT: list[Broken] = [
    ("empty_route", "out for nothing", MORNING, replace(MORNING_PLAN, routes=(VAN, BIKE, UNUSED))),
    (
        "vehicle_lacks_skill",
        "a cool box",
        job(MORNING, "milk", skills=frozenset({"cool"})),
        MORNING_PLAN,
    ),
    (
        "vehicle_excluded",
        "not this one",
        job(MORNING, "milk", not_vehicles=frozenset({"van"})),
        MORNING_PLAN,
    ),
    ("vehicle_not_the_one", "pinned", job(MORNING, "cake", only_vehicle="spare"), MORNING_PLAN),
    ("frozen_changed", "another pickup", vehicle(MORNING, frozen=(2, 0)), MORNING_PLAN),
    ("frozen_changed", "another dropoff", vehicle(TWO_TRIPS, frozen=(3,)), TWO_TRIPS_PLAN),
    ("frozen_changed", "a reload between", vehicle(TWO_TRIPS, frozen=(1, 3)), TWO_TRIPS_PLAN),
    (
        "frozen_changed",
        "more than is driven",
        vehicle(TWO_TRIPS, frozen=(1, RELOAD, 3, RELOAD)),
        TWO_TRIPS_PLAN,
    ),
    ("too_many_jobs", "one over", vehicle(MORNING, max_jobs=2), MORNING_PLAN),
    ("too_far", "a metre over", vehicle(MORNING, max_distance_m=7_999), MORNING_PLAN),
    ("too_long", "a second over", vehicle(MORNING, max_duration_s=969), MORNING_PLAN),
    ("outside_shift", "begins early", vehicle(MORNING, shift=Window(1_001, 9_000)), MORNING_PLAN),
    ("outside_shift", "ends late", vehicle(MORNING, shift=Window(0, 1_969)), MORNING_PLAN),
]

VISITS: list[Broken] = [
    ("unknown_place wrong_place", "too high", MORNING, visit(MORNING_PLAN, 1, place=5)),
    ("unknown_place wrong_place", "negative", MORNING, visit(MORNING_PLAN, 1, place=-1)),
    ("wrong_place", "another recipient's", job(MORNING, "cake", dropoff=2), MORNING_PLAN),
    ("wrong_place", "another shop's", job(MORNING, "cake", pickup=2), MORNING_PLAN),
    ("wrong_place", "no hub", vehicle(TWO_TRIPS, reload=Reload(1, service_s=60)), TWO_TRIPS_PLAN),
    (
        "empty_visit",
        "a pickup of nothing",
        MORNING,
        morning(
            BOTH,
            pick(2, 1_250, 1_260, 1_260, of=""),
            drop(2, 1_260, 1_260, 1_290, of="book"),
            CAKE,
            MILK,
        ),
    ),
    (
        "several_recipients",
        "two at one door",
        vehicle(job(LONG_DAY, "lace", dropoff=4), breaks=()),
        route(LONG_DAY_PLAN, visits=(TWO_AT_ONCE,), end_s=1_870, rests=()),
    ),
    (
        "split_visit",
        "two visits for two pickups",
        MORNING,
        morning(
            pick(1, 1_100, 1_110, 1_130, of="cake"),
            pick(1, 1_130, 1_130, 1_150, of="book"),
            *(BOOK, CAKE, MILK),
        ),
    ),
    (
        "outside_window",
        "handed over late",
        job(MORNING, "cake", dropoff_windows=(Window(0, 1_399),)),
        MORNING_PLAN,
    ),
    (
        "outside_window",
        "handed over early",
        job(MORNING, "cake", dropoff_windows=(Window(1_401, 9_000),)),
        MORNING_PLAN,
    ),
    (
        "outside_window",
        "handed over between windows",
        job(MORNING, "cake", dropoff_windows=(Window(0, 1_399), Window(1_401, 9_000))),
        MORNING_PLAN,
    ),
    (
        "outside_window",
        "picked up before its release",
        job(MORNING, "cake", pickup_window=Window(1_111, 9_000)),
        MORNING_PLAN,
    ),
    (
        "outside_window",
        "picked up late as the second",
        job(MORNING, "book", pickup_window=Window(0, 1_129)),
        MORNING_PLAN,
    ),
    (
        "outside_window",
        "the last kept waiting too long",
        job(WAITING, "late", pickup_window=Window(300, 309)),
        WAITING_PLAN,
    ),
    (
        "handling_too_short",
        "the last not waited for",
        job(WAITING, "late", pickup_window=Window(311, 320)),
        WAITING_PLAN,
    ),
    (
        "handling_too_short",
        "a quick handover",
        job(MORNING, "milk", dropoff_service_s=31),
        MORNING_PLAN,
    ),
    (
        "handling_too_short",
        "a quick pickup",
        job(MORNING, "book", pickup_service_s=21),
        MORNING_PLAN,
    ),
    ("handling_too_long", "a slow one", job(MORNING, "milk", dropoff_service_s=29), MORNING_PLAN),
    (
        "handling_too_short",
        "a quick reload",
        vehicle(TWO_TRIPS, reload=Reload(0, service_s=106)),
        TWO_TRIPS_PLAN,
    ),
]

LOADS: list[Broken] = [
    ("no_reload", "nowhere to reload", vehicle(TWO_TRIPS, reload=None), TWO_TRIPS_PLAN),
    (
        "too_many_reloads",
        "one over",
        TWO_TRIPS,
        route(
            TWO_TRIPS_PLAN,
            visits=(SALT, RELOADED, RICE, load(0, 890, 895, 955, of="")),
            end_s=955,
        ),
    ),
    ("wrong_reload", "too little", TWO_TRIPS, visit(TWO_TRIPS_PLAN, 1, job_ids=())),
    ("wrong_reload", "too much", TWO_TRIPS, visit(TWO_TRIPS_PLAN, 1, job_ids=("rice", "salt"))),
    ("wrong_reload", "another", TWO_TRIPS, visit(TWO_TRIPS_PLAN, 1, job_ids=("salt",))),
    (
        "before_release",
        "the start",
        job(TWO_TRIPS, "salt", pickup_window=Window(101, 101)),
        TWO_TRIPS_PLAN,
    ),
    (
        "before_release",
        "the reload",
        job(TWO_TRIPS, "rice", pickup_window=Window(451, 451)),
        TWO_TRIPS_PLAN,
    ),
    (
        "dropoff_before_pickup left_aboard",
        "turned",
        MORNING,
        route(MORNING_PLAN, 1, visits=BIKE_TURNED),
    ),
    ("overloaded", "a gram over", vehicle(MORNING, max_weight_g=4_499), MORNING_PLAN),
    ("overloaded", "a millilitre over", vehicle(MORNING, max_volume_ml=5_499), MORNING_PLAN),
    ("overloaded", "a parcel over", vehicle(MORNING, max_parcels=3), MORNING_PLAN),
    (
        "overloaded",
        "over from a reload on",
        job(TWO_TRIPS, "rice", parcels=2),
        route(TWO_TRIPS_PLAN, load_parcels=2),
    ),
    ("wrong_load", "a false weight", MORNING, route(MORNING_PLAN, load_weight_g=4_499)),
    ("wrong_load", "a false volume", MORNING, route(MORNING_PLAN, load_volume_ml=5_501)),
    ("wrong_load", "a false count", MORNING, route(MORNING_PLAN, load_parcels=3)),
]

BREAKINGS = CENSUS + BETWEEN_ROUTES + ASSIGNMENT + VISITS + LOADS
