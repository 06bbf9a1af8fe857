"""Where does it stand? Every key that is written or asked for; docs/keys.md is the map of them.

A test reads the shapes off these functions and compares them with that page. Indexes of core: g1
pending, g2 lists, g3 attention, g4 news; all are sparse. Every merchant-facing key starts with the
merchant's id taken from the *credential*: a foreign id is simply not found.
"""

import zlib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

#: Partitions of one hub's pending list. Source: 1,000 WCU/s a partition; 4 take 50,000 orders that
#: are dropped into one slot in 13 s (shared arithmetic in docs/keys.md).
PENDING_SHARDS = 4


class TableName(StrEnum):
    CORE = "core"
    PII = "pii"
    MONEY = "money"
    LIVE = "live"
    EPH = "eph"


class Index(StrEnum):
    """The indexes of core; their key attributes are named after them (``g1pk``, ``g1sk``)."""

    PENDING = "g1"
    LISTS = "g2"
    ATTENTION = "g3"
    NEWS = "g4"

    @property
    def index_name(self) -> str:
        """DynamoDB wants three characters at least."""
        return f"{self.value}-index"


@dataclass(frozen=True, slots=True)
class Key:
    """The address of one item."""

    table: TableName
    pk: str
    sk: str = "A"


def hub(hub_id: str) -> Key:
    return Key(TableName.CORE, "NET", f"H#{hub_id}")


HUBS = ("NET", "H#")


def merchant(merchant_id: str) -> Key:
    return Key(TableName.CORE, f"M#{merchant_id}")


def rejection(merchant_id: str, at: str, rejection_id: str) -> Key:
    return Key(TableName.CORE, f"M#{merchant_id}", f"RJ#{at}#{rejection_id}")


def rejections(merchant_id: str) -> tuple[str, str]:
    return f"M#{merchant_id}", "RJ#"


def article(merchant_id: str, ref: str) -> Key:
    return Key(TableName.CORE, f"C#{merchant_id}", ref)


def articles(merchant_id: str) -> str:
    return f"C#{merchant_id}"


def connection(merchant_id: str, platform: str) -> Key:
    return Key(TableName.CORE, f"M#{merchant_id}", f"PC#{platform}")


def poll_mark(merchant_id: str, platform: str) -> Key:
    return Key(TableName.CORE, f"M#{merchant_id}", f"PM#{platform}")


def shop(platform: str, shop_: str) -> Key:
    return Key(TableName.CORE, f"SH#{platform}#{shop_}")


def untold(merchant_id: str, platform: str, delivery_id: str) -> Key:
    return Key(TableName.CORE, f"M#{merchant_id}", f"UN#{platform}#{delivery_id}")


def untold_of(merchant_id: str, platform: str) -> tuple[str, str]:
    return f"M#{merchant_id}", f"UN#{platform}#"


def shop_told(merchant_id: str, delivery_id: str, platform: str) -> Key:
    return Key(TableName.CORE, f"D#{merchant_id}#{delivery_id}", f"SN#{platform}")


def privacy_request(merchant_id: str, source: str) -> Key:
    return Key(TableName.CORE, f"M#{merchant_id}", f"PV#{source}")


def privacy_requests(merchant_id: str) -> tuple[str, str]:
    return f"M#{merchant_id}", "PV#"


#: g3: connected shops, by when we last looked for lost orders.
POLLED_SHOPS = "POLL"


def webhook_endpoints(merchant_id: str) -> Key:
    return Key(TableName.CORE, f"M#{merchant_id}", "WE")


#: Whose cards count for every merchant that has none of its own.
NETWORK = "network"


def current_rate_card(owner: str) -> Key:
    return Key(TableName.CORE, _card_owner(owner), "RC")


def rate_card(owner: str, version: int) -> Key:
    return Key(TableName.CORE, _card_owner(owner), f"RC#{version:08d}")


def rate_cards(owner: str) -> tuple[str, str]:
    return _card_owner(owner), "RC#"


def _card_owner(owner: str) -> str:
    return "NET" if owner == NETWORK else f"M#{owner}"


def api_key(key_hash: str) -> Key:
    return Key(TableName.CORE, f"K#{key_hash}")


def api_key_shown(merchant_id: str, key_id: str) -> Key:
    return Key(TableName.CORE, f"M#{merchant_id}", f"AK#{key_id}")


def api_keys(merchant_id: str) -> tuple[str, str]:
    return f"M#{merchant_id}", "AK#"


