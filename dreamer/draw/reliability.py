"""A reliability diagram as SVG inside a page: how often what was said with a probability was right,
and how many pictures each bar rests on.

`STYLE` is what the page must say of it, beside that of all charts.
"""

from __future__ import annotations

from collections.abc import Sequence

from dreamer.draw.charts import LEFT, RIGHT, WIDTH, opened

Bin = tuple[float, float, int, float | None, float | None]
HIGH, MANY = 240, 48  # pixels: of all that can be right, and of the most pictures
KEY, BETWEEN, BELOW = 62, 26, 40  # above the bars, between the two, and below
COLUMN = 190  # of the key

STYLE = """
.chart .lacks { fill: var(--loud); fill-opacity: .4; stroke: none; }
.chart .beyond { fill: var(--paper); fill-opacity: .55; stroke: none; }
.chart .many { fill: var(--soft); fill-opacity: .6; stroke: none; }
.chart .exact { stroke: var(--ink); stroke-dasharray: 4 3; fill: none; }
"""


def reliability(bins: Sequence[Bin], title: str) -> str:
    """An SVG element: for each of `bins` (low, high, pictures, mean probability, share that was
    right, all but the number in [0, 1]; None where there are no pictures) a bar as high as the
    share, on which what lacks to the probability or goes beyond it is marked; and below how many
    pictures it has. A key above says so.
    """
    right, bottom = WIDTH - RIGHT, KEY + HIGH
    floor, wide = bottom + BETWEEN + MANY, WIDTH - RIGHT - LEFT
    most = max((n for _, _, n, _, _ in bins), default=0) or 1
    parts = [opened(title, WIDTH, floor + BELOW), _key()]
    for value in (0, 0.25, 0.5, 0.75, 1):
        x, y, said = LEFT + value * wide, bottom - value * HIGH, f"{100 * value:.0f}\u00a0%"
        parts.append(
            f'<path class="grid" d="M{LEFT} {y:.1f}H{right}"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{said}</text>'
            f'<text x="{x:.1f}" y="{floor + 16}" text-anchor="middle">{said}</text>'
        )
    for low, high, count, sure, share in bins:
        if count and sure is not None and share is not None:
            x, across, many = LEFT + low * wide + 1, (high - low) * wide - 2, MANY * count / most
            parts.append(
                f"<g><title>{count} picture{'s' * (count != 1)}: sure {100 * sure:.0f} %, "
                f"right {100 * share:.0f} %</title>{_bar(x, across, bottom, sure, share)}"
                f"{_rect('many', x, floor - many, across, many)}</g>"
            )
    parts.append(
        f'<path class="exact" d="M{LEFT} {bottom}L{right} {KEY}"/>'
        f'<path class="axis" d="M{LEFT} {bottom}H{right}M{LEFT} {floor}H{right}"/>'
        f'<text class="said" x="{LEFT}" y="{bottom + 17}">pictures in each bar</text>'
        f'<text x="{LEFT - 6}" y="{floor - MANY + 6}" text-anchor="end">{_short(most)}</text>'
        f'<text class="said" x="{LEFT + wide / 2:.0f}" y="{floor + 34}" text-anchor="middle">'
        "how sure it was</text></svg>\n"
    )
    return "".join(parts)


def _bar(x: float, across: float, bottom: float, sure: float, share: float) -> str:
    """What was right, and on it what is between that and what was said."""
    small, large = sorted((sure, share))
    kind = "lacks" if sure > share else "beyond"
    return _rect("one", x, bottom - share * HIGH, across, share * HIGH) + _rect(
        kind, x, bottom - large * HIGH, across, (large - small) * HIGH
    )


def _rect(kind: str, x: float, y: float, wide: float, high: float) -> str:
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}"/>'


def _key() -> str:
    said = (
        (_swatch(0, 0, "one full"), "how often it was right"),
        (f'<path class="exact" d="M{LEFT + COLUMN} 14h14"/>', "as sure as right"),
        (_swatch(0, 1, "lacks"), "surer than right"),
        (_swatch(1, 1, "one full") + _swatch(1, 1, "beyond"), "more right than sure"),
    )
    return "".join(
        f'{drawn}<text class="said" x="{LEFT + k % 2 * COLUMN + 20}" y="{18 + k // 2 * 20}">'
        f"{words}</text>"
        for k, (drawn, words) in enumerate(said)
    )


def _swatch(column: int, row: int, kind: str) -> str:
    return f'<path class="{kind}" d="M{LEFT + column * COLUMN} {8 + row * 20}h14v12h-14z"/>'


def _short(count: int) -> str:
    return str(count) if count < 10_000 else f"{count / 1000:.0f}k"
