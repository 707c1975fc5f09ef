"""Picture files opened within our own limits, and what their headers tell; nothing is decoded."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from dreamer.errors import MediaError
from dreamer.media.kinds import head_of, what_it_is

MOST_PIXELS = 400_000_000
ORIENTATION = 0x0112
# Plugins register their formats when imported. Only these: others start programs (PostScript), or
# guess at what has no signature.
PLUGINS = (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "JPEG2000", "PPM")
# What Pillow's readers raise at broken files, found by breaking files.
DAMAGE = (OSError, ValueError, SyntaxError, IndexError, KeyError, RuntimeError, struct.error)


@contextmanager
def opened(path: Path) -> Iterator[Image.Image]:
    """The picture at `path`, its pixels not yet decoded, inside our own limit of pixels.

    Raises:
        MediaError: no such file, no picture, too large; damaged, inside too.
    """
    head_of(path, "a picture")
    try:
        with path.open("rb") as file, _identified(file, path) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                size = f"{picture.width}×{picture.height}"
                raise MediaError(f"{path} is {size}, more than {MOST_PIXELS // 10**6} megapixels")
            yield picture
    except Image.DecompressionBombError as error:
        raise MediaError(f"{path} is larger than can be read in its format: {error}") from error
    except DAMAGE as error:
        raise MediaError(f"{path} is a damaged picture: {error}") from error


def is_picture(path: Path) -> bool:
    """Whether the file at `path` begins like a picture of a kind that is read here.

    Raises:
        MediaError: no such file, or not ours to read.
    """
    head = head_of(path, "a picture")[:16]
    tests = (Image.OPEN[name][1] for name in FORMATS)
    return any(accept is not None and accept(head) is True for accept in tests)


def _identified(file: IO[bytes], path: Path) -> Image.Image:
    """What Pillow's `open` gives, without its own limit of pixels, which holds for the whole
    process and is lower than ours.
    """
    head = file.read(16)
    for name in FORMATS:
        factory, accept = Image.OPEN[name]
        if accept is not None and accept(head) is True:
            file.seek(0)
            return factory(file, "")
    raise MediaError(f"{path} is {what_it_is(path)}; expected a picture")


def turn(picture: Image.Image) -> int:
    """The EXIF orientation, 1 to 8."""
    # to look for Exif behind a PNG's pixels, Pillow would decode them
    if picture.format == "PNG" and "exif" not in picture.info:
        return 1
    return int(picture.getexif().get(ORIENTATION, 1))


def read_size(path: Path) -> tuple[int, int]:
    """(width, height) as shown, from the header alone.

    Raises:
        MediaError: no such file, no picture, too large.
    """
    with opened(path) as picture:
        turned = turn(picture) in (5, 6, 7, 8)
        return (picture.height, picture.width) if turned else (picture.width, picture.height)


def is_animated(path: Path) -> bool:
    """Whether the picture at `path` has several frames, as a GIF may have; not where it cannot be
    read, which reading it will tell.
    """
    try:
        with opened(path) as picture:
            return bool(getattr(picture, "is_animated", False))
    except MediaError:
        return False


def read_comment(path: Path) -> str:
    """The comment inside a JPEG, from its header alone; "" of what has none or is no JPEG.

    Raises:
        MediaError: no such file, no picture, too large, damaged.
    """
    with opened(path) as picture:
        found = picture.info.get("comment", b"") if picture.format == "JPEG" else b""
    return found.decode("utf-8", "replace") if isinstance(found, bytes) else str(found)
