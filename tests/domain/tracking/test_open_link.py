"""A link opens its delivery, and nothing else does."""

from dataclasses import replace

import pytest

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import proofs
from chalicelib.domain.deliveries.model import (
    Status,
)
from chalicelib.domain.deliveries.pictures import Picture
from chalicelib.domain.deliveries.proofs import Arrival, ProofState, Seen
from chalicelib.domain.deliveries.requirements import Proof, ProofKind
from chalicelib.domain.deliveries.service import ref_of
from chalicelib.domain.tracking import service
from chalicelib.kit import tokens
from chalicelib.kit.errors import LinkExpired, NotFound
from chalicelib.storage import keys
from tests.telling import ANNA, SERVER_KEY, World, minutes, steps_to

JPEG = Arrival(2048, "image/jpeg", b"\xff\xd8\xff\xe0" + bytes(28))
A_DOOR = Picture(1280, 960, 480, 7_000, 900)


def seen(arrival, picture=A_DOOR):
    return Seen(arrival, picture, sha256="0" * 64)


@pytest.fixture
def world(begin):
    return World(begin)


def announce(uow, delivery):
    """What the driver's phone does before the upload, as dispatch.under_way.handover keeps it."""
    proof_id = uow.new_id("prf")
    item = {"id": proof_id, "status": "announced", "content_type": "image/jpeg"}
    uow.put(keys.proof(delivery.merchant_id, delivery.id, proof_id), item, expect=0)
    return proof_id


def deliver_with_photo(world, arrival=JPEG, picture=A_DOOR):
    """A delivered parcel whose photo was announced and then arrived as told."""
    door = steps_to(Status.DELIVERED)[:-1]
    delivery = world.deliver(*door)
    uow = world.begin()
    proof_id = announce(uow, delivery)
    uow.commit()
    delivery = world.go_on(delivery, life.Deliver(minutes(75), (Proof(ProofKind.PHOTO, proof_id),)))
    if arrival is not None:
        uow = world.begin()
        proofs.record_arrival(uow, ref_of(delivery), proof_id, seen(arrival, picture))
        uow.commit()
    return delivery, proof_id


def test_a_link_shows_its_delivery(world):
    delivery = world.deliver(*steps_to(Status.READY))
    shown = service.open_link(world.begin(), world.token(delivery), SERVER_KEY)
    assert shown.brand == "Blumen & Söhne"
    assert shown.headline == "Today, 14:00–16:00"
    assert ("To", "Anna, Torstraße 12") in shown.details


def test_the_pin_is_shown_only_while_the_driver_may_ask_for_it(world):
    delivery = world.deliver(*steps_to(Status.PLANNED))
    token = world.token(delivery)
    assert "PIN" not in dict(service.open_link(world.begin(), token, SERVER_KEY).details)
    world.go_on(delivery, *steps_to(Status.PICKED_UP)[2:])
    pin = tokens.delivery_pin(SERVER_KEY, delivery.id)
    shown = service.open_link(world.begin(), token, SERVER_KEY)
    assert dict(shown.details)["PIN"].startswith(pin)
    world.go_on(delivery, *steps_to(Status.DELIVERED)[5:])
    assert "PIN" not in dict(service.open_link(world.begin(), token, SERVER_KEY).details)


@pytest.mark.parametrize(
    "token", ["", "a", "A" * 22, "A" * 23, "../" * 7 + "a", "A" * 21 + "\n", "é" * 22]
)
def test_what_is_no_link_of_ours_is_not_found(world, token):
    world.deliver()
    with pytest.raises(NotFound):
        service.open_link(world.begin(), token, SERVER_KEY)


def test_a_link_expires_fourteen_days_after_the_end(world, clock):
    delivery = world.deliver(*steps_to(Status.DELIVERED))
    clock.advance(days=14, hours=1)
    assert service.open_link(world.begin(), world.token(delivery), SERVER_KEY).headline
    clock.advance(hours=1)
    with pytest.raises(LinkExpired):
        service.open_link(world.begin(), world.token(delivery), SERVER_KEY)


def test_a_recipient_whose_data_was_erased_still_sees_the_times(world):
    delivery = world.deliver(*steps_to(Status.READY), recipient=ANNA)
    uow = world.begin()
    uow.delete(keys.recipient(delivery.merchant_id, delivery.id), expect=None)
    uow.commit()
    shown = service.open_link(world.begin(), world.token(delivery), SERVER_KEY)
    assert "To" not in dict(shown.details)


def test_a_photo_that_arrived_is_shown_after_the_delivery(world):
    delivery, proof_id = deliver_with_photo(world)
    token = world.token(delivery)
    assert service.open_link(world.begin(), token, SERVER_KEY).has_photo
    assert service.open_photo(world.begin(), token) == (ref_of(delivery), proof_id)


@pytest.mark.parametrize(
    "arrival",
    [
        None,
        Arrival(0, "image/jpeg", b""),
        Arrival(5 * 1024 * 1024 + 1, "image/jpeg", JPEG.first_bytes),
        Arrival(2048, "image/png", JPEG.first_bytes),
        Arrival(2048, "image/jpeg", b"<script>alert(1)</script>"),
        Arrival(2048, "image/jpeg", b"\x89PNG\r\n\x1a\n"),
    ],
)
def test_a_photo_that_never_came_or_is_none_is_not_shown(world, arrival):
    delivery, _ = deliver_with_photo(world, arrival)
    token = world.token(delivery)
    assert not service.open_link(world.begin(), token, SERVER_KEY).has_photo
    with pytest.raises(NotFound):
        service.open_photo(world.begin(), token)


@pytest.mark.parametrize(
    "picture", [None, replace(A_DOOR, brightness_permille=20), replace(A_DOOR, edges=3)]
)
def test_a_photo_that_cannot_be_opened_or_shows_nothing_is_not_shown(world, picture):
    delivery, _ = deliver_with_photo(world, picture=picture)
    assert not service.open_link(world.begin(), world.token(delivery), SERVER_KEY).has_photo


def test_an_upload_that_nobody_announced_is_ignored(world):
    delivery = world.deliver()
    uow = world.begin()
    assert proofs.record_arrival(uow, ref_of(delivery), "prf_x", seen(JPEG)) is None
    assert uow.write_count == 0


def test_a_photo_that_was_judged_keeps_its_judgement(world):
    delivery, proof_id = deliver_with_photo(world)
    uow = world.begin()
    forged = Arrival(10, "image/jpeg", b"<html>")
    state = proofs.record_arrival(uow, ref_of(delivery), proof_id, seen(forged))
    assert state is ProofState.ARRIVED
    assert uow.write_count == 0


@pytest.mark.parametrize(
    ("first_bytes", "kind"),
    [
        (b"\xff\xd8\xff\xdb", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n\x00", "image/png"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x10\x00\x00\x00WAVEfmt ", None),
        (b"GIF89a", None),
        (b"", None),
    ],
)
def test_the_first_bytes_of_a_file_show_what_it_is(first_bytes, kind):
    assert proofs.kind_of(first_bytes) == kind
