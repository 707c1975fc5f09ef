"""Pictures in and out: `(3, H, W)` float32 RGB in [0, 1], whatever lies in the file.

What is transparent in a file is seen on paper, as everything that looks at pictures expects three
channels, and colours that were hidden must not come to light.
"""

from __future__ import annotations

import io
import math
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, Literal, NamedTuple

import numpy as np
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageCms,
    ImageOps,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from dreamer.errors import MediaError
from dreamer.media.kinds import head_of, what_it_is
from dreamer.media.png import decode_png16, encode_png, quantised

__all__ = [
    "encode_jpeg",
    "encode_png",
    "on_paper",
    "read_comment",
    "read_picture",
    "read_rows",
    "read_size",
    "read_square",
    "read_thumbnail",
]

MOST_PIXELS = 400_000_000
LARGE = 25_000_000  # pixels; above it, one at a time
PIECE = 1 << 18  # pixels that are in floats at once
ORIENTATION = 0x0112
DRAFT = 4  # times the size that is needed: nearer than that a JPEG's own halving would show
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


_large = threading.Lock()


class Rows(NamedTuple):
    """A picture in pieces: its (height, width), and from top to bottom `(3, h, W)` float32 RGB in
    [0, 1].
    """

    size: tuple[int, int]
    pieces: Iterator[np.ndarray]


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """The picture at `path`, its pixels not yet decoded, inside our own limit of pixels."""
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


def _turn(picture: Image.Image) -> int:
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
    with _opened(path) as picture:
        turned = _turn(picture) in (5, 6, 7, 8)
        return (picture.height, picture.width) if turned else (picture.width, picture.height)


def is_animated(path: Path) -> bool:
    """Whether the picture at `path` has several frames, as a GIF may have; not where it cannot be
    read, which reading it will tell.
    """
    try:
        with _opened(path) as picture:
            return bool(getattr(picture, "is_animated", False))
    except MediaError:
        return False


def on_paper(pixels: np.ndarray, paper: float) -> np.ndarray:
    """`pixels` `(4, H, W)` in [0, 1], straight alpha, over grey of level `paper`: `(3, H, W)`.
    Pictures of three channels stay as they are.

    Mixed as the levels are, as browsers and Pillow do: `alpha · colour + (1 − alpha) · paper`
    (Porter and Duff 1984, "over").
    """
    if len(pixels) == 3:
        return pixels
    alpha = np.clip(pixels[3:], 0, 1)
    mixed: np.ndarray = np.clip(pixels[:3], 0, 1) * alpha + (1 - alpha) * paper
    return mixed


def read_picture(path: Path, paper: float = 1.0) -> np.ndarray:
    """The picture at `path`, `(3, H, W)` float32 in [0, 1], sRGB.

    Turned as its EXIF says, colours from its profile to sRGB, an animation's first frame. 16-bit
    grey, and 16-bit RGB and RGBA PNG without a profile, keep their precision.

    Args:
        path: where it lies.
        paper: what is seen through where the picture is transparent: white (1), as in most
            programs, to black (0), as in films.

    Raises:
        MediaError: no such file, no picture, too large, damaged.
    """
    with _opened(path) as picture:
        profile, turn = picture.info.get("icc_profile"), _turn(picture)
        if picture.format == "PNG" and not profile and turn == 1:
            deep = decode_png16(path)
            if deep is not None:
                return on_paper(deep, paper)
        picture.load()
        shown = picture if turn == 1 else ImageOps.exif_transpose(picture)
        if _is_deep(shown):
            return _from_grey(shown)
        return _from_rgb(_in_rgb(shown, profile, paper))


@contextmanager
def one_large(path: Path) -> Iterator[None]:
    """Wait, if the picture at `path` is very large, until no other thread decodes such a one.

    Raises:
        MediaError: no such file, no picture, too large.
    """
    width, height = read_size(path)
    with _large if width * height > LARGE else nullcontext():
        yield


def read_rows(path: Path, short: int) -> Rows:
    """The picture at `path` as `read_picture` has it on white, but never whole in floats: to be
    made small, piece by piece.

    A JPEG is decoded no larger than is needed, and very large pictures of more than 8 bits at 8,
    so that there is a byte a channel and pixel, and not four.

    Args:
        path: where it lies.
        short: how long the shorter side of what is wanted is; a JPEG's own is four times that at
            least, or what it is in the file.

    Raises:
        MediaError: as `read_picture`.
    """
    with _opened(path) as picture:
        large = picture.width * picture.height > LARGE
        profile, turn = picture.info.get("icc_profile"), _turn(picture)
        if picture.format == "PNG" and not profile and turn == 1 and not large:
            deep = decode_png16(path)
            if deep is not None:
                whole = on_paper(deep, 1.0)
                return Rows((whole.shape[1], whole.shape[2]), iter([whole]))
        if picture.format == "JPEG":
            least = 4 * short / min(picture.size)
            width, height = picture.size
            picture.draft(None, (math.ceil(width * least), math.ceil(height * least)))
        picture.load()
        shown = picture if turn == 1 else ImageOps.exif_transpose(picture)
        if not _is_deep(shown):
            shown = _in_rgb(shown, profile, 1.0)
    return Rows((shown.height, shown.width), _pieces(shown))


