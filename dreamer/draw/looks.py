"""Looks of a piece or of a whole collage: filters that are chosen and not learnt.

Each is a function of a picture `(3 or 4, h, w)` in [0, 1] and what the look takes; alpha stays as
it is, save where pixels move. Lengths are parts of the shorter side, so that a picture looks the
same at every size.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from PIL import ImageColor

from dreamer.draw.lab import lab_of_srgb, lightness, srgb_of_lab
from dreamer.draw.light import LUMINANCE, linear_of_srgb, srgb_of_linear
from dreamer.draw.sampling import sampled
from dreamer.draw.shadows import blurred
from dreamer.errors import did_you_mean

Value = float | str | tuple[str, ...]
Chosen = tuple[str, Value]  # a look's name, and what it takes
GLOWS = ((0.01, 0.5), (0.035, 0.3), (0.1, 0.2))  # reach of each part of a bloom, and its share
BRIGHT = (0.25, 0.75)  # linear light: what begins to bleed, and what does so with all of itself
AROUND = 0.06  # reach of what is local
FLATTEST = 0.02  # luma a pixel: edges flatter than this are not made hard
GRAIN_SEED = 8191
AT_ONCE = 1 << 19  # pixels that are looked up


def looked(picture: np.ndarray, looks: Sequence[Chosen]) -> np.ndarray:
    """`picture` with each of `looks` in turn, float32 in [0, 1].

    Raises:
        ValueError: no such look, or it does not take that.
    """
    for name, value in looks:
        found = LOOKS[name].draw(picture, taken(name, value)).astype(np.float32, copy=False)
        picture = np.clip(found, 0, 1, out=found)
    return picture


def taken(name: str, value: object) -> Value:
    """What the look called `name` takes of `value`, as it takes it.

    Raises:
        ValueError: no such look, or it does not take that; says what was expected.
    """
    if name not in LOOKS:
        near = did_you_mean(name, LOOKS)
        raise ValueError(f"expected one of {', '.join(LOOKS)}, not {name!r}{near}")
    look = LOOKS[name]
    try:
        return look.read(value)
    except (ValueError, TypeError):
        raise ValueError(f"{name}: expected {look.takes}, not {value!r}") from None


def kaleidoscope(picture: np.ndarray, mirrors: float) -> np.ndarray:
    """The wedge above the middle between two of `mirrors` mirrors, over and over all around."""
    height, width = picture.shape[1:]
    raster = np.ones((height, width, 4), np.float32)
    raster[..., : len(picture)] = picture.transpose(1, 2, 0)
    raster[..., :3] *= raster[..., 3:]
    x = (np.arange(width) + 0.5 - width / 2)[None]
    wedge = math.pi / mirrors
    out = np.empty(picture.shape, np.float32)
    step = max(1, AT_ONCE // width)
    for top in range(0, height, step):
        rows = np.arange(top, min(height, top + step))
        y = (rows + 0.5 - height / 2)[:, None]
        turn = np.abs((np.arctan2(x, -y) + wedge) % (2 * wedge) - wedge)
        away = np.hypot(x, y)
        u = _mirrored(away * np.sin(turn) + width / 2, width).ravel()
        v = _mirrored(height / 2 - away * np.cos(turn), height).ravel()
        found = sampled(raster, u, v).T.reshape(4, len(rows), width)
        alpha = np.clip(found[3:], 0, 1)
        here = out[:, rows[0] : rows[-1] + 1]
        np.divide(found[:3], np.where(alpha > 0, alpha, 1), out=here[:3])
        here[3:] = alpha[: len(picture) - 3]
    return out


def posterise(picture: np.ndarray, levels: float) -> np.ndarray:
    """No more than `levels` levels a channel, evenly apart."""
    steps = levels - 1
    return _recoloured(picture, np.rint(picture[:3] * steps) / steps)


def bloom(picture: np.ndarray, amount: float) -> np.ndarray:
    """Bright light bleeds over what is around it, near and far, as in a lens; nothing gets brighter
    than white. What is transparent gives no light.
    """
    begins, all_of_it = BRIGHT
    most = linear_of_srgb(picture[:3].max(0))  # of the channels
    gives = _smooth((most - begins) / (all_of_it - begins))
    if len(picture) == 4:
        gives *= picture[3]
    del most
    short = min(picture.shape[1:])
    out = picture.astype(np.float32)
    for plane in out[:3]:  # one after another, as whole prints are many bytes
        light = linear_of_srgb(plane)
        bright, glow = light * gives, np.zeros_like(light)
        for reach, share in GLOWS:
            glow += share * blurred(bright, reach * short)
        glow *= np.float32(amount)
        light = 1 - (1 - light) * (1 - np.clip(glow, 0, 1, out=glow))
        plane[:] = srgb_of_linear(light)
    return out


def duotone(picture: np.ndarray, colours: tuple[str, ...]) -> np.ndarray:
    """Two or three colours, evenly placed from black to white by lightness (L* of CIE Lab), even
    to the eye between.
    """
    ends = np.array([ImageColor.getcolor(c, "RGB") for c in colours], np.float32).T / 255
    place = np.clip(lightness(picture) / 100, 0, 1)
    lab = lab_of_srgb(ends)
    steps = np.linspace(0, 1, 1024)
    at = np.linspace(0, 1, len(colours))
    scale = srgb_of_lab(np.stack([np.interp(steps, at, channel) for channel in lab]))
    found = np.stack([np.interp(place, steps, channel) for channel in scale])
    return _recoloured(picture, found)


def threshold(picture: np.ndarray, where: float | str) -> np.ndarray:
    """Black and white, parted at a luma, or `local`: at that of what is around; edges are a pixel
    wide and smooth.
    """
    red, green, blue = (np.float32(share) for share in LUMINANCE)
    luma = picture[0] * red + picture[1] * green + picture[2] * blue
    if where == "local":
        limit = blurred(luma, AROUND * min(luma.shape))
    else:
        limit = np.full_like(luma, where)
    above = luma - limit
    padded = np.pad(above, 1, mode="edge")
    slope = np.hypot(
        (padded[1:-1, 2:] - padded[1:-1, :-2]) / 2, (padded[2:, 1:-1] - padded[:-2, 1:-1]) / 2
    )
    seen = np.clip(above / np.maximum(slope, FLATTEST) + 0.5, 0, 1)
    return _recoloured(picture, np.repeat(seen[None], 3, 0))


def grain(picture: np.ndarray, amount: float) -> np.ndarray:
    """Grey noise as of film, strongest in middle tones; the same for every picture of a size."""
    noise = np.random.default_rng(GRAIN_SEED).standard_normal(picture.shape[1:], np.float32)
    noise *= np.float32(amount)
    out = picture.astype(np.float32)
    for plane in out[:3]:
        plane += noise * (0.3 + 0.7 * (4 * plane * (1 - plane)))
    return out


def _recoloured(picture: np.ndarray, colour: np.ndarray) -> np.ndarray:
    return np.concatenate([colour, picture[3:]]).astype(np.float32, copy=False)


def _mirrored(place: np.ndarray, length: int) -> np.ndarray:
    """Places beyond the edges of [0, length], seen as in mirrors there."""
    found: np.ndarray = length - np.abs(place % (2 * length) - length)
    return found


def _smooth(part: np.ndarray) -> np.ndarray:
    part = np.clip(part, 0, 1)
    found: np.ndarray = part * part * (3 - 2 * part)
    return found


def _number(value: object, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError(value)
    return value


def _count(low: int, high: int) -> Callable[[object], Value]:
    def read(value: object) -> Value:
        if _number(value, low, high) != int(str(value).removesuffix(".0")):
            raise ValueError(value)
        return value  # type: ignore[return-value]

    return read


def _amount(high: float) -> Callable[[object], Value]:
    return lambda value: _number(value, 0, high)


def _place(value: object) -> Value:
    return "local" if value == "local" else _number(value, 0, 1)


def _colours(value: object) -> Value:
    if isinstance(value, str) or not isinstance(value, Sequence) or len(value) not in (2, 3):
        raise ValueError(value)
    for colour in value:
        ImageColor.getcolor(colour, "RGB")
    return tuple(value)


class Look(NamedTuple):
    """How a look is drawn, how what it takes is read, and what that is, in words; `by_pixel` where
    no pixel looks at another, so that bands of a picture may be drawn alone.
    """

    draw: Callable[..., np.ndarray]
    read: Callable[[object], Value]
    takes: str
    by_pixel: bool = False


LOOKS = {
    "kaleidoscope": Look(kaleidoscope, _count(2, 64), "a whole number of mirrors from 2 to 64"),
    "posterise": Look(posterise, _count(2, 256), "a whole number of levels from 2 to 256", True),
    "bloom": Look(bloom, _amount(4), "an amount from 0 to 4"),
    "duotone": Look(duotone, _colours, "a list of two or three colours, the darkest first", True),
    "threshold": Look(threshold, _place, "a luma from 0 to 1, or 'local'"),
    "grain": Look(grain, _amount(1), "an amount from 0 to 1"),
}
