"""What do tracking apps say? Traccar Client's two formats and OwnTracks', read into pings.

A field that we do not keep (battery, altitude, course, activity) is passed over; what is not a
position (OwnTracks' waypoints, cards, last wills) is none and no fault. A position that cannot be
read is left out, because an app sends it again and again until it hears a yes.
Sources: traccar.org/osmand (form: speed in knots, time in seconds, milliseconds or ISO 8601; JSON
since Traccar Client 9: speed in m/s, -1 when unknown); owntracks.org/booklet/tech/json and /http
(``tst`` in seconds, ``vel`` in km/h, an empty body may come and is to be ignored).
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl

from chalicelib.domain.tracking.positions import Ping
from chalicelib.kit.errors import Malformed, TooLarge
from chalicelib.kit.geo import LatLng
from chalicelib.kit.timewindow import as_utc

MOST_PINGS = 200
_KNOT_MPS = 1852 / 3600
_KMH_MPS = 1 / 3.6
#: Source: Traccar, what is below is seconds and not milliseconds.
_SECONDS_BELOW = 2**31


class App(StrEnum):
    TRACCAR_FORM = "traccar_form"
    TRACCAR = "traccar"
    OWNTRACKS = "owntracks"


@dataclass(frozen=True, slots=True)
class Report:
    """Which app speaks, its pings, and how many of its positions could not be read."""

    app: App
    pings: tuple[Ping, ...]
    unreadable: int = 0


def read(query: Mapping[str, str], content_type: str, body: bytes, now: datetime) -> Report:
    """Read what an app sent.

    Raises
    ------
    Malformed
        If it is none of the formats.
    TooLarge
        If it holds more than 200 positions.
    """
    if "lat" in query or "location" in query:
        return _report(App.TRACCAR_FORM, [_of_form(query, now)])
    if "json" not in content_type and not body.lstrip().startswith((b"{", b"[")):
        form = _form_of(body)
        if form:
            return _report(App.TRACCAR_FORM, [_of_form(form, now)])
        if not body.strip():
            # OwnTracks sends nothing at all when a friend is removed.
            return Report(App.OWNTRACKS, ())
        raise Malformed("neither a form with lat and lon nor JSON")
    return _of_json(_parsed(body))


def _parsed(body: bytes) -> list[Mapping[str, Any]]:
    if not body.strip():
        return []
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed("the body is not JSON") from error
    messages = said if isinstance(said, list) else [said]
    if len(messages) > MOST_PINGS:
        raise TooLarge(f"at most {MOST_PINGS} positions at once")
    if not all(isinstance(one, dict) for one in messages):
        raise Malformed("a message is an object")
    return messages


def _of_json(messages: list[Mapping[str, Any]]) -> Report:
    if any("_type" in one for one in messages) or not messages:
        found = [_of_owntracks(one) for one in messages if one.get("_type") == "location"]
        return _report(App.OWNTRACKS, found)
    if not all("location" in one for one in messages):
        raise Malformed("neither Traccar Client's JSON nor OwnTracks'")
    locations = [location for one in messages for location in _each(one["location"])]
    if len(locations) > MOST_PINGS:
        raise TooLarge(f"at most {MOST_PINGS} positions at once")
    return _report(App.TRACCAR, [_of_traccar(one) for one in locations])


def _report(app: App, found: Iterable[Ping | None]) -> Report:
    every = list(found)
    pings = tuple(ping for ping in every if ping is not None)
    return Report(app, pings, len(every) - len(pings))


def _each(value: Any) -> Iterator[Any]:
    """One location, or a list of them: the app's library can send several at once."""
    yield from value if isinstance(value, list) else [value]


def _of_form(form: Mapping[str, str], now: datetime) -> Ping | None:
    latitude, longitude = form.get("lat"), form.get("lon")
    if latitude is None and "location" in form:
        latitude, _, longitude = form["location"].partition(",")
    if form.get("valid", "true").lower() in ("false", "0"):
        return None
    told = form.get("timestamp")
    return _ping(
        _number(latitude),
        _number(longitude),
        now if told is None else _instant(told),
        _number(form.get("accuracy"), otherwise=0.0),
        _number(form.get("speed"), otherwise=0.0) * _KNOT_MPS,
    )


def _of_traccar(location: Any) -> Ping | None:
    if not isinstance(location, dict) or not isinstance(location.get("coords"), dict):
        return None
    coords = location["coords"]
    return _ping(
        _number(coords.get("latitude")),
        _number(coords.get("longitude")),
        _instant(location.get("timestamp")),
        _number(coords.get("accuracy"), otherwise=0.0),
        _number(coords.get("speed"), otherwise=0.0),
    )


def _of_owntracks(message: Mapping[str, Any]) -> Ping | None:
    return _ping(
        _number(message.get("lat")),
        _number(message.get("lon")),
        _instant(message.get("tst")),
        _number(message.get("acc"), otherwise=0.0),
        _number(message.get("vel"), otherwise=0.0) * _KMH_MPS,
    )


def _ping(
    latitude: float, longitude: float, at: datetime | None, accuracy_m: float, speed_mps: float
) -> Ping | None:
    if at is None:
        return None
    try:
        return Ping(LatLng(latitude, longitude), at, accuracy_m, speed_mps)
    except ValueError:
        return None


def _number(value: Any, *, otherwise: float = math.nan) -> float:
    """A number, or a text that is one; not a number for anything else."""
    if value is None or value == "":
        return otherwise
    if isinstance(value, bool):
        return math.nan
    try:
        # Digits beyond any number's need are nonsense, and slow to read.
        return float(value) if not isinstance(value, str) or len(value) <= 40 else math.nan
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _instant(value: Any) -> datetime | None:
    """Seconds or milliseconds since 1970, ISO 8601, or ``2026-11-27 12:00:00`` in UTC."""
    number = _number(value)
    if math.isfinite(number):
        seconds = number if number < _SECONDS_BELOW else number / 1000
        return _from_seconds(seconds)
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        at = datetime.fromisoformat(value)
        return as_utc(at if at.tzinfo is not None else at.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None


def _from_seconds(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _form_of(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(body.decode("ascii"), max_num_fields=100)
    except (UnicodeDecodeError, ValueError):
        return {}
    form = dict(pairs)
    return form if "lat" in form or "location" in form else {}
