"""The recipients who do something: a tenth of the day's, each by the form on the page of the link.

What they do is said here; when they do it, by what their parcel is up to. Each form is sent as a
browser without a script sends it, and the answer must lead back to the page.
"""

import re
import urllib.parse
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local.demo.brands import recipient_phone
from local.demo.doors import DayClock, Door

EARLY = ("ready", "planned", "assigned")
ON_BOARD = ("picked_up", "en_route_to_dropoff")
_CHOICE = re.compile(r'name="choice" value="([^"]+)"')
_CODE = re.compile(r"\b\d{6}\b")


@dataclass(frozen=True, slots=True)
class Deed:
    """What one recipient does: a form, its fields, and in which states of the parcel."""

    action: str
    fields: Mapping[str, str]
    when: tuple[str, ...] = (*EARLY, *ON_BOARD)
    asks_digits: bool = False


#: By the number of the order; more than every tenth one.
DEEDS: Mapping[int, Deed] = {
    3: Deed("note", {"gate_code": "4711#", "note": "Zweiter Hof, linke Tür"}),
    9: Deed("pickup_point", {}, EARLY, asks_digits=True),
    17: Deed("note", {"gate_code": "", "note": "Bitte nicht klingeln, das Kind schläft"}, ON_BOARD),
    24: Deed("safe_place", {"place": "Hinter der Regentonne"}, asks_digits=True),
    33: Deed("window", {}, EARLY, asks_digits=True),
    41: Deed("neighbour", {"name": "Müller", "house": "12"}, asks_digits=True),
    48: Deed("pickup_point", {}, EARLY, asks_digits=True),
    56: Deed("if_missed", {"choice": "pickup_point"}),
    66: Deed("door", {"metres": "50", "wind": "n"}, EARLY, asks_digits=True),
    73: Deed("safe_place", {"place": "Im Carport"}, ON_BOARD, asks_digits=True),
    85: Deed("window", {}, EARLY, asks_digits=True),
    97: Deed("texts", {"wish": "stop"}),
    108: Deed("cancel", {}, EARLY, asks_digits=True),
}


@dataclass
class Recipients:
    """Who has done what; ``look`` is given the day's deliveries again and again."""

    api: Door
    clock: DayClock
    done: dict[int, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    collected: int = 0

    @property
    def by_kind(self) -> Counter[str]:
        return Counter(self.done.values())

    def look(self, number: int, delivery: Mapping[str, Any]) -> None:
        """Act, if this is one who acts and the time for it has come."""
        deed = DEEDS.get(number)
        if deed is None or number in self.done or delivery["status"] not in deed.when:
            return
        page = urllib.parse.urlsplit(delivery["tracking_url"]).path
        fields = dict(deed.fields)
        if deed.action in ("window", "pickup_point"):
            chosen = self._choose(deed, page)
            if chosen is None:
                return
            fields["choice"] = chosen
        if deed.action == "door":
            at = delivery["dropoff"]
            fields["from"] = f"{at['latitude']},{at['longitude']}"
        if deed.asks_digits:
            fields["digits"] = recipient_phone(number)[-4:]
        self._send(number, deed.action, page, fields)

    def collect(self, delivery: Mapping[str, Any], operator_key: str) -> None:
        """Fetch a parcel that waits at a pickup point, with the code that the page shows."""
        page = urllib.parse.urlsplit(delivery["tracking_url"]).path
        shown = self.api.send("GET", page).body.decode()
        code = _CODE.search(re.sub(r"<[^>]+>", " ", shown.partition("<main")[2]))
        if code is None:
            self.refused.append("no collection code on the page")
            return
        point = delivery["pickup_point_id"]
        path = f"/v1/pickup-points/{point}/parcels/{delivery['id']}/collect"
        self.api.call("POST", path, {"code": code.group()}, operator_key)
        self.collected += 1

    def _choose(self, deed: Deed, page: str) -> str | None:
        """The first choice of the form: the nearest point, or the first window of today."""
        form = self.api.send("GET", f"{page}/actions/{deed.action}").body.decode()
        offered = _CHOICE.findall(form)
        if deed.action == "pickup_point":
            return offered[0] if offered else None
        today = self.clock.now().date()
        starts = [(datetime.fromisoformat(one.partition("/")[0]), one) for one in offered]
        later = [one for at, one in starts if at > self.clock.now() and at.date() == today]
        return later[0] if later else None

    def _send(self, number: int, action: str, page: str, fields: Mapping[str, str]) -> None:
        body = urllib.parse.urlencode(fields).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self.api.send("POST", f"{page}/actions/{action}", body, headers)
        if answer.status == 303:
            self.done[number] = action
        else:
            # The parcel was quicker than the form, and the page said so.
            self.refused.append(f"{action}: {answer.status}")
