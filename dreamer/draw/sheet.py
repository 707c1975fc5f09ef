"""Contact sheets: many pictures on one, each with its caption, to compare at a glance."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont, ImageOps

from dreamer.draw.lettering import legible

PAPER, INK = "#16181c", "#d8dce2"
GAP, CAPTION, LINE = 12, 24, 17
Font = ImageFont.ImageFont | ImageFont.FreeTypeFont


def sheet(
    pictures: Sequence[tuple[Image.Image, str]],
    columns: int | None = None,
    cell: tuple[int, int] = (320, 240),
) -> Image.Image:
    """`pictures` with captions, in rows from the top left; each whole, as large as its cell allows.

    Args:
        pictures: what to show, and the words below each, of one or more lines.
        columns: how many beside each other; about as many as rows unless given.
        cell: (width, height) for a picture, in pixels.

    Returns: an RGB picture.

    Raises:
        ValueError: no pictures, or no columns.
    """
    columns = math.ceil(math.sqrt(len(pictures))) if columns is None else columns
    if not pictures or columns < 1:
        raise ValueError(f"expected pictures and columns, not {len(pictures)} in {columns}")
    rows = math.ceil(len(pictures) / columns)
    width, height = cell
    lines = max(caption.count("\n") for _, caption in pictures)
    across, down = width + GAP, height + CAPTION + lines * LINE + GAP
    paper = Image.new("RGB", (columns * across + GAP, rows * down + GAP), PAPER)
    draw = ImageDraw.Draw(paper)
    font = ImageFont.load_default(13)
    for k, (picture, caption) in enumerate(pictures):
        x, y = GAP + k % columns * across, GAP + k // columns * down
        shown = ImageOps.contain(picture.convert("RGB"), cell, Image.Resampling.LANCZOS)
        paper.paste(shown, (x + (width - shown.width) // 2, y + (height - shown.height) // 2))
        for row, line in enumerate(caption.split("\n")):
            middle = y + height + CAPTION / 2 + row * LINE
            words = fitted(line, font, width)
            draw.text((x + width / 2, middle), words, INK, font, anchor="mm")
    return paper


def fitted(words: str, font: Font, width: float) -> str:
    """`words` as they can be drawn, or as much of their beginning as `width` pixels hold."""
    return shortened(legible(words), font, width)


def shortened(words: str, font: Font, width: float) -> str:
    """As much of the beginning of `words` as `width` pixels hold."""
    while words and font.getlength(words) > width:
        words = words.rstrip("…")[:-1] + "…" if len(words) > 1 else ""
    return words
