"""What of a piece lies in rows of a canvas: its shadow and its own pixels, the same bytes whatever
rows are asked for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from dreamer.draw.blending import Patch
from dreamer.draw.framing import color_of
from dreamer.draw.piece import FINE, Ready
from dreamer.draw.resizing import straight
from dreamer.draw.sampling import between, sampled
from dreamer.draw.shadows import Shadow, kernel
from dreamer.draw.spots import Bounds, Spot, turned

AT_ONCE = 1 << 19  # pixels that are looked up


def rows(ready: Ready, top: int, bottom: int, canvas_width: int) -> list[Patch]:
    """What of a piece lies in rows `top` to `bottom` of a canvas: its shadow's patch, if it has
    one, and its own, to be laid in this order; none where nothing does.

    Where a piece is not laid plainly, its shadow is left out below it, so that it is mixed with
    what lies below both.
    """
    own = _cut(ready.spot.bounds, top, bottom, canvas_width)
    pixels = _pixels(ready, own) if own else None
    dress, patches = ready.dress, []
    if ready.cast is not None and dress.shadow is not None:
        cut = _cut(ready.cast.bounds, top, bottom, canvas_width)
        if cut:
            dark = _shadow(ready, ready.cast, dress.shadow, cut)
            if own and pixels is not None and dress.mode != "normal":
                _leave_out(dark, cut, pixels[3], own)
            patch = np.empty((4, *dark.shape), np.float32)
            color = color_of(dress.shadow.color)
            patch[:3] = color[:3, None, None]
            patch[3] = dark * (color[3] * np.float32(ready.alpha))
            patches.append(Patch(cut[0], cut[1], patch, "normal", dress.linear))
    if own and pixels is not None:
        pixels[3] *= np.float32(ready.alpha)
        patches.append(Patch(own[0], own[1], pixels, dress.mode, dress.linear))
    return patches


def _cut(whole: Bounds, top: int, bottom: int, width: int) -> Bounds | None:
    """What of `whole` lies in rows of the canvas."""
    left, right = max(0, whole[0]), min(width, whole[2])
    top, bottom = max(top, whole[1]), min(bottom, whole[3])
    return (left, top, right, bottom) if left < right and top < bottom else None


def _pixels(ready: Ready, cut: Bounds) -> np.ndarray:
    """A piece's own pixels there, `(4, h, w)` float32, straight alpha."""
    left, top, right, bottom = cut
    if ready.spot.straight and ready.around is None:
        column, row = ready.spot.bounds[:2]
        part = ready.pixels[top - row : bottom - row, left - column : right - column]
        planes = np.ascontiguousarray(part.transpose(2, 0, 1)).astype(np.float32)
        planes /= FINE
        return planes
    out = np.zeros((4, bottom - top, right - left), np.float32)
    spot = ready.spot.loose
    for begin, strip in _strips(cut):
        at, x, y, cover = _places(spot, strip)
        if len(at):
            planes = _seen(ready, spot, x, y)
            planes[3] *= cover
            out.reshape(4, -1)[:, at + begin] = planes
    return out


