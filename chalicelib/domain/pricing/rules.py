"""What does this delivery cost by that card? Pure: the same card and job, the same price.

The order of the sum: base, distance, weight, size, window and zone; surge on all of these; the
pickup point's discount off that, never more than there is; cash on delivery; tax on the whole.
No amount falls when a parcel gets heavier or larger, the way longer or the surge higher, and no
price is below zero: cards that could break this are refused when they are made.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from chalicelib.domain.pricing.model import (
    LEAST_SURGE_PERMILLE,
    MOST_SURGE_PERMILLE,
    WHOLE_PERMILLE,
    Band,
    Component,
    Job,
    Kind,
    Price,
    RateCard,
    Tax,
    permille_of,
)

METRES_PER_KM = 1000

#: How each component is made, in words; docs/pricing.md shows the same table.
RULES: Mapping[Kind, str] = {
    Kind.BASE: "the same for every delivery",
    Kind.DISTANCE: "each band that the way reaches: its amount once, and one per started kilometre",
    Kind.WEIGHT: "the band of the weight, or of the volumetric weight if that is more",
    Kind.SIZE: "the band of the volume",
    Kind.WINDOW: "the band of the promised window's length",
    Kind.ZONE: "the zone's surcharge",
    Kind.SURGE: "the sum so far, times what the surge is above 1000 permille",
    Kind.PICKUP_POINT_DISCOUNT: "off the sum so far, because many parcels share one stop",
    Kind.CASH_ON_DELIVERY: "an amount, and a share of the cash that is collected",
    Kind.TAX: "on the sum, rounded once, half up",
}


def price(card: RateCard, job: Job) -> Price:
    """The price of a job, with a component for each rule of the card that applies."""
    components = [one for make in _PLAIN for one in make(card, job)]
    components += _surge(card, job, _sum(components))
    components += _pickup_point_discount(card, job, _sum(components))
    components += _cash_on_delivery(card, job)
    components += tax_component(card.tax, _sum(components))
    return Price(card.currency, tuple(components))


def tax_component(tax: Tax, sum_minor: int) -> Iterator[Component]:
    """The tax on a sum; one that is contained adds nothing, and says how much it is."""
    if not tax.permille:
        return
    tax_minor = tax.on(sum_minor)
    inputs: dict[str, int | str] = {
        "sum_minor": sum_minor,
        "permille": tax.permille,
        "mode": "included" if tax.is_included else "added",
        "tax_minor": tax_minor,
    }
    yield Component(Kind.TAX, RULES[Kind.TAX], inputs, 0 if tax.is_included else tax_minor)


def chargeable_weight_g(card: RateCard, weight_g: int, volume_ml: int) -> int:
    """The weight, or what the volume is taken to weigh if that is more."""
    if not card.volumetric_ml_per_kg:
        return weight_g
    volumetric_g = -(-volume_ml * 1000 // card.volumetric_ml_per_kg)
    return max(weight_g, volumetric_g)


def _base(card: RateCard, job: Job) -> Iterator[Component]:
    yield Component(Kind.BASE, RULES[Kind.BASE], {}, card.base_minor)


def _distance(card: RateCard, job: Job) -> Iterator[Component]:
    if not card.distance:
        return
    reached = [band for band in card.distance if job.distance_m > band.from_m]
    ends = [*(band.from_m for band in card.distance[1 : len(reached)]), job.distance_m]
    kilometres = [
        -(-(end - band.from_m) // METRES_PER_KM) for band, end in zip(reached, ends, strict=False)
    ]
    amount = sum(
        band.amount_minor + km * band.per_km_minor
        for band, km in zip(reached, kilometres, strict=True)
    )
    inputs = {
        "distance_m": job.distance_m,
        "bands_reached": len(reached),
        "started_km": sum(
            km for band, km in zip(reached, kilometres, strict=True) if band.per_km_minor
        ),
    }
    yield Component(Kind.DISTANCE, RULES[Kind.DISTANCE], inputs, amount)


def _weight(card: RateCard, job: Job) -> Iterator[Component]:
    chargeable_g = chargeable_weight_g(card, job.weight_g, job.volume_ml)
    inputs = {
        "weight_g": job.weight_g,
        "volume_ml": job.volume_ml,
        "volumetric_ml_per_kg": card.volumetric_ml_per_kg,
        "chargeable_g": chargeable_g,
    }
    yield from _banded(Kind.WEIGHT, card.weight, chargeable_g, inputs)


def _size(card: RateCard, job: Job) -> Iterator[Component]:
    yield from _banded(Kind.SIZE, card.size, job.volume_ml, {"volume_ml": job.volume_ml})


def _window(card: RateCard, job: Job) -> Iterator[Component]:
    yield from _banded(Kind.WINDOW, card.window, job.window_s, {"window_s": job.window_s})


def _zone(card: RateCard, job: Job) -> Iterator[Component]:
    if job.zone_id is not None and job.zone_id in card.zones:
        inputs = {"zone_id": job.zone_id}
        yield Component(Kind.ZONE, RULES[Kind.ZONE], inputs, card.zones[job.zone_id])


def _banded(
    kind: Kind, bands: Sequence[Band], value: int, inputs: Mapping[str, int]
) -> Iterator[Component]:
    """The amount of the first band whose limit is not exceeded."""
    for band in bands:
        if band.up_to is None or value <= band.up_to:
            limit: dict[str, int | str] = {"up_to": "any" if band.up_to is None else band.up_to}
            yield Component(kind, RULES[kind], {**inputs, **limit}, band.amount_minor)
            return


def _surge(card: RateCard, job: Job, so_far: int) -> Iterator[Component]:
    most = min(card.most_surge_permille, MOST_SURGE_PERMILLE)
    applied = max(LEAST_SURGE_PERMILLE, min(job.surge_permille, most))
    if applied == LEAST_SURGE_PERMILLE:
        return
    inputs = {
        "sum_minor": so_far,
        "surge_permille": applied,
        "asked_permille": job.surge_permille,
        **job.surge_inputs,
    }
    amount = permille_of(so_far, applied - WHOLE_PERMILLE)
    yield Component(Kind.SURGE, RULES[Kind.SURGE], inputs, amount)


def _pickup_point_discount(card: RateCard, job: Job, so_far: int) -> Iterator[Component]:
    share = card.pickup_point_discount
    if not job.is_pickup_point or not (share.flat_minor or share.permille):
        return
    inputs = {
        "sum_minor": so_far,
        "flat_minor": share.flat_minor,
        "permille": share.permille,
    }
    amount = -min(so_far, share.of(so_far))
    kind = Kind.PICKUP_POINT_DISCOUNT
    yield Component(kind, RULES[kind], inputs, amount)


def _cash_on_delivery(card: RateCard, job: Job) -> Iterator[Component]:
    if job.cash_on_delivery_minor:
        yield _cash(card, job.cash_on_delivery_minor)


def with_cash(card: RateCard, agreed: Price, cash_minor: int) -> Price:
    """An agreed price as it is with another amount of cash to collect."""
    collected = [int(one.inputs["cash_minor"]) for one in agreed.components if _is_cash(one)]
    if collected == ([cash_minor] if cash_minor else []):
        return agreed
    kept = [one for one in agreed.components if not _is_cash(one) and one.kind is not Kind.TAX]
    added = [_cash(card, cash_minor)] if cash_minor else []
    components = [*kept, *added]
    components += tax_component(card.tax, _sum(components))
    return Price(agreed.currency, tuple(components))


def _is_cash(component: Component) -> bool:
    return component.kind is Kind.CASH_ON_DELIVERY


def _cash(card: RateCard, cash_minor: int) -> Component:
    share = card.cash_on_delivery
    inputs: dict[str, int | str] = {
        "cash_minor": cash_minor,
        "flat_minor": share.flat_minor,
        "permille": share.permille,
    }
    kind = Kind.CASH_ON_DELIVERY
    return Component(kind, RULES[kind], inputs, share.of(cash_minor))


def _sum(components: Sequence[Component]) -> int:
    return sum(component.amount_minor for component in components)


_PLAIN: tuple[Callable[[RateCard, Job], Iterator[Component]], ...] = (
    _base,
    _distance,
    _weight,
    _size,
    _window,
    _zone,
)
