"""Pictures in and out: `(3, H, W)` float32 RGB in [0, 1], whatever lies in the file."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from dreamer.errors import MediaError
from dreamer.media.png import decode_png16, encode_png

__all__ = ["encode_jpeg", "encode_png", "read_picture", "read_size"]

MOST_PIXELS = 400_000_000
ORIENTATION = 0x0112
KINDS = {
    b"<!": "an HTML page",
    b"<h": "an HTML page",
    b"%PDF": "a PDF",
    b"PK": "a zip archive",
    b"version https://git-lfs": "a Git-LFS pointer, not the file it points to",
}


def what_it_is(path: Path) -> str:
    """A word for a file that is not what was hoped for."""
    with path.open("rb") as file:
        head = file.read(64)
    if not head:
        return "an empty file"
    for start, name in KINDS.items():
        if head.startswith(start):
            return name
    return "no picture that can be read"


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """The picture at `path`, its pixels not yet decoded, inside our own limit of pixels."""
    if not path.exists():
        raise MediaError(f"no such file: {path}")
    if path.is_dir():
        raise MediaError(f"{path} is a folder; expected a picture")
    try:
        with warnings.catch_warnings():
            # Pillow warns from a size of its own on; the limit that counts is checked below
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    size = f"{picture.width}×{picture.height}"
                    raise MediaError(
                        f"{path} is {size}, more than {MOST_PIXELS // 10**6} megapixels"
                    )
                yield picture
    except UnidentifiedImageError as error:
        raise MediaError(f"{path} is {what_it_is(path)}; expected a picture") from error
    except Image.DecompressionBombError as error:
        raise MediaError(f"{path} has more than {MOST_PIXELS // 10**6} megapixels") from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise MediaError(f"{path} is a damaged picture: {error}") from error


def read_size(path: Path) -> tuple[int, int]:
    """(width, height) as shown, from the header alone.

    Raises:
        MediaError: no such file, no picture, too large.
    """
    with _opened(path) as picture:
        turned = picture.getexif().get(ORIENTATION, 1) in (5, 6, 7, 8)
        return (picture.height, picture.width) if turned else (picture.width, picture.height)


def read_picture(path: Path) -> np.ndarray:
    """The picture at `path`, `(3, H, W)` float32 in [0, 1], sRGB.

    Turned as its EXIF says, colours from its profile to sRGB, what is transparent over white, an
    animation's first frame; 16-bit RGB PNG at its own precision.

    Raises:
        MediaError: no such file, no picture, too large, damaged.
    """
    with _opened(path) as picture:
        if picture.format == "PNG":
            deep = decode_png16(path)
            if deep is not None:
                return deep
        picture.load()
        profile = picture.info.get("icc_profile")
        shown = ImageOps.exif_transpose(picture)
        if shown.mode.startswith("I") or shown.mode == "F":
            return _from_grey(shown)
        if profile:
            shown = _in_srgb(shown, profile)
        if shown.has_transparency_data:
            layer = shown.convert("RGBA")
            paper = Image.new("RGBA", layer.size, "white")
            shown = Image.alpha_composite(paper, layer)
        levels = np.asarray(shown.convert("RGB"))
    return np.ascontiguousarray(levels.transpose(2, 0, 1)).astype(np.float32) / 255


def _from_grey(picture: Image.Image) -> np.ndarray:
    levels = np.asarray(picture, dtype=np.float32)
    most = 65535.0 if picture.mode.startswith("I") else 1.0
    grey = np.clip(levels / most, 0, 1)
    return np.repeat(grey[None], 3, 0)


def _in_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        mode = picture.mode if picture.mode in ("RGB", "CMYK", "L") else "RGB"
        base = picture if picture.mode == mode else picture.convert(mode)
        if picture.has_transparency_data:
            return picture  # profiles know no alpha; such pictures are almost always sRGB
        return ImageCms.profileToProfile(base, source, target, outputMode="RGB") or picture
    except ImageCms.PyCMSError:
        return picture


def encode_jpeg(pixels: np.ndarray, quality: int = 88) -> bytes:
    """A JPEG of `pixels` `(3, H, W)` in [0, 1], for looking at while a render runs."""
    levels = np.rint(np.clip(pixels, 0, 1) * 255).astype(np.uint8).transpose(1, 2, 0)
    file = io.BytesIO()
    Image.fromarray(levels).save(file, "JPEG", quality=quality)
    return file.getvalue()
