"""What do we ask of a shop's platform? One protocol, whatever platform it is.

A gateway for each platform keeps it (``gateways/shopify.py`` and others beside it); ``wiring``
maps platforms to gateways. Gateways raise ShopRefused (credentials), ShopRejected (this request,
for good), ShopAddressRefused and ShopUnavailable (try again later).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol, runtime_checkable

from chalicelib.kit.shop_calls import (
    Access,
    ChangedOrders,
    FoundOrder,
    Requested,
    Telling,
    Wish,
)


class ShopGateway(Protocol):
    """A platform's API."""

    def address(self, shop: str) -> str:
        """The shop's address as we keep it; raise ShopAddressRefused if we do not call it."""

    def check(self, access: Access) -> None:
        """Whether the credentials open the shop and allow what we need; raise if not."""

    def tell(self, access: Access, news: Telling) -> str:
        """Tell news, once however often it is called; return the shipment's reference, if any."""

    def changed_orders(
        self, access: Access, since: datetime, *, limit: int, cursor: str | None = None
    ) -> ChangedOrders:
        """Orders that changed at or after an instant."""

    def order(self, access: Access, order_id: str) -> FoundOrder | None:
        """One order as it is now; None when there is none."""


@runtime_checkable
class FulfilmentGateway(ShopGateway, Protocol):
    """A platform whose shops may hand orders to a fulfilment service and take them back."""

    def requests(self, access: Access, wish: Wish) -> tuple[Requested, ...]: ...
    def accept(self, access: Access, request: Requested) -> None: ...
    def reject(self, access: Access, request: Requested, detail: str) -> None: ...


Gateways = Mapping[str, ShopGateway]
