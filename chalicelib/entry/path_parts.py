"""What may stand in a path's braces? Kinds of path parts; each is read before a view sees it.

A part that cannot be one is answered as one that does not exist: 404, with the same words.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Protocol

from chalicelib.domain.merchants.model import Platform
from chalicelib.entry import rest
from chalicelib.kit.errors import NotFound
from chalicelib.kit.ids import is_id


class PathPart(Protocol):
    """How one part is read; ``noun`` is the word for it in "there is no such ..."."""

    @property
    def noun(self) -> str: ...

    def read(self, text: str) -> Any:
        """What the view gets; raise NotFound."""

    def schema(self) -> dict[str, Any]:
        """Its JSON schema, with an example."""


EXTERNAL = "ext:"
_LONGEST_NAME = 160
_INVOICE_NUMBER = re.compile(r"(CN)?20[0-9]{2}-[0-9]{6}")


@dataclass(frozen=True, slots=True)
class IdOf:
    """An id of ours: ``IdOf("del", "delivery")``."""

    prefix: str
    noun: str

    def read(self, text: str) -> str:
        if not is_id(text, self.prefix):
            raise NotFound(f"there is no such {self.noun}")
        return text

    def schema(self) -> dict[str, Any]:
        pattern = f"^{self.prefix}_[0-9a-hjkmnp-tv-z]{{26}}$"
        example = f"{self.prefix}_01m83qpnc10y2w525st46371np"
        return {"type": "string", "pattern": pattern, "examples": [example]}


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few words: ``OneOf((Platform.SHOPIFY, ...), "platform")``."""

    words: tuple[Any, ...]
    noun: str

    def read(self, text: str) -> Any:
        for word in self.words:
            if word.value == text:
                return word
        raise NotFound(f"there is no such {self.noun}")

    def schema(self) -> dict[str, Any]:
        words = [word.value for word in self.words]
        return {"type": "string", "enum": words, "examples": words[:1]}


@dataclass(frozen=True, slots=True)
class Word:
    """Any text, for parts that are a credential or somebody else's id; the view judges it."""

    noun: str
    example: str

    def read(self, text: str) -> str:
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "examples": [self.example]}


@dataclass(frozen=True, slots=True)
class InvoiceNumber:
    """Of an invoice or a credit note."""

    noun: str = "invoice"

    def read(self, text: str) -> str:
        if not _INVOICE_NUMBER.fullmatch(text):
            raise NotFound(f"there is no such {self.noun}")
        return text

    def schema(self) -> dict[str, Any]:
        pattern = f"^{_INVOICE_NUMBER.pattern}$"
        return {"type": "string", "pattern": pattern, "examples": ["2026-000042"]}


@dataclass(frozen=True, slots=True)
class VersionNumber:
    """A version, counted from 1: ``VersionNumber("rate card")``."""

    noun: str

    def read(self, text: str) -> int:
        # Eight digits are what its key holds; int() alone would also take "+1" and other scripts.
        if not (text.isascii() and text.isdigit() and len(text) <= 8 and text[0] != "0"):
            raise NotFound(f"there is no such {self.noun}")
        return int(text)

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": 1, "maximum": 99_999_999, "examples": [2]}


@dataclass(frozen=True, slots=True)
class DeliveryName:
    """A delivery by our id, or by the shop's own: ``ext:A-1001``, ``ext:shopify:8209829``."""

    noun: str = "delivery"

    def read(self, text: str) -> str:
        is_known = text.startswith(EXTERNAL) or is_id(text, "del")
        if not is_known or len(text) > _LONGEST_NAME:
            raise NotFound(f"there is no such {self.noun}")
        return text

    def schema(self) -> dict[str, Any]:
        return {
            "type": "string",
            "maxLength": _LONGEST_NAME,
            "pattern": r"^(del_[0-9a-hjkmnp-tv-z]{26}|ext:.+)$",
            "examples": ["del_01m83qpnc10y2w525st46371np"],
        }


@dataclass(frozen=True, slots=True)
class ADay:
    """A day, written out: ``2026-11-26``."""

    noun: str = "day"

    def read(self, text: str) -> date:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise NotFound("there is no such day") from None
        if len(text) != len("2026-11-26") or not rest.is_in_reach(day):
            raise NotFound("there is no such day")
        return day

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date", "examples": ["2026-11-26"]}


MerchantId = Annotated[str, IdOf("mer", "merchant")]
HubId = Annotated[str, IdOf("hub", "hub")]
AreaId = Annotated[str, IdOf("zon", "service area")]
PickupPointId = Annotated[str, IdOf("pup", "pickup point")]
DeliveryId = Annotated[str, DeliveryName()]
DriverId = Annotated[str, IdOf("drv", "driver")]
DeviceId = Annotated[str, IdOf("dev", "device")]
DeviceKey = Annotated[str, Word("device", "qZHLu2Qe0vG9mX4tR7sB1nK8dF3hJ6pW5cY0aE2iO4U")]
OfferId = Annotated[str, IdOf("ofr", "offer")]
RouteId = Annotated[str, IdOf("rte", "route")]
StopId = Annotated[str, IdOf("stp", "stop")]
RuleId = Annotated[str, IdOf("rul", "rule")]
ChangeId = Annotated[str, IdOf("chg", "change")]
PlanId = Annotated[str, IdOf("pln", "plan")]
SimulationId = Annotated[str, IdOf("sim", "simulation")]
DayOf = Annotated[date, ADay()]
LinkToken = Annotated[str, Word("link", "px7eWHVhU9wi_SMsg1Kjkg")]
AnyPlatform = Annotated[Platform, OneOf(tuple(Platform), "platform")]
