"""One piece of a collage, made ready once, to be drawn in as many bands as it touches.

Straight pieces end at whole pixels and are never resampled twice. Turned ones, and those that are
to move by parts of pixels, lie between pixels: their colours are interpolated, and their edges are
as opaque as they cover a pixel. A piece that is far larger than its picture holds that as large as
it is, and all else is drawn where it is laid (`around`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from dreamer.draw.around import Around, around_of, part_of
from dreamer.draw.cutouts import cutout
from dreamer.draw.dress import Dress
from dreamer.draw.framing import framed, inner
from dreamer.draw.lab import tinted
from dreamer.draw.layouts.placement import Placement
from dreamer.draw.looks import looked
from dreamer.draw.resizing import premultiplied, resized, shrunk
from dreamer.draw.shadows import shade
from dreamer.draw.spots import Bounds, Spot, bounds_of, cast_by, spot_of

# Pieces are kept in 16 bits: half of what floats take, and no step is seen.
FINE = np.float32(65535)


@dataclass(frozen=True)
class Ready:
    """A piece that needs only to be laid down: `pixels` `(h, w, 4)` and `shadow` `(h, w)` in 16
    bits, where each lies, and how opaque both are to be. With `around`, `pixels` are those of its
    picture alone, and its shadow may be left to whoever lays it.
    """

    spot: Spot
    pixels: np.ndarray
    dress: Dress
    alpha: float
    cast: Spot | None = None
    shadow: np.ndarray | None = None
    around: Around | None = None

    @property
    def bounds(self) -> Bounds:
        """All pixels of the canvas that it or its shadow may touch."""
        return bounds_of(self.spot, self.cast)


def bounds(placement: Placement, dress: Dress, exact: bool = False) -> Bounds:
    """Which pixels of the canvas a piece may touch, with its shadow, before it is made ready."""
    spot = spot_of(placement, exact)
    return bounds_of(spot, cast_by(spot, dress.shadow))


def made_alike(placement: Placement, exact: bool = False) -> tuple[Placement, bool]:
    """What a piece's pixels depend on of its placement: where this is the same, one that was made
    ready is `moved` to where another lies.
    """
    spot = spot_of(placement, exact)
    turn = spot.turn if spot.straight else 0.0
    alike = replace(placement, x=0.0, y=0.0, turn=turn, alpha=1.0, z=0)
    return replace(alike, width=spot.width, height=spot.height), spot.straight


def moved(ready: Ready, placement: Placement, exact: bool = False) -> Ready:
    """A piece that is ready where `placement` says, which is `made_alike`."""
    spot = spot_of(placement, exact)
    cast = cast_by(spot, ready.dress.shadow)
    return replace(ready, spot=spot, cast=cast, alpha=placement.alpha)


def prepare(
    picture: np.ndarray,
    placement: Placement,
    dress: Dress,
    exact: bool = False,
    most: int | None = None,
) -> Ready:
    """`picture` as a piece: cropped and resized once, tinted, with its looks, cut out, in its
    frame, with its shadow.

    Args:
        picture: `(3 or 4, H, W)` in [0, 1], straight alpha; best no larger than the piece and no
            smaller (`media.pieces.read_piece`).
        placement: where it is to lie; no side is shorter than a pixel.
        dress: how it is drawn.
        exact: straight pieces too lie where their placement says between pixels, and not at the
            nearest whole ones: for pieces that move.
        most: pixels that are held; of larger pieces the picture alone is, in about so many, and
            spread where it is laid.
    """
    spot = spot_of(placement, exact)
    loose = spot.loose
    width, height = max(1, round(loose.width)), max(1, round(loose.height))
    cast = cast_by(spot, dress.shadow)
    if most is not None and width * height > most:
        around = around_of(placement, dress, loose, exact)
        left, top, right, bottom = around.box
        by = math.sqrt(most / (width * height))
        columns, rows = (max(1, round(side * by)) for side in (right - left, bottom - top))
        planes = premultiplied(_opaque(_shown(picture, placement, dress, columns, rows)))
        shadow = _wide_shadow(picture, placement, dress, loose)
        pixels = _fine(planes)
        return Ready(spot, pixels, dress, placement.alpha, cast, shadow, around)
    quarters = round(placement.turn / 90) % 4 if spot.straight else 0
    whole = _made(picture, placement, dress, width, height, exact)
    shadow = None
    if dress.shadow is not None:
        coarse = dress.shadow.coarse(loose.width, loose.height)
        if coarse is None:
            around_it = np.pad(shade(whole[3], dress.shadow), 1)
            shadow = np.rot90(_fine(around_it[None])[..., 0], quarters)
        else:
            alpha = shrunk(whole[3], coarse.columns, coarse.rows)
            shadow = _fine(shade(alpha, dress.shadow, coarse)[None])[..., 0]
    planes = whole if spot.straight else premultiplied(whole)
    pixels = np.ascontiguousarray(np.rot90(_fine(planes), quarters))
    return Ready(spot, pixels, dress, placement.alpha, cast, shadow)


def _wide_shadow(
    picture: np.ndarray, placement: Placement, dress: Dress, loose: Spot
) -> np.ndarray | None:
    """The shadow of a piece that is not held whole, if it is wide."""
    coarse = None if dress.shadow is None else dress.shadow.coarse(loose.width, loose.height)
    if dress.shadow is None or coarse is None:
        return None
    columns, rows = coarse.columns, coarse.rows
    small = placement.scaled(columns / loose.width)
    alpha = _made(picture, small, dress, columns, rows, True)[3]
    return _fine(shade(alpha, dress.shadow, coarse)[None])[..., 0]


def _shown(
    picture: np.ndarray, placement: Placement, dress: Dress, width: int, height: int
) -> np.ndarray:
    """The picture alone, `(3 or 4, height, width)`."""
    shown = resized(picture, width, height, placement.crop)
    if placement.tint is not None:
        shown = tinted(shown, placement.tint)
    return looked(shown, dress.looks)


def _opaque(shown: np.ndarray) -> np.ndarray:
    """It with an alpha of its own."""
    if len(shown) == 4:
        return shown
    return np.concatenate([shown, np.ones((1, *shown.shape[1:]), np.float32)])


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
    shown = _opaque(_shown(picture, placement, dress, right - left, bottom - top))
    if dress.mask is not None:
        seen = cutout(dress.mask, shown)
        shown = np.concatenate([shown[:3], shown[3:] * seen])
    if placement.frame is None:
        return shown
    if exact:  # its edges in the frame too lie between pixels
        shown[3] *= part_of(np.arange(left, right) + 0.5, box[0], box[2])
        shown[3] *= part_of(np.arange(top, bottom) + 0.5, box[1], box[3])[:, None]
    size, caption = (width, height), placement.caption
    return framed(shown, placement.frame, left, top, size, caption, dress.font)


def _fine(planes: np.ndarray) -> np.ndarray:
    """`planes` `(c, h, w)` in [0, 1] in 16 bits, `(h, w, c)`."""
    out = np.empty((*planes.shape[1:], len(planes)), np.uint16)
    for k, plane in enumerate(planes):  # one after another, as large ones are many bytes
        out[..., k] = np.rint(np.clip(plane, 0, 1) * FINE)
    return out
