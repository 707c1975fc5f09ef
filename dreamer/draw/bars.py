"""A picture with bars beside it: how sure each of several networks is of what it sees there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont, ImageOps

from dreamer.draw.sheet import INK, PAPER, fitted

FAINT, PLAIN, CHOSEN = "#2c3038", "#5b8def", "#e6a13c"
DIM = "#8f97a3"
GAP, COLUMN, ROW, BAR = 20, 250, 38, 9
HEAD, FOOT = 34, 26
CELL = (440, 440)


class Bar(NamedTuple):
    """A label, how sure of it a network is (0 to 1), and whether a person asked for it."""

    label: str
    score: float
    chosen: bool = False


def bars(
    picture: Image.Image,
    caption: str,
    networks: Sequence[tuple[str, Sequence[Bar]]],
    cell: tuple[int, int] = CELL,
) -> Image.Image:
    """`picture`, as large as `cell` allows, over its `caption`, and to its right a column of bars
    for each of `networks`, a name and its bars.

    Args:
        picture: what was looked at.
        caption: what it is called.
        networks: by whom, and what they saw.
        cell: (width, height) in pixels for the picture.

    Returns: an RGB picture.

    Raises:
        ValueError: no networks.
    """
    if not networks:
        raise ValueError("expected a network's bars, and there are none")
    shown = ImageOps.contain(picture.convert("RGB"), cell, Image.Resampling.LANCZOS)
    rows = max(len(column) for _, column in networks)
    across = max(shown.width, cell[0] // 2)
    height = max(shown.height + FOOT, HEAD + rows * ROW) + 2 * GAP
    width = across + len(networks) * (COLUMN + GAP) + 2 * GAP
    paper = Image.new("RGB", (width, height), PAPER)
    draw = ImageDraw.Draw(paper)
    font, large = ImageFont.load_default(14), ImageFont.load_default(17)
    paper.paste(shown, (GAP + (across - shown.width) // 2, GAP))
    below = GAP + shown.height + FOOT / 2 + 4
    draw.text((GAP + across / 2, below), fitted(caption, font, across), DIM, font, anchor="mm")
    for k, (name, column) in enumerate(networks):
        left = GAP + across + GAP + k * (COLUMN + GAP)
        draw.text((left, GAP), fitted(name, large, COLUMN), INK, large)
        for row, bar in enumerate(column):
            _row(draw, (left, GAP + HEAD + row * ROW), bar, font)
    return paper


def _row(
    draw: ImageDraw.ImageDraw,
    place: tuple[int, int],
    bar: Bar,
    font: ImageFont.ImageFont | ImageFont.FreeTypeFont,
) -> None:
    left, top = place
    percent = percents(bar.score)
    right = left + COLUMN
    draw.text((right, top), percent, INK, font, anchor="ra")
    room = COLUMN - font.getlength(percent) - 12
    draw.text((left, top), fitted(bar.label, font, room), INK, font)
    y = top + 20
    draw.rounded_rectangle((left, y, right, y + BAR - 1), BAR // 2, FAINT)
    length = round(COLUMN * min(max(bar.score, 0.0), 1.0))
    if length >= 1:
        colour = CHOSEN if bar.chosen else PLAIN
        draw.rounded_rectangle((left, y, left + length - 1, y + BAR - 1), BAR // 2, colour)


def percents(score: float) -> str:
    """`63 %`, `6.3 %`, `0.6 %` or `< 0.1 %`."""
    value = 100 * score
    if value < 0.1:
        return "< 0.1 %" if value > 0 else "0 %"
    return f"{value:.1f} %" if value < 9.95 else f"{value:.0f} %"
