"""The measuring stick of checkouts: its percentiles, and that it asks as Shopify asks."""

import json
import random

from benchmarks.checkout_rates import a_request, percentile


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [float(value) for value in range(100, 0, -1)]
    assert [percentile(values, p) for p in (1, 50, 99, 100)] == [1, 50, 99, 100]
    assert percentile([7.0], 50) == 7.0


def test_requests_are_repeatable_and_never_all_alike() -> None:
    first = [a_request(random.Random(3)) for _ in range(2)]
    assert first[0] == first[1]
    rng = random.Random(3)
    asked = [json.loads(a_request(rng))["rate"]["destination"]["postal_code"] for _ in range(60)]
    assert len(set(asked)) > 2
