"""How long is a geocoder waited for: as long as somebody at a checkout waits, and no longer."""

import pytest

from chalicelib import wiring
from chalicelib.wiring import Settings


@pytest.mark.parametrize(
    ("stand_in", "checkout_s", "order_s"),
    [("", (0.3, 0.7), (1, 1.2)), ("http://127.0.0.1:9", (8, 8), (8, 8))],
    ids=["the real one", "a stand-in on a busy machine"],
)
def test_only_a_stand_in_may_be_late(
    monkeypatch: pytest.MonkeyPatch,
    stand_in: str,
    checkout_s: tuple[float, float],
    order_s: tuple[float, float],
) -> None:
    chosen = Settings.model_construct(places_endpoint_url=stand_in)
    monkeypatch.setattr(wiring, "settings", lambda: chosen)
    for places, wanted in (
        (wiring.hasty_places.__wrapped__(), checkout_s),
        (wiring.places.__wrapped__(), order_s),
    ):
        config = places._client.meta.config
        assert (config.connect_timeout, config.read_timeout) == wanted
        assert config.retries["total_max_attempts"] == 1
        places._client.close()
