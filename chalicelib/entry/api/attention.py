"""What needs a person at a hub, and that somebody has seen to it."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from chalice.app import Blueprint, Request, Response
from pydantic import AwareDatetime, Field

from chalicelib import web
from chalicelib.domain.attention import flags, gathering
from chalicelib.domain.attention.flags import Settled
from chalicelib.domain.attention.model import Attention, Call, Item, Kind
from chalicelib.domain.merchants import store as merchants
from chalicelib.entry import rest, work
from chalicelib.entry.auth import OPERATOR, Caller
from chalicelib.entry.desk import DESK_USER, desk_user
from chalicelib.entry.given_up import given_up
from chalicelib.entry.path_parts import HubId, Word
from chalicelib.entry.surface import Doors, Header
from chalicelib.kit.errors import NotFound
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Attention")

IF_NONE_MATCH = Header(
    "If-None-Match", "The `ETag` of the last answer: 304 if nothing has changed.", '"5f2ab0c41d93"'
)
ItemName = Annotated[str, Word("thing", "late_risk.del_01m83qpnc10y2w525st46371np")]
_LONGEST_NAME = 160
_DELIVERY_ID = "del_01m83qpnc10y2w525st46371np"
_ROUTE_ID = "rte_01m83qqb5cfmsa2k3w3tegjase"
_CALL: dict[str, Any] = {
    "words": "Take it off the route, for the next wave",
    "method": "POST",
    "path": f"/v1/routes/{_ROUTE_ID}/stops/stp_01m83qqb5c9x7v3k1t5r8w2y4z/move",
    "body": {"unassign": True, "preview": True},
    "previews": True,
    "asks": False,
}
_ITEM: dict[str, Any] = {
    "id": f"late_risk.{_DELIVERY_ID}",
    "kind": "late_risk",
    "due_at": "2026-11-23T10:30:00.000Z",
    "minutes_to_breach": 21,
    "why": "It will be late by more than half an hour: 86 in 100.",
    "about": {"delivery_id": _DELIVERY_ID, "route_id": _ROUTE_ID},
    "action": _CALL,
    "others": [],
}


class HubQuery(rest.Body):
    hub_id: rest.Name


class SettleForm(rest.Body):
    """``minutes``: so long it is not shown; what is but an event is not shown again in any case."""

    reason: rest.Text = ""
    minutes: Annotated[int, Field(ge=5, le=1440)] = 30

    model_config = rest.example(reason="rang the driver, is on the way", minutes=30)


class CallAnswer(rest.Answer):
    """A call of this API that sees to it; send it as it stands.

    ``previews``: it changes nothing yet. The same with ``preview`` false and the ``if_version`` of
    its answer does it. ``asks``: it cannot be taken back. With ``method`` GET it only looks.
    """

    words: str
    method: str
    path: str
    body: dict[str, Any] | None
    previews: bool
    asks: bool


class OneThing(rest.Answer):
    """A thing that needs a person; ``action`` is suggested, ``others`` are possible.

    ``due_at`` null: it is due at once. ``about`` names things by their ids.
    """

    id: str
    kind: Kind
    due_at: AwareDatetime | None
    minutes_to_breach: int
    why: str
    about: dict[str, str]
    action: CallAnswer | None
    others: list[CallAnswer]


class AttentionAnswer(rest.Answer):
    """What needs a person, the most pressing first; of the kinds in ``more`` there is more."""

    now: AwareDatetime
    items: list[OneThing]
    more: list[Kind]

    model_config = rest.example(now="2026-11-23T10:09:00.000Z", items=[_ITEM], more=[])


class SettledAnswer(rest.Answer):
    """Who saw to it, and until when it is not shown."""

    id: str
    by: str
    reason: str
    until: AwareDatetime

    model_config = rest.example(
        id=_ITEM["id"],
        by="marta",
        reason="rang the driver, is on the way",
        until="2026-11-23T10:39:00.000Z",
    )


@doors.route(
    "GET",
    "/v1/attention",
    who=(OPERATOR,),
    answers={200: AttentionAnswer, 304: None},
    errors=(NotFound,),
    headers=(IF_NONE_MATCH,),
)
def list_attention(query: HubQuery, request: Request) -> Response:
    """List what needs a person at a hub now, by the time until a promise breaks.

    Each line says why it is there and which call would see to it. What `due_at` means is told for
    every kind in docs/attention.md. Ask again with `If-None-Match`: as long as nothing but the
    minutes have changed the answer is an empty 304.
    """

    def look(uow: UnitOfWork) -> tuple[Attention, UnitOfWork]:
        hub = merchants.load_hub(uow, query.hub_id)
        return gathering.gather(uow, hub, given_up(uow.wall_now)), uow

    found, uow = work.read(look)
    things = [_write(one) for one in found.items]
    body = {"items": things, "more": [kind.value for kind in found.more]}
    etag = f'"{web.etag(json.dumps(body, sort_keys=True))[1:13]}"'
    # A browser asks again by itself with what it has; there is nobody's data in it.
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if (request.headers or {}).get("if-none-match") == etag:
        return Response(body="", status_code=304, headers=headers)
    for thing, item in zip(things, found.items, strict=True):
        thing["minutes_to_breach"] = item.minutes_to_breach(uow.now)
    return rest.answer({"now": write_instant(uow.now), **body}, headers=headers)


@doors.route(
    "POST",
    "/v1/hubs/{hub_id}/attention/{item_id}/settle",
    who=(OPERATOR,),
    answers={200: SettledAnswer},
    headers=(DESK_USER,),
)
def settle_attention(
    caller: Caller, hub_id: HubId, item_id: ItemName, body: SettleForm
) -> Mapping[str, Any]:
    """Say that you have seen to a thing: it is not shown for half an hour, or as long as you say.

    If its cause is still there after that, it is shown again. What was but an event (a lost text, a
    switched-off endpoint, a full locker) is not. The same again begins the time anew.
    """
    kind = item_id.partition(".")[0]
    if kind not in set(Kind) or len(item_id) > _LONGEST_NAME:
        raise NotFound("there is no such thing")
    by = desk_user(caller)

    def settle(uow: UnitOfWork) -> Settled:
        merchants.load_hub(uow, hub_id)
        kept = flags.KEPT if kind in flags.EVENTS_ALONE else timedelta(minutes=body.minutes)
        settled = Settled(item_id, by, body.reason, uow.now, uow.now + kept)
        flags.settle(uow, hub_id, settled)
        return settled

    settled = work.run(settle)
    return {
        "id": settled.item_id,
        "by": settled.by,
        "reason": settled.why,
        "until": write_instant(settled.until),
    }


def _write(item: Item) -> dict[str, Any]:
    calls = [_call(one) for one in item.calls]
    return {
        "id": item.id,
        "kind": item.kind.value,
        "due_at": item.due_at and write_instant(item.due_at),
        "why": item.why,
        "about": dict(item.about),
        "action": calls[0] if calls else None,
        "others": calls[1:],
    }


def _call(one: Call) -> dict[str, Any]:
    return {
        "words": one.words,
        "method": one.method,
        "path": one.path,
        "body": None if one.body is None else dict(one.body),
        "previews": one.previews,
        "asks": one.asks,
    }
