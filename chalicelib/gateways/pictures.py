"""What does a file show that claims to be a photo? Opened with care, measured, and made anew.

What a stranger uploads is hostile until shown otherwise. Only three formats are tried; the size is
read from the header and refused before a pixel is unpacked; whatever the decoder stumbles over
makes the file unreadable, never a fault of ours. What is kept is a new JPEG of the pixels alone: no
EXIF, no comment, nothing behind the picture's end. Where and when it was taken is read first.

Only functions with ``layers/pictures`` may import this module, and only when they run: the web
function's zip has no Pillow.
Source: Pillow's handbook, "Decompression bombs"; Exif 2.32 sections 4.6.5 and 4.6.6.
"""

import io
import math
import warnings
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from PIL import Image, ImageFilter, ImageOps, ImageStat

from chalicelib.kit.geo import LatLng

#: What a phone's camera makes is 12 million pixels, seldom 24; 24 take 72 MB unpacked.
MOST_PIXELS = 24_000_000
#: Kept at most so large: enough to read a house number, about 200 kB.
LONGEST_PX = 1600
_QUALITY = 82
#: Measures are taken at one size, so that they mean the same for every camera.
_MEASURED_PX = 640
_FORMATS = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_EXIF, _GPS = 0x8769, 0x8825
_TAKEN, _TAKEN_OFFSET = 0x9003, 0x9011


@dataclass(frozen=True, slots=True)
class Look:
    """What a picture is, in numbers, and the picture made anew.

    ``brightness_permille`` is the perceived brightness, ``entropy_millibits`` how much the
    luminance differs from pixel to pixel, ``edges`` the variance of its edges. ``taken_at`` bears
    its zone only where the file says it (``has_zone``), else UTC stands in.
    """

    content_type: str
    width: int
    height: int
    brightness_permille: int
    entropy_millibits: int
    edges: int
    jpeg: bytes
    taken_at: datetime | None = None
    has_zone: bool = False
    position: LatLng | None = None


class Unreadable(Exception):
    """It cannot be a photo; ``args[0]`` is the code that says why."""


def look(raw: bytes) -> Look:
    """Open, measure and remake one picture.

    Raises
    ------
    Unreadable
        ``too_many_pixels``, ``not_a_still`` or ``unreadable``.
    """
    with warnings.catch_warnings():
        # Corrupt EXIF alone makes no photo worthless; sizes are judged below.
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(raw), formats=("JPEG", "PNG", "WEBP")) as opened:
                return _look(opened)
        except Unreadable:
            raise
        except Image.DecompressionBombError as error:
            raise Unreadable("too_many_pixels") from error
        except Exception as error:
            # A decoder meets what a stranger made up: anything may go wrong, and it means this.
            raise Unreadable("unreadable") from error


def _look(opened: Image.Image) -> Look:
    width, height = opened.size
    if width * height > MOST_PIXELS:
        raise Unreadable("too_many_pixels")
    content_type = _FORMATS[opened.format or ""]
    if getattr(opened, "n_frames", 1) > 1 and content_type != "image/jpeg":
        raise Unreadable("not_a_still")
    taken_at, has_zone, position = _taken(opened)
    # A JPEG is unpacked at the next larger eighth of its size only.
    opened.draft("RGB", (LONGEST_PX, LONGEST_PX))
    upright = ImageOps.exif_transpose(opened)
    upright.thumbnail((LONGEST_PX, LONGEST_PX))
    clean = _on_white(upright)
    brightness, entropy, edges = _measured(clean)
    kept = io.BytesIO()
    clean.save(kept, "JPEG", quality=_QUALITY, optimize=True)
    return Look(
        content_type=content_type,
        width=width,
        height=height,
        brightness_permille=brightness,
        entropy_millibits=entropy,
        edges=edges,
        jpeg=kept.getvalue(),
        taken_at=taken_at,
        has_zone=has_zone,
        position=position,
    )


def _on_white(picture: Image.Image) -> Image.Image:
    """The pixels alone, on paper: a new picture knows nothing of the file it came from."""
    clean = Image.new("RGB", picture.size, "white")
    layers = picture.convert("RGBA")
    clean.paste(layers, mask=layers.getchannel("A"))
    return clean


def _measured(picture: Image.Image) -> tuple[int, int, int]:
    small = picture.copy()
    small.thumbnail((_MEASURED_PX, _MEASURED_PX))
    red, green, blue = ImageStat.Stat(small).mean
    brightness = math.sqrt(0.241 * red**2 + 0.691 * green**2 + 0.068 * blue**2) / 255
    grey = small.convert("L")
    # The filter leaves the outermost pixels as they were, which would count as edges.
    inner = ImageOps.crop(grey.filter(ImageFilter.FIND_EDGES), 1)
    edges = ImageStat.Stat(inner).var[0] if min(inner.size) > 0 else 0
    return round(brightness * 1000), round(grey.entropy() * 1000), round(edges)


def _taken(opened: Image.Image) -> tuple[datetime | None, bool, LatLng | None]:
    """When and where, as far as the file says it in a way that can be read."""
    exif: Any = None
    with suppress(Exception):
        exif = opened.getexif()
    if not exif:
        return None, False, None
    gps = _directory(exif, _GPS)
    taken_at, has_zone = _when(_directory(exif, _EXIF), gps)
    return taken_at, has_zone, _where(gps)


def _directory(exif: Any, tag: int) -> dict[int, Any]:
    with suppress(Exception):
        return dict(exif.get_ifd(tag))
    return {}


def _when(shot: dict[int, Any], gps: dict[int, Any]) -> tuple[datetime | None, bool]:
    """By satellite where there was one: that is UTC for certain."""
    with suppress(Exception):
        hour, minute, second = (int(part) for part in gps[7])
        day = datetime.strptime(str(gps[29]), "%Y:%m:%d").replace(tzinfo=UTC)
        return day + timedelta(hours=hour, minutes=minute, seconds=second), True
    with suppress(Exception):
        local = datetime.strptime(str(shot[_TAKEN]), "%Y:%m:%d %H:%M:%S").replace(tzinfo=UTC)
        with suppress(Exception):
            offset = str(shot[_TAKEN_OFFSET])
            hours, minutes = offset[1:].split(":")
            ahead = timedelta(hours=int(hours), minutes=int(minutes))
            zone = timezone(-ahead if offset.startswith("-") else ahead)
            return local.replace(tzinfo=zone).astimezone(UTC), True
        return local, False
    return None, False


def _where(gps: dict[int, Any]) -> LatLng | None:
    with suppress(Exception):
        latitude, longitude = _degrees(gps[2]), _degrees(gps[4])
        south, west = str(gps[1]).startswith("S"), str(gps[3]).startswith("W")
        if latitude == longitude == 0:
            return None
        return LatLng(-latitude if south else latitude, -longitude if west else longitude)
    return None


def _degrees(parts: Any) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    found = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(found):
        raise ValueError("no degrees")
    return round(found, 6)
