"""Pictures from strangers: painted anew, upright, without a word about their owner."""

import io
import struct
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from helmdesk.foundation.files import sniff
from helmdesk.foundation.images import ImageRefused, reencode


def picture(kind: str, size: tuple[int, int] = (40, 20), mode: str = "RGB", **how: object) -> io.BytesIO:
    made = io.BytesIO()
    Image.new(mode, size, "red" if mode != "P" else 1).save(made, kind, **how)
    made.seek(0)
    return made


def shown(stream: io.BytesIO, **how: int) -> Image.Image:
    return Image.open(io.BytesIO(reencode(stream, **how)))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_the_four_kinds_are_shown_as_webp(kind: str) -> None:
    painted = reencode(picture(kind))
    assert sniff(painted) == "image/webp"
    assert Image.open(io.BytesIO(painted)).size == (40, 20)


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "ICO", "PPM", "PDF", "EPS"])
def test_other_kinds_are_not_shown(kind: str) -> None:
    with pytest.raises(ImageRefused, match="send it as PNG"):
        reencode(picture(kind))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_mode_of_a_png_is_shown(mode: str) -> None:
    made = io.BytesIO()
    Image.new(mode, (8, 8)).save(made, "PNG")
    made.seek(0)
    assert shown(made).size == (8, 8)


def test_what_is_transparent_stays_transparent() -> None:
    made = io.BytesIO()
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(made, "PNG")
    made.seek(0)
    assert shown(made).convert("RGBA").getpixel((0, 0)) == (0, 0, 0, 0)


def test_a_screenshot_loses_no_pixel() -> None:
    made = io.BytesIO()
    original = Image.effect_noise((64, 64), 90).convert("RGB")
    original.save(made, "PNG")
    made.seek(0)
    assert shown(made).convert("RGB").tobytes() == original.tobytes()


def test_where_and_with_what_a_photo_was_taken_is_forgotten() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Camera of Anna"
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    photo = picture("JPEG", exif=exif, icc_profile=b"profile of Anna", comment=b"Anna was here")
    painted = reencode(photo)
    assert b"Anna" not in painted
    assert b"EXIF" not in painted
    assert b"ICCP" not in painted
    assert Image.open(io.BytesIO(painted)).size == (20, 40)


def test_words_inside_a_png_are_forgotten() -> None:
    said = PngImagePlugin.PngInfo()
    said.add_text("Author", "Anna")
    assert b"Anna" not in reencode(picture("PNG", pnginfo=said))


def test_a_large_picture_is_shown_smaller() -> None:
    assert shown(picture("PNG", size=(400, 200)), max_side=100).size == (100, 50)
    assert shown(picture("JPEG", size=(400, 200)), max_side=100).size == (100, 50)


def test_a_picture_with_too_many_pixels_is_refused_by_its_header() -> None:
    with pytest.raises(ImageRefused, match="40 × 20 pixels") as refused:
        reencode(picture("PNG"), max_pixels=799)
    assert refused.value.code == "too_many_pixels"
    assert shown(picture("PNG"), max_pixels=800).size == (40, 20)


@pytest.mark.parametrize("side", [20_000, 2**31 - 1])
def test_a_decompression_bomb_is_never_unpacked(side: int) -> None:
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n"
    for kind, body in ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1_000_000)), (b"IEND", b"")):
        bomb += struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    with pytest.raises(ImageRefused):
        reencode(io.BytesIO(bomb))


def test_a_picture_cut_short_is_refused() -> None:
    whole = picture("PNG", size=(300, 300)).getvalue()
    with pytest.raises(ImageRefused, match="Download the file"):
        reencode(io.BytesIO(whole[: len(whole) // 2]))


@given(st.binary(max_size=200), st.sampled_from(["PNG", "JPEG", "WEBP", "GIF"]))
def test_hostile_bytes_are_refused_and_never_break_the_page(noise: bytes, kind: str) -> None:
    start = picture(kind).getvalue()
    for hostile in (noise, start[:30] + noise, start[:60] + noise + start[90:]):
        with suppress(ImageRefused):
            assert sniff(reencode(io.BytesIO(hostile))) == "image/webp"
