"""The day as a film: every door of the day's routes, with times that a clock agrees with."""

import json
from datetime import timedelta

from chalicelib.domain.dispatch.model import RouteStatus, StopKind, StopStatus
from chalicelib.domain.simulation import recording, reel
from chalicelib.domain.simulation.reel import End, Frame
from tests.domain.simulation.days import DAY
from tests.domain.simulation.test_recorded_day import lived


def test_every_door_is_in_it_with_the_times_of_its_taps():
    day = lived()
    film = day.clock.read(lambda uow: reel.of_day(uow, day.hub.id, DAY))
    routes = day.clock.read(lambda uow: recording.routes_of(uow, day.hub, DAY))
    shown = [one for one in routes if one.status is not RouteStatus.CANCELLED]
    assert [one.route_id for one in film.tracks] == [one.id for one in shown]
    for route, track in zip(shown, film.tracks, strict=True):
        driven = [one for one in route.stops if one.status is not StopStatus.SKIPPED]
        assert len(track.stops) == len(driven)
        taps = {one.arrived_at for one in driven if one.arrived_at}
        told = {
            film.begins_at + timedelta(seconds=row[5]) for row in track.stops if row[5] is not None
        }
        assert {at.replace(microsecond=0) for at in taps} == told
        doors = [row for row in track.stops if row[0] == Frame.DROPOFF]
        assert len(doors) == sum(one.kind is StopKind.DROPOFF for one in driven)
    failed = sum(row[8] == End.FAILED for track in film.tracks for row in track.stops)
    assert failed == sum(one.status is StopStatus.FAILED for route in shown for one in route.stops)
    assert failed
    last = max(row[6] for track in film.tracks for row in track.stops if row[6] is not None)
    assert film.lasts_s >= last


def test_a_stop_takes_few_bytes():
    day = lived()
    film = day.clock.read(lambda uow: reel.of_day(uow, day.hub.id, DAY))
    rows = [row for track in film.tracks for row in track.stops]
    assert len(json.dumps(rows, separators=(",", ":"))) < 60 * len(rows)


def test_a_day_of_which_nothing_is_known_is_an_empty_film():
    day = lived()
    before = DAY - timedelta(days=40)
    film = day.clock.read(lambda uow: reel.of_day(uow, day.hub.id, before))
    assert film.tracks == ()
    assert film.lasts_s == 0