def order(merchant_id: str, platform: str, order_id: str) -> Key:
    return Key(TableName.CORE, f"X#{merchant_id}#{platform}#{order_id}")


def delivery(merchant_id: str, delivery_id: str) -> Key:
    return Key(TableName.CORE, f"D#{merchant_id}#{delivery_id}")


def text_claim(merchant_id: str, delivery_id: str, event_id: str, template: str) -> Key:
    return Key(TableName.CORE, f"D#{merchant_id}#{delivery_id}", f"N#{event_id}#{template}")


def proof(merchant_id: str, delivery_id: str, proof_id: str) -> Key:
    return Key(TableName.CORE, f"D#{merchant_id}#{delivery_id}", f"P#{proof_id}")


def proofs(merchant_id: str, delivery_id: str) -> tuple[str, str]:
    return f"D#{merchant_id}#{delivery_id}", "P#"


def redaction_wanted(merchant_id: str, delivery_id: str) -> Key:
    return Key(TableName.CORE, f"D#{merchant_id}#{delivery_id}", "ER")


def agreed_price(merchant_id: str, delivery_id: str) -> Key:
    return Key(TableName.CORE, f"D#{merchant_id}#{delivery_id}", "PRICE")


def recipient(merchant_id: str, delivery_id: str) -> Key:
    return Key(TableName.PII, f"D#{merchant_id}#{delivery_id}")


def address_review(merchant_id: str, delivery_id: str) -> Key:
    return Key(TableName.PII, f"D#{merchant_id}#{delivery_id}", "AR")


def drop_points(hub_id: str, door_key: str) -> Key:
    return Key(TableName.CORE, f"DP#{hub_id}#{door_key}")


def link_answers(token_hash: str) -> Key:
    return Key(TableName.EPH, f"AL#{token_hash}")


def tracking_link(token_hash: str) -> Key:
    return Key(TableName.CORE, f"T#{token_hash}")


def surge(hub_id: str) -> Key:
    return Key(TableName.CORE, f"SG#{hub_id}")


def quote(merchant_id: str, quote_id: str) -> Key:
    return Key(TableName.CORE, f"Q#{merchant_id}#{quote_id}")


def postal_code(country: str, code: str) -> Key:
    return Key(TableName.CORE, f"PZ#{country}#{code}")


def coverage(owner: str) -> Key:
    """``owner``: a hub or a merchant, whoever the areas belong to."""
    return Key(TableName.CORE, f"S#{owner}")


def area(owner: str, area_id: str) -> Key:
    return Key(TableName.CORE, f"S#{owner}", f"Z#{area_id}")


def area_owner(area_id: str) -> Key:
    return Key(TableName.CORE, f"Z#{area_id}")


def areas(owner: str) -> tuple[str, str]:
    return f"S#{owner}", "Z#"


def area_cell(owner: str, cell: str) -> Key:
    return Key(TableName.CORE, f"S#{owner}", f"C#{cell}")


def places_taken(scope: str, day: date) -> Key:
    """``scope``: the hub or the area whose capacity is counted; ``day`` is its own."""
    return Key(TableName.CORE, f"S#{scope}", f"N#{day:%Y%m%d}")


def pickup_point(point_id: str) -> Key:
    return Key(TableName.CORE, "PUP", point_id)


PICKUP_POINTS = ("PUP", "pup_")


def pickup_cell(cell: str) -> Key:
    return Key(TableName.CORE, f"PP#{cell}")


def pickup_room(point_id: str) -> Key:
    return Key(TableName.CORE, f"PR#{point_id}")


def wave(hub_id: str, wave_id: str) -> Key:
    return Key(TableName.CORE, f"W#{hub_id}", wave_id)


def waves(hub_id: str) -> tuple[str, str]:
    return f"W#{hub_id}", "wav_"


def open_wave(hub_id: str) -> Key:
    return Key(TableName.CORE, f"W#{hub_id}", "OPEN")


def shared_wave(wave_id: str) -> Key:
    return Key(TableName.CORE, f"F#{wave_id}")


def part_answer(wave_id: str, round_: int, part: int) -> Key:
    return Key(TableName.CORE, f"F#{wave_id}", f"P#{round_}#{part:04d}")


def part_answers(wave_id: str, round_: int) -> tuple[str, str]:
    return f"F#{wave_id}", f"P#{round_}#"


def route(route_id: str) -> Key:
    return Key(TableName.CORE, f"R#{route_id}")


