"""Under what do indexes list the deliveries that wait for a person? Beside those in ``keys``."""


def address_reviews(hub_id: str) -> str:
    """g3: deliveries of a hub that wait for an address, by when it is needed."""
    return f"AR#{hub_id}"


def parcels_at_points(hub_id: str) -> str:
    """g3: deliveries of a hub that lie at pickup points, by when something is due for them."""
    return f"CP#{hub_id}"
