"""Line charts as pictures: label scores over time, schedules of a recipe. Drawn by Pillow with
the font it brings.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from PIL import Image, ImageDraw, ImageFont

from dreamer.draw.lettering import legible

Point = tuple[float, float]
INK, FAINT, PAPER = "#20242a", "#d8dce2", "#ffffff"
COLOURS = (
    "#1f6feb",
    "#d1462f",
    "#2e9e5b",
    "#8a4fd3",
    "#e08a00",
    "#0f9bb0",
    "#c2348b",
    "#7a6a4f",
)
OVER = 2  # drawn this much larger, then scaled down for smooth lines


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers from `low` to `high`, about as many as asked for."""
    span = (high - low) or 1.0
    step = 10 ** math.floor(math.log10(span / about))
    step *= next(m for m in (1, 2, 5, 10) if span / (step * m) <= about)
    first = math.ceil(low / step - 1e-9)
    return [k * step for k in range(first, math.floor(high / step + 1e-9) + 1)]


def curves(
    series: Mapping[str, Sequence[Point]],
    title: str,
    x_label: str,
    y_label: str,
    y_range: tuple[float, float] | None = None,
    size: tuple[int, int] = (960, 480),
) -> Image.Image:
    """A chart of `series`, each a name and its points in order of x.

    Args:
        series: the lines.
        title: above them.
        x_label: below the horizontal axis.
        y_label: above the vertical axis.
        y_range: least and most of the vertical axis; what the points need unless given.
        size: (width, height) in pixels.

    Returns: an RGB picture.
    """
    width, height = size[0] * OVER, size[1] * OVER
    image = Image.new("RGB", (width, height), PAPER)
    draw = ImageDraw.Draw(image)
    small, large = (ImageFont.load_default(n * OVER) for n in (13, 17))
    points = [p for line in series.values() for p in line] or [(0.0, 0.0)]
    x_low, x_high = _range([p[0] for p in points])
    y_low, y_high = y_range or _range([p[1] for p in points])
    names = [_shortened(legible(name)) for name in series]
    heights = [(value, f"{value:g}") for value in ticks(y_low, y_high)]
    left = _widest([text for _, text in heights], small) + 24 * OVER
    right = width - (_widest(names, small) + 60 * OVER if names else 24 * OVER)
    top, bottom = 64 * OVER, height - 52 * OVER

    def place(point: Point) -> Point:
        return (
            left + (point[0] - x_low) / (x_high - x_low) * (right - left),
            bottom - (point[1] - y_low) / (y_high - y_low) * (bottom - top),
        )

    draw.text((left, 18 * OVER), legible(title), INK, large)
    draw.text((left, 44 * OVER), y_label, INK, small)
    draw.text(((left + right) / 2, height - 22 * OVER), x_label, INK, small, anchor="mm")
    for value, text in heights:
        y = place((x_low, value))[1]
        draw.line((left, y, right, y), FAINT, OVER)
        draw.text((left - 8 * OVER, y), text, INK, small, anchor="rm")
    for value in ticks(x_low, x_high, max(1, int((right - left) / (80 * OVER)))):
        x = place((value, y_low))[0]
        draw.line((x, bottom, x, bottom + 5 * OVER), INK, OVER)
        draw.text((x, bottom + 9 * OVER), f"{value:g}", INK, small, anchor="mt")
    draw.line((left, bottom, right, bottom), INK, OVER)
    for k, (name, line) in enumerate(zip(names, series.values(), strict=True)):
        colour = COLOURS[k % len(COLOURS)]
        places = [place(p) for p in line]
        if len(places) > 1:
            draw.line(places, colour, 2 * OVER, joint="curve")
        elif places:
            x, y = places[0]
            draw.ellipse((x - 3 * OVER, y - 3 * OVER, x + 3 * OVER, y + 3 * OVER), colour)
        y = top + k * 22 * OVER
        draw.line((right + 16 * OVER, y, right + 36 * OVER, y), colour, 3 * OVER)
        draw.text((right + 44 * OVER, y), name, INK, small, anchor="lm")
    return image.resize(size, Image.Resampling.LANCZOS)


Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def _widest(texts: Sequence[str], font: Font) -> int:
    return math.ceil(max((font.getlength(text) for text in texts), default=0))


def _range(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _shortened(name: str) -> str:
    return name if len(name) <= 22 else name[:21] + "…"