def _seen(ready: Ready, spot: Spot, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A piece at places in pixels from its middle, before it is turned, `(4, n)` float32."""
    left, top, width, height = -spot.width / 2, -spot.height / 2, spot.width, spot.height
    if ready.around is not None:
        left, top, right, bottom = ready.around.box
        width, height = right - left, bottom - top
    high, wide = ready.pixels.shape[:2]
    u, v = (x - left) / width * wide, (y - top) / height * high
    first = min(max(0, math.floor(v.min()) - 3), high - 1)  # only the rows that are seen here
    seen = ready.pixels[first : max(first + 1, math.floor(v.max()) + 4)]
    found = sampled(seen.astype(np.float32) / FINE, u, v - first)
    planes = np.clip(found.T, 0, 1)
    planes[:3] = np.minimum(planes[:3], planes[3])
    planes = straight(planes)
    return planes if ready.around is None else ready.around.over(planes, x, y)


def _shadow(ready: Ready, cast: Spot, shadow: Shadow, cut: Bounds) -> np.ndarray:
    """How dark a shadow is there, `(h, w)` float32 in [0, 1]."""
    left, top, right, bottom = cut
    plane = ready.shadow
    if plane is None:
        return _near(ready, shadow, cut)
    if cast.straight:
        column, row = cast.bounds[:2]
        dark = plane[top - row : bottom - row, left - column : right - column].astype(np.float32)
        dark /= FINE
        return dark
    high, wide = plane.shape
    out = np.zeros((bottom - top, right - left), np.float32)
    for begin, strip in _strips(cut):
        at, x, y, _ = _places(cast, strip)
        u, v = (x / cast.width + 0.5) * wide, (y / cast.height + 0.5) * high
        out.reshape(-1)[at + begin] = between(plane, u, v) / FINE
    return out


def _near(ready: Ready, shadow: Shadow, cut: Bounds) -> np.ndarray:
    """The shadow of a piece that is not held whole, and is little blurred: of the piece itself, as
    it would be drawn where its shadow lies.
    """
    weights = kernel(shadow.blur / 2) * np.float32(shadow.alpha)
    far = len(weights) // 2
    left, top, right, bottom = cut
    wide = (left - far, top - far, right + far, bottom + far)
    spot = ready.spot.grown(0, *shadow.offset).loose
    dark = np.zeros((wide[3] - wide[1], wide[2] - wide[0]), np.float32)
    for begin, strip in _strips(wide):
        at, x, y, cover = _places(spot, strip)
        if len(at):
            dark.reshape(-1)[at + begin] = _seen(ready, spot, x, y)[3] * cover
    dark = _summed(dark.T, kernel(shadow.blur / 2)).T
    return np.asarray(np.clip(_summed(dark, weights), 0, 1), np.float32)


def _summed(lines: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """All weighted sums of as many of `lines` as there are weights."""
    count = len(lines) - len(weights) + 1
    found: np.ndarray = lines[:count] * weights[0]
    for k in range(1, len(weights)):
        found += lines[k : k + count] * weights[k]
    return found


def _strips(cut: Bounds) -> Iterator[tuple[int, Bounds]]:
    """`cut` in strips that are not too much at once, and how many of its pixels lie above each."""
    left, top, right, bottom = cut
    high = max(1, AT_ONCE // (right - left))
    for begin in range(top, bottom, high):
        yield (begin - top) * (right - left), (left, begin, right, min(bottom, begin + high))


def _places(spot: Spot, cut: Bounds) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Which of the canvas's pixels there a piece covers, `(n,)` counted along rows; where their
    middles lie, to the right of its own and down, before it is turned; and how much of each is
    covered.
    """
    left, top, right, bottom = cut
    dx = (np.arange(left, right) + 0.5 - spot.x)[None]
    dy = (np.arange(top, bottom) + 0.5 - spot.y)[:, None]
    c, s = turned(spot.turn)
    x, y = c * dx - s * dy, s * dx + c * dy
    over = np.clip(spot.width / 2 - np.abs(x) + 0.5, 0, 1)
    over *= np.clip(spot.height / 2 - np.abs(y) + 0.5, 0, 1)
    at = np.flatnonzero(over)
    return at, x.ravel()[at], y.ravel()[at], over.ravel()[at].astype(np.float32)


def _leave_out(dark: np.ndarray, cut: Bounds, solid: np.ndarray, own: Bounds) -> None:
    """Take away from a shadow, in place, what lies below the piece itself."""
    left, top = max(cut[0], own[0]), max(cut[1], own[1])
    right, bottom = min(cut[2], own[2]), min(cut[3], own[3])
    if left < right and top < bottom:
        here = dark[top - cut[1] : bottom - cut[1], left - cut[0] : right - cut[0]]
        here *= 1 - np.clip(
            solid[top - own[1] : bottom - own[1], left - own[0] : right - own[0]], 0, 1
        )
