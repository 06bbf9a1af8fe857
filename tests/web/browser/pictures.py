"""Pictures that tests need: a PNG with much in it, and a film of codes for the fake camera."""

import random
import struct
import zlib
from pathlib import Path

CODES = Path(__file__).with_name("codes.txt")


def a_picture(width: int, height: int) -> bytes:
    """A PNG with as much in it as a photo has."""
    noise = random.Random(7)
    stripes = [
        b"".join(noise.randbytes(3) * 50 for _ in range(width // 50)).ljust(3 * width, b"\0")
        for _ in range(12)
    ]
    rows = b"".join(b"\0" + stripes[(y // 50) % 12] for y in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows, 1))
        + chunk(b"IEND", b"")
    )


def codes() -> dict[str, list[str]]:
    """What is said by which modules."""
    blocks = CODES.read_text().split("\n\n")[1:]
    return {lines[0]: lines[1:] for lines in (block.split() for block in blocks)}


def film(path: Path, texts: list[str], *, frames_each: int) -> None:
    """A Y4M of 640 x 480 that shows one code after the other, for the fake camera."""
    width, height, scale, known = 640, 480, 12, codes()
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode())
        for text in texts:
            modules = known[text]
            left, top = ((width - len(modules) * scale) // 2, (height - len(modules) * scale) // 2)
            light = bytearray(b"\xff" * (width * height))
            for y, row in enumerate(modules):
                for x, module in enumerate(row):
                    if module == "#":
                        for line in range(scale):
                            at = (top + y * scale + line) * width + left + x * scale
                            light[at : at + scale] = bytes(scale)
            colour = b"\x80" * (width * height // 2)
            for _ in range(frames_each):
                file.write(b"FRAME\n" + light + colour)
