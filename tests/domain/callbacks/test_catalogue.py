"""Which events merchants may hear of, who wants what, and what is told of each."""

import json

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.callbacks import catalogue, payload
from chalicelib.domain.deliveries.foretelling import FORETOLD
from chalicelib.domain.deliveries.lifecycle import TRANSITIONS
from chalicelib.kit.events import Event
from tests.domain.callbacks.payloads import LINK, real_bodies
from tests.domain.callbacks.stage import START, an_event
from tests.house import sources

#: What may stand in ``data``: ids, words of ours, numbers, the merchant's own id, the link.
TOLD = {
    "event_id",
    "delivery_id",
    "external_id",
    "status",
    "reason",
    "version",
    "attempts",
    "route_id",
    "tracking_url",
    "stars",
    "delivery_ids",
    "endpoint_id",
    "url",
    *("proof_id", "reasons", "head", "head_version"),
    *("case_id", "kinds", "opened_by", "due_at"),
    *("recovery_id", "attempt", "remedy", "by", "state", "until", "pickup_point_id", "outcome"),
    *("dispute_id", "currency", "charged_minor", "credited_minor", "refusal"),
}


def test_every_step_of_a_delivery_can_be_heard() -> None:
    """A new step that merchants are not told of would be a hole that only they notice."""
    steps = {f"delivery.{what}" for _, _, what in TRANSITIONS.values()}
    beside = {"delivery.created", "delivery.cancelled", "delivery.undone", "delivery.updated"}
    beside |= {"delivery.rated", "delivery.redirected", "delivery.instructions_changed"}
    beside |= {"delivery.door_moved"}
    ahead = {f"delivery.{what}" for what in FORETOLD}
    assert steps | beside | ahead == set(catalogue.DELIVERY_EVENTS)


def test_the_page_shows_the_real_body_of_every_event() -> None:
    bodies = real_bodies()
    assert set(bodies) == {*catalogue.EVENTS, catalogue.TEST}
    page = sources.read("docs/webhooks.md").splitlines()
    assert [name for name, body in bodies.items() if body not in page] == []


def test_a_body_tells_what_was_agreed_and_nothing_of_people() -> None:
    for body in real_bodies().values():
        told = json.loads(body)
        assert list(told) == ["type", "timestamp", "data"]
        assert set(told["data"]) <= TOLD
        assert "drv_" not in body


@given(st.sampled_from([*catalogue.EVENTS]), st.sets(st.sampled_from(sorted(catalogue.PATTERNS))))
def test_a_filter_lets_through_its_exact_names_its_families_and_nothing_else(
    name: str, patterns: set[str]
) -> None:
    family = name.split(".")[0] + ".*"
    assert catalogue.wants(patterns, name) == bool({"*", family, name} & patterns)


@given(st.text(max_size=40))
def test_a_pattern_is_one_of_those_listed_or_unknown(pattern: str) -> None:
    assert catalogue.unknown([pattern]) == ([] if pattern in catalogue.PATTERNS else [pattern])


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=128, max_size=128))
def test_the_largest_body_is_below_the_standards_limit(external_id: str) -> None:
    event = an_event(1, START)
    long = Event(
        event.type, event.subject, 999_999, START, {**event.data, "external_id": external_id}
    )
    body = payload.write(long, payload.delivery_data(long))
    body = payload.with_link(body, lambda _: LINK * 4)
    assert len(body.encode()) < payload.LARGEST_BODY_BYTES
    route = Event("route.planned", "rte_" + "0" * 26, 999_999, START, {})
    ids = ["del_" + "0" * 26] * 98
    assert len(payload.write(route, payload.route_data(route, ids))) < payload.LARGEST_BODY_BYTES
