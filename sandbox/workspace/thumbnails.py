"""The pictures of videos and live events: a colour each, as PNG; nobody asks more of them."""

from __future__ import annotations

import colorsys
import re
import struct
import zlib
from functools import cache
from typing import Final

# Below the ID after the object's, as the platform has them: tree, photo, token, size.
_PATH: Final = re.compile(r"/(\d+)/\d+/\w+/large(?:/thumb\.jpg)?")
_WIDTH, _HEIGHT = 64, 36


def thumbnail_of(path: str) -> bytes | None:
    """Return what is at a path; ``None``: no picture is ever there."""
    found = _PATH.fullmatch(path)
    return None if found is None else _png(int(found[1]) * 47 % 360)


@cache
def _png(hue: int) -> bytes:
    """Return a picture of one colour; https://www.w3.org/TR/png/ has the format."""
    pixel = bytes(int(part * 255) for part in colorsys.hls_to_rgb(hue / 360, 0.3, 0.45))
    rows = (b"\0" + pixel * _WIDTH) * _HEIGHT
    head = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
