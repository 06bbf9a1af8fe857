"""Which deliveries must go now, and until when the others may wait."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.dispatch.reasons import MustGo
from chalicelib.domain.dispatch.waves import urgency
from chalicelib.domain.dispatch.waves.forming import Pending
from chalicelib.domain.dispatch.waves.urgency import Hands, Verdict, last_cut_off, verdicts
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.merchants.wave_rules import WaveRules
from chalicelib.domain.routing.plane import Plane, legs_of
from chalicelib.kit.geo import LatLng
from chalicelib.kit.timewindow import TimeWindow
from tests.builders import DOOR_AT, NOON, a_hub
from tests.domain.dispatch.waves.test_planning import pending

HOUR = timedelta(hours=1)
VAN = Hands("van", 30, 500, 0, 1 << 30)


def patient(**rules: Any) -> Hub:
    return a_hub(waves=WaveRules(**rules))


def due_in(hours: float, number: int = 1, **changes: Any) -> Pending:
    window = TimeWindow(NOON - HOUR, NOON + hours * HOUR)
    return pending(number, **{"window": window, "ready_at": NOON - HOUR, **changes})


def judged(hub: Hub, *due: Pending, hands: tuple[Hands, ...] = (VAN, VAN)) -> list[Verdict]:
    return list(verdicts(hub, NOON, due, hands))


def test_what_can_wait_has_a_price_and_a_last_moment() -> None:
    (verdict,) = judged(patient(), due_in(6))
    assert verdict.must is None
    assert verdict.penalty is not None
    assert NOON + 5 * HOUR < verdict.until < NOON + 6 * HOUR


def test_it_must_go_with_the_first_wave_after_its_last_moment() -> None:
    # A bike, which the evening's traffic does not hold up.
    hub, one, bike = patient(), due_in(6), replace(VAN, kind="cargo_bike")
    (waits,) = judged(hub, one, hands=(bike,))
    (still,) = verdicts(hub, waits.until, [one], (bike,))
    (late,) = verdicts(hub, waits.until + timedelta(seconds=1), [one], (bike,))
    assert (still.must, late.must, late.penalty) == (None, MustGo.PROMISE, None)


def test_the_last_moment_leaves_time_for_the_way_the_driver_and_a_missed_tick() -> None:
    (verdict,) = judged(patient(), due_in(6))
    left_s = (NOON + 6 * HOUR - verdict.until).total_seconds()
    ticks_s = 300 + WaveRules().safety_s
    assert left_s > ticks_s + a_hub().offer_ttl_s + urgency.PICKUP_SETUP_S + 180


def test_rarer_ticks_end_waiting_sooner() -> None:
    (often,), (rarely,) = judged(patient(), due_in(6)), judged(patient(tick_s=3600), due_in(6))
    assert often.until - rarely.until == timedelta(seconds=3300)


@pytest.mark.parametrize(
    ("changes", "must"),
    [
        ({}, None),
        ({"attempts": 1}, MustGo.SECOND_TRY),
        ({"window": TimeWindow(NOON - 2 * HOUR, NOON - HOUR)}, MustGo.PROMISE),
        ({"window": TimeWindow(NOON + HOUR, NOON + HOUR + timedelta(minutes=2))}, MustGo.PROMISE),
    ],
)
def test_overdue_and_second_tries_must_go(changes: dict[str, Any], must: MustGo | None) -> None:
    assert judged(patient(), due_in(6, **changes))[0].must is must


def test_a_hub_that_does_not_hold_back_lets_nothing_wait() -> None:
    (verdict,) = judged(patient(holds_back=False), due_in(6))
    assert (verdict.must, verdict.penalty) == (MustGo.NO_WAITING, None)


def test_handling_is_paid_for_whenever_it_is_done() -> None:
    """A door next to nobody is worth no detour; its minutes at the door are no reason to wait."""
    (alone,) = judged(patient(), due_in(6))
    assert alone.penalty == (180 + 2 * urgency.PICKUP_SERVICE_S) * VAN.cost_per_s


# -- cut-offs --------------------------------------------------------------------------------------


def test_what_was_ready_by_the_cut_off_goes_even_when_its_tick_was_missed() -> None:
    # 13:00 on the hub's wall is 12:00 in Greenwich.
    hub = patient(cut_offs=(time(12, 40), time(19, 0)))
    ready = [NOON - timedelta(minutes=m) for m in (21, 20, 19)]
    found = judged(hub, *(due_in(6, n, ready_at=at) for n, at in enumerate(ready)))
    assert [one.must for one in found] == [MustGo.CUT_OFF, MustGo.CUT_OFF, None]


def test_nobody_is_sent_to_wait_for_hours_at_a_door_by_a_cut_off() -> None:
    evening = TimeWindow(NOON + 3 * HOUR, NOON + 6 * HOUR)
    (verdict,) = judged(patient(cut_offs=(time(12, 50),)), due_in(6, window=evening))
    assert verdict.must is None


@pytest.mark.parametrize(
    ("at", "last"),
    [
        (datetime(2026, 11, 27, 12, 59, tzinfo=UTC), datetime(2026, 11, 26, 17, 0, tzinfo=UTC)),
        (datetime(2026, 11, 27, 13, 0, tzinfo=UTC), datetime(2026, 11, 27, 13, 0, tzinfo=UTC)),
        (datetime(2026, 11, 27, 23, 30, tzinfo=UTC), datetime(2026, 11, 27, 17, 0, tzinfo=UTC)),
        # Summer time begins at two in the morning.
        (datetime(2026, 3, 29, 12, 0, tzinfo=UTC), datetime(2026, 3, 29, 12, 0, tzinfo=UTC)),
    ],
)
def test_the_last_cut_off_is_read_on_the_hubs_wall(at: datetime, last: datetime) -> None:
    assert last_cut_off(patient(cut_offs=(time(14), time(18))), at) == last
    assert last_cut_off(patient(), at) is None


# -- drivers' time ---------------------------------------------------------------------------------


def many(count: int, hours: float) -> list[Pending]:
    return [
        due_in(hours, n, dropoff=LatLng(51.2 + n / 800, 9.4 + n % 7 / 90), service_s=600)
        for n in range(count)
    ]


def test_what_is_too_much_for_the_hours_left_is_begun_at_once() -> None:
    """30 doors of over ten minutes within three hours are too much for one driver, not for six."""
    crowd = many(30, 3)
    assert {one.must for one in judged(patient(), *crowd, hands=(VAN,))} == {MustGo.DRIVERS}
    assert {one.must for one in judged(patient(), *crowd, hands=(VAN,) * 6)} == {None}


def test_only_what_is_due_by_then_is_begun() -> None:
    crowd, later = many(30, 3), due_in(20, 99)
    found = judged(patient(), *crowd, later, hands=(VAN, VAN))
    assert {one.must for one in found[:-1]} == {MustGo.DRIVERS}
    assert found[-1].must is None


def test_hours_after_a_shift_do_not_count() -> None:
    one = due_in(6)
    ends_soon = replace(VAN, until_s=900)
    assert judged(patient(), one, hands=(ends_soon,))[0].must is MustGo.DRIVERS
    assert judged(patient(), one, hands=(ends_soon, VAN))[0].must is None


# -- neighbours ------------------------------------------------------------------------------------


@given(
    st.lists(
        st.tuples(st.integers(-9000, 9000), st.integers(-9000, 9000)), min_size=1, max_size=60
    ),
    st.sampled_from([1, 40]),
)
def test_the_nearest_doors_are_found_without_looking_at_all(
    doors: list[tuple[int, int]], squeeze: int
) -> None:
    """The same as by looking at all, also where most stand close together."""
    doors = [(x // squeeze if n % 5 else x, y) for n, (x, y) in enumerate(doors)]
    legs = legs_of("van", 100, 3, 30, 500)
    for index, steps in enumerate(urgency._nearest(doors, legs)):
        every = sorted(legs.step(doors[index], b) for k, b in enumerate(doors) if k != index)
        assert sorted(steps)[:5] == every[:5]


def test_a_slow_vehicle_ends_waiting_sooner_than_a_fast_one() -> None:
    far = due_in(6, dropoff=LatLng(51.28, 9.45))
    car, walker = (
        judged(patient(), far, hands=(Hands(kind, 0, 500, 0, 1 << 30),))
        for kind in ("car", "walker")
    )
    assert walker[0].until < car[0].until
    mixed = judged(
        patient(), far, hands=tuple(Hands(k, 0, 500, 0, 1 << 30) for k in ("car", "car", "walker"))
    )
    assert mixed == car


def test_each_door_of_ten_thousand_looks_at_its_neighbourhood_only() -> None:
    plane = Plane(a_hub().position)
    spots = [
        plane.spot(LatLng(DOOR_AT.latitude + n % 100 / 2000, 9.3 + n // 100 / 1500))
        for n in range(10_000)
    ]
    looked = sum(len(steps) for steps in urgency._nearest(spots, legs_of("van", 100, 3, 30, 500)))
    assert looked < 80 * len(spots)
