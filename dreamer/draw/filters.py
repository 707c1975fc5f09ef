"""A network's first filters as one picture: enlarged without smoothing, numbered, and parted into
families where there are several.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from dreamer.draw.sheet import GAP, INK, PAPER, fitted, sheet

SIDE = 72  # of a filter, about: whole pixels of the picture for each of the filter's
BETWEEN = 2 * GAP
MARGIN = GAP  # around all, with the one that a sheet has itself
TITLE, NOTE, HEADING = 28, 20, 32
DIM = "#8b929c"
WIDER = 1.2  # than high, about


def filter_sheet(
    filters: Tensor, families: Sequence[int], title: str, note: str = ""
) -> Image.Image:
    """Filters in rows, each captioned with its number; families beside each other, from the left.

    Args:
        filters: `(N, 3, h, w)` in [0, 1], RGB.
        families: the family of each, whole numbers.
        title: the words above all.
        note: smaller words below those.

    Returns: an RGB picture.

    Raises:
        ValueError: no filters, or not one family for each.
    """
    if not len(filters) or len(families) != len(filters):
        raise ValueError(f"expected a family for each of {len(filters)} filters")
    levels = (filters.permute(0, 2, 3, 1).numpy() * 255).round().astype(np.uint8)
    times = max(1, round(SIDE / max(levels.shape[1:3])))
    cell = (levels.shape[2] * times, levels.shape[1] * times)
    shown = [Image.fromarray(f).resize(cell, Image.Resampling.NEAREST) for f in levels]
    members = [[k for k, f in enumerate(families) if f == one] for one in sorted(set(families))]
    columns = _columns(max(map(len, members)), len(members))
    parts = [sheet([(shown[k], str(k)) for k in family], columns, cell) for family in members]
    wide = sum(part.width for part in parts) + BETWEEN * (len(parts) - 1)
    left, y = MARGIN + GAP, MARGIN + GAP // 2
    top = y + TITLE + (NOTE if note else 0) + (HEADING if len(parts) > 1 else 0)
    high = top + max(part.height for part in parts)
    paper = Image.new("RGB", (wide + 2 * MARGIN, high + MARGIN // 2), PAPER)
    draw = ImageDraw.Draw(paper)
    for words, size, ink, tall in ((title, 17, INK, TITLE), (note, 12, DIM, NOTE)):
        font = ImageFont.load_default(size)
        said = fitted(" ".join(words.split()), font, wide - 2 * GAP)
        draw.text((left, y + tall / 2), said, ink, font, anchor="lm")
        y += tall if words else 0
    x, font = MARGIN, ImageFont.load_default(14)
    for number, (part, family) in enumerate(zip(parts, members, strict=True), 1):
        if len(parts) > 1:
            said = fitted(f"group {number}: {len(family)} filters", font, part.width - 2 * GAP)
            draw.text((x + GAP, y + HEADING / 2 + 4), said, INK, font, anchor="lm")
        paper.paste(part, (x, top))
        x += part.width + BETWEEN
    return paper


def _columns(count: int, families: int) -> int:
    """How many beside each other in a family: a number that fills all rows, if there is one that
    makes the whole a little wider than high.
    """
    aim = math.sqrt(count * WIDER / families)
    whole = [c for c in range(1, count + 1) if count % c == 0 and aim / 1.6 <= c <= aim * 1.6]
    return min(whole, key=lambda c: abs(c - aim)) if whole else math.ceil(aim)
