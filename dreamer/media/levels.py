"""Pixels as they are to be seen, from Pillow's to ours: turned, in sRGB, on paper.

What is transparent in a file is seen on paper, as everything that looks at pictures expects three
channels, and colours that were hidden must not come to light.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageCms, ImageOps

from dreamer.media.opening import turn
from dreamer.media.png import quantised


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


def at_8_bits(picture: Image.Image) -> Image.Image:
    """`picture`, decoded and turned as it is to be seen, in 8-bit sRGB on white."""
    profile, turned = picture.info.get("icc_profile"), turn(picture)
    picture.load()
    shown = picture if turned == 1 else ImageOps.exif_transpose(picture)
    if is_deep(shown):
        return Image.fromarray(quantised(from_grey(shown), 8))
    return in_rgb(shown, profile, 1.0)


def is_deep(picture: Image.Image) -> bool:
    """Whether its levels are more than 8 bits of grey, which Pillow would cut off."""
    return picture.mode.startswith("I") or picture.mode == "F"


def in_rgb(picture: Image.Image, profile: bytes | None, paper: float) -> Image.Image:
    """`picture` in 8-bit sRGB, on paper."""
    shown, alpha = _parted(picture, profile)
    if alpha is None:
        return shown
    sheet = Image.new("RGB", shown.size, (round(paper * 255),) * 3)
    sheet.paste(shown, mask=alpha)
    return sheet


def see_through(picture: Image.Image) -> Image.Image:
    """`picture`, decoded and turned as it is to be seen, in 8-bit sRGB: RGBA with straight alpha
    where anything of it is transparent, else RGB.
    """
    profile, turned = picture.info.get("icc_profile"), turn(picture)
    picture.load()
    shown = picture if turned == 1 else ImageOps.exif_transpose(picture)
    if is_deep(shown):
        return Image.fromarray(quantised(from_grey(shown), 8))
    colours, alpha = _parted(shown, profile)
    if alpha is not None and alpha.getextrema() != (255, 255):
        colours.putalpha(alpha)
    return colours


def _parted(picture: Image.Image, profile: bytes | None) -> tuple[Image.Image, Image.Image | None]:
    """Its colours in 8-bit sRGB, and its alpha, if it has any."""
    alpha = picture.convert("RGBA").getchannel("A") if picture.has_transparency_data else None
    shown = _in_srgb(picture, profile) if profile else picture
    return shown if shown.mode == "RGB" else shown.convert("RGB"), alpha


def from_grey(picture: Image.Image) -> np.ndarray:
    """`picture` of grey in more than 8 bits as `(3, H, W)` float32 in [0, 1]."""
    levels = np.asarray(picture, dtype=np.float32)
    most = 65535.0 if picture.mode.startswith("I") else 1.0
    grey = np.clip(levels / most, 0, 1)
    return np.repeat(grey[None], 3, 0)


def from_rgb(picture: Image.Image) -> np.ndarray:
    """`picture` in 8-bit RGB as `(3, H, W)` float32 in [0, 1]."""
    pixels = np.asarray(picture).transpose(2, 0, 1).astype(np.float32, order="C")
    pixels /= 255  # in place: pictures may be large
    return pixels


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
