"""A driver's day: sign in by text, wait for an offer, drive, prove, come back.

Each driver is a thread with a phone: it knows only what the API tells it, and the streets.
"""

import re
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from local.demo.brands import DriverSpec
from local.demo.doors import DayClock, Door, Refused
from local.town.driving import Drive, drive
from local.town.places import Town
from local.town.streets import Point

PHOTO = Path(__file__).with_name("door.jpg").read_bytes()
#: How long things take [s of the day].
LOADING_S, AT_THE_DOOR_S, LOOKING_S = 240, 130, 480
#: The demo's day is a long one; its hubs allow it.
SHIFT_MIN = 16 * 60


@dataclass
class Tally:
    """What the drivers did, counted across their threads."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    counts: dict[str, int] = field(default_factory=dict)
    distance_m: float = 0
    ways: dict[str, list[Point]] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)
    shut_doors_left: int = 5

    def add(self, what: str, by: int = 1) -> None:
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + by

    def take_shut_door(self) -> bool:
        """Nobody answers at five doors: at the second one of the five quickest drivers."""
        with self.lock:
            self.shut_doors_left -= 1
            return self.shut_doors_left >= 0

    def drove(self, name: str, way: Drive) -> None:
        with self.lock:
            self.distance_m += way.distance_m
            self.ways.setdefault(name, []).extend(way.points)


class Driver:
    """One driver; ends when ``over`` is set and no route is left."""

    def __init__(
        self,
        spec: DriverSpec,
        town: Town,
        api: Door,
        clock: DayClock,
        tally: Tally,
        over: threading.Event,
        sms_path: str,
    ) -> None:
        self.name = spec.name
        self._spec, self._town, self._api, self._clock = spec, town, api, clock
        self._tally, self._over, self._sms_path = tally, over, sms_path
        self._token = ""
        self._at: Point = town.hubs[spec.hub].house.position
        self._answers = list(spec.answers)
        self._met_a_shut_door = False
        self._doors = 0
        self._earned_minor = 0

    def run(self) -> None:
        try:
            self._sign_in()
            while not self._over.is_set():
                offer = self._next_offer()
                if offer is not None and self._accept(offer):
                    self._work_off()
        except Exception as trouble:
            self._tally.add("drivers_lost")
            self._tally.troubles.append(f"{self.name}: {trouble!r}")

    def _sign_in(self) -> None:
        phone = {"phone_number": self._spec.phone}
        self._api.call("POST", "/v1/driver/codes", phone)
        code = self._code_from_text()
        opened = self._api.call("POST", "/v1/driver/tokens", {**phone, "code": code})
        self._token = opened["access_token"]
        latitude, longitude = self._at
        duty = {"on_duty": True, "latitude": latitude, "longitude": longitude}
        begins_at = self._clock.now()
        shift = {
            "start_at": begins_at.isoformat(),
            "end_at": (begins_at + timedelta(minutes=SHIFT_MIN)).isoformat(),
        }
        self._call("POST", "/v1/driver/shifts", shift)
        # On a slow machine the day runs on past everybody's shift; somebody has to stay.
        ends_at = self._clock.minutes(20 * 60).isoformat()
        self._call("POST", "/v1/driver/duty", {**duty, "shift_ends_at": ends_at})
        self._tally.add("drivers_on_duty")

    def _code_from_text(self) -> str:
        for _ in range(60):
            texts = self._api.send("GET", self._sms_path).json
            mine = [text["body"] for text in texts if text["to"] == self._spec.phone]
            found = re.search(r"\d{6}", mine[-1]) if mine else None
            if found:
                return found.group()
            threading.Event().wait(0.7)
        raise TimeoutError("the sign-in code did not arrive")

    def _next_offer(self) -> dict[str, Any] | None:
        offers = self._call("GET", "/v1/driver/offers")["offers"]
        if offers:
            return dict(offers[0])
        self._over.wait(LOOKING_S / self._clock.rate)
        return None

    def _accept(self, offer: Mapping[str, Any]) -> bool:
        answer = self._answers.pop(0) if self._answers else "accept"
        if answer == "decline":
            return self._answer(offer, "decline", {"reason": "too far"}) and False
        if answer == "ignore":
            self._tally.add("offers_ignored")
            while self._call("GET", "/v1/driver/offers")["offers"] and not self._over.is_set():
                self._over.wait(2)
            return False
        return self._answer(offer, "accept", {})

    def _answer(self, offer: Mapping[str, Any], answer: str, body: Any) -> bool:
        """Say it; False when the offer was gone before it was heard."""
        try:
            said = self._call("POST", f"/v1/offers/{offer['id']}/{answer}", body)
        except Refused as refused:
            self._tally.add(f"late_{refused.code}")
            return False
        self._tally.add(f"offers_{said['status']}")
        if answer == "accept" and offer["pay"] is not None:
            self._tally.add("pay_agreed_minor", offer["pay"]["total_minor"])
        return True

    def _work_off(self) -> None:
        """Follow the route, stop by stop, as the API tells it after each tap."""
        while True:
            route = self._call("GET", "/v1/driver/route")["route"]
            if route is None:
                self._tally.add("routes_driven")
                self._look_at_earnings()
                return
            open_stops = [s for s in route["stops"] if s["status"] in ("pending", "arrived")]
            if not open_stops:
                # The last order fell away a moment ago; the route is about to end by itself.
                self._clock.wait(120)
                continue
            stop = open_stops[0]
            self._go_to(stop)
            try:
                self._call("POST", f"/v1/stops/{stop['id']}/arrive", self._now())
                self._handle(stop)
            except Refused as refused:
                # The order was cancelled a moment ago: the route, read again, says what to do.
                self._tally.add(f"tap_{refused.code}")
                self._clock.wait(60)

    def _look_at_earnings(self) -> None:
        """What the day has brought so far, as the app shows it."""
        totals = self._call("GET", "/v1/driver/earnings")["totals"]
        earned = sum(total["amount_minor"] for total in totals)
        self._tally.add("pay_earned_minor", earned - self._earned_minor)
        self._earned_minor = earned

    def _go_to(self, stop: Mapping[str, Any]) -> None:
        goal = (stop["position"]["latitude"], stop["position"]["longitude"])
        if goal == self._at:
            return
        way = drive(self._town.streets, self._at, goal)
        duration_s = way.duration_s * self._spec.pace * 1.25
        began_at = self._clock.now()
        self._clock.wait(duration_s)
        self._tally.drove(self.name, way)
        self._at = goal
        step = (self._clock.now() - began_at) / 3
        pings = [
            {
                "latitude": way.at(share / 3)[0],
                "longitude": way.at(share / 3)[1],
                "at": (began_at + step * share).isoformat(),
                "accuracy_m": 8.0,
                "speed_mps": round(way.distance_m / max(1.0, duration_s), 1),
            }
            for share in (1, 2, 3)
        ]
        self._call("POST", "/v1/driver/location", {"pings": pings})
        self._tally.add("pings", len(pings))

    def _handle(self, stop: Mapping[str, Any]) -> None:
        path = f"/v1/stops/{stop['id']}"
        if stop["kind"] != "dropoff":
            self._clock.wait(LOADING_S * self._spec.pace)
            self._call("POST", f"{path}/complete", self._now())
            return
        self._clock.wait(AT_THE_DOOR_S * self._spec.pace)
        if self._doors == 1 and not self._met_a_shut_door and self._tally.take_shut_door():
            self._met_a_shut_door = True
            body = {"reason": "customer_unavailable", **self._now()}
            self._call("POST", f"{path}/fail", body)
            self._tally.add("stops_failed")
            return
        self._doors += 1
        proofs = [self._proof(stop), *_cash(stop)]
        self._call("POST", f"{path}/complete", {"proofs": proofs, **self._now()})
        self._tally.add("doors")

    def _proof(self, stop: Mapping[str, Any]) -> dict[str, Any]:
        """A photo at every third door and where one is asked for, else the recipient's name."""
        if self._doors % 3 == 1 or _wants_photo(stop):
            form = {"content_type": "image/jpeg", "size_bytes": len(PHOTO)}
            announced = self._call("POST", f"/v1/stops/{stop['id']}/proofs", form)
            upload = announced["upload"]
            status = post_form(upload["url"], upload["fields"], PHOTO)
            self._tally.add("photos" if status in (200, 201, 204) else "photos_refused")
            return {"kind": "photo", "proof_id": announced["proof_id"]}
        return {"kind": "name", "name": stop.get("name") or "Nachbar"}

    def _now(self) -> dict[str, str]:
        return {"at": self._clock.now().isoformat()}

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        return self._api.call(method, path, body, self._token)


def _wants_photo(stop: Mapping[str, Any]) -> bool:
    """By the rules of the door, or because the parcel is left where nobody is."""
    return any(
        (one.get("requirements") or {}).get("photo")
        or (one.get("instructions") or {}).get("safe_place")
        for one in stop["deliveries"]
    )


def _cash(stop: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is taken at the door, as the parcels there say."""
    asked = [(one.get("requirements") or {}).get("cash_on_delivery") for one in stop["deliveries"]]
    taken = sum(one["amount_minor"] for one in asked if one)
    return [{"kind": "cash", "cash_minor": taken}] if taken else []


def post_form(url: str, fields: Mapping[str, str], photo: bytes) -> int:
    """Upload a file by a presigned POST, as a phone's browser does; returns the status."""
    boundary = uuid.uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="door.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n".encode()
    )
    body = b"".join((*parts, photo, f"\r\n--{boundary}--\r\n".encode()))
    host, _, path = url.partition("://")[2].partition("/")
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    return Door(f"http://{host}").send("POST", f"/{path}", body, headers).status
