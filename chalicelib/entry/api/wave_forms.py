"""How are a hub's waves set, and how are their decisions read? Forms of operator and hubs."""

from collections.abc import Mapping
from datetime import time
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, StringConstraints

from chalicelib.domain.dispatch.model import Departure, Unserved, Wave
from chalicelib.domain.dispatch.reasons import MustGo, Sent
from chalicelib.domain.dispatch.waves import wave_words
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.merchants.wave_rules import SCHEDULE_S, USUAL, WaveRules
from chalicelib.entry import rest
from chalicelib.kit.timewindow import write_instant

WallTime = Annotated[str, StringConstraints(pattern=r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]$")]

_EXAMPLE = {"full_percent": 75, "cut_offs": ["14:00", "18:00"], "tick_s": 900}


class WaveSettings(rest.Body):
    """When a hub's waves send; what is left out stays as it is. See docs/waves.md.

    `most_trips` above 1: vehicles may come back to the hub for more within a route.
    """

    holds_back: bool | None = None
    prize_percent: Annotated[int, Field(ge=0, le=100_000)] | None = None
    decay_percent_per_h: Annotated[int, Field(ge=0, le=1000)] | None = None
    full_percent: Annotated[int, Field(ge=1, le=100)] | None = None
    cut_offs: Annotated[list[WallTime], Field(max_length=12)] | None = None
    tick_s: Annotated[int, Field(ge=SCHEDULE_S, le=86_400, multiple_of=SCHEDULE_S)] | None = None
    safety_s: Annotated[int, Field(ge=SCHEDULE_S, le=86_400)] | None = None
    most_trips: Annotated[int, Field(ge=1, le=12)] | None = None
    reload_s: Annotated[int, Field(ge=0, le=7200)] | None = None

    model_config = rest.example(**_EXAMPLE)

    def changes(self) -> dict[str, Any]:
        """What is set, in our words."""
        wanted = self.model_dump(exclude_none=True)
        if self.cut_offs is not None:
            moments = {time.fromisoformat(one) for one in self.cut_offs}
            wanted["cut_offs"] = tuple(sorted(moments))
        return wanted


class WaveSettingsShown(rest.Answer):
    """The settings that a hub's waves go by."""

    holds_back: bool
    prize_percent: int
    decay_percent_per_h: int
    full_percent: int
    cut_offs: list[str]
    tick_s: int
    safety_s: int
    most_trips: int
    reload_s: int


def write_settings(rules: WaveRules) -> dict[str, Any]:
    return {
        "holds_back": rules.holds_back,
        "prize_percent": rules.prize_percent,
        "decay_percent_per_h": rules.decay_percent_per_h,
        "full_percent": rules.full_percent,
        "cut_offs": [f"{one:%H:%M}" for one in rules.cut_offs],
        "tick_s": rules.tick_s,
        "safety_s": rules.safety_s,
        "most_trips": rules.most_trips,
        "reload_s": rules.reload_s,
    }


#: For the documents.
SHOWN = write_settings(USUAL)


class LeftOut(rest.Answer):
    """A delivery that stays behind. `constraint`: the rule that stands in the way, where it was
    looked into. With `until` it waits by choice, and leaves with the first wave after that."""

    delivery_id: str
    merchant_id: str
    reason: str
    constraint: str | None
    until: AwareDatetime | None
    explanation: str | None


class RouteDecision(rest.Answer):
    """Why a planned route left with its wave, or waits (`reason` null).

    `first_delivery_id` is the delivery that can wait the shortest, `must_go_because` why it cannot.
    """

    route_id: str | None
    reason: Sent | None
    deliveries: int
    must_go: int
    full_percent: int
    first_delivery_id: str
    must_go_because: MustGo | None
    until: AwareDatetime
    explanation: str


class PlannedWave(rest.Answer):
    id: str
    slot: str
    planned_at: AwareDatetime
    engine: str
    routes: list[str]
    served: int
    left_out: int
    dropped: int
    sent: list[RouteDecision]
    held: list[RouteDecision]
    unserved: list[LeftOut]


_SENT = {
    "route_id": "rte_01m83qqb5cfmsa2k3w3tegjase",
    "reason": "must_go",
    "deliveries": 2,
    "must_go": 1,
    "full_percent": 34,
    "first_delivery_id": "del_01m83qpnc10y2w525st46371np",
    "must_go_because": "promise",
    "until": "2026-11-23T08:19:50.067Z",
    "explanation": "sent now because 1 of its 2 deliveries must go: del_01m83qpnc10y2w525st46371np "
    "would miss its promise by waiting for the next wave",
}


class WavePage(rest.Answer):
    """A page of waves."""

    waves: list[PlannedWave]
    next_cursor: str | None

    model_config = rest.example(
        waves=[
            {
                "id": "wav_01m83qq7j8f2rgbdknvarh78vb",
                "slot": "2026-11-23T09:19+01:00",
                "planned_at": "2026-11-23T08:19:50.067Z",
                "engine": "native",
                "routes": ["rte_01m83qqb5cfmsa2k3w3tegjase"],
                "served": 2,
                "left_out": 1,
                "dropped": 0,
                "sent": [_SENT],
                "held": [],
                "unserved": [
                    {
                        "delivery_id": "del_01m83qpnksxewtrwdqmpvak0q5",
                        "merchant_id": "mer_01m83qpn9gec8xh7wbacsaen6x",
                        "reason": "not_worth_the_detour",
                        "constraint": None,
                        "until": "2026-11-23T10:35:12.000Z",
                        "explanation": "waits until 11:35 because no route of this wave comes near "
                        "enough",
                    }
                ],
            }
        ],
        next_cursor=None,
    )


def write_wave(hub: Hub, wave: Wave) -> dict[str, Any]:
    # Waves and routes of before say nothing of why.
    told = zip(wave.route_ids, wave.sent, strict=True) if wave.sent else ()
    return {
        "id": wave.id,
        "slot": wave.slot,
        "planned_at": write_instant(wave.planned_at),
        "engine": wave.engine,
        "routes": list(wave.route_ids),
        "served": wave.served,
        "left_out": wave.left_out,
        "dropped": wave.dropped,
        "sent": [_decision(hub, one, route_id) for route_id, one in told if one is not None],
        "held": [_decision(hub, one, None) for one in wave.held],
        "unserved": [_left_out(hub, one) for one in wave.unserved],
    }


def _decision(hub: Hub, one: Departure, route_id: str | None) -> Mapping[str, Any]:
    return {
        "route_id": route_id,
        "reason": one.sent,
        "deliveries": one.deliveries,
        "must_go": one.must_go,
        "full_percent": one.full_percent,
        "first_delivery_id": one.first.delivery_id,
        "must_go_because": one.why,
        "until": write_instant(one.at),
        "explanation": wave_words.of_route(hub, one),
    }


def _left_out(hub: Hub, one: Unserved) -> Mapping[str, Any]:
    return {
        "delivery_id": one.delivery.delivery_id,
        "merchant_id": one.delivery.merchant_id,
        "reason": one.reason,
        "constraint": one.blocking and one.blocking.constraint,
        "until": None if one.until is None else write_instant(one.until),
        "explanation": wave_words.of_delivery(hub, one),
    }
