"""Images: a picture and nothing beside it gets through, whole."""

from __future__ import annotations

import random
import struct

import pytest

from statusgen import images

from .pictures import GIF, JPEG, KINDS, PNG, WEBP, WEBP_WITH_EXIF, chunk, exif, png, riff, segment

BROKEN = "is a broken image: export it again"
SCRIPT = b"<script>alert(1)</script>"
ORIENTATION, GPS = 0x0112, 0x8825
SCREEN_END = GIF.index(b",")  # where the first picture of the GIF begins, after its table of colours


def refusal(content: bytes, suffix: str) -> str:
    with pytest.raises(ValueError, match=": ") as refused:
        images.plain(content, suffix)
    return str(refused.value)


@pytest.mark.parametrize("suffix", KINDS)
def test_a_picture_and_nothing_else_stays_as_it_is(suffix: str) -> None:
    assert images.plain(KINDS[suffix], suffix) == KINDS[suffix]


@pytest.mark.parametrize("suffix", KINDS)
@pytest.mark.parametrize("more", [b"\0", SCRIPT, b"PK\x05\x06" + bytes(18)])
def test_what_follows_the_image_is_refused(suffix: str, more: bytes) -> None:
    assert refusal(KINDS[suffix] + more, suffix) == (
        f"goes on for {len(more)} bytes after the image's end: export it again"
    )


@pytest.mark.parametrize("suffix", KINDS)
def test_an_image_that_breaks_off_anywhere_is_refused(suffix: str) -> None:
    for end in range(12, len(KINDS[suffix])):
        assert refusal(KINDS[suffix][:end], suffix) == BROKEN


@pytest.mark.parametrize("content", [b"", b"<svg/>", b"GIF89", b"\x89PNG\r\n", *KINDS.values()])
def test_the_name_says_what_the_bytes_are(content: bytes) -> None:
    for suffix in KINDS:
        if KINDS[suffix] != content:
            assert refusal(content, suffix) == f"is not the image that '{suffix}' says: export it again"


@pytest.mark.parametrize(
    ("suffix", "content", "bare"),
    [
        (".png", png(1, 1, chunk(b"tEXt", b"Comment\0" + SCRIPT), chunk(b"eXIf", exif("<", (GPS, 1))[6:])), PNG),
        (".png", png(1, 1, chunk(b"zzZz", SCRIPT)), PNG),
        (".jpg", JPEG[:2] + segment(0xFE, SCRIPT) + JPEG[2:], JPEG),
        (".jpg", JPEG[:2] + segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + SCRIPT) + JPEG[2:], JPEG),
        (".jpg", JPEG[:2] + segment(0xE1, exif("<", (GPS, 1))) + JPEG[2:], JPEG),
        (".jpg", JPEG[:2] + segment(0xED, b"Photoshop 3.0\0") + JPEG[2:], JPEG),
        (".gif", GIF[:-1] + b"\x21\xfe" + bytes([len(SCRIPT)]) + SCRIPT + b"\0" + GIF[-1:], GIF),
        (".webp", WEBP_WITH_EXIF, None),
    ],
)
def test_comments_and_places_are_left_out_and_the_picture_stays(
    suffix: str, content: bytes, bare: bytes | None
) -> None:
    made = images.plain(content, suffix)
    assert len(made) < len(content)
    assert SCRIPT not in made
    assert b"EXIF" not in made
    assert bare is None or made == bare
    assert images.plain(made, suffix) == made


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_photograph_stays_turned_as_it_was(order: str) -> None:
    taken = JPEG[:2] + segment(0xE1, exif(order, (0x010F, 7), (ORIENTATION, 6), (GPS, 1))) + JPEG[2:]
    assert images.plain(taken, ".jpg") == JPEG[:2] + segment(0xE1, exif(">", (ORIENTATION, 6))) + JPEG[2:]
    upright = JPEG[:2] + segment(0xE1, exif(order, (ORIENTATION, 1))) + JPEG[2:]
    assert images.plain(upright, ".jpg") == JPEG


