"""What lies below a collage's pieces, and what there is to say of it: on some colours some blend
modes leave nothing of them.
"""

from __future__ import annotations

import math

import numpy as np

from dreamer.draw.blending import blend
from dreamer.draw.canvas import Ground, covered, plain
from dreamer.engine.dressed import hexadecimal
from dreamer.engine.pasting import MOST_RASTER
from dreamer.media.pieces import read_piece
from dreamer.recipe.background import background_of
from dreamer.recipe.collage_recipe import ParsedCollage
from dreamer.recipe.colors import rgb
from dreamer.recipe.dressing import Blend

LEAST = 0.1  # between the darkest and the lightest that is left of a piece, to be seen at all


def ground_of(recipe: ParsedCollage, size: tuple[int, int]) -> Ground:
    """What is below all pieces, on a sheet of (width, height) `size`.

    Raises:
        MediaError: a picture that cannot be read.
    """
    said = recipe.words.collage.ground
    if said.image is not None:
        file = recipe.file(("background", "image"), said.image)
        by = min(1.0, math.sqrt(MOST_RASTER / (size[0] * size[1])))
        picture = read_piece(file, size[0] * by, size[1] * by)
        return covered(picture, *size, most=MOST_RASTER)
    return plain("transparent" if said.transparent else hexadecimal(str(said.color)), size[0])


def chosen_ground(recipe: ParsedCollage) -> list[str]:
    """What to say of a background that nobody said, where it is not black."""
    collage = recipe.words.collage
    color = collage.ground.color
    if collage.background is not None or color == "black":
        return []
    mode = next(one.mode for one in collage.blends if one.mode != "normal")
    called = "grey" if str(color).startswith("#") else color
    return [f"its background is {called}, as {mode} wants it; background: COLOUR takes another"]


def hidden_on_ground(recipe: ParsedCollage) -> str:
    """What is wrong with a background that somebody said: the lowest pieces, mixed with it, are
    hardly told from it, whatever they show.
    """
    collage, color = recipe.words.collage, recipe.words.collage.ground.color
    lowest = collage.blends[0]
    if collage.background is None or color is None or seen_on(color, lowest) >= LEAST:
        return ""
    suits = background_of([lowest]).color
    message = f"{lowest.mode} leaves nothing of pieces on {color}; {suits} shows them"
    return str(recipe.problem(("background",), message))


def seen_on(color: str, how: Blend) -> float:
    """How far apart, 0 to 1, the darkest and the lightest piece are that is mixed with `color`, in
    the channel where they are furthest.
    """
    pieces = np.broadcast_to(np.linspace(0, 1, 256, dtype=np.float32), (3, 1, 256))
    below = np.broadcast_to(np.array(rgb(color), np.float32)[:, None, None], pieces.shape)
    opaque = np.ones((1, 256), np.float32)
    mixed = blend(how.mode, below, pieces, opaque, how.light == "linear")
    return float(np.ptp(mixed, axis=2).max())
