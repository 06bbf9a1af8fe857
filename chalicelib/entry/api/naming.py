"""Which delivery is meant? Ours by its id, or by the shop's own id of the order."""

from urllib.parse import unquote

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.intake import store as intake_store
from chalicelib.domain.merchants.model import Platform
from chalicelib.entry import work
from chalicelib.entry.path_parts import EXTERNAL
from chalicelib.kit.errors import NotFound


def named(merchant_id: str, name: str) -> DeliveryRef:
    """The delivery that a path names: ``del_...``, ``ext:A-1001``, ``ext:shopify:8209829``.

    Raises
    ------
    NotFound
        If the merchant has no order by that id, or it has no delivery.
    """
    if not name.startswith(EXTERNAL):
        return DeliveryRef(merchant_id, name)
    platform, order_id = _order(unquote(name.removeprefix(EXTERNAL)))
    found = work.read(lambda uow: intake_store.find_delivery(uow, merchant_id, platform, order_id))
    if found is None:
        raise NotFound("there is no such delivery")
    return DeliveryRef(merchant_id, found)


def _order(name: str) -> tuple[str, str]:
    """Platform and order; without a platform in front it is the API's own."""
    head, colon, rest = name.partition(":")
    if colon and rest and head in set(Platform):
        return head, rest
    return Platform.API.value, name