def test_an_animation_stays_one() -> None:
    loop = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
    timing = b"\x21\xf9\x04\0\x0a\0\0\0"
    picture = GIF[SCREEN_END:-1]
    moving = GIF[:SCREEN_END] + loop + timing + picture + timing + picture + b"\x3b"
    assert images.plain(moving, ".gif") == moving


def test_colours_stay_right() -> None:
    coloured = png(1, 1, chunk(b"iCCP", b"P3"), chunk(b"gAMA", bytes(4)))
    assert images.plain(coloured, ".png") == coloured
    profile = JPEG[:2] + segment(0xE2, b"ICC_PROFILE\0\1\1") + segment(0xEE, b"Adobe\0") + JPEG[2:]
    assert images.plain(profile, ".jpg") == profile


def test_what_would_fill_the_memory_of_a_phone_is_refused_by_its_header() -> None:
    size = JPEG.index(b"\xff\xc0") + 5
    for suffix, content in (
        (".png", png(10_000, 5_001)),
        (".jpg", JPEG[:size] + struct.pack(">HH", 5_001, 10_000) + JPEG[size + 4 :]),
        (".gif", GIF[:6] + struct.pack("<HH", 10_000, 5_001) + GIF[10:]),
        (".webp", WEBP[:26] + struct.pack("<HH", 10_000, 5_001) + WEBP[30:]),
    ):
        wanted = "has 10000 × 5001 pixels: make it smaller, at most 50 million are allowed"
        assert refusal(content, suffix) == wanted
    assert images.plain(png(10_000, 5_000), ".png")


def test_a_picture_beyond_the_screen_counts_in_full() -> None:
    at = SCREEN_END + 5
    assert "has 60003 × 60002 pixels" in refusal(
        GIF[: at - 4] + struct.pack("<HHHH", 60_000, 60_000, 3, 2) + GIF[at + 4 :], ".gif"
    )


def test_no_pixels_or_no_picture_at_all_is_broken() -> None:
    scan, end = JPEG.index(b"\xff\xda"), JPEG[-2:]
    for suffix, content in (
        (".png", png(0, 1)),
        (".png", PNG.replace(chunk(b"IDAT", PNG[PNG.index(b"IDAT") + 4 : -16]), b"")),
        (".png", PNG[:-1] + bytes([PNG[-1] ^ 1])),
        (".jpg", JPEG[:scan] + end),
        (".jpg", JPEG[:2] + JPEG[scan:]),
        (".jpg", JPEG[:-2] + (JPEG[scan:-2] * images.MOST_SCANS) + end),
        (".gif", GIF[:SCREEN_END] + b"\x3b"),
        (".webp", b"RIFF" + struct.pack("<I", 16) + b"WEBP" + riff(b"EXIF", b"1234")),
    ):
        assert refusal(content, suffix) == BROKEN, suffix


def test_any_bytes_are_taken_or_refused_and_nothing_worse() -> None:
    dice = random.Random(5)
    for suffix, whole in KINDS.items():
        for _ in range(500):
            damaged = bytearray(whole)
            for _ in range(dice.randrange(1, 5)):
                damaged[dice.randrange(len(damaged))] = dice.randrange(256)
            content = bytes(damaged[: dice.choice([len(damaged), dice.randrange(len(damaged))])])
            try:
                made = images.plain(content, suffix)
            except ValueError:
                continue
            assert images.plain(made, suffix) == made


def test_five_megabytes_of_the_smallest_parts_take_no_second() -> None:
    limit = 5 * 1024 * 1024
    pieces = GIF[:-1] + b"\x21\xfe" + b"\x01x" * (limit // 2) + b"\0" + GIF[-1:]
    assert images.plain(pieces, ".gif") == GIF
    scan = JPEG.index(b"\xff\xda")
    assert refusal(JPEG[: scan + 10] + b"\xff" * limit, ".jpg") == BROKEN
