"""Pictures from strangers, painted anew before a browser sees them: pixels only, upright, without metadata."""

from io import BytesIO
from typing import BinaryIO

from PIL import Image, ImageOps

MAX_PIXELS = 40_000_000
MAX_SIDE = 4096
READABLE = ("PNG", "JPEG", "WEBP", "GIF")


class ImageRefused(ValueError):
    """A picture that is not shown; its file can still be downloaded. `code` is for programs, `cure` for the reader."""

    def __init__(self, code: str, message: str, *, cure: str) -> None:
        super().__init__(f"{message} {cure}")
        self.code, self.message, self.cure = code, message, cure


def reencode(stream: BinaryIO, *, max_pixels: int = MAX_PIXELS, max_side: int = MAX_SIDE) -> bytes:
    """The first frame as a new WebP of at most `max_side` pixels a side; from PNG, JPEG, WebP and GIF only.

    Sizes are judged by the header, before a pixel is unpacked. Raises ImageRefused.
    """
    try:
        with Image.open(stream, formats=READABLE) as picture:
            _check_size(picture, max_pixels)
            return _painted(picture, max_side)
    except ImageRefused:
        raise
    except Exception as broken:  # noqa: BLE001 - decoders fail on hostile bytes in every way there is
        raise ImageRefused(
            "unreadable",
            "This is not a picture that can be shown.",
            cure="Download the file, or send it as PNG, JPEG, WebP or GIF.",
        ) from broken


def _check_size(picture: Image.Image, max_pixels: int) -> None:
    pixels = picture.width * picture.height
    if pixels > max_pixels:
        raise ImageRefused(
            "too_many_pixels",
            f"A picture of {picture.width} × {picture.height} pixels is too large to be shown.",
            cure=f"Send it with at most {max_pixels:,} pixels, or download the file.",
        )


def _painted(picture: Image.Image, max_side: int) -> bytes:
    photographed = picture.format == "JPEG"
    if photographed:
        picture.draft("RGB", (max_side, max_side))  # lets the decoder shrink while it reads
    ImageOps.exif_transpose(picture, in_place=True)
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    bare = picture.convert(mode)
    bare.info.clear()  # or the writer would carry a colour profile over
    bare.thumbnail((max_side, max_side))
    painted = BytesIO()
    if photographed:
        bare.save(painted, "WEBP", quality=82, method=2)
    else:
        bare.save(painted, "WEBP", lossless=True, quality=20, method=1)
    return painted.getvalue()
