"""Images as strangers bring them: PNG, JPEG, GIF and WebP, taken apart and put together from what shows the picture.

The type is what the bytes say, from first to last: each part is walked, and what follows the image (an
archive, a page, a program) is refused. Comments, EXIF, XMP and other notes are left out of what is published, and with
them where a photograph was taken; of EXIF the orientation stays. Pixels are counted by headers and never decoded, so
that no bomb goes off here, and none that is too large goes off on a reader's phone. SVG is none of these: it is a
program.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator

MOST_PIXELS = 50_000_000
MOST_SCANS = 200  # of a JPEG, each of which is a pass over all its pixels

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_PARTS = frozenset(b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP bKGD pHYs acTL fcTL fdAT".split())
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_SCAN, _END, _EXIF = 0xDA, 0xD9, 0xE1
_JPEG_NOTES = frozenset((*range(0xE0, 0xF0), 0xFE))
_JPEG_NEEDED = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}  # by how they begin, to show the right colours
_WEBP_PARTS = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
_WEBP_NOTED = 0x08 | 0x04  # flags of VP8X: there is EXIF, there is XMP
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
_ORIENTATION = 0x0112


class _Short(Exception):  # noqa: N818 - an outcome of walking through an image
    """The image ends before it should."""


def plain(content: bytes, suffix: str) -> bytes:
    """Return an image without anything that does not show; ``suffix`` is its name's, in lower case.

    Raise ValueError with the remedy for what is not whole, not that kind of image, more than an image, or too large.
    """
    read, begins = _KINDS[suffix]
    if not content.startswith(begins):
        raise ValueError(f"is not the image that '{suffix}' says: export it again")
    try:
        return read(content)
    except (_Short, struct.error, IndexError):
        raise ValueError("is a broken image: export it again") from None


def _sized(width: int, height: int) -> None:
    if not width or not height:
        raise _Short
    if width * height > MOST_PIXELS:
        most = MOST_PIXELS // 1_000_000
        raise ValueError(f"has {width} × {height} pixels: make it smaller, at most {most} million are allowed")


def _ended(content: bytes, end: int) -> None:
    if left := len(content) - end:
        raise ValueError(f"goes on for {left} bytes after the image's end: export it again")


def _cut(content: bytes, start: int, length: int) -> bytes:
    if start + length > len(content):
        raise _Short
    return content[start : start + length]


# PNG, of ISO/IEC 15948: chunks of a length, a name, data and a checksum.


def _png(content: bytes) -> bytes:
    kept = [_PNG]
    names: set[bytes] = set()
    place = len(_PNG)
    while b"IEND" not in names:
        (length,) = struct.unpack_from(">I", content, place)
        chunk = _cut(content, place, length + 12)
        name = chunk[4:8]
        if zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:], "big") or (name == b"IHDR") is bool(names):
            raise _Short
        if name == b"IHDR":
            _sized(*struct.unpack_from(">II", chunk, 8))
        names.add(name)
        kept += [chunk] if name in _PNG_PARTS else []
        place += len(chunk)
    if b"IDAT" not in names:
        raise _Short
    _ended(content, place)
    return b"".join(kept)


# JPEG, of ITU-T T.81: segments of a marker, a length and data; after the start of a scan, data up to the next marker.


def _jpeg(content: bytes) -> bytes:
    kept = [content[:2]]
    place, scans, framed = 2, 0, False
    while (marker := _marker(content, place)) != _END:
        segment = _cut(content, place, 2 + struct.unpack_from(">H", content, place + 2)[0])
        place += len(segment)
        if marker in _JPEG_FRAMES:
            _sized(*reversed(struct.unpack_from(">HH", segment, 5)))
            framed = True
        kept.append(_shown(marker, segment))
        if marker == _SCAN:
            scans += 1
            end = _JPEG_MARKER.search(content, place)
            if not end or not framed or scans > MOST_SCANS:
                raise _Short
            kept.append(content[place : end.start()])
            place = end.start()
    if not scans:
        raise _Short
    _ended(content, place + 2)
    return b"".join((*kept, content[place : place + 2]))


def _marker(content: bytes, place: int) -> int:
    """Return what a segment is; those below 0xC0, and the marks of what has no length, stand in no image."""
    marker = content[place + 1]
    if content[place] != 0xFF or marker < 0xC0 or 0xD0 <= marker <= 0xD8:
        raise _Short
    return marker


def _shown(marker: int, segment: bytes) -> bytes:
    """Return what of a segment is needed to show the picture as it is meant."""
    if marker == _EXIF:
        return _turned(segment)
    needed = _JPEG_NEEDED.get(marker)
    is_shown = segment[4:].startswith(needed) if needed else marker not in _JPEG_NOTES
    return segment if is_shown else b""


def _turned(segment: bytes) -> bytes:
    """Return an EXIF segment that says how a photograph is turned and nothing else; empty where it is not turned."""
    tiff = segment[10:]
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if not segment[4:].startswith(b"Exif\0\0") or not order:
        return b""
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, first)
        entries = [struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * i) for i in range(min(count, 200))]
    except struct.error:
        return b""
    turn = next((value for tag, _, _, value in entries if tag == _ORIENTATION), 1)
    if not 2 <= turn <= 8:
        return b""
    directory = struct.pack(">4sIHHHIHHI", b"MM\0*", 8, 1, _ORIENTATION, 3, 1, turn, 0, 0)
    return struct.pack(">BBH6s", 0xFF, _EXIF, 8 + len(directory), b"Exif\0\0") + directory


# GIF, of the GIF89a specification: a screen, then blocks, most of them in pieces of at most 255 bytes.


def _gif(content: bytes) -> bytes:
    width, height, packed = struct.unpack_from("<HHB", content, 6)
    _sized(width, height)
    place = 13 + _colours(packed)
    kept = [_cut(content, 0, place)]
    pictures = 0
    while (kind := content[place]) != 0x3B:
        if kind == 0x2C:
            left, top, across, down, packed = struct.unpack_from("<HHHHB", content, place + 1)
            _sized(max(width, left + across), max(height, top + down))
            end = _pieces(content, place + 11 + _colours(packed))
            pictures += 1
        elif kind == 0x21:
            end = _pieces(content, place + 2)
        else:
            raise _Short
        if kind == 0x2C or _is_drawn(content, place):
            kept.append(content[place:end])
        place = end
    if not pictures:
        raise _Short
    _ended(content, place + 1)
    return b"".join((*kept, b"\x3b"))


def _colours(packed: int) -> int:
    """Return how many bytes a table of colours takes."""
    return 3 * 2 ** ((packed & 7) + 1) if packed & 0x80 else 0


def _pieces(content: bytes, place: int) -> int:
    """Return where data in pieces, each after its length, ends."""
    while length := content[place]:
        place += 1 + length
    return place + 1


def _is_drawn(content: bytes, place: int) -> bool:
    """Tell whether an extension says how pictures are drawn: when, and how often again."""
    label = content[place + 1]
    return label == 0xF9 or (label == 0xFF and content[place + 3 : place + 14] in _LOOPS)


# WebP, of RFC 9649: chunks of a name, a length and data, padded to an even length.


def _webp(content: bytes) -> bytes:
    (length,) = struct.unpack_from("<I", content, 4)
    if content[8:12] != b"WEBP" or 8 + length > len(content):
        raise _Short
    _ended(content, 8 + length)
    chunks = list(_chunks(content))
    names = [name for name, _ in chunks]
    if names[0] not in (b"VP8 ", b"VP8L", b"VP8X") or not {b"VP8 ", b"VP8L", b"ANMF"} & set(names):
        raise _Short
    for name, chunk in chunks:
        _sized(*_extent(name, chunk[8:]))
    kept = b"".join(_unnoted(name, chunk) for name, chunk in chunks if name in _WEBP_PARTS)
    return struct.pack("<4sI4s", b"RIFF", 4 + len(kept), b"WEBP") + kept


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 12
    while place < len(content):
        (length,) = struct.unpack_from("<I", content, place + 4)
        chunk = _cut(content, place, 8 + length + length % 2)
        yield chunk[:4], chunk
        place += len(chunk)


def _extent(name: bytes, data: bytes) -> tuple[int, int]:
    """Return width and height that a chunk says; 1 × 1 where it says none."""
    if name == b"VP8X":
        return 1 + int.from_bytes(_cut(data, 4, 3), "little"), 1 + int.from_bytes(_cut(data, 7, 3), "little")
    if name == b"ANMF":
        return 1 + int.from_bytes(_cut(data, 6, 3), "little"), 1 + int.from_bytes(_cut(data, 9, 3), "little")
    if name == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 6)
        return width & 0x3FFF, height & 0x3FFF
    if name == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 1)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return 1, 1


def _unnoted(name: bytes, chunk: bytes) -> bytes:
    """Return a chunk that no longer says that there are notes."""
    return chunk[:8] + bytes([chunk[8] & ~_WEBP_NOTED & 0xFF]) + chunk[9:] if name == b"VP8X" else chunk


_KINDS: dict[str, tuple[Callable[[bytes], bytes], tuple[bytes, ...]]] = {
    ".png": (_png, (_PNG,)),
    ".jpg": (_jpeg, (b"\xff\xd8\xff",)),
    ".jpeg": (_jpeg, (b"\xff\xd8\xff",)),
    ".gif": (_gif, (b"GIF87a", b"GIF89a")),
    ".webp": (_webp, (b"RIFF",)),
}
SUFFIXES = tuple(_KINDS)
