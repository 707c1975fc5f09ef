"""Words for films: wrapped, inside the margins that every screen shows, large enough to read, and
set off from whatever is behind them.

What is drawn is a transparent picture, laid over the frames later.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from dreamer.draw.fonts import Font, font_at, spelt

MARGIN = 0.07  # of each side: inside it, all screens show what there is (title-safe)
LEAST = 0.02  # of the height: smaller letters cannot be read
LEADING = 1.28  # from line to line, in sizes
BOX = (12, 13, 16, 168)  # colour and opacity of a box
SHADOW = 0.75  # opacity of a shadow


@dataclass(frozen=True)
class Line:
    """A part of what is said, with its size (a part of the height) and how opaque it is."""

    text: str
    size: float
    alpha: float = 1.0


class Layer(NamedTuple):
    """A transparent picture, `(H, W, 4)` uint8 with straight alpha, and where its corner lies."""

    pixels: np.ndarray
    left: int
    top: int


def lettered(
    lines: list[Line],
    canvas: tuple[int, int],
    at: str = "bottom",
    color: tuple[float, float, float] = (1.0, 1.0, 1.0),
    style: str = "shadow",
    font: Path | None = None,
) -> Layer:
    """`lines` as they lie on a film of the size `canvas` (width, height); longer ones are wrapped,
    and all made smaller together where there is no room.

    Args:
        lines: what is said, each line of its text on a line of its own.
        canvas: the film's width and height, in pixels.
        at: `middle`, `top`, `bottom`, `left`, `right`, or two of them: `bottom_left`.
        color: of the letters, (red, green, blue) in [0, 1].
        style: `shadow`, `box` or `plain`.
        font: a font's file; dreamer's own unless given.

    Raises:
        ValueError: too much to be read in letters of any size, or no font.
    """
    width, height = canvas
    room = round(width * (1 - 2 * MARGIN)), round(height * (1 - 2 * MARGIN))
    if style == "box":
        room = room[0] - _padding(lines, height)[0] * 2, room[1] - _padding(lines, height)[1] * 2
    scale = 1.0
    while (set_ := _set(lines, room[0], height, scale, font)).height > room[1]:
        scale *= 0.92
        if min(line.size for line in lines) * scale < LEAST:
            count = sum(len(line.text) for line in lines)
            raise ValueError(
                f"{count} letters have no room on {width}×{height} in a size that can be read; "
                f"say less"
            )
    return _placed(set_, canvas, at, color, style, lines)


class _Set(NamedTuple):
    """Rows of words with their fonts, how opaque each is and how far down its base line lies."""

    rows: list[tuple[str, Font, float, float]]
    width: int
    height: int


def _set(lines: list[Line], room: int, height: int, scale: float, font: Path | None) -> _Set:
    rows: list[tuple[str, Font, float, float]] = []
    down, wide, last = 0.0, 0.0, 0.0
    for number, line in enumerate(lines):
        face = font_at(font, max(6, round(line.size * height * scale)))
        ascent, descent = face.getmetrics()
        if number:
            down += 0.35 * face.size
        for words in wrapped(spelt(line.text), face, room):
            base = down + ascent
            rows.append((words, face, line.alpha, base))
            wide = max(wide, face.getlength(words))
            last = base + descent
            down += LEADING * face.size
    return _Set(rows, int(np.ceil(wide)), int(np.ceil(last)))


def wrapped(text: str, font: Font, room: float) -> list[str]:
    """`text` in lines of at most `room` pixels, broken between words, and inside a word that has no
    room on a line of its own.
    """
    found: list[str] = []
    for line in text.split("\n"):
        row = ""
        for word in line.split():
            longer = f"{row} {word}" if row else word
            if font.getlength(longer) <= room:
                row = longer
                continue
            if row:
                found.append(row)
            row = word
            while font.getlength(row) > room and len(row) > 1:
                fits = next(n for n in range(len(row) - 1, 0, -1) if _fits(row[:n], font, room))
                found.append(row[:fits])
                row = row[fits:]
        found.append(row)
    return _even(found, text, font, room)


def _fits(text: str, font: Font, room: float) -> bool:
    return len(text) == 1 or font.getlength(text) <= room


def _even(rows: list[str], text: str, font: Font, room: float) -> list[str]:
    """`rows` of one paragraph, as many of them but about equally long: a word alone on the last
    line looks like a mistake.
    """
    words = text.split()
    if len(rows) < 2 or "\n" in text or any(font.getlength(word) > room for word in words):
        return rows
    low, high = max(font.getlength(word) for word in words), room
    for _ in range(12):
        middle = (low + high) / 2
        if len(_greedy(words, font, middle)) > len(rows):
            low = middle
        else:
            high = middle
    return _greedy(words, font, high)


def _greedy(words: list[str], font: Font, room: float) -> list[str]:
    rows = [""]
    for word in words:
        longer = f"{rows[-1]} {word}".strip()
        if rows[-1] and font.getlength(longer) > room:
            rows.append(word)
        else:
            rows[-1] = longer
    return rows


def _padding(lines: list[Line], height: int) -> tuple[int, int]:
    """Between words and the edge of their box."""
    size = max(line.size for line in lines) * height
    return round(0.6 * size), round(0.34 * size)


def _placed(
    made: _Set,
    canvas: tuple[int, int],
    at: str,
    color: tuple[float, float, float],
    style: str,
    lines: list[Line],
) -> Layer:
    width, height = canvas
    size = max(face.size for _, face, _, _ in made.rows)
    soft = max(1.0, size / 9)
    across, down = _padding(lines, height) if style == "box" else (0, 0)
    reach = round(4 * soft) if style == "shadow" else 0
    aside = max(across, reach, round(size / 4)), max(down, reach, round(size / 4))
    ink = tuple(round(255 * level) for level in color)
    sheet = Image.new("L", (made.width + 2 * aside[0], made.height + 2 * aside[1]), 0)
    draw = ImageDraw.Draw(sheet)
    aligned = "left" if "left" in at else "right" if "right" in at else "middle"
    for words, face, alpha, base in made.rows:
        spare = made.width - face.getlength(words)
        left = aside[0] + {"left": 0.0, "middle": spare / 2, "right": spare}[aligned]
        draw.text((left, aside[1] + base), words, round(255 * alpha), face, anchor="ls")
    letters = np.asarray(sheet, np.float32) / 255
    under, behind = _behind(sheet, style, soft, (aside[0] - across, aside[1] - down))
    covered = letters + under * (1 - letters)
    mixed = letters[..., None] * np.asarray(ink, np.float32)
    mixed += (under * (1 - letters))[..., None] * np.asarray(behind, np.float32)
    pixels = np.zeros((*covered.shape, 4), np.uint8)
    pixels[..., :3] = (mixed / np.maximum(covered, 1e-6)[..., None] + 0.5).clip(0, 255)
    pixels[..., 3] = (255 * covered + 0.5).astype(np.uint8)
    x = {"left": MARGIN * width, "middle": (width - made.width) / 2}.get(
        aligned, width * (1 - MARGIN) - made.width
    )
    x += {"left": across, "middle": 0, "right": -across}[aligned]
    y = (height - made.height) / 2
    if "top" in at:
        y = MARGIN * height + down
    elif "bottom" in at:
        y = height * (1 - MARGIN) - made.height - down
    return _inside(Layer(pixels, round(x) - aside[0], round(y) - aside[1]), canvas)


def _behind(
    letters: Image.Image, style: str, soft: float, corner: tuple[int, int]
) -> tuple[np.ndarray, tuple[int, int, int]]:
    """How opaque what is behind the letters is, and its colour."""
    if style == "box":
        box = Image.new("L", letters.size, 0)
        right, bottom = letters.width - corner[0] - 1, letters.height - corner[1] - 1
        round_ = max(2, round(2.2 * soft))
        ImageDraw.Draw(box).rounded_rectangle((*corner, right, bottom), round_, BOX[3])
        return np.asarray(box, np.float32) / 255, BOX[:3]
    if style == "shadow":
        wide = np.asarray(letters.filter(ImageFilter.GaussianBlur(soft)), np.float32) / 255
        near = np.asarray(letters.filter(ImageFilter.GaussianBlur(soft / 4)), np.float32) / 255
        near = np.roll(near, (round(soft / 5), round(soft / 5)), (0, 1))
        return SHADOW * np.maximum(np.minimum(2.2 * wide, 1), near), (0, 0, 0)
    return np.zeros((letters.height, letters.width), np.float32), (0, 0, 0)


def _inside(layer: Layer, canvas: tuple[int, int]) -> Layer:
    """What of `layer` lies on the canvas."""
    left, top = max(0, -layer.left), max(0, -layer.top)
    height, width = layer.pixels.shape[:2]
    right = min(width, canvas[0] - layer.left)
    bottom = min(height, canvas[1] - layer.top)
    return Layer(layer.pixels[top:bottom, left:right], layer.left + left, layer.top + top)


def laid(frame: np.ndarray, layer: Layer, part: float = 1.0) -> np.ndarray:
    """A copy of `frame` `(H, W, 3)` uint16 with `layer` over it, `part` of it, 0 to 1 (Porter and
    Duff's "over", on the levels as they are).
    """
    height, width = layer.pixels.shape[:2]
    made = frame.copy()
    here = made[layer.top : layer.top + height, layer.left : layer.left + width]
    alpha = layer.pixels[..., 3:].astype(np.float32) * np.float32(part / 255)
    color = layer.pixels[..., :3].astype(np.float32) * 257
    here[:] = (here + alpha * (color - here) + 0.5).astype(np.uint16)
    return made
