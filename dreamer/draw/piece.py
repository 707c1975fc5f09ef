"""One piece of a collage, made ready once and then drawn in as many bands as it touches: the same
bytes, whatever bands a canvas is drawn in.

Straight pieces end at whole pixels and are never resampled twice. Turned ones, and those that are
to move by parts of pixels, lie between pixels: their colours are interpolated, and their edges are
as opaque as they cover a pixel.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dreamer.draw.blending import Patch
from dreamer.draw.cutouts import cutout
from dreamer.draw.dress import Dress
from dreamer.draw.framing import color_of, framed, inner
from dreamer.draw.lab import tinted
from dreamer.draw.layouts.placement import Placement
from dreamer.draw.looks import looked
from dreamer.draw.resizing import premultiplied, resized, straight
from dreamer.draw.sampling import between, sampled
from dreamer.draw.shadows import shade
from dreamer.draw.spots import Bounds, Spot, bounds_of, cast_by, spot_of

AT_ONCE = 1 << 19  # pixels that are looked up
FINE = np.float32(
    65535
)  # pieces are kept in 16 bits: half of what floats take, and no step is seen


@dataclass(frozen=True)
class Ready:
    """A piece that needs only to be laid down: `pixels` `(h, w, 4)` and `shadow` `(h, w)` in 16
    bits, and where each lies.
    """

    spot: Spot
    pixels: np.ndarray
    dress: Dress
    alpha: float
    cast: Spot | None = None
    shadow: np.ndarray | None = None

    @property
    def bounds(self) -> Bounds:
        """All pixels of the canvas that it or its shadow may touch."""
        return bounds_of(self.spot, self.cast)


def bounds(placement: Placement, dress: Dress, exact: bool = False) -> Bounds:
    """Which pixels of the canvas a piece may touch, with its shadow, before it is made ready."""
    spot = spot_of(placement, exact)
    return bounds_of(spot, cast_by(spot, dress.shadow))


def prepare(picture: np.ndarray, placement: Placement, dress: Dress, exact: bool = False) -> Ready:
    """`picture` as a piece: cropped and resized once, tinted, with its looks, cut out, in its
    frame, with its shadow.

    Args:
        picture: `(3 or 4, H, W)` in [0, 1], straight alpha; best no larger than the piece and no
            smaller (`media.pieces.read_piece`).
        placement: where it is to lie; no side is shorter than a pixel.
        dress: how it is drawn.
        exact: straight pieces too lie where their placement says between pixels, and not at the
            nearest whole ones: for pieces that move.
    """
    spot = spot_of(placement, exact)
    quarters = round(placement.turn / 90) % 4 if spot.straight else 0
    width, height = max(1, round(spot.width)), max(1, round(spot.height))
    if quarters % 2:
        width, height = height, width
    whole = _made(picture, placement, dress, width, height, exact)
    shadow, cast = None, cast_by(spot, dress.shadow)
    if dress.shadow is not None:
        around = np.pad(shade(whole[3], dress.shadow), 1) * np.float32(placement.alpha)
        shadow = np.rot90(_fine(around), quarters)
    whole[3] *= np.float32(placement.alpha)
    planes = whole if spot.straight else premultiplied(whole)
    pixels = np.rot90(_fine(planes.transpose(1, 2, 0)), quarters)
    pixels = np.ascontiguousarray(pixels)
    return Ready(spot, pixels, dress, placement.alpha, cast, shadow)


def rows(ready: Ready, top: int, bottom: int, canvas_width: int) -> list[Patch]:
    """What of a piece lies in rows `top` to `bottom` of a canvas: its shadow's patch, if it has
    one, and its own, to be laid in this order; none where nothing does.

    Where a piece is not laid plainly, its shadow is left out below it, so that it is mixed with
    what lies below both.
    """
    own = _cut(ready.spot.bounds, top, bottom, canvas_width)
    pixels = _pixels(ready, own) if own else None
    dress, patches = ready.dress, []
    if ready.shadow is not None and ready.cast is not None and dress.shadow is not None:
        cut = _cut(ready.cast.bounds, top, bottom, canvas_width)
        if cut:
            dark = _shadow(ready.cast, ready.shadow, cut)
            if own and pixels is not None and dress.mode != "normal" and ready.alpha > 0:
                _leave_out(dark, cut, pixels[3] / np.float32(ready.alpha), own)
            patch = np.empty((4, *dark.shape), np.float32)
            color = color_of(dress.shadow.color)
            patch[:3] = color[:3, None, None]
            patch[3] = dark * color[3]
            patches.append(Patch(cut[0], cut[1], patch, "normal", dress.linear))
    if own and pixels is not None:
        patches.append(Patch(own[0], own[1], pixels, dress.mode, dress.linear))
    return patches


def _made(
    picture: np.ndarray,
    placement: Placement,
    dress: Dress,
    width: int,
    height: int,
    exact: bool,
) -> np.ndarray:
    """The whole piece upright and opaque but for what it is itself, `(4, height, width)`."""
    box = inner(placement.frame, width, height) if placement.frame else (0, 0, width, height)
    left, top = (math.floor(v) if exact else round(v) for v in box[:2])
    right, bottom = (math.ceil(v) if exact else round(v) for v in box[2:])
    right, bottom = max(right, left + 1), max(bottom, top + 1)
    shown = resized(picture, right - left, bottom - top, placement.crop)
    if placement.tint is not None:
        shown = tinted(shown, placement.tint)
    shown = looked(shown, dress.looks)
    alpha = shown[3] if len(shown) == 4 else np.ones(shown.shape[1:], np.float32)
    if dress.mask is not None:
        alpha = alpha * cutout(dress.mask, shown)
    shown = np.concatenate([shown[:3], alpha[None]])
    if placement.frame is None:
        return shown
    if exact:  # its edges in the frame too lie between pixels
        shown[3] *= _covered(np.arange(left, right), box[0], box[2])
        shown[3] *= _covered(np.arange(top, bottom), box[1], box[3])[:, None]
    size, caption = (width, height), placement.caption
    return framed(shown, placement.frame, left, top, size, caption, dress.font)


def _covered(pixel: np.ndarray, low: float, high: float) -> np.ndarray:
    """How much of each pixel lies between `low` and `high`."""
    part = np.minimum(pixel + 1, high) - np.maximum(pixel, low)
    return np.asarray(np.clip(part, 0, 1), np.float32)


def _fine(values: np.ndarray) -> np.ndarray:
    return np.asarray(np.rint(np.clip(values, 0, 1) * FINE), np.uint16)


def _cut(whole: Bounds, top: int, bottom: int, width: int) -> Bounds | None:
    """What of `whole` lies in rows of the canvas."""
    left, right = max(0, whole[0]), min(width, whole[2])
    top, bottom = max(top, whole[1]), min(bottom, whole[3])
    return (left, top, right, bottom) if left < right and top < bottom else None


def _pixels(ready: Ready, cut: Bounds) -> np.ndarray:
    """A piece's own pixels there, `(4, h, w)` float32, straight alpha."""
    left, top, right, bottom = cut
    if ready.spot.straight:
        x, y = ready.spot.bounds[:2]
        part = ready.pixels[top - y : bottom - y, left - x : right - x]
        planes = np.ascontiguousarray(part.transpose(2, 0, 1)).astype(np.float32)
        planes /= FINE
        return planes
    out = np.zeros((4, bottom - top, right - left), np.float32)
    for begin, strip in _strips(cut):
        at, u, v, cover = _places(ready.spot, strip, ready.pixels.shape[:2])
        if not len(at):
            continue
        first = max(0, math.floor(v.min()) - 3)  # only the rows that are seen here
        seen = ready.pixels[first : max(first + 1, math.floor(v.max()) + 4)]
        found = sampled(seen.astype(np.float32) / FINE, u, v - first)
        planes = np.clip(found.T, 0, 1)
        planes[:3] = np.minimum(planes[:3], planes[3])
        planes = straight(planes)
        planes[3] *= cover
        out.reshape(4, -1)[:, at + begin] = planes
    return out


