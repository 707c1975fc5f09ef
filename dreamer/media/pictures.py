"""Pictures in and out: `(3, H, W)` float32 RGB in [0, 1], whatever lies in the file."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from dreamer.media.levels import from_grey, from_rgb, in_rgb, is_deep, on_paper
from dreamer.media.opening import opened, turn
from dreamer.media.png import decode_png16, encode_png, quantised

__all__ = ["encode_jpeg", "encode_png", "read_picture"]


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
    with opened(path) as picture:
        profile, turned = picture.info.get("icc_profile"), turn(picture)
        if picture.format == "PNG" and not profile and turned == 1:
            deep = decode_png16(path)
            if deep is not None:
                return on_paper(deep, paper)
        picture.load()
        shown = picture if turned == 1 else ImageOps.exif_transpose(picture)
        if is_deep(shown):
            return from_grey(shown)
        return from_rgb(in_rgb(shown, profile, paper))


def encode_jpeg(pixels: np.ndarray, quality: int = 88, comment: str = "") -> bytes:
    """A JPEG of `pixels` `(3 or 4, H, W)` in [0, 1], for looking at while a render runs; what is
    transparent, over white. `comment` travels inside.
    """
    levels = quantised(on_paper(pixels, 1), 8)
    file = io.BytesIO()
    Image.fromarray(levels).save(file, "JPEG", quality=quality, comment=comment.encode())
    return file.getvalue()
