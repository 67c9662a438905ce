"""Small images of every kind, whole, and with more in them than a picture."""

from __future__ import annotations

import base64
import struct
import zlib


def png(width: int = 1, height: int = 1, *more: bytes) -> bytes:
    """Return a grey PNG; ``more`` are chunks to stand before the picture."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    picture = zlib.compress(b"\0" * min(height * (width + 1), 10_000))
    parts = (chunk(b"IHDR", header), *more, chunk(b"IDAT", picture), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def chunk(name: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def segment(marker: int, data: bytes) -> bytes:
    """Return a segment of a JPEG."""
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def riff(name: bytes, data: bytes) -> bytes:
    """Return a chunk of a WebP."""
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def exif(order: str, *entries: tuple[int, int]) -> bytes:
    """Return EXIF of short values by their tags; ``order`` is < or >."""
    begin = struct.pack(f"{order}2sHI", b"II" if order == "<" else b"MM", 42, 8)
    rows = b"".join(struct.pack(f"{order}HHIHH", tag, 3, 1, value, 0) for tag, value in entries)
    return b"Exif\0\0" + begin + struct.pack(f"{order}H", len(entries)) + rows + bytes(4)


PNG = png()
JPEG = base64.b85decode(
    "|JeWF01!$>Nk#wx0RR9200961|JwjV08lqPMm#c5MnOheRZw4e$bxuoZg};txsk~K|NsC0|NsC0|NsC0|NsC0|NsC0|NsC0|NsC0|NsC0|NsC0"
    "|Np=M3kU!L00RL55di<h02BZL00000000000000000003|HJ?k5CH%H0000000000000000095m00;pA002J#H~-l"
)
GIF = base64.b85decode("M@dFFH(>(+0sw&k09smF000000000004x9i000930ssIA1^@vF92gJ)I{")
WEBP = base64.b85decode("Qb|TeBme*aS4BclR!}$~7ytkOFaZFa0V)Fk0ssua&LyM(18@NT)GPo1")
WEBP_WITH_EXIF = base64.b85decode(
    "Qb|TeOaK4?S4BclR!}%t3IG5A2mk;80ssI30034{I3O4R001xn0G$CU0{{X548YDMqyPhO0RGf0002c;Nk$F;002ozDgX!o0000000000"
)
KINDS = {".png": PNG, ".jpg": JPEG, ".gif": GIF, ".webp": WEBP}
