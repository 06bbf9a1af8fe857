"""What tracking apps send is read as their makers document it."""

import json
import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.tracking import trackers
from chalicelib.domain.tracking.trackers import App
from chalicelib.kit.errors import LastmileError, Malformed, TooLarge
from chalicelib.kit.geo import LatLng
from tests.telling import NOON

AT = datetime(2026, 11, 27, 11, 55, tzinfo=UTC)
SECONDS = int(AT.timestamp())
TRACCAR = {
    "location": {
        "timestamp": "2026-11-27T11:55:00.000Z",
        "coords": {
            "latitude": 52.52,
            "longitude": 13.4,
            "accuracy": 12,
            "speed": 5.5,
            "heading": 90,
        },
        "is_moving": True,
        "battery": {"level": 0.5, "is_charging": False},
        "activity": {"type": "in_vehicle"},
        "extras": {},
    },
    "device_id": "48241179",
}
OWNTRACKS = {"_type": "location", "tst": SECONDS, "lat": 52.52, "lon": 13.4, "acc": 9, "vel": 36}


def read(query=None, body=b"", content_type=""):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return trackers.read(query or {}, content_type, raw, NOON)


@pytest.mark.parametrize(
    "timestamp", [str(SECONDS), str(SECONDS * 1000), "2026-11-27T11:55:00Z", "2026-11-27 11:55:00"]
)
def test_the_form_of_traccar_client_by_query_and_by_body(timestamp):
    form = {"id": "7", "lat": "52.52", "lon": "13.4", "timestamp": timestamp, "speed": "10"}
    form |= {"bearing": "180", "accuracy": "8.0", "batt": "50"}
    by_query = read(form)
    body = "&".join(f"{name}={value}" for name, value in form.items()).encode()
    by_body = read(body=body, content_type="application/x-www-form-urlencoded")
    (ping,) = by_query.pings
    assert by_query.app is App.TRACCAR_FORM
    assert (ping.position, ping.at, ping.accuracy_m) == (LatLng(52.52, 13.4), AT, 8.0)
    assert ping.speed_mps == pytest.approx(5.144, abs=1e-3), "knots"
    assert by_body.pings == by_query.pings


def test_the_json_of_traccar_client_alone_and_several_at_once():
    one = read(body=TRACCAR, content_type="application/json")
    assert one.app is App.TRACCAR
    assert [(p.position, p.at, p.speed_mps) for p in one.pings] == [(LatLng(52.52, 13.4), AT, 5.5)]
    assert len(read(body={**TRACCAR, "location": [TRACCAR["location"]] * 3}).pings) == 3
    assert len(read(body=[TRACCAR, TRACCAR]).pings) == 2


def test_owntracks_positions_are_read_and_its_other_news_let_go():
    found = read(body=[OWNTRACKS, {"_type": "waypoint", "lat": 1, "lon": 1}, {"_type": "lwt"}])
    (ping,) = found.pings
    assert (found.app, ping.at, ping.accuracy_m) == (App.OWNTRACKS, AT, 9.0)
    assert ping.speed_mps == pytest.approx(10), "km/h"
    assert read(body={"_type": "card", "name": "Kim"}).pings == ()
    assert read(body=b"").app is App.OWNTRACKS


@pytest.mark.parametrize(
    "changes",
    [{"lat": 91}, {"lat": None}, {"lon": "east"}, {"tst": "soon"}, {"tst": 1e300}, {"lat": True}],
)
def test_a_position_that_cannot_be_read_is_left_out(changes):
    found = read(body=[{**OWNTRACKS, **changes}, OWNTRACKS])
    assert (len(found.pings), found.unreadable) == (1, 1)


@pytest.mark.parametrize("body", [b"hello", b"{", b"[1]", b"{}", b"[" * 3_000, b"lat", b'"x"'])
def test_what_is_none_of_the_formats_is_malformed(body):
    with pytest.raises(Malformed):
        read(body=body)


def test_more_than_two_hundred_at_once_are_too_many():
    with pytest.raises(TooLarge):
        read(body=[OWNTRACKS] * 201)
    with pytest.raises(TooLarge):
        read(body={**TRACCAR, "location": [TRACCAR["location"]] * 201})


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["_type", "location", "coords", "lat", "lon", "tst", "timestamp"]),
            inner,
        )
    ),
    max_leaves=10,
)


@given(anything, st.dictionaries(st.sampled_from(["lat", "lon", "timestamp", "speed"]), st.text()))
def test_nothing_that_is_sent_is_a_fault_of_ours(said, query):
    for asked, body in ((query, b""), ({}, json.dumps(said).encode())):
        try:
            found = trackers.read(asked, "application/json", body, NOON)
        except LastmileError:
            continue
        assert all(math.isfinite(ping.position.latitude) for ping in found.pings)
