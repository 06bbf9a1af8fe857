"""Under what do indexes list what waits at pickup points? Beside the partitions in ``keys``."""


def parcels_at_points(hub_id: str) -> str:
    """g3: deliveries of a hub that lie at pickup points, by when something is due for them."""
    return f"CP#{hub_id}"
