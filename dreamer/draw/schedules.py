"""A film's schedules as one picture: a panel for what is measured alike, one below another over the
same seconds, where scenes begin, and the beats of a sound. Drawn by Pillow with the font it brings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from dreamer.draw.lettering import legible
from dreamer.draw.plot import COLOURS, FAINT, INK, OVER, PAPER, Font, ticks

WIDTH, TITLE, PANEL, GAP, FOOT = 1100, 64, 96, 26, 40  # pixels
LEFT, RIGHT = 76, WIDTH - 270
QUIET, BEAT = "#6a7380", "#aab2bd"
MOST_LINES = 6  # names that a panel has room for


class Panel(NamedTuple):
    """Lines that share an axis: what it is of, and the lines by name, a value a frame."""

    title: str
    lines: Mapping[str, Sequence[float]]


class Mark(NamedTuple):
    """A moment with a name: a frame where a scene begins."""

    frame: float
    name: str


def panels(
    drawn: Sequence[Panel],
    title: str,
    fps: float,
    marks: Sequence[Mark] = (),
    beats: Sequence[float] = (),
) -> Image.Image:
    """All of `drawn`, one below another.

    Args:
        drawn: the panels, from the top.
        title: above them.
        fps: frames a second, of which the axis shows seconds.
        marks: moments to show in all of them.
        beats: frames that beats are at, ticks above and below each panel.

    Returns: an RGB picture, `WIDTH` wide.
    """
    height = TITLE + len(drawn) * (PANEL + GAP) + FOOT
    image = Image.new("RGB", (WIDTH * OVER, height * OVER), PAPER)
    frames = max((len(line) for panel in drawn for line in panel.lines.values()), default=1)
    small, large = (ImageFont.load_default(n * OVER) for n in (12, 17))
    here = _Sheet(ImageDraw.Draw(image), small, max(frames - 1, 1), (height - FOOT) * OVER)
    here.draw.text((LEFT * OVER, 14 * OVER), legible(title), INK, large)
    _mark(here, marks)
    for k, panel in enumerate(drawn):
        top = (TITLE + k * (PANEL + GAP) + GAP) * OVER
        _beats(here, beats, top)
        _panel(here, panel, top)
    low = here.bottom + 4 * OVER
    for second in ticks(0, (frames - 1) / fps, 10):
        x = here.across(second * fps)
        here.draw.line((x, low, x, low + 5 * OVER), INK, OVER)
        here.draw.text((x, low + 8 * OVER), f"{second:g}", INK, small, anchor="mt")
    here.draw.line((LEFT * OVER, low, RIGHT * OVER, low), INK, OVER)
    here.draw.text((RIGHT * OVER + 16 * OVER, low + 8 * OVER), "seconds", INK, small, anchor="lt")
    return image.resize((WIDTH, height), Image.Resampling.LANCZOS)


class _Sheet(NamedTuple):
    """What is drawn on: the last frame's number, and where the lowest panel ends."""

    draw: ImageDraw.ImageDraw
    font: Font
    last: int
    bottom: int

    def across(self, frame: float) -> float:
        """Where a frame is."""
        return (LEFT + frame / self.last * (RIGHT - LEFT)) * OVER


def _mark(here: _Sheet, marks: Sequence[Mark]) -> None:
    free = 0.0
    for mark in marks:
        x, name = here.across(mark.frame), legible(mark.name)
        here.draw.line((x, (TITLE - 6) * OVER, x, here.bottom), FAINT, 2 * OVER)
        if x >= free:  # a name that would lie over the one before is left out
            here.draw.text((x + 3 * OVER, (TITLE - 20) * OVER), name, QUIET, here.font)
            free = x + here.font.getlength(name) + 14 * OVER


def _beats(here: _Sheet, beats: Sequence[float], top: int) -> None:
    for number, frame in enumerate(beats):
        x, long = here.across(frame), (9 if number % 4 == 0 else 5) * OVER
        for begins, ends in ((top, top + long), (top + PANEL * OVER - long, top + PANEL * OVER)):
            here.draw.line((x, begins, x, ends), BEAT, OVER)


def _panel(here: _Sheet, panel: Panel, top: int) -> None:
    values = [value for line in panel.lines.values() for value in line]
    low, high = min(values), max(values)
    if high == low:
        low, high = low - (abs(low) or 1) / 2, high + (abs(high) or 1) / 2
    bottom, left, right = top + PANEL * OVER, LEFT * OVER, RIGHT * OVER

    def up(value: float) -> float:
        return bottom - (value - low) / (high - low) * (bottom - top)

    draw, font = here.draw, here.font
    draw.text((left, top - 16 * OVER), legible(panel.title), INK, font)
    for value in ticks(low, high, 3):
        draw.line((left, up(value), right, up(value)), FAINT, OVER)
        draw.text((left - 8 * OVER, up(value)), f"{value:g}", INK, font, anchor="rm")
    more = len(panel.lines) - MOST_LINES
    for k, (name, line) in enumerate(panel.lines.items()):
        colour = COLOURS[k % len(COLOURS)]
        places = [(here.across(frame), up(value)) for frame, value in enumerate(line)]
        draw.line(places if len(places) > 1 else [*places, *places], colour, 2 * OVER)
        if k >= MOST_LINES:
            continue
        y = top + (8 + k * 15) * OVER
        words = f"and {more + 1} more" if more > 0 and k == MOST_LINES - 1 else _cut(legible(name))
        draw.line((right + 14 * OVER, y, right + 30 * OVER, y), colour, 3 * OVER)
        draw.text((right + 36 * OVER, y), words, INK, font, anchor="lm")


def _cut(name: str) -> str:
    return name if len(name) <= 34 else name[:33] + "…"
