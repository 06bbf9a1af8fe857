"""The day's orders, and the day's mishaps: what arrives when, and what should come of it.

120 orders that become deliveries; on top of them what shops really send: duplicates, an update that
overtakes a newer one, a cancellation, a forged signature, an address from another country, an order
that is collected, one with nothing to ship, and WooCommerce's unsigned ping.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from local.demo import payloads
from local.demo.brands import Brand, recipient_phone
from local.demo.payloads import Purchase, Webhook
from local.town.places import House, Town

#: Two thirds of the day's orders come in the morning, the rest around noon [minutes of the day].
MORNING, NOON = (2, 190), (200, 430)
MORNING_SHARE = 0.62
#: One order has a good address and coordinates in Ottawa, as Shopify's own sample order has.
LOST_ON_THE_MAP = 5

#: Who pays at the door, and who gave something for the driver [cents], by the order's number.
CASH = frozenset({64, 70, 78, 90, 100, 104, 112})
TIPS = {2: 250, 14: 300, 20: 150, 36: 500, 50: 200}

_FIRST = "Ada Benno Clara David Elif Finn Greta Hassan Ida Jonas Karla Luis Mina Noah Olga Paul"
_LAST = "Sommer Winter Yilmaz Peters Nowak Kraus Lindner Rossi Berger Öztürk Haas Vogel Kuhn Marx"
_NOTES = ("", "", "", "Bitte klingeln", "2. Stock links", "Hinterhaus", "Bei Müller abgeben")


@dataclass(frozen=True, slots=True)
class Sending:
    """One webhook of the day.

    ``outcome`` is the word that must come back, or the error's code; ``repeats`` the key of the
    sending whose bytes are sent again.
    """

    minute: float
    brand: Brand
    purchase: Purchase | None
    make: Callable[[datetime], Webhook]
    outcome: str
    reason: str = ""
    repeats: str = ""

    @property
    def key(self) -> str:
        """Names the order; what concerns one order is sent in its order."""
        return f"{self.brand.name}/{self.purchase.order_id if self.purchase else 0}"


def plan_day(town: Town, brands: Sequence[Brand], seed: int) -> list[Sending]:
    """Everything that the shops send, in the order of the day."""
    rng = random.Random(seed)
    sendings: list[Sending] = []
    number = 0
    for brand in brands:
        doors = rng.sample(town.hubs[brand.hub].doors, brand.orders)
        for index, house in enumerate(doors):
            purchase = _purchase(rng, brand, house, number)
            span = MORNING if index < brand.orders * MORNING_SHARE else NOON
            sendings.append(_placed(brand, purchase, rng.uniform(*span)))
            number += 1
    sendings.extend(_mishaps(sendings, brands))
    return sorted(sendings, key=lambda one: one.minute)


def expected_rejections(sendings: Sequence[Sending]) -> dict[str, int]:
    """What the day must refuse, by reason."""
    refused = [one.reason for one in sendings if one.outcome == "rejected"]
    forged = [one.outcome for one in sendings if one.outcome == "bad_signature"]
    return dict(Counter([*refused, *forged]))


def write(brand: Brand, purchase: Purchase, at: datetime) -> Webhook:
    """The order as its brand's platform sends it."""
    writer = {
        "shopify": payloads.shopify,
        "woocommerce": payloads.woocommerce,
        "generic": payloads.generic,
    }[brand.platform]
    return writer(brand.merchant_id, brand.secret, purchase, at)


def cancellation(brand: Brand, purchase: Purchase, at: datetime) -> Webhook:
    changes = {"cancelled_at": at.isoformat(), "cancel_reason": "customer"}
    return payloads.shopify(
        brand.merchant_id, brand.secret, purchase, at, topic="orders/cancelled", changes=changes
    )


def _purchase(rng: random.Random, brand: Brand, house: House, number: int) -> Purchase:
    goods = tuple(
        (name, grams, rng.choice((1, 1, 1, 2))) for name, grams in rng.sample(brand.goods, 2)
    )[: rng.choice((1, 1, 2))]
    # Shopify's ids are beyond 2^53, where a careless reader loses the last digits.
    base = 820_982_911_946_000_001 if brand.platform == "shopify" else 50_000
    return Purchase(
        number=number,
        order_id=base + number,
        name=f"{rng.choice(_FIRST.split())} {rng.choice(_LAST.split())}",
        phone=recipient_phone(number),
        house=house,
        goods=goods,
        store=rng.randrange(2),
        note=rng.choice(_NOTES),
        is_cash=number in CASH,
        tip_minor=TIPS.get(number, 0),
    )


