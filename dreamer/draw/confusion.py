"""Which classes are taken for which: a matrix, a row for each true class and a column for each that
was said, the darker the larger its share of the row. What is right lies on the diagonal, in another
colour than what is wrong.

Ways to show one: SVG with names and counts for few classes, with names around a small transparent
picture for many, that picture alone for very many, and a picture with names for viewers that take
nothing else.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from dreamer.draw.page_style import shown
from dreamer.draw.sheet import INK, PAPER, fitted
from dreamer.errors import printable

NAMED = 30  # classes, at most, that have names and counts on them
MOST_NAMED = 200  # that have names
SMALL = 14  # pixels of a cell that has no count
CELL, LARGE, NAMES = 26, 44, 132  # pixels: of a cell, of one among few classes, for names
FEW = 10
ROOM = 16  # letters of a name
RIGHT, WRONG = (47, 129, 247), (240, 136, 62)  # both are seen on white and on black
DIM = "#8b929c"
MOST_PIXELS = 500  # of the small picture's side

STYLE = """
.matrix { display: block; flex: none; font: 12px system-ui, sans-serif; }
.matrix text { fill: var(--soft); } .matrix .n { fill: var(--ink); text-anchor: middle; }
.matrix .n.on { fill: var(--paper); }
.matrix .right { fill: var(--one); } .matrix .wrong { fill: var(--two); }
.matrix .frame { fill: none; stroke: var(--line); }
.matrix image { image-rendering: pixelated; }
.specks { width: min(100%, 32rem); image-rendering: pixelated; border: 1px solid var(--line); }
"""


def shares(counts: np.ndarray) -> np.ndarray:
    """`counts` `(C, C)` as parts of their rows, in [0, 1]; 0 in a row without pictures."""
    rows = counts.sum(1, keepdims=True)
    parts: np.ndarray = counts / np.maximum(rows, 1)
    return parts


def as_svg(counts: np.ndarray, names: Sequence[str]) -> str:
    """The matrix `(C, C)` with names, and of at most `NAMED` classes with counts, as an SVG element
    as large as its names need; names may be a stranger's.

    Raises:
        ValueError: more classes than can be named.
    """
    size = len(names)
    if size > MOST_NAMED:
        raise ValueError(f"expected at most {MOST_NAMED} classes, not {size}")
    cell = LARGE if size <= FEW else CELL if size <= NAMED else SMALL
    # names above stand aslant, so that the last one leans out on the right; upright if close by
    turn, lean, high = (-45, 0.72, 0.8) if size <= NAMED else (-90, 0.05, 1)
    side, top = size * cell, high * NAMES
    width, height = NAMES + side + lean * NAMES, top + side + 4
    parts = [
        f'<svg class="matrix" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
        'aria-label="Confusion matrix: rows are true classes, columns what was said">'
        f'<text class="n" x="{NAMES / 2}" y="{top - 8:.0f}">is ↓ said →</text>'
    ]
    for k, name in enumerate(names):
        words, y, x = shown(name, ROOM), top + (k + 0.5) * cell + 4, NAMES + (k + 0.5) * cell
        words = f"<title>{shown(name)}</title>{words}"
        parts.append(
            f'<text x="{NAMES - 6}" y="{y:.0f}" text-anchor="end">{words}</text>'
            f'<text transform="translate({x + 3:.0f} {top - 6:.0f}) rotate({turn})">{words}</text>'
        )
    parts.append(_cells(counts, names, top, cell) if size <= NAMED else _image(counts, top, side))
    parts.append(
        f'<rect class="frame" x="{NAMES}" y="{top:.0f}" width="{side}" height="{side}"/></svg>\n'
    )
    return "".join(parts)


def _cells(counts: np.ndarray, names: Sequence[str], top: float, cell: int) -> str:
    parts, strength = [], shares(counts)
    for row, column in np.argwhere(counts).tolist():
        x, y, share = NAMES + column * cell, top + row * cell, strength[row, column]
        kind, count = ("right" if row == column else "wrong"), int(counts[row, column])
        said = f"{shown(names[row])} taken for {shown(names[column])}"
        parts.append(
            f"<g><title>{said}: {count} ({100 * share:.0f} %)</title>"
            f'<rect class="{kind}" x="{x}" y="{y:.0f}" width="{cell}" height="{cell}" '
            f'fill-opacity="{_strength(share):.2f}"/>'
            f'<text class="n{" on" if share > 0.3 else ""}" x="{x + cell / 2:.0f}" '
            f'y="{y + cell / 2 + 4:.0f}">{_short(count)}'
            "</text></g>"
        )
    return "".join(parts)


def _image(counts: np.ndarray, top: float, side: int) -> str:
    """The cells as one picture: of a hundred classes, ten thousand elements would be too many."""
    data = base64.b64encode(as_specks(counts)).decode()
    return (
        f'<image x="{NAMES}" y="{top:.0f}" width="{side}" height="{side}" '
        f'href="data:image/png;base64,{data}"/>'
    )


def as_specks(counts: np.ndarray) -> bytes:
    """The matrix `(C, C)` as a PNG on transparent ground, a pixel a cell or, of more than
    `MOST_PIXELS` classes, the strongest of several.
    """
    strength = shares(counts)
    size = len(strength)
    at_once = -(-size // MOST_PIXELS)
    side = -(-size // at_once)
    whole = np.zeros((side * at_once,) * 2)
    whole[:size, :size] = strength
    right = np.where(np.eye(len(whole), dtype=bool), whole, 0)
    right, wrong = (_pooled(part, at_once) for part in (right, whole - right))
    colour = np.where((right >= wrong)[..., None], RIGHT, WRONG)
    alpha = 255 * np.where(np.maximum(right, wrong) > 0, _strength(np.maximum(right, wrong)), 0)
    pixels = np.concatenate([colour, alpha[..., None]], 2).round().astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", optimize=True)
    return file.getvalue()


def as_picture(counts: np.ndarray, names: Sequence[str]) -> Image.Image:
    """The matrix `(C, C)` as an RGB picture, with names and counts of at most `NAMED` classes."""
    if len(names) > NAMED:
        specks = Image.open(io.BytesIO(as_specks(counts)))
        times = max(1, MOST_PIXELS // specks.width)
        paper = Image.new("RGB", (specks.width * times,) * 2, PAPER)
        large = specks.resize(paper.size, Image.Resampling.NEAREST)
        paper.paste(large, mask=large.getchannel("A"))
        return paper
    side = len(names) * CELL
    paper = Image.new("RGB", (NAMES + side + 12, NAMES + side + 12), PAPER)
    draw, font = ImageDraw.Draw(paper), ImageFont.load_default(11)
    for k, name in enumerate(names):
        words = fitted(" ".join(printable(name).split()), font, NAMES - 12)
        draw.text((NAMES - 6, NAMES + k * CELL + CELL / 2), words, INK, font, anchor="rm")
        upright = Image.new("L", (NAMES - 6, CELL))
        ImageDraw.Draw(upright).text((0, CELL / 2), words, 255, font, anchor="lm")
        paper.paste(INK, (NAMES + k * CELL, 0), upright.rotate(90, expand=True))
    strength = shares(counts)
    for row, column in np.argwhere(counts).tolist():
        colour = RIGHT if row == column else WRONG
        part = _strength(strength[row, column])
        ground = Image.new("RGB", (CELL, CELL), PAPER)
        ground.paste(colour, mask=Image.new("L", ground.size, round(255 * float(part))))
        x, y = NAMES + column * CELL, NAMES + row * CELL
        paper.paste(ground, (x, y))
        count = _short(int(counts[row, column]))
        draw.text((x + CELL / 2, y + CELL / 2), count, "#ffffff", font, anchor="mm")
    draw.rectangle((NAMES, NAMES, NAMES + side, NAMES + side), outline=DIM)
    return paper


def _strength(share: np.ndarray | float) -> np.ndarray:
    """How strongly a cell is coloured: one mistake among hundred must be seen too."""
    strong: np.ndarray = 0.12 + 0.78 * np.sqrt(share)
    return strong


def _pooled(cells: np.ndarray, at_once: int) -> np.ndarray:
    side = len(cells) // at_once
    most: np.ndarray = cells.reshape(side, at_once, side, at_once).max((1, 3))
    return most


def _short(count: int) -> str:
    """At most four letters: 999, 12k, 4M."""
    for limit, letter in ((10**6, "M"), (10**4, "k")):
        if count >= limit:
            return f"{count // (10**6 if letter == 'M' else 1000)}{letter}"
    return str(count)