def offer(route_id: str, offer_id: str) -> Key:
    return Key(TableName.CORE, f"R#{route_id}", f"O#{offer_id}")


def offers(route_id: str) -> tuple[str, str]:
    return f"R#{route_id}", "O#"


def driver(driver_id: str) -> Key:
    return Key(TableName.CORE, f"V#{driver_id}")


def driver_work(driver_id: str) -> Key:
    return Key(TableName.CORE, f"V#{driver_id}", "ACT")


def driver_person(driver_id: str) -> Key:
    return Key(TableName.PII, f"V#{driver_id}")


def driver_phone(phone_hash: str) -> Key:
    return Key(TableName.CORE, f"VP#{phone_hash}")


def position(driver_id: str) -> Key:
    return Key(TableName.LIVE, f"G#{driver_id}")


def inbox(merchant_id: str, source_event: str) -> Key:
    return Key(TableName.EPH, f"I#{merchant_id}#{source_event}")


def calls(api_key_id: str, minute: str) -> Key:
    return Key(TableName.EPH, f"CL#{api_key_id}#{minute}")


def idempotency(merchant_id: str, key: str) -> Key:
    return Key(TableName.EPH, f"IK#{merchant_id}#{key}")


def day_sheet(hub_id: str) -> Key:
    return Key(TableName.EPH, f"DS#{hub_id}")


def day_sheet_due(hub_id: str) -> Key:
    return Key(TableName.EPH, f"DS#{hub_id}", "DUE")


def sign_in_code(phone_hash: str) -> Key:
    return Key(TableName.EPH, f"OTP#{phone_hash}")


def refresh_token(token_hash: str) -> Key:
    return Key(TableName.EPH, f"RT#{token_hash}")


def tap(driver_id: str, event_id: str) -> Key:
    return Key(TableName.EPH, f"TE#{driver_id}#{event_id}")


def webhook(merchant_id: str, endpoint_id: str, at: str, event_id: str) -> Key:
    return Key(TableName.EPH, f"WC#{merchant_id}#{endpoint_id}", f"C#{at}#{event_id}")


def webhooks(merchant_id: str, endpoint_id: str) -> tuple[str, str]:
    return f"WC#{merchant_id}#{endpoint_id}", "C#"


def webhook_of_event(merchant_id: str, endpoint_id: str, event_id: str) -> Key:
    return Key(TableName.EPH, f"WC#{merchant_id}#{endpoint_id}", f"E#{event_id}")


def webhook_waiting(merchant_id: str, endpoint_id: str, due: str, event_id: str) -> Key:
    return Key(TableName.EPH, webhooks_waiting(merchant_id, endpoint_id), f"{due}#{event_id}")


def webhooks_waiting(merchant_id: str, endpoint_id: str) -> str:
    return f"WQ#{merchant_id}#{endpoint_id}"


def webhook_line(merchant_id: str, endpoint_id: str) -> Key:
    return Key(TableName.EPH, f"WL#{merchant_id}#{endpoint_id}")


WEBHOOK_WAKES = "WD"


def webhook_wake(minute: str, merchant_id: str, endpoint_id: str) -> Key:
    return Key(TableName.EPH, WEBHOOK_WAKES, f"{minute}#{merchant_id}#{endpoint_id}")


def pending_shard(delivery_id: str) -> int:
    return zlib.crc32(delivery_id.encode()) % PENDING_SHARDS


def pending(hub_id: str, shard: int) -> str:
    """g1: deliveries of a hub that wait for a wave, by deadline."""
    return f"ZP#{hub_id}#{shard}"


def merchant_day(merchant_id: str, day: date) -> str:
    """g2: deliveries of a merchant that were created on a day (UTC)."""
    return f"MD#{merchant_id}#{day:%Y%m%d}"


def merchant_news(merchant_id: str, day: date) -> str:
    """g4: deliveries of a merchant whose last change was on a day (UTC), by its time."""
    return f"MU#{merchant_id}#{day:%Y%m%d}"


def hub_day(hub_id: str, day: date) -> str:
    """g2: routes of a hub planned on a day (UTC)."""
    return f"HR#{hub_id}#{day:%Y%m%d}"


def unassigned_routes(hub_id: str) -> str:
    """g3: routes of a hub that no driver has taken yet, by start."""
    return f"UR#{hub_id}"


def drivers_on_duty(hub_id: str) -> str:
    """g3: drivers of a hub on duty."""
    return f"DUTY#{hub_id}"
