"""What do we text drivers? That a shift begins soon, that a paper ends; at most once each.

As with recipients' texts the right to send is claimed and committed before anything is sent
(``messaging.service``); what became of it stays on the claim. Name and phone are read when the text
is sent, never put on the queue. The limits of ``limits`` hold for them as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.domain.drivers import rota
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.documents import DocumentKind
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.messaging import crew_wordings, limits, rule_store, sms, suppression
from chalicelib.domain.messaging.limits import Barred, Wanted, Weight
from chalicelib.domain.messaging.service import Run, Texts
from chalicelib.domain.messaging.store import Fate
from chalicelib.kit import tokens
from chalicelib.kit.errors import Malformed, NotFound, TextNotSent, Upstream
from chalicelib.kit.events import Event
from chalicelib.kit.languages import Language
from chalicelib.kit.phone import Phone
from chalicelib.kit.timewindow import read_instant
from chalicelib.storage import crew_keys
from chalicelib.storage.unit_of_work import UnitOfWork

SHIFT, PAPERS = "shift_reminder", "document_expiring"
_TEMPLATES = {"shift.reminded": SHIFT, "driver.document_expiring": PAPERS}


@dataclass(frozen=True, slots=True)
class _Ready:
    phone: Phone
    body: str


def message_for(event: Event) -> dict[str, Any]:
    """What to put on the queue when a driver is to be told; hearing it twice is harmless."""
    return {
        "driver_text": _TEMPLATES[event.type],
        "driver_id": event.data["driver_id"],
        "event_id": event.id,
        "subject": event.subject,
        "data": dict(event.data),
    }


def send_text(run: Run, texts: Texts, server_key: bytes, message: Mapping[str, Any]) -> Fate | None:
    """Send one text at most once: claim, publish, mark.

    Returns
    -------
    The text's fate, or None when it was claimed before.

    Raises
    ------
    TextNotSent
        If it surely was not sent; the message may come again.
    """
    claimed = run(lambda uow: _claim(uow, server_key, message))
    if claimed is None or isinstance(claimed, Fate):
        return claimed
    try:
        answer = texts.send(claimed.phone.e164, claimed.body, str(message["driver_text"]))
    except TextNotSent:
        run(lambda uow: _mark(uow, message, Fate.RETRY_SAFE))
        raise
    except Upstream:
        run(lambda uow: _mark(uow, message, Fate.UNKNOWN))
        return Fate.UNKNOWN
    fate = Fate.SENT if answer.refusal is None else Fate.REFUSED
    run(lambda uow: _mark(uow, message, fate))
    return fate


def _claim(uow: UnitOfWork, server_key: bytes, message: Mapping[str, Any]) -> _Ready | Fate | None:
    key = crew_keys.text_claim(message["driver_id"], message["event_id"])
    earlier = uow.get(key)
    if earlier is not None and earlier["fate"] != Fate.RETRY_SAFE:
        return None
    ready = _write(uow, message)
    is_counted = earlier is not None
    if ready is not None and not _may_have(uow, server_key, ready, is_counted=is_counted):
        ready = None
    fate = Fate.SKIPPED if ready is None else Fate.CLAIMED
    expect = 0 if earlier is None else earlier["version"]
    uow.put(key, {"fate": fate.value, "template": message["driver_text"]}, expect=expect)
    return ready or Fate.SKIPPED


def _may_have(uow: UnitOfWork, server_key: bytes, ready: _Ready, *, is_counted: bool) -> bool:
    """Whether the number wants texts and has not had too many; if so, this one is counted."""
    number = tokens.phone_hash(server_key, ready.phone.e164)
    if suppression.find(uow, number, None) is not None:
        return False
    parts = sms.parts(ready.body)
    wanted = Wanted(ready.phone, number, Weight.USUAL, parts=parts, is_counted=is_counted)
    admitted = limits.look(uow, rule_store.load(uow), wanted)
    if isinstance(admitted, Barred):
        return False
    limits.take(uow, admitted)
    return True


def _mark(uow: UnitOfWork, message: Mapping[str, Any], fate: Fate) -> None:
    key = crew_keys.text_claim(message["driver_id"], message["event_id"])
    item = uow.get(key)
    if item is not None:
        body = {"fate": fate.value, "template": item["template"]}
        uow.put(key, body, expect=item["version"])


def _write(uow: UnitOfWork, message: Mapping[str, Any]) -> _Ready | None:
    """The text, as things are now; None if there is nothing to say any more."""
    driver_id, data = message["driver_id"], message["data"]
    try:
        driver = drivers.load(uow, driver_id)
        person = drivers.load_person(uow, driver_id)
        hub = merchants.load_hub(uow, data["hub_id"])
        if (
            message["driver_text"] == SHIFT
            and not rota.find(uow, driver_id, message["subject"]).counts
        ):
            return None
    except NotFound:
        return None
    if not driver.active or not person.phone.can_get_texts:
        return None
    language = person.language or Language.EN
    if message["driver_text"] == SHIFT:
        start = read_instant(data["starts_at"]).astimezone(ZoneInfo(hub.timezone))
        body = crew_wordings.shift(hub.name, start, language)
    elif message["driver_text"] == PAPERS:
        paper = data["documents"][0]
        ends_on = date.fromisoformat(paper["expires_on"])
        body = crew_wordings.paper(DocumentKind(paper["document"]), ends_on, language)
    else:
        raise Malformed("this is no order of a text")
    return _Ready(person.phone, body)
