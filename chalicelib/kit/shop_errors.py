"""What can go wrong with a merchant's shop? A branch of the tree that ``kit.errors`` draws."""

from chalicelib.kit.errors import LastmileError, Upstream


class ShopError(LastmileError):
    """A merchant's shop cannot be used as it is connected; the merchant can mend that."""

    status = 422
    code = "shop_error"
    title = "The shop cannot be used like that"


class ShopRefused(ShopError):
    """The shop's platform no longer takes the credentials, or they allow too little."""

    code = "shop_refused"
    title = "The shop refused our credentials"


class ShopRejected(ShopError):
    """The shop's platform will not do this, however often it is asked."""

    code = "shop_rejected"
    title = "The shop rejected the request"


class ShopAddressRefused(ShopError):
    """The shop's address is not one that we call."""

    code = "shop_address_refused"
    title = "We do not call that address"


class ShopUnavailable(Upstream):
    """The shop's platform did not answer, or asked us to slow down."""

    code = "shop_unavailable"
    title = "The shop did not answer"
