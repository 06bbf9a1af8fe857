"""A snapshot reaches the workers as it was taken, and nobody in it can be recognised."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.deliveries.model import Place
from chalicelib.domain.dispatch.waves import planning, snapshots
from chalicelib.domain.dispatch.waves.planning import Availability
from chalicelib.domain.routing.parts import Outline
from chalicelib.kit.geo import LatLng
from chalicelib.kit.timewindow import TimeWindow
from tests.builders import NOON, a_driver_at_work, a_hub, a_recipient
from tests.domain.dispatch.conftest import World
from tests.domain.dispatch.waves.test_planning import HOUR, pending, snapshot


def outline_after_the_way(taken: planning.Snapshot) -> Outline:
    there = snapshots.read_snapshot(snapshots.write_snapshot(taken), taken.hub)
    return planning.build_outline(there)


def test_every_worker_states_the_same_problem() -> None:
    other = Place("str_2", "Vasen Blau", LatLng(51.23, 9.43))
    busy = Availability(a_driver_at_work("drv_2", shift_ends_at=None), NOON + timedelta(hours=1))
    lunch = (TimeWindow(NOON, NOON + HOUR), TimeWindow(NOON + HOUR * 1.5, NOON + HOUR * 2))
    due = (pending(1), pending(2, pickup=other, attempts=1), pending(3, open_at=lunch))
    taken = snapshot(*due, before={"drv_1": (due[2].ref, due[0].ref)})
    taken = replace(taken, available=(*taken.available, busy))
    assert outline_after_the_way(taken) == planning.build_outline(taken)


def test_drafts_need_nothing_that_was_left_behind() -> None:
    taken = snapshot(pending(1, version=3), pending(2))
    there = snapshots.read_snapshot(snapshots.write_snapshot(taken), a_hub())
    assert there.due == taken.due
    assert there.at == taken.at


def test_no_recipient_can_be_read_from_a_payload(world: World) -> None:
    """Written from real deliveries, whose recipient is Ada Sommer of Lindenweg 7."""
    for number in range(3):
        world.a_ready_delivery(number)
    world.a_driver()
    taken = planning.take_snapshot(world.begin(), world.hub)
    text = str(snapshots.unpack(snapshots.write_snapshot(taken)))
    assert str(world.refs[0]) in text
    person = a_recipient()
    assert person.phone is not None
    secrets = (person.name, person.phone.e164, person.address.line1, person.notes)
    assert [secret for secret in secrets if secret in text] == []
