"""Lines as SVG inside a page: they take their colours from the page, so that they are right in the
light and in the dark, and their letters can be selected and read aloud. Words stand beside what
they are of, never on it.

`STYLE` is what the page must say of all charts. Pictures of charts (`draw.plot`) are for everywhere
else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import unescape
from typing import NamedTuple

from dreamer.draw.page_style import shown
from dreamer.draw.plot import ticks

Point = tuple[float, float]
WIDTH, HEIGHT = 420, 280
LEFT, RIGHT, TOP, BOTTOM = 50, 20, 34, 40
LETTER, ROW = 7.2, 16  # pixels: of a letter's width, about, and of a row of names
MOST_ROWS, LONGEST = 3, 20  # of names above a chart, and letters of one

STYLE = """
.chart { display: block; width: 100%; height: auto; font: 13px system-ui, sans-serif; }
.chart text { fill: var(--soft); } .chart .said { fill: var(--ink); }
.chart .grid { stroke: var(--line); } .chart .axis { stroke: var(--soft); }
.chart .mark { stroke: var(--soft); stroke-dasharray: 3 4; }
.chart .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.chart .one { stroke: var(--one); } .chart .two { stroke: var(--two); }
.chart circle.one, .chart rect.one, .chart .one.full { fill: var(--one); stroke: none; }
.chart circle.two { fill: var(--two); stroke: none; }
"""


def lines(
    series: Mapping[str, Sequence[Point]],
    title: str,
    marks: Sequence[tuple[float, str]] = (),
    shares: bool = False,
) -> str:
    """One or two lines over the same axis, as an SVG element.

    Args:
        series: names and points in order of x; where y is no number the line has a gap.
        title: what the chart is of, for those who do not see it.
        marks: where something else begins, by x in order, with its name, which stands above the
            lines if there is room.
        shares: whether all y are in [0, 1], to be read as per cent; otherwise the axis goes from 0,
            or the least below it, to the round number above the largest.

    Raises:
        ValueError: more than two lines.
    """
    if len(series) > 2:
        raise ValueError(f"expected at most two lines, not {len(series)}")
    real = [p for line in series.values() for p in line if math.isfinite(p[1])] or [(0.0, 0.0)]
    x_high = max([x for x, _ in real] + [x for x, _ in marks]) or 1.0
    y_low, y_high = (0.0, 1.0) if shares else _range([y for _, y in real])
    right = WIDTH - RIGHT
    names = _names([(LEFT + at / x_high * (right - LEFT), name) for at, name in marks])
    rows = max((name.row + 1 for name in names if name.words), default=0)
    top, height = TOP + rows * ROW, HEIGHT + rows * ROW
    bottom = height - BOTTOM

    def place(x: float, y: float) -> Point:
        across, down = x / x_high, (y - y_low) / (y_high - y_low)
        return LEFT + across * (right - LEFT), bottom - down * (bottom - top)

    parts = [opened(title, WIDTH, height), _key(series)]
    for value in ticks(y_low, y_high):
        y = place(0, value)[1]
        said = f"{100 * value:.0f}\u00a0%" if shares else f"{value:.4g}"
        parts.append(
            f'<path class="grid" d="M{LEFT} {y:.1f}H{right}"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{said}</text>'
        )
    for value in ticks(0, x_high):
        x = place(value, y_low)[0]
        parts.append(
            f'<path class="axis" d="M{x:.1f} {bottom}v4"/>'
            f'<text x="{x:.1f}" y="{bottom + 17}" text-anchor="middle">{value:.6g}</text>'
        )
    parts.append(
        f'<path class="axis" d="M{LEFT} {bottom}H{right}"/>'
        f'<text x="{right}" y="{bottom + 33}" text-anchor="end">step</text>'
    )
    for name in names:
        begin = TOP + name.row * ROW - 8 if name.words else top
        parts.append(f'<path class="mark" d="M{name.x:.1f} {begin}V{bottom}"/>')
        if name.words:
            x, anchor = (name.x - 4, "end") if name.leftwards else (name.x + 4, "start")
            parts.append(
                f'<text x="{x:.1f}" y="{begin + 11}" text-anchor="{anchor}">{name.words}</text>'
            )
    for which, points in zip(("one", "two"), series.values(), strict=False):
        parts.append(_line(which, [place(x, y) for x, y in points]))
    return "".join([*parts, "</svg>\n"])


def _range(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(0.0, *values), max(values)
    if high <= low:
        return low, low + 1
    step = ticks(low, high)[1] - ticks(low, high)[0]
    return low, step * math.ceil(high / step - 1e-9)


class _Name(NamedTuple):
    """Of a mark: where its line stands, what is said beside it as HTML (empty: nothing), in which
    row from the top, and whether to the left.
    """

    x: float
    words: str
    row: int = 0
    leftwards: bool = False

    def covers(self, begin: float, end: float) -> bool:
        wide = LETTER * len(unescape(self.words)) + 10
        mine = (self.x - wide, self.x) if self.leftwards else (self.x, self.x + wide)
        return bool(self.words) and begin < mine[1] and mine[0] < end


def _names(marks: Sequence[tuple[float, str]]) -> list[_Name]:
    """Each name in the uppermost row where it lies on no other, and no line runs through it."""
    placed: list[_Name] = []
    for x, name in marks:
        words = shown(name, LONGEST)
        wide = LETTER * len(unescape(words)) + 10
        left = x + wide > WIDTH
        begin, end = (x - wide, x) if left else (x, x + wide)
        for row in range(MOST_ROWS):
            # a line goes down from its name: through the rows below at its x
            below = [one for one in placed if one.row > row and one.covers(x, x)]
            above = [one for one in placed if one.words and one.row < row and begin < one.x < end]
            beside = [one for one in placed if one.row == row and one.covers(begin, end)]
            if words and begin >= 0 and not (below or above or beside):
                placed.append(_Name(x, words, row, left))
                break
        else:
            placed.append(_Name(x, ""))
    return placed


def opened(title: str, width: float, height: float) -> str:
    """How a chart of that size begins; `title` is read to those who do not see it."""
    words = shown(title)
    return (
        f'<svg class="chart" viewBox="0 0 {width} {height}" role="img" aria-label="{words}" '
        f'style="max-width:{1.25 * width:.0f}px">'
    )


def _key(series: Mapping[str, Sequence[Point]]) -> str:
    parts, x = [], LEFT
    for which, (name, points) in zip(("one", "two"), series.items(), strict=False):
        if not points:
            continue
        words = shown(name, 24)
        parts.append(
            f'<path class="line {which}" d="M{x} 14h18"/><text class="said" x="{x + 24}" '
            f'y="18">{words}</text>'
        )
        x += 44 + 8 * len(name[:24])
    return "".join(parts)


def _line(which: str, places: Sequence[Point]) -> str:
    """A path with gaps; points alone between two gaps as dots."""
    runs: list[list[Point]] = [[]]
    for x, y in places:
        if math.isfinite(y):
            runs[-1].append((x, y))
        elif runs[-1]:
            runs.append([])
    drawn = [run for run in runs if run]
    path = "".join(
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in run) for run in drawn if len(run) > 1
    )
    dots = "".join(
        f'<circle class="{which}" cx="{run[0][0]:.1f}" cy="{run[0][1]:.1f}" r="3"/>'
        for run in drawn
        if len(run) == 1
    )
    return (f'<path class="line {which}" d="{path}"/>' if path else "") + dots
