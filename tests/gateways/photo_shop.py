"""Pictures for tests, honest and hostile, all made here: a door, its bombs, and files that lie."""

import io
import random
import struct
import zlib
from fractions import Fraction

from PIL import Image, ImageDraw, ImageFilter

_GPS, _EXIF = 0x8825, 0x8769


def a_door(width: int = 900, height: int = 1200, seed: int = 5) -> Image.Image:
    """A parcel before a door, with a brick wall's worth of detail."""
    rng = random.Random(seed)
    picture = Image.new("RGB", (width, height), (150, 120, 100))
    pen = ImageDraw.Draw(picture)
    for top in range(0, height, 40):
        for left in range(-(top // 40 % 2) * 45, width, 90):
            shade = rng.randrange(-25, 25)
            fill = (150 + shade, 90 + shade, 70 + shade)
            pen.rectangle((left, top, left + 86, top + 36), fill=fill)
    pen.rectangle((width // 4, height // 8, width * 3 // 4, height), fill=(60, 70, 60))
    pen.rectangle((width // 3, height * 3 // 4, width * 2 // 3, height - 20), fill=(190, 150, 90))
    noise = Image.effect_noise(picture.size, 18).convert("RGB")
    return Image.blend(picture, noise, 0.15)


def encoded(picture: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    made = io.BytesIO()
    picture.save(made, kind, **options)
    return made.getvalue()


def a_photo(
    taken: str | None = None,
    offset: str | None = None,
    gps: tuple[float, float] | None = None,
    gps_time: tuple[str, tuple[int, int, int]] | None = None,
) -> bytes:
    """A JPEG as a phone makes it, with what its EXIF is told to say."""
    exif = Image.Exif()
    exif[0x010F] = "Canary Camera Works"
    if taken:
        shot = exif.get_ifd(_EXIF)
        shot[0x9003] = taken
        if offset:
            shot[0x9011] = offset
    place = exif.get_ifd(_GPS)
    if gps:
        place[1], place[3] = "S" if gps[0] < 0 else "N", "W" if gps[1] < 0 else "E"
        place[2], place[4] = _parts(abs(gps[0])), _parts(abs(gps[1]))
    if gps_time:
        place[29], place[7] = gps_time[0], tuple(float(part) for part in gps_time[1])
    return encoded(a_door(), exif=exif, quality=85)


def _parts(degrees: float) -> tuple[float, float, float]:
    exact = Fraction(degrees).limit_denominator(10**7)
    whole = int(exact)
    minutes = int((exact - whole) * 60)
    return float(whole), float(minutes), float(((exact - whole) * 60 - minutes) * 60)


def dark() -> bytes:
    """A pocket: nearly black, with what a sensor rustles."""
    return encoded(
        Image.effect_noise((900, 1200), 9).point(lambda v: max(0, v - 122)).convert("RGB")
    )


def blank() -> bytes:
    return encoded(Image.new("RGB", (900, 1200), (200, 198, 190)))


def blurred() -> bytes:
    return encoded(a_door().filter(ImageFilter.GaussianBlur(24)))


def a_signature(*, is_empty: bool = False) -> bytes:
    """Strokes on a transparent canvas, as the driver's app draws them."""
    canvas = Image.new("RGBA", (640, 260), (0, 0, 0, 0))
    if not is_empty:
        points = [(40 + i * 14, 130 + (i * 37 % 90) - 45) for i in range(40)]
        ImageDraw.Draw(canvas).line(points, fill=(0, 0, 0, 255), width=3)
    return encoded(canvas, "PNG")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_bomb(width: int, height: int) -> bytes:
    """A PNG of one bit a pixel that says it is huge: a few kB that unpack to gigabytes."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    row = bytes(1 + (width + 7) // 8)
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(row) for _ in range(min(height, 4000))) + packer.flush()
    pieces = _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + pieces


def text_bomb() -> bytes:
    """A tiny PNG with a compressed comment of 200 MB."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(200)) + packer.flush()
    comment = _chunk(b"zTXt", b"Comment\x00\x00" + packed)
    plain = encoded(a_door(200, 200), "PNG")
    return plain[:33] + comment + plain[33:]


def an_animation(kind: str) -> bytes:
    frames = [a_door(200, 260, seed) for seed in range(3)]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def a_polyglot() -> bytes:
    """A photo that is a page and an archive as well."""
    tail = b"<html><script>alert('canary')</script></html>PK\x03\x04canary-archive"
    return encoded(a_door(), comment=b"<script>canary</script>") + tail
