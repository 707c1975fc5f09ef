"""Charts as SVG inside a page: they take their colours from the page, so that they are right in the
light and in the dark, and their letters can be selected and read aloud.

`STYLE` is what the page must say of them. Pictures of charts (`draw.plot`) are for everywhere else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from dreamer.draw.page_style import shown
from dreamer.draw.plot import ticks

Point = tuple[float, float]
WIDTH, HEIGHT = 420, 280
LEFT, RIGHT, TOP, BOTTOM = 50, 20, 34, 40

STYLE = """
.chart { display: block; width: 100%; height: auto; font: 13px system-ui, sans-serif; }
.chart text { fill: var(--soft); } .chart .said { fill: var(--ink); }
.chart .grid { stroke: var(--line); } .chart .axis { stroke: var(--soft); }
.chart .mark { stroke: var(--soft); stroke-dasharray: 3 4; }
.chart .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.chart .one { stroke: var(--one); } .chart .two { stroke: var(--two); }
.chart circle.one, .chart rect.one { fill: var(--one); stroke: none; }
.chart circle.two { fill: var(--two); stroke: none; }
.chart .gap { fill: var(--loud); fill-opacity: .35; stroke: none; }
"""


def lines(
    series: Mapping[str, Sequence[Point]],
    title: str,
    marks: Sequence[tuple[float, str]] = (),
    y_range: tuple[float, float] | None = None,
) -> str:
    """One or two lines over the same axis, as an SVG element.

    Args:
        series: names and points in order of x; where y is no number the line has a gap.
        title: what the chart is of, above it and for those who do not see it.
        marks: where something else begins, by x, with its name.
        y_range: least and most of the vertical axis; what the points need, from 0, unless given.

    Raises:
        ValueError: more than two lines.
    """
    if len(series) > 2:
        raise ValueError(f"expected at most two lines, not {len(series)}")
    real = [p for line in series.values() for p in line if math.isfinite(p[1])] or [(0.0, 0.0)]
    x_high = max([x for x, _ in real] + [x for x, _ in marks]) or 1.0
    y_low, y_high = y_range or (min(0.0, min(y for _, y in real)), max(y for _, y in real) or 1.0)
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM

    def place(x: float, y: float) -> Point:
        across, down = x / x_high, (y - y_low) / (y_high - y_low)
        return LEFT + across * (right - LEFT), bottom - down * (bottom - TOP)

    parts = [_opened(title, WIDTH, HEIGHT), _key(series), _grid(place, x_high, y_low, y_high)]
    for number, (at, name) in enumerate(marks):
        x = place(at, 0)[0]
        end = place(marks[number + 1][0], 0)[0] if number + 1 < len(marks) else right
        room = int((end - x) / 7.5)  # letters, about
        parts.append(f'<path class="mark" d="M{x:.1f} {TOP}V{bottom}"/>')
        if name and room > 2:
            parts.append(f'<text x="{x + 4:.1f}" y="{TOP + 10}">{shown(name, room)}</text>')
    for which, points in zip(("one", "two"), series.values(), strict=False):
        parts.append(_line(which, [place(x, y) for x, y in points]))
    return "".join([*parts, "</svg>\n"])


def reliability(
    bins: Sequence[tuple[float, float, int, float | None, float | None]], title: str
) -> str:
    """How often what was said with a probability was right, as an SVG element: a bar for each of
    `bins` (low, high, pictures, mean probability, share that was right), what lacks to the diagonal
    or goes beyond it marked, and below how many pictures each has.
    """
    side, under = 240, 56
    width, height = LEFT + side + RIGHT, TOP + side + under + BOTTOM
    bottom, floor = TOP + side, TOP + side + under
    most = max((n for _, _, n, _, _ in bins), default=0) or 1
    parts = [_opened(title, width, height)]
    for value in (0, 0.25, 0.5, 0.75, 1):
        x, y = LEFT + value * side, bottom - value * side
        parts.append(
            f'<path class="grid" d="M{LEFT} {y:.1f}H{LEFT + side}"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{100 * value:.0f}</text>'
            f'<text x="{x:.1f}" y="{floor + 16}" text-anchor="middle">{100 * value:.0f}</text>'
        )
    for low, high, count, sure, right in bins:
        if not count or sure is None or right is None:
            continue
        x, wide = LEFT + low * side + 1, (high - low) * side - 2
        words = f"{count} pictures: sure {100 * sure:.0f} %, right {100 * right:.0f} %"
        small, large = sorted((sure, right))
        many = under * 0.8 * count / most
        parts.append(
            f"<g><title>{words}</title>"
            f'<rect class="one" x="{x:.1f}" y="{bottom - right * side:.1f}" width="{wide:.1f}" '
            f'height="{right * side:.1f}" fill-opacity=".8"/>'
            f'<rect class="gap" x="{x:.1f}" y="{bottom - large * side:.1f}" width="{wide:.1f}" '
            f'height="{(large - small) * side:.1f}"/>'
            f'<rect class="one" x="{x:.1f}" y="{floor - many:.1f}" width="{wide:.1f}" '
            f'height="{many:.1f}" fill-opacity=".4"/></g>'
        )
    parts.append(
        f'<path class="mark" d="M{LEFT} {bottom}L{LEFT + side} {TOP}"/>'
        f'<path class="axis" d="M{LEFT} {bottom}H{LEFT + side}M{LEFT} {floor}H{LEFT + side}"/>'
        f'<text class="said" x="{LEFT}" y="{TOP - 14}">right, in %</text>'
        f'<text class="said" x="{LEFT + side / 2}" y="{floor + 34}" text-anchor="middle">how sure '
        f'it was, in %</text><text x="{LEFT - 6}" y="{floor - 0.8 * under + 12:.0f}" '
        f'text-anchor="end">{_short(most)}</text><text x="{LEFT + 6}" '
        f'y="{floor - 0.8 * under + 12:.0f}">pictures</text></svg>\n'
    )
    return "".join(parts)


def _short(count: int) -> str:
    return str(count) if count < 10_000 else f"{count / 1000:.0f}k"


def _opened(title: str, width: float, height: float) -> str:
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


def _grid(place: object, x_high: float, y_low: float, y_high: float) -> str:
    assert callable(place)
    parts, right, bottom = [], WIDTH - RIGHT, HEIGHT - BOTTOM
    for value in ticks(y_low, y_high):
        y = place(0, value)[1]
        parts.append(
            f'<path class="grid" d="M{LEFT} {y:.1f}H{right}"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.4g}</text>'
        )
    for value in ticks(0, x_high):
        x = place(value, y_low)[0]
        parts.append(
            f'<path class="axis" d="M{x:.1f} {bottom}v4"/>'
            f'<text x="{x:.1f}" y="{bottom + 17}" text-anchor="middle">{value:.6g}</text>'
        )
    parts.append(f'<path class="axis" d="M{LEFT} {bottom}H{right}"/>')
    parts.append(f'<text x="{right}" y="{bottom + 33}" text-anchor="end">step</text>')
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