def _placed(brand: Brand, purchase: Purchase, minute: float) -> Sending:
    if purchase.number == LOST_ON_THE_MAP:
        strayed = replace(purchase.house, latitude=45.41634, longitude=-75.6868)
        purchase = replace(purchase, house=strayed)
    return Sending(minute, brand, purchase, lambda at: write(brand, purchase, at), "created")


def _mishaps(good: Sequence[Sending], brands: Sequence[Brand]) -> list[Sending]:
    early = {
        brand.name: [one for one in good if one.brand is brand and one.minute < 120]
        for brand in brands
    }
    flowers, _, wine, tools = brands
    return [
        *_duplicates(early[flowers.name][0], early[wine.name][0], early[tools.name][0]),
        *_overtaking(early[flowers.name][1]),
        _cancelled(early[flowers.name][2]),
        *_refused(flowers, wine),
    ]


def _duplicates(*originals: Sending) -> list[Sending]:
    """The very same bytes again, a moment later, as every platform does."""
    return [
        replace(original, minute=original.minute + 6, repeats=original.key)
        for original in originals
    ]


def _overtaking(original: Sending) -> list[Sending]:
    """Two updates of one order, the newer first: the older one must change nothing."""
    purchase, brand = original.purchase, original.brand
    assert purchase is not None

    def update(note: str, minutes_ago: float, event: str) -> Callable[[datetime], Webhook]:
        changed = replace(purchase, note=note)
        return lambda at: payloads.shopify(
            brand.merchant_id,
            brand.secret,
            changed,
            at - timedelta(minutes=minutes_ago),
            topic="orders/updated",
            event=event,
        )

    first = replace(
        original,
        minute=original.minute + 8,
        make=update("Bitte hinten klopfen", 0, "ev-newer"),
        outcome="updated",
    )
    late = replace(
        original,
        minute=original.minute + 12,
        make=update("Bitte vorn klingeln", 6, "ev-older"),
        outcome="unchanged",
    )
    return [first, late]


def _cancelled(original: Sending) -> Sending:
    purchase, brand = original.purchase, original.brand
    assert purchase is not None
    return replace(
        original,
        minute=original.minute + 15,
        make=lambda at: cancellation(brand, purchase, at),
        outcome="cancelled",
    )


def _refused(flowers: Brand, wine: Brand) -> list[Sending]:
    """What must not become a delivery."""
    abroad = House("Rue de Rivoli", "99", "75001", "Paris", "FR", 48.8606, 2.3376)
    stray = Purchase(
        900,
        820_982_911_946_000_900,
        "Max Fern",
        recipient_phone(0),
        abroad,
        (("Rosen", 500, 1),),
        0,
    )
    note = {"note_attributes": [{"name": "Checkout-Method", "value": "pickup"}]}
    voucher = {"title": "Gutschein", "quantity": 1, "grams": 0, "requires_shipping": False}
    digital = {"line_items": [{"id": 1, "gift_card": True, **voucher}]}

    def shopify(purchase: Purchase, **changes: object) -> Callable[[datetime], Webhook]:
        return lambda at: payloads.shopify(
            flowers.merchant_id, flowers.secret, purchase, at, changes=changes
        )

    def forged(at: datetime) -> Webhook:
        return payloads.shopify(flowers.merchant_id, "not the secret", stray, at, event="ev-forged")

    other = [replace(stray, number=901 + n, order_id=stray.order_id + 1 + n) for n in range(3)]
    return [
        Sending(1, wine, None, lambda at: payloads.woocommerce_ping(wine.merchant_id), "ignored"),
        Sending(30, flowers, stray, forged, "bad_signature"),
        Sending(40, flowers, stray, shopify(stray), "rejected", "outside_service_area"),
        Sending(
            45,
            flowers,
            other[0],
            shopify(other[0], shipping_address=None),
            "rejected",
            "no_shipping_address",
        ),
        Sending(50, flowers, other[1], shopify(other[1], **note), "rejected", "pickup_only"),
        Sending(55, flowers, other[2], shopify(other[2], **digital), "rejected", "nothing_to_ship"),
    ]
