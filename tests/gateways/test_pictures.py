"""What strangers upload is opened with care: measured, made anew, or refused, and never a crash."""

import io
import random
import resource
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from PIL import Image

from chalicelib.domain.deliveries.pictures import Fault, Picture, faults_of
from chalicelib.domain.deliveries.requirements import ProofKind
from chalicelib.gateways import pictures
from tests.gateways import photo_shop as shop

MEGABYTE = 1024 * 1024


def judged(raw, kind=ProofKind.PHOTO):
    look = pictures.look(raw)
    seen = Picture(
        look.width, look.height, look.brightness_permille, look.entropy_millibits, look.edges
    )
    return faults_of(seen, kind)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_of_a_door_is_good_and_comes_out_as_a_small_jpeg(kind):
    raw = shop.encoded(shop.a_door(1500, 2000), kind)
    assert judged(raw) == ()
    with Image.open(io.BytesIO(pictures.look(raw).jpeg)) as clean:
        assert clean.format == "JPEG"
        assert max(clean.size) == 1600


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (shop.dark(), Fault.TOO_DARK),
        (shop.blank(), Fault.BLANK),
        (shop.blurred(), Fault.BLURRED),
        (shop.encoded(shop.a_door(100, 90)), Fault.TOO_SMALL),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_picture_of_nothing_is_told_by_its_numbers(raw, fault):
    assert judged(raw) == (fault,)


@pytest.mark.parametrize("factor", [1.0, 0.5, 0.25])
def test_an_evening_is_not_too_dark(factor):
    assert judged(shop.encoded(shop.a_door().point(lambda value: int(value * factor)))) == ()


def test_a_signature_needs_ink_and_nothing_else():
    assert judged(shop.a_signature(), ProofKind.SIGNATURE) == ()
    assert judged(shop.a_signature(is_empty=True), ProofKind.SIGNATURE) == (Fault.NO_INK,)


def test_nothing_of_the_file_but_its_pixels_is_kept():
    raw = shop.a_photo("2026:11:27 12:00:00", gps=(52.5, 13.4))
    assert b"Canary" in raw
    assert b"Exif" in raw
    for before in (raw, shop.a_polyglot()):
        clean = pictures.look(before).jpeg
        for trace in (b"Canary", b"canary", b"Exif", b"<script", b"PK\x03\x04"):
            assert trace not in clean
        with Image.open(io.BytesIO(clean)) as picture:
            assert not picture.getexif()


def test_a_picture_held_sideways_is_turned_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    raw = shop.encoded(shop.a_door(1200, 900), exif=exif)
    with Image.open(io.BytesIO(pictures.look(raw).jpeg)) as clean:
        assert clean.size == (900, 1200)


def test_the_place_and_the_satellites_time_are_read():
    look = pictures.look(
        shop.a_photo(gps=(-33.8568, 151.2153), gps_time=("2026:11:27", (11, 5, 9)))
    )
    assert (look.position.latitude, look.position.longitude) == pytest.approx(
        (-33.8568, 151.2153), abs=2e-6
    )
    assert (look.taken_at, look.has_zone) == (datetime(2026, 11, 27, 11, 5, 9, tzinfo=UTC), True)


@pytest.mark.parametrize(
    ("offset", "hour", "has_zone"), [("+01:00", 11, True), ("-05:30", 17, True), (None, 12, False)]
)
def test_the_cameras_time_counts_in_its_zone_if_it_tells_one(offset, hour, has_zone):
    look = pictures.look(shop.a_photo("2026:11:27 12:00:00", offset))
    assert (look.taken_at.hour, look.has_zone) == (hour, has_zone)


@pytest.mark.parametrize("gps", [(0.0, 0.0), None])
def test_no_place_is_no_place(gps):
    assert pictures.look(shop.a_photo(gps=gps)).position is None


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (shop.png_bomb(10_000, 10_000), "too_many_pixels"),
        (shop.png_bomb(60_000, 60_000), "too_many_pixels"),
        (shop.png_bomb(4_000, 6_001), "too_many_pixels"),
        (shop.text_bomb(), "unreadable"),
        (shop.an_animation("PNG"), "not_a_still"),
        (shop.an_animation("WEBP"), "not_a_still"),
        (shop.an_animation("GIF"), "unreadable"),
        (shop.encoded(shop.a_door(), "TIFF"), "unreadable"),
        (shop.encoded(shop.a_door())[:4000], "unreadable"),
        (b"\xff\xd8\xff" + bytes(5000), "unreadable"),
        (b"\x89PNG\r\n\x1a\n" + bytes(5000), "unreadable"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(5000), "unreadable"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unreadable"),
        (b"%PDF-1.4 ...", "unreadable"),
        (b"", "unreadable"),
    ],
    ids=range(15),
)
def test_bombs_and_files_that_lie_are_refused(raw, why):
    with pytest.raises(pictures.Unreadable) as refused:
        pictures.look(raw)
    assert refused.value.args == (why,)


def test_a_bomb_is_refused_before_it_is_unpacked():
    """In a process that may have 400 MB at most: unpacked, the pictures take gigabytes."""
    script = (
        "import resource, sys\n"
        f"resource.setrlimit(resource.RLIMIT_AS, ({400 * MEGABYTE}, {400 * MEGABYTE}))\n"
        "from chalicelib.gateways import pictures\n"
        "from tests.gateways import photo_shop as shop\n"
        "for raw in (shop.png_bomb(60_000, 60_000), shop.png_bomb(30_000, 4_000)):\n"
        "    try:\n"
        "        pictures.look(raw)\n"
        "    except pictures.Unreadable as error:\n"
        "        print(error.args[0])\n"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["too_many_pixels"] * 2
    assert resource.getrlimit(resource.RLIMIT_AS)[0] != 400 * MEGABYTE


def test_six_hundred_damaged_files_are_read_or_refused():
    """Bytes of honest pictures, changed at random: whatever they do to the decoder stays there."""
    rng = random.Random(11)
    originals = [
        shop.encoded(shop.a_door(160, 200)),
        shop.encoded(shop.a_door(160, 200), "PNG"),
        shop.encoded(shop.a_door(160, 200), "WEBP"),
        shop.a_photo("2026:11:27 12:00:00", gps=(52.5, 13.4))[:6000],
    ]
    refused = 0
    for number in range(600):
        raw = bytearray(originals[number % len(originals)])
        for _ in range(rng.randrange(1, 30)):
            raw[rng.randrange(len(raw))] = rng.randrange(256)
        try:
            pictures.look(bytes(raw))
        except pictures.Unreadable:
            refused += 1
    assert 60 < refused < 540