def _pieces(shown: Image.Image) -> Iterator[np.ndarray]:
    height = max(1, PIECE // shown.width)
    for top in range(0, shown.height, height):
        piece = shown.crop((0, top, shown.width, min(shown.height, top + height)))
        yield _from_grey(piece) if _is_deep(piece) else _from_rgb(piece)


def read_thumbnail(path: Path, side: int) -> tuple[Image.Image, tuple[int, int]]:
    """The picture at `path` in 8-bit RGB, no side longer than `side`, and the (width, height) it
    has itself; seen as `read_picture` has it, what is transparent over white.

    All of it is decoded, so that damage anywhere is found, in a quarter of `read_picture`'s memory.

    Raises:
        MediaError: no such file, no picture, too large, damaged.
    """
    with _opened(path) as picture:
        small = _at_8_bits(picture)
    size = small.size
    small.thumbnail((side, side))
    return small, size


def read_square(path: Path, side: int, fit: Literal["squash", "centre"] = "centre") -> np.ndarray:
    """The picture at `path` as a square to learn from, `(side, side, 3)` uint8, sRGB; seen as
    `read_thumbnail` sees it.

    It is made small as networks classify (`engine.scores.fit`), by triangles over areas. A very
    large JPEG is decoded at a part of its size, and no picture of 8 bits is ever held in floats.

    Args:
        path: where it lies.
        side: of the square, in pixels.
        fit: `centre` scales the short side and takes the middle, `squash` stretches to the square.

    Raises:
        MediaError: as `read_picture`.
    """
    with _opened(path) as picture:
        if picture.format == "JPEG":
            least = DRAFT * side / min(picture.size)
            width, height = picture.size
            picture.draft(None, (math.ceil(width * least), math.ceil(height * least)))
        shown = _at_8_bits(picture)
        if fit == "centre":
            shown = ImageOps.fit(shown, (side, side), Image.Resampling.BILINEAR)
        else:
            shown = shown.resize((side, side), Image.Resampling.BILINEAR)
        return np.array(shown)


def _at_8_bits(picture: Image.Image) -> Image.Image:
    """`picture`, decoded and turned as it is to be seen, in 8-bit sRGB on white."""
    profile, turn = picture.info.get("icc_profile"), _turn(picture)
    picture.load()
    shown = picture if turn == 1 else ImageOps.exif_transpose(picture)
    if _is_deep(shown):
        return Image.fromarray(quantised(_from_grey(shown), 8))
    return _in_rgb(shown, profile, 1.0)


def _is_deep(picture: Image.Image) -> bool:
    """Whether its levels are more than 8 bits of grey, which Pillow would cut off."""
    return picture.mode.startswith("I") or picture.mode == "F"


def _in_rgb(picture: Image.Image, profile: bytes | None, paper: float) -> Image.Image:
    """`picture` in 8-bit sRGB, on paper."""
    alpha = picture.convert("RGBA").getchannel("A") if picture.has_transparency_data else None
    shown = _in_srgb(picture, profile) if profile else picture
    if alpha is not None:
        sheet = Image.new("RGB", shown.size, (round(paper * 255),) * 3)
        sheet.paste(shown.convert("RGB"), mask=alpha)
        shown = sheet
    return shown if shown.mode == "RGB" else shown.convert("RGB")


def _from_grey(picture: Image.Image) -> np.ndarray:
    levels = np.asarray(picture, dtype=np.float32)
    most = 65535.0 if picture.mode.startswith("I") else 1.0
    grey = np.clip(levels / most, 0, 1)
    return np.repeat(grey[None], 3, 0)


def _from_rgb(picture: Image.Image) -> np.ndarray:
    levels = np.asarray(picture).transpose(2, 0, 1)
    return np.ascontiguousarray(levels).astype(np.float32) / 255


def _in_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    """`picture` without its transparency, in sRGB; as it is where the profile is broken."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = {"GRAY": "L", "CMYK": "CMYK"}.get(source.profile.xcolor_space.strip(), "RGB")
        base = picture if picture.mode == mode else picture.convert(mode)
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(base, source, target, outputMode="RGB") or picture
    except ImageCms.PyCMSError:
        return picture


def read_comment(path: Path) -> str:
    """The comment inside a JPEG, from its header alone; "" of what has none or is no JPEG.

    Raises:
        MediaError: no such file, no picture, too large, damaged.
    """
    with _opened(path) as picture:
        found = picture.info.get("comment", b"") if picture.format == "JPEG" else b""
    return found.decode("utf-8", "replace") if isinstance(found, bytes) else str(found)


def encode_jpeg(pixels: np.ndarray, quality: int = 88, comment: str = "") -> bytes:
    """A JPEG of `pixels` `(3 or 4, H, W)` in [0, 1], for looking at while a render runs; what is
    transparent, over white. `comment` travels inside.
    """
    levels = quantised(on_paper(pixels, 1), 8)
    file = io.BytesIO()
    Image.fromarray(levels).save(file, "JPEG", quality=quality, comment=comment.encode())
    return file.getvalue()
