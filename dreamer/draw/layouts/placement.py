"""Where pieces of a collage lie: values that layouts make and compositing draws. No pixels here, so
that a layout can be kept as numbers and drawn again at any size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

Box = tuple[float, float, float, float]  # left, top, right, bottom, as parts of width and height
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True)
class Piece:
    """What a layout knows of a picture.

    Args:
        number: its own, whatever else there is: all its chance comes from it.
        width: of the picture in pixels.
        height: of the picture in pixels.
        weight: its share of an area, 0 or more, where a layout shares one out.
        focus: what matters most in it, (across, down) as parts; crops keep it in.
        caption: words below it, where a layout has a place for them.
    """

    number: int
    width: int
    height: int
    weight: float = 1.0
    focus: tuple[float, float] = (0.5, 0.5)
    caption: str = ""


@dataclass(frozen=True)
class Sheet:
    """What pieces are laid on: `width` and `height` in pixels (without a height, as high as the
    layout gets), free edges of `margin` and `gutter` between pieces in pixels, and the `seed` of
    all chance. `whole` forbids to crop pieces.
    """

    width: int
    height: int | None
    margin: float = 0.0
    gutter: float = 0.0
    seed: int = 0
    whole: bool = False


@dataclass(frozen=True)
class Frame:
    """A border of `left`, `top`, `right`, `bottom` pixels in `color` around a picture; its caption
    stands in the lowest `foot` pixels, or in all that is below the picture.
    """

    left: float
    top: float
    right: float
    bottom: float
    color: str = "white"
    foot: float | None = None


@dataclass(frozen=True)
class Placement:
    """One piece on the sheet.

    Args:
        number: of the piece.
        x: its middle, pixels from the left edge.
        y: its middle, pixels from the top edge.
        width: in pixels before it is turned, with its frame.
        height: as width.
        turn: degrees, counter-clockwise.
        alpha: how opaque it is, 0 to 1.
        z: what is higher lies above; pieces of one height in the order of their numbers.
        crop: the part of its picture that is shown, stretched over its inner rectangle.
        frame: its border, if it has one.
        caption: words in the frame's lowest part.
        tint: what is added to its colours in CIE Lab (L*, a*, b*), for mosaics.
        layer: which pass of a scatter laid it; 0 for all other layouts.
    """

    number: int
    x: float
    y: float
    width: float
    height: float
    turn: float = 0.0
    alpha: float = 1.0
    z: int = 0
    crop: Box = WHOLE
    frame: Frame | None = None
    caption: str = ""
    tint: tuple[float, float, float] | None = None
    layer: int = 0

    def scaled(self, by: float) -> Placement:
        """It on a sheet `by` times as large."""
        frame = self.frame and replace(
            self.frame,
            left=self.frame.left * by,
            top=self.frame.top * by,
            right=self.frame.right * by,
            bottom=self.frame.bottom * by,
            foot=None if self.frame.foot is None else self.frame.foot * by,
        )
        return replace(
            self,
            x=self.x * by,
            y=self.y * by,
            width=self.width * by,
            height=self.height * by,
            frame=frame,
        )


@dataclass(frozen=True)
class Laid:
    """A layout's outcome: the sheet's (width, height) in pixels, its placements, lowest first, and
    of a scatter how many pieces of each pass are `crowded`: nearer to others than they were to be.
    """

    size: tuple[int, int]
    placements: tuple[Placement, ...]
    crowded: tuple[int, ...] = ()


Layout = Callable[..., Laid]