def _shadow(cast: Spot, plane: np.ndarray, cut: Bounds) -> np.ndarray:
    """How dark a shadow is there, `(h, w)` float32 in [0, 1]."""
    left, top, right, bottom = cut
    if cast.straight:
        x, y = cast.bounds[:2]
        dark = plane[top - y : bottom - y, left - x : right - x].astype(np.float32)
        dark /= FINE
        return dark
    out = np.zeros((bottom - top, right - left), np.float32)
    for begin, strip in _strips(cut):
        at, u, v, _ = _places(cast, strip, plane.shape)
        out.reshape(-1)[at + begin] = between(plane, u, v) / FINE
    return out


def _strips(cut: Bounds) -> Iterator[tuple[int, Bounds]]:
    """`cut` in strips that are not too much at once, and how many of its pixels lie above each."""
    left, top, right, bottom = cut
    high = max(1, AT_ONCE // (right - left))
    for begin in range(top, bottom, high):
        yield (begin - top) * (right - left), (left, begin, right, min(bottom, begin + high))


def _places(
    spot: Spot, cut: Bounds, size: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Which of the canvas's pixels there a raster of `size` (height, width) covers, `(n,)` counted
    along rows; where in the raster their middles lie, across and down, in its pixels; and how much
    of each is covered.
    """
    left, top, right, bottom = cut
    dx = (np.arange(left, right) + 0.5 - spot.x)[None]
    dy = (np.arange(top, bottom) + 0.5 - spot.y)[:, None]
    c, s = math.cos(math.radians(spot.turn)), math.sin(math.radians(spot.turn))
    x, y = c * dx - s * dy, s * dx + c * dy
    over = np.clip(spot.width / 2 - np.abs(x) + 0.5, 0, 1)
    over *= np.clip(spot.height / 2 - np.abs(y) + 0.5, 0, 1)
    at = np.flatnonzero(over)
    height, width = size[:2]
    u = (x.ravel()[at] / spot.width + 0.5) * width
    v = (y.ravel()[at] / spot.height + 0.5) * height
    return at, u, v, over.ravel()[at].astype(np.float32)


def _leave_out(dark: np.ndarray, cut: Bounds, solid: np.ndarray, own: Bounds) -> None:
    """Take away from a shadow, in place, what lies below the piece itself."""
    left, top = max(cut[0], own[0]), max(cut[1], own[1])
    right, bottom = min(cut[2], own[2]), min(cut[3], own[3])
    if left < right and top < bottom:
        here = dark[top - cut[1] : bottom - cut[1], left - cut[0] : right - cut[0]]
        here *= 1 - np.clip(
            solid[top - own[1] : bottom - own[1], left - own[0] : right - own[0]], 0, 1
        )
